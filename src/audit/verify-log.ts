import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { Database } from '../platform/database.ts';
import { problemsOf } from '../platform/schemas.ts';
import type { Tools } from '../platform/tools.ts';
import {
  findAuditedLogs,
  findAuditedNodes,
  findAuditedRest,
  findOrphan,
  type AuditedEntry,
  type AuditedLog,
  type AuditedRest,
} from './audit-store.ts';
import { auditDays } from './audit-days.ts';
import { readPage } from './read-page.ts';
import { disclosureId } from '../transparency/index.ts';
import { appendLeaves, leafHash, type TreeNode } from '../transparency/index.ts';

/** The first thing that is wrong in a log. */
export interface LogFinding {
  readonly log: string;
  /** Null where it is not about one entry. */
  readonly index: number | null;
  readonly id: string | null;
  readonly what: string;
}

export interface LogAudit {
  readonly logs: number;
  readonly entries: number;
  readonly subjects: number;
  /** At most one for each log. */
  readonly findings: readonly LogFinding[];
}

const pageSize = 2048;
const none = Buffer.alloc(0);
const unreadable = 'is in the archive alone, and its file there can’t be read';

/**
 * The full audit of every log in the database: each entry is hashed again, each tree built again,
 * each subject list, each daily digest and each kept node recomputed and compared with what is stored.
 * Detached entries are read from the archive. Memory is that of the entries of one day. Logs may grow
 * meanwhile; what is audited is what their heads had when it began.
 */
export async function verifyLog({
  db,
  settings,
}: Pick<Tools, 'db'> & Partial<Pick<Tools, 'settings'>>): Promise<LogAudit> {
  const logs = await findAuditedLogs(db);
  const findings: LogFinding[] = [];
  let [entries, subjects] = [0, 0];
  for (const log of logs) {
    const found = await auditLog(db, log, settings?.logArchive);
    entries += found.entries;
    subjects += found.subjects;
    if (found.finding) findings.push({ log: log.origin, ...found.finding });
  }
  const orphan = await findOrphan(db);
  if (orphan) {
    const { recipientId, index, entryId } = orphan;
    const what = 'belongs to a recipient that has no log';
    findings.push({ log: recipientId, index, id: disclosureId(entryId), what });
  }
  return { logs: logs.length, entries, subjects, findings };
}

type Finding = Omit<LogFinding, 'log'>;
const aboutLog = (what: string): Finding => ({ index: null, id: null, what });

async function auditLog(
  db: Database,
  log: AuditedLog,
  archive: string | undefined,
): Promise<{ entries: number; subjects: number; finding: Finding | undefined }> {
  let frontier: readonly Buffer[] = [];
  let [subjects, erasures] = [0, 0];
  const days = auditDays(db, log);
  for (let from = 0; from < log.size; from += pageSize) {
    const to = Math.min(from + pageSize, log.size);
    const { page, unread } = await readPage(db, log, { from, to, archive });
    const found = auditPage(page, log, { from, to: unread?.index ?? to });
    const finding = found ?? (unread && { ...unread, what: unreadable });
    if (finding) return { entries: finding.index ?? from, subjects, finding };
    for (const row of page) {
      const { index, entry: text } = row;
      const shown = { numbers: row.numbers ?? none, erased: decodeNumbers(row.erased ?? none) };
      const erased = shown.erased?.length ?? 0;
      const what = await days.take({ index, text, numbers: shown.numbers, erased });
      const id = disclosureId(row.entryId);
      if (what !== undefined) return { entries: index, subjects, finding: { index, id, what } };
      if (isErasure(text)) erasures += 1;
    }
    const tree = appendLeaves(
      from,
      frontier,
      page.map((row) => leafHash(Buffer.from(row.entry))),
    );
    const nodes = await auditNodes(db, log, tree.completed);
    if (nodes) return { entries: to, subjects, finding: nodes };
    frontier = tree.frontier;
    subjects += page.reduce((sum, row) => sum + (row.leafHashes?.length ?? 0) / 32, 0);
  }
  const isEdgeRight = Buffer.concat(frontier).equals(log.frontier);
  const edge = isEdgeRight ? undefined : aboutLog('its head is not the root of its entries');
  const late = edge ? undefined : await days.end();
  const tail = late && { ...late, id: null };
  const finding = edge ?? tail ?? auditRest(await findAuditedRest(db, log.recipientId), erasures);
  return { entries: log.size, subjects, finding };
}

function auditPage(
  page: readonly AuditedEntry[],
  log: AuditedLog,
  { from, to }: { from: number; to: number },
): Finding | undefined {
  for (const [i, row] of page.entries()) {
    if (row.index !== from + i) return { index: from + i, id: null, what: 'is missing' };
    const what = wrongIn(row, log.numbered);
    if (what !== undefined) return { index: row.index, id: disclosureId(row.entryId), what };
  }
  const isShort = page.length < to - from;
  return isShort ? { index: from + page.length, id: null, what: 'is missing' } : undefined;
}

/** What is wrong with one entry or with what is stored beside it. */
function wrongIn(row: AuditedEntry, numbered: number): string | undefined {
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

function isErasure(text: string): boolean {
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
function decodeNumbers(bytes: Buffer): number[] | undefined {
  const numbers: number[] = [];
  let [number, scale] = [0, 1];
  for (const byte of bytes) {
    number += (byte % 128) * scale;
    scale *= 128;
    if (byte >= 128) continue;
    numbers.push(number);
    scale = 1;
  }
  return scale === 1 ? numbers : undefined;
}

async function auditNodes(
  db: Database,
  log: AuditedLog,
  completed: readonly TreeNode[],
): Promise<Finding | undefined> {
  if (completed.length === 0) return undefined;
  const stored = await findAuditedNodes(db, log.recipientId, completed);
  const hashes = new Map(
    stored.map((node) => [`${String(node.level)}/${String(node.index)}`, node.hash]),
  );
  for (const { level, index, hash } of completed) {
    if (hashes.get(`${String(level)}/${String(index)}`)?.equals(hash)) continue;
    const [first, last] = [index * 2 ** level, (index + 1) * 2 ** level - 1];
    const range = `entries ${String(first)} to ${String(last)}`;
    return aboutLog(`its stored node over ${range} is not their root`);
  }
  return undefined;
}

/** Each erasure took one customer's number out of the log. */
function auditRest(rest: AuditedRest | undefined, erasures: number): Finding | undefined {
  if (!rest) return aboutLog('its head is gone');
  const beyond = [rest.entriesBeyond, rest.secretsBeyond, rest.subjectsBeyond, rest.nodesBeyond];
  if (beyond.some((count) => count > 0)) return aboutLog('it holds rows beyond its head');
  const isGapless =
    rest.numbers + erasures === rest.numbered &&
    rest.highestNumber <= rest.numbered &&
    (erasures > 0 || rest.highestNumber === rest.numbered);
  return isGapless ? undefined : aboutLog('the numbers of its customers have gaps');
}
