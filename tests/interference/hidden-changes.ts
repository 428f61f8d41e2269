import fc from 'fast-check';
import { listDisclosures } from '../../src/disclosures/index.ts';
import { addStaff } from '../../src/people/index.ts';
import type { FeeTerms } from '../../src/agreements/index.ts';
import type { PartnerKind } from '../../src/policy/index.ts';
import { customerIdOf, serviceIdOf } from '../../src/records/index.ts';
import { setBudget } from '../../src/budgets/index.ts';
import {
  customer,
  fee,
  givenPartner,
  invoice,
  money,
  payment,
  refund,
  type GivenPartner,
} from '../support/given.ts';
import { book, refuse, relate, relateIfAllowed, take, tokenOf, type World } from './worlds.ts';

/** The partner that asks, in both worlds alike, and what it could have heard of elsewhere. */
export interface Party {
  readonly number: number;
  readonly kind: PartnerKind;
  /** What a referral partner sees of payments and refunds. */
  readonly sight: Sight;
  readonly bright: GivenPartner;
  /** Ids that mean something to other partners, in the changed world only. */
  readonly foreign: {
    readonly disclosures: string[];
    readonly logs: string[];
    /** What can be hidden only once. */
    readonly done: Set<string>;
  };
}

/** The key of something of this pair's; earlier pairs' are other people's. */
export const keyIn = ({ number }: Party, name: string): string => `${String(number)}-${name}`;

const before = '2025-06-01';
const afterwards = '2026-06-10';

export const order = (id: string, of: string, more: Record<string, unknown> = {}) =>
  [
    'order',
    {
      id,
      customer: of,
      service: 'store',
      orderedOn: '2026-03-01',
      freight: money(500),
      lines: [{ product: 'p1', quantity: '2', unitPrice: money(600) }],
      ...more,
    },
  ] as const;

const dated = {
  ...{ customer: true, service: true, invoice: true },
  ...{ settledAt: true, amount: true, tax: true },
};
const { settledAt: _settledAt, ...undated } = dated;
const ofRefunds = { payment: true, refundedAt: true, amount: true, tax: true };
/** With everything that fee lines tell, without the kinds of refunds, without the days of payments. */
const seen = {
  whole: { payment: { properties: dated }, refund: true },
  'no-kinds': { payment: { properties: dated }, refund: { properties: ofRefunds } },
  'no-days': { payment: { properties: undated }, refund: true },
};
export type Sight = keyof typeof seen;
export const sights = Object.keys(seen) as Sight[];
const referralView = (sight: Sight) => ({
  customer: true,
  invoice: { properties: { customer: true, service: true, issuedOn: true, total: true } },
  ...seen[sight],
});
const integrationView = {
  customer: { properties: { contact: true, account: { properties: { plan: true } } } },
  order: { properties: { customer: true, orderedOn: true, lines: true, shipTo: true } },
};

/** Held back so long that what settled late in February stands on the statement of March. */
const feesOf: readonly FeeTerms[] = [
  fee,
  { ...fee, roundingLevel: 'partner-month' },
  { kind: 'percent', ratePercent: '20', of: 'first-payment', currencies: ['EUR'] },
  {
    kind: 'tiers',
    tiers: {
      ...{ mode: 'graduated', by: 'base' },
      steps: [
        { from: { EUR: 0 }, ratePercent: '20' },
        { from: { EUR: 2500 }, ratePercent: '30' },
      ],
    },
    currencies: ['EUR'],
  },
  {
    kind: 'flat',
    flat: { per: 'threshold', amounts: { EUR: 250 }, thresholds: { EUR: 900 } },
    currencies: ['EUR'],
  },
];
/** Each pair in its turn under terms of another kind. */
const termsOf = (number: number) => ({
  services: ['store'],
  fee: { ...feesOf[number % feesOf.length], holdDays: 20 },
});
const settledInFebruary = '2026-02-27T10:00:00Z';

/** What the customers pay: the part of it that no view here lists is a change's to choose. */
const paid = (id: string, of: string, more: Record<string, unknown> = {}) =>
  payment(id, of, { method: 'transfer', tax: money(200), ...more });

/**
 * What the partner may see: some customers with records, two of whom have left or refused since, and
 * one who left for a time and was refunded in it.
 */
