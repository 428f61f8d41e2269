import { isUtf8 } from 'node:buffer';
import {
  fromBase64,
  parseCheckpoint,
  splitNote,
  wholeNumber,
  type Checkpoint,
} from '../transparency/index.ts';

/** What is asked of a witness (C2SP tlog-witness, "add-checkpoint"), nothing of it verified. */
export interface AddCheckpoint {
  /** The size of the tree that the proof begins with. */
  readonly oldSize: number;
  readonly path: readonly Buffer[];
  readonly checkpoint: Checkpoint;
  /** The checkpoint's note text: what is signed and cosigned. */
  readonly text: string;
  /** The signed checkpoint as it came. */
  readonly note: string;
}

/** As many as a proof between trees of at most 2^63 leaves has. */
const mostHashes = 63;

/** Reads the body of a request; undefined when it is malformed. */
export function parseRequest(body: Buffer): AddCheckpoint | undefined {
  if (!isUtf8(body)) return undefined;
  const asked = body.toString();
  const end = asked.indexOf('\n\n');
  const [first = '', ...hashes] = asked.slice(0, end).split('\n');
  const oldSize = wholeNumber(first.replace(/^old /, ''));
  const path = hashes.map(parseHash).filter((hash) => hash !== undefined);
  const isSound = end > 0 && first.startsWith('old ') && path.length === hashes.length;
  if (!isSound || oldSize === undefined || path.length > mostHashes) return undefined;
  const note = asked.slice(end + 2);
  const text = splitNote(note)?.text;
  const checkpoint = text === undefined ? undefined : parseCheckpoint(text);
  if (text === undefined || !checkpoint) return undefined;
  return { oldSize, path, checkpoint, text, note };
}

/** The body of a request, as `parseRequest` reads it. */
export function requestText(oldSize: number, path: readonly Uint8Array[], note: string): string {
  const hashes = path.map((hash) => `${Buffer.from(hash).toString('base64')}\n`);
  return `old ${String(oldSize)}\n${hashes.join('')}\n${note}`;
}

function parseHash(line: string): Buffer | undefined {
  const hash = fromBase64(line);
  return hash?.length === 32 ? hash : undefined;
}
