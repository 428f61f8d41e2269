import { AmountTooLarge, minorUnits, TooManyDecimals } from '../platform/money.ts';
import { isPrintable } from '../platform/printable.ts';
import { Refusal } from '../platform/refusal.ts';
import { ClaimInvalid, ClaimTooLong, longestClaim, type ClaimedLine } from './claim.ts';

/** What is wrong with one line of a claim. */
export interface LineProblem {
  readonly line: number;
  readonly field: string;
  readonly reason: string;
}

const toldAtMost = 20;

/** Half of what a JSON number holds exactly: the difference to ours must fit too. */
const largestMinor = 2n ** 52n;

/** The lines of a claim, where each of them could be read; else refuses, naming line, field and reason. */
export function linesOrRefuse(read: readonly (ClaimedLine | LineProblem)[]): ClaimedLine[] {
  const problems: LineProblem[] = [];
  const lines: ClaimedLine[] = [];
  for (const one of read) {
    if ('reason' in one) problems.push(one);
    else lines.push(one);
  }
  if (problems.length > 0) refuseLines(problems);
  if (lines.length === 0) throw new Refusal(ClaimInvalid, 'The claim has no lines.');
  if (lines.length > longestClaim.lines) throw new Refusal(ClaimTooLong);
  const size = lines.reduce((sum, { amountMinor: minor }) => sum + (minor < 0n ? -minor : minor), 0n); // prettier-ignore
  if (size > largestMinor) {
    throw new Refusal(ClaimInvalid, 'Its amounts add up to more than 2^52 minor units.', {
      field: 'amount',
    });
  }
  return lines;
}

/** Refuses the whole claim because of some lines: the first twenty are told one by one. */
export function refuseLines(problems: readonly LineProblem[]): never {
  const [first] = problems;
  const told = problems
    .slice(0, toldAtMost)
    .map(({ line, field, reason }) => `line ${String(line)}, ${field}: ${reason}`);
  const more = problems.length - told.length;
  const rest = more > 0 ? `; and ${String(more)} more` : '';
  const count = problems.length === 1 ? 'One line is' : `${String(problems.length)} lines are`;
  throw new Refusal(ClaimInvalid, `${count} wrong: ${told.join('; ')}${rest}.`, {
    ...(first && { line: first.line, field: first.field }),
  });
}

/** A line that names a customer or a payment and an amount; else what is wrong with it. */
export function claimedLine(
  { line, customer, payment }: Pick<ClaimedLine, 'line' | 'customer' | 'payment'>,
  amount: bigint | string,
): ClaimedLine | LineProblem {
  const names = { customer, payment };
  for (const [field, name] of Object.entries(names)) {
    if (name !== null && !isPrintable(name, 200)) {
      return { line, field, reason: 'must be 1 to 200 printable characters' };
    }
  }
  if (customer === null && payment === null) {
    return { line, field: 'customer', reason: 'a line names a customer, a payment, or both' };
  }
  if (typeof amount === 'string') return { line, field: 'amount', reason: amount };
  return { line, customer, payment, amountMinor: amount };
}

/** An amount as a decimal text of the currency; a text says what is wrong with it. */
export function amountIn(currency: string, text: string): bigint | string {
  if (text === '') return 'is missing';
  try {
    return minorUnits(text, currency);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (error.kind === TooManyDecimals) return `has more decimals than ${currency} has`;
    if (error.kind === AmountTooLarge) return 'is beyond 2^53 − 1 minor units';
    if (text.includes(',')) {
      return 'has a comma: decimals come after a point, and nothing marks the thousands';
    }
    return 'is written in plain digits with at most one decimal point, such as -1234.50';
  }
}
