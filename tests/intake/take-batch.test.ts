import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Express } from 'express';
import fc from 'fast-check';
import request from 'supertest';
import { createGateway } from '../../src/gateway.ts';
import { readBatch } from '../../src/intake/batch-rules.ts';
import { customerIdOf, findCurrentRecords } from '../../src/records/index.ts';
import { givenPerson, type GivenPerson } from '../people/given-people.ts';
import { customer, givenRecords, money, service } from '../support/given.ts';
import { openHouse, type House } from '../support/house.ts';

let house: House;
let gateway: Express;
let system: GivenPerson;

beforeAll(async () => {
  house = await openHouse();
  gateway = createGateway(house.tools);
  system = await givenPerson(house.tools, ['intake']);
  await givenRecords(house.tools, [service(), customer('ada')]);
});
afterAll(() => house.close());

const payment = (id: string, more: object = {}) => ({
  id,
  customer: 'ada',
  service: 'store',
  settledAt: '2026-11-01T00:00:00Z',
  amount: money(1000),
  ...more,
});

function bring(method: 'post' | 'put', path: string, body: string | Buffer, media: string) {
  const asked = request(gateway)[method](`/operator/v1/records${path}`);
  return asked.set('Authorization', `Bearer ${system.key}`).set('Content-Type', media).send(body);
}
const ndjson = 'application/x-ndjson';
const json = 'application/json';
const linesOf = (...values: readonly unknown[]) =>
  values.map((one) => (typeof one === 'string' ? one : JSON.stringify(one))).join('\n');
const paymentKeys = async () =>
  (
    await findCurrentRecords(house.tools.db, {
      customerIds: [customerIdOf('ada')],
      types: ['payment'],
    })
  ).map(({ key }) => key);

test('each line of a batch is answered for itself, and what is not rejected is stored', async () => {
  const body = linesOf(
    payment('p1'),
    '{"id": "p2"',
    '',
    payment('p3', { customer: 'nobody' }),
    payment('p4', { amount: money(-5) }),
    payment('p1'),
    payment('p5'),
  );
  const { status, body: answer } = await bring('post', '/payment', body, ndjson);
  expect(status).toBe(200);
  expect(answer.counts).toEqual({ new: 2, changed: 0, unchanged: 1, rejected: 3 });
  const said = answer.data.map((one: { line: number; outcome: string; problems: object[] }) => [
    one.line,
    one.outcome,
    ...one.problems.map((it) => [(it as { field: string }).field, (it as { code: string }).code]),
  ]);
  expect(said).toEqual([
    [1, 'new'],
    [2, 'rejected', ['', 'malformed-json']],
    [4, 'rejected', ['/customer', 'unknown-customer']],
    [5, 'rejected', ['/amount/amount', 'out-of-range']],
    [6, 'unchanged'],
    [7, 'new'],
  ]);
  expect((await paymentKeys()).sort()).toEqual(['p1', 'p5']);
});

test('a batch sent again changes nothing, in whichever form', async () => {
  const records = [payment('again1'), payment('again2')];
  await bring('post', '/payment', linesOf(...records), ndjson);
  const { body } = await bring('post', '/payment', JSON.stringify(records), json);
  expect(body.counts).toEqual({ new: 0, changed: 0, unchanged: 2, rejected: 0 });
});

test('one record is put under its key: new, unchanged, changed, or refused with its field', async () => {
  const put = async (path: string, record: object) => {
    const { status, body } = await bring('put', path, JSON.stringify(record), json);
    return [status, body.outcome ?? [body.code, body.field]];
  };
  const { id: _id, ...nameless } = payment('one');
  expect(await put('/payment/one', nameless)).toEqual([200, 'new']);
  expect(await put('/payment/one', payment('one'))).toEqual([200, 'unchanged']);
  expect(await put('/payment/one', payment('one', { method: 'card' }))).toEqual([200, 'changed']);
  const refused = [422, ['record-rejected', '/id']];
  expect(await put('/payment/one', payment('other'))).toEqual(refused);
  const wrong = payment('one', { amount: money(1, 'XXX') });
  expect(await put('/payment/one', wrong)).toEqual([422, ['record-rejected', '/amount/currency']]);
  expect(await put('/nothing/one', {})).toEqual([404, ['unknown-record-type', undefined]]);
});

test('a body that is no batch is refused whole: empty, no list, too many, too large, another type', async () => {
  const ask = async (body: string | Buffer, media: string) => {
    const answer = await bring('post', '/payment', body, media);
    return [answer.status, answer.body.code];
  };
  const before = (await paymentKeys()).length;
  expect(await ask('\n \r\n', ndjson)).toEqual([422, 'batch-invalid']);
  expect(await ask('{}', json)).toEqual([422, 'batch-invalid']);
  expect(await ask('[1,', json)).toEqual([422, 'batch-invalid']);
  const many = linesOf(...Array.from({ length: 1001 }, (_, i) => payment(`m${String(i)}`)));
  expect(await ask(many, ndjson)).toEqual([422, 'batch-invalid']);
  expect(await ask('id,customer', 'text/csv')).toEqual([415, 'unsupported-media-type']);
  expect(await ask(Buffer.alloc(4 * 1024 * 1024 + 1, 0x20), ndjson)).toEqual([
    413,
    'content-too-large',
  ]);
  expect((await paymentKeys()).length).toBe(before);
});

test('whatever bytes come, each line that is not blank is answered once', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.string(), fc.json()), { maxLength: 20 }), (texts) => {
      const bytes = Buffer.from(texts.join('\n'));
      const filled = bytes
        .toString()
        .split('\n')
        .flatMap((text, index) => (/^[ \t\r]*$/.test(text) ? [] : [index + 1]));
      if (filled.length === 0) return;
      expect(readBatch(bytes, 'ndjson').map(({ line }) => line)).toEqual(filled);
    }),
  );
});
