import { createHash } from 'node:crypto';
import { findAgreementVersions, type AgreementVersion } from '../agreements/index.ts';
import { holdLines } from '../fees/index.ts';
import { postEntry } from '../ledger/index.ts';
import type { Partner } from '../partners/index.ts';
import { checkRole, lockRoles, type StaffId } from '../people/index.ts';
import { addDays, monthOf } from '../platform/calendar-days.ts';
import { inTransaction, type Transaction } from '../platform/database.ts';
import { localDay } from '../platform/local-days.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { hasStatedTransfers, stateTransfers } from '../transfers/index.ts';
import {
  findCurrencies,
  findLineDays,
  findNetsBefore,
  stateLines,
  type Closing,
} from './closing-store.ts';
import { documentOf, postingOf, settle, taxesOf } from './document-rules.ts';
import { periodAt, periodKindAt, statementIdOf, zoneAt, type Period } from './period-rules.ts';
import { findLastStatement, insertStatement } from './settlement-store.ts';
import {
  AmountTooLarge,
  EarlierPeriodOpen,
  finance,
  PeriodOpen,
  type StatementName,
} from './settlement.ts';
import { writePages } from './write-pages.ts';

/** What is closed: all periods of one partner that end in a month, in every currency. */
export interface PartnerClosing {
  readonly partner: Pick<Partner, 'id' | 'key' | 'name'>;
  /** YYYY-MM */
  readonly month: string;
  readonly by: StaffId;
}

/**
 * Closes a partner's statements of all periods that end in a month, in one transaction that sees one
 * snapshot and holds the partner's lines: all of them or none. Answers what it closed. Refuses a
 * period that is not over, and one before which another with lines is open.
 */
export async function closePartner(
  tools: Tools,
  { partner, month, by }: PartnerClosing,
): Promise<StatementName[]> {
  return inTransaction(tools.db, async (tx) => {
    await tx.raw('set transaction isolation level repeatable read');
    // What is sorted and added up here is a whole month.
    await tx.raw("set local work_mem = '128MB'");
    await holdLines(tx, partner.id);
    checkRole(await lockRoles(tx, by), finance);
    const versions = await findAgreementVersions(tx, partner.id);
    const closed: StatementName[] = [];
    for (const { currency, firstDay } of await findCurrencies(tx, partner.id)) {
      const chain = { partner, currency, versions, firstDay, month, by };
      closed.push(...(await closeChain(tx, tools, chain)));
    }
    return closed;
  });
}

interface Chain extends PartnerClosing {
  readonly currency: string;
  readonly versions: readonly AgreementVersion[];
  /** The day on which the first line of all is available. */
  readonly firstDay: string;
}

/** The statements of one currency, each following the one before. */
async function closeChain(tx: Transaction, tools: Tools, chain: Chain): Promise<StatementName[]> {
  const closed: StatementName[] = [];
  const { partner, currency, versions, month } = chain;
  const last = await findLastStatement(tx, { partnerId: partner.id, currency });
  const monthBegin = `${month}-01`;
  let fromDay = last?.untilDay ?? chain.firstDay;
  for (;;) {
    const whole = periodAt(fromDay, periodKindAt(versions, fromDay));
    const period = { ...whole, fromDay: last ? fromDay : whole.fromDay };
    const endsIn = monthOf(addDays(period.untilDay, -1));
    if (endsIn > month) return closed;
    if (endsIn < month) {
      const days = { ...period, partnerId: partner.id, currency };
      const { next } = await findLineDays(tx, days);
      if (next !== undefined && next < period.untilDay) {
        const id = statementIdOf({ period: period.period, currency });
        throw new Refusal(
          EarlierPeriodOpen,
          `${partner.key}’s ${id} is not closed yet; close it first: sluice fees close --month ${endsIn}`,
        );
      }
      // Nothing stands there: on to the next period that has something, or to the month itself.
      fromDay = beginAfter(period.untilDay, next !== undefined && next < monthBegin ? next : monthBegin, versions); // prettier-ignore
      continue;
    }
    if (isOpen(tools, period, chain)) {
      // Of a month's two halves the first is closed while the second runs.
      if (closed.length > 0) return closed;
      throw new Refusal(PeriodOpen, `${period.period} is over on ${period.untilDay}.`);
    }
    if (await tellTooLarge(chain, closePeriod(tx, tools, { ...chain, period }))) {
      closed.push({ partnerId: partner.id, period: period.period, currency });
    }
    fromDay = period.untilDay;
  }
}

