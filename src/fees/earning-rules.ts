import {
  agreementInForce,
  serviceIsCovered,
  type AgreementVersion,
  type FeeTerms,
} from '../agreements/index.ts';
import { localDay } from '../platform/local-days.ts';
import type { ServiceId } from '../records/index.ts';
import { wasActive, type Relationship } from '../relationships/index.ts';
import type { FeePayment } from './accrual.ts';
import { addMonths } from '../platform/calendar-days.ts';

/** A payment that earns, with everything that makes it so. */
export interface Earning {
  readonly payment: FeePayment;
  readonly agreement: AgreementVersion;
  readonly terms: FeeTerms;
  /** Payment less tax: above nothing. */
  readonly baseMinor: bigint;
  readonly settledOn: string;
  /** The local day of the payment that activated the relationship. */
  readonly startedOn: string;
  /** The first local day that earns no more; null: without end. */
  readonly endsOn: string | null;
}

/**
 * Whether a payment earns: the relationship was active when it settled, the agreement version in
 * force on its local day speaks of fees and covers its service, its base is above nothing, and its
 * day lies before the end of the duration. All days are those of the version's own zone.
 */
export function earningOf(
  payment: FeePayment,
  world: {
    readonly relationships: readonly Relationship[];
    /** By version, ascending. */
    readonly agreements: readonly AgreementVersion[];
    readonly serviceKeys: ReadonlyMap<ServiceId, string>;
  },
): Earning | undefined {
  const activatedAt = firstActive(world.relationships, payment.settledAt)?.activatedAt;
  const agreement = agreementInForce(world.agreements, payment.settledAt);
  const terms = agreement?.terms.fee;
  const baseMinor = payment.amountMinor - payment.taxMinor;
  if (!activatedAt || !agreement || !terms || baseMinor <= 0n) return undefined;
  const serviceKey = world.serviceKeys.get(payment.serviceId);
  if (serviceKey === undefined || !serviceIsCovered(agreement.terms, serviceKey)) return undefined;
  const { timeZone } = agreement.terms;
  const settledOn = localDay(payment.settledAt, timeZone);
  const startedOn = localDay(activatedAt, timeZone);
  const { durationMonths } = terms;
  const endsOn = durationMonths === undefined ? null : addMonths(startedOn, durationMonths);
  if (endsOn !== null && settledOn >= endsOn) return undefined;
  return { payment, agreement, terms, baseMinor, settledOn, startedOn, endsOn };
}

/** A payment earns once, by the earliest of the relationships that were active. */
function firstActive(relationships: readonly Relationship[], at: Date): Relationship | undefined {
  return relationships
    .filter((relationship) => wasActive(relationship, at))
    .sort(
      (a, b) => a.attributedAt.getTime() - b.attributedAt.getTime() || (a.id < b.id ? -1 : 1),
    )[0];
}
