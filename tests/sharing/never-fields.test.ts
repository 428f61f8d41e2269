import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Express } from 'express';
import fc from 'fast-check';
import request from 'supertest';
import { createGateway } from '../../src/gateway.ts';
import { pairwiseOf } from '../../src/joint/index.ts';
import { publishAgreement } from '../../src/agreements/index.ts';
import { customerIdOf } from '../../src/records/index.ts';
import { shareRecords } from '../../src/sharing/index.ts';
import { checkOutgoing } from '../../src/records/index.ts';
import type { Caller } from '../../src/tokens/index.ts';
import { checkView, diffView, previewView, publishView } from '../../src/views/index.ts';
import {
  customer,
  givenPartner,
  givenRecords,
  givenRelationship,
  givenSharedCustomer,
  givenToken,
  payment,
  service,
  type GivenPartner,
} from '../support/given.ts';
import { openHouse, type House } from '../support/house.ts';
import { acceptances } from '../support/admit.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-types-'));
const secrets = { credential: 'hunter2-the-password', address: '192.0.2.77', note: 'NEVER-NOTE' };
const text = (more: Record<string, unknown>) => ({ type: 'string', maxLength: 200, ...more });
const reference = (type: string) => text({ 'x-class': 'reference', 'x-refers-to': type });
const login = {
  $id: 'records/login',
  'x-class': 'business',
  'x-dated-by': 'at',
  type: 'object',
  additionalProperties: false,
  required: ['id', 'customer', 'service', 'at'],
  properties: {
    id: reference('login'),
    customer: reference('customer'),
    service: reference('service'),
    at: { type: 'string', format: 'date-time', maxLength: 40, 'x-class': 'business' },
    device: text({ 'x-class': 'business' }),
    credential: text({ 'x-class': 'never' }),
    address: text({ 'x-class': 'never' }),
    hidden: {
      type: 'object',
      additionalProperties: false,
      properties: { note: text({ 'x-class': 'never' }) },
    },
  },
};

let house: House;
let gateway: Express;
let linked: GivenPartner;
const never = ['credential', 'address', 'hidden'];

beforeAll(async () => {
  writeFileSync(join(folder, 'login.json'), JSON.stringify(login));
  house = await openHouse({ settings: { recordTypesDir: folder } });
  gateway = createGateway(house.tools);
  linked = await givenPartner(house.tools, {
    key: 'linked',
    kind: 'integration',
    classes: ['contact', 'account', 'financial', 'billing', 'business'],
    purposes: ['identity', 'billing', 'fees', 'integration'],
    view: { customer: true, login: { properties: { at: true, device: true } } },
  });
  await givenRecords(house.tools, [service(), customer('ada'), payment('p-ada', 'ada')]);
  await givenRelationship(house.tools, linked.partner, 'ada');
  await givenRecords(house.tools, [
    [
      'login',
      {
        id: 'l1',
        customer: 'ada',
        service: 'store',
        at: '2026-05-01T10:00:00Z',
        device: 'a telephone',
        credential: secrets.credential,
        address: secrets.address,
        hidden: { note: secrets.note },
      },
    ],
  ]);
});
afterAll(async () => {
  await house.close();
  rmSync(folder, { recursive: true, force: true });
});

const pull = async (recordType: string) => {
  const { partner, clientId } = linked;
  const caller: Caller = {
    partnerId: partner.id,
    partnerKey: partner.key,
    partnerName: partner.name,
    kind: partner.kind,
    clientId,
    tokenId: 'tok_test',
    scopes: ['contact', 'account', 'financial', 'billing', 'business'],
    purposes: ['identity', 'billing', 'fees', 'integration'],
  };
  const ask = { caller, recordType, limit: 1000, cursor: undefined };
  return (await shareRecords(house.tools, ask)).body.toString();
};
const draftOf = (loginShown: unknown) => ({ type: 'object', properties: { login: loginShown } });
const hold = (body: string) => Object.values(secrets).filter((secret) => body.includes(secret));

test('promise P09: no draft can list what never leaves, by name, as a part or with all the rest', async () => {
  const { partner } = linked;
  for (const name of never) {
    const draft = draftOf({ properties: { at: true, [name]: true } });
    const { problems } = await checkView(house.tools, { partner, draft });
    expect([name, problems]).toEqual([
      name,
      [
        expect.objectContaining({
          field: expect.stringMatching(`^/properties/login/properties/${name}`),
          promise: 'P09',
          detail: 'This field never leaves.',
        }),
      ],
    ]);
    await expect(publishView(house.tools, { partner, draft })).rejects.toMatchObject({
      kind: { code: 'invalid-view' },
    });
  }
  const { problems } = await checkView(house.tools, { partner, draft: draftOf(true) });
  expect(problems.map(({ field }) => field.split('/')[4]).sort()).toEqual([...never].sort());
});

