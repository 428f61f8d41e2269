import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Express } from 'express';
import { createGateway } from '../../src/gateway.ts';
import { setChoice } from '../../src/intake/index.ts';
import { setPartnerContact } from '../../src/partners/index.ts';
import { endPromotion } from '../../src/promotions/index.ts';
import { customerIdOf } from '../../src/records/index.ts';
import { operatorOf } from '../operator/given-operator.ts';
import { givenPerson, type GivenPerson } from '../people/given-people.ts';
import { customer, givenPartner, givenRecords, givenRelationship, payment, service, type GivenPartner } from '../support/given.ts'; // prettier-ignore
import { openHouse, testClock, type House } from '../support/house.ts';
import { clickOn, givenPromotion, landing } from './given-attribution.ts';

let house: House;
let gateway: Express;
let [bright, other] = [] as unknown as [GivenPartner, GivenPartner];
let [intake, ada, ben] = [] as unknown as [GivenPerson, GivenPerson, GivenPerson];
const clock = testClock();
const operator = operatorOf(() => gateway);
const second = 1000;
const day = 86_400_000;

beforeAll(async () => {
  house = await openHouse({ clock, settings: landing });
  gateway = createGateway(house.tools);
  bright = await givenPartner(house.tools);
  other = await givenPartner(house.tools, { key: 'other' });
  await givenRecords(house.tools, [service(), service('second')]);
  await givenPromotion(house.tools, bright.partner, 'spring');
  await givenPromotion(house.tools, other.partner, 'autumn');
  await givenPromotion(house.tools, bright.partner, 'for-second', { service: 'second' });
  intake = await givenPerson(house.tools, ['intake']);
  ada = await givenPerson(house.tools, ['finance']);
  ben = await givenPerson(house.tools, ['partner']);
});
afterAll(() => house.close());

interface Told {
  readonly customer: string;
  readonly service: string;
  readonly signedUpAt: string;
  readonly cookie: string | null;
  readonly gpc?: boolean;
  readonly signUpId?: string;
}

const now = () => clock.now().toISOString();
const tell = (told: Partial<Told>) =>
  operator.post('/attributions', intake, {
    service: 'store',
    signedUpAt: now(),
    cookie: null,
    ...told,
  });
/** A second passes, and somebody who clicked these signs up. */
async function newcomer(
  key: string,
  codes: readonly string[] = ['spring'],
  more: Record<string, unknown> = {},
) {
  // prettier-ignore
  let cookie: string | undefined;
  for (const code of codes) {
    cookie = await clickOn(gateway, code, cookie);
    clock.advance(second);
  }
  await givenRecords(house.tools, [customer(key, more)]);
  return { customer: key, cookie: cookie ?? null, signedUpAt: now() };
}
const relationshipsOf = async (key: string) =>
  house.admin('relationships').where({ customer_id: customerIdOf(key) });

test('the same sign-up again has the same answer and nothing new, also fifty times at once', async () => {
  const told = { ...(await newcomer('ann')), signUpId: 'signup-1' };
  const answers = await Promise.all(Array.from({ length: 50 }, () => tell(told)));
  clock.advance(day);
  answers.push(await tell(told));
  expect(new Set(answers.map(({ status, text }) => `${String(status)} ${text}`)).size).toBe(1);
  expect(answers[0]?.body).toMatchObject({ status: 'attributed', partner: 'brightside', signUpId: 'signup-1' }); // prettier-ignore
  expect(await relationshipsOf('ann')).toHaveLength(1);
  expect(await house.admin('attributions').where({ customer_id: customerIdOf('ann') })).toHaveLength(1); // prettier-ignore
});

test('told in another way under the same id, or without one of the same customer and service, it is refused', async () => {
  const told = { ...(await newcomer('bea')), signUpId: 'signup-2' };
  await newcomer('ben');
  expect((await tell(told)).status).toBe(200);
  const others: Partial<Told>[] = [
    { customer: 'ben' },
    { service: 'second' },
    { cookie: null },
    { gpc: true },
    { signedUpAt: new Date(clock.now().getTime() - 5 * second).toISOString() },
  ];
  for (const more of others) {
    const answer = await tell({ ...told, ...more });
    expect([more, answer.status, answer.body]).toMatchObject([more, 409, { code: 'sign-up-differs' }]); // prettier-ignore
  }
  const bare = await newcomer('cid', []);
  expect((await tell(bare)).body).toMatchObject({ status: 'direct', findings: ['no-cookie'] });
  expect((await tell({ ...bare, gpc: true })).body).toMatchObject({ code: 'sign-up-differs' });
  expect((await tell({ ...bare, signUpId: 'signup-3' })).status).toBe(200);
});

