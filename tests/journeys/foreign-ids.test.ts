import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Express } from 'express';
import request from 'supertest';
import { declineOffer, offerAgreement } from '../../src/agreements/index.ts';
import { accrueFees } from '../../src/fees/index.ts';
import { createGateway, partnerApi } from '../../src/gateway.ts';
import { changeRelationship } from '../../src/intake/index.ts';
import { pairwiseOf } from '../../src/joint/index.ts';
import { operatorEndpoints } from '../../src/operator/index.ts';
import { customerIdOf, recordIdOf, serviceIdOf } from '../../src/records/index.ts';
import { publishView } from '../../src/views/index.ts';
import { givenPerson, givenProposal } from '../people/given-people.ts';
import { answerOf, type Sent } from '../support/answers.ts';
import {
  customer,
  givenPartner,
  givenRecords,
  givenRelationship,
  givenToken,
  invoice,
  money,
  payment,
  refund,
  service,
  type GivenPartner,
} from '../support/given.ts';
import { openHouse, type House } from '../support/house.ts';
import { assertionOf, makeKeyPair } from '../tokens/signing.ts';

/**
 * What belongs to another, or is out of a partner's reach, is answered like what never was: byte for
 * byte, in every place of the API where an id or a name can be put. The places are read from the
 * tables of endpoints and from Express; one that no row of the matrix covers fails by its name.
 */

const recordTypesDir = fileURLToPath(new URL('../../examples/northwind/records', import.meta.url));
const names = ['bright', 'rival', 'linked'] as const;
type Name = (typeof names)[number];

let house: House;
let gateway: Express;
const partners = new Map<Name, GivenPartner>();
const tokens = new Map<Name, string>();
const disclosed = new Map<Name, string>();
const claimed = new Map<Name, string>();
let proposal: string;

/** Customers by what makes them foreign to somebody; records have the names of their customers. */
const customers = ['both', 'split', 'bright', 'bright-2', 'rival', 'rival-2', 'linked', 'unpaid', 'out', 'nobody']; // prettier-ignore

beforeAll(async () => {
  house = await openHouse({ settings: { recordTypesDir } });
  const { tools } = house;
  gateway = createGateway(tools);
  for (const key of names) {
    const isLinked = key === 'linked';
    const given = await givenPartner(tools, {
      key,
      kind: isLinked ? 'integration' : 'referral',
      classes: ['contact', 'account', 'financial', 'billing', ...(isLinked ? (['business'] as const) : [])], // prettier-ignore
      purposes: ['identity', 'billing', 'fees', ...(isLinked ? (['integration'] as const) : [])],
      view: null,
    });
    partners.set(key, given);
    await publishView(tools, { partner: given.partner, draft: viewOf(key) });
    tokens.set(key, await givenToken(gateway, given));
  }
  await givenRecords(tools, [
    service(),
    service('archive'),
    ...customers.map((id) => customer(id)),
    ...customers.flatMap((id) => [
      invoice(id, id),
      invoice(`${id}-late`, id, { issuedOn: '2026-07-01' }),
      invoice(`${id}-early`, id, { issuedOn: '2025-03-01' }),
      invoice(`${id}-archive`, id, { service: 'archive' }),
      order(id),
    ]),
    ...customers
      .filter((id) => id !== 'unpaid')
      .flatMap((id) => [
        payment(id, id),
        payment(`${id}-late`, id, { settledAt: '2026-07-01T00:00:00Z', amount: money(900, id.startsWith('rival') ? 'USD' : 'EUR') }), // prettier-ignore
        payment(`${id}-early`, id, { settledAt: '2025-03-01T00:00:00Z' }),
        payment(`${id}-archive`, id, { service: 'archive' }),
        refund(id, id, id),
      ]),
  ]);
  await relate('bright', ['both', 'split', 'bright', 'bright-2', 'unpaid', 'out']);
  await relate('rival', ['rival', 'rival-2']);
  await relate('rival', ['split'], 'archive');
  await relate('linked', ['both', 'rival', 'linked']);
  await changeRelationship(tools, {
    partner: partnerOf('bright'),
    customerId: customerIdOf('out'),
    serviceId: serviceIdOf('store'),
    event: 'opted-out',
    at: new Date('2026-06-01T00:00:00Z'),
    evidence: 'asked',
    actor: 'test',
  });
  await givenRecords(tools, [
    payment('april', 'bright-2', { settledAt: '2026-04-02T00:00:00Z' }),
    payment('may', 'rival-2', { settledAt: '2026-05-02T00:00:00Z', amount: money(800, 'USD') }),
  ]);
  await accrueFees(tools, {});
  for (const [who, more] of [
    ['rival', 1],
    ['linked', 2],
  ] as const) {
    for (let n = 0; n < more; n += 1)
      await publishView(tools, { partner: partnerOf(who), draft: viewOf(who) });
  }
  for (let n = 0; n < 2; n += 1) {
    const terms = { direction: 'payable', classes: ['billing'], purposes: ['billing'], services: 'all', timeZone: 'UTC', termsClauses: {} }; // prettier-ignore
    const { number } = await offerAgreement(tools, { partnerId: partnerOf('rival').id, validFrom: '2031-01-01', terms, by: 'Ada' }); // prettier-ignore
    if (number === 1) await declineOffer(tools, { partnerId: partnerOf('rival').id, number, by: 'Ray' }); // prettier-ignore
  }
  for (const who of names) claimed.set(who, await idClaimed(who));
  proposal = await givenProposal(tools, (await givenPerson(tools)).id);
  for (const who of names) {
    for (const path of ['/v1/customers', '/v1/invoices', '/v1/fees/accruals'])
      disclosed.set(who, await idDisclosed(who, path));
  }
}, 60_000);
afterAll(() => house.close());

