import type { FeeTerms } from '../agreements/index.ts';
import type { Earning } from './earning-rules.ts';

/** What a cap left of a fee. */
export interface Cut {
  readonly of: 'customer' | 'period';
  /** The period's name; null for a customer. */
  readonly period: string | null;
  readonly capMinor: bigint;
  readonly roomMinor: bigint;
}

/** What was earned less what was reversed so far, under each name that a cap can count by. */
export type Nets = Map<string, bigint>;

type Cap = FeeTerms['capPerPeriod'];

const periods = ['month', 'half-month', 'quarter'] as const;

/**
 * A fee after its caps, the customer's first: what they leave is never below nothing. A line is cut
 * when it is made; what is reversed later leaves room to later lines alone.
 */
export function cutFee(
  feeMinor: bigint,
  earning: Earning,
  nets: Nets,
): { feeMinor: bigint; cut: Cut | null } {
  const { terms, payment, settledOn } = earning;
  const period = terms.period ?? 'month';
  const caps: readonly (Pick<Cut, 'of' | 'period'> & { cap: Cap; name: string })[] = [
    { of: 'customer', period: null, cap: terms.capPerCustomer, name: customerName(earning) },
    {
      of: 'period',
      period: periodOf(settledOn, period),
      cap: terms.capPerPeriod,
      name: periodName(earning, period),
    },
  ];
  let left: { feeMinor: bigint; cut: Cut | null } = { feeMinor, cut: null };
  for (const { cap, name, ...of } of caps) {
    const capMinor = cap?.[payment.currency];
    if (capMinor === undefined) continue;
    const room = BigInt(capMinor) - (nets.get(name) ?? 0n);
    const roomMinor = room < 0n ? 0n : room;
    if (left.feeMinor <= roomMinor) continue;
    left = { feeMinor: roomMinor, cut: { ...of, capMinor: BigInt(capMinor), roomMinor } };
  }
  return left;
}

/** Counts what was earned, or with a minus what was reversed, towards the caps of the earning. */
export function countTowardsCaps(nets: Nets, earning: Earning, minor: bigint): void {
  const names = [customerName(earning), ...periods.map((period) => periodName(earning, period))];
  for (const name of names) nets.set(name, (nets.get(name) ?? 0n) + minor);
}

/** The name of the period that holds a day: "2026-07", "2026-07-1" (until the 15th), "2026-Q3". */
export function periodOf(day: string, period: NonNullable<FeeTerms['period']>): string {
  const month = day.slice(0, 7);
  if (period === 'month') return month;
  if (period === 'half-month') return `${month}-${day.slice(8) <= '15' ? '1' : '2'}`;
  return `${day.slice(0, 4)}-Q${String(Math.ceil(Number(day.slice(5, 7)) / 3))}`;
}

function customerName({ relationship, payment, agreement }: Earning): string {
  return `customer ${relationship.id} ${payment.currency} ${agreement.terms.direction}`;
}

function periodName(
  { settledOn, payment, agreement }: Earning,
  period: NonNullable<FeeTerms['period']>,
): string {
  return `${period} ${periodOf(settledOn, period)} ${payment.currency} ${agreement.terms.direction}`;
}
