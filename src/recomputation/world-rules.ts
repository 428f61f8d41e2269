import { dayOf, daysAfter, lastOfMonth, monthsAfter } from './day-rules.ts';
import type { GivenAgreement, GivenFee, GivenPayment, Received } from './given.ts';

/** A payment under the agreement that it settled under. */
export interface Paid {
  readonly given: GivenPayment;
  readonly pair: string;
  readonly agreement: GivenAgreement;
  readonly fee: GivenFee;
  /** Payment less tax, and less the parts that the terms leave out: minor units. */
  readonly paid: bigint;
  readonly base: bigint;
  readonly isFirst: boolean;
  readonly day: string;
  /** When its line can stand on a statement at the earliest. */
  readonly availableOn: string;
  readonly percent: string;
}

export const pairOf = ({ customer, service }: { customer: string; service: string }): string =>
  `${customer} ${service}`;

export const momentOf = (text: string): number => Date.parse(text);

/** A number of minor units of an amount; none is nothing. */
export const minorOf = (money: { readonly amount: number } | undefined): bigint =>
  BigInt(money?.amount ?? 0);

/** The payments that a fee can be earned by, by settlement. */
export function payableOf(received: Received): Paid[] {
  const starts = new Map<string, string>();
  const seen = new Set<string>();
  const inOrder = [...received.payments].sort(
    (a, b) => momentOf(a.settledAt) - momentOf(b.settledAt) || (a.id < b.id ? -1 : 1),
  );
  const found: Paid[] = [];
  for (const given of inOrder) {
    const pair = pairOf(given);
    // The first payment above nothing that is shared is the one that made the customer a joint one.
    if (given.amount.amount > 0 && !starts.has(pair)) starts.set(pair, given.settledAt);
    const isFirst = given.amount.amount > 0 && !seen.has(pair);
    if (isFirst) seen.add(pair);
    const agreement = inForce(received.agreements, given.settledAt);
    const fee = agreement?.terms.fee;
    if (!agreement || !fee || !covers(agreement, received.serviceKeys[given.service])) continue;
    const paid = minorOf(given.amount) - minorOf(given.tax);
    const base = (fee.less ?? []).reduce((left, part) => left - minorOf(given.parts?.[part]), paid);
    const { timeZone } = agreement.terms;
    const day = dayOf(given.settledAt, timeZone);
    const start = dayOf(starts.get(pair) ?? given.settledAt, timeZone);
    const isOver =
      fee.durationMonths !== undefined && day >= monthsAfter(start, fee.durationMonths);
    if (base <= 0n || isOver || !fee.currencies.includes(given.amount.currency)) continue;
    const held = daysAfter(day, fee.holdDays ?? 0);
    found.push({
      ...{ given, pair, agreement, fee, paid, base, isFirst, day },
      availableOn: fee.holdToMonthEnd ? lastOfMonth(held) : held,
      percent: rateOf(fee, received.serviceKeys[given.service]),
    });
  }
  return found;
}

function rateOf(fee: GivenFee, key: string | undefined): string {
  return (key === undefined ? undefined : fee.serviceRates?.[key]) ?? fee.ratePercent ?? '0';
}

function covers({ terms }: GivenAgreement, key: string | undefined): boolean {
  return terms.services === 'all' || (key !== undefined && terms.services.includes(key));
}

/** The latest version that has begun, each on the days of its own zone; none where that one is over. */
function inForce(versions: readonly GivenAgreement[], moment: string): GivenAgreement | undefined {
  const [latest] = versions
    .filter(({ validFrom, terms }) => validFrom <= dayOf(moment, terms.timeZone))
    .sort((a, b) => b.version - a.version);
  if (!latest) return undefined;
  const { validUntil, endsAt, terms } = latest;
  const isFollowed = versions.some(({ validFrom }) => validFrom === validUntil);
  const isOver = !isFollowed && validUntil !== null && validUntil <= dayOf(moment, terms.timeZone);
  const isEnded = endsAt !== null && momentOf(endsAt) <= momentOf(moment);
  return isOver || isEnded ? undefined : latest;
}