export async function settle(
  world: World,
  number: number,
  { kind, sight }: Pick<Party, 'kind' | 'sight'>,
): Promise<Party> {
  const key = `bright-${String(number)}`;
  const bright = await givenPartner(
    world.house.tools,
    kind === 'referral'
      ? { key, kind, view: referralView(sight), terms: termsOf(number) }
      : {
          key,
          kind,
          view: integrationView,
          classes: ['contact', 'account', 'business'],
          purposes: ['identity', 'integration'],
          terms: termsOf(number),
        },
  );
  await limit(world, bright);
  const party: Party = {
    number,
    kind,
    sight,
    bright,
    foreign: { disclosures: [], logs: [], done: new Set() },
  };
  const name = (text: string) => keyIn(party, text);
  const customers = ['ada', 'ben', 'cyd', 'out', 'ref', 'ret'];
  await take(world, [
    ...customers.flatMap((of) => [
      customer(name(of)),
      invoice(name(`i-${of}`), name(of)),
      paid(name(`p-${of}`), name(of)),
      order(name(`o-${of}`), name(of)),
    ]),
    invoice(name('i2-ada'), name('ada'), { issuedOn: '2026-04-01' }),
    order(name('o2-ada'), name('ada'), { orderedOn: '2026-04-01' }),
    refund(name('r-ben'), name('ben'), name('p-ben')),
    refundWhileAway(party, { kind: 'refund', more: 0 }),
  ]);
  for (const of of customers) {
    await relate(world, { partner: bright.partner, customer: name(of) });
  }
  // Two agreed to be billed by a referral partner, of whom one leaves.
  const billed = kind === 'referral' ? ['ada', 'out'] : [];
  for (const one of billed) await consolidate(world, party, one);
  await take(world, [
    invoice(name('i-bill'), name('ada'), { issuedOn: '2026-05-15' }),
    invoice(name('i-lost'), name('out'), { issuedOn: '2026-05-15' }),
  ]);
  await book(world, 'opted-out', {
    partner: bright.partner,
    customer: name('out'),
    at: new Date('2026-06-01T00:00:00Z'),
  });
  await refuse(world, { customer: name('ref'), at: new Date('2026-06-01T00:00:00Z') });
  const returning = { partner: bright.partner, customer: name('ret') };
  await book(world, 'opted-out', { ...returning, at: new Date('2026-05-01T00:00:00Z') });
  await book(world, 'opted-in', { ...returning, at: new Date('2026-06-01T00:00:00Z') });
  await accrue(world, party);
  return party;
}

async function consolidate({ program, house }: World, party: Party, of: string): Promise<void> {
  await program.changeMode(house.tools, {
    ...{ partner: party.bright.partner, customerId: customerIdOf(keyIn(party, of)) },
    ...{ serviceId: serviceIdOf('store'), mode: 'consolidated', fromDay: '2026-04-15' },
    ...{ evidence: 'given', actor: 'test' },
  });
}

/** Budgets that last: each answer tells what is left of them. */
async function limit({ house }: World, { partner }: GivenPartner): Promise<void> {
  const limits = { 'calls-per-day': 100_000, 'records-per-month': 100_000 };
  await setBudget(house.tools, { partnerId: partner.id, limits, setBy: 'test' });
}

/** A refund that the partner never sees; what it takes back of a fee is the same in any case. */
function refundWhileAway(party: Party, { kind, more }: { kind: string; more: number }) {
  const [id, of, settled] = ['r-ret', 'ret', 'p-ret'].map((text) => keyIn(party, text)) as [string, string, string]; // prettier-ignore
  const refundedAt = `2026-05-1${String(more)}T10:00:00Z`;
  const [amount, tax] = [money(300 + more), money(more)];
  return refund(id, of, settled, { refundedAt, kind, amount, tax });
}

async function accrue({ program, house }: World, { bright }: Party): Promise<void> {
  await program.accrueFees(house.tools, { partnerId: bright.partner.id });
}

/** What happens in both worlds while the partner asks; each at most once in a pair. */
export const sharedActs = ['shown', 'accrued', 'left', 'refused', 'interrupted', 'joined'] as const;
export type SharedAct = (typeof sharedActs)[number] | 'beat';

