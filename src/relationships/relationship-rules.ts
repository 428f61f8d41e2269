import type { OpenPart, Relationship, RelationshipEvent } from './relationship.ts';

/** What a relationship's events add up to. */
export type RelationshipState = Pick<
  Relationship,
  'attributedAt' | 'activatedAt' | 'endedAt' | 'openParts' | 'isActive'
>;

const closing = {
  suspended: 'resumed',
  disconnected: 'connected',
  'opted-out': 'opted-in',
  'sharing-refused': 'sharing-allowed',
} as const;
type Closing = keyof typeof closing;

/** How a relationship stands. */
export type Standing =
  | 'waiting for a payment'
  | 'active'
  | 'sharing refused'
  | 'opted out'
  | 'suspended'
  | 'disconnected'
  | 'ended';

/**
 * Adds up the events of one relationship in the order in which they were booked. The interval
 * opens with the attribution or the first connection and is closed while the relationship is
 * suspended, disconnected, opted out or refused by the customer's choice, and for good when it ends
 * (policy: the interval). A refusal that became known late closes from its own moment on.
 */
export function stateAfter(events: readonly RelationshipEvent[]): RelationshipState {
  let activatedAt: Date | null = null;
  let endedAt: Date | null = null;
  const parts: OpenPart[] = [];
  const closedBy = new Set<string>();
  for (const { event, at } of events) {
    if (event === 'activated') {
      activatedAt = at;
      continue;
    }
    if (at === null) throw new RangeError(`An event ${event} has a moment.`);
    if (event === 'ended') endedAt = at;
    if (event === 'ended' || event in closing) closeFrom(parts, at);
    if (event in closing) closedBy.add(closing[event as keyof typeof closing]);
    else closedBy.delete(event);
    if (endedAt === null && closedBy.size === 0 && parts.at(-1)?.until !== null) {
      parts.push({ from: at, until: null });
    }
  }
  const first = parts[0];
  if (!first) throw new RangeError('A relationship begins with an attribution or a connection.');
  const isOpen = parts.at(-1)?.until === null;
  return {
    attributedAt: first.from,
    activatedAt,
    endedAt,
    openParts: parts.filter(({ from, until }) => until === null || until > from),
    isActive: activatedAt !== null && endedAt === null && isOpen,
  };
}

/** Nothing is open from this moment on. What began later keeps its place, as nothing. */
function closeFrom(parts: OpenPart[], at: Date): void {
  for (const [place, { from, until }] of parts.entries()) {
    if (until === null || until > at) parts[place] = { from, until: at };
  }
}

/** Whether a moment lies in an open part. */
export function isOpenAt(parts: readonly OpenPart[], at: Date): boolean {
  return parts.some(({ from, until }) => from <= at && (until === null || at < until));
}

/** Whether the relationship was active at a moment; the payment that activates it is included. */
export function wasActive(
  { activatedAt, openParts }: Pick<Relationship, 'activatedAt' | 'openParts'>,
  at: Date,
): boolean {
  return activatedAt !== null && activatedAt <= at && isOpenAt(openParts, at);
}

/** A relationship of the same customer and service, with what was booked of it. */
export interface EarlierRelationship {
  readonly relationship: Pick<Relationship, 'partnerId' | 'kind' | 'endedAt'>;
  readonly booked: readonly RelationshipEvent[];
}

/**
 * Why a relationship cannot open at a moment; undefined when it can. What was closed stays closed:
 * it begins after the last event of the partner's own earlier one, a referral after the end of any
 * other, and a customer who opted out of sharing with the partner opts in first.
 */
export function objectionToOpening(
  opening: { at: Date } & Pick<Relationship, 'partnerId' | 'kind'>,
  earlier: readonly EarlierRelationship[],
): string | undefined {
  for (const { relationship, booked } of earlier) {
    const isOwn = relationship.partnerId === opening.partnerId;
    const isRival = relationship.kind === 'referral' && opening.kind === 'referral';
    const { endedAt } = relationship;
    if ((isOwn || isRival) && endedAt && opening.at < endedAt) {
      return 'It cannot begin before an earlier one has ended.';
    }
    const choice = booked.findLast(({ event }) => event === 'opted-out' || event === 'opted-in');
    if (isOwn && choice?.event === 'opted-out') {
      return 'The customer has opted out of sharing with this partner.';
    }
  }
  return undefined;
}

/** What activation looks at in a payment. */
export interface SettledPayment {
  readonly recordId: string;
  readonly settledAt: Date;
  readonly amountMinor: bigint;
}

