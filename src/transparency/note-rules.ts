import { createHash, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

/** Signed notes, checkpoints and proofs as text: C2SP signed-note, tlog-checkpoint, tlog-proof. */

export interface NoteSigner {
  readonly name: string;
  /** The verifier key as text: name+id+key. */
  readonly verifierKey: string;
  readonly keyId: Buffer;
  readonly privateKey: KeyObject;
}

export interface NoteVerifier {
  readonly name: string;
  readonly keyId: Buffer;
  readonly publicKey: KeyObject;
}

export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: Buffer;
}

export interface LogProof {
  /** What the log gives to rebuild the entry; it proves nothing by itself. */
  readonly extra?: Buffer;
  readonly index: number;
  /** From the leaf's sibling up to the root's child. */
  readonly path: readonly Buffer[];
  /** The signed checkpoint, verbatim. */
  readonly checkpoint: string;
}

export type OpenedNote =
  | { readonly opened: true; readonly text: string; verified: number; unverified: number }
  | { readonly opened: false; readonly because: string };

/** Ed25519 over the text of a note (signed-note, "Signature types"). */
const ed25519 = 1;
/** What stands before the 32 bytes of a seed in PKCS #8, and of a public key in SPKI (RFC 8410). */
const pkcs8Head = Buffer.from('302e020100300506032b657004220420', 'hex');
const spkiHead = Buffer.from('302a300506032b6570032100', 'hex');
const mostSignatures = 100;

/** The signer with this Ed25519 seed (32 bytes). Throws RangeError for a name that no key may have. */
export function noteSigner(name: string, seed: Buffer): NoteSigner {
  return signerOfType(ed25519, name, seed);
}

/** The same for any type of key that is an Ed25519 key. */
export function signerOfType(type: number, name: string, seed: Buffer): NoteSigner {
  if (!isKeyName(name)) throw new RangeError('A key name has no space and no plus sign.');
  const key = Buffer.concat([pkcs8Head, seed]);
  const privateKey = createPrivateKey({ key, format: 'der', type: 'pkcs8' });
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  const typed = Buffer.concat([Buffer.of(type), spki.subarray(spkiHead.length)]);
  const keyId = keyIdOf(name, typed);
  const verifierKey = `${name}+${keyId.toString('hex')}+${typed.toString('base64')}`;
  return { name, keyId, privateKey, verifierKey };
}

/** Reads a verifier key; undefined unless it is an Ed25519 key whose id fits it. */
export function parseVerifierKey(text: string): NoteVerifier | undefined {
  return parseKeyOfType(ed25519, text);
}

/** The same for any type of key that is an Ed25519 key. */
export function parseKeyOfType(type: number, text: string): NoteVerifier | undefined {
  const [, name = '', id = '', key = ''] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/s.exec(text) ?? [];
  const typed = fromBase64(key);
  if (!isKeyName(name) || typed?.length !== 33 || typed[0] !== type) return undefined;
  const keyId = keyIdOf(name, typed);
  if (keyId.toString('hex') !== id) return undefined;
  const spki = Buffer.concat([spkiHead, typed.subarray(1)]);
  return { name, keyId, publicKey: createPublicKey({ key: spki, format: 'der', type: 'spki' }) };
}

/** Signs text that ends with a newline. */
export function signNote(text: string, signer: NoteSigner): string {
  const signature = Buffer.concat([
    signer.keyId,
    sign(null, Buffer.from(text), signer.privateKey),
  ]).toString('base64');
  return `${text}\n— ${signer.name} ${signature}\n`;
}

/**
 * Opens a note that at least one of the known keys signed. A wrong signature of a known key closes
 * the whole note; signatures of other keys are counted and ignored.
 */
export function openNote(note: string, known: readonly NoteVerifier[]): OpenedNote {
  const parts = splitNote(note);
  if (!parts) return { opened: false, because: 'malformed note' };
  const { text, signatures } = parts;
  const verified = new Set<NoteVerifier>();
  const unverified = new Set<string>();
  for (const { line, name, keyId, bytes } of signatures) {
    const key = known.find((one) => one.name === name && one.keyId.equals(keyId));
    if (!key) unverified.add(line);
    else if (verified.has(key)) continue;
    else if (verify(null, Buffer.from(text), key.publicKey, bytes)) verified.add(key);
    else return { opened: false, because: `invalid signature for key ${name}` };
  }
  if (verified.size === 0) return { opened: false, because: 'no signature by a known key' };
  return { opened: true, text, verified: verified.size, unverified: unverified.size };
}

