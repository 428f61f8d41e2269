import type { OfferedRecord, Taken } from '../intake/index.ts';
import type { FileReport, Rejection } from './report.ts';

/** What takes records: into the database, or for a dry run only into account. */
export type Take = (offered: readonly OfferedRecord[]) => Promise<
  readonly {
    readonly outcome: Taken['outcome'] | 'checked';
    readonly problems: Taken['problems'];
  }[]
>;

/** A load while it runs. */
export interface Load {
  readonly take: Take;
  readonly onProgress: ((file: FileReport) => void) | undefined;
  readonly rejections: Rejection[];
  rejected: number;
  stopped: Rejection | null;
}

/** The counts of a file while it is read. */
export type Tally = { -readonly [Count in keyof FileReport]: FileReport[Count] };

/** With more rejections than this the mapping is wrong, not the lines. */
export const maxRejected = 10_000;

export function newTally(file: string, type: string): Tally {
  return {
    file,
    type,
    read: 0,
    skipped: 0,
    accepted: 0,
    new: 0,
    changed: 0,
    unchanged: 0,
    rejected: 0,
  };
}

/** Takes a batch of records, counts what became of each and writes down what was rejected. */
export async function takeBatch(
  load: Load,
  tally: Tally,
  batch: readonly OfferedRecord[],
): Promise<void> {
  const taken = batch.length === 0 ? [] : await load.take(batch);
  taken.forEach(({ outcome, problems }, index) => {
    const record = batch[index];
    if (outcome !== 'rejected') {
      tally.accepted += 1;
      if (outcome !== 'checked') tally[outcome] += 1;
    } else if (record) {
      const { file, line } = record;
      reject(load, tally, problems.map(({ field, code, detail }) => ({ file, line, field, code, reason: detail }))); // prettier-ignore
    }
  });
  load.onProgress?.(tally);
}

/** Writes down why one line or record was not taken: one rejection, however many its reasons. */
export function reject(load: Load, tally: Tally, reasons: readonly Rejection[]): void {
  tally.rejected += 1;
  load.rejected += 1;
  load.rejections.push(...reasons);
  const [first] = reasons;
  if (load.rejected >= maxRejected && first) {
    const reason = `Stopped after ${String(maxRejected)} rejected lines; the last: ${first.reason}`;
    load.stopped ??= { ...first, code: 'too-many-rejected', reason };
  }
}
