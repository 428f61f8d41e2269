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
  readonly secret: Buffer;
}

/** The same as the database has it: nulls where the entry is detached, and in the archive alone. */
export interface StoredEntry extends Pick<LoggedEntry, 'index' | 'secret'> {
  readonly entryId: string | null;
  readonly entry: string | null;
  readonly leafHash: Buffer | null;
}

/** An entry with everything that is kept beside it. */
export interface LoggedEvidence extends Pick<LoggedEntry, 'index' | 'entry' | 'secret'> {
  readonly leafHashes: Buffer;
  readonly numbers: Buffer;
  readonly filters: PageFilters | null;
}

/** The same as the database has it; null: the entry is detached. */
export interface StoredEvidence extends Omit<LoggedEvidence, 'entry'> {
  readonly entry: string | null;
}

/** What became of an entry: in its log for good, or refused because rights were taken away. */
export type Written = { readonly appended: true; readonly index: number } | EpochChanged;

export interface EpochChanged {
  readonly appended: false;
  readonly because: 'epoch-changed';
}
