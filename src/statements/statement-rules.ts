import type { AgreementVersion } from '../agreements/index.ts';
import type { HalfMonthSum } from '../fees/index.ts';
import {
  periodAt,
  periodHolding,
  periodKindAt,
  settle,
  statementIdOf,
  type ClosedStatement,
  type Period,
} from '../settlements/index.ts';
import { uuidBytes, uuidText } from '../platform/uuid.ts';
import type { DueTransfers } from '../transfers/index.ts';
import type { StatementTotals } from './statement.ts';

/** The last statement of a currency that is closed. */
function lastOf(closed: readonly ClosedStatement[], currency: string): ClosedStatement | undefined {
  return closed
    .filter((one) => one.currency === currency)
    .reduce<ClosedStatement | undefined>(
      (last, one) => (last && last.number > one.number ? last : one),
      undefined,
    );
}

/** Where the open periods of a currency begin, and with what balance. */
export interface OpenChain {
  readonly currency: string;
  /** The first day that no closed statement holds; where none is closed, of the first lines' period. */
  readonly fromDay: string;
  readonly openingMinor: bigint;
}

/** The open chain of each currency that has lines, transfers or closed statements. */
export function openChains(
  sums: readonly (HalfMonthSum | DueTransfers)[],
  closed: readonly ClosedStatement[],
  versions: readonly AgreementVersion[],
): OpenChain[] {
  const currencies = [...new Set([...sums, ...closed].map(({ currency }) => currency))].sort();
  return currencies.map((currency) => {
    const last = lastOf(closed, currency);
    if (last) return { currency, fromDay: last.untilDay, openingMinor: last.carriedMinor };
    const days = sums.filter((one) => one.currency === currency).map((one) => one.fromDay);
    const [first = ''] = days.sort();
    const { fromDay } = periodAt(first, periodKindAt(versions, first));
    return { currency, fromDay, openingMinor: 0n };
  });
}

/**
 * The drafts of a chain: each period that has lines or transfers, and the first in any case. The first
 * opens with what was carried forward; the others with nothing, until what the one before carries on is known.
 */
export function draftsOf(
  { currency, fromDay, openingMinor }: OpenChain,
  sums: readonly HalfMonthSum[],
  versions: readonly AgreementVersion[],
  transfers: readonly DueTransfers[],
): StatementTotals[] {
  const first = periodHolding(versions, { from: fromDay, day: fromDay });
  const drafts = new Map([[first.period, emptyDraft(first, currency, openingMinor)]]);
  const draftHolding = (day: string): StatementTotals => {
    const period = periodHolding(versions, { from: fromDay, day: day < fromDay ? fromDay : day });
    return drafts.get(period.period) ?? emptyDraft(period, currency, 0n);
  };
  for (const sum of sums) {
    if (sum.currency !== currency || sum.fromDay < fromDay) continue;
    const draft = draftHolding(sum.fromDay);
    drafts.set(draft.period, withSum(draft, sum));
  }
  // What was collected before is stated late, on the first.
  for (const due of transfers) {
    if (due.currency !== currency) continue;
    const draft = draftHolding(due.fromDay);
    drafts.set(draft.period, withTransfers(draft, due));
  }
  return [...drafts.values()].sort((one, other) => (one.fromDay < other.fromDay ? -1 : 1));
}

function emptyDraft(period: Period, currency: string, openingMinor: bigint): StatementTotals {
  return {
    ...period,
    id: statementIdOf({ period: period.period, currency }),
    ...{ currency, status: 'draft', openingMinor, closingMinor: openingMinor },
    ...{ accruedMinor: 0n, reversedMinor: 0n, adjustedMinor: 0n },
    ...{ collectedMinor: 0n, remittedMinor: 0n },
    ...{ lineCount: 0, adjustmentCount: 0, agreementVersions: [] },
  };
}

function withSum(draft: StatementTotals, sum: HalfMonthSum): StatementTotals {
  const versions = new Set([...draft.agreementVersions, ...sum.agreementVersions]);
  return {
    ...draft,
    accruedMinor: draft.accruedMinor + sum.accruedMinor,
    reversedMinor: draft.reversedMinor + sum.reversedMinor,
    closingMinor: draft.closingMinor + sum.accruedMinor + sum.reversedMinor,
    lineCount: draft.lineCount + sum.lineCount,
    agreementVersions: [...versions].sort((a, b) => a - b),
  };
}

function withTransfers(draft: StatementTotals, due: DueTransfers): StatementTotals {
  const { collectedMinor, remittedMinor } = due;
  return {
    ...draft,
    collectedMinor: draft.collectedMinor + collectedMinor,
    remittedMinor: draft.remittedMinor + remittedMinor,
    closingMinor: draft.closingMinor - collectedMinor + remittedMinor,
  };
}

/** The same draft where it opens with another balance. */
export function openedWith(openingMinor: bigint, draft: StatementTotals): StatementTotals {
  const closingMinor = draft.closingMinor - draft.openingMinor + openingMinor;
  return { ...draft, openingMinor, closingMinor };
}

/** What the next statement opens with once this draft is closed as it is: before tax, as drafts are. */
export function carriedBy(
  draft: StatementTotals,
  versions: readonly AgreementVersion[],
  { lastEarnedOn, holdsTransfers }: { lastEarnedOn: string | undefined; holdsTransfers: boolean },
): bigint {
  const terms = { versions, currency: draft.currency, period: draft, lastEarnedOn, holdsTransfers };
  return settle({ ...draft, taxMinor: 0n }, terms).carriedMinor;
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
