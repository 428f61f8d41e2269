import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Express } from 'express';
import { pino } from 'pino';
import request from 'supertest';
import { knownPartner } from '../../src/commands/partner-commands.ts';
import { createGateway } from '../../src/gateway.ts';
import { loadRecords } from '../../src/loading/index.ts';
import { prepareMapping } from '../../src/mapping/index.ts';
import { publishAgreement } from '../../src/agreements/index.ts';
import { UnknownPartner, type PartnerId } from '../../src/partners/index.ts';
import { openDatabase } from '../../src/platform/database.ts';
import { newUuid } from '../../src/platform/uuid.ts';
import type { Tools } from '../../src/platform/tools.ts';
import { publishView } from '../../src/views/index.ts';
import {
  fee,
  givenPartner,
  givenSharedCustomer,
  givenToken,
  type GivenPartner,
} from '../support/given.ts';
import { openHouse, testClock, type House, type TestClock } from '../support/house.ts';
import { acceptances } from '../support/admit.ts';

const clock: TestClock = testClock();
const folder = mkdtempSync(join(tmpdir(), 'sluice-bad-input-'));
let house: House;
let tools: Tools;
let gateway: Express;
let bright: GivenPartner;
let other: GivenPartner;
let token: string;
let otherToken: string;
let cursor: string;
let adaId: string;
/** Everything that was logged and answered: no secret and no canary may stand in it. */
let told = '';

beforeAll(async () => {
  house = await openHouse({ clock });
  const log = pino({ level: 'trace' }, { write: (line: string) => (told += line) });
  tools = { ...house.tools, log };
  gateway = createGateway(tools);
  bright = await givenPartner(tools);
  other = await givenPartner(tools, { key: 'other' });
  await givenSharedCustomer(tools, bright.partner, 'CNRY-ada');
  await givenSharedCustomer(tools, bright.partner, 'CNRY-bea');
  token = await givenToken(gateway, bright);
  otherToken = await givenToken(gateway, other);
  const { body } = await get('/v1/customers?limit=1');
  cursor = String(body.next);
  adaId = String(body.data[0].id);
});
afterAll(async () => {
  await house.close();
  rmSync(folder, { recursive: true });
});

/** How many rows each table has. */
async function rowCounts(): Promise<Record<string, number>> {
  const tables: string[] = await house.admin('pg_tables').where('schemaname', 'public').pluck('tablename'); // prettier-ignore
  const counts: Record<string, number> = {};
  for (const table of tables) {
    const [row] = await house.admin(table).count<{ count: string }[]>();
    counts[table] = Number(row?.count);
  }
  return counts;
}

const get = (path: string, secret = token) =>
  request(gateway).get(path).auth(secret, { type: 'bearer' });

const line = (more: Record<string, unknown>) =>
  JSON.stringify({ id: 'CNRY-x', name: 'CNRY name', email: 'CNRY@example.test', ...more });

/** What a source sends that is wrong, and the code and field of its line in the report. */
const badLines: readonly [string, Buffer | string, code: string, field: string][] = [
  ['an unknown field', line({ more: { nickname: 'CNRY' } }), 'unknown-field', '/nickname'],
  ['a field of the wrong class', line({ more: { contact: { name: 'CNRY', kind: 'person', fax: 'CNRY' } } }), 'unknown-field', '/contact/fax'], // prettier-ignore
  ['a card number', line({ name: 'CNRY 4111 1111 1111 1111' }), 'card-number', '/contact/name'],
  ['broken UTF-8', Buffer.from(line({ name: 'CNRY \xff' }), 'latin1'), 'not-utf8', ''],
  ['a key twice', '{"id":"CNRY-x","name":"CNRY","name":"CNRY"}', 'duplicate-key', ''],
  ['too large a line', line({ name: 'CNRY'.repeat(250_001) }), 'line-too-long', ''],
  ['too long a text', line({ name: 'CNRY'.repeat(100) }), 'too-long', '/contact/name'],
];
const badAmounts: readonly [string, Record<string, unknown>, code: string, field: string][] = [
  ['half a cent', { total: '3.005', currency: 'EUR' }, 'too-many-decimals', ''],
  ['no currency', { total: '3.00' }, 'value-invalid', ''],
  ['an unknown currency', { total: '3.00', currency: 'CNR' }, 'unknown-currency', ''],
];

async function load(record: Record<string, unknown>, text: Buffer | string) {
  writeFileSync(join(folder, 'lines.ndjson'), text);
  const mapping = await prepareMapping({
    timeZone: 'UTC',
    tax: 'none',
    records: [{ file: 'lines.ndjson', ...record }],
  });
  const report = await loadRecords(tools, { folder, mapping });
  told += JSON.stringify(report);
  return report.rejections.map(({ line, code, field }) => ({ line, code, field }));
}

test.each(badLines)(
  '%s is a line of the report, and nothing of it is stored',
  async (_, bad, code, field) => {
    const before = await rowCounts();
    const expression = `$merge([{"id": id, "contact": {"kind": "person", "name": name}, "email": {"address": email}}, more])`;
    const rejected = await load({ type: 'customer', expression }, bad);
    expect(rejected).toEqual([{ line: 1, code, field }]);
    expect(await rowCounts()).toEqual(before);
  },
);

test.each(badAmounts)(
  '%s is a line of the report, and nothing of it is stored',
  async (_, amount, code, field) => {
    const before = await rowCounts();
    const expression = `{"id": id, "customer": "CNRY-ada", "service": "store", "number": id,
    "issuedOn": "2026-03-01", "total": $minor(total, currency)}`;
    const rejected = await load({ type: 'invoice', expression }, line(amount));
    expect(rejected).toEqual([{ line: 1, code, field }]);
    expect(await rowCounts()).toEqual(before);
  },
);

