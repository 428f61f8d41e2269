import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { changeRelationship, setChoice } from '../../src/intake/index.ts';
import { pairwiseOf } from '../../src/joint/index.ts';
import type { Database } from '../../src/platform/database.ts';
import type { Tools } from '../../src/platform/tools.ts';
import { customerIdOf, recordIdOf, serviceIdOf } from '../../src/records/index.ts';
import { openFaultHouse, type FaultHouse, type Gateway } from './gateway-process.ts';
import { pagesIn, readLog, unlogged } from './logged-pages.ts';
import { startPulling, type Ask, type Pulled } from './pulls.ts';
import { buildTwin } from './twin.ts';

/** `npm run full` asks for 300. */
const rounds = Number(process.env['SLUICE_TEST_OPT_OUTS'] ?? 18);
/** The twin is tried with so many opt-outs at a time, until it is caught. */
const twinRounds = 10;
const twinTries = 4;
jest.setTimeout(120_000 + rounds * 4000);

let house: FaultHouse;
let customers: readonly Shown[];
beforeAll(async () => {
  // More stay than one chunk of a stream holds.
  const count = rounds + twinTries * twinRounds + 110;
  house = await openFaultHouse({ customers: count });
  customers = await house.withTools(({ settings }) => {
    const pairwise = pairwiseOf(settings.keys.pairwise, house.bright.partner.id);
    return Promise.resolve(Array.from({ length: count }, (_, i) => shownAs(`c${i}`, pairwise)));
  });
  await house.withSuperuser(watchCuts);
});
afterAll(() => house.close());

/** A customer and its records as the partner knows them. */
interface Shown {
  readonly key: string;
  readonly customer: string;
  readonly invoice: string;
  readonly payment: string;
}

const shownAs = (key: string, { idOf }: ReturnType<typeof pairwiseOf>): Shown => ({
  key,
  customer: idOf('customer', customerIdOf(key)),
  invoice: idOf('invoice', recordIdOf('invoice', `i-${key}`)),
  payment: idOf('payment', recordIdOf('payment', `p-${key}`)),
});

/**
 * Writes down the size of a log in the very statement that raises its epoch. That statement locks
 * the head until the opt-out is committed: whatever has an index from there on came after it. The
 * commit is held up for a moment, so that answers made under the old rights wait for the head.
 */
async function watchCuts(db: Database): Promise<void> {
  await db.raw(`
    create table cuts (epoch bigint primary key, size bigint not null);
    create function watch_cut() returns trigger language plpgsql security definer as $$
    begin
      insert into cuts values (new.epoch, new.size);
      perform pg_sleep(random() * 0.05);
      return null;
    end $$;
    create trigger watch_cut after update on log_heads
      for each row when (old.epoch <> new.epoch) execute function watch_cut();`);
}

interface Cut {
  readonly ids: readonly string[];
  readonly number: number;
  /** No entry from this index on may show the customer. */
  readonly index: number;
}

/** The ways out, in turn: of one service, of this partner, of all partners. */
const ways = ['service', 'partner', 'all'] as const;

/** Opts a customer out, by another process than the gateways'. */
async function optOut(
  tools: Tools,
  db: Database,
  { key, ...ids }: Shown,
  way: (typeof ways)[number],
): Promise<Cut> {
  const { partner } = house.bright;
  const customerId = customerIdOf(key);
  const said = { customerId, at: tools.clock.now(), evidence: 'asked', actor: 'test' };
  if (way === 'service') {
    const serviceId = serviceIdOf('store');
    await changeRelationship(tools, { ...said, partner, serviceId, event: 'opted-out' });
  } else {
    const from = way === 'partner' ? partner : undefined;
    await setChoice(tools, { ...said, partner: from, sharing: 'refused' });
  }
  const cut = await db('cuts').orderBy('epoch', 'desc').first<{ size: string }>('size');
  const subject = await tools
    .db('log_subjects')
    .where({ recipient_id: partner.id, customer_id: customerId })
    .first<{ number: string }>('number');
  return { ids: Object.values(ids), number: Number(subject.number), index: Number(cut.size) };
}

/** What 25 clients of one gateway ask for; much of it of the customer that is opted out next. */
const asks = (next: () => Shown): readonly (() => Ask)[] => {
  const times = (count: number, ask: () => Ask) => Array.from({ length: count }, () => ask);
  const page = (path: string) => (): Ask => ({ path: `/v1/${path}` });
  const stream = (path: string) => (): Ask => ({ path: `/v1/${path}`, isStream: true });
  return [
    ...times(3, page('customers?limit=1000')),
    ...times(2, page('payments?limit=1000&fields=amount')),
    ...times(3, page('customers?limit=25')),
    ...times(2, page('invoices?limit=25')),
    ...times(2, () => page(`invoices?customer=${next().customer}&fields=customer,total`)()),
    ...times(2, () => page(`customers?customer=${next().customer}`)()),
    ...times(2, () => page(`customers/${next().customer}?fields=contact.name`)()),
    () => page(`invoices/${next().invoice}?`)(),
    ...times(3, stream('customers?')),
    ...times(2, stream('invoices?fields=number')),
    ...times(2, () => stream(`payments?customer=${next().customer}`)()),
    stream('payments?from=2026-01-01T00:00:00Z'),
  ];
};