function viewOf(who: Name) {
  const customer = { properties: { contact: true, account: true, billing: true } };
  const invoice = { properties: { customer: true, number: true, issuedOn: true, total: true } };
  const properties =
    who === 'linked'
      ? { customer, invoice, payment: true, order: true }
      : { customer, invoice: true, payment: true, refund: true };
  return { type: 'object', properties };
}

async function idDisclosed(who: Name, path: string): Promise<string> {
  const { headers } = await get(who, path);
  return String(headers['disclosure-id']);
}

async function idClaimed(who: Name): Promise<string> {
  const lines = ['R-1', 'R-2', 'R-3'].map((customer) => ({ customer, amount: 100 }));
  const { body } = await request(gateway).post('/v1/fees/claims?period=2026-03&currency=EUR').auth(tokens.get(who) ?? '', { type: 'bearer' }).send({ lines }); // prettier-ignore
  return (body as { id: string }).id;
}

const get = (who: Name, path: string) =>
  request(gateway)
    .get(path)
    .auth(tokens.get(who) ?? '', { type: 'bearer' });

const order = (id: string) =>
  ['order', { id, customer: id, service: 'store', orderedOn: '2026-03-01', lines: [] }] as const;

async function relate(who: Name, keys: readonly string[], serviceKey = 'store') {
  for (const key of keys) await givenRelationship(house.tools, partnerOf(who), key, { serviceKey });
}

const givenOf = (who: Name): GivenPartner => {
  const given = partners.get(who);
  if (!given) throw new Error(`no partner ${who}`);
  return given;
};
const partnerOf = (who: Name) => givenOf(who).partner;
const others = (who: Name) => names.filter((name) => name !== who);
const pairwise = (who: Name) => pairwiseOf(house.tools.settings.keys.pairwise, partnerOf(who).id);

const idOf = (who: Name, type: string, key: string) =>
  pairwise(who).idOf(type, recordIdOf(type, key));
const neverWas = (who: Name, type: string) => idOf(who, type, 'never-was');

/** Keys of customers that a partner sees nothing of, and of some that it does. */
const hiddenFrom: Readonly<Record<Name, readonly string[]>> = {
  bright: ['rival', 'rival-2', 'linked', 'unpaid', 'nobody'],
  rival: ['both', 'bright', 'bright-2', 'linked', 'unpaid', 'out', 'nobody'],
  linked: ['split', 'bright', 'bright-2', 'rival-2', 'unpaid', 'out', 'nobody'],
};
const seenBy: Readonly<Record<Name, string>> = { bright: 'both', rival: 'rival', linked: 'linked' };

const typesShown = (who: Name) => ['customer', 'invoice', 'payment', who === 'linked' ? 'order' : 'refund']; // prettier-ignore
const typesHidden = (who: Name) => [who === 'linked' ? 'refund' : 'order', 'service', 'person'];

