import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { catalogueOf } from '../../src/catalogue/index.ts';
import { explainSharing } from '../../src/explanations/index.ts';
import { changeRelationship, setChoice } from '../../src/intake/index.ts';
import { pairwiseOf } from '../../src/joint/index.ts';
import { publishAgreement } from '../../src/agreements/index.ts';
import { changePartnerStatus } from '../../src/partners/index.ts';
import { Refusal } from '../../src/platform/refusal.ts';
import { problemsOf } from '../../src/platform/schemas.ts';
import { dataClasses } from '../../src/policy/index.ts';
import { customerIdOf, serviceIdOf } from '../../src/records/index.ts';
import { shareRecords } from '../../src/sharing/index.ts';
import { publishView, retireView } from '../../src/views/index.ts';
import {
  customer,
  givenPartner,
  givenRecords,
  givenRelationship,
  givenSharedCustomer,
  invoice,
  money,
  payment,
  service,
  type GivenPartner,
} from '../support/given.ts';
import { noon, openHouse, testClock, type House } from '../support/house.ts';
import { acceptances } from '../support/admit.ts';

jest.setTimeout(120_000);
let house: House;
let bright: GivenPartner;
let loom: GivenPartner;
const clock = testClock();
const minute = 60_000;
const day = 24 * 60 * minute;

beforeAll(async () => {
  house = await openHouse({ clock });
  bright = await givenPartner(house.tools);
  loom = await givenPartner(house.tools, {
    key: 'loomworks',
    kind: 'integration',
    classes: ['contact', 'account', 'business'],
    purposes: ['identity', 'integration'],
    view: { customer: { properties: { contact: true } } },
  });
  await givenSharedCustomer(house.tools, bright.partner, 'ada');
});
afterAll(() => house.close());

type Ask = Parameters<typeof explainSharing>[1];
const why = (field: string, more: Partial<Ask> = {}) =>
  explainSharing(house.tools, { partner: bright.partner, customer: 'ada', field, ...more });
const said = async (field: string, more: Partial<Ask> = {}) => {
  const { allowed, promises, steps } = await why(field, more);
  const denying = steps.find((step) => !step.allowed)?.part ?? null;
  return { allowed, promises, denying };
};
const no = (denying: string, ...promises: string[]) => ({ allowed: false, promises, denying });

test('what is shown is explained: the promises relied on, every part, the records', async () => {
  const answer = await why('invoice.total.amount');
  expect(answer).toMatchObject({
    allowed: true,
    promises: ['P10', 'P11'],
    records: ['i-ada'],
    more: 0,
  });
  expect(answer.steps.map(({ part, allowed }) => `${part} ${String(allowed)}`)).toEqual(
    ['partner', 'policy', 'agreement', 'view', 'choice', 'relationship', 'records'].map(
      (part) => `${part} true`,
    ),
  );
  expect(problemsOf('explanations/explain-sharing.gives', answer)).toEqual([]);
  expect(JSON.stringify(answer)).not.toMatch(/Person|Springfield|555|1200|N-i/);
});

test('promise P09: what the view does not list is denied by it', async () => {
  const first = await said('customer.contact.phone', { partner: loom.partner });
  expect(first).toEqual(no('relationship', 'P15'));
  const hidden = await said('customer.account.plan', { partner: loom.partner });
  expect(hidden).toEqual(no('view', 'P09'));
  expect(await said('customer.contact.name', { view: 7 })).toEqual(no('view', 'P09'));
});

test('promise P07: an e-mail address without its clause is denied by it', async () => {
  expect(await said('customer.email.address')).toEqual(no('agreement', 'P07'));
  expect(await said('customer.additional.fax')).toEqual(no('agreement', 'P06'));
});

