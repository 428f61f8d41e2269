import { openDatabase } from '../src/platform/database.ts';
import { benchTools, type Site } from './bench-tools.ts';
import { differenceOf, expectedRecords, pairwiseRecords, walk } from './check-answers.ts';
import { runBareClient } from './bare-client.ts';
import { run } from './load.ts';
import { hasPgbench, runPgbench } from './pgbench.ts';
import { postgresCpuMicros } from './postgres-cpu.ts';
import { goalOf, rowOf, type Goal, type Row } from './report.ts';
import { interleaved, type Contestant } from './rounds.ts';
import { sameSql } from './same-sql.ts';
import { startServer, type Server } from './start-server.ts';
import { variants, type VariantKey } from './variants.ts';
import type { World } from './world.ts';

export interface Rounds {
  readonly rounds: number;
  readonly ms: number;
  readonly warmUpMs: number;
}

export interface Sizes {
  readonly customers: number;
  readonly jointCustomers: number;
  readonly page: Rounds;
  readonly log: Rounds;
  readonly growth: {
    readonly rounds: Rounds;
    /** Joint records of all partners, before and after. */
    readonly from: number;
    readonly to: number;
    /** The world that grows, before it does. */
    readonly world: { readonly customers: number; readonly jointCustomers: number };
  };
  readonly neighbour: { readonly rounds: Rounds };
  readonly subjects: {
    readonly rounds: Rounds;
    /** Subjects of all entries of the log that is looked through, and who they are among. */
    readonly subjects: number;
    readonly customers: number;
    readonly lookUps: number;
  };
  readonly close: CloseSizes;
}

export interface CloseSizes {
  readonly payments: number;
  readonly rounds: number;
  /** How many lines are closed one by one. */
  readonly rowByRow: number;
}

export interface Order {
  readonly site: Site;
  readonly world: World;
  readonly postmaster: number;
  readonly sizes: Sizes;
  readonly say: (line: string) => void;
  readonly profile: string | undefined;
}

export interface Measured {
  readonly rows: readonly Row[];
  readonly goals: readonly Goal[];
}

/** On so many connections pages are asked for, where nothing else is said. */
export const usualConnections = 16;
const keys = Object.keys(variants) as VariantKey[];

/** Checks every answer once, then measures rows B1, B2 and B4. Throws where an answer is wrong. */
export async function measurePage(order: Order): Promise<Measured> {
  const { site, profile, say, sizes } = order;
  const baseline = await startServer({ site, serve: 'baseline' });
  const ours = await startServer({ site, serve: 'ours' }, profile);
  try {
    say('checking every answer …');
    const contestants = await checkedContestants(order, baseline, ours);
    say(`B2: ${sizes.page.rounds} rounds …`);
    const page = await measureParts(contestants, sizes.page);
    // Not first: by now our process is as warm as pgbench is from the start.
    say(`B1: ${sizes.page.rounds} rounds …`);
    const floor = await measureFloor(order, contestants.bare);
    say(`B4: ${sizes.log.rounds} rounds …`);
    const log = await measureLog(contestants, sizes.log);
    return joined([floor, page, log]);
  } finally {
    await Promise.all([baseline.stop(), ours.stop()]);
  }
}

type Contestants = Readonly<Record<VariantKey | 'baseline', Contestant>>;

/** Everybody, ready to be asked for the pages of its list. Throws unless each gave the right records. */
async function checkedContestants(
  order: Order,
  baseline: Server,
  ours: Server,
): Promise<Contestants> {
  const { site, world, postmaster } = order;
  const admin = openDatabase({ ...site.logins.superuser, database: 'sluice' }, { max: 1 });
  const tools = benchTools(site, 'check.log');
  const contestant = async (name: VariantKey | 'baseline'): Promise<Contestant> => {
    const server = name === 'baseline' ? baseline : ours;
    const as = name === 'baseline' ? 'narrow' : variants[name].as;
    const { token } = world[as];
    const port = server.ports[name] ?? 0;
    const { paths, records } = await walk(port, token);
    const plain = await expectedRecords(admin, world[as], as);
    const expected = name === 'baseline' ? plain : pairwiseRecords(tools, world[as], plain);
    const difference = differenceOf(records, expected);
    if (difference !== undefined) throw new Error(`Wrong answers of ${name}: ${difference}.`);
    return {
      name,
      load: (connections, ms) => run({ port, token, paths }, connections, ms),
      connections: usualConnections,
      nodeMicros: () => server.cpuMicros(),
      postgresMicros: () => postgresCpuMicros(postmaster),
    };
  };
  const entries: [string, Contestant][] = [];
  for (const name of ['baseline', ...keys] as const) entries.push([name, await contestant(name)]);
  await Promise.all([admin.destroy(), tools.db.destroy(), tools.reader.close()]);
  return Object.fromEntries(entries) as Contestants;
}

