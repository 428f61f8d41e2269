import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { changeRelationship } from '../../src/intake/index.ts';
import { pairwiseOf } from '../../src/joint/index.ts';
import type { Database } from '../../src/platform/database.ts';
import type { Tools } from '../../src/platform/tools.ts';
import { customerIdOf, serviceIdOf } from '../../src/records/index.ts';
import { openFaultHouse, type FaultHouse } from './gateway-process.ts';
import { pagesIn, readLog, unlogged } from './logged-pages.ts';
import { startPulling, type Pulled } from './pulls.ts';
import { buildTwin } from './twin.ts';

/** `npm run full` asks for 300. */
const rounds = Number(process.env['SLUICE_TEST_OPT_OUTS'] ?? 30);
jest.setTimeout(120_000 + rounds * 2000);

let house: FaultHouse;
let customers: readonly string[];
beforeAll(async () => {
  house = await openFaultHouse({ customers: rounds + 30 });
  customers = Array.from({ length: rounds + 30 }, (_, i) => `c${i}`);
  await house.withSuperuser(watchCuts);
});
afterAll(() => house.close());

/**
 * Writes down the size of a log in the very statement that raises its epoch. That statement locks
 * the head until the opt-out is committed: whatever has an index from there on came after it.
 */
async function watchCuts(db: Database): Promise<void> {
  await db.raw(`
    create table cuts (epoch bigint primary key, size bigint not null);
    create function watch_cut() returns trigger language plpgsql security definer as $$
    begin
      insert into cuts values (new.epoch, new.size);
      return null;
    end $$;
    create trigger watch_cut after update on log_heads
      for each row when (old.epoch <> new.epoch) execute function watch_cut();`);
}

interface Cut {
  readonly customer: string;
  readonly pairwiseId: string;
  readonly number: number;
  /** No entry from this index on may show the customer. */
  readonly index: number;
}

/** Opts a customer out, by another process than the gateway's. */
async function optOut(tools: Tools, db: Database, customer: string): Promise<Cut> {
  const { partner } = house.bright;
  const customerId = customerIdOf(customer);
  const { db: app, settings } = tools;
  await changeRelationship(tools, {
    partner,
    customerId,
    serviceId: serviceIdOf('store'),
    at: tools.clock.now(),
    event: 'opted-out',
    evidence: 'asked',
    actor: 'test',
  });
  const cut = await db('cuts').orderBy('epoch', 'desc').first<{ size: string }>('size');
  const subject = await app('log_subjects')
    .where({ recipient_id: partner.id, customer_id: customerId })
    .first<{ number: string }>('number');
  const pairwiseId = pairwiseOf(settings.keys.pairwise, partner.id).idOf('customer', customerId);
  return { customer, pairwiseId, number: Number(subject.number), index: Number(cut.size) };
}

const idsIn = (body: string) => [...body.matchAll(/cus_[\w-]{22}/g)].join(' ');

/** Opts these customers out, one by one, while clients walk through the lists. */
async function optOutUnderLoad(optedOut: readonly string[], main?: string) {
  const gateway = await house.serve(main);
  // Half of the walks see every customer on each page, and so does the other half but for its end.
  const pulling = startPulling(gateway, { clients: 16, limit: 1000, kept: idsIn });
  const walking = startPulling(gateway, { clients: 8, limit: 25, kept: idsIn });
  await Promise.all([pulling.hasSeen(16), walking.hasSeen(16)]);
  const cuts: Cut[] = [];
  await house.withTools((tools) =>
    house.withSuperuser(async (db) => {
      for (const customer of optedOut) {
        await wait(Math.random() * 60);
        cuts.push(await optOut(tools, db, customer));
      }
    }),
  );
  await wait(100);
  const pulled = [...(await pulling.stop()), ...(await walking.stop())];
  gateway.child.process.kill('SIGTERM');
  expect(await gateway.child.ended()).toBe(0);
  return { cuts, pulled };
}

/** Pages and entries that show a customer after its opt-out was committed. */
async function shownTooLate(cuts: readonly Cut[], pulled: readonly Pulled[]) {
  const log = await readLog(house);
  const entries = [...log.values()];
  const pages = pagesIn(pulled).map(({ disclosureId = '', body }) => ({
    index: log.get(disclosureId)?.index ?? -1,
    body,
  }));
  const isShown = (cut: Cut) => entries.some(({ numbers }) => numbers.includes(cut.number));
  expect(cuts.filter(isShown)).toHaveLength(cuts.length);
  return cuts.flatMap((cut) => [
    ...entries.filter(({ index, numbers }) => index >= cut.index && numbers.includes(cut.number)),
    ...pages.filter(({ index, body }) => index >= cut.index && body.includes(cut.pairwiseId)),
  ]);
}

test('after an opt-out is committed, no entry and no page shows the customer', async () => {
  const { cuts, pulled } = await optOutUnderLoad(customers.slice(0, rounds));
  expect(pulled.filter(({ status }) => status !== 200 && status !== 503)).toEqual([]);
  expect(await unlogged(house, pulled)).toEqual([]);
  expect(await shownTooLate(cuts, pulled)).toEqual([]);
  process.stderr.write(
    `${cuts.length} opt-outs during ${pulled.length} answers, none shown late\n`,
  );
});

test('a twin that appends under old rights is caught', async () => {
  const twin = buildTwin('appends-under-old-rights.patch');
  try {
    const { cuts, pulled } = await optOutUnderLoad(customers.slice(rounds, rounds + 20), twin.main);
    const late = await shownTooLate(cuts, pulled);
    expect(late.length).toBeGreaterThan(0);
    process.stderr.write(
      `twin: ${cuts.length} opt-outs during ${pulled.length} answers, ${late.length} shown late\n`,
    );
  } finally {
    twin.remove();
  }
});
