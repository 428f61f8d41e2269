import type { Tools } from '../platform/tools.ts';
import { Refusal } from '../platform/refusal.ts';
import { checkUnchanged } from './payout-rules.ts';
import { findBatches, findFiles } from './payout-store.ts';
import { NotInFormat, UnknownPayout, type PayoutFormat } from './payout.ts';

/**
 * What a batch hands to the bank: the same bytes whenever it is asked. Refusals: `unknown-payout`,
 * `not-in-format`, `payout-changed` (it would now pay what it should not).
 */
export async function readPayoutFile(
  { db }: Pick<Tools, 'db'>,
  { number, format }: { number: number; format: PayoutFormat },
): Promise<Buffer> {
  const [batch] = await findBatches(db, { number });
  const files = await findFiles(db, number);
  if (!batch || !files) throw new Refusal(UnknownPayout);
  checkUnchanged(batch);
  const bytes = format === 'csv' ? files.csv : files.pain001;
  if (!bytes) throw new Refusal(NotInFormat);
  return bytes;
}
