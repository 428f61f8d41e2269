import type { AgreementTerms } from '../agreements/index.ts';
import { isServedFrom } from '../clients/index.ts';
import { scopes, type Purpose, type Scope, type TokenFacts, type TokenUse } from './token.ts';

/** What a token counts for at a moment: nothing outlives its client, its partner or its time. */
export function standingOf(
  { isRevoked, expiresAt, partnerStatus, x5t, certificateUntil }: TokenFacts,
  now: Date,
): 'live' | 'invalid' | 'suspended' {
  if (isRevoked || expiresAt <= now) return 'invalid';
  if (x5t !== null && (certificateUntil === null || certificateUntil <= now)) return 'invalid';
  if (partnerStatus === 'active') return 'live';
  return partnerStatus === 'suspended' ? 'suspended' : 'invalid';
}

/**
 * Whether a token is used as it may be: with a proof of the key, and with the very certificate, that
 * it is bound to, and from where its client is served.
 */
export function isRightlyUsed({ jkt, x5t, networks }: TokenFacts, use: TokenUse): boolean {
  const hasProof = jkt === (use.jkt ?? null);
  const hasCertificate = x5t === null || x5t === use.peer?.certificate;
  return hasProof && hasCertificate && isServedFrom(networks, use.peer?.address ?? '');
}

export type Grant =
  | { readonly granted: true; scopes: readonly Scope[]; purposes: readonly Purpose[] }
  | { readonly granted: false; readonly error: OauthError; readonly description: string };

type OauthError = 'invalid_scope' | 'unauthorized_client';

/**
 * What a token may carry, once the partner accepted the terms of service in force (P04): everything
 * the agreement in force names, or the part of it that was asked for. Asking for more is refused, never cut down, so that a client learns that it is wrong.
 */
export function decideGrant(
  terms: AgreementTerms | undefined,
  acceptance: { readonly version: string; readonly isAccepted: boolean } | undefined,
  asked: { readonly scope?: string | undefined; readonly purpose?: string | undefined },
): Grant {
  if (!acceptance) return refused('unauthorized_client', 'No terms of service are in force (P04).');
  if (!acceptance.isAccepted) {
    const description = `The partner has not accepted the terms in force, version ${acceptance.version} (P04).`;
    return refused('unauthorized_client', description);
  }
  if (!terms) return refused('unauthorized_client', 'No agreement is in force.');
  const askedScopes = namesIn(asked.scope);
  const askedPurposes = namesIn(asked.purpose);
  if (!askedScopes) return refused('invalid_scope', 'scope must be names parted by one space.');
  if (!askedPurposes) return refused('invalid_scope', 'purpose must be names parted by one space.');
  if (askedPurposes.includes('marketing')) {
    return refused('invalid_scope', 'No purpose marketing exists for partners (P08).');
  }
  const allowed = scopes.filter((scope) => isAgreed(terms, scope));
  if (!isWithin(askedScopes, allowed) || !isWithin(askedPurposes, terms.purposes)) {
    return refused('invalid_scope', 'The agreement in force does not name all that was asked for.');
  }
  return {
    granted: true,
    scopes: narrowed(allowed, askedScopes),
    purposes: narrowed(terms.purposes, askedPurposes),
  };
}

function isAgreed(terms: AgreementTerms, scope: Scope): boolean {
  return scope === 'fees' ? terms.fee !== undefined : terms.classes.includes(scope);
}

/** The names in a list (RFC 6749, section 3.3); none where it is absent; undefined where malformed. */
function namesIn(list: string | undefined): readonly string[] | undefined {
  if (list === undefined) return [];
  const isList = /^[\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*$/.test(list);
  return isList ? list.split(' ') : undefined;
}

function isWithin(asked: readonly string[], allowed: readonly string[]): boolean {
  return asked.every((name) => allowed.includes(name));
}

function narrowed<Name extends string>(allowed: readonly Name[], asked: readonly string[]) {
  return asked.length === 0 ? allowed : allowed.filter((name) => asked.includes(name));
}

function refused(error: OauthError, description: string): Grant {
  return { granted: false, error, description };
}