test('promise P08: nothing is shown for marketing', async () => {
  expect(await said('invoice.number', { purpose: 'marketing' })).toEqual(no('policy', 'P08'));
  expect(await said('invoice.number', { purpose: 'whim' })).toEqual(no('policy', 'P09'));
  const other = await said('invoice.number', { purpose: 'integration' });
  expect(other).toEqual(no('agreement', 'P09'));
});

test('promise P10: before the first payment a referred customer is not shown', async () => {
  await givenRecords(house.tools, [service(), customer('eve'), invoice('i-eve', 'eve')]);
  const eve = { customer: 'eve' };
  expect(await said('invoice.number', eve)).toEqual(no('relationship', 'P10'));
  await givenRelationship(house.tools, bright.partner, 'eve');
  expect(await said('invoice.number', eve)).toEqual(no('relationship', 'P10'));
  clock.advance(minute);
  const before = { ...eve, at: new Date(clock.now()) };
  clock.advance(minute);
  await givenRecords(house.tools, [payment('p-eve', 'eve')]);
  expect((await said('invoice.number', eve)).allowed).toBe(true);
  expect(await said('invoice.number', before)).toEqual(no('relationship', 'P10'));
});

test('promise P11: what lies outside the relationship’s time is not shown, nor what has ended', async () => {
  await givenRecords(house.tools, [invoice('early', 'ada', { issuedOn: '2025-06-01' })]);
  const early = await said('invoice.number', { record: 'early' });
  expect(early).toEqual(no('records', 'P11'));
  await givenSharedCustomer(house.tools, bright.partner, 'kim');
  clock.advance(minute);
  await changeRelationship(house.tools, {
    partner: bright.partner,
    customerId: customerIdOf('kim'),
    serviceId: serviceIdOf('store'),
    event: 'ended',
    at: clock.now(),
    evidence: 'a letter',
    actor: 'test',
  });
  expect(await said('invoice.number', { customer: 'kim' })).toEqual(no('relationship', 'P11'));
});

test('promise P32: a refusal denies from when it was booked', async () => {
  await givenSharedCustomer(house.tools, bright.partner, 'max');
  clock.advance(minute);
  const at = new Date(clock.now());
  clock.advance(minute);
  const choice = { customerId: customerIdOf('max'), partner: undefined, sharing: 'refused' };
  await setChoice(house.tools, {
    ...{ ...choice, at: clock.now(), evidence: 'a letter', actor: 'test' },
  });
  expect(await said('invoice.number', { customer: 'max' })).toEqual(no('choice', 'P32'));
  expect((await said('invoice.number', { customer: 'max', at })).allowed).toBe(true);
});

test('before it was a partner nothing was shown, and the future is not known', async () => {
  const early = new Date(noon.getTime() - day);
  expect(await said('invoice.number', { at: early })).toEqual(no('partner', 'P09'));
  const later = new Date(clock.now().getTime() + 1);
  await expect(why('invoice.number', { at: later })).rejects.toMatchObject({
    kind: { code: 'invalid-moment' },
  });
  await expect(why('invoice.nothing')).rejects.toMatchObject({ kind: { code: 'unknown-field' } });
  await expect(why('invoice.total')).rejects.toMatchObject({ kind: { code: 'unknown-field' } });
  await expect(why('invoice.number', { customer: 'nobody' })).rejects.toMatchObject({
    kind: { code: 'unknown-customer' },
  });
});

/** Some of each class, in lists and out of them; ids too. */
const fields = [
  'customer.id',
  'customer.contact.name',
  'customer.contact.address.city',
  'customer.email.address',
  'customer.billing.name',
  'customer.account.plan',
  'invoice.customer',
  'invoice.number',
  'invoice.lines.*.description',
  'invoice.total.amount',
  'payment.id',
  'payment.amount.currency',
];
const keys = ['one', 'two'];
const services = ['store', 'shop'];
const views = [
  { customer: true, invoice: true, payment: true },
  { customer: { properties: { contact: { properties: { name: true } } } }, payment: true },
  { invoice: { properties: { customer: true, lines: { items: true } } } },
  { invoice: { properties: { total: { properties: { amount: true } } } } },
];

