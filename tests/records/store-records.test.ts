import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { inTransaction } from '../../src/platform/database.ts';
import { readCatalogue } from '../../src/catalogue/index.ts';
import {
  acceptRecord,
  customerIdOf,
  findCustomerIds,
  findCustomerKeys,
  findCurrentRecords,
  findRecordVersion,
  findRefundsOf,
  findServiceByKey,
  findServices,
  findSettledPayments,
  lockCustomers,
  recordIdOf,
  serviceIdOf,
  storeRecords,
  type CheckedRecord,
  type JsonObject,
} from '../../src/records/index.ts';
import { noon, openHouse, type House } from '../support/house.ts';

const catalogue = readCatalogue([]);
let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(async () => {
  await house.close();
});

function checked(type: string, body: JsonObject): CheckedRecord {
  const read = acceptRecord(catalogue, type, body, noon);
  if ('problems' in read) throw new Error(JSON.stringify(read.problems));
  return read.record;
}

const money = (amount: number, currency = 'EUR') => ({ amount, currency });
const service = (id: string, name = id) => checked('service', { id, code: id, name });
const customer = (id: string, name = id) =>
  checked('customer', { id, contact: { kind: 'person', name } });
const invoice = (id: string, of: string, more: JsonObject = {}) =>
  checked('invoice', {
    id,
    customer: of,
    service: 'studio',
    number: id,
    issuedOn: '2026-03-31',
    total: money(1000),
    ...more,
  });
const payment = (id: string, of: string, more: JsonObject = {}) =>
  checked('payment', {
    id,
    customer: of,
    service: 'studio',
    settledAt: '2026-04-01T10:00:00+02:00',
    amount: money(1000),
    ...more,
  });
const refund = (id: string, of: string, paid: string, more: JsonObject = {}) =>
  checked('refund', {
    id,
    customer: of,
    service: 'studio',
    payment: paid,
    refundedAt: '2026-05-01T00:00:00Z',
    kind: 'refund',
    amount: money(500),
    ...more,
  });

/** Stores in one transaction; a refusal is told as its reason and field. */
async function store(records: CheckedRecord[], now = noon): Promise<string[]> {
  const outcomes = await inTransaction(house.tools.db, (tx) => storeRecords(tx, { now, records }));
  return outcomes.map((one) =>
    one.outcome === 'refused' ? `${one.problem.reason} ${one.problem.field}` : one.outcome,
  );
}

const versionsOf = (type: string, key: string) =>
  house
    .admin('records')
    .select<{ body: JsonObject; valid_from: Date; valid_to: Date | null }[]>(
      'body',
      'valid_from',
      'valid_to',
    )
    .where({ record_id: recordIdOf(type, key) })
    .orderBy('valid_from');

test('records of one batch may name each other in any order, and again they are unchanged', async () => {
  const records = [
    refund('r1', 'anna', 'p1'),
    payment('p1', 'anna', { invoice: 'i1', tax: money(160), parts: { shipping: money(50) } }),
    invoice('i1', 'anna'),
    customer('anna', '  Anna  Doppel\u00a0blank  '),
    service('studio'),
  ];
  expect(await store(records)).toEqual(['new', 'new', 'new', 'new', 'new']);
  expect(await store(records, new Date('2026-11-23'))).toEqual(Array(5).fill('unchanged'));
  const held = await findCurrentRecords(house.tools.db, { customerIds: [customerIdOf('anna')] });
  expect(held.map(({ type, key }) => [type, key])).toEqual([
    ['customer', 'anna'],
    ['invoice', 'i1'],
    ['payment', 'p1'],
    ['refund', 'r1'],
  ]);
  expect(held.map(({ body }) => body)).toEqual([3, 2, 1, 0].map((i) => records[i]?.body));
  expect(held.map(({ datedAt, datedOn }) => datedAt?.toISOString() ?? datedOn)).toEqual([
    null,
    '2026-03-31',
    '2026-04-01T08:00:00.000Z',
    '2026-05-01T00:00:00.000Z',
  ]);
  expect(held.every(({ validFrom }) => validFrom.getTime() === noon.getTime())).toBe(true);
});

