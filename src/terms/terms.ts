import type { RefusalKind } from '../platform/refusal.ts';

/** One version of the terms of service, in force from a moment until the next one's. */
export interface TermsVersion {
  readonly version: string;
  /** The terms themselves, plain text or Markdown. */
  readonly document: string;
  /** SHA-256 of the document's UTF-8 bytes, hexadecimal. */
  readonly digest: string;
  readonly effectiveAt: Date;
  readonly publishedAt: Date;
  readonly actor: string;
}

/** That a partner accepted a version: who said so for it, what shows it, and who wrote it down. */
export interface TermsAcceptance {
  readonly version: string;
  readonly acceptedBy: string;
  readonly evidence: string;
  readonly acceptedAt: Date;
  readonly actor: string;
}

export const UnknownTerms = {
  code: 'unknown-terms',
  status: 404,
  title: 'There is no such version of the terms.',
} as const satisfies RefusalKind;

export const InvalidTerms = {
  code: 'invalid-terms',
  status: 422,
  title: 'The terms are not described as they must be.',
} as const satisfies RefusalKind;

export const TermsAccepted = {
  code: 'terms-accepted',
  status: 409,
  title: 'The partner has accepted this version already.',
} as const satisfies RefusalKind;
