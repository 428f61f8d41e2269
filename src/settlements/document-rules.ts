import type { AgreementVersion } from '../agreements/index.ts';
import type { Posting } from '../ledger/index.ts';
import { exactFee, roundExact } from '../earnings/index.ts';
import { addDays, addMonths } from '../platform/calendar-days.ts';
import { moneyOf, type Money } from './fee-wire-rules.ts';
import { statementIdOf, versionOn, type Period } from './period-rules.ts';
import type { ClosedStatement, StatementAmounts } from './settlement.ts';

/** The tax on what the lines of one agreement version add up to on a statement. */
export interface VersionTax {
  readonly agreementVersion: number;
  readonly kind: 'rate' | 'reverse-charge';
  /** For `rate`. */
  readonly ratePercent?: string;
  readonly netMinor: bigint;
  readonly taxMinor: bigint;
}

/**
 * The taxes of a statement: for each agreement version whose terms name one, on what all its lines and
 * adjustments there add up to. As that version rounds, the tax on all that was ever stated under it,
 * less that on what was stated before (`netsBefore`): so all statements together are taxed the same,
 * whatever was closed when. Nothing under reverse charge: there the recipient of the service accounts
 * for it.
 */
export function taxesOf(
  nets: ReadonlyMap<number, bigint>,
  netsBefore: ReadonlyMap<number, bigint>,
  versions: readonly AgreementVersion[],
): VersionTax[] {
  return [...nets].flatMap(([agreementVersion, netMinor]): VersionTax[] => {
    const fee = versions.find(({ version }) => version === agreementVersion)?.terms.fee;
    if (!fee?.tax || fee.tax.kind === 'none') return [];
    const { kind, ratePercent = '0' } = fee.tax;
    if (kind === 'reverse-charge') return [{ agreementVersion, kind, netMinor, taxMinor: 0n }];
    const taxOn = (minor: bigint) =>
      roundExact(exactFee(minor, ratePercent), fee.rounding ?? 'half-even');
    const before = netsBefore.get(agreementVersion) ?? 0n;
    const taxMinor = taxOn(before + netMinor) - taxOn(before);
    return [{ agreementVersion, kind, ratePercent, netMinor, taxMinor }];
  });
}

export interface StatedSums {
  readonly openingMinor: bigint;
  readonly accruedMinor: bigint;
  readonly reversedMinor: bigint;
  readonly adjustedMinor: bigint;
  readonly taxMinor: bigint;
  readonly collectedMinor: bigint;
  readonly remittedMinor: bigint;
}

/**
 * Where the balance of a statement goes: paid out in whole; or carried forward, where it is below
 * nothing or below the agreed minimum; or, of fees alone, forfeited, after so many months without an
 * earned line.
 */
export function settle(
  sums: StatedSums,
  terms: {
    versions: readonly AgreementVersion[];
    currency: string;
    period: Period;
    /** The day on which the last line that earned something became available. */
    lastEarnedOn: string | undefined;
    /** Whether this statement or one before states transfers: money that moved is not forfeited. */
    holdsTransfers?: boolean;
  },
): StatementAmounts {
  const { openingMinor, accruedMinor, reversedMinor, adjustedMinor, taxMinor } = sums;
  const feesMinor = accruedMinor + reversedMinor + adjustedMinor + taxMinor;
  const closingMinor = openingMinor + feesMinor - sums.collectedMinor + sums.remittedMinor;
  const fee = versionOn(terms.versions, addDays(terms.period.untilDay, -1))?.terms.fee;
  const minimum = BigInt(fee?.minimumPayout?.[terms.currency] ?? 0);
  const none = { payoutMinor: 0n, forfeitedMinor: 0n, carriedMinor: 0n };
  const rest = (): Partial<StatementAmounts> => {
    if (closingMinor > 0n && closingMinor >= minimum) return { payoutMinor: closingMinor };
    const months = fee?.forfeitAfterMonths;
    const isForgotten =
      months !== undefined &&
      terms.holdsTransfers !== true &&
      closingMinor > 0n &&
      addMonths(terms.lastEarnedOn ?? '0001-01-01', months) < terms.period.untilDay;
    return isForgotten ? { forfeitedMinor: closingMinor } : { carriedMinor: closingMinor };
  };
  return { ...sums, closingMinor, ...none, ...rest() };
}

/**
 * What a posting of a closed statement moves: positive debits, negative credits. Expense and income
 * stay net: the tax has an account of its own. What the partner remitted was posted when it came.
 */
export function postingOf(
  amounts: StatementAmounts,
  { payableMinor, receivableMinor }: { payableMinor: bigint; receivableMinor: bigint },
): Posting['lines'] {
  const { openingMinor, taxMinor, payoutMinor, forfeitedMinor, carriedMinor } = amounts;
  const positive = (minor: bigint) => (minor > 0n ? minor : 0n);
  const left = payoutMinor + carriedMinor;
  return {
    'referral-expense': payableMinor - forfeitedMinor,
    'referral-income': receivableMinor,
    'partner-payable': positive(openingMinor) - positive(left),
    'partner-receivable': positive(-left) - positive(-openingMinor) + amounts.remittedMinor,
    'fee-tax': taxMinor,
    collections: -amounts.collectedMinor,
  };
}

/** A tax as the document states it. */
export interface StatedTax {
  readonly agreementVersion: number;
  readonly kind: VersionTax['kind'];
  readonly ratePercent?: string;
  /** What it is on. */
  readonly net: Money;
  readonly tax: Money;
  /** Of a reverse charge: who accounts for the tax. */
  readonly note?: string;
}

const reverseCharge = 'Reverse charge: the recipient of the service accounts for the tax.';

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
  /** Of a statement with lines that are taxed: all of it, and by agreement version. */
  readonly tax?: Money;
  readonly taxes?: readonly StatedTax[];
  /** Of a statement with transfers: what the partner collected for us, and what it remitted. */
  readonly collected?: Money;
  readonly remitted?: Money;
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
  > & {
    readonly period: Period;
    readonly timeZone: string;
    readonly taxes: readonly VersionTax[];
    readonly transferCount: number;
  },
): StatementDocument {
  const { period, timeZone, partner, currency, closedAt, taxes, transferCount, ...rest } = facts;
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
    ...(taxes.length > 0 && {
      tax: money(amounts.taxMinor),
      taxes: taxes.map(({ netMinor, taxMinor, ...tax }) => ({
        ...{ ...tax, net: money(netMinor), tax: money(taxMinor) },
        ...(tax.kind === 'reverse-charge' && { note: reverseCharge }),
      })),
    }),
    ...(transferCount > 0 && {
      collected: money(amounts.collectedMinor),
      remitted: money(amounts.remittedMinor),
    }),
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

/**
 * What a closed statement states only where there is something of it: the tax, what the partner
 * collected for us and what it remitted.
 */
export function statedBy({
  document,
}: Pick<ClosedStatement, 'document'>): Pick<StatementDocument, 'tax' | 'collected' | 'remitted'> {
  const { tax, collected, remitted } = JSON.parse(document.toString()) as StatementDocument;
  return {
    ...(tax && { tax }),
    ...(collected && { collected }),
    ...(remitted && { remitted }),
  };
}