interface Who {
  readonly given: GivenPartner;
  readonly prefix: string;
}

/** What a walk through the door shows: "customer field", for the fields above. */
async function walk({ given: { partner, clientId }, prefix }: Who): Promise<string[]> {
  const pairwise = pairwiseOf(house.tools.settings.keys.pairwise, partner.id);
  const names = new Map(
    keys.map((key) => [pairwise.idOf('customer', customerIdOf(prefix + key)), key] as const),
  );
  const caller = {
    ...{ partnerId: partner.id, partnerKey: partner.key, partnerName: partner.name },
    ...{ kind: partner.kind, clientId, tokenId: 'tok_test', scopes: dataClasses },
    purposes: ['identity', 'billing', 'fees', 'integration'] as const,
  };
  const owners = await ownersOf(partner.id);
  const seen = new Set<string>();
  for (const recordType of ['customer', 'invoice', 'payment']) {
    try {
      const ask = { caller, recordType, limit: 1000, cursor: undefined };
      const { body } = await shareRecords(house.tools, ask);
      const { data } = JSON.parse(body.toString()) as { data: Record<string, unknown>[] };
      for (const record of data) {
        const owner = names.get(owners.get(String(record['id'])) ?? String(record['id']));
        for (const field of fields) {
          const [type, ...path] = field.split('.');
          if (type === recordType && has(record, path)) seen.add(`${String(owner)} ${field}`);
        }
      }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
    }
  }
  return [...seen].sort();
}

/** Whose each record is, as pairwise ids: not every view shows it. */
async function ownersOf(partnerId: string): Promise<Map<string, string>> {
  const { rows } = await house.admin.raw<{
    rows: { record_type: string; record_id: string; subject_id: string }[];
  }>(
    `select record_type, record_id, subject_id from joint_records
     where recipient_id = ? order by record_id`,
    [partnerId],
  );
  const pairwise = pairwiseOf(house.tools.settings.keys.pairwise, partnerId);
  return new Map(
    rows.map((row) => [pairwise.idOf(row.record_type, row.record_id), row.subject_id]),
  );
}

function has(value: unknown, [step, ...rest]: readonly string[]): boolean {
  if (step === undefined) return value !== undefined;
  if (step === '*') return Array.isArray(value) && value.some((item) => has(item, rest));
  if (typeof value !== 'object' || value === null) return false;
  return has((value as Record<string, unknown>)[step], rest);
}

async function explained({ given: { partner }, prefix }: Who, at: Date): Promise<string[]> {
  const seen: string[] = [];
  for (const key of keys) {
    for (const field of fields) {
      const ask = { partner, customer: prefix + key, field, at };
      if ((await explainSharing(house.tools, ask)).allowed) seen.push(`${key} ${field}`);
    }
  }
  return seen.sort();
}

const index = (most: number) => fc.nat({ max: most - 1 });
const sharings = ['refused', 'allowed'];
const events = ['suspended', 'resumed', 'opted-out', 'opted-in', 'ended'] as const;
const anyMove = fc.oneof(
  { weight: 4, arbitrary: fc.record({ does: fc.constant('relate' as const), n: index(8) }) },
  { weight: 4, arbitrary: fc.record({ does: fc.constant('pay' as const), n: index(8) }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('bill' as const), n: index(8) }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('choose' as const), n: index(12) }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('change' as const), n: index(40) }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('view' as const), n: index(12) }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('retire' as const), n: index(2) }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('agree' as const), n: index(12) }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('status' as const), n: index(4) }) },
);
type Move = typeof anyMove extends fc.Arbitrary<infer One> ? One : never;

/** A choice of several lists by one number. */
function pick<const Lists extends readonly (readonly unknown[])[]>(n: number, ...lists: Lists) {
  let rest = n;
  return lists.map((list) => {
    const one = list[rest % list.length];
    rest = Math.floor(rest / list.length);
    return one;
  }) as { [I in keyof Lists]: Lists[I][number] };
}

