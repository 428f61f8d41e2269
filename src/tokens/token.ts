import type { AgreementTerms } from '../agreements/index.ts';
import type { Partner, PartnerId, PartnerStatus } from '../partners/index.ts';
import type { RefusalKind } from '../platform/refusal.ts';

export type Purpose = AgreementTerms['purposes'][number];
export type Scope = AgreementTerms['classes'][number] | 'fees';

/** Every scope there is: one per class of data, and the fees. */
export const scopes = [
  'contact',
  'contact.email',
  'contact.additional',
  'account',
  'financial',
  'billing',
  'business',
  'fees',
] as const satisfies readonly Scope[];

/** Who calls: what a live token proves. */
export interface Caller {
  readonly partnerId: PartnerId;
  readonly partnerKey: string;
  readonly partnerName: string;
  readonly kind: Partner['kind'];
  readonly clientId: string;
  readonly tokenId: string;
  readonly scopes: readonly Scope[];
  readonly purposes: readonly Purpose[];
  /** Whether its client has made-up data alone. */
  readonly isSandbox?: boolean;
}

/** One token with what its standing depends on: its client's and its partner's. */
export interface TokenFacts {
  readonly caller: Caller;
  readonly issuedAt: Date;
  readonly expiresAt: Date;
  /** The token itself, or the client it was issued to. */
  readonly isRevoked: boolean;
  readonly partnerStatus: PartnerStatus;
  /** Thumbprint of the key that it is bound to (RFC 9449); null: whoever has it may use it. */
  readonly jkt: string | null;
  /** Thumbprint of the certificate that it is bound to (RFC 8705), and until when that counts. */
  readonly x5t: string | null;
  readonly certificateUntil: Date | null;
  /** From which its client is served; null: from everywhere. */
  readonly networks: readonly string[] | null;
}

/** What came with a token. */
export interface TokenUse {
  /** The connection's other end; undefined where nobody knows it. */
  readonly peer?:
    { readonly address: string; readonly certificate: string | undefined } | undefined;
  /** Thumbprint of the key whose proof came with it. */
  readonly jkt?: string | null;
}

/** Life of an opaque access token in its answer (RFC 6749, section 5.1). */
export interface IssuedToken {
  readonly secret: string;
  readonly tokenId: string;
  readonly expiresInSeconds: number;
  readonly scopes: readonly Scope[];
  readonly purposes: readonly Purpose[];
}

export const PartnerSuspended = {
  code: 'partner-suspended',
  status: 403,
  title: 'Sharing with this partner is suspended.',
} as const satisfies RefusalKind;
