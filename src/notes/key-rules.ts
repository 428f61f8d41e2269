import { fromBase64, joined, toHex, utf8 } from './encoding-rules.ts';
import { sha256 } from './tree-rules.ts';

/** Verifier keys and what they verify: C2SP signed-note and tlog-cosignature, both with Ed25519. */

export interface VerifierKey {
  readonly name: string;
  /** Eight hexadecimal digits. */
  readonly id: string;
  /** 1 signs the text of a note; 4 signs it with the time: a witness's cosignature. */
  readonly type: 1 | 4;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
}

/** What a signature that holds says: a cosignature also when it was made, in seconds since 1970. */
export interface Signed {
  readonly key: VerifierKey;
  readonly seconds: number | null;
}

/** The last second of the year 9999: beyond it no time has a text. */
const lastSecond = 253_402_300_799n;

/**
 * The y of the points of small order, the sign of x left out. Under such a key anybody can sign, and
 * not every platform refuses it, nor a signature that begins with one.
 */
const weakPoints: ReadonlySet<string> = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
]);

/** Reads `name+id+key`; undefined unless the id fits and it is of a type that is known here. */
export async function parseVerifierKey(text: string): Promise<VerifierKey | undefined> {
  const [, name = '', id = '', typed = ''] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/s.exec(text) ?? [];
  const bytes = fromBase64(typed);
  const type = bytes?.[0];
  if (!isKeyName(name) || bytes?.length !== 33 || (type !== 1 && type !== 4)) return undefined;
  const key = await keyNamed(name, { type, publicKey: bytes.subarray(1) });
  return key.id === id && isSound(key.publicKey) ? key : undefined;
}

/** The same key under this name: its id is the start of SHA-256(name ‖ newline ‖ type ‖ key). */
export async function keyNamed(
  name: string,
  { type, publicKey }: Pick<VerifierKey, 'type' | 'publicKey'>,
): Promise<VerifierKey> {
  const hash = await sha256(utf8(`${name}\n`), Uint8Array.of(type), publicKey);
  return { name, id: toHex(hash.subarray(0, 4)), type, publicKey };
}

/** Not empty, without spaces and plus signs. */
export function isKeyName(name: string): boolean {
  return name !== '' && name.isWellFormed() && !/[\s\u0085+]/u.test(name);
}

/** What the signature says, when the key made it for this text; undefined otherwise. */
export async function verifySignature(
  key: VerifierKey,
  text: string,
  signature: Uint8Array,
): Promise<Signed | undefined> {
  if (key.type === 1) {
    return (await isSigned(key, utf8(text), signature)) ? { key, seconds: null } : undefined;
  }
  if (signature.length !== 72) return undefined;
  const view = new DataView(signature.buffer, signature.byteOffset, 8);
  const seconds = view.getBigUint64(0);
  if (seconds > lastSecond) return undefined;
  const message = joined(utf8(`cosignature/v1\ntime ${String(seconds)}\n`), utf8(text));
  const holds = await isSigned(key, message, signature.subarray(8));
  return holds ? { key, seconds: Number(seconds) } : undefined;
}

async function isSigned(
  { publicKey }: VerifierKey,
  message: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  if (signature.length !== 64 || !isSound(publicKey) || !isSound(signature.subarray(0, 32))) {
    return false;
  }
  try {
    const key = await crypto.subtle.importKey('raw', publicKey, 'Ed25519', false, ['verify']);
    return await crypto.subtle.verify('Ed25519', key, signature, message);
  } catch (error) {
    // "Not verified" would be wrong where nothing can be: the signature may be good.
    if (error instanceof Error && error.name === 'NotSupportedError') throw error;
    return false;
  }
}

/** Whether a point is neither of small order nor written with a y beyond the field (2^255 - 19). */
function isSound(point: Uint8Array): boolean {
  const y = point.with(31, (point[31] ?? 0) & 0x7f);
  return !weakPoints.has(toHex(y)) && !/^(e[d-f]|f.)(ff){30}7f$/.test(toHex(y));
}