test('a change ends the version held and begins one; each can be read as of then', async () => {
  const [first, second] = [new Date('2026-11-22T12:00:00Z'), new Date('2026-11-25T08:00:00Z')];
  expect(await store([customer('berta', 'Berta')], first)).toEqual(['new']);
  expect(await store([customer('berta', 'Berta Neu')], second)).toEqual(['changed']);
  const key = {
    customerId: customerIdOf('berta'),
    type: 'customer',
    recordId: recordIdOf('customer', 'berta'),
  };
  const nameAt = async (at: string) =>
    (await findRecordVersion(house.tools.db, key, new Date(at)))?.body['contact'];
  expect(await nameAt('2026-11-22T11:59:59.999Z')).toBeUndefined();
  expect(await nameAt('2026-11-22T12:00:00Z')).toMatchObject({ name: 'Berta' });
  expect(await nameAt('2026-11-25T07:59:59.999Z')).toMatchObject({ name: 'Berta' });
  expect(await nameAt('2026-11-25T08:00:00Z')).toMatchObject({ name: 'Berta Neu' });
  const [one, two] = await versionsOf('customer', 'berta');
  expect([one?.valid_to, two?.valid_from, two?.valid_to]).toEqual([second, second, null]);
});

test('changes at one reading of the clock, and after it went back, all keep their versions', async () => {
  const names = ['A', 'B', 'C', 'B'].map((name) => customer('carla', name));
  expect(await store(names)).toEqual(['new', 'changed', 'changed', 'changed']);
  expect(await store([customer('carla', 'D')])).toEqual(['changed']);
  expect(await store([customer('carla', 'E')], new Date(noon.getTime() - 5000))).toEqual([
    'changed',
  ]);
  const versions = await versionsOf('customer', 'carla');
  expect(versions.map(({ body }) => (body['contact'] as JsonObject)['name'])).toEqual([
    'A',
    'B',
    'C',
    'B',
    'D',
    'E',
  ]);
  const key = {
    customerId: customerIdOf('carla'),
    type: 'customer',
    recordId: recordIdOf('customer', 'carla'),
  };
  expect((await findRecordVersion(house.tools.db, key, noon))?.body['contact']).toMatchObject({
    name: 'E',
  });
});

test('what names nobody we know is refused and leaves the others alone', async () => {
  await store([service('studio'), service('other'), customer('dora'), customer('emil')]);
  expect(
    await store([
      payment('dp0', 'nobody'),
      payment('dp1', 'dora', { service: 'nothing' }),
      payment('dp2', 'dora', { invoice: 'none' }),
      refund('dr1', 'dora', 'none'),
      payment('dp3', 'dora'),
      invoice('di1', 'dora'),
    ]),
  ).toEqual([
    'unknown-customer /customer',
    'unknown-service /service',
    'unknown-invoice /invoice',
    'unknown-payment /payment',
    'new',
    'new',
  ]);
  expect(
    await store([
      refund('dr2', 'emil', 'dp3'),
      refund('dr3', 'dora', 'dp3', { service: 'other' }),
      refund('dr4', 'dora', 'dp3', { amount: money(5, 'USD') }),
      payment('dp4', 'dora', { service: 'other', invoice: 'di1' }),
      payment('dp5', 'emil', { invoice: 'di1' }),
      payment('dp3', 'emil'),
      payment('dp3', 'dora', { service: 'other' }),
      refund('dr5', 'dora', 'dp2'),
      refund('dr6', 'dora', 'dp3'),
    ]),
  ).toEqual([
    'mixed-customers /customer',
    'mixed-services /service',
    'mixed-currencies /amount/currency',
    'mixed-services /service',
    'mixed-customers /customer',
    'customer-changed /customer',
    'service-changed /service',
    'unknown-payment /payment',
    'new',
  ]);
  const kept = await findCurrentRecords(house.tools.db, { customerIds: [customerIdOf('dora')] });
  expect(kept.map(({ key }) => key).sort()).toEqual(['di1', 'dora', 'dp3', 'dr6']);
});

