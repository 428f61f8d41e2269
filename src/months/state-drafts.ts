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
import { endOf, periodsClosedIn, preventionOf } from './month-rules.ts';
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
 * What a close of the month would state now of what is not closed yet, and what keeps it from that.
 * Where an earlier period is to be closed first, a draft opens with what that would carry on, and is
 * before tax, as drafts are.
 */
export async function stateDrafts(tx: Transaction, asked: Asked): Promise<MonthStatement[]> {
  const { partner, month, closed } = asked;
  const versions = await findAgreementVersions(tx, partner.id);
  const drafts = await draftStatements({ db: tx }, { partnerId: partner.id });
  const currencies = new Set([...drafts, ...closed].map(({ currency }) => currency));
  const found: MonthStatement[] = [];
  for (const currency of [...currencies].sort()) {
    const open = drafts.filter((one) => one.currency === currency).toReversed();
    const earlier = open.find((one) => endOf(one) < month && one.lineCount > 0);
    const last = lastOf(closed, currency);
    const chain = { ...asked, currency, versions, open, earlier, last };
    if (!earlier) found.push(...(await stateChain(tx, chain)));
    else {
      const due = open.filter((one) => endOf(one) === month);
      for (const draft of due) found.push(await drawn(tx, chain, draft));
    }
  }
  return found;
}

interface Chain extends Asked {
  readonly currency: string;
  readonly versions: readonly AgreementVersion[];
  /** Its drafts, the earliest first. */
  readonly open: readonly StatementTotals[];
  /** The first draft that is to be closed before the month. */
  readonly earlier: StatementTotals | undefined;
  readonly last: ClosedStatement | undefined;
}

/** The periods that end in the month, none of which waits for an earlier month. */
async function stateChain(tx: Transaction, chain: Chain): Promise<MonthStatement[]> {
  const { month, versions, open, last } = chain;
  const fromDay = last?.untilDay ?? open[0]?.fromDay;
  if (fromDay === undefined) return [];
  const next = open.find(({ lineCount }) => lineCount > 0)?.fromDay;
  const found: MonthStatement[] = [];
  for (const period of periodsClosedIn(month, { fromDay, next, versions })) {
    const [before] = found;
    // The second half of a month goes on from its first, which is closed with it.
    if (before) {
      const draft = open.find((one) => one.period === period.period) ?? nothingIn(chain, period);
      const openingMinor = before.carriedMinor;
      if (openingMinor === 0n && draft.lineCount === 0) continue;
      found.push(await drawn(tx, chain, { ...draft, openingMinor }));
    } else {
      const stated = await wouldState(tx, chain, period);
      if (stated) found.push(stated);
    }
  }
  return found;
}

/** What a close of a period would state, to the unit; undefined where that is nothing. */
async function wouldState(
  tx: Transaction,
  chain: Chain,
  period: Period,
): Promise<MonthStatement | undefined> {
  const { partner, currency, versions, last } = chain;
  const openingMinor = last?.carriedMinor ?? 0n;
  const closing = {
    ...{ partnerId: partner.id, currency, number: (last?.number ?? 0) + 1 },
    ...{ fromDay: period.fromDay, untilDay: period.untilDay },
  };
  const sums = await sumDue(tx, closing);
  if (openingMinor === 0n && sums.lineCount + sums.adjustmentCount === 0) return undefined;
  const taxes = taxesOf(sums.versionNets, await findNetsBefore(tx, closing), versions);
  const taxMinor = taxes.reduce((sum, tax) => sum + tax.taxMinor, 0n);
  return settled(tx, chain, { ...sums, period, openingMinor, taxMinor });
}

/** A draft as it is drawn before tax, where another statement is closed before it. */
async function drawn(
  tx: Transaction,
  chain: Chain,
  draft: StatementTotals,
): Promise<MonthStatement> {
  const period = { period: draft.period, fromDay: draft.fromDay, untilDay: draft.untilDay };
  const stated = await settled(tx, chain, { ...draft, period, taxMinor: 0n });
  return { ...stated, taxMinor: null };
}

/** Where the balance would go, and what keeps the statement from its close. */
async function settled(
  tx: Transaction,
  chain: Chain,
  { period, ...sums }: Sums & { readonly period: Period },
): Promise<MonthStatement> {
  const { partner, currency, versions, now, earlier } = chain;
  const days = { ...period, partnerId: partner.id, currency };
  const { lastEarned } = await findLineDays(tx, days);
  const amounts = settle(sums, { versions, currency, period, lastEarnedOn: lastEarned });
  const told = {
    ...{ openingMinor: amounts.openingMinor, accruedMinor: amounts.accruedMinor },
    ...{ reversedMinor: amounts.reversedMinor, adjustedMinor: amounts.adjustedMinor },
    ...{ taxMinor: amounts.taxMinor, closingMinor: amounts.closingMinor },
    ...{ payoutMinor: amounts.payoutMinor, forfeitedMinor: amounts.forfeitedMinor },
    carriedMinor: amounts.carriedMinor,
  };
  return {
    ...{ partnerKey: partner.key, id: statementIdOf({ ...period, currency }), currency, ...period },
    ...{ status: 'draft', batch: null, reference: null, ...told },
    ...{ lineCount: sums.lineCount, adjustmentCount: sums.adjustmentCount },
    prevention: preventionOf(
      { ...period, amounts: Object.values(told) },
      { now, versions, earlier },
    ),
  };
}

type Sums = Pick<
  StatementTotals,
  | 'openingMinor'
  | 'accruedMinor'
  | 'reversedMinor'
  | 'adjustedMinor'
  | 'lineCount'
  | 'adjustmentCount'
> & { readonly taxMinor: bigint };

function nothingIn({ currency }: Chain, period: Period): StatementTotals {
  return {
    ...{ ...period, id: statementIdOf({ ...period, currency }), currency, status: 'draft' },
    ...{ openingMinor: 0n, accruedMinor: 0n, reversedMinor: 0n, adjustedMinor: 0n },
    ...{ closingMinor: 0n, lineCount: 0, adjustmentCount: 0, agreementVersions: [] },
  };
}

function lastOf(closed: readonly ClosedStatement[], currency: string): ClosedStatement | undefined {
  return closed
    .filter((one) => one.currency === currency)
    .reduce<ClosedStatement | undefined>(
      (last, one) => (last && last.number > one.number ? last : one),
      undefined,
    );
}
