import type { PartnerId } from '../partners/index.ts';
import { isInForce, type Click, type Clicks, type Promotion } from '../promotions/index.ts';
import type { ServiceId } from '../records/index.ts';
import type {
  AttributionStatus,
  ClickFault,
  Evidence,
  Finding,
  Likeness,
  WeighedClick,
} from './attribution.ts';

/** Of the rules below: every attribution names the version that decided it. */
export const ruleVersion = 1;

/** Browsers that restore sessions keep their cookies for months; a click does not count so long. */
const longestClickDays = 30;

/** What the sign-up's request said of the session before it. */
export type Session =
  | { readonly is: 'privacy-control' | 'no-cookie' | 'unreadable-cookie' }
  | ({ readonly is: 'read' } & Clicks);

/** What is known when a sign-up is told. */
export interface SignUpFacts {
  readonly signedUpAt: Date;
  readonly serviceId: ServiceId;
  readonly session: Session;
  /** Those that were clicked. */
  readonly promotions: readonly Promotion[];
  readonly retired: ReadonlySet<PartnerId>;
  /** With whom the customer does not want to be shared. */
  readonly refused: ReadonlySet<PartnerId>;
  readonly likenesses: ReadonlyMap<PartnerId, Likeness>;
  readonly knownSince: Date | null;
  readonly firstPaidAt: Date | null;
  readonly firstRelatedAt: Date | null;
  /** A referral relationship for the service stands. */
  readonly isReferred: boolean;
}

export interface Decided {
  readonly status: AttributionStatus;
  readonly partnerId: PartnerId | null;
  readonly findings: readonly Finding[];
  readonly evidence: Evidence;
}

/**
 * Whose a sign-up is. The last click that counts says it; but where two partners claim it, where the
 * customer looks like the partner itself, or was a customer before the first click, it is held for a
 * person, and between two claimants alone the rules say whose it were.
 */
export function decideAttribution(facts: SignUpFacts): Decided {
  const { session, knownSince, firstPaidAt, firstRelatedAt } = facts;
  const nothing = { clicks: [], knownSince: null, firstPaidAt: null, firstRelatedAt: null };
  if (session.is !== 'read') {
    return { status: 'direct', partnerId: null, findings: [session.is], evidence: nothing };
  }
  const clicks = session.clicks.map((click) => weigh(click, facts));
  const evidence = { clicks, knownSince, firstPaidAt, firstRelatedAt };
  const last = clicks.filter(counts).sort(byLast).at(-1);
  if (!last) {
    const isRefused = clicks.some(({ fault }) => fault === 'opted-out');
    return isRefused
      ? { status: 'refused', partnerId: null, findings: ['opted-out'], evidence }
      : { status: 'direct', partnerId: null, findings: ['no-click-counts'], evidence };
  }
  const doubts = doubtsOf(clicks.filter(counts), facts, session.isCut);
  if (doubts.length === 0) {
    return { status: 'attributed', partnerId: last.partnerId, findings: [], evidence };
  }
  const isRace = doubts.every((one) => one === 'two-claimants');
  const partnerId = isRace ? last.partnerId : null;
  return { status: 'held', partnerId, findings: doubts, evidence };
}

type CountedClick = WeighedClick & { readonly partnerId: PartnerId };

function counts(click: WeighedClick): click is CountedClick {
  return click.fault === null && click.partnerId !== null;
}

function doubtsOf(clicks: readonly CountedClick[], facts: SignUpFacts, isCut: boolean): Finding[] {
  const firstAt = new Date(Math.min(...clicks.map((one) => one.firstAt.getTime())));
  const isBefore = (at: Date | null) => at !== null && at < firstAt;
  const { knownSince, firstPaidAt, firstRelatedAt, isReferred } = facts;
  const isExisting = [knownSince, firstPaidAt, firstRelatedAt].some(isBefore) || isReferred;
  const found: readonly (readonly [Finding, boolean])[] = [
    ['two-claimants', new Set(clicks.map(({ partnerId }) => partnerId)).size > 1],
    ['self-referral', clicks.some(({ likeness }) => likeness !== null)],
    ['existing-customer', isExisting],
    ['too-many-clicks', isCut],
  ];
  return found.flatMap(([finding, isFound]) => (isFound ? [finding] : []));
}

/** Which of a promotion's clicks count, and why none does. */
function weigh({ promotionId, firstAt, lastAt }: Click, facts: SignUpFacts): WeighedClick {
  const promotion = facts.promotions.find(({ id }) => id === promotionId);
  const partnerId = promotion?.partnerId ?? null;
  const likeness = (partnerId && facts.likenesses.get(partnerId)) ?? null;
  const told = { promotionId, partnerId, firstAt, lastAt, likeness };
  if (!promotion) return { ...told, fault: 'unknown-promotion' };
  const fault = faultOfPromotion(promotion, facts);
  if (fault) return { ...told, fault };
  const good = [firstAt, lastAt].filter((at) => faultOfMoment(promotion, at, facts) === null);
  const [from] = good;
  const to = good.at(-1);
  return from && to
    ? { ...told, firstAt: from, lastAt: to, fault: null }
    : { ...told, fault: faultOfMoment(promotion, lastAt, facts) };
}

function faultOfPromotion(
  { partnerId, serviceId }: Promotion,
  facts: SignUpFacts,
): ClickFault | null {
  if (serviceId !== null && serviceId !== facts.serviceId) return 'another-service';
  if (facts.retired.has(partnerId)) return 'partner-retired';
  return facts.refused.has(partnerId) ? 'opted-out' : null;
}

function faultOfMoment(
  promotion: Promotion,
  at: Date,
  { signedUpAt }: SignUpFacts,
): ClickFault | null {
  if (at > signedUpAt) return 'after-sign-up';
  if (signedUpAt.getTime() - at.getTime() > longestClickDays * 86_400_000) return 'too-old';
  return isInForce(promotion, at) ? null : 'not-in-force';
}

/** The last click last; of two at one moment, the one whose promotion came later. */
function byLast(one: WeighedClick, other: WeighedClick): number {
  const apart = one.lastAt.getTime() - other.lastAt.getTime();
  return apart || (one.promotionId < other.promotionId ? -1 : 1);
}

/** What becomes of an attribution that the ledger refuses: the customer's own word comes first. */
export function afterObjection(decided: Decided, promise: string | undefined): Decided {
  const { evidence } = decided;
  return promise === 'P32'
    ? { status: 'refused', partnerId: null, findings: ['opted-out'], evidence }
    : { status: 'held', partnerId: null, findings: ['relationship-refused'], evidence };
}
