import {
  agreementInForce,
  serviceIsCovered,
  type AgreementVersion,
  type FeeTerms,
} from '../agreements/index.ts';
import { addMonths, monthOf } from '../platform/calendar-days.ts';
import { groupBy } from '../platform/group.ts';
import { localDay } from '../platform/local-days.ts';
import type { Rounding } from '../platform/rounding.ts';
import type { RecordId, ServiceId } from '../records/index.ts';
import { wasActive, type Relationship } from '../relationships/index.ts';
import type { FeePayment } from './accrual.ts';

/** A payment that can earn, with everything that makes it so. */
export interface Earning {
  readonly payment: FeePayment;
  readonly relationship: Relationship;
  readonly serviceKey: string;
  readonly agreement: AgreementVersion;
  readonly terms: FeeTerms;
  readonly rounding: Rounding;
  /** Whether the terms name the payment's currency. */
  readonly isAgreed: boolean;
  /** Payment less tax and the parts that the terms leave out: above nothing. */
  readonly baseMinor: bigint;
  /** Payment less tax: what a refund is a share of. */
  readonly paidMinor: bigint;
  /** Whether it is the first that settled for this customer and service. */
  readonly isFirst: boolean;
  readonly settledOn: string;
  readonly month: string;
  /** The local day of the payment that activated the relationship. */
  readonly startedOn: string;
  /** The first local day that earns no more; null: without end. */
  readonly endsOn: string | null;
}

/** Against what payments are looked at. */
export interface EarningWorld {
  readonly relationships: readonly Relationship[];
  readonly payments: readonly FeePayment[];
  readonly agreements: readonly AgreementVersion[];
  /** The key of each service, as agreements name it. */
  readonly serviceKeys: ReadonlyMap<ServiceId, string>;
}

/**
 * The payments that can earn, in the order (settledAt, id): the relationship was active when the
 * payment settled, the agreement version in force on its local day speaks of fees and covers its
 * service, its base is above nothing, and its day lies before the end of the duration. All days are
 * those of the version's own zone.
 */
export function earningsOf(world: EarningWorld): Earning[] {
  const agreements = [...world.agreements].sort((a, b) => a.version - b.version);
  const relationshipsOf = groupBy(world.relationships, pairOf);
  const firsts = new Set<string>();
  return [...world.payments].sort(bySettlement).flatMap((payment) => {
    const pair = pairOf(payment);
    const relationship = firstActive(relationshipsOf.get(pair) ?? [], payment.settledAt);
    if (!relationship) return [];
    const isFirst = payment.amountMinor > 0n && !firsts.has(pair);
    if (isFirst) firsts.add(pair);
    const serviceKey = world.serviceKeys.get(payment.serviceId);
    if (serviceKey === undefined) return [];
    const found = { payment, relationship, serviceKey, isFirst };
    const earning = earningOf(found, agreements);
    return typeof earning === 'string' ? [] : [earning];
  });
}

/** Why a payment earns nothing, whatever the terms give. */
export type NoEarning =
  | 'before-activation'
  | 'not-active'
  | 'no-agreement'
  | 'service-not-agreed'
  | 'nothing-left'
  | 'after-duration';

/** Why one payment cannot earn; undefined: it can, and what it earned the terms say. */
export function whyNoEarning(
  payment: FeePayment,
  { relationships, agreements, serviceKeys }: Omit<EarningWorld, 'payments'>,
): NoEarning | undefined {
  const its = relationships.filter((one) => pairOf(one) === pairOf(payment));
  const relationship = firstActive(its, payment.settledAt);
  if (!relationship) {
    const isBefore = its.every(({ activatedAt }) => !activatedAt || activatedAt > payment.settledAt); // prettier-ignore
    return isBefore ? 'before-activation' : 'not-active';
  }
  const serviceKey = serviceKeys.get(payment.serviceId);
  if (serviceKey === undefined) return 'service-not-agreed';
  const versions = [...agreements].sort((a, b) => a.version - b.version);
  const earning = earningOf({ payment, relationship, serviceKey, isFirst: false }, versions);
  return typeof earning === 'string' ? earning : undefined;
}

function earningOf(
  found: Pick<Earning, 'payment' | 'relationship' | 'serviceKey' | 'isFirst'>,
  agreements: readonly AgreementVersion[],
): Earning | NoEarning {
  const { payment, relationship, serviceKey } = found;
  const agreement = agreementInForce(agreements, payment.settledAt);
  const terms = agreement?.terms.fee;
  const { activatedAt } = relationship;
  if (!agreement || !terms || !activatedAt) return 'no-agreement';
  if (!serviceIsCovered(agreement.terms, serviceKey)) return 'service-not-agreed';
  const paidMinor = payment.amountMinor - payment.taxMinor;
  const leftOut = (terms.less ?? []).reduce((sum, part) => sum + (payment.parts[part] ?? 0n), 0n);
  const baseMinor = paidMinor - leftOut;
  if (baseMinor <= 0n) return 'nothing-left';
  const { timeZone } = agreement.terms;
  const settledOn = localDay(payment.settledAt, timeZone);
  const startedOn = localDay(activatedAt, timeZone);
  const { durationMonths } = terms;
  const endsOn = durationMonths === undefined ? null : addMonths(startedOn, durationMonths);
  if (endsOn !== null && settledOn >= endsOn) return 'after-duration';
  return {
    ...found,
    agreement,
    terms,
    rounding: terms.rounding ?? 'half-even',
    isAgreed: terms.currencies.includes(payment.currency),
    baseMinor,
    paidMinor,
    settledOn,
    month: monthOf(settledOn),
    startedOn,
    endsOn,
  };
}

/** A payment earns once, by the earliest of the relationships that were active. */
function firstActive(relationships: readonly Relationship[], at: Date): Relationship | undefined {
  return relationships
    .filter((relationship) => wasActive(relationship, at))
    .sort(
      (a, b) => a.attributedAt.getTime() - b.attributedAt.getTime() || (a.id < b.id ? -1 : 1),
    )[0];
}

/** A customer and a service: what a relationship is about. */
export function pairOf({
  customerId,
  serviceId,
}: {
  customerId: string;
  serviceId: string;
}): string {
  return `${customerId} ${serviceId}`;
}

function bySettlement(a: FeePayment, b: FeePayment): number {
  return a.settledAt.getTime() - b.settledAt.getTime() || byId(a.recordId, b.recordId);
}

/** The order of ids. */
export function byId(a: RecordId, b: RecordId): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
