import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { setBudget } from '../src/budgets/index.ts';
import { openDatabase } from '../src/platform/database.ts';
import { benchTools } from './bench-tools.ts';
import { walk } from './check-answers.ts';
import { run } from './load.ts';
import type { LoudOrder } from './loud.ts';
import type { Measured, Order } from './measure.ts';
import { postgresCpuMicros } from './postgres-cpu.ts';
import { goalOf, rowOf } from './report.ts';
import { interleaved, median, type Contestant } from './rounds.ts';
import { startServer } from './start-server.ts';

/** So many connections the measured partner asks on, and the loud one. */
const [quietConnections, loudConnections] = [4, 16];
/** Calls of the loud partner’s budget for each second of a round; it makes ten times as many. */
const budgetPerSecond = 50;
/** After it every process has read a budget anew. */
const budgetIsReadMs = 1000;

/**
 * Measures what a partner with a budget, which calls ten times as often as it may, costs another:
 * the other’s p99 beside the same when it is alone. Throws where the loud one is not refused as it
 * must be, or anybody is answered with 5xx.
 */
export async function measureNeighbour(order: Order): Promise<Measured> {
  const { site, world, say, sizes, postmaster } = order;
  const { rounds } = sizes.neighbour;
  const server = await startServer({ site, serve: 'ours' });
  const child = fork(fileURLToPath(new URL('loud.js', import.meta.url)));
  const tools = benchTools(site, 'neighbour.log');
  const admin = openDatabase({ ...site.logins.superuser, database: 'sluice' }, { max: 1 });
  try {
    const port = server.ports['everything'] ?? 0;
    const { paths } = await walk(port, world.narrow.token);
    const quiet = { port, token: world.narrow.token, paths };
    const loud = { port, token: world.whole.token, paths: ['/v1/customers?limit=100'] };
    let round = 0;
    const contestant = (name: string, load: Contestant['load']): Contestant => ({
      ...{ name, load, connections: quietConnections },
      nodeMicros: () => server.cpuMicros(),
      postgresMicros: () => postgresCpuMicros(postmaster),
    });
    const beside = async (connections: number, ms: number) => {
      // Another budget each time: what was used up of the last one is forgotten.
      const budget = Math.round((budgetPerSecond * ms) / 1000) + round++;
      await admin('budget_counts').delete();
      const limits = { 'calls-per-day': budget };
      await setBudget(tools, { partnerId: world.whole.partner.id, limits, setBy: 'bench' });
      await pause(budgetIsReadMs);
      const load = { connections: loudConnections, calls: 10 * budget, ms };
      const answered = askLoudly(child, { target: loud, ...load });
      const measured = await run(quiet, connections, ms);
      demandRefused(await answered, budget);
      return measured;
    };
    const contestants = [
      contestant('alone', (connections, ms) => run(quiet, connections, ms)),
      contestant('beside', beside),
    ];
    say(`A9: ${rounds.rounds} rounds …`);
    const samples = await interleaved(contestants, rounds);
    const rowFor = (name: string, label: string) =>
      rowOf(samples, { row: 'A9', name, against: 'alone', label, connections: quietConnections });
    const [alone, noisy] = [samples.get('alone') ?? [], samples.get('beside') ?? []];
    const ratio = median(noisy.map(({ p99Ms }, i) => p99Ms / (alone[i]?.p99Ms ?? NaN)));
    return {
      rows: [rowFor('alone', 'alone'), rowFor('beside', 'beside one at 10 × its budget')],
      goals: [goalOf('A9 p99 beside one at 10 × its budget ÷ alone', 2, ratio, 'most')],
    };
  } finally {
    child.disconnect();
    await Promise.all([server.stop(), tools.db.destroy(), tools.reader.close(), admin.destroy()]);
  }
}

async function askLoudly(child: ChildProcess, order: LoudOrder): Promise<Record<number, number>> {
  const answer = once(child, 'message');
  child.send(order);
  const [statuses] = (await answer) as [Record<number, number>];
  return statuses;
}

function demandRefused(statuses: Record<number, number>, budget: number): void {
  if (statuses[200] === budget && statuses[429] === 9 * budget) return;
  throw new Error(`With a budget of ${budget} the answers were ${JSON.stringify(statuses)}.`);
}
