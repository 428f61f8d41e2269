import type { RefusalKind } from '../platform/refusal.ts';

/** The head log, the log of logs, is kept like a recipient's: of the recipient that nobody is. */
export const headLog = '00000000-0000-0000-0000-000000000000';

/** How far one recipient's log has come. */
export interface LogHead {
  readonly recipientId: string;
  readonly logId: string;
  /** The log's name in its checkpoints: host/log/id. */
  readonly origin: string;
  readonly size: number;
  readonly epoch: bigint;
  /** Roots of the complete subtrees along the right edge, the largest first. */
  readonly frontier: readonly Buffer[];
}

export const LogUnavailable = {
  code: 'log-unavailable',
  status: 503,
  title: 'The disclosure could not be logged for certain, so nothing was disclosed.',
} as const satisfies RefusalKind;

export const UnknownLog = {
  code: 'log-unknown',
  status: 404,
  title: 'This recipient has no disclosure log.',
} as const satisfies RefusalKind;

/** A fault: every recipient's log is opened with the recipient. */
export function noLog(recipientId: string): Error {
  return new Error(`There is no disclosure log of recipient ${recipientId}.`);
}

/** An entry ready to be written, and what is stored beside it. */
export interface ComposedEntry {
  readonly recipientId: string;
  /** The epoch in which it holds; null: in every one. */
  readonly epoch: bigint | null;
  readonly entryId: string;
  /** Canonical JSON (RFC 8785). */
  readonly text: string;
  readonly leafHash: Buffer;
  readonly secret: Buffer;
  /** 32 bytes for each subject, in the order of their numbers. */
  readonly leafHashes: Buffer;
  readonly numbers: Buffer;
  /** JSON, where the page was narrowed. */
  readonly filters: string | null;
}

/** What a page was narrowed to: a customer by its pairwise id, and dates. */
export interface PageFilters {
  readonly customer?: string;
  readonly from?: string;
  readonly to?: string;
}

/** An entry as the log holds it. */
export interface LoggedEntry {
  readonly index: number;
  readonly entryId: string;
  /** Canonical JSON: the bytes that were hashed. */
  readonly entry: string;
  readonly leafHash: Buffer;
  /** Null once somebody is erased from the entry; then the salts that are left of it are kept. */
  readonly secret: Buffer | null;
  /** 16 bytes for the body and for each leaf, zero where one is gone; null while there is a secret. */
  readonly salts: Buffer | null;
}

/** The same as the database has it: nulls where the entry is detached, and in the archive alone. */
export interface StoredEntry extends Pick<LoggedEntry, 'index' | 'secret' | 'salts'> {
  readonly entryId: string | null;
  readonly entry: string | null;
  readonly leafHash: Buffer | null;
}

/** Everything that is kept beside an entry. */
interface Beside {
  readonly leafHashes: Buffer;
  readonly numbers: Buffer;
  /** Places of leaves whose customers are erased: the numbers are those of the others. */
  readonly erased: Buffer | null;
  readonly filters: PageFilters | null;
}

/** An entry with everything that is kept beside it. */
export interface KeptEntry extends LoggedEntry, Beside {}

/** The same as the database has it. */
export interface StoredKeptEntry extends StoredEntry, Beside {}

/** What became of an entry: in its log for good, or refused because rights were taken away. */
export type Written = { readonly appended: true; readonly index: number } | EpochChanged;

export interface EpochChanged {
  readonly appended: false;
  readonly because: 'epoch-changed';
}
