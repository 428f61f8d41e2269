import { createHash, createHmac } from 'node:crypto';
import { uuidAt } from '../platform/uuid.ts';

/** The digest of a day as its entry says it. */
export interface DigestText {
  readonly event: 'subjects-digest';
  /** The name that the log had at first: pseudonyms follow from it. */
  readonly log: string;
  /** YYYY-MM-DD, in UTC. */
  readonly day: string;
  /** The entries that it covers: from included, to excluded. */
  readonly from: number;
  readonly to: number;
  /** How many customers these entries show. */
  readonly size: number;
  /** Base64url. */
  readonly root: string;
  readonly at: string;
  readonly id: string;
}

/** One customer of a day: what it is called there, and how many leaves of which entries are its own. */
export interface DayLeaf {
  readonly pseudonym: Buffer;
  readonly count: number;
  readonly entriesHash: Buffer;
}

/** What a customer is called in one log on one day: HMAC-SHA-256(its secret, log ‖ "\n" ‖ day). */
export function pseudonymOf(secret: Buffer, log: string, day: string): Buffer {
  return createHmac('sha256', secret).update(`${log}\n${day}`).digest();
}

/** SHA-256 of the indices, eight bytes each, big-endian, ascending; once for each leaf. */
export function hashOfEntries(indices: readonly number[]): Buffer {
  const bytes = Buffer.alloc(indices.length * 8);
  for (const [i, index] of indices.entries()) bytes.writeBigUInt64BE(BigInt(index), i * 8);
  return createHash('sha256').update(bytes).digest();
}

/** SHA-256(0x00 ‖ pseudonym ‖ count, four bytes ‖ hash of the entries). */
export function hashOfLeaf({ pseudonym, count, entriesHash }: DayLeaf): Buffer {
  const bytes = Buffer.alloc(69);
  bytes.set(pseudonym, 1);
  bytes.writeUInt32BE(count, 33);
  bytes.set(entriesHash, 37);
  return createHash('sha256').update(bytes).digest();
}

/** The id of a day's digest follows from its log and its day: a day has one, and it is found by it. */
export function digestIdOf(log: string, day: string): string {
  return uuidAt(new Date(`${dayAfter(day)}T00:00:00Z`), 'subjects-digest', log, day);
}

export function dayOf(at: Date | string): string {
  return (typeof at === 'string' ? at : at.toISOString()).slice(0, 10);
}

export function dayAfter(day: string): string {
  return dayPlus(day, 1);
}

export function dayPlus(day: string, days: number): string {
  return dayOf(new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000));
}

/** The days from one to another, both among them. */
export function daysBetween(first: string, last: string): string[] {
  const days: string[] = [];
  for (let day = first; day <= last; day = dayAfter(day)) days.push(day);
  return days;
}
