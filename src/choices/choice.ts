import type { PartnerId } from '../partners/index.ts';
import type { RefusalKind } from '../platform/refusal.ts';
import type { CustomerId } from '../records/index.ts';

export const sharings = ['refused', 'allowed'] as const;
export type Sharing = (typeof sharings)[number];

/** What a customer said of the sharing of its data; of each scope the last one stands. */
export interface Choice {
  readonly customerId: CustomerId;
  /** Its place among the customer's choices, from 1. */
  readonly sequence: number;
  /** Null: it is said of all partners. */
  readonly partnerId: PartnerId | null;
  readonly sharing: Sharing;
  /** When it holds. */
  readonly at: Date;
  readonly evidence: string;
  readonly actor: string;
  readonly bookedAt: Date;
}

/** What stands of one scope. */
export interface StandingChoice {
  /** The partner's key; null for all partners. */
  readonly partner: string | null;
  /** What the customer said last of this scope; null where it said nothing. */
  readonly choice: Sharing | null;
  /** What holds, whichever scope decides. */
  readonly sharing: Sharing;
}

/** One choice of the history, with the partner's key. */
export type ToldChoice = Omit<Choice, 'customerId' | 'partnerId'> & {
  readonly partner: string | null;
};

export function isSharing(text: string): text is Sharing {
  return (sharings as readonly string[]).includes(text);
}

export const InvalidChoice = {
  code: 'invalid-choice',
  status: 422,
  title: 'This choice cannot be booked.',
} as const satisfies RefusalKind;
