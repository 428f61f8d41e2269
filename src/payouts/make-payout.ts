import { createHash } from 'node:crypto';
import { findPayees } from '../payees/index.ts';
import { findPartners } from '../partners/index.ts';
import { checkRole, lockRoles, type StaffId } from '../people/index.ts';
import { inTransaction, type Transaction } from '../platform/database.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import {
  finance,
  findClosedStatements,
  lockStatement,
  type ClosedStatement,
} from '../settlements/index.ts';
import { pain001Of } from './pain001-rules.ts';
import { payoutCsv } from './payout-csv-rules.ts';
import { selectItems, type Selection } from './payout-rules.ts';
import { findBatched, findBatches, insertBatch, lockNextNumber } from './payout-store.ts';
import { InvalidPayout, NothingToPayOut, type LeftOut, type PayoutBatch } from './payout.ts';

/** Which statements are paid out together. */
export interface Payout {
  readonly currency: string;
  /** The day on which the bank carries it out; today (UTC) where none is said. */
  readonly executeOn?: string | undefined;
  /** Only statements whose period ended before this day; all where none is said. */
  readonly endedBefore?: string | undefined;
  readonly by: StaffId;
}

/**
 * Puts every approved statement of a currency that pays something out, and stands in no batch yet,
 * into a new one, and writes what the bank is handed: CSV, and in euros pain.001 where the payer is
 * set. All or nothing. Refusals: `role-missing`, `invalid-payout`, `nothing-to-pay-out`.
 */
export async function makePayout(
  tools: Tools,
  payout: Payout,
): Promise<{ batch: PayoutBatch; leftOut: readonly LeftOut[] }> {
  const at = tools.clock.now();
  const today = at.toISOString().slice(0, 10);
  const executeOn = payout.executeOn ?? today;
  if (executeOn < today) {
    throw new Refusal(InvalidPayout, 'No bank pays on a day that is over.', { field: 'executeOn' });
  }
  return inTransaction(tools.db, async (tx) => {
    checkRole(await lockRoles(tx, payout.by), finance);
    const number = await lockNextNumber(tx);
    const { currency } = payout;
    const waiting = await findWaiting(tx, payout);
    const { items, leftOut } = await select(tx, { number, currency }, waiting);
    if (items.length === 0) throw new Refusal(NothingToPayOut, whyNothing(leftOut));
    const csv = Buffer.from(payoutCsv({ number, currency, executeOn }, items));
    const debtor = currency === 'EUR' ? tools.settings.payer : undefined;
    const made = { number, executeOn, madeAt: at };
    const pain001 = debtor ? Buffer.from(pain001Of({ ...made, debtor }, items)) : null;
    const numbers = new Map(waiting.map((it) => [`${it.partnerId} ${it.period}`, it.number]));
    await insertBatch(
      tx,
      {
        ...{ number, currency, executeOn, by: payout.by, at, csv, pain001 },
        csvSha256: sha256(csv),
        pain001Sha256: pain001 && sha256(pain001),
        totalMinor: items.reduce((sum, { amountMinor }) => sum + amountMinor, 0n),
      },
      items.map((it) => ({
        ...it,
        statementNumber: numbers.get(`${it.partnerId} ${it.period}`) ?? 0,
      })),
    );
    const [batch] = await findBatches(tx, { number });
    if (!batch) throw new Error('A batch went away while it was made.');
    return { batch, leftOut };
  });
}

/** What the next batch would take and leave out, without making it. */
export async function previewPayout(
  tools: Tools,
  payout: Pick<Payout, 'currency' | 'endedBefore'>,
): Promise<Selection> {
  return inTransaction(tools.db, async (tx) => {
    const number = await lockNextNumber(tx);
    return select(tx, { number, currency: payout.currency }, await findWaiting(tx, payout));
  });
}

async function select(
  tx: Transaction,
  batch: { number: number; currency: string },
  waiting: readonly ClosedStatement[],
): Promise<Selection> {
  const payees = await findPayees(tx, { currency: batch.currency });
  const partners = await findPartners(tx);
  return selectItems(batch, waiting, {
    payees: new Map(payees.map((payee) => [payee.partnerId, payee])),
    keys: new Map(partners.map(({ id, key }) => [id, key])),
  });
}

/** Approved, unpaid, in no batch: held, so that nobody pays one of them meanwhile; the oldest first. */
async function findWaiting(
  tx: Transaction,
  { currency, endedBefore = '9999-12-31' }: Pick<Payout, 'currency' | 'endedBefore'>,
): Promise<ClosedStatement[]> {
  const batched = await findBatched(tx, currency);
  const found = (await findClosedStatements(tx, { status: 'approved' }))
    .filter((it) => it.currency === currency && it.payoutMinor > 0n)
    .filter((it) => it.untilDay <= endedBefore && !batched.has(`${it.partnerId} ${it.period}`))
    .reverse();
  const waiting: ClosedStatement[] = [];
  for (const statement of found) {
    const held = await lockStatement(tx, statement);
    if (held?.status === 'approved') waiting.push(held);
  }
  return waiting;
}

function whyNothing(leftOut: readonly LeftOut[]): string | undefined {
  if (leftOut.length === 0) return undefined;
  return `${String(leftOut.length)} wait, and for none of them an account is known: \`sluice payee propose\`.`;
}

function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}