async function act(who: readonly Who[], { does, n }: Move, place: number): Promise<void> {
  const { tools } = house;
  const now = clock.now();
  const [{ given, prefix }, key, serviceKey] = pick(n, who, keys, services);
  const { partner } = given;
  const customerId = customerIdOf(prefix + key);
  const at = { evidence: 'given', actor: 'test', at: now };
  const named = `${prefix}${String(place)}`;
  if (does === 'relate') {
    const begin = new Date('2026-01-01T00:00:00Z');
    await givenRelationship(tools, partner, prefix + key, { serviceKey, at: begin });
  } else if (does === 'pay') {
    await givenRecords(tools, [payment(named, prefix + key, { service: serviceKey })]);
  } else if (does === 'bill') {
    const lines = [{ amount: money(1200), description: 'a line' }];
    const issuedOn = n % 2 === 0 ? '2025-05-05' : '2026-05-05';
    const more = { service: serviceKey, lines, issuedOn };
    await givenRecords(tools, [invoice(named, prefix + key, more)]);
  } else if (does === 'choose') {
    const [, , sharing, all] = pick(n, who, keys, sharings, [true, false]);
    await setChoice(tools, {
      ...{ customerId, sharing: sharing, ...at },
      partner: all ? undefined : partner,
    });
  } else if (does === 'change') {
    const [, , , event] = pick(n, who, keys, services, events);
    const serviceId = serviceIdOf(serviceKey);
    await changeRelationship(tools, { partner, customerId, serviceId, event, ...at });
  } else if (does === 'view') {
    const [, properties, delay] = pick(n, who, views, [0, day]);
    const effectiveAt = new Date(now.getTime() + delay);
    await publishView(tools, { partner, draft: { type: 'object', properties }, effectiveAt });
  } else if (does === 'retire') {
    await retireView(tools, { partnerId: partner.id, version: 1, at: now, actor: 'test' });
  } else if (does === 'agree') {
    const [, classes, wanted, clause] = pick(
      n,
      who,
      [['contact', 'account', 'contact.email'], ['contact', 'billing'], ['billing']],
      ['all', ['store']],
      [{ email: '4.2' }],
    );
    const validFrom = new Date(now.getTime() + day).toISOString().slice(0, 10);
    await publishAgreement(tools, {
      acceptances,
      ...{ partnerId: partner.id, validFrom },
      terms: {
        ...{ direction: 'payable', classes, purposes: ['identity', 'billing'] },
        ...{ services: wanted, timeZone: 'UTC', termsClauses: clause },
      },
    });
  } else {
    const [, status] = pick(n, who, ['suspended', 'active'] as const);
    await changePartnerStatus(tools, { partnerId: partner.id, status });
  }
}

let worlds = 0;
async function givenWorld(): Promise<Who[]> {
  worlds += 1;
  const prefix = `w${String(worlds)}-`;
  await givenRecords(house.tools, [
    ...[service('store'), service('shop')],
    ...keys.flatMap((key) => [
      customer(prefix + key),
      invoice(`${prefix}i-${key}`, prefix + key),
      payment(`${prefix}p-${key}`, prefix + key),
    ]),
  ]);
  const referral = await givenPartner(house.tools, { key: `${prefix}a` });
  const integration = await givenPartner(house.tools, {
    ...{ key: `${prefix}b`, kind: 'integration', termsClauses: { email: '1' } },
    classes: ['contact', 'contact.email', 'billing'],
    purposes: ['identity', 'billing'],
    view: { customer: { properties: { contact: true, email: true } }, invoice: true },
  });
  for (const { partner } of [referral, integration]) {
    await givenRelationship(house.tools, partner, `${prefix}one`);
  }
  return [referral, integration].map((given) => ({ given, prefix }));
}

