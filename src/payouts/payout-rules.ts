import type { Payee } from '../payees/index.ts';
import type { ClosedStatement } from '../settlements/index.ts';
import { mostCents } from './pain001-rules.ts';
import {
  longestBatch,
  PayoutChanged,
  type BatchStatus,
  type DraftItem,
  type LeftOut,
  type PayoutBatch,
  type PayoutItem,
} from './payout.ts';
import { Refusal } from '../platform/refusal.ts';

/** What a batch takes of the statements that wait, and what it leaves out. */
export interface Selection {
  readonly items: readonly DraftItem[];
  readonly leftOut: readonly LeftOut[];
}

/**
 * Puts statements that wait into a batch, in the order given. In euros, which a bank is told of in a
 * file, one without an account stays out (`no-payee`); so does what is more than a batch or a
 * transfer holds (`next-batch`).
 */
export function selectItems(
  batch: { number: number; currency: string },
  waiting: readonly ClosedStatement[],
  known: {
    readonly payees: ReadonlyMap<string, Payee>;
    readonly keys: ReadonlyMap<string, string>;
  },
): Selection {
  const items: DraftItem[] = [];
  const leftOut: LeftOut[] = [];
  for (const statement of waiting) {
    const payee = known.payees.get(statement.partnerId);
    const partnerKey = known.keys.get(statement.partnerId) ?? '';
    const isTransfer = batch.currency === 'EUR';
    if (!payee && isTransfer) leftOut.push({ partnerKey, statement, because: 'no-payee' });
    else if (items.length === longestBatch || (isTransfer && statement.payoutMinor > mostCents)) {
      leftOut.push({ partnerKey, statement, because: 'next-batch' });
    } else {
      const position = items.length + 1;
      items.push({
        position,
        partnerId: statement.partnerId,
        partnerKey,
        period: statement.period,
        amountMinor: statement.payoutMinor,
        payee: payee
          ? { version: payee.version, name: payee.name, account: payee.account, bic: payee.bic }
          : null,
        endToEndId: `PO-${String(batch.number)}-${String(position)}`,
      });
    }
  }
  return { items, leftOut };
}

/** Open while anything in it is neither paid nor released; paid where anything was paid. */
export function statusOf(items: readonly Pick<PayoutItem, 'released' | 'paid'>[]): BatchStatus {
  const kept = items.filter(({ released }) => released === null);
  if (kept.length === 0) return 'released';
  return kept.every(({ paid }) => paid !== null) ? 'paid' : 'open';
}

/**
 * Refuses (`payout-changed`) a file that would now pay what it should not: a statement that was taken
 * out of the batch or paid otherwise, or an account that was changed since. A batch that is paid as a
 * whole is handed out as it was written.
 */
export function checkUnchanged({ items, status }: Pick<PayoutBatch, 'items' | 'status'>): void {
  if (status === 'paid' && items.every(({ released }) => released === null)) return;
  for (const { position, released, paid, payee } of items) {
    const why =
      (released && 'was taken out of the batch') ??
      (paid && 'was paid under another reference') ??
      (payee && !payee.isLatest && 'has another account now');
    if (why) throw new Refusal(PayoutChanged, `Item ${String(position)} ${why}.`);
  }
}