/** Ids of a type that are foreign to a partner, each with what makes it so. */
function foreignIds(who: Name, type: string): [kind: string, id: string][] {
  const dated = ['invoice', 'payment'].includes(type);
  const keys = [
    ...hiddenFrom[who],
    ...(dated ? customers.flatMap((key) => [`${key}-early`]) : []),
    ...(dated ? customers.filter((key) => !(who === 'rival' && key === 'split')).map((key) => `${key}-archive`) : []), // prettier-ignore
    ...(dated && who === 'bright' ? ['out-late'] : []),
    ...(who === 'rival' && type !== 'customer' ? ['split'] : []),
  ];
  return [
    ...keys.map((key): [string, string] => [`own id of ${type} ${key}`, idOf(who, type, key)]),
    ...others(who).flatMap(
      (other) =>
      ['both', 'split', 'bright', 'rival', 'linked'].map((key): [string, string] => [`${other}'s id of ${type} ${key}`, idOf(other, type, key)]), // prettier-ignore
    ),
  ];
}

/** Two requests that must be answered alike, and what the foreign one is. */
type Pair = readonly [kind: string, foreign: Sent, missing: Sent];
interface Row {
  readonly pairs: readonly Pair[];
  /** The partner's own in the same place: it is answered, and otherwise. */
  readonly own?: Sent | undefined;
}
type RowFor = (who: Name) => Row | Promise<Row>;

const at = (path: string): Sent => ({ path });

/** Values put into a place: foreign ones, one that never was, and the partner's own. */
function row(
  put: (value: string) => Sent,
  values: { foreign: readonly (readonly [string, string])[]; missing: string; own?: string },
): Row {
  const pairs = values.foreign.map(([kind, value]): Pair => [
    kind,
    put(value),
    put(values.missing),
  ]);
  return { pairs, own: values.own === undefined ? undefined : put(values.own) };
}

const recordRow =
  (path: string, type: string): RowFor =>
  (who) =>
    row((id) => at(`${path}/${id}`), {
      foreign: foreignIds(who, type),
      missing: neverWas(who, type),
      ...(typesShown(who).includes(type) && { own: idOf(who, type, seenBy[who]) }),
    });

const customerRow =
  (path: string, type: string): RowFor =>
  (who) =>
    row((id) => at(`${path}?customer=${id}`), {
      foreign: foreignIds(who, 'customer'),
      missing: neverWas(who, 'customer'),
      ...(typesShown(who).includes(type) && { own: idOf(who, 'customer', seenBy[who]) }),
    });

const shownFields: Readonly<Record<string, string>> = {
  customer: 'contact',
  invoice: 'total',
  payment: 'amount',
  refund: 'amount',
};

/** Fields that the catalogue has and the view does not show, beside one that nobody has. */
const fieldsRow =
  (pathOf: (who: Name) => string, type: string): RowFor =>
  (who) =>
    row((fields) => at(`${pathOf(who)}?fields=${fields}`), {
      foreign: ['email', 'email.address', 'additional.title', 'financial.card.brand', 'taxes', 'dueOn,email'].map((name) => [name, name]), // prettier-ignore
      missing: 'nonsense',
      ...(typesShown(who).includes(type) && { own: shownFields[type] ?? '' }),
    });

const neverSealed = Buffer.alloc(44, 7).toString('base64url');

/** Cursors of other partners for the same list, and the partner's own ones for other lists. */
const cursorRow =
  (path: string): RowFor =>
  async (who) => {
    const nextOf = async (one: Name, list: string) => {
      const { body } = await get(one, `${list}${list.includes('?') ? '&' : '?'}limit=1`);
      const { next } = body as { next?: string | null };
      return typeof next === 'string' ? next : undefined;
    };
    const foreign: [string, string][] = [];
    for (const one of names) {
      for (const list of [
        path,
        '/v1/customers',
        '/v1/invoices',
        '/v1/invoices?from=2020-01-01',
        '/v1/fees/accruals',
      ]) {
        // prettier-ignore
        const next = one === who && list === path ? undefined : await nextOf(one, list);
        if (next !== undefined && !(one === who && sameList(list, path))) foreign.push([`${one}'s of ${list}`, next]); // prettier-ignore
      }
    }
    const own = await nextOf(who, path);
    return row((cursor) => at(`${path}?limit=1&cursor=${cursor}`), {
      foreign,
      missing: neverSealed,
      ...(own !== undefined && { own }),
    });
  };

const sameList = (one: string, other: string) =>
  one.replace('s', '') === other.replace('records/', '').replace('s', '');