test('no more goes back than was paid, and not before; what is refused is not stored', async () => {
  await store([service('studio'), customer('xgail')]);
  expect(
    await store([
      refund('xgr1', 'xgail', 'xgp1', { amount: money(1001) }),
      refund('xgr2', 'xgail', 'xgp1', { refundedAt: '2026-04-01T07:59:59Z' }),
      refund('xgr3', 'xgail', 'xgp1', { amount: money(1000), refundedAt: '2026-04-01T08:00:00Z' }),
      payment('xgp1', 'xgail'),
    ]),
  ).toEqual(['above-payment /amount/amount', 'before-payment /refundedAt', 'new', 'new']);
  expect(
    await store([
      refund('xgr1', 'xgail', 'xgp1', { amount: money(1001) }),
      refund('xgr3', 'xgail', 'xgp1', { amount: money(1000), refundedAt: '2026-04-01T08:00:00Z' }),
      refund('xgr2', 'xgail', 'xgp1', { refundedAt: '2026-04-01T07:59:59Z' }),
    ]),
  ).toEqual(['above-payment /amount/amount', 'unchanged', 'before-payment /refundedAt']);
  const kept = await findCurrentRecords(house.tools.db, { customerIds: [customerIdOf('xgail')] });
  expect(kept.map(({ key }) => key).sort()).toEqual(['xgail', 'xgp1', 'xgr3']);
});

test('a credit and a dispute that was won come as they are', async () => {
  const { payment: _, ...credit } = refund('xhr1', 'xhans', 'none').body;
  await store([
    service('studio'),
    customer('xhans'),
    payment('xhp1', 'xhans'),
    checked('refund', credit),
    refund('xhr2', 'xhans', 'xhp1', { kind: 'dispute', wonAt: '2026-06-01T00:00:00Z' }),
  ]);
  const found = await findRefundsOf(house.tools.db, { customerIds: [customerIdOf('xhans')] });
  const told = found.map(({ sourceKey, paymentId, wonAt }) => [sourceKey, paymentId, wonAt]);
  expect(told.sort()).toEqual([
    ['xhr1', null, null],
    ['xhr2', recordIdOf('payment', 'xhp1'), new Date('2026-06-01T00:00:00Z')],
  ]);
});

test('services are added, renamed and found by key', async () => {
  expect(await store([service('s-a'), service('s-b'), service('s-a', 'A again')])).toEqual([
    'new',
    'new',
    'changed',
  ]);
  expect(await store([service('s-a', 'A again'), service('s-b', 'B')])).toEqual([
    'unchanged',
    'changed',
  ]);
  expect(await findServiceByKey(house.tools.db, 's-a')).toEqual({
    id: serviceIdOf('s-a'),
    key: 's-a',
    code: 's-a',
    name: 'A again',
  });
  expect(await findServiceByKey(house.tools.db, 'S-A')).toBeUndefined();
  const keys = (await findServices(house.tools.db)).map(({ key }) => key);
  expect(keys).toEqual([...keys].sort());
});

