import { catalogueOf } from '../catalogue/index.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import type { BatchLine } from './batch-rules.ts';
import { RecordRejected, UnknownRecordType } from './intake.ts';
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

/**
 * Takes one record in, under the key that it is sent to. Throws a Refusal that says why it is not taken,
 * with the field at fault.
 */
export async function takeRecord(
  tools: Tools,
  given: {
    readonly type: string;
    readonly key: string;
    readonly record: Readonly<Record<string, unknown>>;
  },
): Promise<Taken['outcome']> {
  const { type, key, record } = given;
  const { id = key } = record;
  if (id !== key) {
    throw new Refusal(RecordRejected, 'The record has another id than its address.', { field: '/id' }); // prettier-ignore
  }
  const lines = [{ line: 1, value: { id, ...record } }];
  const [taken] = await takeBatch(tools, { type, lines });
  const [problem] = taken?.problems ?? [];
  if (!taken || problem) {
    const { field = '', code = '', detail = '' } = problem ?? {};
    throw new Refusal(RecordRejected, `${detail} (${code})`, { field });
  }
  return taken.outcome;
}

function demandType({ settings }: Tools, type: string): void {
  if (!catalogueOf(settings).types.has(type)) throw new Refusal(UnknownRecordType);
}

function unread(line: BatchLine): Taken {
  const { code, detail } = 'code' in line ? line : { code: 'unread', detail: 'It was not read.' };
  return { outcome: 'rejected', problems: [{ field: '', code, detail }] };
}