test('why says yes exactly for what a walk shows, also of every past moment', async () => {
  let shown = 0;
  const asked = fc.array(anyMove, { minLength: 3, maxLength: 9 });
  await fc.assert(
    fc.asyncProperty(asked, async (moves) => {
      const who = await givenWorld();
      const history: { at: Date; walks: string[][] }[] = [];
      const look = async () => {
        const walks = [];
        for (const one of who) walks.push(await walk(one));
        history.push({ at: new Date(clock.now()), walks });
        shown += walks.flat().length;
      };
      clock.advance(minute);
      await look();
      for (const [place, move] of moves.entries()) {
        clock.advance(day / 2);
        try {
          await act(who, move, place);
        } catch (error) {
          if (!(error instanceof Refusal)) throw error;
        }
        if (place % 2 === 0) continue;
        clock.advance(minute);
        await look();
      }
      clock.advance(day);
      for (const { at, walks } of history) {
        for (const [i, one] of who.entries()) {
          expect({ at, seen: await explained(one, at) }).toEqual({ at, seen: walks[i] });
        }
      }
    }),
    { numRuns: 8 },
  );
  expect(shown).toBeGreaterThan(50);
});

test('every field of the catalogue can be asked about', async () => {
  for (const type of catalogueOf(house.tools.settings).types.values()) {
    for (const { path } of type.leaves) {
      const answer = await why([type.name, ...path].join('.'));
      expect(answer.steps.length).toBeGreaterThan(0);
    }
  }
});

test('promise P14: business data is denied to a referral partner, and is not looked at for others', async () => {
  const recordTypesDir = fileURLToPath(
    new URL('../../examples/northwind/records', import.meta.url),
  );
  const other = await openHouse({ clock, settings: { recordTypesDir } });
  try {
    const { tools } = other;
    const referral = await givenPartner(tools, { key: 'referral' });
    const integration = await givenPartner(tools, {
      ...{ key: 'integration', kind: 'integration', purposes: ['integration'] },
      ...{ classes: ['business'], view: { order: { properties: { orderedOn: true } } } },
    });
    await givenSharedCustomer(tools, referral.partner, 'ada');
    await givenRelationship(tools, integration.partner, 'ada');
    const order = {
      id: 'o-1',
      customer: 'ada',
      service: 'store',
      orderedOn: '2026-04-01',
      lines: [],
    };
    await givenRecords(tools, [['order', order]]);
    const ask = { customer: 'ada', field: 'order.orderedOn' };
    const denied = await explainSharing(tools, { ...ask, partner: referral.partner });
    expect(denied).toMatchObject({ allowed: false, promises: ['P14'], records: [] });
    const asked = { ...ask, partner: integration.partner };
    const closed = await explainSharing(tools, asked);
    expect(closed).toMatchObject({ allowed: true, records: [], more: 0 });
    expect(closed.steps.at(-1)?.detail).toMatch(/not looked at/);
    const named = await explainSharing(tools, { ...asked, record: 'o-1' });
    expect(named).toMatchObject({ allowed: true, records: [] });
    const absent = await explainSharing(tools, { ...asked, record: 'o-2' });
    expect(absent).toMatchObject({ allowed: false, promises: [] });
  } finally {
    await other.close();
  }
});

