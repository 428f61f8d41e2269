import { serviceIsCovered, type AgreementVersion, type FeeTerms } from '../agreements/index.ts';
import { addMonths } from '../platform/calendar-days.ts';
import { groupBy } from '../platform/group.ts';
import { startOfLocalDay } from '../platform/local-days.ts';
import type { RecordId, ServiceId } from '../records/index.ts';
import { wasActive, type Relationship } from '../relationships/index.ts';
import type { Earning } from './earning-rules.ts';
import { exactFee, graduatedFee, roundExact, tierAt, tiersOf, type Tier } from './fee-rules.ts';

/** How the fee of a payment comes about, before caps: what its explanation reads. */
export type Basis =
  | { readonly by: 'percent'; readonly ratePercent: string; readonly exact: bigint }
  | ({ readonly by: 'level'; readonly ratePercent: string; readonly exact: bigint } & Running)
  | { readonly by: 'flat' }
  | {
      readonly by: 'threshold';
      readonly reachedMinor: bigint;
      readonly thresholdMinor: bigint;
    }
  | ({ readonly by: 'graduated' } & Running & RunningBase)
  | ({
      readonly by: 'volume';
      readonly tier: Tier;
      /** The month's base, or the relationships active at the month's end. */
      readonly measure: bigint;
    } & Running &
      RunningBase);

/** Exact fees added up to before a payment and with it. */
interface Running {
  readonly exactBefore: bigint;
  readonly exactAfter: bigint;
}
/** The month's base before a payment and with it. */
interface RunningBase {
  readonly baseBefore: bigint;
  readonly baseAfter: bigint;
}

/** What a payment earns before caps; never below nothing. */
export interface Nominal {
  readonly feeMinor: bigint;
  readonly basis: Basis;
}

/** What active relationships are counted among. */
export interface CountedWorld {
  readonly relationships: readonly Relationship[];
  readonly serviceKeys: ReadonlyMap<ServiceId, string>;
}

/**
 * What each payment earns before caps, by its id: refunds change none of it. `earnings` come in the
 * order (settledAt, id); payments in currencies that are not agreed, and those that terms for first
 * payments or thresholds leave out, have none.
 */
export function nominalFees(
  earnings: readonly Earning[],
  world: CountedWorld,
): Map<RecordId, Nominal> {
  const found = new Map<RecordId, Nominal>();
  const eligible = earnings.filter((one) => one.isAgreed && isCandidate(one));
  for (const group of groupBy(eligible, groupOf).values()) {
    const nominal = runningFee(group, world);
    for (const earning of group) {
      const fee = nominal(earning);
      if (fee) found.set(earning.payment.recordId, fee);
    }
  }
  return found;
}

/** Whether a payment is one of those that its terms look at. */
export function isCandidate({ terms, isFirst }: Earning): boolean {
  if (terms.kind === 'percent') return isFirst || terms.of !== 'first-payment';
  const per = terms.flat?.per;
  return isFirst || (per !== 'activation' && per !== 'first-payment');
}

/** Whether a fee depends on payments of other customers of the partner. */
export function countsWholePartner({ kind, roundingLevel, capPerPeriod }: FeeTerms): boolean {
  return kind === 'tiers' || roundingLevel === 'partner-month' || capPerPeriod !== undefined;
}

/** Payments whose exact fees are added before they are rounded. */
function groupOf({ agreement, terms, payment, month }: Earning): string {
  const version = String(agreement.version);
  if (terms.kind === 'tiers' || terms.roundingLevel === 'partner-month') {
    return `${version} ${month} ${payment.currency}`;
  }
  if (terms.roundingLevel === 'customer-month') {
    return `${version} ${month} ${payment.currency} ${payment.customerId}`;
  }
  return payment.recordId;
}

/** The fee of each payment of a group, asked for in their order. */
function runningFee(
  group: readonly Earning[],
  world: CountedWorld,
): (earning: Earning) => Nominal | undefined {
  const [first] = group;
  if (!first) return () => undefined;
  if (first.terms.kind === 'flat') return flatFee;
  if (first.terms.kind === 'tiers') return tieredFee(group, first, world);
  let exactBefore = 0n;
  return ({ baseMinor, terms, serviceKey, rounding }) => {
    const ratePercent = terms.serviceRates?.[serviceKey] ?? terms.ratePercent ?? '0';
    const exact = exactFee(baseMinor, ratePercent);
    const level = terms.roundingLevel ?? 'payment';
    if (level === 'payment') {
      const feeMinor = roundExact(exact, rounding);
      return { feeMinor, basis: { by: 'percent', ratePercent, exact } };
    }
    const running = { exactBefore, exactAfter: exactBefore + exact };
    exactBefore = running.exactAfter;
    const feeMinor = difference(running, { rounding });
    return { feeMinor, basis: { by: 'level', ratePercent, exact, ...running } };
  };
}

function flatFee({ terms, payment }: Earning): Nominal | undefined {
  const amount = terms.flat?.amounts[payment.currency];
  if (amount === undefined || terms.flat?.per === 'threshold') return undefined;
  return { feeMinor: BigInt(amount), basis: { by: 'flat' } };
}

function tieredFee(
  group: readonly Earning[],
  first: Earning,
  world: CountedWorld,
): (earning: Earning) => Nominal {
  const { terms, payment } = first;
  const tiers = tiersOf(terms, payment.currency);
  const total = group.reduce((sum, { baseMinor }) => sum + baseMinor, 0n);
  const measure = terms.tiers?.by === 'active-relationships' ? activeAtEnd(first, world) : total;
  const tier = tierAt(measure, tiers);
  const isGraduated = terms.tiers?.mode === 'graduated';
  const feeOf = (base: bigint) =>
    isGraduated ? graduatedFee(base, tiers) : exactFee(base, tier.ratePercent);
  let baseBefore = 0n;
  return (earning) => {
    const baseAfter = baseBefore + earning.baseMinor;
    const running = {
      ...{ baseBefore, baseAfter },
      ...{ exactBefore: feeOf(baseBefore), exactAfter: feeOf(baseAfter) },
    };
    baseBefore = baseAfter;
    const feeMinor = difference(running, earning);
    return isGraduated
      ? { feeMinor, basis: { by: 'graduated', ...running } }
      : { feeMinor, basis: { by: 'volume', tier, measure, ...running } };
  };
}

function difference({ exactBefore, exactAfter }: Running, { rounding }: Pick<Earning, 'rounding'>) {
  return roundExact(exactAfter, rounding) - roundExact(exactBefore, rounding);
}

/** The relationships of covered services that were active in the last moment of the month. */
function activeAtEnd(
  { agreement, month }: { agreement: AgreementVersion; month: string },
  { relationships, serviceKeys }: CountedWorld,
): bigint {
  const { terms } = agreement;
  const next = startOfLocalDay(addMonths(`${month}-01`, 1), terms.timeZone);
  const last = new Date(next.getTime() - 1);
  const active = relationships.filter((one) => {
    const key = serviceKeys.get(one.serviceId);
    return key !== undefined && serviceIsCovered(terms, key) && wasActive(one, last);
  });
  return BigInt(active.length);
}