/** The note text of a checkpoint (tlog-checkpoint, "Note text"). */
export function checkpointText({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${String(size)}\n${root.toString('base64')}\n`;
}

/** Reads a checkpoint's note text; extension lines are passed over. Undefined when it is none. */
export function parseCheckpoint(text: string): Checkpoint | undefined {
  const [origin = '', count = '', hash = '', ...rest] = text.split('\n');
  const size = wholeNumber(count);
  const root = fromBase64(hash);
  const isEnded = rest.at(-1) === '' && rest.slice(0, -1).every((line) => line !== '');
  if (origin === '' || size === undefined || root?.length !== 32 || !isEnded) return undefined;
  return { origin, size, root };
}

/** The text of a proof (tlog-proof, "Format"). */
export function proofText({ extra, index, path, checkpoint }: LogProof): string {
  const head = extra ? [`extra ${extra.toString('base64')}`] : [];
  const hashes = path.map((hash) => hash.toString('base64'));
  const lines = ['c2sp.org/tlog-proof@v1', ...head, `index ${String(index)}`, ...hashes];
  return `${lines.join('\n')}\n\n${checkpoint}`;
}

/** Where a log stands in the tree of a beat: its salt and the 32 hashes from its leaf to the root. */
export interface PlaceOpening {
  readonly salt: Buffer;
  readonly path: readonly Buffer[];
}

/**
 * A proof file: the proof of an entry, the place of its log at a beat, and the proof of the beat's
 * entry in the head log. The first part and the last are each a tlog-proof by itself.
 */
export function proofFileText(entry: string, place: PlaceOpening, head: string): string {
  const hashes = place.path.map((hash) => hash.toString('base64'));
  const lines = ['sluice/head-place@v1', `salt ${place.salt.toString('base64')}`, ...hashes];
  return `${entry}\n${lines.join('\n')}\n\n${head}`;
}

/** Reads the text of a proof; undefined when it is none. */
export function parseProof(text: string): LogProof | undefined {
  const pattern =
    /^c2sp\.org\/tlog-proof@v1\n(?:extra ([^\n]+)\n)?index ([^\n]+)\n((?:[^\n]+\n)*)\n(.+)$/s;
  const [, extraText, indexText = '', hashes = '', checkpoint = ''] = pattern.exec(text) ?? [];
  const index = wholeNumber(indexText);
  const path = hashes.split('\n').slice(0, -1).map(fromBase64);
  const whole = path.filter((hash) => hash?.length === 32);
  if (index === undefined || whole.length !== path.length || path.length > 63) return undefined;
  const proof = { index, path: whole.filter((hash) => hash !== undefined), checkpoint };
  if (extraText === undefined) return proof;
  const extra = fromBase64(extraText);
  return extra && { ...proof, extra };
}

export interface NoteSignature {
  readonly line: string;
  readonly name: string;
  readonly keyId: Buffer;
  readonly bytes: Buffer;
}

/** The text of a note and its signatures, none of them verified; undefined when it is no note. */
export function splitNote(note: string): { text: string; signatures: NoteSignature[] } | undefined {
  const end = note.lastIndexOf('\n\n');
  // eslint-disable-next-line no-control-regex -- signed-note forbids exactly these
  if (end < 0 || !note.endsWith('\n') || /[\0-\t\v-\x1f]/.test(note)) return undefined;
  const lines = note.slice(end + 2, -1).split('\n');
  if (/\p{Surrogate}/u.test(note) || lines.length > mostSignatures) return undefined;
  const signatures = lines.map(parseSignature).filter((one) => one !== undefined);
  return signatures.length === lines.length
    ? { text: note.slice(0, end + 1), signatures }
    : undefined;
}

function parseSignature(line: string): NoteSignature | undefined {
  const [, name = '', signature = ''] = /^— ([^ ]+) ([^ ]+)$/.exec(line) ?? [];
  const bytes = fromBase64(signature);
  if (!isKeyName(name) || !bytes || bytes.length < 5) return undefined;
  return { line, name, keyId: bytes.subarray(0, 4), bytes: bytes.subarray(4) };
}

/** The first four bytes of SHA-256(name ‖ newline ‖ type ‖ key). */
function keyIdOf(name: string, typedKey: Buffer): Buffer {
  return createHash('sha256').update(`${name}\n`).update(typedKey).digest().subarray(0, 4);
}

/** Whether a key may have this name. */
export function isKeyName(name: string): boolean {
  return name !== '' && !/[\s\u0085+\p{Surrogate}]/u.test(name);
}

/** Base64 of RFC 4648, section 4, without the freedoms that Buffer takes. */
export function fromBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return text !== '' && bytes.toString('base64') === text ? bytes : undefined;
}

/** A number in decimal without leading zeroes, up to 2^53 − 1; undefined for anything else. */
export function wholeNumber(text: string): number | undefined {
  const number = /^(0|[1-9][0-9]{0,15})$/.test(text) ? Number(text) : NaN;
  return Number.isSafeInteger(number) ? number : undefined;
}
