import type { PayoutBatch } from '../payouts/index.ts';
import { addDays, monthOf } from '../platform/calendar-days.ts';
import { periodNamed, type ClosedStatement, type Period } from '../settlements/index.ts';
import type { AccountTotal, MonthPayout, MonthStatement, MonthTotal, OwedTotal } from './month.ts';

/** The month (YYYY-MM) in which a period ends: in that month it is closed. */
export function endOf({ untilDay }: Pick<Period, 'untilDay'>): string {
  return monthOf(addDays(untilDay, -1));
}

/** The month in which a period ends that is known by its name ("2026-Q3"). */
export function endOfNamed(name: string): string | undefined {
  const period = periodNamed(name);
  return period && endOf(period);
}

/** A closed statement as the month shows it, with the batch that holds it. */
export function closedOf(
  statement: ClosedStatement,
  { partnerKey, batches }: { partnerKey: string; batches: readonly PayoutBatch[] },
): MonthStatement {
  const batch = batches.find(
    ({ currency, items }) =>
      currency === statement.currency &&
      items.some(
        ({ partnerId, period, released }) =>
          partnerId === statement.partnerId && period === statement.period && !released,
      ),
  );
  return {
    partnerKey,
    id: statement.id,
    currency: statement.currency,
    period: statement.period,
    fromDay: statement.fromDay,
    untilDay: statement.untilDay,
    status: statement.status,
    batch: batch?.number ?? null,
    reference: statement.paid?.reference ?? null,
    prevention: null,
    openingMinor: statement.openingMinor,
    accruedMinor: statement.accruedMinor,
    reversedMinor: statement.reversedMinor,
    adjustedMinor: statement.adjustedMinor,
    taxMinor: statement.taxMinor,
    closingMinor: statement.closingMinor,
    payoutMinor: statement.payoutMinor,
    forfeitedMinor: statement.forfeitedMinor,
    carriedMinor: statement.carriedMinor,
    lineCount: statement.lineCount,
    adjustmentCount: statement.adjustmentCount,
  };
}

/** A partner's statements by currency, and of one currency by their days. */
export function inOrder(statements: readonly MonthStatement[]): MonthStatement[] {
  return [...statements].sort(
    (one, other) => byCurrency(one, other) || (one.fromDay < other.fromDay ? -1 : 1),
  );
}

/** What the statements of each currency add up to. */
export function totalsOf(statements: readonly MonthStatement[]): MonthTotal[] {
  const totals = new Map<string, MonthTotal>();
  for (const one of statements) {
    const sum = totals.get(one.currency);
    totals.set(one.currency, {
      currency: one.currency,
      statements: (sum?.statements ?? 0) + 1,
      openingMinor: (sum?.openingMinor ?? 0n) + one.openingMinor,
      accruedMinor: (sum?.accruedMinor ?? 0n) + one.accruedMinor,
      reversedMinor: (sum?.reversedMinor ?? 0n) + one.reversedMinor,
      adjustedMinor: (sum?.adjustedMinor ?? 0n) + one.adjustedMinor,
      taxMinor: (sum?.taxMinor ?? 0n) + (one.taxMinor ?? 0n),
      closingMinor: (sum?.closingMinor ?? 0n) + one.closingMinor,
      payoutMinor: (sum?.payoutMinor ?? 0n) + one.payoutMinor,
      forfeitedMinor: (sum?.forfeitedMinor ?? 0n) + one.forfeitedMinor,
      carriedMinor: (sum?.carriedMinor ?? 0n) + one.carriedMinor,
      lineCount: (sum?.lineCount ?? 0) + one.lineCount,
      adjustmentCount: (sum?.adjustmentCount ?? 0) + one.adjustmentCount,
    });
  }
  return [...totals.values()].sort(byCurrency);
}

/** What each batch holds of the statements of a month, of all partners or of one. */
export function payoutsOf(
  batches: readonly PayoutBatch[],
  { month, partnerKey }: { month: string; partnerKey: string | undefined },
): MonthPayout[] {
  return batches.flatMap((batch) => {
    const items = batch.items.filter(
      (item) =>
        endOfNamed(item.period) === month && (partnerKey ?? item.partnerKey) === item.partnerKey,
    );
    if (items.length === 0) return [];
    const sum = (of: typeof items) => of.reduce((all, { amountMinor }) => all + amountMinor, 0n);
    return [
      {
        batch: batch.number,
        currency: batch.currency,
        status: batch.status,
        executeOn: batch.executeOn,
        statements: items.length,
        amountMinor: sum(items),
        paidMinor: sum(items.filter(({ paid }) => paid !== null)),
        releasedMinor: sum(items.filter(({ released }) => released !== null)),
        references: [...new Set(items.flatMap(({ paid }) => (paid ? [paid.reference] : [])))],
      },
    ];
  });
}

/** The accounts over all partners, by currency. */
export function accountsOf(accounts: readonly AccountTotal[]): AccountTotal[] {
  const sums = new Map<string, AccountTotal>();
  for (const { currency, account, balanceMinor } of accounts) {
    const key = `${currency} ${account}`;
    const before = sums.get(key)?.balanceMinor ?? 0n;
    sums.set(key, { currency, account, balanceMinor: before + balanceMinor });
  }
  return [...sums.values()].sort(byCurrency);
}

/** What is owed over all partners, by currency and who owes. */
export function owedOf(aged: readonly OwedTotal[]): OwedTotal[] {
  const sums = new Map<string, OwedTotal>();
  for (const { currency, owed, ...one } of aged) {
    const key = `${currency} ${owed}`;
    const sum = sums.get(key);
    sums.set(key, {
      ...{ currency, owed },
      to30Minor: (sum?.to30Minor ?? 0n) + one.to30Minor,
      to60Minor: (sum?.to60Minor ?? 0n) + one.to60Minor,
      to90Minor: (sum?.to90Minor ?? 0n) + one.to90Minor,
      beyondMinor: (sum?.beyondMinor ?? 0n) + one.beyondMinor,
    });
  }
  return [...sums.values()].sort(byCurrency);
}

function byCurrency(one: { currency: string }, other: { currency: string }): number {
  return one.currency < other.currency ? -1 : Number(one.currency > other.currency);
}
