import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { changeRelationship, takeRecords } from '../../src/intake/index.ts';
import { checkJoint } from '../../src/joint/index.ts';
import { publishAgreement } from '../../src/agreements/index.ts';
import { changePartnerStatus } from '../../src/partners/index.ts';
import { customerIdOf, serviceIdOf } from '../../src/records/index.ts';
import { shareRecords } from '../../src/sharing/index.ts';
import type { Caller } from '../../src/tokens/index.ts';
import { catalogueOf } from '../../src/catalogue/index.ts';
import { readPolicy } from '../../src/policy/index.ts';
import { compileView } from '../../src/projection/index.ts';
import { publishView } from '../../src/views/index.ts';
import {
  customer,
  givenPartner,
  givenRecords,
  givenRelationship,
  givenSharedCustomer,
  invoice,
  money,
  payment,
  type GivenPartner,
} from '../support/given.ts';
import { noon, openHouse, type House } from '../support/house.ts';
import { acceptances } from '../support/admit.ts';

let house: House;
let bright: GivenPartner;

const callerFor = ({ partner, clientId }: GivenPartner, more: Partial<Caller> = {}): Caller => ({
  partnerId: partner.id,
  partnerKey: partner.key,
  partnerName: partner.name,
  kind: partner.kind,
  clientId,
  tokenId: 'tok_test',
  scopes: ['contact', 'account', 'financial', 'billing'],
  purposes: ['identity', 'billing', 'fees'],
  ...more,
});

const share = async (
  recordType: string,
  who = bright,
  more: Partial<Caller> = {},
  fields?: readonly string[],
) => {
  const caller = callerFor(who, more);
  const ask = { caller, recordType, fields, limit: 1000, cursor: undefined };
  const { body } = await shareRecords(house.tools, ask);
  return (JSON.parse(body.toString()) as { data: Record<string, unknown>[] }).data;
};

beforeAll(async () => {
  house = await openHouse();
  bright = await givenPartner(house.tools);
  await givenSharedCustomer(house.tools, bright.partner, 'ada');
});
afterAll(() => house.close());

test('a view that narrows inside classes shows what it lists and nothing else', async () => {
  const narrow = await givenPartner(house.tools, {
    key: 'narrow',
    view: {
      customer: {
        properties: {
          contact: { properties: { name: true, address: { properties: { country: true } } } },
          billing: { properties: { address: { properties: { city: true } } } },
        },
      },
      invoice: {
        properties: {
          total: { properties: { amount: true } },
          lines: { items: { properties: { amount: true, quantity: true } } },
        },
      },
    },
  });
  await givenSharedCustomer(house.tools, narrow.partner, 'nan');
  await givenRecords(house.tools, [
    invoice('lined', 'nan', {
      lines: [
        { amount: money(700), quantity: '1', description: 'secret "one"' },
        { amount: money(500), description: 'secret two' },
      ],
    }),
  ]);
  expect(await share('customer', narrow)).toEqual([
    {
      id: expect.any(String),
      contact: { name: 'Person nan' },
      billing: { address: { city: 'Shelbyville' } },
    },
  ]);
  const invoices = await share('invoice', narrow);
  expect(invoices).toHaveLength(2);
  expect(invoices).toContainEqual({
    id: expect.any(String),
    total: { amount: 1200 },
    lines: [{ quantity: '1', amount: money(700) }, { amount: money(500) }],
  });
  await expect(share('payment', narrow)).rejects.toMatchObject({
    kind: { code: 'class-not-shared' },
  });
});

test('promise P08: a token narrows what its purposes and scopes do not cover', async () => {
  const [full] = await share('customer');
  expect(full).toHaveProperty('billing');
  const [narrowed] = await share('customer', bright, { scopes: ['contact'] });
  expect(Object.keys(narrowed ?? {})).toEqual(['id', 'contact']);
  await expect(share('invoice', bright, { scopes: ['contact'] })).rejects.toMatchObject({
    kind: { code: 'scope-insufficient' },
    facts: { scope: 'billing' },
  });
  await expect(share('invoice', bright, { purposes: [] })).rejects.toMatchObject({
    kind: { code: 'class-not-shared' },
    facts: { promise: 'P09' },
  });
});

