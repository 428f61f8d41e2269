import { agreementsAsReadAt, agreementsKnownAt } from '../agreements/index.ts';
import { type Partner, type PartnerEvent } from '../partners/index.ts';
import { asReadAt, type PolicyVersion } from '../policy/index.ts';
import {
  stateAfter,
  type Relationship,
  type RelationshipEvent,
  type RelationshipId,
} from '../relationships/index.ts';
import type { Grant } from '../sharing/index.ts';
import { viewsAsReadAt, type View } from '../views/index.ts';

/** A relationship as it stood at a moment, with what was booked of it by then. */
export interface KnownRelationship {
  readonly relationship: Relationship;
  readonly booked: readonly RelationshipEvent[];
}

/** A partner as it stood at a moment; undefined: it was none yet. */
export function partnerKnownAt(
  partner: Partner,
  events: readonly PartnerEvent[],
  moment: Date,
): Partner | undefined {
  const last = events.findLast(({ bookedAt }) => bookedAt <= moment);
  return last && { ...partner, status: last.status };
}

/** Relationships as what was booked by a moment adds up; one that was not booked yet is none. */
export function relationshipsKnownAt(
  relationships: readonly Relationship[],
  events: ReadonlyMap<RelationshipId, readonly RelationshipEvent[]>,
  moment: Date,
): KnownRelationship[] {
  return relationships.flatMap((relationship) => {
    const booked = (events.get(relationship.id) ?? []).filter((one) => one.bookedAt <= moment);
    if (booked.length === 0) return [];
    return [{ relationship: { ...relationship, ...stateAfter(booked) }, booked }];
  });
}

/**
 * What bore on a partner's decisions at a moment; undefined: it was no partner yet. `views` are those
 * known then; `now` is the present, in which all that is stored is known, as it is at the door.
 */
export function grantKnownAt(
  facts: Pick<Grant, 'partner' | 'agreements' | 'views'> & {
    readonly events: readonly PartnerEvent[];
    readonly policies: readonly PolicyVersion[];
    readonly views: readonly View[];
  },
  { moment, now }: { moment: Date; now: Date },
): Grant | undefined {
  if (moment >= now) {
    return {
      epoch: 0n,
      partner: facts.partner,
      policies: asReadAt(facts.policies, moment),
      agreements: agreementsAsReadAt(facts.agreements, moment),
      views: viewsAsReadAt(facts.views, moment),
    };
  }
  const partner = partnerKnownAt(facts.partner, facts.events, moment);
  return (
    partner && {
      epoch: 0n,
      partner,
      policies: facts.policies,
      agreements: agreementsKnownAt(facts.agreements, moment),
      views: facts.views,
    }
  );
}
