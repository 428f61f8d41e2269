import { createHash, createHmac } from 'node:crypto';
import {
  leafHash,
  nodeHash,
  openNote,
  parseCheckpoint,
  parseVerifierKey,
  type NoteVerifier,
} from '../transparency/index.ts';

/** What an accounting shows, or the first reason why it shows nothing. */
export type AccountingVerdict =
  | {
      readonly holds: true;
      readonly customer: string;
      readonly madeAt: string;
      readonly logs: readonly AccountedLog[];
    }
  | { readonly holds: false; readonly because: string };

export interface AccountedLog {
  readonly log: string;
  readonly recipient: string | null;
  /** Entries that show the customer, each proven to be in the log. */
  readonly disclosures: number;
  /** Records of the customer in them, and how many of these are given and proven by their hashes. */
  readonly records: number;
  readonly opened: number;
  /** Through which day nothing is left out; null while the log has had no daily digest. */
  readonly completeThrough: string | null;
  /** How many of the disclosures are younger than that. */
  readonly after: number;
}

type Line = Readonly<Record<string, unknown>>;

interface Signed {
  readonly origin: string;
  readonly size: number;
  readonly root: Buffer;
}

interface Own {
  readonly index: number;
  readonly leaves: number;
}

class Unproven extends Error {}

/**
 * Verifies a person's accounting without the log: that every entry in it is in its recipient's log and
 * opens to the records that are given, and by the digest of each day that no entry and no record is
 * left out. It shares nothing with what draws the accounting.
 */
export function verifyAccounting(given: {
  accounting: string;
  verifierKey: string;
}): AccountingVerdict {
  try {
    const key = parseVerifierKey(given.verifierKey);
    if (!key) return { holds: false, because: 'the verifier key is not a key of a signed note' };
    return verified(linesOf(given.accounting), key);
  } catch (error) {
    if (error instanceof Unproven) return { holds: false, because: error.message };
    throw error;
  }
}

function verified(lines: readonly Line[], key: NoteVerifier): AccountingVerdict {
  const [head, ...rest] = lines;
  const end = rest.pop();
  demand(head?.['accounting'] === 1, 'it is not an accounting of version 1');
  demand(end?.['end'] === true, 'its end is missing');
  const secret = bytesOf(head, 'secret');
  demand(secret.length === 32, 'its secret does not have 32 bytes');
  const madeAt = textOf(head, 'madeAt');
  const logs: AccountedLog[] = [];
  const groups: Line[][] = [];
  for (const line of rest) {
    if ('log' in line) groups.push([]);
    groups.at(-1)?.push(line);
    demand(groups.length > 0, 'a line stands before any log');
  }
  demand(groups.length === head['logs'], 'a log is missing');
  for (const group of groups) logs.push(verifiedLog(group, { key, secret, madeAt }));
  const origins = new Set(logs.map(({ log }) => log));
  demand(origins.size === logs.length, 'a log stands in it twice');
  const count = logs.reduce((sum, { disclosures }) => sum + disclosures, 0);
  demand(count === end['disclosures'], 'a disclosure is missing or one too many');
  return { holds: true, customer: textOf(head, 'customer'), madeAt, logs };
}

function verifiedLog(
  [told = {}, ...lines]: readonly Line[],
  { key, secret, madeAt }: { key: NoteVerifier; secret: Buffer; madeAt: string },
): AccountedLog {
  const log = textOf(told, 'log');
  const signed = opened(textOf(told, 'checkpoint'), key);
  demand(signed.origin === log, `the checkpoint of ${log} is of another log`);
  const recipient = told['recipient'] === null ? null : textOf(told, 'recipient');
  const subject = textOf(told, 'subject');
  const shown: Own[] = [];
  let [records, proven] = [0, 0];
  for (const line of lines.filter((one) => 'disclosure' in one)) {
    const { index, leaves, openedLeaves } = verifiedEntry(line, { signed, subject, recipient });
    const isLater = index > (shown.at(-1)?.index ?? -1);
    demand(isLater, `entry ${String(index)} of ${log} is out of order`);
    shown.push({ index, leaves });
    records += leaves;
    proven += openedLeaves;
  }
  const digests = lines.filter((one) => 'digest' in one);
  demand(
    lines.every((one) => 'digest' in one || 'disclosure' in one),
    `a line of ${log} is neither a digest nor a disclosure`,
  );
  const covered = verifiedDigests(digests, { told, signed, secret, madeAt, shown });
  const after = shown.filter(({ index }) => index >= covered.to).length;
  return {
    ...{ log, recipient, disclosures: shown.length, records, opened: proven },
    ...{ completeThrough: covered.day, after },
  };
}

