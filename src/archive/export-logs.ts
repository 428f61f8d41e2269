import { join } from 'node:path';
import { findHeads, type LogHead } from '../logs/index.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { ExportWrong, MonthOpen } from './archive.ts';
import { closedEntries, leastIdOf } from './archive-rules.ts';
import { findExports, findFirstFrom, insertExport } from './archive-store.ts';
import { checkFiles, digestFiles } from './check-files.ts';
import { writeFiles } from './write-files.ts';

/** What of a log is in files now. */
export interface ExportedLog {
  readonly origin: string;
  /** So many entries, from the first on. */
  readonly exported: number;
  /** How many of them were not before. */
  readonly added: number;
  /** What is of an open month, and what shares a bundle of 256 with it. */
  readonly kept: number;
}

/**
 * Writes the entries of all logs that are of months before `before` (its first day) to `folder`, a
 * folder for each log, as C2SP tlog-tiles; reads them back, and only then records what was exported.
 * Nothing leaves the database. Run again it goes on where it ended. Throws Refusal `month-open`,
 * `log-export-wrong` for a file that is not the log, `log-archive-unavailable`.
 */
export async function exportLogs(
  tools: Pick<Tools, 'db' | 'settings' | 'clock'>,
  { before, folder }: { before: string; folder: string },
): Promise<readonly ExportedLog[]> {
  if (Date.parse(`${before}T00:00:00Z`) > tools.clock.now().getTime()) {
    const month = before.slice(0, 7);
    throw new Refusal(
      MonthOpen,
      `--before ${month}: it has not begun, so the month before is open.`,
    );
  }
  const recorded = await findExports(tools.db);
  const logs: ExportedLog[] = [];
  for (const head of await findHeads(tools.db)) {
    const own = recorded.filter(({ recipientId }) => recipientId === head.recipientId);
    const from = own.at(-1)?.past ?? 0;
    const past = Math.max(from, await readClosed(tools, head, before));
    const place = { head, past, folder: join(folder, head.logId) };
    if (past > 0) {
      await writeFiles(tools, place);
      await checkFiles(tools, place);
    }
    if (past > from) await record(tools, { ...place, from, before });
    const { origin, size } = head;
    logs.push({ origin, exported: past, added: past - from, kept: size - past });
  }
  return logs;
}

async function readClosed(
  { db }: Pick<Tools, 'db'>,
  { recipientId, size }: LogHead,
  before: string,
): Promise<number> {
  const firstOpen = (await findFirstFrom(db, recipientId, leastIdOf(before))) ?? size;
  return closedEntries({ size, firstOpen });
}

async function record(
  { db }: Pick<Tools, 'db'>,
  range: { head: LogHead; folder: string; from: number; past: number; before: string },
): Promise<void> {
  const { head, folder, from, past, before } = range;
  const files = await digestFiles(folder, { from, past });
  const { recipientId } = head;
  if (await insertExport(db, { recipientId, from, past, before, ...files })) return;
  throw new Refusal(ExportWrong, 'Somebody else exports the same log: run it again afterwards.');
}
