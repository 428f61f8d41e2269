import { median, type Sample, type Samples } from './rounds.ts';

/** Medians of one contestant, and how it stands to another one measured in the same rounds. */
export interface Row {
  readonly row: string;
  readonly name: string;
  readonly connections: number;
  readonly perSecond: number;
  readonly nodeMicros: number;
  readonly postgresMicros: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Rate divided by the other's: the median over the rounds. */
  readonly rateRatio: number;
  /** The other's CPU time (Node and PostgreSQL) divided by this one's: the median over the rounds. */
  readonly cpuRatio: number;
}

export interface Goal {
  readonly goal: string;
  readonly wanted: number;
  readonly measured: number;
  /** Whether what is wanted is the most that it may be, or the least. */
  readonly bound: 'least' | 'most';
  readonly isMet: boolean;
}

export function rowOf(
  samples: Samples,
  row: { row: string; name: string; against: string; label: string; connections: number },
): Row {
  const own = samples.get(row.name) ?? [];
  const others = samples.get(row.against) ?? [];
  const mid = (of: (sample: Sample) => number) => median(own.map(of));
  const cpuOf = (sample: Sample | undefined) =>
    (sample?.nodeMicros ?? NaN) + (sample?.postgresMicros ?? NaN);
  return {
    row: row.row,
    name: row.label,
    connections: row.connections,
    perSecond: mid(({ perSecond }) => perSecond),
    nodeMicros: mid(({ nodeMicros }) => nodeMicros),
    postgresMicros: mid(({ postgresMicros }) => postgresMicros),
    p50Ms: mid(({ p50Ms }) => p50Ms),
    p99Ms: mid(({ p99Ms }) => p99Ms),
    rateRatio: median(own.map((one, i) => one.perSecond / (others[i]?.perSecond ?? NaN))),
    cpuRatio: median(own.map((one, i) => cpuOf(others[i]) / cpuOf(one))),
  };
}

export function goalOf(
  goal: string,
  wanted: number,
  measured: number,
  bound: Goal['bound'] = 'least',
): Goal {
  const isMet = bound === 'least' ? measured >= wanted : measured <= wanted;
  return { goal, wanted, measured, bound, isMet };
}

/** The rows and goals as text, columns aligned. */
export function tableOf(rows: readonly Row[], goals: readonly Goal[]): string {
  const head = [
    '',
    'page of 100 customers',
    'conn',
    'req/s',
    'Node µs',
    'PG µs',
    'p50 ms',
    'p99 ms',
  ];
  const lines = [
    [...head, '× rate', '× CPU'],
    ...rows.map((row) => [
      row.row,
      row.name,
      String(row.connections),
      row.perSecond.toFixed(0),
      fixed(row.nodeMicros, 0),
      row.postgresMicros.toFixed(0),
      row.p50Ms.toFixed(1),
      row.p99Ms.toFixed(1),
      row.rateRatio.toFixed(2),
      fixed(row.cpuRatio, 2),
    ]),
  ];
  const widths = lines[0]?.map((_, i) => Math.max(...lines.map((line) => line[i]?.length ?? 0)));
  const aligned = lines.map((line) =>
    line
      .map((cell, i) => (i < 2 ? cell.padEnd(widths?.[i] ?? 0) : cell.padStart(widths?.[i] ?? 0)))
      .join('  '),
  );
  return [...aligned, '', ...goals.map(lineOf), ''].join('\n');
}

/** A figure that was not measured is a dash. */
const fixed = (figure: number, digits: number) =>
  Number.isNaN(figure) ? '–' : figure.toFixed(digits);

function lineOf({ goal, wanted, measured, bound, isMet }: Goal): string {
  const verdict = isMet ? 'met    ' : 'not met';
  return `${verdict}  ${goal}: ${measured.toFixed(2)} (wanted ${bound === 'least' ? '≥' : '≤'} ${wanted.toFixed(2)})`;
}
