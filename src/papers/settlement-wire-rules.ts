import { moneyOf, statedBy, type ClosedStatement } from '../settlements/index.ts';

type OnWire = Readonly<Record<string, unknown>>;

/** A closed statement for the operator: its totals and who did what (schemas/operator/settlement.gives.json). */
export function settlementOnWire(partnerKey: string, statement: ClosedStatement): OnWire {
  const { id, currency, status, closedBy, approved, paid } = statement;
  const money = (minor: bigint) => moneyOf(minor, currency);
  return {
    partner: partnerKey,
    id,
    currency,
    status,
    from: statement.fromDay,
    until: statement.untilDay,
    opening: money(statement.openingMinor),
    accrued: money(statement.accruedMinor),
    reversed: money(statement.reversedMinor),
    adjusted: money(statement.adjustedMinor),
    ...statedBy(statement),
    closing: money(statement.closingMinor),
    payout: money(statement.payoutMinor),
    forfeited: money(statement.forfeitedMinor),
    carriedForward: money(statement.carriedMinor),
    lineCount: statement.lineCount,
    adjustmentCount: statement.adjustmentCount,
    sha256: statement.sha256.toString('hex'),
    isLogged: statement.isLogged,
    closed: { by: closedBy, at: statement.closedAt.toISOString() },
    approved: approved && { by: approved.by, at: approved.at.toISOString() },
    paid: paid && { reference: paid.reference, by: paid.by, at: paid.at.toISOString() },
  };
}
