import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Express } from 'express';
import request from 'supertest';
import { accrueFees, lineIdOf } from '../../src/fees/index.ts';
import { createGateway } from '../../src/gateway.ts';
import { clickOn, givenPromotion, landing } from '../attribution/given-attribution.ts';
import { operatorOf } from '../operator/given-operator.ts';
import { givenPerson, type GivenPerson } from '../people/given-people.ts';
import { send, stripeSettings } from '../processors/given-processors.ts';
import { day, event, invoice, invoicePayment, refund } from '../processors/stripe-events.ts';
import { givenPartner, givenToken, type GivenPartner } from '../support/given.ts';
import { openHouse, testClock, type House } from '../support/house.ts';
import { runCommand } from '../support/run-command.ts';

/**
 * One customer's way from a click on a partner's link to the money that the partner gets for it, over
 * the HTTP surface alone; and from the line on the statement back to each piece of evidence.
 */

let house: House;
let gateway: Express;
let bright: GivenPartner;
let [systems, ada, ben] = [] as unknown as [GivenPerson, GivenPerson, GivenPerson];
const clock = testClock(new Date(day(0) * 1000));
const operator = operatorOf(() => gateway);

beforeAll(async () => {
  house = await openHouse({ clock, settings: { ...landing, ...stripeSettings() } });
  gateway = createGateway(house.tools);
  bright = await givenPartner(house.tools);
  await givenPromotion(house.tools, bright.partner, 'spring');
  systems = await givenPerson(house.tools, ['intake']);
  ada = await givenPerson(house.tools, ['finance', 'partner']);
  ben = await givenPerson(house.tools, ['finance', 'partner']);
});
afterAll(() => house.close());

const sluice = (...words: string[]) =>
  runCommand(words, {
    DATABASE_URL: house.urls.app,
    DATABASE_READER_URL: house.urls.reader,
    SLUICE_DATA_DIR: house.tools.settings.dataDir,
    SLUICE_LOG_LEVEL: 'silent',
  });
const itIs = (moment: number) => {
  clock.set(new Date(moment * 1000));
};
async function ok<Body>(asked: PromiseLike<request.Response>): Promise<Body> {
  const { status, body, text } = await asked;
  expect([status < 300, text]).toEqual([true, expect.anything()]);
  return body as Body;
}
const put = (type: string, id: string, record: object) =>
  request(gateway)
    .put(`/operator/v1/records/${type}/${id}`)
    .set('Authorization', `Bearer ${systems.key}`)
    .send(record);
async function asPartner(path: string, claim?: object): Promise<request.Response> {
  const bearer = await givenToken(gateway, bright);
  const asked = claim ? request(gateway).post(`/v1/${path}`).send(claim) : request(gateway).get(`/v1/${path}`); // prettier-ignore
  return asked.auth(bearer, { type: 'bearer' });
}

interface Line {
  readonly id: string;
  readonly payment?: string;
  readonly amount: { readonly amount: number };
  readonly reason: string;
}