/** The payment that makes the customer a paying one: the first above nothing inside the interval. */
export function activatingPayment(
  parts: readonly OpenPart[],
  payments: readonly SettledPayment[],
): SettledPayment | undefined {
  return payments
    .filter(({ amountMinor, settledAt }) => amountMinor > 0n && isOpenAt(parts, settledAt))
    .sort(
      (a, b) => a.settledAt.getTime() - b.settledAt.getTime() || (a.recordId < b.recordId ? -1 : 1),
    )[0];
}

/** Why an event cannot follow what was booked; undefined when it can. */
export function objectionTo(
  { event, at, bookedAt }: RelationshipEvent,
  relationship: Relationship,
  booked: readonly RelationshipEvent[],
): string | undefined {
  if (at === null) return 'An event has a moment.';
  if (at > bookedAt) return 'An event cannot be booked before it happens.';
  if (relationship.endedAt) return 'The relationship has ended.';
  const last = lastMoment(booked);
  if (last && at < last) return 'It cannot come before what was booked last.';
  const connecting = event === 'connected' || event === 'disconnected';
  if (connecting && relationship.kind === 'referral') {
    return 'A referral relationship is not connected.';
  }
  if (event === 'attributed' || event === 'activated') return 'It is booked by the gateway itself.';
  if (event === 'sharing-refused' || event === 'sharing-allowed') {
    return 'It is booked with the customer’s choice.';
  }
  return event === 'ended' || changesAnything(event, booked) ? undefined : already[event];
}

/**
 * What a customer's choice books on a relationship, given whether its choices now let it be shared
 * with the partner; undefined where nothing changes. A refusal closes from its own moment on, also
 * what was booked since; what is allowed again opens after all that was booked.
 */
export function eventOfChoice(
  { at, evidence, actor, bookedAt }: Omit<RelationshipEvent, 'event'> & { readonly at: Date },
  mayShare: boolean,
  booked: readonly RelationshipEvent[],
): RelationshipEvent | undefined {
  const isRefused = closingReasons(booked).has('sharing-refused');
  if (mayShare !== isRefused) return undefined;
  if (!mayShare) return { event: 'sharing-refused', at, evidence, actor, bookedAt };
  const last = lastMoment(booked);
  const opensAt = last && at < last ? last : at;
  return { event: 'sharing-allowed', at: opensAt, evidence, actor, bookedAt };
}

/** The latest moment of what was booked, activations aside. */
function lastMoment(booked: readonly RelationshipEvent[]): Date | undefined {
  const moments = booked.flatMap(({ event, at }) => (event === 'activated' || !at ? [] : [at]));
  return moments.reduce<Date | undefined>((last, at) => (last && last > at ? last : at), undefined);
}

const already = {
  suspended: 'The relationship is suspended already.',
  resumed: 'The relationship is not suspended.',
  disconnected: 'The customer is disconnected already.',
  connected: 'The customer is connected already.',
  'opted-out': 'The customer has opted out already.',
  'opted-in': 'The customer has not opted out.',
} as const;

/** What is closed can be opened, and what is open closed; anything else was done already. */
function changesAnything(
  event: keyof typeof already,
  booked: readonly RelationshipEvent[],
): boolean {
  const reasons = closingReasons(booked);
  return isClosing(event)
    ? !reasons.has(event)
    : [...reasons].some((reason) => closing[reason] === event);
}

/** What keeps a relationship closed after these events. */
function closingReasons(booked: readonly RelationshipEvent[]): Set<Closing> {
  const reasons = new Set<Closing>();
  for (const { event } of booked) {
    if (isClosing(event)) reasons.add(event);
    else for (const reason of reasons) if (closing[reason] === event) reasons.delete(reason);
  }
  return reasons;
}

function isClosing(event: string): event is Closing {
  return event in closing;
}

/** How a relationship stands, in a word for people: the customer's own choice comes first. */
export function standingOf(
  { activatedAt, endedAt }: Pick<Relationship, 'activatedAt' | 'endedAt'>,
  booked: readonly RelationshipEvent[],
): Standing {
  if (endedAt) return 'ended';
  const reasons = closingReasons(booked);
  if (reasons.has('sharing-refused')) return 'sharing refused';
  if (reasons.has('opted-out')) return 'opted out';
  if (reasons.has('suspended')) return 'suspended';
  if (reasons.has('disconnected')) return 'disconnected';
  return activatedAt ? 'active' : 'waiting for a payment';
}
