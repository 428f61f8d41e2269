import { minorText } from '../platform/money.ts';
import type { StatementDocument } from '../settlements/index.ts';
import type { Paper, PaperLine } from './paper.ts';

/** A row of the table of lines, cell by cell. */
export interface Row {
  readonly line: string;
  readonly when: string;
  readonly what: string;
  readonly base: string;
  readonly rate: string;
  readonly fee: string;
}

/** An amount as people read it: the thousands apart by commas, a true minus sign. */
export function amountText({ amount, currency }: PaperLine['amount']): string {
  const [whole = '', part] = minorText(BigInt(amount), currency).replace('-', '').split('.');
  const grouped = whole.replaceAll(/\B(?=(\d{3})+$)/g, ',');
  return `${amount < 0 ? '–' : ''}${grouped}${part === undefined ? '' : `.${part}`}`;
}

type StatedTax = NonNullable<StatementDocument['taxes']>[number];

/** A row of the totals; a sum is set off. */
interface Total {
  readonly label: string;
  readonly amount: string;
  readonly isSum: boolean;
}

/** What the statement adds up to, and what becomes of it. */
export function totalsOf(document: StatementDocument): Total[] {
  const { payout, forfeited, carriedForward } = document;
  const plain = (label: string, money: PaperLine['amount']) => {
    return { label, amount: amountText(money), isSum: false };
  };
  const sum = (label: string, money: PaperLine['amount']) => ({
    ...plain(label, money),
    isSum: true,
  });
  return [
    plain('Opening balance', document.opening),
    plain('Fees earned', document.accrued),
    plain('Fees taken back', document.reversed),
    plain('Adjustments to earlier statements', document.adjusted),
    ...(document.taxes ?? []).map((tax) => plain(taxLabel(tax), tax.tax)),
    ...(document.collected
      ? [plain('Collected for us by the partner', negative(document.collected))]
      : []),
    ...(document.remitted ? [plain('Remitted to us by the partner', document.remitted)] : []),
    sum('Closing balance', document.closing),
    ...(payout.amount === 0 ? [] : [sum('To be paid out', payout)]),
    ...(forfeited.amount === 0 ? [] : [sum('Forfeited as agreed', forfeited)]),
    ...(payout.amount === 0 && forfeited.amount === 0
      ? [sum('Carried forward to the next statement', carriedForward)]
      : []),
  ];
}

/** What an amount takes away. */
export function negative({ amount, currency }: PaperLine['amount']): PaperLine['amount'] {
  return { amount: 0 - amount, currency };
}

function taxLabel({ kind, ratePercent, net, agreementVersion }: StatedTax): string {
  const what = kind === 'rate' ? `Tax, ${ratePercent ?? ''} % of` : 'Tax, reverse charge on';
  return `${what} ${amountText(net)} (version ${String(agreementVersion)})`;
}

/** Lines by the day on which they are available; those of a day, and those without one, as they were. */
export function inOrderOfDays(lines: readonly PaperLine[]): PaperLine[] {
  const dayOf = ({ availableOn }: PaperLine) => availableOn ?? '9999';
  return [...lines].sort((one, other) => {
    if (dayOf(one) === dayOf(other)) return 0;
    return dayOf(one) < dayOf(other) ? -1 : 1;
  });
}

export function tableRows(lines: readonly PaperLine[]): Row[] {
  return lines.map((line) => ({
    line: line.id,
    when: (line.adjustment === undefined ? line.availableOn : line.month) ?? '',
    what: line.adjustment === undefined ? words(line.reason) : `${line.adjustment}, ${line.reason}`,
    base: line.base === undefined ? '' : amountText(line.base),
    rate:
      line.ratePercent === undefined || line.ratePercent === null ? '' : `${line.ratePercent} %`,
    fee: amountText(line.amount),
  }));
}

const words = (code: string) => code.replaceAll('-', ' ');

const roundings: Readonly<Record<string, string>> = {
  'half-even': 'half to even (a half goes to the even neighbour)',
  'half-up': 'half up (a half goes away from zero)',
  down: 'down (towards zero)',
};

/** In words, how the amounts came about. */
export function explanationOf({ document }: Paper, lines: readonly PaperLine[]): string[] {
  const used = [...new Set(lines.flatMap(({ rounding }) => (rounding ? [rounding] : [])))].sort();
  const told = used.map((one) => roundings[one] ?? words(one)).join('; ');
  const isAnyHidden = lines.some(({ customer }) => customer === undefined);
  return [
    `Amounts are whole minor units of ${document.currency}. A fee is computed as an exact fraction and rounded ` +
      `as the agreement says${told === '' ? '' : `: ${told}`}; nothing is rounded twice. A refund takes back its ` +
      'share of the very line that the payment earned, at that line’s own rate, and a full refund all of it.',
    'A line stands on the statement of the period in which it becomes available. A closed statement never changes: ' +
      'what became known or different later is an adjustment on the next one, with its month and reason. The closing ' +
      'balance is the opening balance with all lines and adjustments; below zero, or below an agreed minimum, it is ' +
      'carried forward. A positive amount is owed to the partner, a negative one by it.',
    ...taxSentences(document),
    ...(isAnyHidden
      ? [
          'Lines of customers whose records are not shared any more are given by id, amount and reason only.',
        ]
      : []),
  ];
}

function taxSentences({ taxes = [] }: StatementDocument): string[] {
  if (taxes.length === 0) return [];
  const notes = new Set(taxes.flatMap(({ note }) => (note === undefined ? [] : [note])));
  return [
    'A tax is that of all lines and adjustments of one agreement version together, rounded once as that version ' +
      'rounds, and part of the closing balance; the opening balance is not taxed again.',
    ...notes,
  ];
}