test('promise P10: from the click to the payout, and from the statement’s line back to the click', async () => {
  // A visitor clicks, and signs up in the operator's shop, which brings the cookie.
  await ok(put('service', 'store', { code: 'store', name: 'The Store' }));
  const cookie = await clickOn(gateway, 'spring');
  itIs(day(0, 3600));
  await ok(put('customer', 'cus_1', { contact: { kind: 'person', name: 'Rosa' } }));
  const signUp = { customer: 'cus_1', service: 'store', signedUpAt: clock.now().toISOString() };
  const attributed = await ok<{ id: string; partner: string; promotions?: unknown }>(
    operator.post('/attributions', systems, { ...signUp, cookie }),
  );
  expect(attributed.partner).toBe('brightside');
  expect((await ok<{ data: unknown[] }>(asPartner('customers'))).data).toEqual([]);

  // Stripe says that the first invoice is paid: the customer is one of both, and the partner sees it.
  itIs(day(1, 60));
  const paid = invoice('in_1', [{ product: 'prod_store', amount: 1000, tax: 190 }], { paidAt: day(1) }); // prettier-ignore
  await ok(send(gateway, house.tools, event('invoice.paid', paid, { id: 'evt_paid', created: day(1) }))); // prettier-ignore
  const link = invoicePayment('in_1', 'pi_1', { amount_paid: 1190 });
  await ok(send(gateway, house.tools, event('invoice_payment.paid', link, { id: 'evt_link', created: day(1) }))); // prettier-ignore
  const seen = await ok<{ data: { id: string; contact: { name: string } }[] }>(asPartner('customers')); // prettier-ignore
  expect(seen.data.map(({ contact }) => contact.name)).toEqual(['Rosa']);

  // A part goes back.
  itIs(day(3, 60));
  const back = refund('re_1', 238, { created: day(3) });
  await ok(send(gateway, house.tools, event('refund.created', back, { id: 'evt_back', created: day(3) }))); // prettier-ignore

  // The month is over: one person closes, another approves.
  itIs(day(31));
  await accrueFees(house.tools, {});
  await ok(operator.post('/statements/close', ada, { month: '2026-11', partner: null }));
  const statement = '/partners/brightside/statements/2026-11.EUR';
  const own = await operator.post(`${statement}/approve`, ada);
  expect(own.body).toMatchObject({ code: 'second-person-needed' });

  // The partner claims what it thinks it is owed, and both find out by what they differ.
  const stated = await ok<{ lines: { data: Line[] } | Line[]; payout: { amount: number } }>(asPartner('fees/statements/2026-11.EUR')); // prettier-ignore
  const lines = Array.isArray(stated.lines) ? stated.lines : stated.lines.data;
  // 20 % of 10.00 net, less its fifth.
  expect(lines.map(({ amount }) => amount.amount).sort((a, b) => a - b)).toEqual([-40, 200]);
  expect(stated.payout.amount).toBe(160);
  const line = lines.find(({ amount }) => amount.amount === 200);
  const claim = await ok<{ id: string }>(
    asPartner('fees/claims?period=2026-11&currency=EUR', { lines: [{ payment: line?.payment, amount: 200 }] }), // prettier-ignore
  );
  const result = await ok<{ outcomes: { outcome: string }[] }>(asPartner(`fees/claims/${claim.id}`)); // prettier-ignore
  expect(JSON.stringify(result)).toContain('amount-differs');
  const claims = await ok<{ data: { id: string }[] }>(operator.get('/claims', ada));
  const ours = claims.data[0]?.id ?? '';
  await ok(operator.post(`/partners/brightside/claims/${ours}/accept-ours`, ada, { reason: 'a fifth was refunded' })); // prettier-ignore

  // Approved by the second person, and paid in a batch on the account that two persons named.
  await ok(operator.post(`${statement}/approve`, ben));
  const account = { currency: 'EUR', name: 'Brightside GmbH', account: 'DE89370400440532013000' };
  const proposed = await ok<{ proposal: { id: string } } | { id: string }>(operator.post('/partners/brightside/payees', ada, account)); // prettier-ignore
  const proposalId = 'proposal' in proposed ? proposed.proposal.id : proposed.id;
  await ok(operator.post(`/proposals/${proposalId}/approve`, ben));
  const { payout } = await ok<{ payout: { number: number } }>(operator.post('/payouts', ada, { currency: 'EUR' })); // prettier-ignore
  await ok(operator.post(`/payouts/${String(payout.number)}/payment`, ada, { reference: 'SEPA 4711' })); // prettier-ignore
  expect((await ok<{ status: string }>(operator.get(statement, ben))).status).toBe('paid');

  // From the line back to every step. The command has other keys here: it is asked by our own id.
  const lineId = lineIdOf(house.tools, { lineId: line?.id ?? '', partnerId: bright.partner.id });
  const told = JSON.parse((await sluice('fees', 'explain', lineId ?? '', '--json')).text) as {
    // prettier-ignore
    explanation: { inputs: Record<string, unknown>; text: string };
    stated: unknown;
    relationship: { event: string; evidence: string }[];
  };
  const evidenceOf = (which: string) => told.relationship.find((one) => one.event === which)?.evidence; // prettier-ignore
  expect(evidenceOf('attributed')).toContain(attributed.id);
  expect(evidenceOf('activated')).toContain('in_1');
  const click = await ok<object>(operator.get(`/attributions/${attributed.id}`, ada));
  expect(JSON.stringify(click)).toContain('spring');
  const events = await ok<{ data: { id: string }[] }>(operator.get('/payment-events', ada));
  expect(JSON.stringify(events)).toContain('evt_paid');
  const why = await sluice('statement', 'show', '2026-11.EUR', '--partner', 'brightside', '--json');
  expect(why.text).toContain('SEPA 4711');
  expect(JSON.stringify(told)).toContain('2026-11.EUR');
  const month = await sluice('fees', 'month', '2026-11');
  expect(month.text).toContain('SEPA 4711');
});
