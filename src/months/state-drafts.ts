import { findAgreementVersions, type AgreementVersion } from '../agreements/index.ts';
import type { Partner } from '../partners/index.ts';
import type { Transaction } from '../platform/database.ts';
import {
  findLineDays,
  findNetsBefore,
  settle,
  statementIdOf,
  sumDue,
  taxesOf,
  type ClosedStatement,
  type LineSums,
  type Period,
} from '../settlements/index.ts';
import { draftStatements, type StatementTotals } from '../statements/index.ts';
import { addNets, lessBy, periodsClosedIn, withPreventions } from './draft-rules.ts';
import { sumTransfersDue } from '../transfers/index.ts';
import { endOf } from './month-rules.ts';
import type { MonthStatement } from './month.ts';

interface Asked {
  readonly partner: Partner;
  /** YYYY-MM */
  readonly month: string;
  readonly now: Date;
  /** What is closed of the partner, of every month. */
  readonly closed: readonly ClosedStatement[];
}

/**
 * What a close of the month would state now of what is not closed yet, and what keeps it from that: a
 * partner is closed in all of its currencies or in none. Where an earlier period is to be closed first,
 * a draft opens with what that would carry on, and is before tax, as drafts are.
 */
export async function stateDrafts(tx: Transaction, asked: Asked): Promise<MonthStatement[]> {
  const { partner, closed } = asked;
  const versions = await findAgreementVersions(tx, partner.id);
  const drafts = (await draftStatements({ db: tx }, { partnerId: partner.id })).toReversed();
  const currencies = [...new Set([...drafts, ...closed].map(({ currency }) => currency))].sort();
  const chains = currencies.map((currency) => {
    const open = drafts.filter((one) => one.currency === currency);
    return { ...asked, currency, versions, open, last: lastOf(closed, currency) };
  });
  const found: MonthStatement[] = [];
  for (const chain of chains) {
    const isFirst = earlierOf(chain) === undefined;
    found.push(...(await (isFirst ? stateChain(tx, chain) : drawChain(tx, chain))));
  }
  const earlier = chains.map(earlierOf).find((one) => one !== undefined);
  return withPreventions(found, { now: asked.now, versions, earlier });
}

interface Chain extends Asked {
  readonly currency: string;
  readonly versions: readonly AgreementVersion[];
  /** Its drafts, the earliest first. */
  readonly open: readonly StatementTotals[];
  readonly last: ClosedStatement | undefined;
}

/** The first draft of a chain that is to be closed before the month. */
function earlierOf({ open, month }: Chain): StatementTotals | undefined {
  return open.find((one) => endOf(one) < month && isStated(one));
}

/**
 * The periods that end in the month, none of which waits for an earlier month: to the unit. Of two
 * halves the second states what both would as one, less what the first does.
 */
async function stateChain(tx: Transaction, chain: Chain): Promise<MonthStatement[]> {
  const { partner, currency, month, versions, open, last } = chain;
  const fromDay = last?.untilDay ?? open[0]?.fromDay;
  if (fromDay === undefined) return [];
  const next = open.find(isStated)?.fromDay;
  const periods = periodsClosedIn(month, { fromDay, next, versions });
  const found: MonthStatement[] = [];
  let openingMinor = last?.carriedMinor ?? 0n;
  let before: LineSums | undefined;
  let moved = { collectedMinor: 0n, remittedMinor: 0n, transferCount: 0 };
  for (const period of periods) {
    const closing = {
      ...{ partnerId: partner.id, currency, number: (last?.number ?? 0) + 1 },
      ...{ fromDay: periods[0]?.fromDay ?? period.fromDay, untilDay: period.untilDay },
    };
    const all = await sumDue(tx, closing);
    const sums = before ? lessBy(all, before) : all;
    const transfers = await sumTransfersDue(tx, closing);
    const collectedMinor = transfers.collectedMinor - moved.collectedMinor;
    const remittedMinor = transfers.remittedMinor - moved.remittedMinor;
    const isMoved = transfers.transferCount > moved.transferCount;
    if (openingMinor === 0n && sums.lineCount + sums.adjustmentCount === 0 && !isMoved) continue;
    moved = transfers;
    const netsBefore = addNets(await findNetsBefore(tx, closing), before?.versionNets);
    const taxes = taxesOf(sums.versionNets, netsBefore, versions);
    const taxMinor = taxes.reduce((sum, tax) => sum + tax.taxMinor, 0n);
    const amounts = { ...sums, openingMinor, taxMinor, collectedMinor, remittedMinor };
    const stated = await settled(tx, chain, { ...amounts, period });
    found.push(stated);
    openingMinor = stated.carriedMinor;
    before = all;
  }
  return found;
}

/** The drafts of the month before tax, where another statement is closed before them. */
async function drawChain(tx: Transaction, chain: Chain): Promise<MonthStatement[]> {
  const found: MonthStatement[] = [];
  for (const draft of chain.open.filter((one) => endOf(one) === chain.month)) {
    const period = { period: draft.period, fromDay: draft.fromDay, untilDay: draft.untilDay };
    const stated = await settled(tx, chain, { ...draft, period, taxMinor: 0n });
    found.push({ ...stated, taxMinor: null });
  }
  return found;
}

/** A draft with where its balance would go. */
async function settled(
  tx: Transaction,
  { partner, currency, versions }: Chain,
  { period, ...sums }: Sums & { readonly period: Period },
): Promise<MonthStatement> {
  const days = { ...period, partnerId: partner.id, currency };
  const { lastEarned } = await findLineDays(tx, days);
  const amounts = settle(sums, { versions, currency, period, lastEarnedOn: lastEarned });
  return {
    ...{ partnerKey: partner.key, id: statementIdOf({ ...period, currency }), currency, ...period },
    ...{ status: 'draft', batch: null, reference: null, prevention: null },
    openingMinor: amounts.openingMinor,
    accruedMinor: amounts.accruedMinor,
    reversedMinor: amounts.reversedMinor,
    adjustedMinor: amounts.adjustedMinor,
    taxMinor: amounts.taxMinor,
    closingMinor: amounts.closingMinor,
    payoutMinor: amounts.payoutMinor,
    forfeitedMinor: amounts.forfeitedMinor,
    carriedMinor: amounts.carriedMinor,
    ...{ lineCount: sums.lineCount, adjustmentCount: sums.adjustmentCount },
  };
}

type Sums = Pick<
  StatementTotals,
  | 'openingMinor'
  | 'accruedMinor'
  | 'reversedMinor'
  | 'adjustedMinor'
  | 'collectedMinor'
  | 'remittedMinor'
  | 'lineCount'
  | 'adjustmentCount'
> & { readonly taxMinor: bigint };

/** Whether something stands on a draft beside what it opens with. */
function isStated({ lineCount, collectedMinor }: StatementTotals): boolean {
  return lineCount > 0 || collectedMinor !== 0n;
}

function lastOf(closed: readonly ClosedStatement[], currency: string): ClosedStatement | undefined {
  return closed
    .filter((one) => one.currency === currency)
    .reduce<ClosedStatement | undefined>(
      (last, one) => (last && last.number > one.number ? last : one),
      undefined,
    );
}