test('payments and refunds come as exact amounts, oldest first, of one service where asked', async () => {
  const most = Number.MAX_SAFE_INTEGER;
  await store([
    service('studio'),
    service('other'),
    customer('frida'),
    payment('fp2', 'frida', {
      amount: money(most),
      tax: money(7),
      parts: { processorFee: money(1), discount: money(2) },
    }),
    payment('fp1', 'frida', { settledAt: '2026-01-01T00:00:00Z', service: 'other' }),
    refund('fr1', 'frida', 'fp2', { kind: 'dispute' }),
  ]);
  const customerIds = [customerIdOf('frida')];
  const payments = await findSettledPayments(house.tools.db, { customerIds });
  expect(payments.map(({ sourceKey }) => sourceKey)).toEqual(['fp1', 'fp2']);
  expect(payments[1]).toEqual({
    recordId: recordIdOf('payment', 'fp2'),
    customerId: customerIdOf('frida'),
    serviceId: serviceIdOf('studio'),
    amountMinor: BigInt(most),
    taxMinor: 7n,
    parts: { processorFee: 1n, discount: 2n },
    currency: 'EUR',
    settledAt: new Date('2026-04-01T08:00:00Z'),
    sourceKey: 'fp2',
  });
  expect(
    await findSettledPayments(house.tools.db, { customerIds, serviceId: serviceIdOf('studio') }),
  ).toHaveLength(1);
  expect(await findRefundsOf(house.tools.db, { customerIds })).toEqual([
    expect.objectContaining({
      paymentId: recordIdOf('payment', 'fp2'),
      kind: 'dispute',
      amountMinor: 500n,
      taxMinor: 0n,
    }),
  ]);
  expect(
    await findRefundsOf(house.tools.db, { customerIds, serviceId: serviceIdOf('other') }),
  ).toEqual([]);
  expect(await findSettledPayments(house.tools.db, { customerIds: [] })).toEqual([]);
});

test('reads take types and ids; customers are found by key and walked through in pages', async () => {
  await store([
    service('studio'),
    customer('gerd'),
    invoice('gi1', 'gerd'),
    payment('gp1', 'gerd'),
  ]);
  const gerd = customerIdOf('gerd');
  const keysOf = async (only: Omit<Parameters<typeof findCurrentRecords>[1], 'customerIds'>) =>
    (await findCurrentRecords(house.tools.db, { customerIds: [gerd], ...only })).map(
      ({ key }) => key,
    );
  expect(await keysOf({ types: ['payment', 'invoice'] })).toEqual(['gi1', 'gp1']);
  expect(await keysOf({ recordIds: [recordIdOf('payment', 'gp1')] })).toEqual(['gp1']);
  expect(await keysOf({ types: ['invoice'], recordIds: [recordIdOf('payment', 'gp1')] })).toEqual(
    [],
  );
  expect(await findCurrentRecords(house.tools.db, { customerIds: [] })).toEqual([]);
  expect(await findCustomerKeys(house.tools.db, [gerd, customerIdOf('nobody')])).toEqual(
    new Map([[gerd, 'gerd']]),
  );
  const all: string[] = [];
  for (let after = undefined as undefined | typeof gerd; ;) {
    const page = await findCustomerIds(house.tools.db, { after, limit: 2 });
    if (page.length === 0) break;
    all.push(...page);
    after = page.at(-1);
  }
  expect(all).toEqual([...all].sort());
  expect(all).toContain(gerd);
});

test('two loads at once of one key under two customers: one gets it', async () => {
  await store([service('studio'), customer('hans'), customer('ida')]);
  for (let round = 0; round < 5; round += 1) {
    const key = `race-${String(round)}`;
    const outcomes = await Promise.all([
      store([payment(key, 'hans')]),
      store([payment(key, 'ida')]),
    ]);
    expect(outcomes.flat().sort()).toEqual(['customer-changed /customer', 'new']);
  }
});

test('many at once on the same customers lose nothing and do not lock each other out', async () => {
  const names = ['jana', 'karl', 'lena', 'max'];
  await store([service('studio'), ...names.map((name) => customer(name))]);
  await Promise.all(
    Array.from({ length: 12 }, (_, i) => {
      const records = names.map((name) => payment(`${name}-${String(i)}`, name));
      return store(i % 2 === 0 ? records : records.reverse());
    }),
  );
  const payments = await findSettledPayments(house.tools.db, {
    customerIds: names.map(customerIdOf),
  });
  expect(payments).toHaveLength(48);
});