test('promise P09: without a view, an agreement or a standing partner nothing is shared', async () => {
  const bare = await givenPartner(house.tools, { key: 'bare', view: null });
  await expect(share('customer', bare)).rejects.toMatchObject({ kind: { code: 'no-view' } });
  await publishView(house.tools, {
    partner: bare.partner,
    draft: { type: 'object', properties: { invoice: true } },
  });
  expect(await share('invoice', bare)).toEqual([]);
  await changePartnerStatus(house.tools, { partnerId: bare.partner.id, status: 'suspended' });
  await expect(share('invoice', bare)).rejects.toMatchObject({
    kind: { code: 'partner-suspended' },
  });
});

test('promise P32: an opt-out holds for the very next answer, and what is dated meanwhile stays hidden', async () => {
  await givenSharedCustomer(house.tools, bright.partner, 'eve');
  const names = async () => (await share('invoice')).map(({ number }) => number);
  expect(await names()).toContain('N-i-eve');
  const change = (event: 'opted-out' | 'opted-in', at: string) =>
    changeRelationship(house.tools, {
      partner: bright.partner,
      customerId: customerIdOf('eve'),
      serviceId: serviceIdOf('store'),
      event,
      at: new Date(at),
      evidence: 'asked',
      actor: 'eve',
    });
  await change('opted-out', '2026-05-01T00:00:00Z');
  expect(await names()).not.toContain('N-i-eve');
  await givenRecords(house.tools, [invoice('hidden', 'eve', { issuedOn: '2026-05-15' })]);
  await change('opted-in', '2026-06-01T00:00:00Z');
  await givenRecords(house.tools, [invoice('shown', 'eve', { issuedOn: '2026-06-15' })]);
  const after = await names();
  expect(after).toEqual(expect.arrayContaining(['N-i-eve', 'N-shown']));
  expect(after).not.toContain('N-hidden');
  expect(await checkJoint(house.tools)).toEqual([]);
});

test('several partners on one customer see it under ids that nobody can join', async () => {
  const other = await givenPartner(house.tools, { key: 'second' });
  await givenRecords(house.tools, [
    ['service', { id: 'hosting', code: 'h', name: 'Hosting' }],
    payment('p-host', 'ada', { service: 'hosting' }),
  ]);
  await givenRelationship(house.tools, other.partner, 'ada', { serviceKey: 'hosting' });
  const isAda = ({ contact }: Record<string, unknown>) =>
    (contact as { name: string }).name === 'Person ada';
  const mine = (await share('customer')).find(isAda);
  const theirs = (await share('customer', other)).find(isAda);
  expect(theirs?.['contact']).toEqual(mine?.['contact']);
  expect(theirs?.['id']).not.toBe(mine?.['id']);
  expect(await share('payment', other)).toHaveLength(1);
  const settled = (await share('payment')).map(({ id }) => id);
  expect(settled).not.toContain((await share('payment', other))[0]?.['id']);
});

test('promise P11: what belongs to a service that the agreement does not cover is not shared', async () => {
  const narrow = await givenPartner(house.tools, {
    key: 'store-only',
    terms: { services: ['store'] },
  });
  await givenRecords(house.tools, [
    customer('sue'),
    customer('sam'),
    ['service', { id: 'archive', code: 'a', name: 'Archive' }],
    payment('sue-store', 'sue'),
    payment('sue-archive', 'sue', { service: 'archive' }),
    payment('sam-archive', 'sam', { service: 'archive' }),
  ]);
  await givenRelationship(house.tools, narrow.partner, 'sue');
  await givenRelationship(house.tools, narrow.partner, 'sue', { serviceKey: 'archive' });
  await givenRelationship(house.tools, narrow.partner, 'sam', { serviceKey: 'archive' });
  expect(await share('payment', narrow)).toHaveLength(1);
  const customers = await share('customer', narrow);
  expect(customers).toMatchObject([{ contact: { name: 'Person sue' } }]);
  await publishAgreement(house.tools, {
    acceptances,
    partnerId: narrow.partner.id,
    validFrom: '2026-11-22',
    terms: {
      direction: 'payable',
      classes: ['contact', 'financial'],
      purposes: ['identity', 'billing', 'fees'],
      services: 'all',
      timeZone: 'UTC',
      termsClauses: {},
    },
  });
  expect(await share('payment', narrow)).toHaveLength(3);
  expect(await share('customer', narrow)).toHaveLength(2);
});

