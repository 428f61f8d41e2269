import type { StatementSum } from '../fees/index.ts';
import { uuidBytes, uuidText } from '../platform/uuid.ts';
import type { StatementTotals } from './statement.ts';

/** The totals of a draft. It opens with nothing: no statement before it is closed yet. */
export function totalsOf(sum: StatementSum): StatementTotals {
  const openingMinor = 0n;
  return {
    id: `${sum.month}.${sum.currency}`,
    status: 'draft',
    ...sum,
    openingMinor,
    closingMinor: openingMinor + sum.accruedMinor + sum.reversedMinor,
  };
}

/** The month and currency behind a statement's id ("2026-07.USD"); undefined for any other text. */
export function statementOf(id: string): { month: string; currency: string } | undefined {
  const match = /^([12]\d{3}-(?:0[1-9]|1[0-2]))\.([A-Z]{3})$/.exec(id);
  if (match?.[1] === undefined || match[2] === undefined) return undefined;
  return { month: match[1], currency: match[2] };
}

/** Where a statement stands in the list of statements, in the form that cursors seal. */
export function positionOf({ month, currency }: { month: string; currency: string }): string {
  const bytes = Buffer.alloc(16);
  bytes.write(`${month}.${currency}`, 'ascii');
  return uuidText(bytes);
}

/** The statement behind such a position. */
export function statementAt(position: string): { month: string; currency: string } {
  const id = uuidBytes(position).subarray(0, 11).toString('ascii');
  const statement = statementOf(id);
  if (!statement) throw new RangeError('This is no position in the list of statements.');
  return statement;
}
