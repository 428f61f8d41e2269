import { accounts, type Account, type Posting } from './entry.ts';

export interface EntryLine {
  readonly account: Account;
  readonly amountMinor: bigint;
}

/** The lines of an entry, in the order of the accounts. Throws RangeError unless they balance. */
export function linesOf({ lines }: Pick<Posting, 'lines'>): EntryLine[] {
  const moved = accounts
    .map((account) => ({ account, amountMinor: lines[account] ?? 0n }))
    .filter(({ amountMinor }) => amountMinor !== 0n);
  const sum = moved.reduce((total, { amountMinor }) => total + amountMinor, 0n);
  if (sum !== 0n || moved.length < 2) throw new RangeError('An entry moves amounts that balance.');
  return moved;
}

/** Whether two entries move the same. */
export function isSamePosting(one: readonly EntryLine[], other: readonly EntryLine[]): boolean {
  if (one.length !== other.length) return false;
  const amounts = new Map(other.map(({ account, amountMinor }) => [account, amountMinor]));
  return one.every(({ account, amountMinor }) => amounts.get(account) === amountMinor);
}

/** What takes an entry back. */
export function opposite(lines: readonly EntryLine[]): EntryLine[] {
  return lines.map(({ account, amountMinor }) => ({ account, amountMinor: -amountMinor }));
}