test('a second referral partner for the customer and service is refused', async () => {
  const rival = await givenPartner(house.tools, { key: 'rival' });
  await expect(givenRelationship(house.tools, rival.partner, 'ada')).rejects.toMatchObject({
    kind: { code: 'already-referred' },
  });
});

test('promise P15: an integration partner sees a customer only while it pays and is connected', async () => {
  const linked = await givenPartner(house.tools, {
    key: 'linked',
    kind: 'integration',
    classes: ['contact', 'account', 'financial', 'billing', 'business'],
    purposes: ['identity', 'billing', 'fees', 'integration'],
  });
  await givenRecords(house.tools, [customer('liz')]);
  await givenRelationship(house.tools, linked.partner, 'liz');
  expect(await share('customer', linked)).toEqual([]);
  await givenRecords(house.tools, [payment('p-liz', 'liz')]);
  expect(await share('customer', linked)).toHaveLength(1);
  await changeRelationship(house.tools, {
    partner: linked.partner,
    customerId: customerIdOf('liz'),
    serviceId: serviceIdOf('store'),
    event: 'disconnected',
    at: house.tools.clock.now(),
    evidence: 'asked',
    actor: 'liz',
  });
  expect(await share('customer', linked)).toEqual([]);
});

test.each(['2031-01-01T00:00:00Z', '2026-11-22T12:00:00.001Z'])(
  'promise P10: a payment said to settle at %s opens nothing before then, because it is not taken in',
  async (settledAt) => {
    const soon = await givenPartner(house.tools, { key: `soon-${settledAt.slice(0, 4)}` });
    const id = `sid-${settledAt.slice(0, 4)}`;
    const service = `of-${id}`;
    await givenRecords(house.tools, [
      ['service', { id: service, code: service, name: service }],
      customer(id),
      invoice(`i-${id}`, id, { service }),
    ]);
    const [, unsettled] = payment(`p-${id}`, id, { service, settledAt });
    const offered = { type: 'payment', value: unsettled, file: 'given', line: 1 };
    const [taken] = await takeRecords(house.tools, { records: [offered] });
    expect(taken).toMatchObject({
      outcome: 'rejected',
      problems: [{ field: '/settledAt', code: 'in-the-future', promise: 'P10' }],
    });
    await givenRelationship(house.tools, soon.partner, id, { serviceKey: service });
    for (const recordType of ['customer', 'invoice', 'payment'])
      expect(await share(recordType, soon)).toEqual([]);
    await givenRecords(house.tools, [
      payment(`p-${id}`, id, { service, settledAt: noon.toISOString() }),
    ]);
    for (const recordType of ['customer', 'invoice', 'payment'])
      expect(await share(recordType, soon)).toHaveLength(1);
  },
);

test('promise P14: no business text can stand in a referral partner’s joint records, whoever writes it', async () => {
  await expect(
    house
      .admin('joint_records')
      .where({ kind: 'referral' })
      .update({ business: '{"goods":"\\"goods\\":\\"x\\""}' }),
  ).rejects.toThrow(/no_business_for_referral_partners/);
});

test('the reader sees one recipient’s rows and no customer ids, whatever it asks', async () => {
  const read = (text: string) =>
    house.tools.reader.read(bright.partner.id, { name: text.slice(0, 60), text }, []);
  const rows = await read('select distinct recipient_id from joint_records');
  expect(rows).toEqual([{ recipient_id: bright.partner.id }]);
  await expect(read('select customer_id from joint_records')).rejects.toThrow(/permission denied/);
  await expect(read('select * from records')).rejects.toThrow(/permission denied/);
});

