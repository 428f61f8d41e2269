import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { verifyLog } from '../../src/audit/index.ts';
import { appendDisclosure, type Disclosure } from '../../src/disclosures/index.ts';
import { runBeat } from '../../src/heads/index.ts';
import {
  closeLogWriter,
  composeEvent,
  findHead,
  findHeads,
  headLog,
  writeEntry,
} from '../../src/logs/index.ts';
import { inTransaction, openDatabase } from '../../src/platform/database.ts';
import type { Tools } from '../../src/platform/tools.ts';
import { newUuid } from '../../src/platform/uuid.ts';
import { leafHash, placeTree, rootOf, rootOfFrontier } from '../../src/transparency/index.ts';
import { givenDisclosure, givenLog } from '../disclosures/given.ts';
import { openHouse, testClock, type House, type TestClock } from '../support/house.ts';
import { buildPatched } from './twin.ts';

/** The acts that write the logs: the gateway's own, or those of a broken copy. */
export const honest = { appendDisclosure, closeLogWriter, openDatabase, runBeat };
export type Program = typeof honest;

const root = join(import.meta.dirname, '..', '..');
const modules = ['disclosures/index.js', 'heads/index.js', 'logs/index.js', 'platform/database.js'];

/** The acts of a copy of the source with one patch of this folder, in this process. */
export async function twinProgram(patch: string): Promise<Program> {
  const folder = join(root, 'dist-test', 'steps', patch);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  buildPatched(folder, join(import.meta.dirname, patch));
  const doors = [];
  for (const file of modules) doors.push(await import(join(folder, 'dist', file)));
  return Object.assign({}, ...doors) as Program;
}

/** A house at rest with two recipients' logs and a head log, each of so many entries. */
export interface Prepared {
  readonly house: House;
  readonly size: number;
  readonly clock: TestClock;
  readonly logs: readonly [string, string];
  /** The leaf hashes of what each log had before any step, the head log's too. */
  readonly leaves: ReadonlyMap<string, readonly Buffer[]>;
  /** Puts back what was written since, as nobody but a superuser of the machine could. */
  rewind(): Promise<void>;
}

export async function prepare(size: number): Promise<Prepared> {
  const clock = testClock();
  const house = await openHouse({ clock });
  const { tools } = house;
  const logs = [await givenLogOf(tools, size), await givenLogOf(tools, size)] as const;
  for (let beat = 0; beat < Math.min(size, 254); beat += 1) {
    clock.advance(beatMs);
    await runBeat(tools);
  }
  await appendBeats(house, clock, size - Math.min(size, 254));
  if (size > 0) await runBeat(tools);
  const now = clock.now();
  const heads = await house.admin<object>('log_heads').select();
  const kept = size > 0 ? readFileSync(keptIn(tools)) : undefined;
  const rewind = async () => {
    await closeLogWriter(tools.db);
    clock.set(now);
    await inTransaction(house.admin, async (tx) => {
      await tx.raw('set local session_replication_role = replica');
      for (const table of ['disclosure_entries', 'disclosure_secrets', 'disclosure_subjects']) {
        await tx(table).where('index', '>=', size).delete();
      }
      await tx('log_nodes').whereRaw('(index + 1) * (1::bigint << level) > ?', [size]).delete();
      await tx('log_places').where('beat', '>=', size).delete();
      await tx('log_cosignatures').delete();
      await tx('log_heads').delete();
      await tx('log_heads').insert(heads);
      if (size === 0) await tx('log_counters').where('recipient_id', headLog).delete();
    });
    if (kept) writeFileSync(keptIn(tools), kept);
    else rmSync(keptIn(tools), { force: true });
  };
  await rewind();
  const leaves = new Map<string, Buffer[]>();
  for (const log of [...logs, headLog]) leaves.set(log, await leavesFrom(house, log, 0));
  return { house, size, clock, logs, leaves, rewind };
}

async function leavesFrom({ admin }: House, log: string, from: number): Promise<Buffer[]> {
  const entries = await admin('disclosure_entries')
    .where('recipient_id', log)
    .andWhere('index', '>=', from)
    .orderBy('index')
    .select<{ entry: string }[]>('entry');
  return entries.map(({ entry }) => leafHash(Buffer.from(entry)));
}