/** A page without checks and log against its SQL alone, sent by a client that does nothing else. */
async function measureFloor({ site, world, postmaster, sizes }: Order, bare: Contestant) {
  const tools = benchTools(site, 'floor.log');
  const sql = await sameSql(tools, world.narrow);
  await Promise.all([tools.db.destroy(), tools.reader.close()]);
  const isPgbench = await hasPgbench();
  const client = isPgbench ? 'pgbench with the same SQL' : 'the same SQL from a bare client';
  const runClient = isPgbench ? runPgbench : runBareClient;
  const alone: Contestant = {
    name: 'alone',
    connections: usualConnections,
    load: (connections, ms) => runClient(site.logins.reader, sql, connections, ms),
    // The client's own time is none of what is compared.
    nodeMicros: () => Promise.resolve(NaN),
    postgresMicros: () => postgresCpuMicros(postmaster),
  };
  const samples = await interleaved([alone, bare], sizes.page);
  const rowFor = (name: string, label: string) =>
    rowOf(samples, { row: 'B1', name, against: alone.name, label, connections: usualConnections });
  const ours = rowFor(bare.name, variants.bare.name);
  const share = ours.postgresMicros / (ours.nodeMicros + ours.postgresMicros);
  return {
    rows: [rowFor(alone.name, client), ours],
    goals: [
      goalOf('B1 PostgreSQL’s share of the CPU, log and checks off', 0.5, share),
      goalOf(`B1 log and checks off, times the rate of ${client}`, 0.4, ours.rateRatio),
    ],
  };
}

async function measureParts(contestants: Contestants, rounds: Rounds): Promise<Measured> {
  const samples = await interleaved(Object.values(contestants), rounds);
  const rowFor = (name: VariantKey | 'baseline', label: string) =>
    rowOf(samples, { row: 'B2', name, against: 'baseline', label, connections: usualConnections });
  const rows = [
    rowFor('baseline', 'baseline: Express + knex + res.json'),
    ...keys.map((key) => rowFor(key, variants[key].name)),
  ];
  const ratioOf = (name: VariantKey) => rowFor(name, '').rateRatio;
  return {
    rows,
    goals: [
      goalOf('B2 checks on the way out off, times the baseline’s rate', 3, ratioOf('unchecked')),
      goalOf('B2 everything on, times the baseline’s rate', 2, ratioOf('everything')),
    ],
  };
}

async function measureLog(contestants: Contestants, rounds: Rounds): Promise<Measured> {
  const rows: Row[] = [];
  const goals: Goal[] = [];
  for (const connections of [16, 64, 256]) {
    const pair = [contestants.unlogged, contestants.everything];
    const samples = await interleaved(
      pair.map((one) => ({ ...one, connections })),
      rounds,
    );
    const rowFor = (name: 'unlogged' | 'everything', label: string) =>
      rowOf(samples, { row: 'B4', name, against: 'unlogged', label, connections });
    const logged = rowFor('everything', 'logged');
    rows.push(rowFor('unlogged', 'unlogged'), logged);
    const goal = `B4 logged ÷ unlogged at ${connections} connections`;
    goals.push(goalOf(goal, 0.8, logged.rateRatio));
  }
  return { rows, goals };
}

/** All rows, then all goals. */
export function joined(parts: readonly Measured[]): Measured {
  return { rows: parts.flatMap(({ rows }) => rows), goals: parts.flatMap(({ goals }) => goals) };
}
