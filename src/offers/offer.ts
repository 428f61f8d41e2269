import type { Partner } from '../partners/index.ts';
import type { Role, StaffId } from '../people/index.ts';
import type { RefusalKind } from '../platform/refusal.ts';
import type { ViewDocument } from '../projection/index.ts';
import type { ComparedField, FieldChange } from '../views/index.ts';

/** One of these roles is needed to offer a view, and to decide about one. */
export const offerRoles = ['partner', 'privacy'] as const satisfies readonly Role[];

/** What the next version of a partner's view shall be, from when on, and who offers it. */
export interface Offer {
  readonly partner: Partner;
  readonly draft: unknown;
  /** From when on it is served; at once where nothing is said. */
  readonly effectiveAt?: Date | undefined;
  /** Until when the version before it stays served beside it; not at all where nothing is said. */
  readonly sunset?: Date | undefined;
  /** Undefined: whoever has the machine, without a personal key. */
  readonly by: StaffId | undefined;
  /** What whoever has the machine is called; a person is called by its id. */
  readonly actor?: string | undefined;
}

/** On what an offer was made, and its diff counted: versions, null for none. */
export interface OfferBase {
  /** The version that was published last. */
  readonly newest: number | null;
  /** The version that holds when all that is published has taken effect. */
  readonly latest: number | null;
  /** The version that was served. */
  readonly served: number | null;
  /** The version of the agreement that was in force. */
  readonly agreement: number | null;
  /** The version of the agreement that was published last: it may begin before the view does. */
  readonly newestAgreement: number | null;
  readonly policy: string;
}

/** What the proposal of a view is about. Moments are RFC 3339. */
export interface OfferedView {
  readonly partnerId: Partner['id'];
  readonly base: OfferBase;
  readonly draft: unknown;
  /** The draft spelt out as it was then: what is approved is what was looked at. */
  readonly document: ViewDocument;
  readonly effectiveAt: string | null;
  readonly sunset: string | null;
}

/** What an offer would change, for people to read: names, numbers and moments, no one's data. */
export interface OfferDiff {
  /** The partner's key. */
  readonly partner: string;
  /** The version that is served now. */
  readonly before: number | null;
  /** Whether it takes a second person. */
  readonly isWidening: boolean;
  readonly effectiveAt: string | null;
  readonly sunset: string | null;
  /** How many customers there are of whom something is gained, or lost. */
  readonly customersGaining: number;
  readonly customersLosing: number;
  /** The fields that are listed and were not in the last version, and the reverse. */
  readonly added: readonly ComparedField[];
  readonly removed: readonly ComparedField[];
  /** What that means for the records, were it in force now. */
  readonly changes: readonly FieldChange[];
}

export const PersonNeeded = {
  code: 'person-needed',
  status: 403,
  title: 'A view that shows more is proposed by one person, with its key, and approved by another.',
} as const satisfies RefusalKind;

export const ViewMoved = {
  code: 'view-moved',
  status: 409,
  title: 'The partner’s view has changed since: look at what the offer would change now.',
} as const satisfies RefusalKind;