/** Opts these customers out, one by one, while 50 clients of two gateways ask for all there is. */
async function optOutUnderLoad(optedOut: readonly Shown[], main?: string) {
  const gateways = [await house.serve(main), await house.serveBeside(main)];
  let next = optedOut[0]!;
  // What came before an opt-out began stands before it in the log: it need not be remembered.
  const begun = new Set<string>();
  const kept = (body: string) =>
    (body.match(/(?:cus|inv|pay)_[\w-]{22}/g) ?? []).filter((id) => begun.has(id)).join(' ');
  const told = asks(() => next);
  const pullings = gateways.map((gateway) =>
    startPulling(gateway, { clients: told.length, asks: (client) => told[client]!(), kept }),
  );
  await Promise.all(pullings.map((pulling) => pulling.hasSeen(3 * told.length)));
  const cuts: Cut[] = [];
  await house.withTools((tools) =>
    house.withSuperuser(async (db) => {
      for (const [round, customer] of optedOut.entries()) {
        next = customer;
        // A machine that is busy answers seldom: time alone would leave nobody an answer.
        await pullings[round % pullings.length]!.hasSeen(Math.random() * told.length);
        await wait(Math.random() * 50);
        for (const id of Object.values(customer)) begun.add(id);
        cuts.push(await optOut(tools, db, customer, ways[round % ways.length]!));
      }
    }),
  );
  await wait(100);
  const pulled = (await Promise.all(pullings.map((pulling) => pulling.stop()))).flat();
  for (const gateway of gateways.toReversed()) await stop(gateway);
  return { cuts, pulled };
}

async function stop({ child }: Gateway): Promise<void> {
  child.process.kill('SIGTERM');
  expect(await child.ended()).toBe(0);
}

/** Bodies and entries, by their channel, that show a customer after its opt-out was committed. */
async function shownTooLate(cuts: readonly Cut[], pulled: readonly Pulled[]) {
  const log = await readLog(house);
  const entries = [...log.values()];
  const bodies = pagesIn(pulled).map(({ channel, disclosureId = '', body }) => ({
    channel,
    // Of a chunk whose receipt is missing nobody knows whether it was late.
    index: log.get(disclosureId)?.index ?? Infinity,
    body,
  }));
  for (const channel of ['pull', 'stream']) {
    const shows = entries.filter((entry) => entry.channel === channel);
    const isShown = (cut: Cut) => shows.some(({ numbers }) => numbers.includes(cut.number));
    expect(cuts.filter(isShown)).toHaveLength(cuts.length);
  }
  return cuts.flatMap((cut) => [
    ...entries.filter(({ index, numbers }) => index >= cut.index && numbers.includes(cut.number)),
    ...bodies.filter(
      ({ index, body }) => index >= cut.index && cut.ids.some((id) => body.includes(id)),
    ),
  ]);
}

const count = (shown: readonly { channel: string }[]) => {
  const streamed = shown.filter(({ channel }) => channel === 'stream').length;
  return `${shown.length - streamed} answers and ${streamed} chunks`;
};

test('after an opt-out is committed, no entry, no page and no chunk shows the customer', async () => {
  const { cuts, pulled } = await optOutUnderLoad(customers.slice(0, rounds));
  // Gone, or the rights changed too often meanwhile.
  const expected = [200, 404, 503];
  expect(pulled.filter(({ status }) => !expected.includes(status ?? 0))).toEqual([]);
  expect(pulled.filter(({ error }) => error !== undefined)).toEqual([]);
  expect(await unlogged(house, pulled)).toEqual([]);
  expect(await shownTooLate(cuts, pulled)).toEqual([]);
  process.stderr.write(`${cuts.length} opt-outs during ${count(pulled)}, none shown late\n`);
});

test('a twin that appends under old rights is caught, by pages and by streams', async () => {
  const twin = buildTwin('appends-under-old-rights.patch');
  try {
    const late: { channel: string }[] = [];
    const isCaught = () => new Set(late.map(({ channel }) => channel)).size === 2;
    for (let tries = 0; tries < twinTries && !isCaught(); tries += 1) {
      const from = rounds + tries * twinRounds;
      const optedOut = customers.slice(from, from + twinRounds);
      const { cuts, pulled } = await optOutUnderLoad(optedOut, twin.main);
      late.push(...(await shownTooLate(cuts, pulled)));
    }
    expect(isCaught()).toBe(true);
    process.stderr.write(`twin: ${count(late)} shown late\n`);
  } finally {
    twin.remove();
  }
});
