import type { FinanceMonth, MonthStatement, MonthTotal, Prevention } from '../months/index.ts';
import { minorText } from '../platform/money.ts';
import type { Cell } from './frame.ts';

type Row = Readonly<Record<string, Cell>>;
type OfPartner = Row & { readonly partner: string; readonly currency: string };

/** The statements of a month for programs, each with the command that opens it. */
export function rowsOfStatements({ statements }: FinanceMonth): Row[] {
  return statements.map((one) => ({
    ...{ partner: one.partnerKey, statement: one.id, status: one.status, batch: one.batch },
    ...{ from: one.fromDay, until: one.untilDay, currency: one.currency, ...amountsOf(one) },
    ...{ lines: one.lineCount, adjustments: one.adjustmentCount, reference: one.reference },
    prevents: one.prevention?.code ?? null,
    because: one.prevention && sentenceOf(one.prevention),
    open: openStatement(one),
  }));
}

/** The same for people: what is nothing on all of them has no column, and currencies are added up. */
export function tableOfStatements({ statements, totals }: FinanceMonth): Row[] {
  const rows: Row[] = [
    ...statements.map((one) => ({
      ...{ partner: one.partnerKey, statement: one.id, status: standingOf(one) },
      ...{ ...amountsOf(one), lines: one.lineCount, adjustments: one.adjustmentCount },
      note: one.status === 'draft' ? noteOf(one.prevention) : (one.reference ?? ''),
    })),
    ...totals.filter(({ statements: count }) => count > 1).map(rowOfTotal),
  ];
  const left = new Set([...quiet, 'adjustments'].filter((name) => rows.every((row) => isNothing(row[name])))); // prettier-ignore
  return rows.map((row) =>
    Object.fromEntries(
      Object.entries(row)
        .filter(([name]) => !left.has(name))
        .map(([name, cell]) => [name, cell ?? '']),
    ),
  );
}

/** Amounts of which most months have none. */
const quiet = ['opening', 'reversed', 'adjusted', 'tax', 'forfeited', 'carried'];

function isNothing(cell: Cell | undefined): boolean {
  return /^[0.]*$/.test(String(cell ?? ''));
}

/** What all statements of a currency add up to, for programs. */
export function rowsOfTotals({ totals }: FinanceMonth): Row[] {
  return totals.map((one) => ({
    ...{ currency: one.currency, statements: one.statements, ...amountsOf(one) },
    ...{ lines: one.lineCount, adjustments: one.adjustmentCount },
  }));
}

function rowOfTotal(total: MonthTotal): Row {
  return {
    ...{ partner: 'all', statement: total.currency, status: '', ...amountsOf(total) },
    ...{ lines: total.lineCount, adjustments: total.adjustmentCount, note: '' },
  };
}

/** What is held after the month, and until when. */
export function rowsOfHeld({ held }: FinanceMonth): OfPartner[] {
  return held.map(({ partnerKey, currency, lineCount, feeMinor, firstDay, lastDay }) => ({
    ...{ partner: partnerKey, currency, lines: lineCount, fees: minorText(feeMinor, currency) },
    ...{ 'first day': firstDay, 'last day': lastDay },
  }));
}

/** Sign-ups that wait for a person. */
export function rowsOfSignUps({ signUps }: FinanceMonth): Row[] {
  return signUps.map(({ partnerKey, count, since }) => {
    return { partner: partnerKey, 'sign-ups': count, since: since.toISOString() };
  });
}

/** Claims that are not settled. */
export function rowsOfClaims({
  claims,
}: FinanceMonth): (Row & { partner: string; claim: string })[] {
  return claims.map((one) => ({
    ...{ partner: one.partnerKey, statement: one.statement, status: one.status },
    claimed: minorText(one.claimedMinor, one.currency),
    ours: one.oursMinor === null ? '' : minorText(one.oursMinor, one.currency),
    ...{ due: one.dueOn ?? '', overdue: one.isOverdue ? 'overdue' : '', claim: one.claimId },
  }));
}

/** What disputes of payments took back. */
export function rowsOfDisputed({ disputed }: FinanceMonth): OfPartner[] {
  return disputed.map(({ partnerKey, currency, lineCount, feeMinor }) => {
    const fees = minorText(feeMinor, currency);
    return { partner: partnerKey, currency, lines: lineCount, fees };
  });
}

/** The batches that hold statements of the month. */
export function rowsOfPayouts({ payouts }: FinanceMonth): (Row & { batch: number })[] {
  return payouts.map((one) => {
    const text = (minor: bigint) => minorText(minor, one.currency);
    return {
      ...{ batch: one.batch, currency: one.currency, status: one.status },
      ...{ 'execute on': one.executeOn, statements: one.statements, amount: text(one.amountMinor) },
      ...{ paid: text(one.paidMinor), released: text(one.releasedMinor) },
      reference: one.references.join(', '),
    };
  });
}

/** What each account holds, on its side. */
export function rowsOfAccounts({ accounts }: FinanceMonth): Row[] {
  return accounts.map(({ currency, account, balanceMinor }) => {
    const text = (minor: bigint) => minorText(minor > 0n ? minor : 0n, currency);
    return { currency, account, debit: text(balanceMinor), credit: text(-balanceMinor) };
  });
}

/** What is owed, by the days since it was posted. */
export function rowsOfOwed({ owed }: FinanceMonth): Row[] {
  return owed.map(({ currency, owed: owes, ...minors }) => ({
    ...{ currency, owed: owes, 'to 30 days': minorText(minors.to30Minor, currency) },
    ...{ 'to 60': minorText(minors.to60Minor, currency) },
    ...{ 'to 90': minorText(minors.to90Minor, currency) },
    beyond: minorText(minors.beyondMinor, currency),
  }));
}

/** The command that shows a statement with its lines. */
function openStatement({ status, partnerKey, id, fromDay, currency }: MonthStatement): string {
  const partner = `--partner ${partnerKey}`;
  if (status !== 'draft') return `sluice statement show ${id} ${partner}`;
  return `sluice fees statement ${partner} --month ${fromDay.slice(0, 7)} --currency ${currency}`;
}

function standingOf({ status, batch }: MonthStatement): string {
  return status === 'approved' && batch !== null ? `in batch ${String(batch)}` : status;
}

function noteOf(prevention: Prevention | null): string {
  switch (prevention?.code) {
    case undefined:
      return 'can be closed';
    case 'period-open':
      return `over on ${prevention.overOn}`;
    case 'earlier-period-open':
      return `waits for ${prevention.statement}`;
    case 'amount-too-large':
      return `too large: ${prevention.statement}`;
  }
}

function sentenceOf(prevention: Prevention): string {
  switch (prevention.code) {
    case 'period-open':
      return `Its period is over on ${prevention.overOn}.`;
    case 'earlier-period-open':
      return `${prevention.statement} is closed first: sluice fees close --month ${prevention.endsIn}`;
    case 'amount-too-large':
      return `An amount of ${prevention.statement} is beyond 2^53 − 1 minor units.`;
  }
}

function amountsOf(one: Omit<MonthTotal, 'statements' | 'taxMinor'> & { taxMinor: bigint | null }) {
  const text = (minor: bigint) => minorText(minor, one.currency);
  return {
    opening: text(one.openingMinor),
    accrued: text(one.accruedMinor),
    reversed: text(one.reversedMinor),
    adjusted: text(one.adjustedMinor),
    tax: one.taxMinor === null ? null : text(one.taxMinor),
    closing: text(one.closingMinor),
    payout: text(one.payoutMinor),
    forfeited: text(one.forfeitedMinor),
    carried: text(one.carriedMinor),
  };
}