export async function act(world: World, party: Party, what: SharedAct): Promise<void> {
  const { program, house } = world;
  const { partner } = party.bright;
  const name = (text: string) => keyIn(party, text);
  switch (what) {
    case 'shown':
      return take(world, [
        invoice(name('i3-ada'), name('ada'), { issuedOn: '2026-05-01' }),
        order(name('o3-ada'), name('ada'), { orderedOn: '2026-05-01' }),
      ]);
    case 'accrued':
      return accrue(world, party);
    case 'beat':
      await program.takeBeat(house.tools);
      return;
    case 'left':
      return book(world, 'opted-out', { partner, customer: name('cyd'), at: world.clock.now() });
    case 'refused':
      return refuse(world, { customer: name('ben') });
    case 'interrupted':
      for (const status of ['suspended', 'active'] as const) {
        await program.changePartnerStatus(house.tools, { partnerId: partner.id, status });
      }
      return;
    case 'joined':
      await take(world, [customer(name('dot')), payment(name('p-dot'), name('dot'))]);
      return relate(world, { partner, customer: name('dot') });
  }
}

const small = fc.nat(3);
const visible = fc.constantFrom('ada', 'ben', 'cyd');
const text = fc.constantFrom('', 'a', 'Director of everything', 'z'.repeat(90));

/** What the partner may not see. Each kind is applied to one of the two worlds only. */
export const hiddenChange = fc.oneof(
  fc.record({ is: fc.constant('stranger'), paid: fc.boolean(), more: small }),
  fc.record({ is: fc.constant('rival'), more: small, pulls: small }),
  fc.record({ is: fc.constant('rival-of-the-same'), of: visible, pulls: small }),
  fc.record({ is: fc.constant('rival-falls'), how: fc.constantFrom('suspended', 'retired') }),
  fc.record({ is: fc.constant('past'), of: visible, amount: small }),
  fc.record({ is: fc.constant('extras'), of: visible, text }),
  fc.record({ is: fc.constant('extras-twice'), of: visible, text }),
  fc.record({ is: fc.constant('unlisted'), of: visible, text }),
  fc.record({ is: fc.constant('barred-class'), of: visible, more: small }),
  fc.record({ is: fc.constant('other-service'), of: visible, amount: small }),
  fc.record({ is: fc.constant('uncovered-service'), of: visible }),
  fc.record({ is: fc.constant('unpaid'), more: small }),
  fc.record({
    is: fc.constant('opted-out'),
    of: fc.constantFrom('out', 'ref'),
    more: small,
    text,
  }),
  fc.record({ is: fc.constant('refusal-of-others'), isOfAll: fc.boolean() }),
  fc.record({ is: fc.constant('rejected'), of: visible }),
  {
    weight: 2,
    arbitrary: fc.record({
      is: fc.constant('behind-fees'),
      of: visible,
      kind: fc.constantFrom('refund', 'dispute'),
      more: small,
    }),
  },
  fc.record({
    is: fc.constant('look'),
    at: fc.constantFrom('log', 'fees', 'joint', 'person', 'preview', 'why', 'page'),
    of: visible,
  }),
  fc.record({ is: fc.constant('knocking'), times: small }),
);
export type HiddenChange = typeof hiddenChange extends fc.Arbitrary<infer Change> ? Change : never;

