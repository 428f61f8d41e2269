import { problemsOfBalance, problemsOfPlaces } from './balance-rules.ts';
import { minorOf, type GivenStatement, type Received } from './given.ts';
import { statedOf } from './stated-rules.ts';
import { problemsOfTax } from './tax-rules.ts';
import { walk, type Judged, type Standing } from './walk-rules.ts';
import { payableOf } from './world-rules.ts';

/** A fee on which statements and records do not agree. Amounts in minor units of the currency. */
export interface FeeDifference {
  /** The lines that state it; empty: none does. */
  readonly lines: readonly string[];
  readonly payment: string;
  readonly refund: string | null;
  readonly statedMinor: bigint;
  readonly recomputedMinor: bigint;
}

/** What a recomputation of statements came to. */
export interface FeeVerdict {
  readonly agrees: boolean;
  /** Fees that were recomputed from the records, and came out as stated. */
  readonly recomputed: number;
  readonly differences: readonly FeeDifference[];
  /**
   * Fees that hang on what is not all shown: on customers who left, on a time in which nothing was
   * shared, on whether a payment was a customer's first. They are within what may be, and taken as
   * stated.
   */
  readonly uncertain: readonly FeeDifference[];
  /** Fees of records that no line states: they became known since, and are for the next statement. */
  readonly unstated: readonly FeeDifference[];
  /** Lines whose records are not the partner's to see: they cannot be recomputed. */
  readonly withheld: { readonly count: number; readonly minor: bigint };
  /** Where statements do not add up, do not go on or pay as agreed, in sentences. */
  readonly problems: readonly string[];
}

/**
 * Computes the fees of a partner from what the partner API sent it, by a calculation of its own, and
 * holds all closed statements of one currency against it. Payments that settled in one moment and share
 * a running total are compared by their sum: in which order they came is not told.
 */
export function recomputeFees(received: Received): FeeVerdict {
  const { statements, agreements } = received;
  // A credit note lowers an invoice before it is paid: it takes no fee back.
  const refunds = received.refunds.filter(({ kind }) => kind !== 'credit-note');
  const stated = statedOf(statements);
  const payments = payableOf(received, stated);
  const judged = walk({ payments, refunds, stated });
  const those = (standing: Standing) =>
    judged.filter((one) => one.standing === standing).map(differenceOf);
  const [differences, uncertain] = [those('differs'), those('uncertain')];
  const days = new Map(
    judged.flatMap(({ lines, availableOn }) =>
      availableOn === null ? [] : lines.map(({ id }) => [id, availableOn] as const),
    ),
  );
  const problems = [
    ...statements.flatMap((one, i) => [
      ...problemsOfBalance(statements.slice(0, i + 1), agreements),
      ...problemsOfTax(one, statements.slice(0, i), agreements),
    ]),
    ...problemsOfPlaces(statements, days),
  ];
  return {
    agrees: differences.length === 0 && problems.length === 0,
    recomputed: those('agrees').length,
    ...{ differences, uncertain },
    unstated: those('unstated').filter(({ recomputedMinor }) => recomputedMinor !== 0n),
    withheld: withheldOf(statements),
    problems,
  };
}

function differenceOf({ lines, payment, refund, recomputedMinor }: Judged): FeeDifference {
  const statedMinor = lines.reduce((sum, { minor }) => sum + minor, 0n);
  return { lines: lines.map(({ id }) => id), payment, refund, statedMinor, recomputedMinor };
}

function withheldOf(statements: readonly GivenStatement[]): FeeVerdict['withheld'] {
  const lines = statements.flatMap((statement) => statement.lines);
  const shown = new Set(lines.filter(({ payment }) => payment !== undefined).map(({ id }) => id));
  const withheld = lines.filter(({ id }) => !shown.has(id));
  const minor = withheld.reduce((sum, { amount }) => sum + minorOf(amount), 0n);
  return { count: withheld.length, minor };
}
