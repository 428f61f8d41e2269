import { request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { setBudget } from '../../src/budgets/index.ts';
import { createGateway } from '../../src/gateway.ts';
import { listen, type RunningServer } from '../../src/platform/http/lifecycle.ts';
import { systemRandomness } from '../../src/platform/randomness.ts';
import {
  customer,
  givenPartner,
  givenRecords,
  givenRelationship,
  givenToken,
  service,
  type GivenPartner,
} from '../support/given.ts';
import { openHouse, type House } from '../support/house.ts';

let house: House;
let server: RunningServer;
let loud: GivenPartner;
let loudToken: string;
let quietToken: string;

beforeAll(async () => {
  house = await openHouse();
  loud = await givenPartner(house.tools, { key: 'loud' });
  const quiet = await givenPartner(house.tools, { key: 'quiet' });
  await givenRecords(house.tools, [service(), customer('a'), customer('b')]);
  await givenRelationship(house.tools, loud.partner, 'a');
  await givenRelationship(house.tools, quiet.partner, 'b');
  const gateway = createGateway(house.tools);
  loudToken = await givenToken(gateway, loud);
  quietToken = await givenToken(gateway, quiet);
  server = await listen(gateway, { host: '127.0.0.1', port: 0, random: systemRandomness });
}, 60_000);
afterAll(async () => {
  await server.stop(1);
  await house.close();
});
beforeEach(async () => {
  await house.admin('budget_counts').delete();
  await setBudget(house.tools, { partnerId: loud.partner.id, limits: {}, setBy: 'test' });
});

async function ask(secret: string, path: string): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${server.port}${path}`, {
    headers: { Authorization: `Bearer ${secret}` },
  });
  await answer.arrayBuffer();
  return answer.status;
}

const count = (statuses: readonly number[], status: number) =>
  statuses.filter((one) => one === status).length;

/** Connections of a role that wait for a lock. */
async function waitingAs(role: string): Promise<number> {
  const { rows } = await house.admin.raw<{ rows: { count: string }[] }>(
    `select count(*) from pg_stat_activity
     where datname = current_database() and usename = ? and wait_event_type = 'Lock'`,
    [role],
  );
  return Number(rows[0]?.count);
}

async function untilWaiting(role: string, wanted: number): Promise<void> {
  for (let tries = 0; (await waitingAs(role)) < wanted; tries += 1) {
    if (tries > 500) throw new Error(`There are ${await waitingAs(role)}, not ${wanted}.`);
    await pause(10);
  }
}

test('a partner at ten times its budget is refused the rest, and every call of another is answered', async () => {
  await setBudget(house.tools, {
    ...{ partnerId: loud.partner.id, limits: { 'calls-per-day': 30 }, setBy: 'test' },
  });
  const paths = ['/v1/customers', '/v1/disclosures', '/v1/me', '/v1/fees/accruals'];
  const loudCalls = Array.from({ length: 300 }, (_, i) => ask(loudToken, paths[i % 4] ?? ''));
  const quietCalls = Array.from({ length: 40 }, (_, i) => ask(quietToken, paths[i % 4] ?? ''));
  const [loudStatuses, quietStatuses] = await Promise.all([
    Promise.all(loudCalls),
    Promise.all(quietCalls),
  ]);
  expect(count(quietStatuses, 200)).toBe(40);
  expect(count(loudStatuses, 200)).toBe(30);
  expect(count(loudStatuses, 429)).toBe(270);
});

test.each([
  { path: '/v1/customers', table: 'joint_records', role: 'sluice_reader', share: 6, of: 10 },
  { path: '/v1/disclosures', table: 'disclosure_entries', role: 'sluice_app', share: 4, of: 8 },
])(
  'however much one partner asks of $path, $share connections are all it gets, and another gets its own',
  async ({ path, table, role, share, of }) => {
    const held = await house.admin.transaction();
    await held.raw('lock table ?? in access exclusive mode', [table]);
    const loudCalls = Array.from({ length: 80 }, () => ask(loudToken, path));
    await untilWaiting(role, share);
    await pause(100);
    expect(await waitingAs(role)).toBe(share);
    const quietCalls = Array.from({ length: of - share }, () => ask(quietToken, path));
    await untilWaiting(role, of);
    // What needs none of those connections is answered meanwhile.
    expect(await ask(quietToken, '/v1/me')).toBe(200);
    await held.commit();
    const statuses = await Promise.all(loudCalls);
    expect(count(await Promise.all(quietCalls), 200)).toBe(of - share);
    expect(count(statuses, 200)).toBe(80);
  },
  30_000,
);

test('a partner that asks for tokens without end waits in a queue of its own, and is told to ask again', async () => {
  const body = new URLSearchParams({ grant_type: 'client_credentials' });
  const askToken = async ({ clientId, secret }: GivenPartner) => {
    const headers = { Authorization: `Basic ${btoa(`${clientId}:${secret}`)}` };
    return fetch(`http://127.0.0.1:${server.port}/oauth/token`, { method: 'POST', headers, body });
  };
  const held = await house.admin.transaction();
  await held.raw('lock table tokens in share row exclusive mode');
  const calls = Array.from({ length: 80 }, () => askToken(loud));
  await untilWaiting('sluice_app', 2);
  const refused = await Promise.race(calls);
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
  expect(await refused.json()).toMatchObject({ error: 'temporarily_unavailable' });
  expect(await waitingAs('sluice_app')).toBe(2);
  expect(await ask(quietToken, '/v1/customers')).toBe(200);
  await held.commit();
  const statuses = (await Promise.all(calls)).map(({ status }) => status);
  expect([count(statuses, 200), count(statuses, 429)]).toEqual([66, 14]);
}, 30_000);

