import { createCipheriv, createHash, hash } from 'node:crypto';
import type { ComposedEntry, LoggedEntry } from '../logs/index.ts';
import { encodeAscending } from '../platform/ascending.ts';
import { disclosureId, leafHash } from '../transparency/index.ts';
import type { DisclosedSubject, Disclosure } from './disclosure.ts';

const saltBytes = 16;
const hashBytes = 32;
const zeroVector = Buffer.alloc(16);

/** An entry and its salt 0, which opens its payload hash. */
export type ComposedDisclosure = ComposedEntry & { readonly salt: Buffer };

/**
 * Makes the entry of a disclosure: its subject list and payload hash salted by the entry's own
 * secret (32 bytes), its text canonical. Throws RangeError for text that is not well-formed Unicode.
 */
export function composeEntry(
  disclosure: Disclosure,
  { entryId, at, secret }: { entryId: string; at: Date; secret: Buffer },
): ComposedDisclosure {
  const subjects = inOrder(disclosure.subjects);
  const salts = saltsOf(secret, subjects.length);
  const salt = salts.subarray(0, saltBytes);
  const leafHashes = hashSubjects(subjects, salts);
  const text = entryText(disclosure, {
    id: disclosureId(entryId),
    at: at.toISOString(),
    payload: payloadHash(salt, disclosure.body),
    subjects: { digest: subjectsDigest(leafHashes), size: subjects.length },
  });
  return {
    recipientId: disclosure.recipientId,
    epoch: disclosure.epoch,
    entryId,
    text,
    leafHash: leafHash(Buffer.from(text)),
    secret,
    leafHashes,
    numbers: encodeAscending(subjects.map(({ number }) => number)),
    filters: disclosure.filters ? JSON.stringify(disclosure.filters) : null,
    salt,
  };
}

/** The salts under an entry's secret: block 0 for the payload, block i for leaf i; 16 bytes each. */
export function saltsOf(secret: Buffer, leaves: number): Buffer {
  const stream = createCipheriv('aes-256-ctr', secret, zeroVector);
  return stream.update(Buffer.alloc(saltBytes * (leaves + 1)));
}

/** What is left of an entry's salts without those of these leaves and of the body that they were in. */
export function keptSalts(
  { secret, salts }: Pick<LoggedEntry, 'secret' | 'salts'>,
  { leaves, erased }: { leaves: number; erased: readonly number[] },
): Buffer {
  const kept = Buffer.from(salts ?? (secret === null ? zeroVector : saltsOf(secret, leaves)));
  for (const block of [0, ...erased.map((place) => place + 1)]) {
    kept.fill(0, block * saltBytes, (block + 1) * saltBytes);
  }
  return kept;
}

/** A salt of an entry by its block; null: it is gone, because somebody was erased from the entry. */
export function saltOf(
  { secret, salts }: Pick<LoggedEntry, 'secret' | 'salts'>,
  block: number,
): Buffer | null {
  const all = salts ?? (secret === null ? Buffer.alloc(0) : saltsOf(secret, block));
  const salt = all.subarray(block * saltBytes, (block + 1) * saltBytes);
  return salt.every((byte) => byte === 0) ? null : salt;
}

/** SHA-256(salt 0 ‖ body) in base64url: what an entry says of the bytes that left. */
export function payloadHash(salt: Uint8Array, body: Uint8Array): string {
  return createHash('sha256').update(salt).update(body).digest('base64url');
}

/** SHA-256(0x02 ‖ leaf 1 ‖ leaf 2 …) in base64url. */
export function subjectsDigest(leafHashes: Uint8Array): string {
  return createHash('sha256').update(Uint8Array.of(2)).update(leafHashes).digest('base64url');
}

/** Leaves stand in the order of their customers' numbers, so that the index tells which is whose. */
function inOrder(subjects: readonly DisclosedSubject[]): readonly DisclosedSubject[] {
  const isOrdered = subjects.every((subject, i) => {
    const before = subjects[i - 1];
    return before === undefined || before.number <= subject.number;
  });
  return isOrdered ? subjects : subjects.toSorted((one, other) => one.number - other.number);
}

/** Leaf i = SHA-256(0x00 ‖ salt i ‖ pairwise id ‖ 0x00 ‖ record), all leaves one after another. */
function hashSubjects(subjects: readonly DisclosedSubject[], salts: Buffer): Buffer {
  const hashes = Buffer.allocUnsafe(subjects.length * hashBytes);
  const longest = subjects.reduce(
    (most, { pairwiseId, record }) => Math.max(most, pairwiseId.length * 3 + record.length),
    0,
  );
  const leaf = Buffer.allocUnsafe(longest + saltBytes + 2);
  leaf[0] = 0;
  for (const [i, { pairwiseId, record }] of subjects.entries()) {
    salts.copy(leaf, 1, (i + 1) * saltBytes, (i + 2) * saltBytes);
    const end = 1 + saltBytes + leaf.write(pairwiseId, 1 + saltBytes);
    leaf[end] = 0;
    leaf.set(record, end + 1);
    const input = leaf.subarray(0, end + 1 + record.length);
    // The digest as binary text costs half of what a Buffer of its own does.
    hashes.write(hash('sha256', input, 'binary'), i * hashBytes, 'binary');
  }
  return hashes;
}

/** What a leaf of the subject list stands for. */
export type SubjectLeaf = Pick<DisclosedSubject, 'pairwiseId' | 'record'>;

/** One leaf by itself, under its own salt: as in `composeEntry`. */
export function subjectHash(salt: Uint8Array, { pairwiseId, record }: SubjectLeaf): Buffer {
  const [before, between] = [Uint8Array.of(0), Uint8Array.of(0)];
  const leaf = Buffer.concat([before, salt, Buffer.from(pairwiseId), between, record]);
  return createHash('sha256').update(leaf).digest();
}

/**
 * The keys are written in the order of RFC 8785 (section 3.2.3), so that JSON.stringify gives the
 * canonical form; it differs only for lone surrogates, which are refused.
 */
function entryText(
  disclosure: Disclosure,
  made: { id: string; at: string; payload: string; subjects: { digest: string; size: number } },
): string {
  const { agreement, view, policy } = disclosure;
  const text = JSON.stringify({
    agreement: { id: agreement.id, version: agreement.version },
    at: made.at,
    channel: disclosure.channel,
    classes: disclosure.classes,
    client: disclosure.client,
    fields: disclosure.fields,
    id: made.id,
    payload: made.payload,
    policy: { promises: policy.promises, version: policy.version },
    purpose: disclosure.purposes,
    recipient: disclosure.recipient,
    recordType: disclosure.recordType,
    subjects: { digest: made.subjects.digest, size: made.subjects.size },
    token: disclosure.token,
    v: 1,
    view: { digest: view.digest, id: view.id, version: view.version },
  });
  if (mayHoldLoneSurrogate.test(text) && !isWellFormed(JSON.parse(text))) {
    throw new RangeError('An entry holds text that is not well-formed Unicode.');
  }
  return text;
}

/** How JSON.stringify writes a lone surrogate; text about such an escape looks the same. */
const mayHoldLoneSurrogate = /\\ud[89a-f]/;
const loneSurrogate = /\p{Surrogate}/u;

function isWellFormed(value: unknown): boolean {
  if (typeof value === 'string') return !loneSurrogate.test(value);
  if (typeof value !== 'object' || value === null) return true;
  return Object.values(value).every(isWellFormed);
}
