import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Express } from 'express';
import request from 'supertest';
import { createGateway } from '../../src/gateway.ts';
import { offerView } from '../../src/offers/index.ts';
import { findAgreementVersions, publishAgreement } from '../../src/agreements/index.ts';
import { endStaff } from '../../src/people/index.ts';
import { findViews } from '../../src/views/index.ts';
import { givenPerson, type GivenPerson } from '../people/given-people.ts';
import { tamper } from '../policy/given-policy.ts';
import {
  fee,
  givenPartner,
  givenSharedCustomer,
  givenToken,
  type GivenPartner,
} from '../support/given.ts';
import { noon, openHouse, testClock, type House } from '../support/house.ts';
import { operatorOf } from './given-operator.ts';
import { acceptances } from '../support/admit.ts';

const clock = testClock();
let house: House;
let gateway: Express;
let ada: GivenPerson;
let ben: GivenPerson;
/** A partner of its own for every test, with one shared customer and no view yet. */
let given: GivenPartner;
let path: string;
let token: string;
let count = 0;

beforeAll(async () => {
  house = await openHouse({ clock });
  gateway = createGateway(house.tools);
  ada = await givenPerson(house.tools, ['partner'], 'Ada');
  ben = await givenPerson(house.tools, ['privacy'], 'Ben');
});
afterAll(() => house.close());
beforeEach(async () => {
  clock.set(noon);
  const key = `p${String((count += 1))}`;
  given = await givenPartner(house.tools, { key, view: null });
  await givenSharedCustomer(house.tools, given.partner, `c-${key}`);
  token = await givenToken(gateway, given);
  path = `/partners/${key}/views`;
});

const { get, post } = operatorOf(() => gateway);
const listing = (...fields: string[]) => ({
  type: 'object',
  properties: {
    customer: {
      properties: {
        contact: { properties: Object.fromEntries(fields.map((field) => [field, true])) },
      },
    },
  },
});
const offer = (draft: object, more: object = {}, by = ada) => post(path, by, { draft, ...more });
const day = (date: number) => `2026-12-${String(date).padStart(2, '0')}T00:00:00.000Z`;

/** The fields of the contact that the partner's next answer shows; null: it is refused or empty. */
async function seen(): Promise<string[] | null> {
  const asked = request(gateway).get('/v1/customers').set('Authorization', `Bearer ${token}`);
  const { data = [] } = (await asked).body as { data?: { contact: object }[] };
  return data[0] ? Object.keys(data[0].contact).sort() : null;
}

/** Offers what widens and answers the proposal's id. */
async function proposed(draft: object, more: object = {}): Promise<string> {
  const { status, body } = await offer(draft, more);
  expect([status, body]).toMatchObject([200, { outcome: 'proposed', view: null }]);
  return body.proposal.id as string;
}
const approve = (id: string, by = ben) => post(`/proposals/${id}/approve`, by);

async function approved(draft: object, more: object = {}): Promise<void> {
  expect((await approve(await proposed(draft, more))).body).toMatchObject({ status: 'approved' });
}

test('a first view is a proposal; the partner sees it with the answer after a second person’s yes', async () => {
  const id = await proposed(listing('kind', 'name'));
  expect([await seen(), (await get(path, ada)).body]).toEqual([null, { data: [] }]);
  const own = await approve(id, ada);
  expect([own.status, own.body.code]).toEqual([403, 'second-person-needed']);
  expect(await seen()).toBeNull();
  expect((await approve(id)).status).toBe(200);
  expect(await seen()).toEqual(['kind', 'name']);
  const { body } = await get(path, ada);
  expect(body.data).toMatchObject([
    { version: 1, stage: 'in force', actor: `${ada.id}, approved by ${ben.id}`, sunset: null },
  ]);
});

test('what widens waits for a second person, what narrows acts at once and names who did it', async () => {
  await approved(listing('name'));
  expect(await seen()).toEqual(['name']);
  const id = await proposed(listing('name', 'phone'));
  expect(await seen()).toEqual(['name']);
  await approve(id);
  expect(await seen()).toEqual(['name', 'phone']);
  const { status, body } = await offer(listing('phone'));
  expect([status, body]).toMatchObject([
    200,
    { outcome: 'published', view: { version: 3 }, proposal: null },
  ]);
  expect(await seen()).toEqual(['phone']);
  const same = await offer(listing('phone'));
  expect(same.body.outcome).toBe('published');
  expect((await get(path, ada)).body.data.at(-1)).toMatchObject({ version: 4, actor: ada.id });
});

test('what gives and takes at once is a widening', async () => {
  await approved(listing('name'));
  await proposed(listing('phone'));
  expect(await seen()).toEqual(['name']);
});

