import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { headLog, hostOf, signCheckpoint } from '../../src/logs/index.ts';
import { noteSigner } from '../../src/transparency/index.ts';
import { askWitness } from '../../src/witness/index.ts';
import { builtMain } from '../support/build.ts';
import { endChildren } from '../support/child.ts';
import { openWitnessHome, type WitnessHome } from '../witness/witness-process.ts';
import { openFaultHouse, type FaultHouse } from './gateway-process.ts';

jest.setTimeout(300_000);

let home: WitnessHome;
let house: FaultHouse;
beforeAll(async () => {
  home = await openWitnessHome();
  const SLUICE_TRUST_POLICY = join(home.folder, 'trust-policy');
  // With the host named, a port of its own for each start changes no log's name.
  const settings = { SLUICE_TRUST_POLICY, SLUICE_ORIGIN: 'https://sluice.example' };
  house = await openFaultHouse({ customers: 1, settings });
});
afterAll(async () => {
  endChildren();
  await house.close();
  home.close();
});

test('a server whose database a witness knows to be behind does not start, until the logs are renewed', async () => {
  const { settings } = await house.withTools((tools) => Promise.resolve(tools));
  const origin = `${hostOf(settings)}/log/head`;
  const key = noteSigner(origin, settings.keys.log).verifierKey;
  const witness = await home.start(builtMain(), key);
  const lines = [`witness w ${home.vkey} ${witness.url}`, 'quorum w', ''];
  writeFileSync(join(home.folder, 'trust-policy'), lines.join('\n'));

  // What a gateway published before an older backup and an empty data folder took its place.
  const published = { recipientId: headLog, origin, size: 50, root: Buffer.alloc(32, 5) };
  const asked = await askWitness({
    witness: { name: 'w', vkey: home.vkey, url: witness.url },
    note: signCheckpoint(settings, published),
    lastSize: 0,
    consistency: () => [],
  });
  expect(asked).toMatchObject({ cosigned: expect.any(String) });
  expect(existsSync(join(house.dataDir, 'head-checkpoint'))).toBe(false);

  const refused = house.sluice('serve');
  expect(await refused.ended()).not.toBe(0);
  expect(refused.text()).toMatch(/w has cosigned 50.*\(log-rollback\)/);

  const renewing = house.sluice('log', 'renew', '--reason', 'The disk failed.');
  expect([await renewing.ended(), renewing.text()]).toEqual([
    0,
    expect.stringContaining('50 entries were published, and 0 are here'),
  ]);
  const { child } = await house.serve();
  child.process.kill('SIGTERM');
  await child.ended();

  // A witness that is away is told of and waited for by nobody.
  witness.child.process.kill('SIGKILL');
  await witness.child.ended();
  const again = await house.serve();
  again.child.process.kill('SIGTERM');
  await again.child.ended();
});
