import type { Tools } from '../platform/tools.ts';
import { disclosureId } from '../transparency/index.ts';
import { auditHeads, headLog } from './audit-heads.ts';
import { auditLog, type AuditOfLog, type Finding } from './audit-log.ts';
import { findAuditedLogs, findOrphan } from './audit-store.ts';

/** The first thing that is wrong in a log. */
export interface LogFinding extends Finding {
  readonly log: string;
}

/** How much was compared, and what is wrong. */
export interface LogAudit {
  readonly logs: number;
  readonly entries: number;
  readonly subjects: number;
  /** Entries of the head log whose root was made again from the places of all logs. */
  readonly beats: number;
  /** What beats show of logs: each size with the root that the log had then. */
  readonly places: number;
  /** Segments of the subject index that were turned round again. */
  readonly postings: number;
  /** At most one for each log. */
  readonly findings: readonly LogFinding[];
}

/**
 * The full audit of every log in the database: each entry is hashed again, each tree built again,
 * each subject list, each daily digest, each kept node, each posting and the root of each beat of the
 * head log recomputed and compared with what is stored; and what a beat shows of a log is what the log
 * was. Detached entries are read from the archive. Memory is that of the entries of one day. Logs may
 * grow meanwhile; what is audited is what their heads had when it began.
 */
export async function verifyLog({
  db,
  settings,
}: Pick<Tools, 'db'> & Partial<Pick<Tools, 'settings'>>): Promise<LogAudit> {
  const logs = await findAuditedLogs(db);
  const beats = logs.find(({ recipientId }) => recipientId === headLog)?.size ?? 0;
  const heads = auditHeads(db, logs);
  const audits: AuditOfLog[] = [];
  const findings: LogFinding[] = [];
  for (const log of logs) {
    const audit = await auditLog(db, log, { heads, beats, archive: settings?.logArchive });
    audits.push(audit);
    if (audit.finding) findings.push({ log: log.origin, ...audit.finding });
  }
  const orphan = await findOrphan(db);
  if (orphan) {
    const { recipientId, index, entryId } = orphan;
    const what = 'belongs to a recipient that has no log';
    findings.push({ log: recipientId, index, id: disclosureId(entryId), what });
  }
  const sum = (what: 'entries' | 'subjects' | 'places' | 'postings') =>
    audits.reduce((total, audit) => total + audit[what], 0);
  return {
    logs: logs.length,
    ...{ entries: sum('entries'), subjects: sum('subjects') },
    ...{ beats: heads.compared, places: sum('places'), postings: sum('postings'), findings },
  };
}