test('a view that is published elsewhere counts with the very next answer, also where nothing was shown before', async () => {
  const late = await givenPartner(house.tools, {
    key: 'late',
    view: { customer: { properties: { contact: true } } },
  });
  await givenSharedCustomer(house.tools, late.partner, 'lea');
  expect(await share('customer', late)).toHaveLength(1);
  await expect(share('invoice', late)).rejects.toMatchObject({
    kind: { code: 'class-not-shared' },
  });
  await publishView(house.tools, {
    partner: late.partner,
    draft: { type: 'object', properties: { invoice: true } },
  });
  expect(await share('invoice', late)).toHaveLength(1);
  await expect(share('customer', late)).rejects.toMatchObject({
    kind: { code: 'class-not-shared' },
  });
});

test('promise P07: the entry names the promise of e-mail addresses where they were shown, and only there', async () => {
  const few = await givenPartner(house.tools, {
    key: 'mailed',
    classes: ['contact', 'contact.email'],
    terms: { termsClauses: { email: '4.2' } },
    view: { customer: { properties: { contact: true, email: true } } },
  });
  await givenSharedCustomer(house.tools, few.partner, 'mia');
  const promisesOf = async (fields: readonly string[]) => {
    await share('customer', few, { scopes: ['contact', 'contact.email'] }, fields);
    const [row] = await house
      .admin<{ entry: string }>('disclosure_entries')
      .where('recipient_id', few.partner.id)
      .orderBy('index', 'desc')
      .limit(1);
    const { classes, policy } = JSON.parse(row?.entry ?? '') as {
      classes: string[];
      policy: { promises: string[] };
    };
    return [classes, policy.promises];
  };
  expect(await promisesOf(['contact'])).toEqual([['contact'], ['P10', 'P11']]);
  expect(await promisesOf(['contact', 'email'])).toEqual([
    ['contact', 'contact.email'],
    ['P07', 'P10', 'P11'],
  ]);
});

test('the entry tells the fields that were shown, and the purposes that the agreement names', async () => {
  const few = await givenPartner(house.tools, {
    key: 'few',
    purposes: ['identity'],
    view: { customer: { properties: { contact: true, account: true } } },
  });
  await givenSharedCustomer(house.tools, few.partner, 'fay');
  await givenRecords(house.tools, [
    customer('fay', {
      contact: { kind: 'organisation', name: 'Fay Ltd', people: [{ id: '1', name: 'Fay' }] },
    }),
  ]);
  const [shown] = await share('customer', few, { scopes: ['account'] });
  expect(Object.keys(shown ?? {})).toEqual(['id', 'account']);
  const [row] = await house
    .admin<{ entry: string }>('disclosure_entries')
    .where('recipient_id', few.partner.id)
    .orderBy('index', 'desc')
    .limit(1);
  expect(JSON.parse(row?.entry ?? '')).toMatchObject({
    classes: ['account'],
    fields: ['id', 'account.number', 'account.status', 'account.since', 'account.plan'],
    purpose: ['identity'],
  });
});

test('promise P14: compiling a projection with business data for a referral partner is refused', async () => {
  const type = catalogueOf(house.tools.settings).types.get('customer');
  if (!type) throw new Error('no customer type');
  const document = { type: 'object', additionalProperties: false, properties: {} } as const;
  const policy = await readPolicy(house.tools.db);
  expect(() => compileView({ document, kind: 'referral', policy }, type, ['business'])).toThrow(
    /never receives class business/,
  );
});

test('promise P14: a row cannot claim another kind than its partner’s', async () => {
  await expect(
    house.tools
      .db('joint_records')
      .where('recipient_id', bright.partner.id)
      .update({ kind: 'integration', business: '{}' }),
  ).rejects.toThrow(/foreign key/);
});
