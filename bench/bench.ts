import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bringUpToDateAs } from '../src/commands/bring-up-to-date.ts';
import { closeLogWriter } from '../src/logs/index.ts';
import { openDatabase } from '../src/platform/database.ts';
import { openEmbeddedDatabase } from '../src/platform/embedded/embedded-database.ts';
import { benchTools, type Site } from './bench-tools.ts';
import { joined, measurePage, type Measured, type Order, type Sizes } from './measure.ts';
import { measureClose } from './measure-close.ts';
import { measureGrowth } from './measure-growth.ts';
import { measureNeighbour } from './measure-neighbour.ts';
import { measureSubjects } from './measure-subjects.ts';
import { tableOf } from './report.ts';
import { makeWorld, type World } from './world.ts';

const usual: Sizes = {
  customers: 20_000,
  jointCustomers: 6_000,
  page: { rounds: 7, ms: 1500, warmUpMs: 1500 },
  log: { rounds: 5, ms: 1500, warmUpMs: 500 },
  growth: {
    rounds: { rounds: 7, ms: 1500, warmUpMs: 3000 },
    ...{ from: 10_000, to: 1_000_000 },
    world: { customers: 1500, jointCustomers: 600 },
  },
  neighbour: { rounds: { rounds: 5, ms: 3000, warmUpMs: 1500 } },
  subjects: {
    rounds: { rounds: 7, ms: 1500, warmUpMs: 1500 },
    ...{ subjects: 10_000_000, customers: 1_000_000, lookUps: 500 },
  },
  close: { payments: 1_000_000, rounds: 3, rowByRow: 20_000 },
};
const quick: Sizes = {
  customers: 4_000,
  jointCustomers: 2_000,
  page: { rounds: 3, ms: 700, warmUpMs: 700 },
  log: { rounds: 2, ms: 700, warmUpMs: 200 },
  growth: {
    rounds: { rounds: 3, ms: 700, warmUpMs: 1500 },
    ...{ from: 10_000, to: 100_000 },
    world: { customers: 1500, jointCustomers: 600 },
  },
  neighbour: { rounds: { rounds: 3, ms: 1000, warmUpMs: 700 } },
  subjects: {
    rounds: { rounds: 3, ms: 700, warmUpMs: 700 },
    ...{ subjects: 300_000, customers: 100_000, lookUps: 100 },
  },
  close: { payments: 100_000, rounds: 3, rowByRow: 5_000 },
};

/**
 * Measures the hot path against what an ordinary team would write, on a PostgreSQL of its own that
 * loses nothing it has acknowledged. Ends with 1 when an answer was wrong, never for being slow.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      json: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      part: { type: 'string' },
      profile: { type: 'string' },
    },
  });
  const sizes = values.quick ? quick : usual;
  const { part, profile } = values;
  if (part !== undefined && !Object.hasOwn(parts, part))
    throw new Error(`There is no part ${part}: ${Object.keys(parts).join(' or ')}.`);
  const measured: Measured[] = [];
  for (const [name, { sizeOf, measure }] of Object.entries(parts)) {
    if (part !== undefined && name !== part) continue;
    const world = sizeOf(sizes);
    measured.push(
      await onDatabaseOfItsOwn(world, (given) => measure({ ...given, sizes, say, profile })),
    );
  }
  const { rows, goals } = joined(measured);
  process.stdout.write(
    values.json ? `${JSON.stringify({ rows, goals }, null, 2)}\n` : `\n${tableOf(rows, goals)}`,
  );
}

type WorldSize = Pick<Sizes, 'customers' | 'jointCustomers'>;

/** The parts of the bench, each with the size of its world. */
const parts = {
  page: { sizeOf: (sizes: Sizes): WorldSize => sizes, measure: measurePage },
  growth: { sizeOf: ({ growth }: Sizes): WorldSize => growth.world, measure: measureGrowth },
  neighbour: { sizeOf: ({ growth }: Sizes): WorldSize => growth.world, measure: measureNeighbour },
  subjects: { sizeOf: ({ growth }: Sizes): WorldSize => growth.world, measure: measureSubjects },
  close: { sizeOf: ({ growth }: Sizes): WorldSize => growth.world, measure: measureClose },
};

async function onDatabaseOfItsOwn(
  size: WorldSize,
  measure: (order: Pick<Order, 'site' | 'world' | 'postmaster'>) => Promise<Measured>,
): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
  chmodSync(folder, 0o755);
  const embedded = await openEmbeddedDatabase({ dataDir: folder, as: 'server' });
  try {
    const site: Site = { folder, logins: embedded.logins };
    const postmaster = Number(
      readFileSync(join(embedded.folder, 'cluster', 'postmaster.pid'), 'utf8').split('\n')[0],
    );
    say('making the world …');
    return await measure({ site, world: await prepare(site, size), postmaster });
  } finally {
    await embedded.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function prepare(site: Site, size: WorldSize): Promise<World> {
  await bringUpToDateAs(site.logins.migrator, { country: 'US', timeZone: 'UTC', noticeDays: 30 });
  const tools = benchTools(site, 'world.log');
  const world = await makeWorld(tools, size);
  await closeLogWriter(tools.db);
  await Promise.all([tools.db.destroy(), tools.reader.close()]);
  const admin = openDatabase({ ...site.logins.superuser, database: 'sluice' }, { max: 1 });
  await admin.raw('vacuum (analyze)');
  await admin.raw('checkpoint');
  await admin.destroy();
  return world;
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

await main();
