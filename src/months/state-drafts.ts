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
  type Period,
} from '../settlements/index.ts';
import { draftStatements, type StatementTotals } from '../statements/index.ts';
import { hasStatedTransfers, sumTransfersDue } from '../transfers/index.ts';
import { addNets, lessBy, periodsClosedIn, withPreventions, type Stated } from './draft-rules.ts'; // prettier-ignore
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
  const found: MonthStatement[] = [];
  let earlier: StatementTotals | undefined;
  for (const currency of currencies) {
    const open = drafts.filter((one) => one.currency === currency);
    const last = lastOf(closed, currency);
    const fromDay = last?.untilDay ?? open[0]?.fromDay;
    if (fromDay === undefined) continue;
    const days = { partnerId: partner.id, currency, fromDay, untilDay: fromDay };
    const { next } = await findLineDays(tx, days);
    const chain = { ...asked, currency, versions, open, last, fromDay, next };
    const first = earlierOf(chain);
    earlier ??= first;
    found.push(...(await (first ? drawChain(tx, chain) : stateChain(tx, chain))));
  }
  return withPreventions(found, { now: asked.now, versions, earlier });
}

interface Chain extends Asked {
  readonly currency: string;
  readonly versions: readonly AgreementVersion[];
  /** Its drafts, the earliest first. */
  readonly open: readonly StatementTotals[];
  readonly last: ClosedStatement | undefined;
  /** The first day that no closed statement holds, and the first from it on that has something. */
  readonly fromDay: string;
  readonly next: string | undefined;
}

/** The draft of a chain that is to be closed before the month: what was moved before it is no reason. */
function earlierOf({ open, month, next = '' }: Chain): StatementTotals | undefined {
  return open.find((one) => endOf(one) < month && one.fromDay <= next && next < one.untilDay);
}

/**
 * The periods that end in the month, none of which waits for an earlier month: to the unit. Of two
 * halves the second states what both would as one, less what the first does.
 */
async function stateChain(tx: Transaction, chain: Chain): Promise<MonthStatement[]> {
  const { partner, currency, month, versions, last } = chain;
  const periods = periodsClosedIn(month, chain);
  const found: MonthStatement[] = [];
  let openingMinor = last?.carriedMinor ?? 0n;
  let before: Stated | undefined;
  for (const period of periods) {
    const closing = {
      ...{ partnerId: partner.id, currency, number: (last?.number ?? 0) + 1 },
      ...{ fromDay: periods[0]?.fromDay ?? period.fromDay, untilDay: period.untilDay },
    };
    const all = { ...(await sumDue(tx, closing)), ...(await sumTransfersDue(tx, closing)) };
    const sums = before ? lessBy(all, before) : all;
    const count = sums.lineCount + sums.adjustmentCount + sums.transferCount;
    if (openingMinor === 0n && count === 0) continue;
    const netsBefore = addNets(await findNetsBefore(tx, closing), before?.versionNets);
    const taxes = taxesOf(sums.versionNets, netsBefore, versions);
    const taxMinor = taxes.reduce((sum, tax) => sum + tax.taxMinor, 0n);
    const stated = await settled(tx, chain, { ...sums, period, openingMinor, taxMinor });
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
  const isMoved = sums.collectedMinor !== 0n || sums.remittedMinor !== 0n;
  const holdsTransfers = isMoved || (await hasStatedTransfers(tx, { partnerId: partner.id, currency })); // prettier-ignore
  const amounts = settle(sums, { versions, currency, period, lastEarnedOn: lastEarned, holdsTransfers }); // prettier-ignore
  return {
    ...{ partnerKey: partner.key, id: statementIdOf({ ...period, currency }), currency, ...period },
    ...{ status: 'draft', batch: null, reference: null, prevention: null },
    openingMinor: amounts.openingMinor,
    accruedMinor: amounts.accruedMinor,
    reversedMinor: amounts.reversedMinor,
    adjustedMinor: amounts.adjustedMinor,
    taxMinor: amounts.taxMinor,
    collectedMinor: amounts.collectedMinor,
    remittedMinor: amounts.remittedMinor,
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

function lastOf(closed: readonly ClosedStatement[], currency: string): ClosedStatement | undefined {
  return closed
    .filter((one) => one.currency === currency)
    .reduce<ClosedStatement | undefined>(
      (last, one) => (last && last.number > one.number ? last : one),
      undefined,
    );
}
