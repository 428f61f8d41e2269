import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Express } from 'express';
import request from 'supertest';
import { createGateway } from '../../src/gateway.ts';
import { customerIdOf, findCurrentRecords } from '../../src/records/index.ts';
import { givenPerson, type GivenPerson } from '../people/given-people.ts';
import { customer, givenRecords, service } from '../support/given.ts';
import { openHouse, testClock, type House } from '../support/house.ts';
import { send, stripeSettings } from './given-processors.ts';
import { day, event, invoice, otherSecret, refund, secret, signatureOf } from './stripe-events.ts';

let house: House;
let gateway: Express;
let system: GivenPerson;
const clock = testClock();

beforeAll(async () => {
  house = await openHouse({ clock, settings: stripeSettings({}, [secret, otherSecret]) });
  gateway = createGateway(house.tools);
  system = await givenPerson(house.tools, ['intake']);
  await givenRecords(house.tools, [service('store'), customer('cus_1')]);
});
afterAll(() => house.close());

const stored = async () => {
  const [row] = await house.admin('processor_events').count('* as events');
  return Number(row?.['events']);
};
const paid = (id: string, more: Record<string, unknown> = {}) =>
  event('invoice.paid', invoice(`in_${id}`, [{ product: 'prod_store', amount: 1000 }], more), {
    id: `evt_${id}`,
    created: day(1),
  });
const operator = (method: 'get' | 'post', path: string) =>
  request(gateway)[method](`/operator/v1${path}`).set('Authorization', `Bearer ${system.key}`);
const shown = async (id: string) => (await operator('get', `/payment-events/${id}`)).body;

test('what Stripe did not sign now is refused, and nothing of it is stored', async () => {
  const payload = JSON.stringify(paid('forged'));
  const now = Math.floor(clock.now().getTime() / 1000);
  const signed = (timestamp: number) => signatureOf(payload, { timestamp });
  const good = signed(now);
  const refusals: [header: string | undefined, code: string, body?: string][] = [
    [undefined, 'signature-missing'],
    ['', 'signature-invalid'],
    ['v1=00', 'signature-invalid'],
    [`t=${String(now)}`, 'signature-invalid'],
    [good.replace(/v1=./, 'v1=g'), 'signature-invalid'],
    [good.replace(/t=\d+/, `t=${String(now + 1)}`), 'signature-invalid'],
    [good.replace('v1=', 'v0='), 'signature-invalid'],
    [`${good},t=${String(now)}`, 'signature-invalid'],
    [signatureOf(payload, { timestamp: now, by: 'whsec_nobody' }), 'signature-invalid'],
    [good, 'signature-invalid', payload.replace('1000', '9000')],
    [good, 'signature-invalid', `${payload}\n`],
    [signed(now - 301), 'signature-stale'],
    [signed(now + 301), 'signature-stale'],
    [`${'v1=0,'.repeat(2000)}${good}`, 'signature-invalid'],
  ];
  const before = await stored();
  for (const [header, code, body = payload] of refusals) {
    const asked = request(gateway)
      .post('/operator/v1/events/stripe')
      .set('Content-Type', 'application/json');
    if (header !== undefined) asked.set('Stripe-Signature', header);
    const answer = await asked.send(body);
    expect([header, answer.status, answer.body.code]).toEqual([header, 400, code]);
    expect(JSON.stringify(answer.body)).not.toMatch(/in_forged|whsec|evt_/);
  }
  expect(await stored()).toBe(before);
});

test('a signature of either secret counts, beside others, to the last second', async () => {
  const now = Math.floor(clock.now().getTime() / 1000);
  const payload = JSON.stringify(paid('rotated'));
  const old = signatureOf(payload, { timestamp: now - 300, by: otherSecret });
  const several = `${old},v1=${'0'.repeat(64)},v0=abc`;
  expect((await send(gateway, house.tools, payload, { header: several })).status).toBe(200);
});

test('bodies that are no events are refused, signed or not', async () => {
  const before = await stored();
  for (const body of [
    '',
    '[]',
    'null',
    '{"id":"evt_1"}',
    '{',
    '{"id":"a b","type":"x","created":1}',
  ]) {
    const answer = await send(gateway, house.tools, body);
    expect([body, answer.status, answer.body.code]).toEqual([body, 400, 'event-malformed']);
  }
  const large = await send(gateway, house.tools, `"${'x'.repeat(1024 * 1024)}"`);
  expect([large.status, large.body.code]).toEqual([413, 'content-too-large']);
  const deep = JSON.stringify({ ...paid('deep'), id: 'evt_deep' }).replace('"data":', `"x":${'['.repeat(5000)}${']'.repeat(5000)},"data":`); // prettier-ignore
  expect((await send(gateway, house.tools, deep)).body.code).toBe('event-malformed');
  expect(await stored()).toBe(before);
});