test('who is suspended, or whose token is revoked, while its calls wait is not answered when their turn comes', async () => {
  for (const [path, table, role] of [
    ['/v1/disclosures', 'disclosure_entries', 'sluice_app'],
    ['/v1/customers', 'joint_records', 'sluice_reader'],
  ] as const) {
    const { secret, revoke } = await aTokenToRevoke();
    const held = await house.admin.transaction();
    await held.raw('lock table ?? in access exclusive mode', [table]);
    const calls = Array.from({ length: 40 }, () => ask(secret, path));
    await untilWaiting(role, 4);
    await revoke();
    await held.commit();
    const statuses = await Promise.all(calls);
    // The few that were at work already had been let in.
    expect(count(statuses, 200)).toBeLessThanOrEqual(path === '/v1/customers' ? 0 : 4);
    expect(count(statuses, 401)).toBeGreaterThanOrEqual(36);
  }
}, 30_000);

test('who is suspended while its body comes decides nothing', async () => {
  const { secret, revoke } = await aTokenToRevoke();
  const body = JSON.stringify({ by: 'Ada', reason: 'none' });
  const answer = new Promise<number>((resolve) => {
    const sent = request(
      {
        ...{
          host: '127.0.0.1',
          port: server.port,
          method: 'POST',
          path: '/v1/agreements/retirement',
        },
        headers: {
          ...{ Authorization: `Bearer ${secret}`, 'Content-Type': 'application/json' },
          'Content-Length': body.length,
        },
      },
      (response) => {
        resolve(response.statusCode ?? 0);
      },
    );
    sent.write(body.slice(0, 5));
    void pause(200)
      .then(revoke)
      .then(() => sent.end(body.slice(5)));
  });
  expect(await answer).toBe(401);
  expect(await ask(await givenToken(createGateway(house.tools), loud), '/v1/customers')).toBe(200);
});

/** A token of the loud partner, and what ends it at once. */
async function aTokenToRevoke() {
  const token = await givenToken(createGateway(house.tools), loud);
  const revoke = () =>
    fetch(`http://127.0.0.1:${server.port}/oauth/revoke`, {
      method: 'POST',
      headers: { Authorization: `Basic ${btoa(`${loud.clientId}:${loud.secret}`)}` },
      body: new URLSearchParams({ token }),
    });
  return { secret: token, revoke };
}
