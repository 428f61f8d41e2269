import { compactVerify, importJWK, type CompactJWSHeaderParameters } from 'jose';
import { readJws, type ReadJws } from '../platform/strict-jws.ts';
import type { ClientKey } from './key-rules.ts';

/** What an assertion says before it is verified: nothing to be relied on but where to look. */
export interface ClaimedAssertion extends ReadJws {
  readonly clientId: string;
}

/** An assertion that holds; it must not have been used before. */
export interface HeldAssertion {
  readonly jti: string;
  /** The key that signed it. */
  readonly jwk: ClientKey['jwk'];
  /** From then on it holds no more, used or not. */
  readonly expiresAt: Date;
}

/** Seconds by which a client's clock may be ahead (FAPI 2.0, section 5.3.2.1: at most 60). */
const aheadSeconds = 60;
/** Seconds that an assertion may have to live; one for longer is no proof of now. */
const lifeSeconds = 300;

/** Reads an assertion (`readJws`). Undefined where it is none, or names no client in `sub`. */
export function readAssertion(assertion: string): ClaimedAssertion | undefined {
  const read = readJws(assertion);
  const clientId = read?.claims['sub'];
  const isName = typeof clientId === 'string' && /^[\x21-\x7e]{1,200}$/.test(clientId);
  return read && isName ? { clientId, ...read } : undefined;
}

/** Why an assertion proves nothing: for the operator's log, never for who sent it. */
export type AssertionFault =
  | 'assertion-key-unknown'
  | 'assertion-signature-wrong'
  | 'assertion-issuer-or-audience-wrong'
  | 'assertion-typ-wrong'
  | 'assertion-jti-missing'
  | 'assertion-times-wrong';

/**
 * Whether an assertion proves its client (RFC 7523, section 3; FAPI 2.0, section 5.3.2.1): signed by
 * one of its live keys with ES256, PS256 or EdDSA, `iss` and `sub` the client, `aud` the issuer as a
 * string and nothing else, `exp` at most five minutes ahead, `iat` and `nbf` at most 60 s. Without keys
 * one is checked all the same: an unknown client costs as much.
 */
export async function verifyAssertion(
  assertion: string,
  { clientId, header, claims }: ClaimedAssertion,
  { keys, issuer, now }: { keys: readonly ClientKey[]; issuer: string; now: Date },
): Promise<HeldAssertion | AssertionFault> {
  const key = keyFor(header, keys);
  const isSigned = await isSignedBy(assertion, key ?? nobodysKey);
  if (!key) return 'assertion-key-unknown';
  if (!isSigned) return 'assertion-signature-wrong';
  const { iss, aud, jti } = claims;
  if (iss !== clientId || aud !== issuer) return 'assertion-issuer-or-audience-wrong';
  if (!isTypeOfAssertion(header['typ'])) return 'assertion-typ-wrong';
  const isNamed = typeof jti === 'string' && jti.length >= 1 && jti.length <= 200;
  if (!isNamed) return 'assertion-jti-missing';
  const expiresAt = expiryOf(claims, now.getTime() / 1000);
  return expiresAt ? { jti, jwk: key.jwk, expiresAt } : 'assertion-times-wrong';
}

/** The key that the header names; without a name the only one there is. */
function keyFor(
  { alg, kid }: Readonly<Record<string, unknown>>,
  keys: readonly ClientKey[],
): ClientKey | undefined {
  const named = kid === undefined ? keys : keys.filter(({ jwk }) => jwk.kid === kid);
  // A key without a name of its own answers to any.
  const candidates = named.length > 0 ? named : keys.filter(({ jwk }) => jwk.kid === undefined);
  const fitting = candidates.filter((key) => isAlgorithmOf(key, alg));
  return fitting.length === 1 ? fitting[0] : undefined;
}

/** RFC 9864 calls EdDSA on this curve Ed25519. */
const isAlgorithmOf = ({ algorithm }: ClientKey, alg: unknown) =>
  alg === algorithm || (alg === 'Ed25519' && algorithm === 'EdDSA');

/** Whether a JWS bears the signature of a key, by the algorithm that follows from the key. */
export async function isSignedBy(
  assertion: string,
  { jwk, algorithm }: ClientKey,
): Promise<boolean> {
  try {
    const key = ({ alg }: CompactJWSHeaderParameters) => importJWK(jwk, alg);
    const algorithms = algorithm === 'EdDSA' ? [algorithm, 'Ed25519'] : [algorithm];
    await compactVerify(assertion, key, { algorithms });
    return true;
  } catch {
    return false;
  }
}

/** When it expires; undefined where its times (seconds, RFC 7519, section 2) do not hold now. */
function expiryOf(claims: ClaimedAssertion['claims'], now: number): Date | undefined {
  const { exp, iat, nbf } = claims;
  const isTime = (value: unknown): value is number =>
    typeof value === 'number' && value > 0 && value < 1e11;
  if (!isTime(exp) || exp <= now || exp > now + lifeSeconds + aheadSeconds) return undefined;
  for (const start of [iat, nbf]) {
    if (start === undefined) continue;
    if (!isTime(start) || start > now + aheadSeconds || start >= exp) return undefined;
  }
  return new Date(exp * 1000);
}

/** None, or one that says what it is: a token or another proof is no assertion. */
const isTypeOfAssertion = (typ: unknown) =>
  typ === undefined ||
  (typeof typ === 'string' && /^(application\/)?(jwt|client-authentication\+jwt)$/i.test(typ));

/** The example of RFC 8037, appendix A.2: what it verifies does not count. */
const nobodysKey: ClientKey = {
  jwk: { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' },
  algorithm: 'EdDSA',
};