function opened(note: string, key: NoteVerifier): Signed {
  const found = openNote(note, [key]);
  if (!found.opened) throw new Unproven(`a checkpoint does not open: ${found.because}`);
  const checkpoint = parseCheckpoint(found.text);
  if (!checkpoint) throw new Unproven('what was signed is not a checkpoint');
  demand(checkpoint.origin.startsWith(`${key.name}/`), 'the key is of another host');
  return checkpoint;
}

/** The entry's text, once it is proven to be in the log at its index. */
function provenEntry(
  text: string,
  index: number,
  line: Line,
  { origin, size, root }: Signed,
): Line {
  const leaf = leafHash(Buffer.from(text));
  const found = rootAbove({ index, size, leaf, path: pathOf(line) });
  demand(found?.equals(root) ?? false, `entry ${String(index)} is not in the tree of ${origin}`);
  return parsed(text);
}

function verifiedEntry(
  line: Line,
  { signed, subject, recipient }: { signed: Signed; subject: string; recipient: string | null },
): { index: number; leaves: number; openedLeaves: number } {
  const index = wholeOf(line, 'index');
  const where = `entry ${String(index)} of ${signed.origin}`;
  const entry = provenEntry(textOf(line, 'disclosure'), index, line, signed);
  demand(!('event' in entry), `${where} is no disclosure`);
  demand(
    recipient === null || entry['recipient'] === recipient,
    `${where} is of another recipient`,
  );
  const hashes = bytesOf(line, 'leafHashes');
  const subjects = objectOf(entry, 'subjects');
  const digest = createHash('sha256').update(Buffer.of(2)).update(hashes).digest('base64url');
  const isList = subjects['digest'] === digest && hashes.length === wholeOf(subjects, 'size') * 32;
  demand(isList, `the leaf hashes of ${where} are not the ones that it commits to`);
  const own = listOf(line, 'own');
  demand(own.length > 0, `${where} shows nothing of the customer`);
  let [last, openedLeaves] = [-1, 0];
  for (const leaf of own) {
    const place = wholeOf(leaf, 'place');
    demand(place > last && place * 32 < hashes.length, `a leaf of ${where} is out of place`);
    last = place;
    if (leaf['record'] === null) continue;
    const salt = bytesOf(leaf, 'salt');
    const input = [Buffer.of(0), salt, subject, Buffer.of(0), textOf(leaf, 'record')];
    const hash = createHash('sha256');
    for (const part of input) hash.update(part);
    const isRecord = hash.digest().equals(hashes.subarray(place * 32, place * 32 + 32));
    demand(isRecord, `a record of ${where} is not the one that was disclosed`);
    openedLeaves += 1;
  }
  return { index, leaves: own.length, openedLeaves };
}

/** Follows the digests from the log's first day on; each must have the customer as the entries do. */
function verifiedDigests(
  lines: readonly Line[],
  {
    told,
    signed,
    secret,
    madeAt,
    shown,
  }: { told: Line; signed: Signed; secret: Buffer; madeAt: string; shown: readonly Own[] },
): { day: string | null; to: number } {
  const { origin, size } = signed;
  if (size === 0) {
    demand(lines.length === 0 && shown.length === 0, `${origin} is empty, but has entries`);
    return { day: null, to: 0 };
  }
  const first = objectOf(told, 'first');
  const entry = provenEntry(textOf(first, 'entry'), 0, first, signed);
  let [day, to] = [dayPlus(textOf(entry, 'at').slice(0, 10), -1), 0];
  let name: string | undefined;
  for (const line of lines) {
    const index = wholeOf(line, 'index');
    const digest = provenEntry(textOf(line, 'digest'), index, line, signed);
    demand(
      digest['event'] === 'subjects-digest',
      `entry ${String(index)} of ${origin} is no digest`,
    );
    name ??= textOf(digest, 'log');
    const isNext =
      digest['day'] === dayPlus(day, 1) && digest['from'] === to && digest['log'] === name;
    demand(isNext, `a digest of ${origin} is missing after ${day}`);
    day = dayPlus(day, 1);
    const [from, past] = [to, wholeOf(digest, 'to')];
    demand(past >= from && past <= index, `the digest of ${day} covers what it cannot`);
    to = past;
    const within = shown.filter((one) => one.index >= from && one.index < past);
    verifiedDay(line, { origin, name, day, digest, secret, within });
  }
  const isUpToDate = dayPlus(day, 1) >= madeAt.slice(0, 10);
  demand(isUpToDate, `the digest of ${dayPlus(day, 1)} of ${origin} is missing`);
  return { day: lines.length === 0 ? null : day, to };
}

