import { isSame, provesInclusion, sha256, u64, utf8 } from '../notes/index.ts';
import type { Checkpoint } from '../notes/index.ts';
import { provenEntry, type AccountedEntry } from './accounted-entry-rules.ts';
import {
  bytesIn,
  dayPlus,
  demand,
  listIn,
  objectIn,
  pathIn,
  textIn,
  wholeIn,
  type Line,
} from './line-rules.ts';

/** What an accounting says of one log, as far as its days need it. */
interface AccountedDays {
  readonly told: Line;
  readonly signed: Checkpoint;
  /** The customer's log secret. */
  readonly secret: Uint8Array;
  readonly madeAt: string;
  readonly shown: readonly AccountedEntry[];
}

/** Follows the digests from the log's first day on; each must have the customer as the entries do. */
export async function provenDays(
  lines: readonly Line[],
  { told, signed, secret, madeAt, shown }: AccountedDays,
): Promise<{ day: string | null; to: number }> {
  const { origin, size } = signed;
  if (size === 0) {
    demand(lines.length === 0 && shown.length === 0, `${origin} is empty, but has entries`);
    return { day: null, to: 0 };
  }
  const first = objectIn(told, 'first');
  const entry = await provenEntry(textIn(first, 'entry'), { index: 0, line: first, signed });
  let [day, to] = [dayPlus(textIn(entry, 'at').slice(0, 10), -1), 0];
  let name: string | undefined;
  for (const line of lines) {
    const index = wholeIn(line, 'index');
    const digest = await provenEntry(textIn(line, 'digest'), { index, line, signed });
    const where = `entry ${String(index)} of ${origin}`;
    demand(digest['event'] === 'subjects-digest', `${where} is no digest`);
    name ??= textIn(digest, 'log');
    const isNext =
      digest['day'] === dayPlus(day, 1) && digest['from'] === to && digest['log'] === name;
    demand(isNext, `a digest of ${origin} is missing after ${day}`);
    day = dayPlus(day, 1);
    const [from, past] = [to, wholeIn(digest, 'to')];
    demand(past >= from && past <= index, `the digest of ${day} covers what it cannot`);
    to = past;
    const within = shown.filter((one) => one.index >= from && one.index < past);
    const pseudonym = await hmacSha256(secret, `${name}\n${day}`);
    await provenDay(line, { origin, day, digest, pseudonym, within });
  }
  const isUpToDate = dayPlus(day, 1) >= madeAt.slice(0, 10);
  demand(isUpToDate, `the digest of ${dayPlus(day, 1)} of ${origin} is missing`);
  return { day: lines.length === 0 ? null : day, to };
}

interface AccountedDay {
  readonly origin: string;
  readonly day: string;
  readonly digest: Line;
  readonly pseudonym: Uint8Array;
  readonly within: readonly AccountedEntry[];
}

/** One day: the customer's own leaf with exactly these entries, or proof that it has none. */
async function provenDay(
  line: Line,
  { origin, day, digest, pseudonym, within }: AccountedDay,
): Promise<void> {
  const leaves: DayLeaf[] = [];
  for (const leaf of listIn(line, 'leaves')) {
    leaves.push(await provenLeaf(leaf, { origin, day, digest }));
  }
  const own = leaves.find(({ name }) => isSame(name, pseudonym));
  if (own) {
    const count = within.reduce((sum, { leaves: times }) => sum + times, 0);
    const isWhole = own.count === count && isSame(own.entries, await sha256(eightsOf(within)));
    demand(isWhole, `of ${day} it does not have all that ${origin} disclosed, or has more`);
    return;
  }
  demand(within.length === 0, `of ${day} it has more than the digest of ${origin}`);
  const below = leaves.filter(({ name }) => isBefore(name, pseudonym));
  const above = leaves.filter(({ name }) => isBefore(pseudonym, name));
  const at = Math.max(-1, ...below.map(({ position }) => position)) + 1;
  const isBetween = at === wholeIn(digest, 'size') || above.some(({ position }) => position === at);
  demand(isBetween, `of ${day} it does not show that the customer is absent from ${origin}`);
}

/** The index of each entry in eight bytes, once for each leaf. */
function eightsOf(entries: readonly AccountedEntry[]): Uint8Array {
  const eights = new Uint8Array(entries.reduce((sum, { leaves }) => sum + leaves * 8, 0));
  let at = 0;
  for (const { index, leaves } of entries) {
    for (const end = at + leaves * 8; at < end; at += 8) eights.set(u64(index), at);
  }
  return eights;
}

interface DayLeaf {
  readonly name: Uint8Array;
  readonly position: number;
  readonly count: number;
  /** SHA-256 of the entries' indices. */
  readonly entries: Uint8Array;
}

async function provenLeaf(
  leaf: Line,
  { origin, day, digest }: Pick<AccountedDay, 'origin' | 'day' | 'digest'>,
): Promise<DayLeaf> {
  const [name, entries] = [bytesIn(leaf, 'pseudonym'), bytesIn(leaf, 'entries')];
  const [position, count] = [wholeIn(leaf, 'position'), wholeIn(leaf, 'count')];
  const isWhole = name.length === 32 && entries.length === 32 && count < 2 ** 32;
  demand(isWhole, `a leaf of ${day} of ${origin} is malformed`);
  const hash = await sha256(Uint8Array.of(0), name, u64(count).subarray(4), entries);
  const [size, root] = [wholeIn(digest, 'size'), bytesIn(digest, 'root')];
  const proof = { index: position, size, leaf: hash, path: pathIn(leaf), root };
  demand(await provesInclusion(proof), `a leaf of ${day} is not in the digest of ${origin}`);
  return { name, position, count, entries };
}

async function hmacSha256(secret: Uint8Array, text: string): Promise<Uint8Array> {
  const hmac = { name: 'HMAC', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('raw', secret, hmac, false, ['sign']);
  return new Uint8Array(await crypto.subtle.sign('HMAC', key, utf8(text)));
}

/** In the order of bytes, of two that are equally long. */
function isBefore(one: Uint8Array, other: Uint8Array): boolean {
  const at = one.findIndex((byte, i) => byte !== other[i]);
  return at >= 0 && (one[at] ?? 0) < (other[at] ?? 0);
}
