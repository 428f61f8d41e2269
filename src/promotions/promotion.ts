import type { PartnerId } from '../partners/index.ts';
import type { RefusalKind } from '../platform/refusal.ts';
import type { ServiceId } from '../records/index.ts';

export type PromotionId = string & { readonly is: 'PromotionId' };

/** A link of a partner, for a time. */
export interface Promotion {
  readonly id: PromotionId;
  readonly partnerId: PartnerId;
  /** What stands in the link: lower case letters, digits and hyphens; unique for good. */
  readonly code: string;
  /** The service of which sign-ups count; null: any. */
  readonly serviceId: ServiceId | null;
  /** Where it leads: an https address of one of the operator's own origins. */
  readonly landing: string;
  readonly from: Date;
  readonly until: Date | null;
}

/** Whether clicks at a moment count. */
export function isInForce({ from, until }: Pick<Promotion, 'from' | 'until'>, at: Date): boolean {
  return from <= at && (until === null || at < until);
}

/** The code that a link names, however it is written; undefined where none is of this form. */
export function codeOf(text: string): string | undefined {
  const code = text.toLowerCase();
  return /^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/.test(code) ? code : undefined;
}

export const InvalidPromotion = {
  code: 'invalid-promotion',
  status: 422,
  title: 'The promotion is not described as it must be.',
} as const satisfies RefusalKind;

export const PromotionExists = {
  code: 'promotion-exists',
  status: 409,
  title: 'A promotion has or had this code: codes are never given twice.',
} as const satisfies RefusalKind;

export const UnknownPromotion = {
  code: 'unknown-promotion',
  status: 404,
  title: 'There is no promotion with this code.',
} as const satisfies RefusalKind;

export const LandingNotAllowed = {
  code: 'landing-not-allowed',
  status: 400,
  title: 'Links lead to addresses of the operator’s own pages alone, and this is none.',
} as const satisfies RefusalKind;