test('each moment is judged by the policy of its day', async () => {
  const other = await openHouse({ clock });
  try {
    const { tools } = other;
    const { partner } = await givenPartner(tools);
    await givenSharedCustomer(tools, partner, 'ada');
    clock.advance(minute);
    const before = new Date(clock.now());
    clock.advance(minute);
    await other.admin.transaction(async (tx) => {
      await tx.raw('set local session_replication_role = replica');
      await tx.raw(`update policy_activations set effective_at = '2026-01-01T00:00:00Z'`);
      await tx.raw(
        `insert into policy_versions (version, document, digest, notice, response_directions,
           notice_days, country, time_zone, actor, published_at)
         select 'stricter', document::jsonb || '{"version":"stricter","allows":[]}', digest, notice,
           response_directions, notice_days, country, time_zone, actor, published_at
         from policy_versions`,
      );
      await tx.raw(
        `insert into policy_activations (version, actor, effective_at) values ('stricter', 'test', ?)`,
        [clock.now()],
      );
    });
    clock.advance(minute);
    const ask = { partner, customer: 'ada', field: 'invoice.number' };
    const now = await explainSharing(tools, ask);
    expect(now).toMatchObject({ allowed: false, promises: ['P09'] });
    expect(now.steps.find(({ allowed }) => !allowed)?.part).toBe('policy');
    expect(await explainSharing(tools, { ...ask, at: before })).toMatchObject({ allowed: true });
  } finally {
    await other.close();
  }
});

test('an agreement that was published later has not ended the one before it yet', async () => {
  const { partner } = await givenPartner(house.tools, { key: 'renewed' });
  await givenSharedCustomer(house.tools, partner, 'zoe');
  clock.advance(minute);
  const before = new Date(clock.now());
  clock.advance(minute);
  await publishAgreement(house.tools, {
    acceptances,
    ...{ partnerId: partner.id, validFrom: clock.now().toISOString().slice(0, 10) },
    terms: {
      ...{ direction: 'payable', classes: ['contact'], purposes: ['identity'] },
      ...{ services: 'all', timeZone: 'UTC', termsClauses: {} },
    },
  });
  const ask = { partner, customer: 'zoe' };
  expect(await said('invoice.number', ask)).toEqual(no('agreement', 'P09'));
  expect((await said('invoice.number', { ...ask, at: before })).allowed).toBe(true);
});

test('promise P09: where the gateway’s clock lags, the door and the explanation go by what was said at once', async () => {
  const lags = await givenPartner(house.tools, { key: 'lags' });
  const { partner } = lags;
  await givenSharedCustomer(house.tools, partner, 'lag');
  const ask = { partner, customer: 'lag' };
  const caller = {
    ...{ partnerId: partner.id, partnerKey: partner.key, partnerName: partner.name },
    ...{ kind: partner.kind, clientId: lags.clientId, tokenId: 'tok_test' },
    scopes: ['contact', 'financial', 'billing'] as const,
    purposes: ['identity', 'billing', 'fees'] as const,
  };
  const door = (recordType: string) =>
    shareRecords(house.tools, { caller, recordType, limit: 10, cursor: undefined });
  clock.set(new Date(Math.ceil(clock.now().getTime() / day) * day - 2000));
  const before = clock.now();
  expect((await door('invoice')).body.toString()).toContain('N-i-lag');
  clock.advance(5000);
  const today = clock.now().toISOString().slice(0, 10);
  await publishAgreement(house.tools, {
    acceptances,
    ...{ partnerId: partner.id, validFrom: today },
    terms: {
      ...{
        direction: 'payable',
        classes: ['contact', 'financial'],
        purposes: ['identity', 'fees'],
      },
      ...{ services: 'all', timeZone: 'UTC', termsClauses: {} },
    },
  });
  clock.set(before);
  const refused = { kind: { code: 'class-not-shared' } };
  await expect(door('invoice')).rejects.toMatchObject(refused);
  expect((await door('payment')).body.toString()).toContain('settledAt');
  clock.advance(5000);
  const draft = { type: 'object', properties: { customer: { properties: { contact: true } } } };
  await publishView(house.tools, { partner, draft });
  clock.set(before);
  await expect(door('payment')).rejects.toMatchObject(refused);
  expect((await door('customer')).headers['Sluice-View']).toBe('2');
  expect(await said('invoice.number', ask)).toEqual(no('agreement', 'P09'));
  expect(await said('payment.amount.amount', ask)).toEqual(no('view', 'P09'));
  expect((await said('customer.contact.name', ask)).allowed).toBe(true);
  clock.advance(day);
});
