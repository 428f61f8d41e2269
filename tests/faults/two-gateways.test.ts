import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { leafHash, parseCheckpoint, rootOf, splitNote } from '../../src/transparency/index.ts';
import { openFaultHouse, type FaultHouse, type Gateway } from './gateway-process.ts';
import { pagesIn, readLog, unlogged } from './logged-pages.ts';
import { startPulling, streams, walks } from './pulls.ts';

/** `npm run full` asks for 300. */
const seconds = Number(process.env['SLUICE_TEST_LOAD_SECONDS'] ?? 4);
const clients = 64;
/** Every eighth client streams. */
const asks = (client: number) => (client % 8 === 0 ? streams(client / 8) : walks(50)(client));
jest.setTimeout(180_000 + seconds * 3000);

let house: FaultHouse;
beforeAll(async () => {
  house = await openFaultHouse({ settings: { SLUICE_BEAT_SECONDS: '1' } });
});
afterAll(() => house.close());

test('two gateways and 64 clients share one log: no gap, no entry twice, and one history told by both', async () => {
  const gateways = [await house.serve(), await house.serveBeside()];
  const path = `/log/${await logIdOfPartner()}/checkpoint`;
  const pulling = gateways.map((gateway) => startPulling(gateway, { clients: clients / 2, asks }));
  const checkpoints: string[] = [];
  const heads: string[] = [];
  for (let second = 0; second < seconds; second += 1) {
    await wait(1000);
    for (const gateway of gateways) {
      checkpoints.push(await textOf(gateway, path));
      heads.push(await textOf(gateway, '/log/head/checkpoint'));
    }
  }
  const seen = await Promise.all(pulling.map((one) => one.stop()));
  for (const { child } of gateways.toReversed()) {
    child.process.kill('SIGTERM');
    expect(await child.ended()).toBe(0);
  }
  const pulled = seen.flat();
  expect(pulled.filter(({ status }) => status !== 200)).toEqual([]);
  expect(await unlogged(house, pulled)).toEqual([]);

  const log = await readLog(house);
  expect(new Set(pagesIn(pulled).map(({ disclosureId }) => disclosureId)).size).toBe(log.size);
  const indices = [...log.values()].map(({ index }) => index).sort((a, b) => a - b);
  expect(indices).toEqual(Array.from({ length: log.size }, (_, index) => index));
  for (const own of seen) expect(pagesIn(own).length).toBeGreaterThan(seconds);

  expectPrefixes(checkpoints, await leavesOf(house.bright.partner.id));
  expectPrefixes(heads.filter(Boolean), await leavesOf(headLog));
  const audit = house.sluice('log', 'verify');
  expect([await audit.ended(), audit.text()]).toEqual([0, expect.stringContaining('agrees')]);
  process.stderr.write(
    `${seconds} s, 2 gateways, ${clients} clients: ${log.size} entries without a gap, ` +
      `${new Set(checkpoints).size} checkpoints and ${new Set(heads).size} heads of one history\n`,
  );
});

const headLog = '00000000-0000-0000-0000-000000000000';

/** Its checkpoint; nothing where there is none yet. */
async function textOf({ origin, token }: Gateway, path: string): Promise<string> {
  const answer = await fetch(origin + path, { headers: { Authorization: `Bearer ${token}` } });
  if (answer.status === 404) return '';
  expect([path, answer.status]).toEqual([path, 200]);
  return answer.text();
}

const logIdOfPartner = () =>
  house.withTools(async ({ db }) => {
    const head = await db('log_heads')
      .where('recipient_id', house.bright.partner.id)
      .first<{ log_id: string }>('log_id');
    return head.log_id;
  });

const leavesOf = (recipientId: string) =>
  house.withTools(async ({ db }) => {
    const rows = await db('disclosure_entries')
      .where('recipient_id', recipientId)
      .orderBy('index')
      .select<{ entry: string }[]>('entry');
    return rows.map(({ entry }) => leafHash(Buffer.from(entry)));
  });

/** Each told root is that of the log's first entries, as many as it says. */
function expectPrefixes(notes: readonly string[], leaves: readonly Buffer[]): void {
  const told = new Map(
    notes.map((note) => {
      const checkpoint = parseCheckpoint(splitNote(note)?.text ?? '');
      if (!checkpoint) throw new Error(`Not a checkpoint: ${note}`);
      return [`${String(checkpoint.size)} ${checkpoint.root.toString('hex')}`, checkpoint];
    }),
  );
  expect(told.size).toBeGreaterThan(seconds / 4);
  for (const { size, root } of told.values()) {
    expect([size, rootOf(leaves.slice(0, size))]).toEqual([size, root]);
  }
}
