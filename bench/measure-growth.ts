import { openDatabase } from '../src/platform/database.ts';
import { differenceOf, walk } from './check-answers.ts';
import { grow, type Totals } from './grow.ts';
import { run } from './load.ts';
import { usualConnections, type Measured, type Order } from './measure.ts';
import { postgresCpuMicros } from './postgres-cpu.ts';
import { goalOf, rowOf } from './report.ts';
import { interleaved, type Contestant, type Sample } from './rounds.ts';
import { startServer } from './start-server.ts';

/**
 * Measures row B8: the same page of the same partner with few records of others about it and with
 * many. The two cannot take turns, so what else the machine does weighs more than in other rows; the
 * goal is of CPU time, which that sways least. Throws when the partner gets other records than before.
 */
export async function measureGrowth(order: Order): Promise<Measured> {
  const { site, world, say } = order;
  const { rounds, from, to } = order.sizes.growth;
  const admin = openDatabase({ ...site.logins.superuser, database: 'sluice' }, { max: 1 });
  const recipient = world.narrow.partner.id;
  const token = world.narrow.token;
  const samples = new Map<string, readonly Sample[]>();
  const stage = async (name: string, size: number) => {
    const server = await startServer({ site, serve: 'ours' });
    try {
      const port = server.ports['everything'] ?? 0;
      const { paths, records } = await walk(port, token);
      say(`B8: filling up to ${size} joint records …`);
      const totals = await grow(admin, size, recipient);
      const contestant: Contestant = {
        name,
        connections: usualConnections,
        load: (connections, ms) => run({ port, token, paths }, connections, ms),
        nodeMicros: () => server.cpuMicros(),
        postgresMicros: () => postgresCpuMicros(order.postmaster),
      };
      say(`B8: ${rounds.rounds} rounds …`);
      const measured = await interleaved([contestant], rounds);
      samples.set(name, measured.get(name) ?? []);
      const again = (await walk(port, token)).records;
      const difference = differenceOf(again, records);
      if (difference !== undefined) throw new Error(`Wrong answers in the ${name}: ${difference}.`);
      return { totals, records };
    } finally {
      await server.stop();
    }
  };
  try {
    const small = await stage('small', from);
    const large = await stage('large', to);
    const difference = differenceOf(large.records, small.records);
    if (difference !== undefined) throw new Error(`Wrong answers after growth: ${difference}.`);
    const rowFor = (name: string, totals: Totals) =>
      rowOf(samples, {
        ...{ row: 'B8', name, against: 'small', label: labelOf(totals) },
        connections: usualConnections,
      });
    const rows = [rowFor('small', small.totals), rowFor('large', large.totals)] as const;
    const [before, after] = rows.map((row) => row.nodeMicros + row.postgresMicros);
    const ratio = (after ?? NaN) / (before ?? NaN);
    const [little, much] = [small.totals, large.totals].map((one) => one.jointRecords);
    const goal = `B8 CPU of a page with ${String(much)} joint records ÷ with ${String(little)}`;
    return { rows, goals: [goalOf(goal, 1.3, ratio, 'most')] };
  } finally {
    await admin.destroy();
  }
}

function labelOf({ jointRecords, partners, customers, disclosures }: Totals): string {
  return `${jointRecords} joint, ${partners} partners, ${customers} customers, ${disclosures} shown`;
}
