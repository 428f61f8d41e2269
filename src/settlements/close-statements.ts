import { accrueFees } from '../fees/index.ts';
import {
  findPartner,
  findPartners,
  UnknownPartner,
  type Partner,
  type PartnerId,
} from '../partners/index.ts';
import type { StaffId } from '../people/index.ts';
import { addDays, monthOf } from '../platform/calendar-days.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { closePartner } from './close-partner.ts';
import { logStatement } from './log-statement.ts';
import { findClosedStatement, findClosedStatements } from './settlement-store.ts';
import {
  NothingToClose,
  StatementClosed,
  type ClosedStatement,
  type StatementName,
} from './settlement.ts';

export interface CloseReport {
  readonly partnerKey: string;
  readonly statement: ClosedStatement;
}

export interface MonthClosing {
  /** YYYY-MM */
  readonly month: string;
  /** Each partner where none is named. */
  readonly partnerId?: PartnerId | undefined;
  readonly by: StaffId;
  /** Is told of each partner that could not be closed, and why; the others are closed all the same. */
  readonly onRefused?: (partnerKey: string, refusal: Refusal) => void;
}

/**
 * Closes the statements of all periods that end in a month (YYYY-MM), of one partner or of each:
 * computes the partner's lines, closes it in one transaction of its own, and then writes the hashes
 * into its log. Run again after a crash it goes on with what is left. What stands against one partner
 * keeps no other from its statement; where nothing was closed, and nobody is told of it, the first of
 * these refusals is thrown. Refuses when nothing is left.
 */
export async function closeStatements(
  tools: Tools,
  { month, partnerId, by, onRefused }: MonthClosing,
): Promise<CloseReport[]> {
  const reports: CloseReport[] = [];
  const refused: Refusal[] = [];
  for (const partner of await partnersOf(tools, partnerId)) {
    const names = await closeOne(tools, { partner, month, by });
    if (names instanceof Refusal) {
      refused.push(names);
      onRefused?.(partner.key, names);
      continue;
    }
    for (const name of names) {
      const statement = await findClosedStatement(tools.db, name);
      if (!statement) throw new Error('A statement that was closed is there.');
      reports.push({ partnerKey: partner.key, statement });
    }
  }
  const [first] = refused;
  if (first && (reports.length === 0 || !onRefused)) throw first;
  if (reports.length > 0) return reports;
  const closed = await findClosedStatements(tools.db, { partnerId });
  const isDone = closed.some(({ untilDay }) => monthOf(addDays(untilDay, -1)) === month);
  throw new Refusal(isDone ? StatementClosed : NothingToClose);
}

/** What of a partner was closed, or the refusal that stands against it; who may not close, is told so. */
async function closeOne(
  tools: Tools,
  { partner, month, by }: { partner: Partner; month: string; by: StaffId },
): Promise<readonly StatementName[] | Refusal> {
  try {
    await accrueFees(tools, { partnerId: partner.id });
    const names = await closePartner(tools, { partner, month, by });
    await logMissing(tools, partner.id);
    return names;
  } catch (error) {
    if (error instanceof Refusal && error.kind.status === 409) return error;
    throw error;
  }
}

async function partnersOf(tools: Tools, partnerId: PartnerId | undefined): Promise<Partner[]> {
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
