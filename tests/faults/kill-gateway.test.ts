import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { openFaultHouse, type FaultHouse } from './gateway-process.ts';
import { pagesIn, unlogged } from './logged-pages.ts';
import { startPulling, streams, walks, type Pulled } from './pulls.ts';
import { buildTwin } from './twin.ts';

/** `npm run full` asks for 200. */
const kills = Number(process.env['SLUICE_TEST_KILLS'] ?? 20);
const clients = kills < 200 ? 100 : 200;
/** Every fourth client streams. */
const asks = (client: number) => (client % 4 === 0 ? streams(client / 4) : walks(50)(client));
/** An answer, a broken connection, and what a machine with too much to do says. */
const honest: readonly Pulled['status'][] = [200, null, 503];
jest.setTimeout(120_000 + kills * 25_000);

let house: FaultHouse;
beforeAll(async () => {
  house = await openFaultHouse();
});
afterAll(() => house.close());

/** Kills the gateway once, somewhere among the pulls of its clients; answers what they saw. */
async function killUnderLoad(main?: string): Promise<readonly Pulled[]> {
  const gateway = await house.serve(main);
  const pulling = startPulling(gateway, { clients, asks });
  await pulling.hasSeen(clients / 4);
  await wait(Math.random() * 700);
  gateway.child.process.kill('SIGKILL');
  expect(await gateway.child.ended()).toBe('SIGKILL');
  const pulled = await pulling.stop();
  expect(pulled.filter(({ status }) => !honest.includes(status))).toEqual([]);
  return pulled;
}

test('kill −9 of the gateway: every page and chunk that a client received has its entry', async () => {
  const pulled: Pulled[] = [];
  for (let kill = 0; kill < kills; kill += 1) pulled.push(...(await killUnderLoad()));
  const pages = pagesIn(pulled);
  const chunks = pages.filter(({ channel }) => channel === 'stream').length;
  expect(pages.length - chunks).toBeGreaterThan(kills * 20);
  expect(chunks).toBeGreaterThan(kills);
  expect(await unlogged(house, pulled)).toEqual([]);
  const audit = house.sluice('log', 'verify');
  expect([await audit.ended(), audit.text()]).toEqual([0, expect.stringContaining('agrees')]);
  process.stderr.write(
    `${kills} kills: ${pages.length - chunks} pages and ${chunks} chunks received, 0 without entry\n`,
  );
});

test('a twin that answers before the commit is caught, by pages and by streams', async () => {
  const twin = buildTwin('answers-before-the-commit.patch');
  // Commits take a while, so that a kill finds answers that came before theirs.
  await house.withSuperuser((db) =>
    db.raw(`
      create function take_a_while() returns trigger language plpgsql as $$
      begin perform pg_sleep(0.1); return null; end $$;
      create trigger slow before insert on disclosure_entries
        for each statement execute function take_a_while();`),
  );
  try {
    const missing: Pulled[] = [];
    const isCaught = () => new Set(missing.map(({ channel }) => channel)).size === 2;
    for (let kill = 0; kill < 20 && !isCaught(); kill += 1) {
      missing.push(...(await unlogged(house, await killUnderLoad(twin.main))));
    }
    expect(isCaught()).toBe(true);
    process.stderr.write(`twin: ${missing.length} pages and chunks without entry\n`);
  } finally {
    twin.remove();
    await house.withSuperuser((db) => db.raw('drop function take_a_while cascade'));
  }
});

test('the gateway refuses to serve where an acknowledged commit may be lost', async () => {
  const set = (value: string) =>
    house.withSuperuser((db) => db.raw(`alter role sluice_app set synchronous_commit = ${value}`));
  await set('off');
  const refused = house.sluice('serve');
  expect(await refused.ended()).toBe(1);
  expect(refused.text()).toMatch(/synchronous_commit is off.*\(durability-off\)/);
  await set('on');
});
