import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { RecordRejected } from './intake.ts';
import { takeBatch } from './take-batch.ts';
import type { Taken } from './take-records.ts';

/**
 * Takes one record in, under the key that it is sent to. Throws a Refusal that says why it is not taken,
 * with the field at fault.
 */
export async function putRecord(
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
