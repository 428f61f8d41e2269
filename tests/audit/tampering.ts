import { expect } from '@jest/globals';
import { verifyLog, type LogAudit } from '../../src/audit/index.ts';
import { inTransaction, type Transaction } from '../../src/platform/database.ts';
import type { House } from '../support/house.ts';

/** What the audit says after a superuser, with triggers off, has done this; undone afterwards. */
export async function auditAfter(
  { admin }: House,
  tamper: (tx: Transaction) => Promise<number>,
): Promise<LogAudit> {
  const undo = new Error('undo');
  const audits: LogAudit[] = [];
  const tampered = inTransaction(admin, async (tx: Transaction) => {
    await tx.raw('set local session_replication_role = replica');
    expect(await tamper(tx)).toBeGreaterThan(0);
    audits.push(await verifyLog({ db: tx }));
    throw undo;
  });
  await expect(tampered).rejects.toBe(undo);
  const [audit] = audits;
  if (!audit) throw new Error('There was no audit.');
  return audit;
}

/** The same of one statement. */
export async function findingsAfter(house: House, sql: string): Promise<LogAudit['findings']> {
  const tamper = async (tx: Transaction) => (await tx.raw<{ rowCount: number }>(sql)).rowCount;
  return (await auditAfter(house, tamper)).findings;
}
