import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bringUpToDateAs } from '../src/commands/bring-up-to-date.ts';
import { closeLogWriter } from '../src/disclosures/index.ts';
import { openDatabase } from '../src/platform/database.ts';
import { checkDurability } from '../src/platform/durability.ts';
import { openEmbeddedDatabase } from '../src/platform/embedded/embedded-database.ts';
import { benchTools, type Site } from './bench-tools.ts';
import { measure, type Sizes } from './measure.ts';
import { tableOf } from './report.ts';
import { makeWorld, type World } from './world.ts';

const usual: Sizes = {
  customers: 20_000,
  jointCustomers: 6_000,
  page: { rounds: 7, ms: 1500, warmUpMs: 1500 },
  log: { rounds: 5, ms: 1500, warmUpMs: 500 },
};
const quick: Sizes = {
  customers: 4_000,
  jointCustomers: 2_000,
  page: { rounds: 3, ms: 700, warmUpMs: 700 },
  log: { rounds: 2, ms: 700, warmUpMs: 200 },
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
      profile: { type: 'string' },
    },
  });
  const sizes = values.quick ? quick : usual;
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
  chmodSync(folder, 0o755);
  const embedded = await openEmbeddedDatabase({ dataDir: folder, as: 'server' });
  try {
    const site: Site = { folder, logins: embedded.logins };
    const postmaster = Number(
      readFileSync(join(embedded.folder, 'cluster', 'postmaster.pid'), 'utf8').split('\n')[0],
    );
    say('making the world …');
    const world = await prepare(site, sizes);
    const measured = await measure({
      site,
      world,
      postmaster,
      sizes,
      say,
      profile: values.profile,
    });
    process.stdout.write(
      values.json
        ? `${JSON.stringify(measured, null, 2)}\n`
        : `\n${tableOf(measured.rows, measured.goals)}`,
    );
  } finally {
    await embedded.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function prepare(site: Site, sizes: Sizes): Promise<World> {
  await bringUpToDateAs(site.logins.migrator, { country: 'US', timeZone: 'UTC', noticeDays: 30 });
  const tools = benchTools(site, 'world.log');
  await checkDurability(tools.db);
  const world = await makeWorld(tools, sizes);
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
