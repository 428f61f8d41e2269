import type { RefusalKind } from '../platform/refusal.ts';

export const CustomerShared = {
  code: 'customer-shared',
  status: 409,
  title:
    'The customer is still shared with a partner: refuse sharing for it (choice set --all --sharing refused), or end its relationships, first.',
} as const satisfies RefusalKind;

export const AccountingUnavailable = {
  code: 'accounting-unavailable',
  status: 503,
  title: 'A log has not got its daily digests: no accounting can be shown to be complete.',
} as const satisfies RefusalKind;

/** What an entry of a log says of its disclosure, as far as the person it shows is told. */
export interface EntryText {
  readonly at: string;
  readonly channel: string;
  readonly classes: readonly string[];
  readonly fields: readonly string[] | null;
  readonly policy: { readonly version: string; readonly promises: readonly string[] };
  readonly purpose: readonly string[];
  readonly recipient: string;
  readonly recordType: string;
}

/** One record of a person in one disclosure. */
export interface DisclosedRecord {
  /** Its place in the entry's list of records, from 0. */
  readonly place: number;
  /** Base64url: the hash of its leaf. */
  readonly hash: string;
  /** The source's key; null where no version that is still held is the one that was sent. */
  readonly key: string | null;
}