test('an event sent again changes nothing; under the same id with other words it is refused', async () => {
  const first = paid('twice');
  expect((await send(gateway, house.tools, first)).body).toEqual({
    event: 'evt_twice',
    state: 'applied',
  });
  const versions = async () => house.admin('records').where('source_key', 'in_twice:store');
  const before = JSON.stringify(await versions());
  clock.advance(60_000);
  // What is still to be delivered counts down in the event itself.
  const again = await send(gateway, house.tools, { ...first, pending_webhooks: 0 });
  expect([again.status, again.body.state]).toEqual([200, 'applied']);
  const other = await send(gateway, house.tools, { ...first, created: day(2) });
  expect([other.status, other.body.code]).toEqual([409, 'event-differs']);
  expect(JSON.stringify(await versions())).toBe(before);
});

test('ten deliveries of one event at once have one effect', async () => {
  const event = paid('crowd');
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => send(gateway, house.tools, event)),
  );
  expect(answers.map(({ status, body }) => [status, body.state])).toEqual(
    answers.map(() => [200, 'applied']),
  );
  expect(await house.admin('records').where('source_key', 'in_crowd:store')).toHaveLength(1);
});

test('an event of a moment that is still to come is asked for again', async () => {
  const early = event('invoice.paid', invoice('in_early', []), {
    created: Math.floor(clock.now().getTime() / 1000) + 5,
  });
  const answer = await send(gateway, house.tools, early);
  expect([answer.status, answer.body.code, answer.headers['retry-after']]).toEqual([
    503,
    'event-too-early',
    '60',
  ]);
});

test('what is not read is kept, and what is of another mode or account is rejected', async () => {
  const unknown = event(
    'issuing_card.created',
    { id: 'ic_1' },
    { id: 'evt_card', created: day(1) },
  );
  await send(gateway, house.tools, unknown);
  expect(await shown('evt_card')).toMatchObject({ state: 'kept', reason: 'type-not-read' });
  await send(gateway, house.tools, { ...paid('live'), livemode: true });
  expect(await shown('evt_live')).toMatchObject({ state: 'rejected', reason: 'other-mode' });
  await send(gateway, house.tools, { ...paid('account'), account: 'acct_2' });
  expect(await shown('evt_account')).toMatchObject({ state: 'rejected', reason: 'other-account' });
  const long = paid('long', { lines: { object: 'list', data: [], has_more: true } });
  await send(gateway, house.tools, long);
  expect(await shown('evt_long')).toMatchObject({ state: 'rejected', reason: 'lines-incomplete' });
  expect(await shown('evt_none')).toMatchObject({ code: 'unknown-event' });
});

test('a payment of an unknown customer waits, shows, and is stored once the customer is there', async () => {
  const back = refund('re_late', 400, { charge: 'ch_late', payment_intent: null });
  const sent = await send(gateway, house.tools, paid('late', { customer: 'cus_late', charge: 'ch_late' })); // prettier-ignore
  expect([sent.status, sent.body.state]).toEqual([200, 'waiting']);
  await send(
    gateway,
    house.tools,
    event('refund.created', back, { id: 'evt_back', created: day(3) }),
  );
  expect(await shown('evt_late')).toMatchObject({ state: 'waiting', reason: 'unknown-customer' });
  expect(await shown('evt_back')).toMatchObject({ state: 'waiting', reason: 'unknown-customer' });
  const { body: list } = await operator('get', '/payment-events?state=waiting&limit=10');
  expect(list.counts.waiting).toBe(2);
  expect(list.data.map(({ id }: { id: string }) => id).sort()).toEqual(['evt_back', 'evt_late']);
  expect((await operator('post', '/payment-events/retry')).body.data).toEqual([]);
  await givenRecords(house.tools, [customer('cus_late')]);
  const { body } = await operator('post', '/payment-events/retry');
  expect(body.data).toMatchObject([
    { id: 'evt_back', state: 'applied' },
    { id: 'evt_late', state: 'applied' },
  ]);
  const records = await findCurrentRecords(house.tools.db, {
    customerIds: [customerIdOf('cus_late')],
    types: ['payment', 'refund'],
  });
  expect(records.map(({ key }) => key).sort()).toEqual(['in_late:store', 're_late:in_late:store']);
  expect(await shown('evt_late')).toMatchObject({ state: 'applied', records: ['payment in_late:store'] }); // prettier-ignore
});

test('no word about a person is kept with the events, whatever became of them', async () => {
  const unknown = { id: 'x_1', customer_email: 'rosa@example.test', name: 'Rosa', metadata: { a: 'Rosa' } }; // prettier-ignore
  await send(
    gateway,
    house.tools,
    event('issuing_cardholder.created', unknown, { created: day(1) }),
  );
  await send(gateway, house.tools, paid('canary', { lines: { data: [], has_more: true } }));
  const rows = JSON.stringify(await house.admin('processor_events').select('*'));
  expect(rows).not.toMatch(/rosa|canary (street|ville)|canaryville|555|12345|ROSA-0001/i);
});

test('without a secret there is no such place', async () => {
  const bare = await openHouse();
  const answer = await send(createGateway(bare.tools), bare.tools, paid('nowhere'));
  const unknown = await request(createGateway(bare.tools)).post('/operator/v1/events/nowhere');
  expect([answer.status, answer.body.code, unknown.status]).toEqual([404, 'not-found', 404]);
  await bare.close();
});
