import { accrueFees } from '../fees/index.ts';
import { findPartner, findPartners, UnknownPartner, type PartnerId } from '../partners/index.ts';
import type { StaffId } from '../people/index.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { closePartner } from './close-partner.ts';
import { logStatement } from './log-statement.ts';
import { findClosedStatement, findClosedStatements } from './settlement-store.ts';
import { NothingToClose, StatementClosed, type ClosedStatement } from './settlement.ts';

export interface CloseReport {
  readonly partnerKey: string;
  readonly statement: ClosedStatement;
}

/**
 * Closes the statements of all periods that end in a month (YYYY-MM), of one partner or of each:
 * computes the partner's lines, closes it in one transaction of its own, and then writes the hashes
 * into its log. Run again after a crash it goes on with what is left. Refuses when nothing is left.
 */
export async function closeStatements(
  tools: Tools,
  { month, partnerId, by }: { month: string; partnerId?: PartnerId | undefined; by: StaffId },
): Promise<CloseReport[]> {
  const reports: CloseReport[] = [];
  for (const partner of await partnersOf(tools, partnerId)) {
    await accrueFees(tools, { partnerId: partner.id });
    const names = await closePartner(tools, { partner, month, by });
    await logMissing(tools, partner.id);
    for (const name of names) {
      const statement = await findClosedStatement(tools.db, name);
      if (!statement) throw new Error('A statement that was closed is there.');
      reports.push({ partnerKey: partner.key, statement });
    }
  }
  if (reports.length > 0) return reports;
  const closed = await findClosedStatements(tools.db, { partnerId });
  const isDone = closed.some(({ period }) => period.startsWith(month));
  throw new Refusal(isDone ? StatementClosed : NothingToClose);
}

async function partnersOf(tools: Tools, partnerId: PartnerId | undefined) {
  if (partnerId === undefined) return findPartners(tools.db);
  const partner = await findPartner(tools.db, partnerId);
  if (!partner) throw new Refusal(UnknownPartner);
  return [partner];
}

/** Also what a crash after an earlier close left out. */
async function logMissing(tools: Tools, partnerId: PartnerId): Promise<void> {
  for (const statement of await findClosedStatements(tools.db, { partnerId })) {
    if (!statement.isLogged) await logStatement(tools, statement);
  }
}
