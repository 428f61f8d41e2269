import type { Run } from './load.ts';

/** Something that is measured in turn with others. */
export interface Contestant {
  readonly name: string;
  readonly connections: number;
  /** Asks for pages without pause on so many connections for so many milliseconds. */
  load(connections: number, ms: number): Promise<Run>;
  /** CPU time so far, in microseconds. */
  nodeMicros(): Promise<number>;
  postgresMicros(): number;
}

/** One round of one contestant. */
export interface Sample {
  readonly perSecond: number;
  /** CPU time for each request, in microseconds. */
  readonly nodeMicros: number;
  readonly postgresMicros: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** By name, one sample for each round; the n-th of all were taken one after another. */
export type Samples = ReadonlyMap<string, readonly Sample[]>;

/**
 * Measures all in turn, round by round, each round beginning with another one, so that what else
 * the machine does meets all alike.
 */
export async function interleaved(
  contestants: readonly Contestant[],
  { rounds, ms, warmUpMs }: { rounds: number; ms: number; warmUpMs: number },
): Promise<Samples> {
  const samples = new Map(contestants.map(({ name }) => [name, [] as Sample[]]));
  for (const contestant of contestants) await sample(contestant, warmUpMs);
  for (let round = 0; round < rounds; round += 1) {
    const first = round % contestants.length;
    for (const contestant of [...contestants.slice(first), ...contestants.slice(0, first)]) {
      samples.get(contestant.name)?.push(await sample(contestant, ms));
    }
  }
  return samples;
}

async function sample(contestant: Contestant, ms: number): Promise<Sample> {
  const nodeBefore = await contestant.nodeMicros();
  const postgresBefore = contestant.postgresMicros();
  const { connections } = contestant;
  const { requests, counted, seconds, latencies } = await contestant.load(connections, ms);
  const ordered = latencies.toSorted((one, other) => one - other);
  return {
    perSecond: counted / seconds,
    nodeMicros: ((await contestant.nodeMicros()) - nodeBefore) / requests,
    postgresMicros: (contestant.postgresMicros() - postgresBefore) / requests,
    p50Ms: ordered[Math.floor(ordered.length * 0.5)] ?? 0,
    p99Ms: ordered[Math.floor(ordered.length * 0.99)] ?? 0,
  };
}

export function median(values: readonly number[]): number {
  const ordered = values.toSorted((one, other) => one - other);
  const middle = Math.floor(ordered.length / 2);
  const upper = ordered[middle] ?? NaN;
  return ordered.length % 2 === 1 ? upper : (upper + (ordered[middle - 1] ?? NaN)) / 2;
}