const viewRow =
  (path: string): RowFor =>
  (who) =>
    row((version) => ({ path, headers: { 'sluice-view': version } }), {
      foreign: ['1', '2', '3'].filter((one) => one !== viewNow[who]).map((one) => [`version ${one}`, one]), // prettier-ignore
      missing: '99',
      own: viewNow[who],
    });
const viewNow = { bright: '1', rival: '2', linked: '3' };

const disclosureRow =
  (put: (id: string) => string): RowFor =>
  (who) =>
    row((id) => at(put(id)), {
      foreign: others(who).map((other) => [`${other}'s`, disclosed.get(other) ?? '']),
      missing: `dis_${Buffer.alloc(16, 7).toString('base64url')}`,
      own: disclosed.get(who) ?? '',
    });

const logIdOf = async (who: Name) => {
  const [head] = await house.admin('log_heads').where('recipient_id', partnerOf(who).id);
  return (head as { log_id: string }).log_id;
};

const logRow =
  (put: (id: string) => string): RowFor =>
  async (who) => {
    const foreign = await Promise.all(others(who).map(async (one) => [`${one}'s`, await logIdOf(one)] as const)); // prettier-ignore
    const own = await logIdOf(who);
    const missing = own.replaceAll(/[a-z0-9]/gi, 'a');
    return row((id) => at(put(id)), { foreign, missing, own });
  };

/** Months in which only another partner earned. */
const monthsOf = { bright: '2026-04', rival: '2026-05' } as const;
const foreignMonths = (who: Name) =>
  (['bright', 'rival'] as const).filter((one) => one !== who).map((one) => monthsOf[one]);

const statementRow: RowFor = (who) =>
  row((id) => at(`/v1/fees/statements/${id}`), {
    foreign: foreignMonths(who).flatMap((month) =>
      ['EUR', 'USD'].map((one): [string, string] => [month, `${month}.${one}`]),
    ),
    missing: '2031-01.EUR',
    ...(who !== 'linked' && { own: who === 'bright' ? '2026-04.EUR' : '2026-05.USD' }),
  });

const claimPath = (who: Name) => `/v1/fees/claims/${claimed.get(who) ?? ''}`;
const claimRow =
  (more: string): RowFor =>
  (who) =>
    row((id) => at(`/v1/fees/claims/${id}${more}`), {
      foreign: others(who).map((other) => [`${other}'s claim`, claimed.get(other) ?? '']),
      missing: idOf(who, 'claim', 'never-was'),
      own: claimed.get(who) ?? '',
    });

const monthRow: RowFor = (who) =>
  row((month) => at(`/v1/fees/accruals?month=${month}`), {
    foreign: foreignMonths(who).map((month) => [month, month]),
    missing: '2031-01',
    ...(who !== 'linked' && { own: monthsOf[who] }),
  });

const typeRow =
  (more: (who: Name, type: string) => string): RowFor =>
  (who) =>
    row((type) => at(`/v1/records/${type}${more(who, type)}`), {
      foreign: typesHidden(who).map((type) => [type, type]),
      missing: 'ordeal',
      own: 'customer',
    });

const basic = (user: string, secret: string) =>
  `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`;

const tokenRow =
  (path: string): RowFor =>
  (who) => {
    const { clientId, secret } = givenOf(who);
    const headers = { authorization: basic(clientId, secret) };
    return row((token) => ({ path, method: 'post', headers, form: { token } }), {
      foreign: others(who).map((other) => [`${other}'s token`, tokens.get(other) ?? '']),
      missing: (tokens.get(who) ?? '').replace(/.{20}$/, 'A'.repeat(20)),
    });
  };

const clientRow =
  (path: string, form: Record<string, string>): RowFor =>
  (who) => {
    const { clientId, secret } = givenOf(who);
    const put = (id: string): Sent => ({ path, method: 'post', headers: { authorization: basic(id, secret) }, form }); // prettier-ignore
    return row(put, {
      foreign: others(who).map((other) => [`${other}'s client`, givenOf(other).clientId]),
      missing: clientId.replaceAll(/(?<=_.*)[A-Za-z0-9]/g, 'A'),
      own: clientId,
    });
  };

