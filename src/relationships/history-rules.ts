import {
  isOpenAt,
  standingOf,
  stateAfter,
  type RelationshipState,
  type Standing,
} from './relationship-rules.ts';
import type { RelationshipEvent } from './relationship.ts';

/** How a relationship stood at a moment. */
export interface PastState extends Pick<
  RelationshipState,
  'attributedAt' | 'activatedAt' | 'endedAt'
> {
  readonly standing: Standing;
  /** Whether what is dated at that moment lies in the record interval. */
  readonly isOpen: boolean;
}

/**
 * How a relationship stood at a moment, by what had been booked at another: what was booked later,
 * even of an earlier moment, was not known then. `events` come in the order of booking. Undefined
 * where it had not begun by then, or nobody knew of it.
 */
export function stateAsOf(
  events: readonly RelationshipEvent[],
  { at, knownAt }: { at: Date; knownAt: Date },
): PastState | undefined {
  const known = events.filter(({ bookedAt }) => bookedAt <= knownAt);
  if (known.length === 0) return undefined;
  const { attributedAt, activatedAt, endedAt, openParts } = stateAfter(known);
  if (attributedAt > at) return undefined;
  const past = (moment: Date | null) => (moment !== null && moment <= at ? moment : null);
  const then = { attributedAt, activatedAt: past(activatedAt), endedAt: past(endedAt) };
  const happened = known.filter((one) => past(one.at) !== null);
  return { ...then, standing: standingOf(then, happened), isOpen: isOpenAt(openParts, at) };
}
