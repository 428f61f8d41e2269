import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { openFaultHouse, type FaultHouse } from './gateway-process.ts';
import { unlogged } from './logged-pages.ts';
import { startPulling, walks } from './pulls.ts';
import { buildTwin } from './twin.ts';

jest.setTimeout(300_000);

let house: FaultHouse;
beforeAll(async () => {
  house = await openFaultHouse({ customers: 40 });
});
afterAll(() => house.close());

/** Kills PostgreSQL and the gateway among the pulls of its clients; answers the pages without entry. */
async function lostUnderLoad(main: string) {
  const gateway = await house.serve(main);
  const pulling = startPulling(gateway, { clients: 50, asks: walks(20) });
  await pulling.hasSeen(100);
  await wait(Math.random() * 300);
  const pid = join(house.dataDir, 'database', 'cluster', 'postmaster.pid');
  process.kill(Number(readFileSync(pid, 'utf8').split('\n')[0]), 'SIGKILL');
  gateway.child.process.kill('SIGKILL');
  await gateway.child.ended();
  return unlogged(house, await pulling.stop());
}

test('a twin that serves with synchronous_commit off is caught: pages were received that no log has', async () => {
  await house.withSuperuser((db) => db.raw('alter role sluice_app set synchronous_commit = off'));
  const twin = buildTwin('skips-the-durability-check.patch');
  try {
    let lost = 0;
    for (let kill = 0; kill < 20 && lost === 0; kill += 1) {
      lost += (await lostUnderLoad(twin.main)).length;
    }
    expect(lost).toBeGreaterThan(0);
    process.stderr.write(`twin: ${String(lost)} pages without entry\n`);
  } finally {
    twin.remove();
  }
});