const keptIn = ({ settings }: Tools) => join(settings.dataDir, 'head-checkpoint');

export const beatMs = 60_000;
const most = 256;

/** A recipient's log of so many entries. */
async function givenLogOf(tools: Tools, size: number): Promise<string> {
  const log = await givenLog(tools);
  for (let left = size; left > 0; left -= most) {
    await Promise.all(Array.from({ length: Math.min(left, most) }, () => disclose(tools, log)));
  }
  return log;
}

/** Beats as `takeBeat` makes them, many in a batch: nothing was disclosed since the one before. */
async function appendBeats({ tools }: House, clock: TestClock, count: number): Promise<void> {
  const heads = (await findHeads(tools.db)).filter(({ recipientId }) => recipientId !== headLog);
  const places = heads.map(({ frontier, ...head }) => ({
    ...head,
    root: rootOfFrontier(frontier),
  }));
  for (let left = count; left > 0; left -= most) {
    const events = Array.from({ length: Math.min(left, most) }, () => {
      clock.advance(beatMs);
      const secret = tools.random.bytes(32);
      const root = placeTree(secret, places).root.toString('base64url');
      const made = { entryId: newUuid(tools), at: clock.now(), secret };
      return composeEvent(headLog, { event: 'beat', root }, made);
    });
    await Promise.all(events.map((event) => writeEntry(tools, event)));
  }
}

/** What came of a run: its steps, and what is wrong after it. */
export interface Run {
  readonly steps: readonly string[];
  readonly wrong: readonly string[];
}

/** A disclosure that was answered as logged. */
export interface Answered {
  readonly log: string;
  readonly id: string;
  readonly index: number;
  readonly payload: string;
}

export async function disclose(
  tools: Tools,
  log: string,
  { append = appendDisclosure, ...more }: Partial<Disclosure> & { append?: Program['appendDisclosure'] } = {}, // prettier-ignore
): Promise<Answered | undefined> {
  const disclosure = givenDisclosure(log, more);
  const appended = await append(tools, disclosure);
  if (!appended.appended) return undefined;
  const salt = Buffer.from(appended.salt, 'base64url');
  const payload = createHash('sha256').update(salt).update(disclosure.body).digest('base64url');
  return { log, id: appended.id, index: appended.index, payload };
}

/** More entries than the whole audit reads again after each single fault. */
const many = 10_000;

/**
 * What is wrong in the logs: by the whole audit, but after a fault in a log of very many entries by
 * heads and kept nodes alone, each made again from all leaves.
 */
export async function auditOf(prepared: Prepared, isFaulty: boolean): Promise<string[]> {
  if (isFaulty && prepared.size > many) return auditTrees(prepared);
  const { findings } = await verifyLog(prepared.house.tools);
  return findings.map(({ what }) => `the audit: ${what}`);
}

async function auditTrees({ house, size, leaves: known }: Prepared): Promise<string[]> {
  const wrong: string[] = [];
  for (const [log, before] of known) {
    const leaves = [...before, ...(await leavesFrom(house, log, size))];
    const head = await findHead(house.tools.db, log);
    const isRight =
      head?.size === leaves.length && rootOfFrontier(head.frontier).equals(rootOf(leaves));
    if (!isRight) wrong.push('a head is not that of its entries');
    const nodes = await house
      .admin('log_nodes')
      .where('recipient_id', log)
      .select<{ level: number; index: string; hash: Buffer }[]>('level', 'index', 'hash');
    const due = [8, 16].reduce((sum, level) => sum + Math.floor(leaves.length / 2 ** level), 0);
    const isNode = nodes.every(({ level, index, hash }) => {
      const [begin, end] = [Number(index) * 2 ** level, (Number(index) + 1) * 2 ** level];
      return end <= size || hash.equals(rootOf(leaves.slice(begin, end)));
    });
    if (nodes.length !== due || !isNode) wrong.push('a kept node is not that of its entries');
  }
  return wrong;
}
