import { addDays, daysBetween } from '../platform/calendar-days.ts';
import { localDay } from '../platform/local-days.ts';
import { roundFraction } from '../platform/rounding.ts';
import type { AccrualLine, FeeRefund } from './accrual.ts';
import type { Earning } from './earning-rules.ts';

/** A line as it is remembered: what takes it back needs all but its words. */
export type EarnedLine = Omit<AccrualLine, 'explanation'>;

/** A payment that could earn, as it stands after the events so far. */
export interface Paid {
  readonly earning: Earning;
  /** Taken back inside the clawback days, less tax; a dispute that was won counts no more. */
  refundedMinor: bigint;
  /** The line it earned; null where it earned none. */
  line: EarnedLine | null;
  /** What stands reversed of its line, with the line's sign. */
  reversedMinor: bigint;
}

/** A part of a refund that falls on one payment. */
export interface Taken {
  readonly paid: Paid;
  readonly minor: bigint;
}

/** When something is taken back, in the days of the agreement that the payment earned under. */
export function daysTo({ agreement, settledOn }: Earning, at: Date): { on: string; days: number } {
  const on = localDay(at, agreement.terms.timeZone);
  return { on, days: daysBetween(settledOn, on) };
}

/** What goes back less its tax; nothing, where more tax goes back than money. */
export function netOf({ amountMinor, taxMinor }: FeeRefund): bigint {
  return amountMinor > taxMinor ? amountMinor - taxMinor : 0n;
}

/** Whether a moment lies inside the days in which a payment's fee can be taken back. */
export function isClawedBack(earning: Earning, at: Date): boolean {
  const { clawbackDays } = earning.terms;
  return clawbackDays === undefined || daysTo(earning, at).days <= clawbackDays;
}

/**
 * On which payments a credit falls that names none: the latest that earned, newest first, each up to
 * what is left of it. `history` has the customer's payments of the service, oldest first.
 */
export function spreadCredit(refund: FeeRefund, history: readonly Paid[]): Taken[] {
  let left = netOf(refund);
  const taken: Taken[] = [];
  for (const paid of [...history].reverse()) {
    if (left <= 0n) break;
    const { payment, paidMinor } = paid.earning;
    const earns = paid.line !== null || isThreshold(paid.earning);
    if (!earns || payment.currency !== refund.currency) continue;
    if (!isClawedBack(paid.earning, refund.refundedAt)) continue;
    const open = paidMinor - between(paid.refundedMinor, paidMinor);
    const minor = open < left ? open : left;
    if (minor <= 0n) continue;
    taken.push({ paid, minor });
    left -= minor;
  }
  return taken;
}

/** What must stand reversed of a payment's line, with the line's sign. */
export function reversedToDate({ earning, line, refundedMinor }: Paid): bigint {
  if (!line) return 0n;
  const { paidMinor, rounding } = earning;
  const refunded = between(refundedMinor, paidMinor);
  if (isWhole(earning)) return refunded === paidMinor ? line.feeMinor : 0n;
  return roundFraction(line.feeMinor * refunded, paidMinor, rounding);
}

/** Whether only a full refund reverses the fee. */
export function isWhole({ terms }: Earning): boolean {
  return terms.kind === 'flat' && terms.flat?.per !== 'payment';
}

/** Whether the fee is earned once payments reach a threshold. */
export function isThreshold({ terms }: Earning): boolean {
  return terms.kind === 'flat' && terms.flat?.per === 'threshold';
}

/** What is left of a payment's base after what was taken back: 0 after a full refund. */
export function baseLeft({
  earning,
  refundedMinor,
}: Pick<Paid, 'earning' | 'refundedMinor'>): bigint {
  const { baseMinor, paidMinor, rounding } = earning;
  const refunded = between(refundedMinor, paidMinor);
  return baseMinor - roundFraction(baseMinor * refunded, paidMinor, rounding);
}

/** A refund counts from nothing to all that was paid. */
export function between(refundedMinor: bigint, paidMinor: bigint): bigint {
  return refundedMinor < 0n ? 0n : refundedMinor < paidMinor ? refundedMinor : paidMinor;
}

/** The day on which a line becomes available: settled + holdDays, perhaps to that month's end. */
export function availableOn({ terms, settledOn }: Earning): string {
  const day = addDays(settledOn, terms.holdDays ?? 0);
  return terms.holdToMonthEnd ? monthEnd(day) : day;
}

function monthEnd(day: string): string {
  const [year = 0, month = 1] = day.split('-').map(Number);
  const last = new Date(Date.UTC(year, month, 0)).getUTCDate();
  return `${day.slice(0, 7)}-${String(last).padStart(2, '0')}`;
}
