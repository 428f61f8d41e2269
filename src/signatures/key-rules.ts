import { createPublicKey, type JsonWebKey } from 'node:crypto';
import { readStrictJson } from '../platform/strict-json.ts';

/** The algorithms by which a client may sign (FAPI 2.0, section 5.4). */
export const signingAlgorithms = ['ES256', 'PS256', 'EdDSA'] as const;
export type SigningAlgorithm = (typeof signingAlgorithms)[number];

/** The members of a public JWK that are kept (RFC 7518, section 6; RFC 8037). */
export interface PublicJwk extends JsonWebKey {
  readonly kty: 'EC' | 'RSA' | 'OKP';
  readonly kid?: string;
}

/** A public key of a client: what identifies it and nothing else of what was handed in. */
export interface ClientKey {
  readonly jwk: PublicJwk;
  readonly algorithm: SigningAlgorithm;
}

const mostKeys = 4;
const longestSet = 16 * 1024;
const leastRsaBits = 2048;
const secretMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

/** A key as it was stored, with the algorithm that follows from its type. */
export function keyOf(jwk: ClientKey['jwk']): ClientKey {
  return { jwk, algorithm: jwk.kty === 'EC' ? 'ES256' : jwk.kty === 'RSA' ? 'PS256' : 'EdDSA' };
}

/** The set of keys that was read, or the one sentence that says what is wrong with it. */
export type ReadKeySet =
  { readonly keys: readonly ClientKey[] } | { readonly wrong: string; readonly field: string };

/**
 * Reads a JWK Set (RFC 7517, section 5) of public signing keys: P-256 (ES256), RSA of 2048 bits or
 * more (PS256) or Ed25519 (EdDSA), one to four. A private key is refused, so that nobody hands it out
 * by mistake; members that say nothing of the key itself are dropped.
 */
export function readKeySet(text: string): ReadKeySet {
  let read: unknown;
  try {
    read = readStrictJson(Buffer.from(text), { maxBytes: longestSet, maxDepth: 8 });
  } catch (error) {
    return wrong('jwks', error instanceof Error ? error.message : 'It is not JSON.');
  }
  const { keys } = isObject(read) ? read : {};
  if (!Array.isArray(keys)) return wrong('keys', 'A JWK Set has a list `keys`.');
  if (keys.length < 1 || keys.length > mostKeys) {
    return wrong('keys', `A set has 1 to ${String(mostKeys)} keys.`);
  }
  const taken: ClientKey[] = [];
  for (const [i, one] of (keys as readonly unknown[]).entries()) {
    const key = readKey(one);
    if (typeof key === 'string') return wrong(`keys[${String(i)}]`, key);
    taken.push(key);
  }
  const kids = taken.flatMap(({ jwk: { kid } }) => kid ?? []);
  if (new Set(kids).size < kids.length) return wrong('keys', 'Two keys have one kid.');
  if (taken.length > 1 && kids.length < taken.length) {
    return wrong('keys', 'Where there are several keys, each has a kid.');
  }
  return { keys: taken };
}

/** A key, or why it is none. */
function readKey(value: unknown): ClientKey | string {
  if (!isObject(value)) return 'A key is an object.';
  if (secretMembers.some((name) => name in value)) {
    return 'This is a private key: keep it, and send the public one.';
  }
  const { kid, use, alg, key_ops: operations } = value;
  const isKid = typeof kid === 'string' && /^[\x21-\x7e]{1,100}$/.test(kid);
  if (kid !== undefined && !isKid) return 'A kid has 1 to 100 printable ASCII characters.';
  if (use !== undefined && use !== 'sig') return 'Its use must be sig.';
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes('verify'))) {
    return 'Its key_ops must name verify.';
  }
  const bare = bareKey(value);
  if (!bare) return 'It must be a P-256, an RSA or an Ed25519 key.';
  if (
    alg !== undefined &&
    alg !== bare.algorithm &&
    !(alg === 'Ed25519' && bare.algorithm === 'EdDSA')
  ) {
    return `Its alg must be ${bare.algorithm}.`;
  }
  const weakness = weaknessOf(bare.jwk);
  if (weakness !== undefined) return weakness;
  return { ...bare, jwk: isKid ? { ...bare.jwk, kid } : bare.jwk };
}

/** The members that make the key (RFC 7638, section 3.2), by its type. */
function bareKey(value: Readonly<Record<string, unknown>>): ClientKey | undefined {
  const { kty, crv, n, e, x, y } = value;
  const are = (...members: readonly unknown[]) =>
    members.every((member) => typeof member === 'string' && /^[A-Za-z0-9_-]+$/.test(member));
  if (kty === 'EC' && crv === 'P-256' && are(x, y)) {
    return { jwk: { kty, crv, x: String(x), y: String(y) }, algorithm: 'ES256' };
  }
  if (kty === 'RSA' && are(n, e)) {
    return { jwk: { kty, n: String(n), e: String(e) }, algorithm: 'PS256' };
  }
  if (kty === 'OKP' && crv === 'Ed25519' && are(x)) {
    return { jwk: { kty, crv, x: String(x) }, algorithm: 'EdDSA' };
  }
  return undefined;
}

function weaknessOf(jwk: JsonWebKey): string | undefined {
  try {
    const { asymmetricKeyDetails: details } = createPublicKey({ key: jwk, format: 'jwk' });
    const bits = details?.modulusLength;
    if (bits !== undefined && bits < leastRsaBits) {
      return `An RSA key has ${String(leastRsaBits)} bits or more.`;
    }
    const exponent = details?.publicExponent;
    if (exponent !== undefined && (exponent < 3n || exponent % 2n === 0n)) {
      return 'Its public exponent must be odd and 3 or more.';
    }
    return undefined;
  } catch {
    return 'It is not a point or number of its kind.';
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const wrong = (field: string, sentence: string): ReadKeySet => ({ wrong: sentence, field });
