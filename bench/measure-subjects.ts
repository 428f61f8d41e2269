import { fork } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { openLog, closeLogWriter, numberSubjects, writeEntry } from '../src/logs/index.ts';
import { encodeAscending } from '../src/platform/ascending.ts';
import { inTransaction, openDatabase, type Database } from '../src/platform/database.ts';
import type { Tools } from '../src/platform/tools.ts';
import { newUuid } from '../src/platform/uuid.ts';
import { indexSubjects } from '../src/postings/index.ts';
import { leafHash } from '../src/transparency/index.ts';
import { benchTools } from './bench-tools.ts';
import type { Run } from './load.ts';
import type { LookUpOrder, LookUpTimes } from './look-up.ts';
import { usualConnections, type Measured, type Order } from './measure.ts';
import { openPlainLog, plainTables, type PlainLog } from './plain-log.ts';
import { postgresCpuMicros } from './postgres-cpu.ts';
import { goalOf, rowOf } from './report.ts';
import { interleaved, median, type Contestant, type Samples } from './rounds.ts';

const perPage = 100;

/** A log of ours and a plain one, each with the same customers. */
interface Logs {
  readonly tools: Tools;
  readonly admin: Database;
  readonly recipientId: string;
  readonly plain: PlainLog;
  /** By their numbers in our log, from 1 on. */
  readonly customers: readonly string[];
}

/**
 * Measures row B5: writing entries with their subjects against rows for each subject, then, with
 * millions of subjects, who got what about one customer, and how much the index of it takes. Throws
 * when the two find other entries of a customer.
 */
export async function measureSubjects(order: Order): Promise<Measured> {
  const { site, say, sizes } = order;
  const { rounds, subjects, customers, lookUps } = sizes.subjects;
  const tools = benchTools(site, 'subjects.log');
  const admin = openDatabase({ ...site.logins.superuser, database: 'sluice' }, { max: 2, statementSeconds: 3600 }); // prettier-ignore
  const recipientId = randomUUID();
  try {
    await admin.raw(plainTables);
    await admin('plain_heads').insert({ recipient_id: recipientId, size: 0 });
    await inTransaction(tools.db, (tx) => openLog(tx, { tools, recipientId }));
    const plain = openPlainLog(admin, recipientId);
    const given = await giveNumbers(tools, recipientId, customers);
    const logs: Logs = { tools, admin, recipientId, plain, customers: given };
    say(`B5: ${rounds.rounds} rounds of writing …`);
    const samples = await interleaved(writersOf(order, logs), rounds);
    const wal = await walOf(logs);
    await plain.close();
    say(`B5: filling up to ${subjects} subjects …`);
    await fill(logs, subjects);
    say(`B5: looking ${lookUps} customers up …`);
    const found = await lookUp(order, logs, lookUps);
    return reported(samples, { wal, found, storage: await storageOf(admin), subjects });
  } finally {
    await closeLogWriter(tools.db);
    await Promise.all([tools.db.destroy(), tools.reader.close(), admin.destroy()]);
  }
}

async function giveNumbers(tools: Tools, recipientId: string, count: number): Promise<string[]> {
  const customers = Array.from({ length: count }, () => randomUUID());
  const atOnce = 10_000;
  for (let from = 0; from < count; from += atOnce) {
    const some = customers.slice(from, from + atOnce);
    const numbers = await inTransaction(tools.db, (tx) => numberSubjects(tx, recipientId, some));
    for (const id of some) customers[(numbers.get(id) ?? 0) - 1] = id;
  }
  return customers;
}

function writersOf({ postmaster }: Order, logs: Logs): Contestant[] {
  const contestant = (name: string, write: () => Promise<void>): Contestant => ({
    name,
    connections: usualConnections,
    load: (connections, ms) => repeat(write, connections, ms),
    nodeMicros: () => Promise.resolve(cpuMicros()),
    postgresMicros: () => postgresCpuMicros(postmaster),
  });
  return [contestant('rows', () => writeRows(logs)), contestant('ours', () => writeOurs(logs))];
}

