import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { calculateJwkThumbprint, compactVerify, EmbeddedJWK } from 'jose';
import { readJws } from '../platform/strict-jws.ts';

/** A request as a proof must tell of it (RFC 9449, section 4.2). */
export interface ProvenRequest {
  readonly method: string;
  /** With scheme and host, without query. */
  readonly url: string;
  /** The same at the port for mutual TLS; undefined where there is none. */
  readonly mtlsUrl?: string | undefined;
  /** The access token that comes with it; undefined where one is asked for. */
  readonly token?: string | undefined;
}

/** A proof that holds; it must not have been used before. */
export interface HeldProof {
  /** SHA-256 thumbprint of its key (RFC 7638), base64url. */
  readonly jkt: string;
  readonly jti: string;
  /** From then on it holds no more. */
  readonly expiresAt: Date;
}

/** Why a proof does not hold. `nonce`: it is asked for again with the one that is told. */
export type ProofFault = 'malformed' | 'key' | 'signature' | 'request' | 'times' | 'jti' | 'nonce';

export const proofAlgorithms = ['ES256', 'PS256', 'EdDSA', 'Ed25519'] as const;
const secretMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k'];
/** Seconds that a proof may be old or ahead. */
const [oldSeconds, aheadSeconds] = [300, 60];

/**
 * Whether a DPoP proof holds for a request (RFC 9449, section 4.3): of type dpop+jwt, signed by the
 * public key in its own header, `htm` and `htu` the request's, `iat` at most 300 s old or 60 s ahead,
 * `ath` the hash of the token where there is one, `exp` and `nbf` right where they are there, and a
 * nonce of ours.
 */
export async function verifyProof(
  proof: string,
  { method, url, mtlsUrl, token }: ProvenRequest,
  { now, isOurNonce }: { now: Date; isOurNonce: (nonce: string) => boolean },
): Promise<HeldProof | ProofFault> {
  const read = readJws(proof);
  if (!read) return 'malformed';
  const { header, claims } = read;
  const { jwk } = header;
  const isJwk = typeof jwk === 'object' && jwk !== null && !Array.isArray(jwk);
  if (header['typ'] !== 'dpop+jwt' || !isJwk) return 'malformed';
  if (secretMembers.some((name) => name in jwk)) return 'key';
  if (!(await isSigned(proof))) return 'signature';
  const { htm, htu, iat, jti, ath, nonce } = claims;
  if (htm !== method || typeof htu !== 'string') return 'request';
  if (![url, mtlsUrl].some((one) => one !== undefined && isSameUrl(htu, one))) return 'request';
  if (token !== undefined && ath !== hashOfToken(token)) return 'request';
  if (typeof jti !== 'string' || jti.length < 1 || jti.length > 200) return 'jti';
  const seconds = now.getTime() / 1000;
  const isTime = typeof iat === 'number' && iat <= seconds + aheadSeconds && iat > seconds - oldSeconds; // prettier-ignore
  if (!isTime || !isOfNow(claims, seconds)) return 'times';
  if (typeof nonce !== 'string' || !isOurNonce(nonce)) return 'nonce';
  const jkt = await calculateJwkThumbprint(jwk);
  return { jkt, jti, expiresAt: new Date((iat + oldSeconds) * 1000) };
}

/** A proof needs neither `exp` nor `nbf`, but what it says counts (RFC 7519, sections 4.1.4 and 4.1.5). */
function isOfNow({ exp, nbf }: Readonly<Record<string, unknown>>, seconds: number): boolean {
  const isOver = exp !== undefined && !(typeof exp === 'number' && exp > seconds);
  const isToCome = nbf !== undefined && !(typeof nbf === 'number' && nbf <= seconds + aheadSeconds);
  return !isOver && !isToCome;
}

async function isSigned(proof: string): Promise<boolean> {
  try {
    await compactVerify(proof, EmbeddedJWK, { algorithms: [...proofAlgorithms] });
    return true;
  } catch {
    return false;
  }
}

/** Scheme, host, port and path alike once they are normalised (RFC 9449, section 4.3); no query. */
function isSameUrl(htu: string, url: string): boolean {
  if (!URL.canParse(htu)) return false;
  const { origin, pathname, username } = new URL(htu);
  const asked = new URL(url);
  return username === '' && origin === asked.origin && pathname === asked.pathname;
}

const hashOfToken = (token: string) => createHash('sha256').update(token).digest('base64url');

const nonceSeconds = 60;

/**
 * The nonce of a moment (RFC 9449, section 8): it follows from the key and the minute, so that every
 * process knows those of the others.
 */
export function nonceAt(key: Buffer, now: Date): string {
  return nonceOf(key, Math.floor(now.getTime() / 1000 / nonceSeconds));
}

/** Whether a nonce is that of this minute, or of one of the two before it. */
export function isNonceOf(key: Buffer, now: Date): (nonce: string) => boolean {
  const minute = Math.floor(now.getTime() / 1000 / nonceSeconds);
  return (nonce) => {
    const given = Buffer.from(nonce);
    return [minute, minute - 1, minute - 2].some((one) => {
      const ours = Buffer.from(nonceOf(key, one));
      return given.length === ours.length && timingSafeEqual(given, ours);
    });
  };
}

function nonceOf(key: Buffer, minute: number): string {
  const mac = createHmac('sha256', key)
    .update(`dpop-nonce ${String(minute)}`)
    .digest();
  return mac.subarray(0, 16).toString('base64url');
}
