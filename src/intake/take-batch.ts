import { catalogueOf } from '../catalogue/index.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import type { BatchLine } from './batch-rules.ts';
import { UnknownRecordType } from './intake.ts';
import { takeRecords, type Taken } from './take-records.ts';

/** What became of one line of a batch. */
export interface TakenLine extends Taken {
  readonly line: number;
}

/**
 * Takes the records of a request in, of one type: one transaction for all that are right, so that what
 * is answered is stored. A line that is wrong is rejected by itself, with its reasons.
 */
export async function takeBatch(
  tools: Tools,
  { type, lines }: { readonly type: string; readonly lines: readonly BatchLine[] },
): Promise<readonly TakenLine[]> {
  demandType(tools, type);
  const readable = lines.flatMap((one) => ('value' in one ? [one] : []));
  const records = readable.map(({ line, value }) => ({ type, value, file: 'request', line }));
  const taken = await takeRecords(tools, { records });
  const byLine = new Map(readable.map(({ line }, index) => [line, taken[index]]));
  return lines.map((one) => ({ line: one.line, ...(byLine.get(one.line) ?? unread(one)) }));
}

function demandType({ settings }: Tools, type: string): void {
  if (!catalogueOf(settings).types.has(type)) throw new Refusal(UnknownRecordType);
}

function unread(line: BatchLine): Taken {
  const { code, detail } = 'code' in line ? line : { code: 'unread', detail: 'It was not read.' };
  return { outcome: 'rejected', problems: [{ field: '', code, detail }] };
}