/** Where the period that holds a day begins, as is agreed for that day; never before the last ended. */
function beginAfter(untilDay: string, day: string, versions: readonly AgreementVersion[]): string {
  const begin = periodAt(day, periodKindAt(versions, day)).fromDay;
  return begin > untilDay ? begin : untilDay;
}

function isOpen({ clock }: Tools, { untilDay }: Period, { versions }: Chain): boolean {
  return localDay(clock.now(), zoneAt(versions, addDays(untilDay, -1))) < untilDay;
}

/** What is told to the unit is at most 2^53 − 1: beyond that it is said whose statement that is. */
async function tellTooLarge<Value>(
  { partner, currency }: Chain,
  closing: Promise<Value>,
): Promise<Value> {
  try {
    return await closing;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new Refusal(AmountTooLarge, `It is ${partner.key}’s in ${currency}.`);
  }
}

/** Closes one period; false where there is nothing to state. */
async function closePeriod(
  tx: Transaction,
  tools: Tools,
  { partner, currency, versions, period, by }: Chain & { readonly period: Period },
): Promise<boolean> {
  const partnerId = partner.id;
  const before = await findLastStatement(tx, { partnerId, currency });
  const openingMinor = before?.carriedMinor ?? 0n;
  const closing: Closing = {
    ...{ partnerId, currency, number: (before?.number ?? 0) + 1 },
    ...{ fromDay: period.fromDay, untilDay: period.untilDay },
  };
  const sums = await stateLines(tx, closing);
  const transfers = await stateTransfers(tx, closing);
  const stated = sums.lineCount + sums.adjustmentCount + transfers.transferCount;
  if (openingMinor === 0n && stated === 0) return false;
  const { lastEarned } = await findLineDays(tx, closing);
  const holdsTransfers = await hasStatedTransfers(tx, { partnerId, currency });
  const terms = { versions, currency, period, lastEarnedOn: lastEarned, holdsTransfers };
  const netsBefore = await findNetsBefore(tx, closing);
  const taxes = taxesOf(sums.versionNets, netsBefore, versions);
  const taxMinor = taxes.reduce((sum, tax) => sum + tax.taxMinor, 0n);
  const amounts = settle({ ...sums, ...transfers, openingMinor, taxMinor }, terms);
  const closedAt = tools.clock.now();
  const facts = documentOf(amounts, {
    ...{ partner: { key: partner.key, name: partner.name }, currency, period },
    timeZone: zoneAt(versions, addDays(period.untilDay, -1)),
    closedAt: closedAt.toISOString(),
    lineCount: sums.lineCount,
    adjustmentCount: sums.adjustmentCount,
    agreementVersions: sums.agreementVersions,
    taxes,
    transferCount: transfers.transferCount,
    linesSha256: await writePages(tx, tools, closing),
    previousSha256: before?.sha256.toString('hex') ?? null,
  });
  const document = Buffer.from(JSON.stringify(facts));
  const sha256 = createHash('sha256').update(document).digest();
  const lines = postingOf(amounts, sums);
  if (Object.values(lines).some((minor) => minor !== 0n)) {
    await postEntry(tx, tools, { partnerId, currency, source: `statement ${facts.id}`, lines });
  }
  await insertStatement(tx, {
    ...{ ...amounts, partnerId, currency, number: closing.number, period },
    ...{ lineCount: sums.lineCount, adjustmentCount: sums.adjustmentCount },
    ...{ agreementVersions: sums.agreementVersions, document, sha256 },
    ...{ closedBy: by, closedAt },
  });
  return true;
}