test('the proposal’s diff tells fields, records and customers, and nothing of anybody', async () => {
  await approved(listing('name'));
  const id = await proposed(listing('phone'));
  const answer = await get(`/proposals/${id}`, ben);
  expect(answer.body.diff).toMatchObject({
    partner: given.partner.key,
    before: 1,
    isWidening: true,
    customersGaining: 1,
    customersLosing: 1,
    added: [{ recordType: 'customer', field: 'contact.phone', dataClass: 'contact' }],
    removed: [{ field: 'contact.name' }],
  });
  expect(answer.body.diff.changes).toContainEqual({
    recordType: 'customer',
    dataClass: 'contact',
    change: 'added',
    field: 'contact.phone',
    recordsGained: 1,
    customersGained: 1,
    recordsLost: 0,
    customersLost: 0,
  });
  expect(answer.text).not.toMatch(/Person c-|\+1 555|@example/);
  const looked = await post(`${path}/diff`, ada, { draft: listing('phone') });
  expect([looked.status, looked.body]).toEqual([200, answer.body.diff]);
});

test('where the view has moved since, the approval is refused and nothing has changed', async () => {
  await approved(listing('name', 'phone'));
  const id = await proposed(listing('name', 'phone', 'address'));
  await offer(listing('name'));
  const before = await get(path, ada);
  const stale = await approve(id);
  expect([stale.status, stale.body.code]).toEqual([409, 'view-moved']);
  expect((await get(path, ada)).body).toEqual(before.body);
  expect(await seen()).toEqual(['name']);
  expect((await get(`/proposals/${id}`, ben)).body).toMatchObject({
    status: 'open',
    decidedBy: null,
  });
});

test('of two proposals on the same view that are approved at once, one acts', async () => {
  await approved(listing('name'));
  const ids = [
    await proposed(listing('name', 'phone')),
    await proposed(listing('name', 'kind'), {}),
  ];
  const answers = await Promise.all(ids.map((id) => approve(id)));
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
  expect((await get(path, ada)).body.data).toHaveLength(2);
});

test('a version that waited and took effect moves the view too', async () => {
  await approved(listing('name'));
  await approved(listing('name', 'phone'), { effectiveAt: '2026-11-25T00:00:00Z' });
  const id = await proposed(listing('name', 'phone', 'address'), { effectiveAt: day(9) });
  clock.set(new Date('2026-11-26T00:00:00Z'));
  expect((await approve(id)).body.code).toBe('view-moved');
});

test('a draft that means something else by now than what was looked at is refused', async () => {
  const id = await proposed(listing('name'));
  const other = `{"properties": {"customer": {"type": "object"}}}`;
  await tamper(house, 'update proposals set about = about || ? where id = ?', [
    `{"document": ${other}}`,
    id,
  ]);
  expect((await approve(id)).body.code).toBe('view-moved');
  expect((await get(path, ada)).body).toEqual({ data: [] });
});

test('nothing but an offer publishes a view', () => {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' });
  const publishing = files
    .filter((file) => file.endsWith('.ts') && !file.startsWith('views/'))
    .filter((file) => /\bpublishView(In)?\b/.test(readFileSync(`src/${file}`, 'utf8')));
  expect(publishing.sort()).toEqual(['offers/offer-view.ts', 'offers/view-publication.ts']);
});

test('what was approved for later does not come earlier by one person’s word', async () => {
  await approved(listing('name'));
  await approved(listing('name', 'phone'), { effectiveAt: day(9) });
  await proposed(listing('name', 'phone'), { effectiveAt: day(8) });
  await proposed(listing('name', 'phone'));
  expect(await seen()).toEqual(['name']);
  const later = await offer(listing('name', 'phone'), { effectiveAt: day(10) });
  expect(later.body.outcome).toBe('published');
});

test('an approved view takes effect and ends the one before it at the moments that were proposed', async () => {
  await approved(listing('name'));
  await approved(listing('name', 'phone'), { effectiveAt: day(1), sunset: day(9) });
  expect((await get(path, ada)).body.data).toMatchObject([
    { version: 1, stage: 'in force', sunset: day(9) },
    { version: 2, stage: 'waiting', effectiveAt: day(1) },
  ]);
  const id = await proposed(listing('kind', 'name', 'phone'), {
    effectiveAt: '2026-11-25T00:00:00Z',
  });
  clock.set(new Date('2026-11-26T00:00:00Z'));
  const late = await approve(id);
  expect([late.status, late.body]).toMatchObject([
    422,
    { code: 'invalid-view', field: 'effective' },
  ]);
});

test('an agreement that came into force since it was proposed makes it stale, whatever it says', async () => {
  const id = await proposed(listing('name'));
  const terms = {
    direction: 'payable',
    classes: ['billing'],
    purposes: ['identity', 'billing', 'fees'],
    services: 'all',
    timeZone: 'UTC',
    termsClauses: {},
    fee,
  };
  const partnerId = given.partner.id;
  await publishAgreement(house.tools, { partnerId, validFrom: '2026-11-22', terms, acceptances });
  const answer = await approve(id);
  expect([answer.status, answer.body.code]).toEqual([409, 'view-moved']);
  expect((await get(path, ada)).body).toEqual({ data: [] });
});

