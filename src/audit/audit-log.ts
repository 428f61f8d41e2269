import type { Database } from '../platform/database.ts';
import { disclosureId, leafHash, type TreeNode } from '../transparency/index.ts';
import { auditDays, type DayAudit } from './audit-days.ts';
import { headLog, type HeadAudit } from './audit-heads.ts';
import { auditPlaces, type PlaceAudit } from './audit-places.ts';
import { auditPostings } from './audit-postings.ts';
import {
  findAuditedNodes,
  findAuditedRest,
  type AuditedEntry,
  type AuditedLog,
  type AuditedRest,
} from './audit-store.ts';
import { decodeNumbers, isErasure, wrongIn } from './entry-rules.ts';
import { readPage } from './read-page.ts';

const pageSize = 2048;
const none = Buffer.alloc(0);
const unreadable = 'is in the archive alone, and its file there can’t be read';

/** The first thing that is wrong in a log; null where it is not about one entry. */
export interface Finding {
  readonly index: number | null;
  readonly id: string | null;
  readonly what: string;
}
const aboutLog = (what: string): Finding => ({ index: null, id: null, what });

/** What was compared of a log, up to where it is wrong. */
export interface AuditOfLog {
  readonly entries: number;
  readonly subjects: number;
  readonly places: number;
  readonly postings: number;
  readonly finding: Finding | undefined;
}

/** Audits one log as its head was; what the head log shows of it, with the beats that it had then. */
export async function auditLog(
  db: Database,
  log: AuditedLog,
  { heads, beats, archive }: { heads: HeadAudit; beats: number; archive: string | undefined },
): Promise<AuditOfLog> {
  const places = await auditPlaces(db, log, beats);
  const walked = await walkEntries(db, log, { places, heads, archive });
  if (walked.finding) return { ...walked, places: places.compared, postings: 0 };
  const { compared: postings, wrong } = await auditPostings(db, log);
  const late = wrong && { ...wrong, id: null };
  const rest = late ? undefined : await findAuditedRest(db, log.recipientId, headLog);
  const finding = late ?? auditRest(rest, walked.erasures);
  return { ...walked, places: places.compared, postings, finding };
}

interface Walk {
  readonly entries: number;
  readonly subjects: number;
  readonly erasures: number;
  readonly finding: Finding | undefined;
}

async function walkEntries(
  db: Database,
  log: AuditedLog,
  { places, heads, archive }: { places: PlaceAudit; heads: HeadAudit; archive: string | undefined },
): Promise<Walk> {
  let [subjects, erasures] = [0, 0];
  const days = auditDays(db, log);
  for (let from = 0; from < log.size; from += pageSize) {
    const to = Math.min(from + pageSize, log.size);
    const { page, unread } = await readPage(db, log, { from, to, archive });
    const found = auditPage(page, log, { from, to: unread?.index ?? to });
    const finding = found ?? (unread && { ...unread, what: unreadable });
    if (finding) return { entries: finding.index ?? from, subjects, erasures, finding };
    for (const row of page) {
      const { index, entry: text } = row;
      const shown = { numbers: row.numbers ?? none, erased: decodeNumbers(row.erased ?? none) };
      const erased = shown.erased?.length ?? 0;
      const day = await days.take({ index, text, numbers: shown.numbers, erased });
      const what = day ?? (log.recipientId === headLog ? await heads.take(row) : undefined);
      const id = disclosureId(row.entryId);
      if (what !== undefined) {
        return { entries: index, subjects, erasures, finding: { index, id, what } };
      }
      if (isErasure(text)) erasures += 1;
    }
    const leaves = page.map((row) => leafHash(Buffer.from(row.entry)));
    const { completed, wrong } = await places.grow(leaves);
    const nodes = await auditNodes(db, log, completed);
    const tree = nodes ?? (wrong === undefined ? undefined : aboutLog(wrong));
    if (tree) return { entries: to, subjects, erasures, finding: tree };
    subjects += page.reduce((sum, row) => sum + (row.leafHashes?.length ?? 0) / 32, 0);
  }
  const finding = await wrongAtEnd(log, { days, places });
  return { entries: log.size, subjects, erasures, finding };
}

async function wrongAtEnd(
  log: AuditedLog,
  { days, places }: { days: DayAudit; places: PlaceAudit },
): Promise<Finding | undefined> {
  const isEdgeRight = Buffer.concat(places.frontier).equals(log.frontier);
  if (!isEdgeRight) return aboutLog('its head is not the root of its entries');
  const shown = await places.end();
  if (shown !== undefined) return aboutLog(shown);
  const late = await days.end();
  return late && { ...late, id: null };
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
  if (rest.beyond.some((count) => count > 0)) return aboutLog('it holds rows beyond its head');
  const isGapless =
    rest.numbers + erasures === rest.numbered &&
    rest.highestNumber <= rest.numbered &&
    (erasures > 0 || rest.highestNumber === rest.numbered);
  return isGapless ? undefined : aboutLog('the numbers of its customers have gaps');
}
