import { minorText } from '../platform/money.ts';
import type { LineOnStatement } from '../settlements/index.ts';

/** What a closed statement states of a line: by how much it changed what stood before, and why. */
export interface StatedChange {
  /** "2026-10.EUR" */
  readonly statement: string;
  readonly adjustment: LineOnStatement['adjustment'];
  readonly month: string;
  readonly amountMinor: string;
  /** What all statements before state of the line in that currency, and what they do with this one. */
  readonly wasMinor: string;
  readonly isMinor: string;
  readonly text: string;
}

/** What each closed statement states of one line, with a sentence for each. */
export function changesOf(line: string, statements: readonly LineOnStatement[]): StatedChange[] {
  const stated = new Map<string, bigint>();
  return statements.map((one) => {
    const was = stated.get(one.currency) ?? 0n;
    const is = was + one.amountMinor;
    stated.set(one.currency, is);
    return {
      statement: `${one.period}.${one.currency}`,
      ...{ adjustment: one.adjustment, month: one.month },
      ...{ amountMinor: String(one.amountMinor), wasMinor: String(was), isMinor: String(is) },
      text: sentenceOf(line, one, { was, is }),
    };
  });
}

/** What the next close will still do to the line; undefined: what is stated is what it is. */
export function pendingOf(
  line: string,
  statements: readonly LineOnStatement[],
  now: { readonly currency: string; readonly feeMinor: bigint } | undefined,
): string | undefined {
  // What was agreed because of a claim follows from no computation.
  if (statements.some(({ kind }) => kind === 'claim')) return undefined;
  const stated = new Map<string, bigint>();
  for (const { currency, amountMinor } of statements) {
    stated.set(currency, (stated.get(currency) ?? 0n) + amountMinor);
  }
  const due = [...stated].flatMap(([currency, minor]) => {
    const is = now?.currency === currency ? now.feeMinor : 0n;
    if (is === minor) return [];
    const was = moneyText(minor, currency);
    return `Statements state ${was} of ${line}, and it is ${moneyText(is, currency)} by now: the next close adjusts it by ${moneyText(is - minor, currency)}.`; // prettier-ignore
  });
  return due.length > 0 ? due.join(' ') : undefined;
}

function sentenceOf(
  line: string,
  { period, currency, adjustment, kind, month, amountMinor }: LineOnStatement,
  { was, is }: { was: bigint; is: bigint },
): string {
  const on = `Statement ${period}.${currency}`;
  const [by, before, after] = [amountMinor, was, is].map((minor) => moneyText(minor, currency));
  const what = kind === 'reversal' ? `the refund of ${month}` : `the payment of ${month}`;
  const change = `It was ${before ?? ''}, and is ${after ?? ''}.`;
  switch (adjustment) {
    case null:
      return `${on} states ${line} with ${by ?? ''}, for ${what}.`;
    case 'late':
      return `${on} adjusts ${line} by ${by ?? ''}, late: ${what} became known after the statement on which it would stand. ${change}`; // prettier-ignore
    case 'changed':
      return `${on} adjusts ${line} by ${by ?? ''}, changed: the fee for ${what} came out different after it was stated. ${change}`; // prettier-ignore
    case 'withdrawn':
      return `${on} adjusts ${line} by ${by ?? ''}, withdrawn: ${what} earns or takes back nothing any more, and there is no such line now. ${change}`; // prettier-ignore
    case 'claim':
      return `${on} states ${line} with ${by ?? ''}, agreed because of the partner’s claim for ${month}: \`sluice reconcile list\` says who decided it.`; // prettier-ignore
  }
}

const moneyText = (minor: bigint, currency: string) => `${minorText(minor, currency)} ${currency}`;
