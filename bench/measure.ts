import { openDatabase } from '../src/platform/database.ts';
import { benchTools, type Site } from './bench-tools.ts';
import { differenceOf, expectedRecords, pairwiseRecords, walk } from './check-answers.ts';
import { postgresCpuMicros } from './postgres-cpu.ts';
import { goalOf, rowOf, type Goal, type Row } from './report.ts';
import { interleaved, type Contestant } from './rounds.ts';
import { startServer, type Server } from './start-server.ts';
import { variants, type VariantKey } from './variants.ts';
import type { World } from './world.ts';

interface Rounds {
  readonly rounds: number;
  readonly ms: number;
  readonly warmUpMs: number;
}

export interface Sizes {
  readonly customers: number;
  readonly jointCustomers: number;
  readonly page: Rounds;
  readonly log: Rounds;
}

interface Order {
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

const usual = 16;
const keys = Object.keys(variants) as VariantKey[];

/** Checks every answer once, then measures rows B2 and B4. Throws where an answer is wrong. */
export async function measure(order: Order): Promise<Measured> {
  const { site, profile, say, sizes } = order;
  const baseline = await startServer({ site, serve: 'baseline' });
  const ours = await startServer({ site, serve: 'ours' }, profile);
  try {
    say('checking every answer …');
    const contestants = await checkedContestants(order, baseline, ours);
    say(`B2: ${sizes.page.rounds} rounds …`);
    const page = await measurePages(contestants, sizes.page);
    say(`B4: ${sizes.log.rounds} rounds …`);
    const log = await measureLog(contestants, sizes.log);
    return { rows: [...page.rows, ...log.rows], goals: [...page.goals, ...log.goals] };
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
      target: { port, token, paths },
      connections: usual,
      nodeMicros: () => server.cpuMicros(),
      postgresMicros: () => postgresCpuMicros(postmaster),
    };
  };
  const entries: [string, Contestant][] = [];
  for (const name of ['baseline', ...keys] as const) entries.push([name, await contestant(name)]);
  await Promise.all([admin.destroy(), tools.db.destroy(), tools.reader.close()]);
  return Object.fromEntries(entries) as Contestants;
}

async function measurePages(contestants: Contestants, rounds: Rounds): Promise<Measured> {
  const samples = await interleaved(Object.values(contestants), rounds);
  const rowFor = (name: VariantKey | 'baseline', label: string) =>
    rowOf(samples, { row: 'B2', name, against: 'baseline', label, connections: usual });
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
