import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Express } from 'express';
import request from 'supertest';
import { createGateway } from '../../src/gateway.ts';
import { clickOn, givenPromotion, landing } from '../attribution/given-attribution.ts';
import { operatorOf } from '../operator/given-operator.ts';
import { givenPerson, type GivenPerson } from '../people/given-people.ts';
import {
  customer,
  givenPartner,
  givenRecords,
  givenToken,
  payment,
  service,
  type GivenPartner,
} from '../support/given.ts';
import { openHouse, testClock, type House } from '../support/house.ts';

let house: House;
let gateway: Express;
let bright: GivenPartner;
let other: GivenPartner;
let token: string;
let intake: GivenPerson;
let [ada, ben] = [] as unknown as [GivenPerson, GivenPerson];
const clock = testClock();
const operator = operatorOf(() => gateway);
const minutes = (count: number) => count * 60_000;

beforeAll(async () => {
  house = await openHouse({ clock, settings: landing });
  gateway = createGateway(house.tools);
  bright = await givenPartner(house.tools);
  other = await givenPartner(house.tools, { key: 'other' });
  await givenPromotion(house.tools, bright.partner, 'spring');
  await givenPromotion(house.tools, other.partner, 'autumn');
  intake = await givenPerson(house.tools, ['intake']);
  ada = await givenPerson(house.tools, ['partner']);
  ben = await givenPerson(house.tools, ['finance']);
  await givenRecords(house.tools, [service()]);
  token = await givenToken(gateway, bright);
});
afterAll(() => house.close());

/** A visitor clicks, becomes a customer a minute later, and the sign-up tells of it. */
async function signUp(key: string, codes: readonly string[]) {
  let cookie: string | undefined;
  for (const code of codes) {
    cookie = await clickOn(gateway, code, cookie);
    clock.advance(1000);
  }
  clock.advance(minutes(1));
  await givenRecords(house.tools, [customer(key)]);
  const told = { customer: key, service: 'store', signedUpAt: clock.now().toISOString() };
  const answer = await operator.post('/attributions', intake, { ...told, cookie: cookie ?? null });
  expect([key, answer.status, answer.text]).toEqual([key, 200, expect.anything()]);
  return answer.body as { id: string; status: string; partner: string | null; findings: string[] };
}

/** All that a partner can ask about customers, as bytes. */
async function seenBy(bearer: string): Promise<string> {
  const lists = ['customers', 'invoices', 'payments', 'refunds', 'records/service'];
  const paths = [
    ...[...lists, 'fees/accruals', 'fees/statements', 'me', 'schema', 'agreements', 'terms'],
    ...['customers?from=2020-01-01', 'customers?fields=contact', 'payments?limit=1'],
  ].map((path) => `/v1/${path}`);
  const texts: string[] = [];
  for (const path of paths) {
    const { status, text } = await request(gateway).get(path).auth(bearer, { type: 'bearer' });
    texts.push(`${path} ${String(status)} ${text}`);
  }
  // Every refusal has an id of its own.
  return texts.join('\n').replaceAll(/"requestId":"req_[^"]*"/g, '');
}

test('promise P10: of a customer attributed, held or unknown a partner sees the same bytes until the first settled payment', async () => {
  const before = await seenBy(token);
  const attributed = await signUp('clicked', ['spring']);
  expect(attributed).toMatchObject({ status: 'attributed', partner: 'brightside', findings: [] });
  expect(await seenBy(token)).toBe(before);
  const held = await signUp('claimed-twice', ['spring', 'autumn']);
  expect(held).toMatchObject({ status: 'held', partner: 'other', findings: ['two-claimants'] });
  expect(await seenBy(token)).toBe(before);
  expect(await signUp('direct', [])).toMatchObject({ status: 'direct', partner: null });
  expect(await seenBy(token)).toBe(before);
  clock.advance(minutes(1));
  const settledAt = clock.now().toISOString();
  await givenRecords(house.tools, [
    payment('p-direct', 'direct', { settledAt }),
    payment('p-held', 'claimed-twice', { settledAt }),
  ]);
  expect(await seenBy(token)).toBe(before);
  await givenRecords(house.tools, [payment('p-clicked', 'clicked', { settledAt })]);
  const after = await seenBy(token);
  expect(after).toContain('Person clicked');
  expect(after).not.toMatch(/Person (claimed-twice|direct)/);
});

test('a held sign-up becomes a partner’s by two persons, and the ledger names both and the attribution', async () => {
  const { id } = await signUp('contested', ['autumn', 'spring']);
  const proposals = `/attributions/${id}/proposals`;
  const said = { partner: 'brightside', reason: 'the last click was theirs' };
  expect((await operator.post(proposals, intake, said)).body).toMatchObject({
    code: 'role-missing',
  });
  const proposed = await operator.post(proposals, ada, said);
  expect(proposed.body).toMatchObject({ attribution: id });
  const approval = `/proposals/${String(proposed.body.proposal.id)}/approve`;
  expect((await operator.post(approval, ada)).body).toMatchObject({ code: 'second-person-needed' });
  expect((await operator.post(approval, ben)).status).toBe(200);
  const shown = await operator.get(`/attributions/${id}`, ben);
  expect(shown.body).toMatchObject({
    ...{ status: 'attributed', partner: 'brightside', customer: 'contested' },
    decision: { proposedBy: ada.id, approvedBy: ben.id, reason: said.reason },
  });
  const events = await house.admin('relationship_events').where({ event: 'attributed' }).select();
  expect(events.map(({ evidence }) => String(evidence))).toContain(
    `attribution ${id}, proposed by ${ada.id}, approved by ${ben.id}: ${said.reason}`,
  );
  expect((await operator.post(proposals, ada, said)).body).toMatchObject({
    code: 'attribution-decided',
  });
});
