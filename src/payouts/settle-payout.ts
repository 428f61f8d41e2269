import { checkRole, lockRoles, type StaffId } from '../people/index.ts';
import { inTransaction, type Transaction } from '../platform/database.ts';
import { isPrintable } from '../platform/printable.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { finance, lockStatement, payStatementIn } from '../settlements/index.ts';
import { findBatches, lockBatch, updateReleased } from './payout-store.ts';
import {
  InvalidPayout,
  PayoutPaid,
  PayoutReleased,
  UnknownPayout,
  type PayoutBatch,
} from './payout.ts';

/**
 * Writes down that the bank paid a batch: every statement that still stands in it is paid under the
 * reference, all or none. Asked again with the same reference it changes nothing. Refusals:
 * `role-missing`, `unknown-payout`, `payout-released`, and what payStatement refuses
 * (`statement-paid` under another reference).
 */
export async function payPayout(
  tools: Tools,
  { number, reference, by }: { number: number; reference: string; by: StaffId },
): Promise<PayoutBatch> {
  return inTransaction(tools.db, async (tx) => {
    const batch = await held(tx, number, by);
    if (batch.status === 'released') throw new Refusal(PayoutReleased);
    for (const { partnerId, period, released } of batch.items) {
      if (released) continue;
      const name = { partnerId, period, currency: batch.currency };
      await payStatementIn(tx, tools, { name, reference, by });
    }
    return again(tx, number);
  });
}

/**
 * Takes statements out of a batch: all that are not paid, or those of the positions named. The bank
 * sent them back, or they are paid in another way; the next batch may take them. Asked again it is
 * refused. Refusals: `role-missing`, `unknown-payout`, `invalid-payout` (the reason),
 * `payout-released`, `payout-paid`.
 */
export async function releasePayout(
  tools: Tools,
  release: {
    readonly number: number;
    readonly positions?: readonly number[] | undefined;
    readonly reason: string;
    readonly by: StaffId;
  },
): Promise<PayoutBatch> {
  const { number, positions, reason, by } = release;
  if (!isPrintable(reason, 1000)) {
    const detail = 'A reason has 1 to 1,000 printable characters.';
    throw new Refusal(InvalidPayout, detail, { field: 'reason' });
  }
  return inTransaction(tools.db, async (tx) => {
    const { items, currency, status } = await held(tx, number, by);
    if (status === 'paid') throw new Refusal(PayoutPaid);
    const asked =
      positions?.map((position) => {
        const item = items.find((one) => one.position === position);
        if (!item) throw new Refusal(UnknownPayout);
        return item;
      }) ?? items.filter((item) => item.released === null && item.paid === null);
    if (asked.length === 0) throw new Refusal(PayoutReleased);
    for (const { position, partnerId, period, released } of asked) {
      if (released) throw new Refusal(PayoutReleased, `Item ${String(position)} was.`);
      const statement = await lockStatement(tx, { partnerId, period, currency });
      if (statement?.paid) throw new Refusal(PayoutPaid, `Item ${String(position)} is.`);
      await updateReleased(tx, { number, position }, { by, at: tools.clock.now(), reason });
    }
    return again(tx, number);
  });
}

async function held(tx: Transaction, number: number, by: StaffId): Promise<PayoutBatch> {
  checkRole(await lockRoles(tx, by), finance);
  if (!(await lockBatch(tx, number))) throw new Refusal(UnknownPayout);
  return again(tx, number);
}

async function again(tx: Transaction, number: number): Promise<PayoutBatch> {
  const [batch] = await findBatches(tx, { number });
  if (!batch) throw new Refusal(UnknownPayout);
  return batch;
}
