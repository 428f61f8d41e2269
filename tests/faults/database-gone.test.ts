import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { openDatabase, type Login } from '../../src/platform/database.ts';
import { openEmbeddedDatabase } from '../../src/platform/embedded/embedded-database.ts';
import { openFaultHouse, type FaultHouse, type Gateway } from './gateway-process.ts';
import { pagesIn, unlogged } from './logged-pages.ts';
import { pull, startPulling, walks } from './pulls.ts';

/** Of each of three kinds; `npm run full` asks for 17. */
const cuts = Number(process.env['SLUICE_TEST_CUTS'] ?? 4);
jest.setTimeout(120_000 + cuts * 10_000);

let house: FaultHouse;
let gateway: Gateway;
let login: Login;
beforeAll(async () => {
  house = await openFaultHouse({ customers: 40 });
  gateway = await house.serve();
  const embedded = await openEmbeddedDatabase({ dataDir: house.dataDir, as: 'command' });
  login = embedded.logins.app;
  await embedded.close();
});
afterAll(() => house.close());

const postmaster = () =>
  Number(readFileSync(join(house.dataDir, 'database', 'cluster', 'postmaster.pid'), 'utf8').split('\n')[0]); // prettier-ignore

/** The processes behind the gateway's connections. */
async function gatewayBackends(): Promise<number[]> {
  return house.withSuperuser((db) =>
    db('pg_stat_activity').whereIn('usename', ['sluice_app', 'sluice_reader']).pluck('pid'),
  );
}

/** Waits until PostgreSQL takes connections, asked past the gateway. */
async function untilPostgresIsBack(): Promise<void> {
  for (let tries = 0; tries < 1000; tries += 1) {
    const db = openDatabase(login, { max: 1 });
    const isBack = await db.raw('select 1').then(
      () => true,
      () => false,
    );
    await db.destroy();
    if (isBack) return;
    await wait(50);
  }
  throw new Error('PostgreSQL does not come back.');
}

/** Milliseconds until the gateway says that it can serve. */
async function untilReady(): Promise<number> {
  const from = performance.now();
  for (;;) {
    const { status } = await fetch(`${gateway.origin}/readyz`);
    if (status === 200) return performance.now() - from;
    expect(status).toBe(503);
    if (performance.now() - from > 60_000) throw new Error('The gateway does not come back.');
    await wait(20);
  }
}

test.each<[string, () => Promise<void>]>([
  [
    'a backend is killed, so that PostgreSQL ends all of them and recovers',
    async () => {
      const backends = await gatewayBackends();
      process.kill(backends[Math.floor(Math.random() * backends.length)]!, 'SIGKILL');
    },
  ],
  [
    'PostgreSQL is told to end at once',
    () => {
      process.kill(postmaster(), 'SIGQUIT');
      return Promise.resolve();
    },
  ],
  [
    'PostgreSQL is killed',
    () => {
      process.kill(postmaster(), 'SIGKILL');
      return Promise.resolve();
    },
  ],
])('when %s, requests get data or an honest 503, and the gateway recovers', async (_, cut) => {
  for (let round = 0; round < cuts; round += 1) {
    const pulling = startPulling(gateway, {
      clients: 20,
      asks: walks(20),
      kept: (body) => body.slice(0, 500),
    });
    await pulling.hasSeen(40);
    await cut();
    await pulling.hasSeenOther(200);
    await untilPostgresIsBack();
    expect(await untilReady()).toBeLessThan(5000);
    await wait(300);
    const pulled = await pulling.stop();

    const others = pulled.filter(({ status }) => status !== 200);
    expect(pulled.filter(({ status }) => status === null)).toEqual([]);
    expect(others.length).toBeGreaterThan(0);
    for (const { status, headers, body } of others) {
      const problem = JSON.parse(body) as { code: string };
      expect({ status, ...problem, type: headers['content-type'] }).toMatchObject({
        status: 503,
        code: expect.stringMatching(/^(database|log)-unavailable$/),
        type: 'application/problem+json',
      });
      expect(headers).toMatchObject({ 'retry-after': expect.stringMatching(/^\d+$/) });
      expect(headers).not.toHaveProperty('disclosure-id');
      expect(body).not.toContain('"data"');
    }
    expect(Math.max(...others.map(({ ms }) => ms))).toBeLessThan(3000);
    expect(gateway.child.process.exitCode).toBeNull();
    expect(pagesIn(pulled).every(({ payload }) => payload !== undefined)).toBe(true);
    expect(await unlogged(house, pulled)).toEqual([]);
  }
});

test('when PostgreSQL hangs instead of refusing, the 503 comes within 3 s all the same', async () => {
  const pid = postmaster();
  const backends = await gatewayBackends();
  // Stopped, it takes connections and answers none.
  process.kill(pid, 'SIGSTOP');
  try {
    for (const backend of backends) process.kill(backend, 'SIGTERM');
    const pulled = await Promise.all(
      ['customers', 'invoices', 'payments', 'refunds'].map((list) => pull(gateway, `/v1/${list}`)),
    );
    for (const { status, ms, body } of pulled) {
      expect([status, body]).toEqual([503, expect.stringContaining('-unavailable"')]);
      expect(ms).toBeLessThan(3000);
    }
    const [ready, health] = await Promise.all([
      fetch(`${gateway.origin}/readyz`),
      fetch(`${gateway.origin}/healthz`),
    ]);
    expect([ready.status, health.status]).toEqual([503, 200]);
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  expect(await untilReady()).toBeLessThan(5000);
  expect((await pull(gateway, '/v1/customers')).status).toBe(200);
});
