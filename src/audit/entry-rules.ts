import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { problemsOf } from '../platform/schemas.ts';
import { disclosureId, leafHash } from '../transparency/index.ts';
import type { AuditedEntry } from './audit-store.ts';

const none = Buffer.alloc(0);

/** What is wrong with one entry or with what is stored beside it. */
export function wrongIn(row: AuditedEntry, numbered: number): string | undefined {
  if (!leafHash(Buffer.from(row.entry)).equals(row.leafHash)) {
    return 'its bytes do not have the hash that was stored with it';
  }
  const entry = parsedEntry(row.entry);
  if (!entry) return 'is not an entry in canonical JSON';
  if (entry.id !== disclosureId(row.entryId)) return 'carries another id than its row';
  if (!row.leafHashes || (!row.secret && !row.salts)) return 'its secret is missing';
  if (!row.numbers) return 'its subject index is missing';
  const { size, digest } = entry.subjects ?? { size: 0, digest: digestOf(Buffer.alloc(0)) };
  if (row.leafHashes.length !== size * 32 || digestOf(row.leafHashes) !== digest) {
    return 'its leaf hashes are not the ones that the entry commits to';
  }
  const numbers = decodeNumbers(row.numbers);
  const erased = decodeNumbers(row.erased ?? none);
  const isKnown = numbers?.every((number) => number >= 1 && number <= numbered);
  const isWhole = numbers && erased && numbers.length + erased.length === size;
  if (!isWhole || !isKnown) return 'its subject index does not fit its subjects';
  return wrongInErasure(row, { erased, size });
}

/** Where somebody is erased there are salts instead of the secret, and none for the erased leaves. */
function wrongInErasure(
  { secret, salts }: AuditedEntry,
  { erased, size }: { erased: readonly number[]; size: number },
): string | undefined {
  const isAscending = erased.every((place, i) => place < size && place > (erased[i - 1] ?? -1));
  if (!isAscending || (erased.length === 0) !== (salts === null)) {
    return 'its erased subjects do not fit its salts';
  }
  if (salts === null) return undefined;
  const isGone = (block: number) =>
    salts.subarray(block * 16, (block + 1) * 16).every((byte) => byte === 0);
  const isOpen = secret !== null || !isGone(0) || !erased.every((place) => isGone(place + 1));
  return isOpen ? 'what opens its erased subjects is still there' : undefined;
}

/** Whether the entry says that somebody was erased from its log. */
export function isErasure(text: string): boolean {
  return text.includes('"event":"erasure"') && parsedEntry(text)?.event === 'erasure';
}

interface EntryText {
  readonly id: string;
  readonly event?: string;
  /** Of an event there is none. */
  readonly subjects?: { readonly size: number; readonly digest: string };
}

function parsedEntry(text: string): EntryText | undefined {
  try {
    const entry: unknown = JSON.parse(text);
    const isEvent = typeof entry === 'object' && entry !== null && 'event' in entry;
    const schema = isEvent ? 'logs/event' : 'disclosures/entry';
    const isRight = canonicalize(entry) === text && problemsOf(schema, entry).length === 0;
    return isRight ? (entry as EntryText) : undefined;
  } catch {
    return undefined;
  }
}

function digestOf(leafHashes: Buffer): string {
  return createHash('sha256').update(Buffer.of(2)).update(leafHashes).digest('base64url');
}

/** Numbers out of LEB128 differences; undefined for bytes that end within a number. */
export function decodeNumbers(bytes: Buffer): number[] | undefined {
  let number = 0;
  return leb128In(bytes)?.map((difference) => (number += difference));
}

/** LEB128 numbers behind each other; undefined for bytes that end within one. */
export function leb128In(bytes: Buffer): number[] | undefined {
  const numbers: number[] = [];
  let [number, scale] = [0, 1];
  for (const byte of bytes) {
    number += (byte % 128) * scale;
    scale *= 128;
    if (byte >= 128) continue;
    numbers.push(number);
    [number, scale] = [0, 1];
  }
  return scale === 1 ? numbers : undefined;
}
