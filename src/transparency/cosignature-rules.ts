import { sign, verify } from 'node:crypto';
import { parseKeyOfType, signerOfType, splitNote } from './note-rules.ts';
import type { NoteSigner, NoteVerifier } from './note-rules.ts';

/** Cosignatures of witnesses over checkpoints: C2SP tlog-cosignature, the Ed25519 kind. */

/** A verified cosignature. */
export interface Cosignature {
  /** The signature line with its newline, as it stands in a note. */
  readonly line: string;
  /** When it was made, as a POSIX time. */
  readonly second: number;
}

/** Timestamped Ed25519 of a witness (signed-note, "Signature types"). */
const type = 4;
const signatureBytes = 64;
const timeBytes = 8;

/** The cosigner with this Ed25519 seed (32 bytes). Throws RangeError for a name no key may have. */
export function cosigner(name: string, seed: Buffer): NoteSigner {
  return signerOfType(type, name, seed);
}

/** Reads a witness's verifier key; undefined unless it is of that type and its id fits it. */
export function parseCosignerKey(text: string): NoteVerifier | undefined {
  return parseKeyOfType(type, text);
}

/** The signature line, with its newline, over a checkpoint's note text at a POSIX second. */
export function cosign(text: string, second: number, signer: NoteSigner): string {
  const time = Buffer.alloc(timeBytes);
  time.writeBigUInt64BE(BigInt(second));
  const signature = sign(null, messageOf(text, BigInt(second)), signer.privateKey);
  const bytes = Buffer.concat([signer.keyId, time, signature]);
  return `— ${signer.name} ${bytes.toString('base64')}\n`;
}

/**
 * The first cosignature of this key on a signed checkpoint. Undefined where there is none, where it
 * is wrong, and where any other that claims to be of this key is.
 */
export function findCosignature(note: string, key: NoteVerifier): Cosignature | undefined {
  const { text, signatures } = splitNote(note) ?? { text: '', signatures: [] };
  const own = signatures.filter(({ name, keyId }) => name === key.name && keyId.equals(key.keyId));
  const verified = own.map(({ line, bytes }) => {
    if (bytes.length !== timeBytes + signatureBytes) return undefined;
    const time = bytes.readBigUInt64BE();
    const signed = messageOf(text, time);
    const isRight = verify(null, signed, key.publicKey, bytes.subarray(timeBytes));
    const isTime = time <= BigInt(Number.MAX_SAFE_INTEGER);
    return isRight && isTime ? { line: `${line}\n`, second: Number(time) } : undefined;
  });
  return verified.includes(undefined) ? undefined : verified[0];
}

function messageOf(text: string, second: bigint): Buffer {
  return Buffer.from(`cosignature/v1\ntime ${String(second)}\n${text}`);
}