/** A client named in the form beside its own proof. */
const namedClientRow =
  (path: string, form: Record<string, string>): RowFor =>
  (who) => {
    const { clientId, secret } = givenOf(who);
    const headers = { authorization: basic(clientId, secret) };
    const put = (id: string): Sent => ({ path, method: 'post', headers, form: { ...form, client_id: id } }); // prettier-ignore
    return row(put, {
      foreign: others(who).map((other) => [`${other}'s client`, givenOf(other).clientId]),
      missing: clientId.replaceAll(/(?<=_.*)[A-Za-z0-9]/g, 'A'),
      own: clientId,
    });
  };

/** An assertion about a client that somebody else signed. */
const assertionRow =
  (path: string, form: Record<string, string>): RowFor =>
  async (who) => {
    const pair = await makeKeyPair('ES256');
    const { origin: issuer } = house.tools.settings;
    const about = (clientId: string) =>
      assertionOf({ clientId, pair }, { issuer, now: house.tools.clock.now() });
    const type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
    const put = (assertion: string): Sent => ({
      ...{ path, method: 'post' },
      form: { ...form, client_assertion_type: type, client_assertion: assertion },
    });
    const foreign = others(who).map(
      async (other) => [`${other}'s client`, await about(givenOf(other).clientId)] as const,
    );
    return row(put, {
      foreign: await Promise.all(foreign),
      missing: await about(givenOf(who).clientId.replaceAll(/(?<=_.*)[A-Za-z0-9]/g, 'A')),
    });
  };

const proposalRow =
  (verb: string, method: 'get' | 'post'): RowFor =>
  () =>
    row((id) => ({ path: `/operator/v1/proposals/${id}${verb}`, method }), {
      foreign: [['a proposal', proposal]],
      missing: '00000000-0000-4000-8000-000000000000',
    });

/** The operator's own names, which a partner cannot find out by asking. */
const operatorRow =
  (
    path: (id: string) => string,
    method: 'get' | 'post' | 'put',
    [what, name, missing]: [string, string, string],
  ): RowFor =>
  () =>
    row((id) => ({ path: `/operator/v1/${path(id)}`, method }), {
      foreign: [[what, name]],
      missing,
    });
const policyVersion: [string, string, string] = ['a version', '2026-1', '2099-9'];
const partnerKey: [string, string, string] = ['a partner', 'rival', 'nobody'];

const settlementRows = (verb: string, method: 'get' | 'post'): Record<string, RowFor> => {
  const route = `/operator/v1/partners/:partner/statements/:id${verb}`;
  const statement = (partner: string, id: string) => `partners/${partner}/statements/${id}${verb}`;
  const about: [string, string, string] = ['a statement', '2026-04.EUR', '2031-01.EUR'];
  return {
    [`${route} :partner`]: operatorRow((id) => statement(id, '2026-04.EUR'), method, partnerKey),
    [`${route} :id`]: operatorRow((id) => statement('rival', id), method, about),
  };
};

const deskRows = (verb: string, method: 'get' | 'post'): Record<string, RowFor> => {
  const route = `/operator/v1/partners/:partner/claims/:id${verb}`;
  const claim = (partner: string, id: string) => `partners/${partner}/claims/${id}${verb}`;
  const never = () => idOf('rival', 'claim', 'never-was');
  return {
    [`${route} :partner`]: operatorRow((id) => claim(id, never()), method, partnerKey),
    [`${route} :id`]: () => operatorRow((id) => claim('rival', id), method, ['a claim', claimed.get('rival') ?? '', never()])('rival'), // prettier-ignore
  };
};

/** What the operator's own systems and its finance name, on the way from a link to a payout. */
const deskNames: Readonly<Record<string, ['get' | 'post' | 'put', [string, string, string]]>> = {
  'promotions/:code/end': ['post', ['a code', 'spring', 'nothing']],
  'attributions/:id': ['get', ['an attribution', '01a20000-0000-7000-8000-000000000001', 'x']],
  'attributions/:id/proposals': ['post', ['an attribution', '01a20000-0000-7000-8000-000000000001', 'x']], // prettier-ignore
  'records/:type': ['post', ['a type', 'invoice', 'ordeal']],
  'payment-events/:id': ['get', ['an event', 'evt_1', 'evt_never']],
  'bills/:invoice': ['get', ['an invoice', 'both', 'never-was']],
  'bills/:invoice/return': ['post', ['an invoice', 'both', 'never-was']],
  'partners/:partner/payees': ['post', partnerKey],
  ...Object.fromEntries(
    (['', '/csv', '/pain.001', '/payment', '/release'] as const).map((part) => [
      `payouts/:number${part}`,
      [['/payment', '/release'].includes(part) ? 'post' : 'get', ['a payout', '1', '999']],
    ]),
  ),
};
const deskNameRows = Object.fromEntries(
  Object.entries(deskNames).map(([path, [method, names]]): [string, RowFor] => {
    const [name = ''] = /:[a-z]+/.exec(path) ?? [];
    const row = operatorRow((id) => path.replace(name, id), method, names);
    return [`/operator/v1/${path} ${name}`, row];
  }),
);