/** One day: the customer's own leaf with exactly these entries, or proof that it has none. */
function verifiedDay(
  line: Line,
  {
    origin,
    name: log,
    day,
    digest,
    secret,
    within,
  }: {
    origin: string;
    name: string;
    day: string;
    digest: Line;
    secret: Buffer;
    within: readonly Own[];
  },
): void {
  const [size, root] = [wholeOf(digest, 'size'), bytesOf(digest, 'root')];
  const pseudonym = createHmac('sha256', secret).update(`${log}\n${day}`).digest();
  const leaves = listOf(line, 'leaves').map((leaf) => {
    const [name, position] = [bytesOf(leaf, 'pseudonym'), wholeOf(leaf, 'position')];
    const count = Buffer.alloc(4);
    count.writeUInt32BE(Math.min(wholeOf(leaf, 'count'), 2 ** 32 - 1));
    const bytes = Buffer.concat([Buffer.of(0), name, count, bytesOf(leaf, 'entries')]);
    demand(bytes.length === 69, `a leaf of ${day} of ${origin} is malformed`);
    const hash = createHash('sha256').update(bytes).digest();
    const found = rootAbove({ index: position, size, leaf: hash, path: pathOf(leaf) });
    demand(found?.equals(root) ?? false, `a leaf of ${day} is not in the digest of ${origin}`);
    return { name, position, count: count.readUInt32BE(), entries: bytesOf(leaf, 'entries') };
  });
  const own = leaves.find(({ name }) => name.equals(pseudonym));
  if (own) {
    const eights = within.flatMap(({ index, leaves: times }) => {
      const bytes = Buffer.alloc(8);
      bytes.writeBigUInt64BE(BigInt(index));
      return Array.from({ length: times }, () => bytes);
    });
    const entries = createHash('sha256').update(Buffer.concat(eights)).digest();
    const isWhole = own.count === eights.length && own.entries.equals(entries);
    demand(isWhole, `of ${day} it does not have all that ${origin} disclosed, or has more`);
    return;
  }
  demand(within.length === 0, `of ${day} it has more than the digest of ${origin}`);
  const below = leaves.filter(({ name }) => Buffer.compare(name, pseudonym) < 0);
  const above = leaves.filter(({ name }) => Buffer.compare(name, pseudonym) > 0);
  const at = below.length === 0 ? 0 : Math.max(...below.map(({ position }) => position)) + 1;
  const isBetween = at === size || above.some(({ position }) => position === at);
  demand(isBetween, `of ${day} it does not show that the customer is absent from ${origin}`);
}

/** RFC 9162, section 2.1.3.2: the root that the path leads to; undefined for a path that cannot be. */
function rootAbove(from: {
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

function dayPlus(day: string, days: number): string {
  const at = Date.parse(`${day}T00:00:00Z`);
  demand(Number.isFinite(at), `${day} is no day`);
  return new Date(at + days * 86_400_000).toISOString().slice(0, 10);
}

function linesOf(accounting: string): Line[] {
  return accounting.split('\n').filter(Boolean).map(parsed);
}

function parsed(text: string): Line {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Line;
  } catch {
    // Said below.
  }
  throw new Unproven('a line is not a JSON object');
}

function textOf(line: Line, name: string): string {
  const value = line[name];
  if (typeof value !== 'string') throw new Unproven(`a line lacks ${name}`);
  return value;
}

function wholeOf(line: Line, name: string): number {
  const value = line[name];
  const isWhole = typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
  if (!isWhole) throw new Unproven(`a line lacks ${name}`);
  return value;
}

function bytesOf(line: Line, name: string): Buffer {
  const text = textOf(line, name);
  const bytes = Buffer.from(text, 'base64url');
  demand(bytes.toString('base64url') === text, `${name} is not base64url`);
  return bytes;
}

function objectOf(line: Line, name: string): Line {
  const value = line[name];
  if (typeof value !== 'object' || value === null) throw new Unproven(`a line lacks ${name}`);
  return value as Line;
}

function listOf(line: Line, name: string): Line[] {
  const value = line[name];
  if (!Array.isArray(value)) throw new Unproven(`a line lacks ${name}`);
  return value.map((one: unknown) => objectOf({ [name]: one }, name));
}

function pathOf(line: Line): Buffer[] {
  const value = line['path'];
  if (!Array.isArray(value)) throw new Unproven('a line lacks its path');
  return value.map((one: unknown) => bytesOf({ path: one }, 'path'));
}

function demand(holds: boolean, because: string): asserts holds {
  if (!holds) throw new Unproven(because);
}
