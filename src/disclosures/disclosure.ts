import type { EpochChanged, PageFilters } from '../logs/index.ts';
import type { RefusalKind } from '../platform/refusal.ts';

/** One record as it was shown, and whose it is. */
export interface DisclosedSubject {
  /** The customer's small number in this recipient's log (`numberSubjects`). */
  readonly number: number;
  /** The customer's pairwise id for this recipient. */
  readonly pairwiseId: string;
  /** The record's bytes as sent. */
  readonly record: Buffer;
}

/** One act of showing data: what left, to whom, on which ground. */
export interface Disclosure {
  readonly recipientId: string;
  /** The epoch that was read in the same snapshot as the decision and the data. */
  readonly epoch: bigint;
  /** The partner's key. */
  readonly recipient: string;
  readonly channel: string;
  readonly client: string;
  /** The token's id, never its secret. */
  readonly token: string;
  readonly purposes: readonly string[];
  readonly agreement: { readonly id: string; readonly version: number };
  readonly view: { readonly id: string; readonly version: number; readonly digest: string };
  /** The names that were asked for; null is the whole view. */
  readonly fields: readonly string[] | null;
  readonly policy: { readonly version: string; readonly promises: readonly string[] };
  readonly recordType: string;
  readonly classes: readonly string[];
  /** One for each record in the body, in any order. */
  readonly subjects: readonly DisclosedSubject[];
  /** What a page was narrowed to: kept beside the entry, to make the page again. */
  readonly filters?: PageFilters | undefined;
  /** The bytes that will be sent. */
  readonly body: Buffer;
}

/** What became of a disclosure: in the log for good, or refused because rights were taken away. */
export type Appended =
  | {
      readonly appended: true;
      /** "dis_…": the entry's id. */
      readonly id: string;
      /** Salt 0 in base64url: it opens the entry's payload hash. */
      readonly salt: string;
      readonly index: number;
    }
  | EpochChanged;

export const UnknownDisclosure = {
  code: 'unknown-disclosure',
  status: 404,
  title: 'There is no disclosure with this id.',
} as const satisfies RefusalKind;
