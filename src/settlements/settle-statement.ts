import { postEntry } from '../ledger/index.ts';
import { checkRole, lockRoles, type StaffId } from '../people/index.ts';
import { inTransaction, type Transaction } from '../platform/database.ts';
import { Refusal } from '../platform/refusal.ts';
import { isPrintable } from '../platform/printable.ts';
import type { Tools } from '../platform/tools.ts';
import { insertApproved, insertPaid, lockStatement } from './settlement-store.ts';
import {
  finance,
  InvalidReference,
  NothingToPay,
  SecondPersonNeeded,
  StatementApproved,
  StatementNotApproved,
  StatementPaid,
  UnknownStatement,
  type ClosedStatement,
  type StatementName,
} from './settlement.ts';

/**
 * Approves a closed statement, by a second person. Asked again by the same person it changes
 * nothing. Refusals: `role-missing`, `unknown-statement`, `second-person-needed`,
 * `statement-approved` (by somebody else).
 */
export async function approveStatement(
  tools: Tools,
  { name, by }: { name: StatementName; by: StaffId },
): Promise<ClosedStatement> {
  return inTransaction(tools.db, async (tx) => {
    const statement = await held(tx, name, by);
    if (statement.closedBy.id === by) throw new Refusal(SecondPersonNeeded);
    if (statement.approved?.by.id === by) return statement;
    if (statement.approved) throw new Refusal(StatementApproved);
    await insertApproved(tx, statement, { by, at: tools.clock.now() });
    return again(tx, name);
  });
}

/**
 * Writes down that an approved statement was paid, under the reference of the payment: the money
 * leaves what is owed to the partner. Asked again with the same reference it changes nothing.
 * Refusals: `role-missing`, `invalid-reference`, `unknown-statement`, `statement-not-approved`,
 * `nothing-to-pay`, `statement-paid` (under another reference).
 */
export async function payStatement(
  tools: Tools,
  { name, reference, by }: { name: StatementName; reference: string; by: StaffId },
): Promise<ClosedStatement> {
  return inTransaction(tools.db, (tx) => payStatementIn(tx, tools, { name, reference, by }));
}

/** As payStatement, within a transaction that pays more than this statement. */
export async function payStatementIn(
  tx: Transaction,
  tools: Tools,
  { name, reference, by }: { name: StatementName; reference: string; by: StaffId },
): Promise<ClosedStatement> {
  if (!isPrintable(reference, 200)) throw new Refusal(InvalidReference);
  const statement = await held(tx, name, by);
  const { id, partnerId, currency, payoutMinor, paid } = statement;
  if (paid?.reference === reference) return statement;
  if (paid) throw new Refusal(StatementPaid);
  if (!statement.approved) throw new Refusal(StatementNotApproved);
  if (payoutMinor === 0n) throw new Refusal(NothingToPay);
  const lines = { 'partner-payable': payoutMinor, clearing: -payoutMinor };
  const source = `payout ${id}`;
  const entryId = await postEntry(tx, tools, { partnerId, currency, source, lines });
  await insertPaid(tx, statement, { reference, entryId, by, at: tools.clock.now() });
  return again(tx, name);
}

async function held(tx: Transaction, name: StatementName, by: StaffId): Promise<ClosedStatement> {
  checkRole(await lockRoles(tx, by), finance);
  return again(tx, name);
}

async function again(tx: Transaction, name: StatementName): Promise<ClosedStatement> {
  const statement = await lockStatement(tx, name);
  if (!statement) throw new Refusal(UnknownStatement);
  return statement;
}