/** Applies one hidden change; `serial` tells the changes of a pair apart. */
export async function hide(
  world: World,
  party: Party,
  { change, serial }: { change: HiddenChange; serial: number },
): Promise<void> {
  const name = (key: string) => keyIn(party, key);
  const id = name(`h${String(serial)}`);
  const { partner } = party.bright;
  const isReferral = party.kind === 'referral';
  switch (change.is) {
    case 'stranger':
      await take(world, [customer(id), invoice(id, id), order(id, id)]);
      if (!change.paid) return;
      return take(world, [payment(id, id, { amount: money(change.more + 1) })]);
    case 'rival':
      return rival(world, party, { id, pulls: change.pulls, of: undefined });
    case 'rival-of-the-same':
      return rival(world, party, { id, pulls: change.pulls, of: name(change.of) });
    case 'rival-falls': {
      const { partner: fallen } = await givenPartner(world.house.tools, { key: `rival-${id}` });
      return world.program.changePartnerStatus(world.house.tools, {
        partnerId: fallen.id,
        status: change.how === 'retired' ? 'retired' : 'suspended',
      });
    }
    case 'past':
      return take(world, [
        invoice(id, name(change.of), { issuedOn: before, total: money(change.amount) }),
        payment(id, name(change.of), { settledAt: `${before}T00:00:00Z`, amount: money(change.amount) }), // prettier-ignore
        refund(id, name(change.of), id, { refundedAt: `${before}T01:00:00Z`, amount: money(change.amount) }), // prettier-ignore
        order(id, name(change.of), { orderedOn: before }),
      ]);
    case 'extras':
      return take(world, [extras(name(change.of), change.text, id)]);
    case 'extras-twice':
      await take(world, [extras(name(change.of), `${change.text}1`, id)]);
      return take(world, [extras(name(change.of), `${change.text}2`, undefined)]);
    case 'unlisted':
      return take(world, unlisted(party, change));
    case 'barred-class':
      return take(world, barredClass(party, { ...change, id }));
    case 'other-service':
      return take(world, [
        invoice(id, name(change.of), { service: 'archive' }),
        payment(id, name(change.of), { service: 'archive', amount: money(change.amount + 1) }),
        order(id, name(change.of), { service: 'archive' }),
      ]);
    case 'uncovered-service':
      if (!isFirst(party, `uncovered ${change.of}`)) return;
      await take(world, [
        invoice(id, name(change.of), { service: 'archive' }),
        payment(id, name(change.of), { service: 'archive' }),
        order(id, name(change.of), { service: 'archive' }),
      ]);
      return relateIfAllowed(world, { partner, customer: name(change.of), service: 'archive' });
    case 'unpaid':
      await take(world, [customer(id), invoice(id, id), order(id, id)]);
      return relate(world, { partner, customer: id });
    case 'opted-out':
      return take(world, [
        extras(name(change.of), change.text, id, {
          contact: { kind: 'person', name: change.text },
        }),
        invoice(id, name(change.of), { issuedOn: afterwards }),
        payment(id, name(change.of), { settledAt: `${afterwards}T00:00:00Z`, amount: money(change.more + 1) }), // prettier-ignore
        order(id, name(change.of), { orderedOn: afterwards }),
      ]);
    case 'refusal-of-others': {
      await take(world, [customer(id), payment(id, id)]);
      const { partner: other } = await givenPartner(world.house.tools, { key: `rival-${id}` });
      await relate(world, { partner: other, customer: id });
      return refuse(world, { customer: id, ...(!change.isOfAll && { partner: other }) });
    }
    case 'rejected': {
      const value = { id, customer: name(change.of), surplus: isReferral };
      const records = [{ type: 'invoice', value, file: 'given', line: 1 }];
      await world.program.takeRecords(world.house.tools, { records });
      return;
    }
    case 'behind-fees':
      return take(world, behindFees(party, change));
    case 'look':
      return look(world, party, { at: change.at, of: name(change.of), id });
    case 'knocking':
      for (let i = 0; i <= change.times; i += 1) {
        await world.ask({ method: 'GET', path: '/v1/customers', headers: {} });
      }
  }
}

/** E-mail address and additional details, which no clause of the terms lets out; or neither. */
function extras(
  of: string,
  text_: string,
  department: string | undefined,
  more: Record<string, unknown> = {},
) {
  const [type, { email: _email, additional: _additional, ...rest }] = customer(of);
  const shown = { ...rest, ...more };
  if (text_ === '') return [type, shown] as const;
  const email = { address: `${text_.slice(0, 20).replaceAll(' ', '.')}x@example.test` };
  const additional = { title: text_, ...(department !== undefined && { department }) };
  return [type, { ...shown, email, additional }] as const;
}

/** Fields that the partner's kind may have, but its view leaves out. */
function unlisted(party: Party, { of, text: note }: { of: string; text: string }) {
  const [i, p, o] = ['i', 'p', 'o'].map((prefix) => keyIn(party, `${prefix}-${of}`)) as [string, string, string]; // prettier-ignore
  const whose = keyIn(party, of);
  const tax = note.length;
  const method = note === '' ? 'card' : note.slice(0, 20);
  return [
    invoice(i, whose, { number: `N${note}`, tax: money(tax), billTo: { name: note } }),
    order(o, whose, { freight: money(tax), shipper: note }),
    paid(p, whose, { method }),
  ];
}

/** What fees are computed from and the partner does not see, such that they come out the same. */
function behindFees(party: Party, change: { of: string; kind: string; more: number }) {
  const name = (text: string) => keyIn(party, text);
  const isHiddenFrom = (sight: Sight) => party.kind === 'integration' || party.sight === sight;
  const [p, whose] = [name(`p-${change.of}`), name(change.of)];
  return [
    refundWhileAway(party, change),
    ...(isHiddenFrom('no-days') ? [paid(p, whose, { settledAt: settledInFebruary })] : []),
    ...(isHiddenFrom('no-kinds')
      ? [refund(name('r-ben'), name('ben'), name('p-ben'), { kind: 'dispute' })]
      : []),
  ];
}

