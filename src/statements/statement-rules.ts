import type { StatementSum } from '../fees/index.ts';
import type { ClosedStatement } from '../settlements/index.ts';
import { uuidBytes, uuidText } from '../platform/uuid.ts';
import type { StatementTotals } from './statement.ts';

/** The last statement of a currency that is closed. */
export function lastOf(
  closed: readonly ClosedStatement[],
  currency: string,
): ClosedStatement | undefined {
  return closed
    .filter((one) => one.currency === currency)
    .reduce<ClosedStatement | undefined>(
      (last, one) => (last && last.number > one.number ? last : one),
      undefined,
    );
}

/**
 * The drafts among sums of months: what is closed, or lies before it, is none. The first that is open
 * opens with what was carried forward; the others with nothing, until it is closed.
 */
export function draftsOf(
  sums: readonly StatementSum[],
  closed: readonly ClosedStatement[],
): StatementTotals[] {
  const open = sums.filter(
    ({ month, currency }) => `${month}-01` >= (lastOf(closed, currency)?.untilDay ?? ''),
  );
  return open.map((sum) => {
    const isFirst = !open.some((one) => one.currency === sum.currency && one.month < sum.month);
    const openingMinor = isFirst ? (lastOf(closed, sum.currency)?.carriedMinor ?? 0n) : 0n;
    return {
      id: `${sum.month}.${sum.currency}`,
      status: 'draft',
      ...sum,
      openingMinor,
      adjustedMinor: 0n,
      closingMinor: openingMinor + sum.accruedMinor + sum.reversedMinor,
    };
  });
}

/** The period and currency behind a statement's id ("2026-07.USD", "2026-Q3.USD"); else undefined. */
export function periodOf(id: string): { period: string; currency: string } | undefined {
  const match = /^([12]\d{3}-(?:(?:0[1-9]|1[0-2])(?:-[12])?|Q[1-4]))\.([A-Z]{3})$/.exec(id);
  if (match?.[1] === undefined || match[2] === undefined) return undefined;
  return { period: match[1], currency: match[2] };
}

/** The place of a line on a closed statement, in the form that cursors seal; and back. */
export function positionOfLine(place: number): string {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt32BE(place, 12);
  return uuidText(bytes);
}

export function lineAt(position: string): number {
  return uuidBytes(position).readUInt32BE(12);
}

/** Where a statement stands in the list of statements, in the form that cursors seal. */
export function positionOf(id: string): string {
  const bytes = Buffer.alloc(16);
  bytes.write(id, 'ascii');
  return uuidText(bytes);
}

/** The id of the statement behind such a position. */
export function statementAt(position: string): string {
  return uuidBytes(position).toString('ascii').replace(/\0+$/, '');
}