test('promise P09: what never leaves is in no joint record and in no answer, whatever is edited', async () => {
  const { partner } = linked;
  expect(await pull('login')).toContain('a telephone');
  await publishView(house.tools, { partner, draft: draftOf({ properties: { device: true } }) });
  await publishAgreement(house.tools, {
    acceptances,
    partnerId: partner.id,
    validFrom: '2026-11-22',
    terms: {
      direction: 'receivable',
      classes: ['contact', 'business'],
      purposes: ['identity', 'integration'],
      services: 'all',
      timeZone: 'UTC',
      termsClauses: {},
    },
  });
  const body = await pull('login');
  expect(body).toContain('a telephone');
  expect(hold(body)).toEqual([]);
  const rows = await house.admin('joint_records').where('recipient_id', partner.id);
  expect(JSON.stringify(rows)).toContain('a telephone');
  expect(hold(JSON.stringify(rows))).toEqual([]);
  const entries = await house.admin('disclosure_entries').where('recipient_id', partner.id);
  expect(hold(JSON.stringify(entries))).toEqual([]);
});

test('a view that was written past every check still shows nothing that never leaves', async () => {
  const { partner } = linked;
  const properties = { login: { ...login, properties: login.properties } };
  const document = { type: 'object', additionalProperties: false, properties };
  await house.admin('views').insert({
    partner_id: partner.id,
    version: 99,
    document: JSON.stringify(document),
    digest: 'f'.repeat(64),
    published_at: house.tools.clock.now(),
    effective_at: house.tools.clock.now(),
    actor: 'a vandal',
  });
  await house.admin('log_heads').where('recipient_id', partner.id).increment('epoch', 1);
  const body = await pull('login');
  expect(body).toContain('a telephone');
  expect(hold(body)).toEqual([]);
});

test('a preview names business fields and shows no business value, and tells no number of business records', async () => {
  const { partner } = linked;
  const draft = {
    type: 'object',
    properties: {
      customer: { properties: { contact: true } },
      login: { properties: { device: true } },
    },
  };
  const previews = await previewView(house.tools, {
    partner,
    customerId: customerIdOf('ada'),
    draft,
  });
  expect(previews).toEqual([
    expect.objectContaining({ recordType: 'customer', withheld: [], more: 0 }),
    { recordType: 'login', fields: [], records: [], more: 0, withheld: ['id', 'device'] },
  ]);
  expect(JSON.stringify(previews)).not.toContain('telephone');
  const { changes } = await diffView(house.tools, { partner, draft });
  expect(JSON.stringify(changes)).not.toContain('telephone');
});

test('promise P19: an answer that came to hold a card number is 500: nothing is sent, nothing is logged', async () => {
  const bright = await givenPartner(house.tools);
  await givenSharedCustomer(house.tools, bright.partner, 'eve');
  const token = await givenToken(gateway, bright);
  const get = (path: string) => request(gateway).get(path).auth(token, { type: 'bearer' });
  const logged = async () => {
    const [row] = await house
      .admin<{ n: string }>('disclosure_entries')
      .where('recipient_id', bright.partner.id)
      .count({ n: '*' });
    return Number(row?.n);
  };
  expect((await get('/v1/customers')).status).toBe(200);
  const before = await logged();
  const number = '4111 1111 1111 1111';
  await house
    .admin('joint_records')
    .where({ recipient_id: bright.partner.id, record_type: 'customer' })
    .update({
      contact: house.admin.raw("jsonb_set(contact, '{contact.name}', to_jsonb(?::text))", [
        `"name":${JSON.stringify(number)}`,
      ]),
    });
  const held = await get('/v1/customers');
  expect(held.status).toBe(500);
  expect(held.text).not.toContain('4111');
  expect(held.headers).not.toHaveProperty('disclosure-id');
  expect(await logged()).toBe(before);
});

test('the last line reads texts and never ids, however their digits fall', () => {
  const digits = fc.constantFrom('4111111111111111', '5555555555554444', '378282246310005');
  const wire = {
    type: 'object',
    additionalProperties: false,
    properties: { id: { type: 'string' }, name: { type: 'string' } },
  };
  fc.assert(
    fc.property(digits, fc.constantFrom('cus', 'inv', 'pay'), (number, prefix) => {
      const id = `${prefix}_${number.padEnd(21, 'x')}A`;
      const body = (value: unknown) => Buffer.from(JSON.stringify(value));
      expect(checkOutgoing(body({ id }), wire)).toBeUndefined();
      expect(checkOutgoing(body({ id, name: number }), wire)).toBe('a text holds a card number');
      expect(checkOutgoing(body({ id: `${prefix}-${number}` }), wire)).toBeDefined();
    }),
  );
});

test('promise P09: another partner’s id is never this one’s: no id is equal for two partners, and none leads back for the other', () => {
  const types = fc.constantFrom(
    'customer',
    'invoice',
    'payment',
    'refund',
    'service',
    'person',
    'login',
  );
  fc.assert(
    fc.property(fc.uuid(), fc.uuid(), fc.uuid(), types, (one, other, uuid, type) => {
      fc.pre(one !== other);
      const key = house.tools.settings.keys.pairwise;
      const [mine, theirs] = [pairwiseOf(key, one), pairwiseOf(key, other)];
      const id = mine.idOf(type, uuid);
      expect(theirs.idOf(type, uuid)).not.toBe(id);
      expect(theirs.uuidOf(type, id)).not.toBe(uuid);
      expect(mine.uuidOf(type, id)).toBe(uuid);
      expect(theirs.positionOf(uuid, uuid)).not.toBe(mine.positionOf(uuid, uuid));
    }),
    { numRuns: 1000 },
  );
});