const changed = (text: string) => (text.startsWith('A') ? 'B' : 'A') + text.slice(1);

/** Requests that are wrong, and their status and code. */
const badRequests: readonly [string, () => request.Test, status: number, code: string][] = [
  ['no token', () => request(gateway).get('/v1/customers'), 401, 'token-missing'],
  ['a token that nobody gave', () => get('/v1/customers', changedToken()), 401, 'token-invalid'],
  ['a token in the URL', () => get(`/v1/customers?access_token=${token}`), 400, 'token-misplaced'],
  ['a tampered cursor', () => get(`/v1/customers?cursor=${changed(cursor)}`), 400, 'cursor-invalid'],
  ['another’s cursor', () => get(`/v1/customers?cursor=${cursor}`, otherToken), 400, 'cursor-invalid'],
  ['limit 0', () => get('/v1/customers?limit=0'), 400, 'param-invalid'],
  ['limit 1001', () => get('/v1/customers?limit=1001'), 400, 'param-invalid'],
  ['an unknown parameter', () => get('/v1/customers?limt=CNRY'), 400, 'param-invalid'],
  ['a foreign id', () => get(`/v1/customers/${adaId}`, otherToken), 404, 'not-found'],
]; // prettier-ignore
const changedToken = () => `slt_${changed(token.slice(4))}`;

test.each(badRequests)('%s is answered with a problem document', async (_, send, status, code) => {
  const before = await rowCounts();
  const answer = await send();
  told += answer.text;
  expectProblem(answer, status, code);
  expect(await rowCounts()).toEqual(before);
});

function expectProblem(answer: request.Response, status: number, code: string): void {
  expect(answer.type).toBe('application/problem+json');
  const type = `urn:sluice:problem:${code}`;
  expect(answer.body).toMatchObject({ type, status, code, requestId: answer.get('request-id') });
  expect(answer.status).toBe(status);
  expect(answer.headers).not.toHaveProperty('disclosure-id');
}

test('a foreign id is answered as one that does not exist, but for the request id', async () => {
  const foreign = await get(`/v1/customers/${adaId}`, otherToken);
  const missing = await get(`/v1/customers/cus_${'A'.repeat(22)}`, otherToken);
  const seen = ({ text, headers }: request.Response) =>
    JSON.stringify([text, { ...headers, date: '' }]).replaceAll(String(headers['request-id']), '');
  expect(seen(foreign)).toBe(seen(missing));
});

test('an expired token is refused', async () => {
  const expiring = await givenToken(gateway, bright);
  clock.advance(601_000);
  expectProblem(await get('/v1/customers', expiring), 401, 'token-invalid');
  token = await givenToken(gateway, bright);
});

test('a client that nobody knows and a wrong secret are told apart by nothing', async () => {
  const before = await rowCounts();
  const ask = (clientId: string, secret: string) =>
    request(gateway).post('/oauth/token').auth(clientId, secret).type('form').send({ grant_type: 'client_credentials' }); // prettier-ignore
  const unknown = await ask('cli_unknown', 'CNRY');
  const wrong = await ask(bright.clientId, changed(bright.secret));
  expect([unknown.status, unknown.text]).toEqual([401, wrong.text]);
  expect(unknown.body).toMatchObject({ error: 'invalid_client' });
  expect(await rowCounts()).toEqual(before);
});

test('a class that the kind of partner may never see is refused, naming the promise', async () => {
  const before = await rowCounts();
  const partnerId = bright.partner.id;
  const terms = { direction: 'payable', classes: ['business'], purposes: ['billing'], services: 'all', timeZone: 'UTC', termsClauses: {}, fee }; // prettier-ignore
  const agreement = publishAgreement(tools, {
    partnerId,
    validFrom: '2027-01-01',
    terms,
    acceptances,
  });
  await expect(agreement).rejects.toMatchObject({ facts: { promise: 'P14' } });
  const draft = { type: 'object', properties: { order: true } };
  const view = publishView(tools, { partner: bright.partner, draft });
  await expect(view).rejects.toMatchObject({ kind: { code: 'invalid-view' } });
  expect(await rowCounts()).toEqual(before);
});

test('an unknown partner is refused', async () => {
  const before = await rowCounts();
  const partnerId = newUuid(tools) as PartnerId;
  const agreement = publishAgreement(tools, {
    partnerId,
    validFrom: '2027-01-01',
    terms: {},
    acceptances,
  });
  await expect(agreement).rejects.toMatchObject({ kind: UnknownPartner });
  await expect(knownPartner(tools.db, 'nobody')).rejects.toMatchObject({ kind: UnknownPartner });
  expect(await rowCounts()).toEqual(before);
});

test('without its database the gateway says so, and shows nothing', async () => {
  const db = openDatabase('postgres://sluice_app:x@127.0.0.1:1/sluice', { max: 1 });
  const answer = await request(createGateway({ ...tools, db }))
    .get('/v1/customers')
    .auth(token, { type: 'bearer' });
  told += answer.text;
  expectProblem(answer, 503, 'database-unavailable');
  expect(answer.get('retry-after')).toBe('1');
  await db.destroy();
});

test('of all this, no secret and nothing of a customer was logged or told', () => {
  expect(told).toContain('"status":503');
  const secrets = { token, otherToken, secret: bright.secret, cursor, cardNumber: '4111' };
  for (const [name, secret] of Object.entries({ ...secrets, canary: 'CNRY' })) {
    const at = told.indexOf(secret);
    expect([name, at < 0 ? '' : told.slice(Math.max(0, at - 200), at)]).toEqual([name, '']);
  }
});
