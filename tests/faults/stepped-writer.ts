import { setTimeout as wait } from 'node:timers/promises';
import { findHead } from '../../src/logs/index.ts';
import type { House } from '../support/house.ts';
import {
  auditOf,
  disclose,
  honest,
  type Answered,
  type Prepared,
  type Program,
  type Run,
} from './stepped-logs.ts';
import { startSteps, wireToPostgres, type Cut } from './wire.ts';

/** The ways of the log writer: one statement; a transaction; a transaction with locked heads. */
export const ways = ['one log', 'two logs', 'a log that another process moved'] as const;
export type Way = (typeof ways)[number];

/**
 * Writes so many entries to each log of a way, of which one step fails; then what was refused once
 * more, then an entry as after a restart.
 */
export async function runWriter(
  prepared: Prepared,
  {
    way,
    count,
    cut,
    program = honest,
  }: { way: Way; count: number; cut: Cut | undefined; program?: Program },
): Promise<Run> {
  const { house, logs, size: from } = prepared;
  const steps = startSteps();
  const wire = await wireToPostgres(house.urls.app, steps);
  const db = program.openDatabase(wire.url, { max: 2 });
  const wired = { ...house.tools, db };
  const append = program.appendDisclosure;
  const written = way === 'two logs' ? logs : logs.slice(0, 1);
  const digests = () => Promise.all(written.map((log) => digestOf(house, log, from)));
  const wrong: string[] = [];
  const answered: (Answered | undefined)[] = [];
  try {
    const before = await digests();
    if (way === 'a log that another process moved') {
      // Told that its rights are of yesterday, it has read the head and moved nothing.
      await disclose(wired, logs[0], { append, epoch: -1n });
      answered.push(await disclose(house.tools, logs[0]));
    }
    const ask = (asked: readonly string[]) =>
      Promise.allSettled(asked.map((log) => disclose(wired, log, { append })));
    const asked = written.flatMap((log) => Array.from({ length: count }, () => log));
    steps.watch(cut);
    const first = await ask(asked);
    // A step that comes late comes among these.
    const again = await ask(asked.filter((_, i) => first[i]?.status === 'rejected'));
    for (const result of [...first, ...again]) {
      if (result.status === 'fulfilled') answered.push(result.value);
      else if (codeOf(result.reason) !== 'log-unavailable') wrong.push(String(result.reason));
    }
    if (again.some(({ status }) => status === 'rejected')) wrong.push('it does not go on');
    if (cut?.kind === 'persisted late') await wait(60);
    for (const log of written) answered.push(await disclose(house.tools, log));
    if ((await digests()).join() !== before.join()) wrong.push('earlier entries have changed');
    const most = asked.length + answered.length;
    wrong.push(...(await wrongInLogs(house, { written, from, answered, most })));
    wrong.push(...(await auditOf(prepared, cut !== undefined)));
    return { steps: steps.names, wrong };
  } finally {
    await program.closeLogWriter(db);
    await db.destroy();
    await wire.close();
    await prepared.rewind();
  }
}
const codeOf = (error: unknown) => (error as { kind?: { code: string } }).kind?.code;

const digestOf = async ({ admin }: House, log: string, size: number): Promise<string> => {
  const { rows } = await admin.raw<{ rows: { digest: string | null }[] }>(
    `select md5(string_agg(entry, '' order by index)) as digest from disclosure_entries
      where recipient_id = ? and index < ?`,
    [log, size],
  );
  return rows[0]?.digest ?? '';
};

async function wrongInLogs(
  { admin, tools }: House,
  {
    written,
    from,
    answered,
    most,
  }: {
    written: readonly string[];
    from: number;
    answered: readonly (Answered | undefined)[];
    most: number;
  },
): Promise<string[]> {
  const wrong: string[] = [];
  const found: { id: string; log: string; index: number; payload: string }[] = [];
  for (const log of written) {
    const rows = await admin('disclosure_entries')
      .where('recipient_id', log)
      .andWhere('index', '>=', from)
      .orderBy('index')
      .select<{ index: string; entry: string }[]>('index', 'entry');
    const isGapless = rows.every(({ index }, i) => Number(index) === from + i);
    const head = await findHead(tools.db, log);
    if (!isGapless || head?.size !== from + rows.length) wrong.push('its indices have gaps');
    for (const { index, entry } of rows) {
      const { id, payload } = JSON.parse(entry) as { id: string; payload: string };
      found.push({ log, index: Number(index), id, payload });
    }
  }
  if (new Set(found.map(({ id }) => id)).size < found.length) wrong.push('an id is there twice');
  if (found.length > most) wrong.push('there are more entries than were asked for');
  for (const one of answered) {
    const there = found.filter(({ id }) => id === one?.id);
    const isRight =
      there.length === 1 &&
      there.every(({ log, index, payload }) => log === one?.log && index === one.index && payload === one.payload); // prettier-ignore
    if (!isRight) wrong.push(`an answered disclosure has ${String(there.length)} entries`);
  }
  return wrong;
}
