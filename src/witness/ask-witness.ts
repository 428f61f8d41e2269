import { parseCheckpoint, splitNote } from '../transparency/index.ts';
import { addressOf, readAnswer, witnessKeyOf, type HeardAnswer } from './answer-rules.ts';
import { requestText } from './request-rules.ts';

/** A witness as its client knows it. */
export interface KnownWitness {
  /** Its name for people. */
  readonly name: string;
  /** Its verifier key. */
  readonly vkey: string;
  /** The prefix of its address: `/add-checkpoint` comes behind it. */
  readonly url: string;
}

export interface Asking {
  readonly witness: KnownWitness;
  /** The signed checkpoint. */
  readonly note: string;
  /** The size that this witness last cosigned as far as is known; 0 where nothing is. */
  readonly lastSize: number;
  /** The proof that the tree of the checkpoint begins with its first `from` leaves (0 < from < size). */
  readonly consistency: (from: number) => Promise<readonly Uint8Array[]> | readonly Uint8Array[];
  /** Ends the asking early. */
  readonly signal?: AbortSignal;
}

/**
 * What came of it: the cosignature's line, verified, to put behind the checkpoint; or why there is
 * none, with the size that the witness says it last cosigned where it says so. A size above the
 * checkpoint's means that the log is behind what it once published.
 */
export type Asked =
  { readonly cosigned: string } | { readonly refused: string; readonly lastSize?: number };

const longestMs = 5_000;
const mostBytes = 16 * 1024;

/**
 * Asks a witness to cosign a checkpoint, within 5 s. What the witness does or does not is told, not
 * thrown; only the giver of proofs may throw.
 */
export async function askWitness(asking: Asking): Promise<Asked> {
  const { witness, note, lastSize } = asking;
  const key = witnessKeyOf(witness.vkey);
  const address = addressOf(witness.url);
  const text = splitNote(note)?.text ?? '';
  const checkpoint = parseCheckpoint(text);
  if (!key) return { refused: 'its key is no verifier key of a witness' };
  if (!address) return { refused: 'its URL is none of http or https' };
  if (!checkpoint) return { refused: 'what it should cosign is no signed checkpoint' };
  const { size } = checkpoint;
  const signal = AbortSignal.any([
    AbortSignal.timeout(longestMs),
    ...(asking.signal ? [asking.signal] : []),
  ]);
  const askFrom = async (from: number) => {
    const path = from > 0 && from < size ? await asking.consistency(from) : [];
    const answer = await post(address, requestText(from, path, note), signal);
    return 'refused' in answer ? answer : readAnswer(answer, { text, key });
  };
  const first = Math.min(lastSize, size);
  let reading = await askFrom(first);
  if ('lastSize' in reading && reading.lastSize !== first && reading.lastSize <= size) {
    reading = await askFrom(reading.lastSize);
  }
  if (!('lastSize' in reading)) return reading;
  const { lastSize: last } = reading;
  const what = last > size ? 'it has cosigned a larger tree' : 'it has cosigned another size';
  return { refused: `${what}: ${String(last)}`, lastSize: last };
}

/** Posts the text and takes the whole answer; no redirect is followed. */
async function post(
  address: URL,
  body: string,
  signal: AbortSignal,
): Promise<HeardAnswer | { readonly refused: string }> {
  try {
    const answer = await fetch(address, { method: 'POST', body, redirect: 'manual', signal });
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    const stream = answer.body as AsyncIterable<Uint8Array> | null;
    for await (const chunk of stream ?? []) {
      bytes += chunk.length;
      if (bytes > mostBytes) return { refused: 'its answer is too long' };
      chunks.push(chunk);
    }
    const type = answer.headers.get('content-type') ?? '';
    return { status: answer.status, type, text: Buffer.concat(chunks).toString() };
  } catch (error) {
    return { refused: reasonOf(error) };
  }
}

function reasonOf(error: unknown): string {
  const { name, cause } = error as Error;
  if (name === 'TimeoutError') return `it did not answer within ${String(longestMs / 1000)} s`;
  if (name === 'AbortError') return 'the asking was broken off';
  const { code = '' } = (cause ?? {}) as NodeJS.ErrnoException;
  return `it can't be reached${code === '' ? '' : ` (${code})`}`;
}