const lists = {
  customers: 'customer',
  invoices: 'invoice',
  payments: 'payment',
  refunds: 'refund',
};

/** What a partner says of something that is named in a path. */
function saidRow(
  pathOf: (id: string) => string,
  missing: string,
  foreign: readonly [string, string][] = [],
): RowFor {
  return () =>
    row((id) => ({ path: pathOf(id), method: 'post', json: { by: 'Bo Bright' } }), {
      foreign: [['of nobody', '1999-1'], ...foreign],
      missing,
    });
}
/** Only the rival was offered anything: it has decided on the first of its two. */
const offerRow = (act: string): RowFor => (who) =>
  saidRow((id) => `/v1/agreements/offers/${id}/${act}`, '99', who === 'rival' ? [] : [['a decided one', '1'], ['an open one', '2']])(who); // prettier-ignore

/** Every place where a partner can put an id or a name, and what is put there. */
const matrix: Readonly<Record<string, RowFor>> = {
  ...Object.fromEntries(
    [
      ...Object.entries(lists).map(([list, type]) => [`/v1/${list}`, `/v1/${list}`, type] as const),
      ['/v1/records/:type', '/v1/records/invoice', 'invoice'] as const,
    ].flatMap(([route, path, type]): [string, RowFor][] => [
      [`${route} ?cursor`, cursorRow(path)],
      [`${route} ?customer`, customerRow(path, type)],
      [`${route} ?fields`, fieldsRow(() => path, type)],
      [`${route} sluice-view:`, viewRow(path === '/v1/refunds' ? '/v1/customers' : path)],
      [`${route}/:id :id`, recordRow(path, type)],
      [`${route}/:id ?fields`, fieldsRow((who) => `${path}/${idOf(who, type, seenBy[who])}`, type)],
      [`${route}/:id sluice-view:`, viewRow('/v1/payments')],
    ]),
  ),
  '/v1/records/:type :type': typeRow(() => ''),
  '/v1/records/:type/:id :type': typeRow((who, type) => `/${idOf(who, type === 'ordeal' ? 'order' : type, seenBy[who])}`), // prettier-ignore
  '/v1/me sluice-view:': viewRow('/v1/me'),
  '/v1/schema sluice-view:': viewRow('/v1/schema'),
  '/v1/openapi.json sluice-view:': viewRow('/v1/openapi.json'),
  '/v1/fees/accruals ?month': monthRow,
  '/v1/bill-ready ?cursor': cursorRow('/v1/bill-ready'),
  '/v1/bill-ready sluice-view:': viewRow('/v1/bill-ready'),
  '/v1/collections ?cursor': cursorRow('/v1/collections'),
  '/v1/fees/accruals ?cursor': cursorRow('/v1/fees/accruals'),
  '/v1/fees/accruals sluice-view:': viewRow('/v1/fees/accruals'),
  '/v1/fees/statements ?cursor': cursorRow('/v1/fees/statements'),
  '/v1/fees/statements sluice-view:': viewRow('/v1/fees/statements'),
  '/v1/fees/statements/:id :id': statementRow,
  '/v1/fees/statements/:id ?cursor': cursorRow('/v1/fees/statements/2026-03.EUR'),
  '/v1/fees/statements/:id sluice-view:': viewRow('/v1/fees/statements/2026-03.EUR'),
  '/v1/fees/claims/:id :id': claimRow(''),
  '/v1/fees/claims/:id sluice-view:': (who) => viewRow(claimPath(who))(who),
  '/v1/fees/claims/:id/lines :id': claimRow('/lines'),
  '/v1/fees/claims/:id/lines ?cursor': (who) => cursorRow(`${claimPath(who)}/lines`)(who),
  '/v1/fees/claims/:id/lines sluice-view:': (who) => viewRow(`${claimPath(who)}/lines`)(who),
  '/v1/disclosures ?cursor': disclosureRow((id) => `/v1/disclosures?cursor=${id}`),
  '/v1/disclosures/:id :id': disclosureRow((id) => `/v1/disclosures/${id}`),
  '/v1/disclosures/:id/proof :id': disclosureRow((id) => `/v1/disclosures/${id}/proof`),
  '/log/:log/checkpoint :log': logRow((id) => `/log/${id}/checkpoint`),
  '/log/:log/tile/:level/*place :log': logRow((id) => `/log/${id}/tile/entries/000.p/1`),
  '/v1/terms/:version/acceptance :version': saidRow((id) => `/v1/terms/${id}/acceptance`, '2031-1'),
  '/v1/agreements/offers/:number/acceptance :number': offerRow('acceptance'),
  '/v1/agreements/offers/:number/decline :number': offerRow('decline'),
  '/oauth/token client': clientRow('/oauth/token', { grant_type: 'client_credentials' }),
  '/oauth/introspect client': clientRow('/oauth/introspect', { token: 'x' }),
  '/oauth/revoke client': clientRow('/oauth/revoke', { token: 'x' }),
  '/oauth/token client_id': namedClientRow('/oauth/token', { grant_type: 'client_credentials' }),
  '/oauth/introspect client_id': namedClientRow('/oauth/introspect', { token: 'x' }),
  '/oauth/revoke client_id': namedClientRow('/oauth/revoke', { token: 'x' }),
  '/oauth/token client_assertion': assertionRow('/oauth/token', { grant_type: 'client_credentials' }), // prettier-ignore
  '/oauth/introspect client_assertion': assertionRow('/oauth/introspect', { token: 'x' }),
  '/oauth/revoke client_assertion': assertionRow('/oauth/revoke', { token: 'x' }),
  '/oauth/introspect token': tokenRow('/oauth/introspect'),
  '/oauth/revoke token': tokenRow('/oauth/revoke'),
  '/operator/v1/proposals/:id :id': proposalRow('', 'get'),
  '/operator/v1/proposals/:id/approve :id': proposalRow('/approve', 'post'),
  '/operator/v1/proposals/:id/reject :id': proposalRow('/reject', 'post'),
  '/operator/v1/proposals/:id/withdraw :id': proposalRow('/withdraw', 'post'),
  '/operator/v1/policy/versions/:version/activate :version': operatorRow(
    (id) => `policy/versions/${id}/activate`,
    'post',
    policyVersion,
  ),
  '/operator/v1/partners/:partner/views :partner': operatorRow(
    (id) => `partners/${id}/views`,
    'get',
    partnerKey,
  ),
  '/operator/v1/partners/:partner/views/check :partner': operatorRow(
    (id) => `partners/${id}/views/check`,
    'post',
    partnerKey,
  ),
  '/operator/v1/partners/:partner/views/diff :partner': operatorRow(
    (id) => `partners/${id}/views/diff`,
    'post',
    partnerKey,
  ),
  ...deskNameRows,
  '/operator/v1/records/:type/:id :type': operatorRow((id) => `records/${id}/i-1`, 'put', ['a type', 'invoice', 'ordeal']), // prettier-ignore
  '/operator/v1/records/:type/:id :id': operatorRow((id) => `records/invoice/${id}`, 'put', ['a record', 'i-ada', 'never-was']), // prettier-ignore
  ...settlementRows('', 'get'),
  ...settlementRows('/approve', 'post'),
  ...settlementRows('/payment', 'post'),
  '/operator/v1/partners/:partner/claims :partner': operatorRow(
    (id) => `partners/${id}/claims`,
    'post',
    partnerKey,
  ),
  ...deskRows('', 'get'),
  ...deskRows('/report', 'get'),
  ...deskRows('/dispute', 'post'),
  ...deskRows('/accept-ours', 'post'),
  ...deskRows('/accept-theirs', 'post'),
  '/operator/v1/customers/:customer/disclosures :customer': operatorRow(
    (id) => `customers/${id}/disclosures`,
    'get',
    ['a customer', 'ada', 'nobody'],
  ),
};