function cpuMicros(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

async function repeat(write: () => Promise<void>, writers: number, ms: number): Promise<Run> {
  const latencies: number[] = [];
  const startedAt = performance.now();
  await Promise.all(
    Array.from({ length: writers }, async () => {
      for (let now = performance.now(); now < startedAt + ms; now = performance.now()) {
        await write();
        latencies.push(performance.now() - now);
      }
    }),
  );
  const seconds = (performance.now() - startedAt) / 1000;
  return { requests: latencies.length, counted: latencies.length, seconds, latencies };
}

/** The text of an entry, as long as a real one, and 100 customers in a row from anywhere. */
function drawPage({ customers }: Logs, id: string) {
  const from = Math.floor(Math.random() * (customers.length - perPage));
  const text = JSON.stringify({ id, at: new Date().toISOString(), told: 'x'.repeat(700) });
  const numbers = Array.from({ length: perPage }, (_, i) => from + i + 1);
  return { text, numbers, leafHashes };
}

/** Hashes do not compress, so that the same ones serve every page. */
const leafHashes = Buffer.concat(
  Array.from({ length: perPage }, (_, i) => createHash('sha256').update(String(i)).digest()),
);

async function writeOurs(logs: Logs): Promise<void> {
  const { tools, recipientId } = logs;
  const entryId = newUuid(tools);
  const { text, numbers } = drawPage(logs, entryId);
  const written = await writeEntry(tools, {
    ...{ recipientId, epoch: null, entryId, text, leafHashes, filters: null },
    leafHash: leafHash(Buffer.from(text)),
    secret: tools.random.bytes(32),
    numbers: encodeAscending(numbers),
  });
  if (!written.appended) throw new Error('The entry was not written.');
}

async function writeRows(logs: Logs): Promise<void> {
  const { text, numbers } = drawPage(logs, randomUUID());
  const customers = numbers.map((number) => logs.customers[number - 1] ?? '');
  await logs.plain.write({ text, customers, leafHashes });
}

/** Bytes of WAL for an entry, of each: after a checkpoint both, so that whole pages count alike. */
async function walOf(logs: Logs): Promise<{ ours: number; rows: number }> {
  const bytesFor = async (write: () => Promise<void>) => {
    await logs.admin.raw('checkpoint');
    const before = await walPlace(logs.admin);
    const { requests } = await repeat(write, usualConnections, 2000);
    return ((await walPlace(logs.admin)) - before) / requests;
  };
  return {
    rows: await bytesFor(() => writeRows(logs)),
    ours: await bytesFor(() => writeOurs(logs)),
  };
}

async function walPlace(admin: Database): Promise<number> {
  const { rows } = await admin.raw<{ rows: { place: string }[] }>(
    `select pg_current_wal_lsn() - '0/0' as place`,
  );
  return Number(rows[0]?.place);
}

/** Empties both, then gives both the same subjects: customers drawn at random, 100 to an entry. */
async function fill(
  { tools, admin, recipientId, customers }: Logs,
  subjects: number,
): Promise<void> {
  await admin.raw('truncate plain_subjects, plain_entries');
  await admin.transaction(async (tx) => {
    await tx.raw('set local session_replication_role = replica');
    for (const table of [
      'disclosure_subjects',
      'disclosure_entries',
      'disclosure_secrets',
      'log_postings',
    ]) {
      await tx(table).where({ recipient_id: recipientId }).delete();
    }
    await tx('log_heads').where({ recipient_id: recipientId }).update({ size: Math.ceil(subjects / perPage) }); // prettier-ignore
  });
  const atOnce = 1000;
  for (let from = 0; from * perPage < subjects; from += atOnce) {
    const pages = Array.from(
      { length: atOnce },
      () =>
      [...new Set(Array.from({ length: perPage }, () => 1 + Math.floor(Math.random() * customers.length)))].sort((one, other) => one - other), // prettier-ignore
    );
    await admin.raw(
      `insert into disclosure_subjects (recipient_id, index, numbers)
       select ?, ? + given.place - 1, given.numbers
         from unnest(?::bytea[]) with ordinality as given (numbers, place)`,
      [recipientId, from, pages.map(encodeAscending)],
    );
    await admin.raw(
      `insert into plain_subjects (recipient_id, index, customer_id, leaf_hash)
       select ?, given.index, given.customer, sha256('')
         from unnest(?::bigint[], ?::uuid[]) as given (index, customer)`,
      [
        recipientId,
        pages.flatMap((numbers, i) => numbers.map(() => from + i)),
        pages.flatMap((numbers) => numbers.map((number) => customers[number - 1] ?? '')),
      ],
    );
  }
  await indexSubjects(tools);
  await admin.raw('vacuum (analyze) disclosure_subjects, log_postings, plain_subjects');
}

/** Looks customers up in a process that has done nothing else, as a gateway would be. */
async function lookUp(
  { site }: Pick<Order, 'site'>,
  { recipientId, customers }: Logs,
  count: number,
): Promise<LookUpTimes> {
  const numbers = Array.from({ length: count }, () => 1 + Math.floor(Math.random() * customers.length)); // prettier-ignore
  const asked = numbers.map((number) => ({ number, customerId: customers[number - 1] ?? '' }));
  const child = fork(fileURLToPath(new URL('look-up.js', import.meta.url)));
  const answer = once(child, 'message');
  child.send({ site, recipientId, asked } satisfies LookUpOrder);
  const [times] = (await answer) as [LookUpTimes | { readonly error: string }];
  child.disconnect();
  if ('error' in times) throw new Error(times.error);
  return times;
}

/** Bytes of what finds the entries of a customer, without the leaf hashes. */
async function storageOf(admin: Database): Promise<{ ours: number; rows: number }> {
  const { rows } = await admin.raw<{ rows: { ours: string; rows: string }[] }>(`
    select pg_total_relation_size('disclosure_subjects') + pg_total_relation_size('log_postings') as ours,
           pg_total_relation_size('plain_subjects') - 36 * (select count(*) from plain_subjects) as rows`);
  return { ours: Number(rows[0]?.ours), rows: Number(rows[0]?.rows) };
}

function reported(
  samples: Samples,
  told: {
    readonly wal: { ours: number; rows: number };
    readonly found: { ours: number[]; rows: number[] };
    readonly storage: { ours: number; rows: number };
    readonly subjects: number;
  },
): Measured {
  const { wal, found, storage, subjects } = told;
  const label = { ours: 'entry with 100 subjects, written', rows: 'the same as rows, written' };
  const rows = (['rows', 'ours'] as const).map(
    (name) =>
    rowOf(samples, { row: 'B5', name, against: 'rows', label: label[name], connections: usualConnections }), // prettier-ignore
  );
  const [, ours] = rows;
  const p99 = (times: readonly number[]) =>
    times.toSorted((one, other) => one - other)[Math.floor(times.length * 0.99)] ?? NaN;
  const among = `among ${String(subjects)} subjects`;
  return {
    rows,
    goals: [
      goalOf('B5 entries written ÷ as rows', 4, ours?.rateRatio ?? NaN),
      goalOf('B5 WAL of an entry ÷ of its rows', 0.25, wal.ours / wal.rows, 'most'),
      goalOf(`B5 one customer’s entries ${among}, p99 ms`, 10, p99(found.ours), 'most'),
      goalOf(`B5 the same, median ms`, 10, median(found.ours), 'most'),
      goalOf(`B5 the same ÷ of the rows, medians`, 100, median(found.ours) / median(found.rows), 'most'), // prettier-ignore
      goalOf('B5 storage of the index ÷ of the rows, hashes aside', 1 / 15, storage.ours / storage.rows, 'most'), // prettier-ignore
    ],
  };
}
