import { moneyOf } from '../settlements/index.ts';
import type { LeftOut, PayoutBatch, PayoutItem } from './payout.ts';

type OnWire = Readonly<Record<string, unknown>>;

/** A batch for the operator: its totals, and what became of each statement (schemas/payouts/payout.gives.json). */
export function payoutOnWire(batch: PayoutBatch): OnWire {
  const { number, currency, status, executeOn, madeBy, madeAt } = batch;
  return {
    number,
    currency,
    status,
    executeOn,
    statementCount: batch.statementCount,
    total: moneyOf(batch.totalMinor, currency),
    made: { by: madeBy, at: madeAt.toISOString() },
    files: {
      csv: batch.csvSha256.toString('hex'),
      pain001: batch.pain001Sha256?.toString('hex') ?? null,
    },
    items: batch.items.map((item) => itemOnWire(item, currency)),
  };
}

/** A statement that stayed out of a batch. */
export function leftOutOnWire({ partnerKey, statement, because }: LeftOut): OnWire {
  return {
    partner: partnerKey,
    statement: statement.id,
    amount: moneyOf(statement.payoutMinor, statement.currency),
    because,
  };
}

function itemOnWire(item: PayoutItem, currency: string): OnWire {
  const { position, partnerKey, period, amountMinor, payee, endToEndId, released, paid } = item;
  return {
    item: position,
    partner: partnerKey,
    statement: `${period}.${currency}`,
    amount: moneyOf(amountMinor, currency),
    payee: payee && { name: payee.name, account: payee.account, bic: payee.bic },
    endToEndId,
    status: released ? 'released' : paid ? 'paid' : 'open',
    released: released && {
      by: released.by,
      at: released.at.toISOString(),
      reason: released.reason,
    },
    paid: paid && { by: paid.by, at: paid.at.toISOString(), reference: paid.reference },
  };
}