/** Numbers within one log, which every log has alike. */
const placesInLog = [':level', ':renewal'];

/** Parameters that name nothing of anybody's, and words that the metadata lists in public. */
const namesNothing = [
  ...['limit', 'from', 'to', 'period', 'currency', 'grant_type', 'scope', 'purpose', 'resource'],
  'client_assertion_type',
];

interface Place {
  readonly route: string;
  readonly name: string;
  readonly streams: boolean;
}

function places(): Place[] {
  const { tables, oauth } = partnerApi(house.tools);
  const staff = { base: '/operator/v1', lines: operatorEndpoints(house.tools) };
  const ofLines = [...tables, staff].flatMap(({ base, lines }) =>
    lines.flatMap((line) => {
      const inPath = namesOf(line.path);
      // Whom the operator's own parameters would name, no partner is told: only paths are asked.
      const named = base === staff.base ? [] : [
        ...Object.keys(line.query ?? {}).filter((name) => !namesNothing.includes(name)).map((name) => `?${name}`),
        ...Object.keys(line.headers ?? {}).map((name) => `${name}:`),
      ]; // prettier-ignore
      const streams = line.streams !== undefined;
      return [...inPath, ...named].map((name) => ({ route: base + line.path, name, streams }));
    }),
  );
  const ofForms = oauth.flatMap(({ path, form }) => {
    const fields = Object.keys((form as { properties: object }).properties);
    return ['client', ...fields.filter((name) => !namesNothing.includes(name))].map((name) => ({
      route: path,
      name,
      streams: false,
    }));
  });
  return [...ofLines, ...ofForms];
}

