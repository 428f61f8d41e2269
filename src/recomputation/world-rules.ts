import { dayOf, daysAfter, lastOfMonth, monthsAfter } from './measure-rules.ts';
import {
  minorOf,
  type GivenAgreement,
  type GivenFee,
  type GivenPayment,
  type Received,
} from './given.ts';
import { keyOf, type Stated } from './stated-rules.ts';

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
  /** It earns only if an earlier payment was not known yet. */
  readonly isDoubtful: boolean;
  readonly day: string;
  /** When its line can stand on a statement at the earliest. */
  readonly availableOn: string;
  readonly percent: string;
}

export const pairOf = ({ customer, service }: { customer: string; service: string }): string =>
  `${customer} ${service}`;

export const momentOf = (text: string): number => Date.parse(text);

/** Whether only a customer's first payment earns. */
export const isOfFirst = ({ kind, of, flat }: GivenFee): boolean =>
  (kind === 'percent' && of === 'first-payment') ||
  (kind === 'flat' && (flat?.per === 'first-payment' || flat?.per === 'activation'));

export const isOfThreshold = ({ kind, flat }: GivenFee): boolean =>
  kind === 'flat' && flat?.per === 'threshold';

/** When what settles on a day can stand on a statement. */
export function availableFrom(fee: GivenFee, day: string): string {
  const held = daysAfter(day, fee.holdDays ?? 0);
  return fee.holdToMonthEnd ? lastOfMonth(held) : held;
}

/** What is known of a customer and service while its payments are gone through. */
interface Begun {
  /** The payment that made the customer a joint one: the first above nothing that is shared. */
  start: string | undefined;
  /** The same, of those that statements name alone. */
  named: string | undefined;
  isPaid: boolean;
}

/**
 * The payments that a fee can be earned by, by settlement. One that no statement names although it
 * could was not known yet: the customer's duration began, and its first payment came, without it.
 */
export function payableOf(received: Received, stated: Stated): Paid[] {
  const begun = new Map<string, Begun>();
  const inOrder = received.payments
    .map((given) => ({ given, at: momentOf(given.settledAt) }))
    .sort((a, b) => a.at - b.at || (a.given.id < b.given.id ? -1 : 1));
  const found: Paid[] = [];
  for (const { given } of inOrder) {
    const pair = pairOf(given);
    const of: Begun = begun.get(pair) ?? { start: undefined, named: undefined, isPaid: false };
    begun.set(pair, of);
    const paid = paidOf(received, stated, given, of);
    if (paid) found.push(paid);
    if (given.amount.amount <= 0) continue;
    of.isPaid = true;
    if (stated.named.has(given.id)) of.named ??= given.settledAt;
    if (!paid || !isUnstated(paid, stated)) of.start ??= given.settledAt;
  }
  return found;
}

/** Whether a line of the payment would stand on a statement had it been known. */
export function isUnstated({ given, fee, availableOn }: Paid, stated: Stated): boolean {
  const isLine = !isOfThreshold(fee) && !isOfFirst(fee) && !stated.named.has(given.id);
  return isLine && given.amount.currency === stated.currency && availableOn < stated.until;
}

function paidOf(
  received: Received,
  stated: Stated,
  given: GivenPayment,
  { start = given.settledAt, named, isPaid }: Begun,
): Paid | undefined {
  const agreement = inForce(received.agreements, given.settledAt);
  const fee = agreement?.terms.fee;
  if (!agreement || !fee || !covers(agreement, received.serviceKeys[given.service])) return;
  const paid = minorOf(given.amount) - minorOf(given.tax);
  const base = (fee.less ?? []).reduce((left, part) => left - minorOf(given.parts?.[part]), paid);
  if (base <= 0n || !fee.currencies.includes(given.amount.currency)) return;
  const { timeZone } = agreement.terms;
  const day = dayOf(given.settledAt, timeZone);
  const isWithin = (from: string) =>
    fee.durationMonths === undefined ||
    day < monthsAfter(dayOf(from, timeZone), fee.durationMonths);
  const isNamed = stated.fees.has(keyOf(given.id, null));
  const mayLast = isNamed && isWithin(named ?? given.settledAt);
  if (!isWithin(start) && !mayLast) return;
  const mayBeFirst = isNamed && isOfFirst(fee) && named === undefined;
  return {
    ...{ given, pair: pairOf(given), agreement, fee, paid, base, day },
    isFirst: given.amount.amount > 0 && (!isPaid || mayBeFirst),
    isDoubtful: !isWithin(start) || (isPaid && mayBeFirst),
    availableOn: availableFrom(fee, day),
    percent: rateOf(fee, received.serviceKeys[given.service]),
  };
}

function rateOf(fee: GivenFee, key: string | undefined): string {
  return (key === undefined ? undefined : fee.serviceRates?.[key]) ?? fee.ratePercent ?? '0';
}

function covers({ terms }: GivenAgreement, key: string | undefined): boolean {
  return terms.services === 'all' || (key !== undefined && terms.services.includes(key));
}

/** The latest version that has begun, each on the days of its own zone; none where that one is over. */
function inForce(versions: readonly GivenAgreement[], moment: string): GivenAgreement | undefined {
  let latest: GivenAgreement | undefined;
  for (const one of versions) {
    const hasBegun = one.validFrom <= dayOf(moment, one.terms.timeZone);
    if (hasBegun && (!latest || one.version > latest.version)) latest = one;
  }
  if (!latest) return undefined;
  const { validUntil, endsAt, terms } = latest;
  const isFollowed = versions.some(({ validFrom }) => validFrom === validUntil);
  const isOver = !isFollowed && validUntil !== null && validUntil <= dayOf(moment, terms.timeZone);
  const isEnded = endsAt !== null && momentOf(endsAt) <= momentOf(moment);
  return isOver || isEnded ? undefined : latest;
}
