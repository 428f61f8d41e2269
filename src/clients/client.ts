import { createHash } from 'node:crypto';
import type { PartnerId } from '../partners/index.ts';
import type { RefusalKind } from '../platform/refusal.ts';

/** How a client proves who it is (OpenID Connect Core, section 9; RFC 6749; RFC 7523; RFC 8705). */
export const authMethods = [
  'client_secret_basic',
  'private_key_jwt',
  'self_signed_tls_client_auth',
] as const;
export type AuthMethod = (typeof authMethods)[number];

/** Credentials of a partner's program. */
export interface Client {
  readonly clientId: string;
  readonly partnerId: PartnerId;
  readonly name: string;
  readonly status: 'active' | 'revoked';
  readonly authMethod: AuthMethod;
  /** Where it hosts its keys itself; null: they were given, or it has none. */
  readonly jwksUri: string | null;
  /** Whether it has made-up data alone, and never a real record. */
  readonly isSandbox: boolean;
  /** Whether its tokens are all bound to a key of its own (RFC 9449). */
  readonly isDpopRequired: boolean;
  /** From which it is served, its tokens included; null: from everywhere. */
  readonly networks: readonly string[] | null;
}

export const UnknownClient = {
  code: 'unknown-client',
  status: 404,
  title: 'There is no such client, or it is revoked.',
} as const satisfies RefusalKind;

export const InvalidClient = {
  code: 'invalid-client',
  status: 422,
  title: 'The client is not described as it must be.',
} as const satisfies RefusalKind;

/** Only the hash of a secret is ever stored: 256 random bits need no slower one. */
export function hashOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
