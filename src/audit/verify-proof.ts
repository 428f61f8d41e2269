import { createHash } from 'node:crypto';
import { openNote, parseCheckpoint, parseProof, parseVerifierKey } from '../transparency/index.ts';
import { leafHash, nodeHash } from '../transparency/index.ts';

/** What a proof shows, or the first reason why it shows nothing. */
export type ProofVerdict =
  | {
      readonly holds: true;
      readonly origin: string;
      readonly size: number;
      readonly index: number;
      /** Canonical JSON: what is proven to be in the log. */
      readonly entry: string;
      /** Whether a body was given; if so, it is the one that the entry commits to. */
      readonly isBodyProven: boolean;
    }
  | { readonly holds: false; readonly because: string };

/**
 * Verifies one proof of the log without the log: the checkpoint's signature, the entry's inclusion
 * and, where a body is given, that it is the body which was disclosed. The entry and its salt come
 * from the proof's extra data unless they are given.
 */
export function verifyProof(given: {
  proof: string;
  verifierKey: string;
  entry?: string | undefined;
  body?: Uint8Array | undefined;
  salt?: string | undefined;
}): ProofVerdict {
  const key = parseVerifierKey(given.verifierKey);
  if (!key) return fails('the verifier key is not a key of a signed note');
  const proof = parseProof(given.proof);
  if (!proof) return fails('the proof is not a C2SP tlog-proof');
  const note = openNote(proof.checkpoint, [key]);
  if (!note.opened) return fails(`its checkpoint does not open: ${note.because}`);
  const checkpoint = parseCheckpoint(note.text);
  if (!checkpoint) return fails('what was signed is not a checkpoint');
  if (!checkpoint.origin.startsWith(`${key.name}/`)) return fails('the key is of another host');
  const extra = readExtra(proof.extra);
  const entry = given.entry ?? extra.entry;
  if (entry === undefined) return fails('there is no entry, neither given nor in the proof');
  const { index, path } = proof;
  const { origin, size, root } = checkpoint;
  const found = rootAbove({ index, size, leaf: leafHash(Buffer.from(entry)), path });
  if (!found?.equals(root)) return fails('the entry is not in the tree that was signed');
  const isBodyProven = given.body !== undefined;
  if (given.body && !commitsTo(entry, given.body, given.salt ?? extra.salt)) {
    return fails('the body is not the one that was disclosed, or the salt is not its salt');
  }
  return { holds: true, origin, size, index, entry, isBodyProven };
}

function fails(because: string): ProofVerdict {
  return { holds: false, because };
}

/** RFC 9162, section 2.1.3.2: the root that the path leads to; undefined for a path that cannot be. */
export function rootAbove(from: {
  index: number;
  size: number;
  leaf: Buffer;
  path: readonly Buffer[];
}): Buffer | undefined {
  if (from.index >= from.size) return undefined;
  let [here, last, hash] = [BigInt(from.index), BigInt(from.size - 1), from.leaf];
  for (const step of from.path) {
    if (last === 0n) return undefined;
    if (here % 2n === 1n || here === last) {
      hash = nodeHash(step, hash);
      while (here % 2n === 0n && here !== 0n) [here, last] = [here >> 1n, last >> 1n];
    } else {
      hash = nodeHash(hash, step);
    }
    [here, last] = [here >> 1n, last >> 1n];
  }
  return last === 0n ? hash : undefined;
}

/** Whether the entry's payload is SHA-256(salt ‖ body). */
function commitsTo(entry: string, body: Uint8Array, salt: string | undefined): boolean {
  if (salt === undefined || !/^[A-Za-z0-9_-]{22}$/.test(salt)) return false;
  const bytes = Buffer.from(salt, 'base64url');
  const payload = createHash('sha256').update(bytes).update(body).digest('base64url');
  return textOf(parsed(entry), 'payload') === payload;
}

function readExtra(extra: Buffer | undefined): { entry?: string; salt?: string } {
  const value = extra && parsed(extra.toString());
  const [entry, salt] = [textOf(value, 'entry'), textOf(value, 'salt')];
  return { ...(entry !== undefined && { entry }), ...(salt !== undefined && { salt }) };
}

function textOf(value: unknown, name: string): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const found: unknown = (value as Record<string, unknown>)[name];
  return typeof found === 'string' ? found : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