/** What a path asks for by name, but the places within a log. */
function namesOf(path: string): string[] {
  return [...path.matchAll(/:[A-Za-z]+/g)].map(([name]) => name).filter((name) => !placesInLog.includes(name)); // prettier-ignore
}

/** Express's own list of routes. */
function routesOf(stack: readonly unknown[]): string[] {
  return stack.flatMap((layer) => {
    const { route, handle } = layer as {
      route?: { path: string };
      handle: { stack?: readonly unknown[] };
    };
    if (route) return [route.path];
    return handle.stack ? routesOf(handle.stack) : [];
  });
}

test('the matrix has a row for every place of every route, and no row without a place', () => {
  const known = places().map(({ route, name }) => `${route} ${name}`);
  expect(known.filter((place) => !Object.hasOwn(matrix, place))).toEqual([]);
  expect(Object.keys(matrix).filter((place) => !known.includes(place))).toEqual([]);
  const { stack } = (gateway as unknown as { router: { stack: unknown[] } }).router;
  // A link's code is the visitor's: no partner asks for it with its token.
  const withId = [...new Set(routesOf(stack))].filter(
    (path) => namesOf(path).length > 0 && path !== '/r/:code',
  );
  expect(withId.length).toBeGreaterThan(10);
  const routes = places().map(({ route }) => route);
  expect(withId.filter((path) => !routes.some((route) => route.endsWith(path)))).toEqual([]);
});

test.each(names)(
  'promise P09: in every place, what is foreign to %s is answered like what never was',
  async (who) => {
    const token = tokens.get(who) ?? '';
    let compared = 0;
    let owned = 0;
    for (const { route, name, streams } of places()) {
      const place = `${route} ${name}`;
      const { pairs, own } = (await matrix[place]?.(who)) ?? { pairs: [] };
      const isOauth = route.startsWith('/oauth');
      const answers = new Map<string, string>();
      const ask = async (sent: Sent, accept: string) => {
        const whole = { ...sent, headers: { accept, ...sent.headers } };
        return answerOf(gateway, whole, isOauth ? undefined : token);
      };
      for (const accept of [
        '*/*',
        ...(streams && name !== '?cursor' ? ['application/x-ndjson'] : []),
      ]) {
        // prettier-ignore
        for (const [kind, foreign, missing] of pairs) {
          const key = JSON.stringify([accept, missing]);
          const expected = answers.get(key) ?? (await ask(missing, accept));
          answers.set(key, expected);
          expect([place, kind, await ask(foreign, accept)]).toEqual([place, kind, expected]);
          compared += 1;
        }
        const [first] = answers.values();
        if (own === undefined || first === undefined) continue;
        const answered = await ask(own, accept);
        expect([place, answered.slice(0, 3)]).toEqual([place, '200']);
        expect([place, answered]).not.toEqual([place, first]);
        owned += 1;
      }
    }
    expect(compared).toBeGreaterThan(500);
    expect(owned).toBeGreaterThan(30);
  },
  120_000,
);

test('a token that another client tried to end lives on', async () => {
  for (const who of names) expect((await get(who, '/v1/me')).status).toBe(200);
});
