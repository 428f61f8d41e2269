import type { AgreementVersion } from '../agreements/index.ts';
import type { Posting } from '../ledger/index.ts';
import { addDays, addMonths } from '../platform/calendar-days.ts';
import { moneyOf, type Money } from './fee-wire-rules.ts';
import { statementIdOf, type Period, type PeriodKind } from './period-rules.ts';
import type { StatementAmounts } from './settlement.ts';

/** The version whose terms hold on a day; where none does any more, the last before. */
function versionOn(versions: readonly AgreementVersion[], day: string) {
  return versions.findLast(({ validFrom }) => validFrom <= day) ?? versions[0];
}

/** What a period of statements is, by what was agreed for its first day. */
export function periodKindAt(versions: readonly AgreementVersion[], day: string): PeriodKind {
  return versionOn(versions, day)?.terms.fee?.period ?? 'month';
}

/** In which zone the days of a period begin and end. */
export function zoneAt(versions: readonly AgreementVersion[], day: string): string {
  return versionOn(versions, day)?.terms.timeZone ?? 'UTC';
}

export interface StatedSums {
  readonly openingMinor: bigint;
  readonly accruedMinor: bigint;
  readonly reversedMinor: bigint;
  readonly adjustedMinor: bigint;
}

/**
 * Where the balance of a statement goes: paid out in whole; or carried forward, where it is below
 * nothing or below the agreed minimum; or forfeited, after so many months without an earned line.
 */
export function settle(
  sums: StatedSums,
  terms: {
    versions: readonly AgreementVersion[];
    currency: string;
    period: Period;
    /** The day on which the last line that earned something became available. */
    lastEarnedOn: string | undefined;
  },
): StatementAmounts {
  const { openingMinor, accruedMinor, reversedMinor, adjustedMinor } = sums;
  const closingMinor = openingMinor + accruedMinor + reversedMinor + adjustedMinor;
  const fee = versionOn(terms.versions, addDays(terms.period.untilDay, -1))?.terms.fee;
  const minimum = BigInt(fee?.minimumPayout?.[terms.currency] ?? 0);
  const none = { payoutMinor: 0n, forfeitedMinor: 0n, carriedMinor: 0n };
  const rest = (): Partial<StatementAmounts> => {
    if (closingMinor > 0n && closingMinor >= minimum) return { payoutMinor: closingMinor };
    const months = fee?.forfeitAfterMonths;
    const isForgotten =
      months !== undefined &&
      closingMinor > 0n &&
      addMonths(terms.lastEarnedOn ?? '0001-01-01', months) < terms.period.untilDay;
    return isForgotten ? { forfeitedMinor: closingMinor } : { carriedMinor: closingMinor };
  };
  return { ...sums, closingMinor, ...none, ...rest() };
}

/** What a posting of a closed statement moves: positive debits, negative credits. */
export function postingOf(
  { openingMinor, payoutMinor, forfeitedMinor, carriedMinor }: StatementAmounts,
  { payableMinor, receivableMinor }: { payableMinor: bigint; receivableMinor: bigint },
): Posting['lines'] {
  const positive = (minor: bigint) => (minor > 0n ? minor : 0n);
  const left = payoutMinor + carriedMinor;
  return {
    'referral-expense': payableMinor - forfeitedMinor,
    'referral-income': receivableMinor,
    'partner-payable': positive(openingMinor) - positive(left),
    'partner-receivable': positive(-left) - positive(-openingMinor),
  };
}

/** The document of a closed statement: its SHA-256 stands in the partner's disclosure log. */
export interface StatementDocument {
  readonly v: 1;
  readonly id: string;
  readonly partner: { readonly key: string; readonly name: string };
  readonly period: { readonly from: string; readonly until: string; readonly timeZone: string };
  readonly currency: string;
  readonly closedAt: string;
  readonly opening: Money;
  readonly accrued: Money;
  readonly reversed: Money;
  readonly adjusted: Money;
  readonly closing: Money;
  readonly payout: Money;
  readonly forfeited: Money;
  readonly carriedForward: Money;
  readonly lineCount: number;
  readonly adjustmentCount: number;
  readonly agreementVersions: readonly number[];
  /** SHA-256, in hexadecimal, of the SHA-256 of each line's text one after another. */
  readonly linesSha256: string;
  /** SHA-256 of the document of the statement before; null for the first. */
  readonly previousSha256: string | null;
}

export function documentOf(
  amounts: StatementAmounts,
  facts: Pick<
    StatementDocument,
    | 'partner'
    | 'currency'
    | 'closedAt'
    | 'lineCount'
    | 'adjustmentCount'
    | 'agreementVersions'
    | 'linesSha256'
    | 'previousSha256'
  > & { readonly period: Period; readonly timeZone: string },
): StatementDocument {
  const { period, timeZone, partner, currency, closedAt, ...rest } = facts;
  const money = (minor: bigint) => moneyOf(minor, currency);
  return {
    v: 1,
    id: statementIdOf({ period: period.period, currency }),
    partner,
    period: { from: period.fromDay, until: period.untilDay, timeZone },
    currency,
    closedAt,
    opening: money(amounts.openingMinor),
    accrued: money(amounts.accruedMinor),
    reversed: money(amounts.reversedMinor),
    adjusted: money(amounts.adjustedMinor),
    closing: money(amounts.closingMinor),
    payout: money(amounts.payoutMinor),
    forfeited: money(amounts.forfeitedMinor),
    carriedForward: money(amounts.carriedMinor),
    lineCount: rest.lineCount,
    adjustmentCount: rest.adjustmentCount,
    agreementVersions: rest.agreementVersions,
    linesSha256: rest.linesSha256,
    previousSha256: rest.previousSha256,
  };
}