test('a locked customer waits for nobody else and names who is known', async () => {
  await store([customer('nina')]);
  const known = await inTransaction(house.tools.db, (tx) =>
    lockCustomers(tx, [customerIdOf('nobody'), customerIdOf('nina')]),
  );
  expect([...known]).toEqual([customerIdOf('nina')]);
});

test('nothing is stored by half: what is rolled back leaves no customer, record or service', async () => {
  const undone = inTransaction(house.tools.db, async (tx) => {
    await storeRecords(tx, { now: noon, records: [customer('olga'), service('undone')] });
    throw new Error('undone');
  });
  await expect(undone).rejects.toThrow('undone');
  expect(await findCurrentRecords(house.tools.db, { customerIds: [customerIdOf('olga')] })).toEqual(
    [],
  );
  expect(await findServiceByKey(house.tools.db, 'undone')).toBeUndefined();
});

test('the app cannot change what is held, nor take it away', async () => {
  await store([customer('paul', 'Paul'), service('studio')]);
  await store([customer('paul', 'Paul Neu')], new Date('2026-12-01'));
  const { db } = house.tools;
  const refused = [
    "update records set body = '{}'",
    'update records set valid_from = now()',
    'update records set valid_to = null where valid_to is not null',
    "update records set valid_to = now() + interval '1 day' where valid_to is not null",
    'delete from records',
    'truncate records',
    'update customers set created_at = now()',
    'update customers set customer_id = customer_id',
    'delete from customers',
    "update services set key = 'x'",
    'delete from services',
    "insert into records (customer_id, record_type, record_id, source_key, body, valid_from, valid_to) select customer_id, 'x', customer_id, 'x', '{}', now(), now() from customers limit 1",
  ];
  for (const sql of refused) await expect(db.raw(sql)).rejects.toMatchObject({ code: '42501' });
  await expect(house.admin.raw("update records set body = '{}'")).rejects.toMatchObject({
    code: '42501',
  });
});

test('after any history the current records are what was last stored, and versions never overlap', async () => {
  const steps = fc.array(fc.record({ key: fc.nat(3), name: fc.constantFrom('A', 'B', 'C'), later: fc.nat(1) }), { minLength: 1, maxLength: 8 }); // prettier-ignore
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(steps, { minLength: 1, maxLength: 4 }), async (batches) => {
      run += 1;
      let now = noon.getTime();
      const last = new Map<string, string>();
      for (const batch of batches) {
        now += (batch[0]?.later ?? 0) * 1000;
        const records = batch.map(
          ({ key, name }) => [`h${String(run)}-${String(key)}`, name] as const,
        );
        const outcomes = await store(
          records.map(([key, name]) => customer(key, name)),
          new Date(now),
        );
        const expected = records.map(([key, name]) => {
          const before = last.get(key);
          last.set(key, name);
          return before === undefined ? 'new' : before === name ? 'unchanged' : 'changed';
        });
        expect(outcomes).toEqual(expected);
      }
      for (const [key, name] of last) {
        const [held, ...others] = await findCurrentRecords(house.tools.db, {
          customerIds: [customerIdOf(key)],
        });
        expect([held?.body['contact'], others]).toEqual([{ kind: 'person', name }, []]);
      }
    }),
    { numRuns: 25 },
  );
  const overlaps = await house.admin('records as a').join('records as b', 'a.record_id', 'b.record_id')
    .whereRaw("a.valid_from < b.valid_from and coalesce(a.valid_to, 'infinity') > b.valid_from"); // prettier-ignore
  expect(overlaps).toEqual([]);
});

test('a thousand records are stored, found unchanged and changed', async () => {
  await store([service('studio'), customer('rosa')]);
  const all = (amount: number) =>
    Array.from({ length: 1000 }, (_, i) =>
      payment(`many-${String(i)}`, 'rosa', { amount: money(amount) }),
    );
  for (const [amount, outcome] of [[1, 'new'], [1, 'unchanged'], [2, 'changed']] as const) {
    expect(new Set(await store(all(amount)))).toEqual(new Set([outcome]));
  } // prettier-ignore
});