test('an agreement that was published since and begins later makes it stale too', async () => {
  const id = await proposed(listing('name'));
  const [last] = (await findAgreementVersions(house.tools.db, given.partner.id)).slice(-1);
  const more = {
    partnerId: given.partner.id,
    validFrom: '2027-01-01',
    terms: last!.terms,
    acceptances,
  };
  await publishAgreement(house.tools, more);
  const answer = await approve(id);
  expect([answer.status, answer.body.code]).toEqual([409, 'view-moved']);
  expect((await get(path, ada)).body).toEqual({ data: [] });
});

test('a draft that breaks a promise is told by check and refused by offer and diff', async () => {
  const draft = { type: 'object', properties: { customer: { properties: { email: true } } } };
  const checked = await post(`${path}/check`, ada, { draft });
  expect([checked.status, checked.body.problems[0]]).toMatchObject([
    200,
    { promise: expect.stringMatching(/^P\d\d$/) },
  ]);
  for (const refused of [await offer(draft), await post(`${path}/diff`, ada, { draft })]) {
    expect([refused.status, refused.body.code]).toEqual([422, 'invalid-view']);
  }
  expect((await post(`${path}/check`, ada, { draft: listing('name') })).body).toEqual({
    problems: [],
  });
});

test.each([
  ['no draft', { draft: undefined }, 'body-invalid'],
  ['a draft that is a list', { draft: [] }, 'body-invalid'],
  ['more than it takes', { by: 'somebody' }, 'body-invalid'],
  ['a moment that is none', { effectiveAt: 'soon' }, 'invalid-moment'],
  ['a sunset before anything', { sunset: day(9) }, 'invalid-view'],
  ['a moment past', { effectiveAt: '2026-01-01T00:00:00Z' }, 'invalid-view'],
])('an offer with %s is refused', async (_what, wrong, code) => {
  const answer = await offer(listing('name'), wrong);
  expect([answer.status, answer.body.code]).toEqual([422, code]);
  const open = await get('/proposals?status=open&limit=1', ada);
  const { body } = await get(`/proposals/${String(open.body.data[0]?.id)}`, ada);
  expect(body.about?.partnerId).not.toBe(given.partner.id);
});

test('a partner nobody knows is refused, and partners are listed by their keys', async () => {
  expect((await get('/partners/nobody/views', ada)).body.code).toBe('unknown-partner');
  const { body } = await get('/partners', ada);
  expect(body.data).toContainEqual({
    key: given.partner.key,
    kind: 'referral',
    name: `${given.partner.key} Ltd`,
    status: 'active',
  });
});

test('at the beginning whoever has the machine widens alone, a person never, until there are two', async () => {
  const early = await openHouse({ clock });
  try {
    const { tools } = early;
    const { partner } = await givenPartner(tools, { view: null });
    const finn = await givenPerson(tools, ['finance']);
    const first = await givenPerson(tools, ['privacy']);
    const versions = async () => (await findViews(tools.db, partner.id)).length;
    const attempt = (draft: object, by: GivenPerson | undefined) =>
      offerView(tools, { partner, draft, by: by?.id });
    expect(await attempt(listing('name'), first)).toHaveProperty('proposed');
    const api = operatorOf(() => createGateway(tools));
    const offered = await api.post(`/partners/${partner.key}/views`, first, {
      draft: listing('name'),
    });
    expect(offered.body.outcome).toBe('proposed');
    expect(await versions()).toBe(0);
    expect(await attempt(listing('name'), undefined)).toMatchObject({
      published: { version: 1, actor: 'operator' },
      isAlone: true,
    });
    expect(await attempt(listing('name'), undefined)).toMatchObject({ isAlone: false });
    const second = await givenPerson(tools, ['partner']);
    const wide = listing('name', 'phone');
    const needed = { kind: { code: 'person-needed', status: 403 } };
    await expect(attempt(wide, undefined)).rejects.toMatchObject(needed);
    await expect(attempt(wide, finn)).rejects.toMatchObject({ kind: { code: 'role-missing' } });
    await expect(attempt(listing('name'), finn)).rejects.toMatchObject({
      kind: { code: 'role-missing' },
    });
    expect(await versions()).toBe(2);
    expect(await attempt(wide, first)).toHaveProperty('proposed');
    expect(await attempt(listing('name'), undefined)).toMatchObject({ isAlone: false });
    await endStaff(tools, { staffId: second.id });
    expect(await attempt(wide, undefined)).toMatchObject({ isAlone: true });
  } finally {
    await early.close();
  }
});