test('promise P26: nothing is attributed with the privacy control, without the cookie or with a broken one', async () => {
  const { cookie, ...told } = await newcomer('dan');
  const rows: readonly (readonly [Partial<Told>, string])[] = [
    [{ cookie, gpc: true }, 'privacy-control'],
    [{ cookie: null }, 'no-cookie'],
    [{ cookie: `${cookie ?? ''}x` }, 'unreadable-cookie'],
    [{ cookie: '' }, 'unreadable-cookie'],
    [{ cookie: 'z'.repeat(16_000) }, 'unreadable-cookie'],
    [{ cookie: '{"alg":"none"}' }, 'unreadable-cookie'],
  ];
  for (const [place, [more, finding]] of rows.entries()) {
    const answer = await tell({ ...told, ...more, signUpId: `dan-${String(place)}` });
    expect([more, answer.body]).toMatchObject([more, { status: 'direct', partner: null, findings: [finding] }]); // prettier-ignore
  }
  expect(await relationshipsOf('dan')).toEqual([]);
});

test('clicks after the sign-up, when the code was over, of another service or too long ago count for nothing', async () => {
  await givenPromotion(house.tools, bright.partner, 'short');
  const late = await newcomer('eve');
  const early = new Date(clock.now().getTime() - 10 * second).toISOString();
  expect((await tell({ ...late, signedUpAt: early })).body).toMatchObject({ status: 'direct', findings: ['no-click-counts'], evidence: { clicks: [{ fault: 'after-sign-up' }] } }); // prettier-ignore
  const second_ = await newcomer('fay', ['for-second']);
  expect((await tell(second_)).body).toMatchObject({ status: 'direct', evidence: { clicks: [{ fault: 'another-service' }] } }); // prettier-ignore
  expect((await tell({ ...second_, service: 'second' })).body).toMatchObject({ status: 'attributed' }); // prettier-ignore
  const before = await newcomer('gus', ['short']);
  await endPromotion(house.tools, { code: 'short', by: 'test' });
  // What was clicked before the end goes on counting.
  expect((await tell(before)).body).toMatchObject({ status: 'attributed' });
  const old = await newcomer('hal');
  clock.advance(31 * day);
  expect((await tell({ ...old, signedUpAt: now() })).body).toMatchObject({ status: 'direct', evidence: { clicks: [{ fault: 'too-old' }] } }); // prettier-ignore
});

test('two claimants, a partner itself and an existing customer are held with the evidence', async () => {
  await setPartnerContact(house.tools, { partnerId: bright.partner.id, matter: 'business', person: { name: 'Bo', email: 'bo@bright.example' } }); // prettier-ignore
  const race = await tell(await newcomer('ida', ['autumn', 'spring']));
  expect(race.body).toMatchObject({ status: 'held', partner: 'brightside', relationship: null, findings: ['two-claimants'], evidence: { clicks: [{ code: 'autumn', partner: 'other', fault: null }, { code: 'spring', partner: 'brightside', fault: null }] } }); // prettier-ignore
  const self = await tell(await newcomer('jo', ['spring'], { email: { address: 'jo@bright.example' } })); // prettier-ignore
  expect(self.body).toMatchObject({ status: 'held', partner: null, findings: ['self-referral'], evidence: { clicks: [{ likeness: 'same-domain' }] } }); // prettier-ignore
  const kept = JSON.stringify(await house.admin('attributions').select());
  expect(kept).not.toMatch(/bright[.]example|Person|Springfield/);
  await newcomer('kim', []);
  clock.advance(second);
  const known = await tell(await newcomer('kim'));
  expect(known.body).toMatchObject({
    status: 'held',
    partner: null,
    findings: ['existing-customer'],
  });
  const early = await newcomer('leo');
  const settledAt = new Date(clock.now().getTime() - day).toISOString();
  await givenRecords(house.tools, [payment('p-leo', 'leo', { settledAt })]);
  expect((await tell(early)).body).toMatchObject({ status: 'held', evidence: { firstPaidAt: expect.anything() } }); // prettier-ignore
  const related = await newcomer('mia');
  await givenRelationship(house.tools, other.partner, 'mia', { at: clock.now() });
  expect((await tell(related)).body).toMatchObject({
    status: 'held',
    findings: ['existing-customer'],
  });
  const held = await operator.get('/attributions?status=held&limit=2', ada);
  expect(held.body.data).toHaveLength(2);
  const rest = await operator.get(`/attributions?status=held&limit=100&cursor=${String(held.body.next)}`, ada); // prettier-ignore
  expect(rest.body).toMatchObject({ next: null, data: expect.anything() });
  const all = [...held.body.data, ...rest.body.data] as { customer: string }[];
  expect(all.map((one) => one.customer).sort()).toEqual(['ida', 'jo', 'kim', 'leo', 'mia']);
});

