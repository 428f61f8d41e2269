import { fromBase64, toHex, wholeNumber } from './encoding-rules.ts';
import { isKeyName, verifySignature, type Signed, type VerifierKey } from './key-rules.ts';

/** Signed notes and the checkpoints in them: C2SP signed-note, tlog-checkpoint. */

export type OpenedNote =
  | {
      readonly opened: true;
      readonly text: string;
      readonly signatures: readonly Signed[];
      readonly unverified: number;
    }
  | { readonly opened: false; readonly because: string };

export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: Uint8Array;
}

interface NoteSignature {
  readonly line: string;
  readonly name: string;
  readonly id: string;
  readonly bytes: Uint8Array;
}

const mostSignatures = 100;

/**
 * Opens a note that at least one of the known keys signed. A wrong signature of a known key closes
 * the whole note; signatures of other keys are counted and ignored.
 */
export async function openNote(note: string, known: readonly VerifierKey[]): Promise<OpenedNote> {
  const parts = splitNote(note);
  if (!parts) return { opened: false, because: 'it is not a signed note' };
  const { text, signatures } = parts;
  const verified = new Map<VerifierKey, Signed>();
  const unverified = new Set<string>();
  for (const { line, name, id, bytes } of signatures) {
    const key = known.find((one) => one.name === name && one.id === id);
    if (!key) unverified.add(line);
    if (!key || verified.has(key)) continue;
    const signed = await verifySignature(key, text, bytes);
    if (!signed) return { opened: false, because: `the signature of ${name} is wrong` };
    verified.set(key, signed);
  }
  if (verified.size === 0) return { opened: false, because: 'no known key signed it' };
  return { opened: true, text, signatures: [...verified.values()], unverified: unverified.size };
}

/** The checkpoint that a note claims to be, whoever signed it. */
export function claimedCheckpoint(note: string): Checkpoint | undefined {
  const parts = splitNote(note);
  return parts && parseCheckpoint(parts.text);
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

function splitNote(note: string): { text: string; signatures: NoteSignature[] } | undefined {
  const end = note.lastIndexOf('\n\n');
  // eslint-disable-next-line no-control-regex -- signed-note forbids exactly these
  if (end < 0 || !note.endsWith('\n') || /[\0-\t\v-\x1f]/.test(note)) return undefined;
  const lines = note.slice(end + 2, -1).split('\n');
  if (!note.isWellFormed() || lines.length > mostSignatures) return undefined;
  const signatures = lines.map(parseSignature).filter((one) => one !== undefined);
  if (signatures.length !== lines.length) return undefined;
  return { text: note.slice(0, end + 1), signatures };
}

function parseSignature(line: string): NoteSignature | undefined {
  const [, name = '', signature = ''] = /^— ([^ ]+) ([^ ]+)$/.exec(line) ?? [];
  const bytes = fromBase64(signature);
  if (!isKeyName(name) || !bytes || bytes.length < 5) return undefined;
  return { line, name, id: toHex(bytes.subarray(0, 4)), bytes: bytes.subarray(4) };
}