/** Records of a class that the partner's kind or agreement does not have. */
function barredClass(party: Party, { of, more, id }: { of: string; more: number; id: string }) {
  const whose = keyIn(party, of);
  if (party.kind === 'referral') return [order(id, whose, { freight: money(more) })];
  return [
    customer(whose, {
      billing: { name: `B${String(more)}` },
      account: { number: id, plan: 'pro' },
    }),
    invoice(id, whose, { total: money(more) }),
    payment(id, whose, { amount: money(more) }),
    refund(id, whose, id, { amount: money(more) }),
  ];
}

/** Another partner with a customer of its own or with one of both, and its traffic. */
async function rival(
  world: World,
  party: Party,
  { id, pulls, of }: { id: string; pulls: number; of: string | undefined },
): Promise<void> {
  const { tools } = world.house;
  // Two partners of one kind cannot both have brought a customer.
  const isReferral = (of === undefined) === (party.kind === 'referral');
  if (of !== undefined && !isFirst(party, `rival of ${of}`)) return;
  const other = isReferral
    ? await givenPartner(tools, { key: `rival-${id}`, view: referralView('whole') })
    : await givenPartner(tools, {
        key: `rival-${id}`,
        kind: 'integration',
        view: integrationView,
        classes: ['contact', 'account', 'business'],
        purposes: ['identity', 'integration'],
      });
  await limit(world, other);
  if (of === undefined) {
    await take(world, [
      customer(id),
      ...[id, `${id}-2`].flatMap((key) => [invoice(key, id), payment(key, id), order(key, id)]),
    ]);
  }
  await relateIfAllowed(world, { partner: other.partner, customer: of ?? id });
  await world.program.accrueFees(tools, { partnerId: other.partner.id });
  const head = await tools.db('log_heads').first<{ log_id: string }>('log_id').where('recipient_id', other.partner.id); // prettier-ignore
  party.foreign.logs.push(head.log_id);
  if (pulls === 0) return;
  const token = await tokenOf(world, other);
  for (let i = 0; i < pulls; i += 1) {
    for (const path of ['/v1/customers', '/v1/invoices?limit=1', '/v1/disclosures']) {
      const { headers } = await world.ask({
        method: 'GET',
        path,
        headers: { Authorization: `Bearer ${token}` },
      });
      const disclosure = /^Disclosure-Id: (.+)$/m.exec(headers)?.[1];
      if (disclosure !== undefined) party.foreign.disclosures.push(disclosure);
    }
  }
}

function isFirst({ foreign: { done } }: Party, what: string): boolean {
  if (done.has(what)) return false;
  done.add(what);
  return true;
}

/** What the operator's staff look at. */
async function look(
  world: World,
  party: Party,
  { at, of, id }: { at: string; of: string; id: string },
): Promise<void> {
  const { program, house } = world;
  const { tools } = house;
  const { partner } = party.bright;
  switch (at) {
    case 'log':
      await program.verifyLog(tools);
      return;
    case 'fees':
      await program.previewFees(tools, { partnerId: partner.id });
      return;
    case 'joint':
      await program.checkJoint(tools);
      return;
    case 'preview':
      await program.previewView(tools, { partner, customerId: customerIdOf(of) });
      return;
    case 'why':
      for (const field of ['invoice.total.amount', 'customer.email.address']) {
        await program.explainSharing(tools, { partner, customer: of, field });
      }
      return;
    case 'page':
      return lookAtPage(world, party);
  }
  const { key } = await addStaff(tools, { name: `Person ${id}`, roles: ['privacy'] });
  for (const path of ['/operator/v1/me', '/operator/v1/proposals']) {
    await world.ask({ method: 'GET', path, headers: { Authorization: `Bearer ${key}` } });
  }
}

/** Makes a page of records that the partner was given again, where there is one yet. */
async function lookAtPage({ program, house }: World, { bright }: Party): Promise<void> {
  const recipientId = bright.partner.id;
  const { disclosures } = await listDisclosures(house.tools, { recipientId, limit: 100 });
  const page = disclosures.findLast(({ entry }) => !entry.includes('"recordType":"fee-'));
  if (page) await program.remakeDisclosure(house.tools, { id: page.id });
}