test('promise P32: a customer who does not want to be shared is attributed to nobody', async () => {
  const choose = async (key: string, partner?: GivenPartner['partner']) =>
    setChoice(house.tools, { customerId: customerIdOf(key), partner, sharing: 'refused', at: clock.now(), evidence: 'test', actor: 'test' }); // prettier-ignore
  const all = await newcomer('ned');
  await choose('ned');
  expect((await tell(all)).body).toMatchObject({ status: 'refused', partner: null, findings: ['opted-out'] }); // prettier-ignore
  // Of two claimants the one whom the customer refused claims nothing.
  const one = await newcomer('oda', ['autumn', 'spring']);
  await choose('oda', bright.partner);
  expect((await tell(one)).body).toMatchObject({ status: 'attributed', partner: 'other' });
  expect(await relationshipsOf('ned')).toEqual([]);
});

test('a proposal is refused once the customer has opted out, and what is decided stays decided', async () => {
  const { body } = await tell(await newcomer('pia', ['autumn', 'spring']));
  const path = `/attributions/${String(body.id)}/proposals`;
  const propose = async (partner: string | null) =>
    (await operator.post(path, ada, { partner, reason: 'their word' })).body.proposal.id as string;
  const [first, next, nobody] = [await propose('brightside'), await propose('other'), await propose(null)]; // prettier-ignore
  await setChoice(house.tools, { customerId: customerIdOf('pia'), partner: bright.partner, sharing: 'refused', at: clock.now(), evidence: 'test', actor: 'test' }); // prettier-ignore
  const approve = async (id: string) => (await operator.post(`/proposals/${id}/approve`, ben)).body as object; // prettier-ignore
  expect(await approve(first)).toMatchObject({
    code: 'invalid-relationship-event',
    promise: 'P32',
  });
  expect(await approve(nobody)).toMatchObject({ status: 'approved' });
  expect(await approve(next)).toMatchObject({ code: 'attribution-decided' });
  expect((await operator.get(`/attributions/${String(body.id)}`, ada)).body).toMatchObject({ status: 'direct', partner: null, relationship: null, decision: { reason: 'their word' } }); // prettier-ignore
  expect(await relationshipsOf('pia')).toEqual([]);
});

test('of proposals that are approved at once, one is carried out', async () => {
  const { body } = await tell(await newcomer('sue', ['autumn', 'spring']));
  const path = `/attributions/${String(body.id)}/proposals`;
  const ids = await Promise.all(
    ['brightside', 'other', null, 'brightside', 'other', null].map(async (partner) => {
      const proposed = await operator.post(path, ada, { partner, reason: 'their word' });
      return String(proposed.body.proposal.id);
    }),
  );
  const answers = await Promise.all(
    ids.map((id) => operator.post(`/proposals/${id}/approve`, ben)),
  );
  const codes = answers.map(({ status, body: { code } }) =>
    status === 200 ? 'done' : String(code),
  );
  expect(codes.sort()).toEqual([...Array<string>(5).fill('attribution-decided'), 'done']);
  const decisions = await house.admin('attribution_decisions').where({ attribution_id: body.id });
  expect(decisions).toHaveLength(1);
  expect(await relationshipsOf('sue')).toHaveLength(decisions[0]?.partner_id === null ? 0 : 1);
});

