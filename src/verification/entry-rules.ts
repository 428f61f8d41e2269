import { fromBase64Url, isSame, joined, leafHash, sha256, textOf, utf8 } from '../notes/index.ts';

/** What entries of the log commit to: bodies, subjects, and the beats of the head log. */

/** One record of a disclosure and what opens its leaf. */
export interface Subject {
  /** The customer's id as the recipient knows it. */
  readonly pairwiseId: string;
  /** The record's bytes as they were sent. */
  readonly record: Uint8Array;
  /** 16 bytes. */
  readonly salt: Uint8Array;
  /** Which leaf it is, from 0. */
  readonly position: number;
  /** All leaf hashes of the disclosure, 32 bytes each. */
  readonly leafHashes: readonly Uint8Array[];
}

export interface Beat {
  readonly at: string;
  readonly root: Uint8Array;
}

/**
 * The value of an entry; undefined unless its text is canonical JSON (RFC 8785): so nobody can read
 * another value out of the bytes that were hashed.
 */
export function readEntry(text: string): Readonly<Record<string, unknown>> | undefined {
  const value = parsed(text);
  if (!isObject(value) || !text.isWellFormed() || canonicalText(value) !== text) return undefined;
  return value;
}

/** The entry and salt 0 that a proof brings along as JSON. */
export function readExtra(extra: Uint8Array | undefined): { entry?: string; salt?: string } {
  const value = extra && parsed(textOf(extra) ?? '');
  if (!isObject(value)) return {};
  const { entry, salt } = value;
  return {
    ...(typeof entry === 'string' && { entry }),
    ...(typeof salt === 'string' && { salt }),
  };
}

/** The root that an entry of the head log holds; undefined when it is not a beat. */
export function readBeat(entry: string): Beat | undefined {
  const { v, event, at, root } = readEntry(entry) ?? {};
  const hash = typeof root === 'string' ? fromBase64Url(root) : undefined;
  if (v !== 1 || event !== 'beat' || hash?.length !== 32 || typeof at !== 'string')
    return undefined;
  return { at, root: hash };
}

/** Whether the entry's payload is SHA-256(salt ‖ body); the salt is 16 bytes in base64url. */
export async function commitsToBody(
  entry: Readonly<Record<string, unknown>>,
  body: Uint8Array,
  salt: string | undefined,
): Promise<boolean> {
  const saltBytes = fromBase64Url(salt ?? '');
  const { payload } = entry;
  const wanted = typeof payload === 'string' ? fromBase64Url(payload) : undefined;
  if (saltBytes?.length !== 16 || !wanted) return false;
  return isSame(await sha256(saltBytes, body), wanted);
}

/** Whether these are all leaves of the entry's subjects, in their order. */
export async function commitsToLeaves(
  entry: Readonly<Record<string, unknown>>,
  leafHashes: readonly Uint8Array[],
): Promise<boolean> {
  const { size, digest } = isObject(entry['subjects']) ? entry['subjects'] : {};
  const wanted = typeof digest === 'string' ? fromBase64Url(digest) : undefined;
  const areWhole = leafHashes.every((hash) => hash.length === 32);
  if (!wanted || !areWhole || size !== leafHashes.length) return false;
  return isSame(await sha256(Uint8Array.of(2), ...leafHashes), wanted);
}

/** Whether this record of this customer is the one that the entry's subjects have at its position. */
export async function commitsToSubject(
  entry: Readonly<Record<string, unknown>>,
  { pairwiseId, record, salt, position, leafHashes }: Subject,
): Promise<boolean> {
  if (salt.length !== 16 || !(await commitsToLeaves(entry, leafHashes))) return false;
  const leaf = leafHashes[position];
  // A zero byte ends the id: within it, another id and record would have the same leaf.
  if (!leaf || pairwiseId.includes('\0') || !pairwiseId.isWellFormed()) return false;
  const opened = joined(salt, utf8(pairwiseId), Uint8Array.of(0), record);
  return isSame(await leafHash(opened), leaf);
}

/** RFC 8785: members sorted by UTF-16 code units; numbers and strings as JSON.stringify has them. */
function canonicalText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const members = Object.keys(value)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${canonicalText(value[name])}`);
  return `{${members.join(',')}}`;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
