import type { PartnerId } from '../partners/index.ts';
import type { RefusalKind } from '../platform/refusal.ts';
import type { PromiseId } from '../policy/index.ts';
import type { ViewDocument } from '../projection/index.ts';

/** What a partner may see: for each record type a closed JSON Schema of the fields that are shown. */
export interface View {
  readonly partnerId: PartnerId;
  readonly version: number;
  readonly document: ViewDocument;
  /** SHA-256 of the document's canonical JSON, hexadecimal. */
  readonly digest: string;
  readonly publishedAt: Date;
  /** From when on it is served. */
  readonly effectiveAt: Date;
  /** Who published it. */
  readonly actor: string;
  /** When it was decided to be over; null: when its successor takes effect. */
  readonly retirement: Retirement | null;
}

export interface Retirement {
  readonly retiresAt: Date;
  /** Since when that is known. */
  readonly decidedAt: Date;
}

/**
 * Where a version stands: published and waiting to take effect, in force, still served while its
 * partner moves to the next, over, or taken back before it took effect.
 */
export type ViewStage = 'waiting' | 'in force' | 'being retired' | 'retired' | 'withdrawn';

/** What is wrong with a view: the place (a JSON Pointer), why, and the promise it would break. */
export interface ViewProblem {
  readonly field: string;
  readonly detail: string;
  readonly promise?: PromiseId;
}

export const UnknownView = {
  code: 'unknown-view',
  status: 404,
  title: 'The partner has no such version of a view.',
} as const satisfies RefusalKind;

export const InvalidView = {
  code: 'invalid-view',
  status: 422,
  title: 'The view cannot be published.',
} as const satisfies RefusalKind;