test('the database itself keeps that two persons decide, once, and only about what is held', async () => {
  const { body } = await tell(await newcomer('tom', ['autumn', 'spring']));
  const direct = await tell(await newcomer('una', []));
  const decided = (of: string, id: string, approvedBy: string) =>
    house.admin('attribution_decisions').insert({
      ...{ customer_id: customerIdOf(of), attribution_id: id, partner_id: null },
      ...{ proposed_by: ada.id, approved_by: approvedBy, reason: 'x', decided_at: clock.now() },
    });
  await expect(decided('tom', body.id, ada.id)).rejects.toThrow('second_person_decides');
  await expect(decided('una', direct.body.id, ben.id)).rejects.toThrow('only what is held');
  await decided('tom', body.id, ben.id);
  await expect(decided('tom', body.id, ben.id)).rejects.toThrow('attribution_decisions_pkey');
  const listed = await operator.get('/attributions?status=direct', ada);
  const names = (listed.body.data as { customer: string }[]).map((one) => one.customer);
  expect(names.slice(0, 2).sort()).toEqual(['tom', 'una']);
});

test('a customer who came by telephone is a partner’s by a reason and two persons', async () => {
  await newcomer('quin', []);
  const said = { customer: 'quin', service: 'store', partner: 'brightside', reason: 'told us by telephone' }; // prettier-ignore
  const path = '/attributions/proposals';
  expect((await operator.post(path, intake, said)).body).toMatchObject({ code: 'role-missing' });
  for (const [wrong, code] of [
    [{ customer: 'nobody' }, 'unknown-customer'],
    [{ service: 'none' }, 'unknown-service'],
    [{ partner: 'none' }, 'unknown-partner'],
    [{ reason: ' ' }, 'invalid-attribution'],
    [{ reason: 'a\u0007b' }, 'body-invalid'],
    [{ signedUpAt: '2999-01-01T00:00:00Z' }, 'invalid-sign-up'],
    [{ signedUpAt: 'yesterday' }, 'invalid-sign-up'],
  ] as const) {
    const answer = await operator.post(path, ada, { ...said, ...wrong });
    expect([wrong, answer.body]).toMatchObject([wrong, { code }]);
  }
  const made = await operator.post(path, ada, said);
  expect(made.status).toBe(200);
  expect((await operator.post(path, ada, said)).body).toMatchObject({ code: 'attribution-held' });
  const shown = await operator.get(`/attributions/${String(made.body.attribution)}`, ben);
  expect(shown.body).toMatchObject({ status: 'held', findings: ['entered-by-hand'], evidence: { clicks: [] } }); // prettier-ignore
  const proposal = await operator.get(`/proposals/${String(made.body.proposal.id)}`, ben);
  expect(proposal.body).toMatchObject({ kind: 'attribution', diff: { partner: 'brightside', reason: said.reason } }); // prettier-ignore
  expect((await operator.post(`/proposals/${String(made.body.proposal.id)}/approve`, ben)).status).toBe(200); // prettier-ignore
  expect(await relationshipsOf('quin')).toMatchObject([{ partner_id: bright.partner.id, is_active: false }]); // prettier-ignore
});

test('bad input is refused by name, and nothing of it is kept', async () => {
  const told = await newcomer('rob');
  const before = await house.admin('attributions').count();
  const rows: readonly (readonly [Record<string, unknown>, number, string])[] = [
    [{ customer: 'nobody' }, 404, 'unknown-customer'],
    [{ service: 'none' }, 404, 'unknown-service'],
    [{ signedUpAt: '2026-13-01T00:00:00Z' }, 422, 'invalid-sign-up'],
    [{ signedUpAt: new Date(clock.now().getTime() + 1).toISOString() }, 422, 'invalid-sign-up'],
    [{ signUpId: 'ada@example.com' }, 422, 'body-invalid'],
    [{ signUpId: '' }, 422, 'body-invalid'],
    [{ cookie: 7 }, 422, 'body-invalid'],
    [{ email: 'ada@example.com' }, 422, 'body-invalid'],
    [{ cookie: 'x'.repeat(20_000) }, 422, 'body-invalid'],
  ];
  for (const [wrong, status, code] of rows) {
    const answer = await tell({ ...told, ...wrong });
    expect([wrong, answer.status, answer.body.code]).toEqual([wrong, status, code]);
  }
  expect(await house.admin('attributions').count()).toEqual(before);
  for (const id of ['x', '00000000-0000-7000-8000-000000000000', 'proposals']) {
    expect((await operator.get(`/attributions/${id}`, ada)).body).toMatchObject({ code: 'unknown-attribution' }); // prettier-ignore
  }
});
