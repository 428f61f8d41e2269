import { findLinesById, findLinesOfDays, type AccrualLine, type LineId } from '../fees/index.ts';
import type { PartnerId } from '../partners/index.ts';
import type { Transaction } from '../platform/database.ts';
import {
  findClosedLines,
  findClosedStatement,
  findClosedStatements,
  periodNamed,
  statementIdOf,
  type StatementName,
} from '../settlements/index.ts';
import type { CustomerId, RecordId, ServiceId } from '../records/index.ts';
import type { OwnLine } from './reconciliation.ts';

/** A line of a statement with all that decides who may see what of it. */
export interface StatedLine extends OwnLine {
  readonly serviceId: ServiceId | null;
  readonly settledAt: Date | null;
  readonly occurredAt: Date | null;
  /** The line as it is computed now; undefined: it is not any more. */
  readonly computed: AccrualLine | undefined;
}

/** What a claim is compared with. */
export interface Stated {
  readonly id: string;
  readonly status: 'draft' | 'closed' | 'approved' | 'paid';
  readonly fromDay: string;
  readonly untilDay: string;
  readonly lines: readonly StatedLine[];
}

const linesAtOnce = 5000;

/**
 * The lines of a period's statement: as they were closed, or, where it is open, as they stand now
 * without the adjustments that its close would make.
 */
export async function findStated(tx: Transaction, name: StatementName): Promise<Stated> {
  const { partnerId, period, currency } = name;
  const id = statementIdOf(name);
  const closed = await findClosedStatement(tx, name);
  if (closed) {
    const { status, fromDay, untilDay, number } = closed;
    const lines = await closedLines(tx, { partnerId, currency, number });
    return { id, status, fromDay, untilDay, lines };
  }
  const days = periodNamed(period);
  if (!days) throw new Error('A claim is for a period.');
  const before = await findClosedStatements(tx, { partnerId });
  const fromDay = before
    .filter((one) => one.currency === currency && one.untilDay > days.fromDay)
    .reduce((from, { untilDay }) => (untilDay > from ? untilDay : from), days.fromDay);
  const { untilDay } = days;
  const found = await findLinesOfDays(tx, { partnerId, currency, fromDay, untilDay });
  return { id, status: 'draft', fromDay, untilDay, lines: found.map(ownLine) };
}

async function closedLines(
  tx: Transaction,
  statement: { partnerId: PartnerId; currency: string; number: number },
): Promise<StatedLine[]> {
  const lines: StatedLine[] = [];
  for (const isAdjustment of [false, true]) {
    for (let after: LineId | undefined; ;) {
      const page = { isAdjustment, after, limit: linesAtOnce };
      const stated = await findClosedLines(tx, statement, page);
      const ids = stated.map(({ lineId }) => lineId);
      const found = await findLinesById(tx, statement.partnerId, ids);
      const computed = new Map(found.map((line) => [line.lineId, line]));
      for (const one of stated) {
        const line = computed.get(one.lineId);
        lines.push({
          ...one,
          kind: one.kind as OwnLine['kind'],
          isAdjustment,
          paymentId: line?.paymentId ?? null,
          cutMinor: isAdjustment || !line ? 0n : cutOf(line),
          because: line?.because ?? null,
          computed: line,
        });
      }
      if (stated.length < linesAtOnce) break;
      after = ids.at(-1);
    }
  }
  return lines;
}

/** A computed line, as it would be stated. */
export function ownLine(line: AccrualLine): StatedLine & {
  readonly customerId: CustomerId;
  readonly paymentId: RecordId;
} {
  const { lineId, customerId, serviceId, paymentId, kind, settledAt, occurredAt, because } = line;
  return {
    ...{ lineId, customerId, serviceId, paymentId, kind, settledAt, occurredAt, because },
    ...{ isAdjustment: false, amountMinor: line.feeMinor, cutMinor: cutOf(line), computed: line },
  };
}

function cutOf({ explanation, feeMinor }: AccrualLine): bigint {
  const nominal = explanation.inputs['nominalMinor'];
  if (nominal === undefined) return 0n;
  return feeMinor < 0n ? -BigInt(nominal) - feeMinor : BigInt(nominal) - feeMinor;
}
