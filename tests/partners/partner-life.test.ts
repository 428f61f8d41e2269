import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Express } from 'express';
import fc from 'fast-check';
import request from 'supertest';
import {
  findAcceptances,
  findAgreementVersions,
  offerAgreement,
  publishAgreement,
  retireAgreement,
} from '../../src/agreements/index.ts';
import { addClient } from '../../src/clients/index.ts';
import { createGateway } from '../../src/gateway.ts';
import { retirePartner } from '../../src/intake/index.ts';
import {
  addPartner,
  changePartnerStatus,
  findPartner,
  findPartnerContacts,
  findPartnerEvents,
  setPartnerContact,
  type PartnerStatus,
} from '../../src/partners/index.ts';
import { findRelationshipsOfPartner } from '../../src/relationships/index.ts';
import { acceptTerms, publishTerms } from '../../src/terms/index.ts';
import { acceptances, admit } from '../support/admit.ts';
import {
  givenPartner,
  givenSharedCustomer,
  givenToken,
  type GivenPartner,
} from '../support/given.ts';
import { openHouse, testClock, type House } from '../support/house.ts';

const day = 86_400_000;
const clock = testClock();
let house: House;
let gateway: Express;
beforeAll(async () => {
  house = await openHouse({ clock });
  gateway = createGateway(house.tools);
});
afterAll(() => house.close());

const terms = {
  ...{ direction: 'payable', classes: ['contact', 'account', 'billing'], purposes: ['identity', 'billing'] },
  ...{ services: 'all', timeZone: 'UTC', termsClauses: {} },
}; // prettier-ignore
const said = { by: 'Bo Bright', evidence: 'signed', actor: 'Ann' };
const read = (token: string, path = '/v1/customers') =>
  request(gateway).get(path).auth(token, { type: 'bearer' });
const post = (token: string, path: string, body: object) =>
  request(gateway).post(path).auth(token, { type: 'bearer' }).send(body);
const ask = async ({ clientId, secret }: Pick<GivenPartner, 'clientId' | 'secret'>) => {
  const asked = request(gateway).post('/oauth/token').auth(clientId, secret).type('form');
  const { status, body } = await asked.send({ grant_type: 'client_credentials' });
  return [status, (body as { error?: string }).error, (body as { error_description?: string }).error_description] as const; // prettier-ignore
};

test('promise P04: a partner gets no token before its acceptance of the terms in force is recorded', async () => {
  const { tools } = house;
  const partner = await addPartner(tools, { key: 'new', kind: 'referral', name: 'New' });
  expect(partner.status).toBe('invited');
  await publishAgreement(tools, { partnerId: partner.id, validFrom: '2026-01-01', terms, acceptances }); // prettier-ignore
  const { client, secret } = await addClient(tools, { partnerId: partner.id, name: 'new' });
  const its = { clientId: client.clientId, secret };
  const before = await ask(its);
  expect(before.slice(0, 2)).toEqual([400, 'unauthorized_client']);
  expect(before[2]).toContain('P04');
  // It can't be made active in any other way.
  for (const status of ['active', 'suspended'] as const) {
    await expect(changePartnerStatus(tools, { partnerId: partner.id, status })).rejects.toThrow(/accepting/); // prettier-ignore
  }
  await admit(tools, partner.id);
  expect((await findPartner(tools.db, partner.id))?.status).toBe('active');
  expect((await ask(its))[0]).toBe(200);
  // The next version counts from its moment on, and may be accepted before it.
  const effectiveAt = new Date(clock.now().getTime() + day);
  await publishTerms(tools, { version: 'next-1', document: 'More.', effectiveAt, actor: 'Ann' });
  const eager = await givenPartner(tools, { key: 'eager' });
  const token = await givenToken(gateway, eager);
  const accepting = await post(token, '/v1/terms/next-1/acceptance', { by: 'Eve Eager' });
  expect([accepting.status, accepting.body.by]).toEqual([201, 'Eve Eager']);
  expect((await post(token, '/v1/terms/next-1/acceptance', { by: 'Eve' })).body.code).toBe('terms-accepted'); // prettier-ignore
  expect((await ask(its))[0]).toBe(200);
  clock.advance(day);
  expect((await ask(its)).slice(0, 2)).toEqual([400, 'unauthorized_client']);
  expect((await ask(eager))[0]).toBe(200);
  const own = await read(await givenToken(gateway, eager), '/v1/terms');
  expect((own.body as { data: object[] }).data).toMatchObject([
    { standing: 'over', accepted: { by: 'Bo Bright' } },
    { version: 'next-1', standing: 'in force', accepted: { by: 'Eve Eager' } },
  ]);
  await acceptTerms(tools, { partnerId: partner.id, ...said });
  expect((await ask(its))[0]).toBe(200);
  const { body } = await request(gateway).get('/terms');
  expect(body).toMatchObject({ inForce: { version: 'next-1', document: 'More.' }, announced: [] });
});

test('terms that are over, of a retired partner, without words or out of order are refused', async () => {
  const { tools } = house;
  const { partner } = await givenPartner(tools, { key: 'late' });
  const { id: partnerId } = partner;
  await expect(acceptTerms(tools, { partnerId, version: '2019-1', ...said })).rejects.toThrow(
    /is over/,
  );
  await expect(acceptTerms(tools, { partnerId, version: 'none', ...said })).rejects.toMatchObject({ kind: { code: 'unknown-terms' } }); // prettier-ignore
  await expect(acceptTerms(tools, { partnerId, ...said, by: ' ' })).rejects.toMatchObject({ facts: { field: 'by' } }); // prettier-ignore
  const publish = (more: object) =>
    publishTerms(tools, { version: 'x', document: 'x', actor: 'Ann', ...more });
  const past = new Date(clock.now().getTime() - 1);
  await expect(publish({ effectiveAt: past })).rejects.toMatchObject({ facts: { field: 'effectiveAt' } }); // prettier-ignore
  await expect(publish({ document: ' ' })).rejects.toMatchObject({ facts: { field: 'document' } });
  await expect(publish({ version: 'A b' })).rejects.toMatchObject({ facts: { field: 'version' } });
  await retirePartner(tools, { partnerId, actor: 'Ann', reason: 'over' });
  await expect(acceptTerms(tools, { partnerId, ...said })).rejects.toThrow(/retired/);
});

test('a partner moves as its life goes, whoever tries otherwise, and the database agrees', async () => {
  const { tools } = house;
  const all: PartnerStatus[] = ['active', 'suspended', 'retired'];
  let n = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...all), { maxLength: 6 }), async (moves) => {
      n += 1;
      const { partner } = await givenPartner(tools, { key: `moves-${String(n)}`, view: null });
      let status: PartnerStatus = 'active';
      let booked = 0;
      for (const next of moves) {
        const move = changePartnerStatus(tools, { partnerId: partner.id, status: next });
        if (status === 'retired' && next !== 'retired')
          await expect(move).rejects.toThrow(/stays retired/); // prettier-ignore
        else {
          await move;
          status = next;
          booked += 1;
        }
      }
      expect((await findPartner(tools.db, partner.id))?.status).toBe(status);
      expect(await findPartnerEvents(tools.db, partner.id)).toHaveLength(2 + booked);
    }),
    { numRuns: 12 },
  );
  const { partner } = await givenPartner(tools, { key: 'forced' });
  const move = (status: string) => tools.db('partners').where('id', partner.id).update({ status });
  await expect(move('invited')).rejects.toThrow(/does not follow/);
  await move('retired');
  await expect(move('active')).rejects.toThrow(/does not follow/);
});

test('an agreement is accepted by both sides or is none, and says who accepted it', async () => {
  const { tools } = house;
  const { partner } = await givenPartner(tools, { key: 'both' });
  expect(await findAcceptances(tools.db, partner.id)).toMatchObject([
    { version: 1, side: 'operator', by: 'Ada Byron' },
    { version: 1, side: 'partner', by: 'Bo Bright' },
  ]);
  const [first] = await tools.db('agreement_versions').where('partner_id', partner.id);
  const alone = tools.db('agreement_versions').insert({ ...first, version: 2, terms: JSON.stringify(terms) }); // prettier-ignore
  await expect(alone).rejects.toThrow(/both sides/);
});

test('an offer is no agreement until the partner accepts it, once, by its own API', async () => {
  const { tools } = house;
  const its = await givenPartner(tools, { key: 'offered', classes: ['contact'], view: null });
  const { id: partnerId } = its.partner;
  const token = await givenToken(gateway, its);
  const offer = { partnerId, validFrom: '2026-01-01', terms, by: 'Ann' };
  await offerAgreement(tools, offer);
  const { number } = await offerAgreement(tools, { ...offer, validFrom: '2020-01-01' });
  expect(await findAgreementVersions(tools.db, partnerId)).toHaveLength(1);
  const path = (n: number, act: string) => `/v1/agreements/offers/${String(n)}/${act}`;
  const withdrawn = await post(token, path(1, 'acceptance'), { by: 'Bo' });
  expect([withdrawn.status, withdrawn.body.code]).toEqual([409, 'offer-decided']);
  expect((await post(token, path(9, 'acceptance'), { by: 'Bo' })).body.code).toBe('unknown-offer');
  expect((await post(token, path(number, 'acceptance'), {})).status).toBe(422);
  const accepted = await post(token, path(number, 'acceptance'), { by: 'Olga Offered' });
  // The day of the offer is over: it begins on the day of its acceptance.
  const today = clock.now().toISOString().slice(0, 10);
  expect([accepted.status, accepted.body]).toEqual([201, { version: 2, validFrom: today }]);
  const acceptance = (await findAcceptances(tools.db, partnerId)).at(-1);
  expect(acceptance).toMatchObject({ version: 2, side: 'partner', by: 'Olga Offered' });
  expect(acceptance?.evidence).toContain(its.clientId);
  expect((await post(token, path(number, 'decline'), { by: 'Olga' })).body.code).toBe(
    'offer-decided',
  );
  const third = await offerAgreement(tools, { ...offer, validFrom: '2031-01-01' });
  expect((await post(token, path(third.number, 'decline'), { by: 'Olga' })).status).toBe(204);
  const { body } = await read(token, '/v1/agreements');
  expect(body).toMatchObject({
    data: [
      { version: 1, validUntil: today },
      { version: 2, validUntil: null, endsAt: null },
    ],
    offers: [{ outcome: 'withdrawn' }, { outcome: 'accepted' }, { outcome: 'declined' }],
  });
  await expect(offerAgreement(tools, { ...offer, terms: { ...terms, classes: ['business'] } })).rejects.toMatchObject({ facts: { promise: 'P14' } }); // prettier-ignore
});

test('either side ends the agreement at once: nothing is shown, and no token is given', async () => {
  const { tools } = house;
  for (const side of ['operator', 'partner'] as const) {
    const its = await givenPartner(tools, { key: `ends-${side}` });
    await givenSharedCustomer(tools, its.partner, `sue-${side}`);
    const token = await givenToken(gateway, its);
    expect((await read(token)).status).toBe(200);
    if (side === 'partner') {
      const ended = await post(token, '/v1/agreements/retirement', { by: 'Bo', reason: 'enough' });
      expect([ended.status, ended.body]).toEqual([201, { endsAt: clock.now().toISOString() }]);
      const again = await post(token, '/v1/agreements/retirement', { by: 'Bo', reason: 'enough' });
      expect([again.status, again.body.code]).toEqual([409, 'no-agreement']);
    } else {
      await retireAgreement(tools, { partnerId: its.partner.id, side, by: 'Ann', reason: 'over' });
    }
    const after = await read(token);
    expect([after.status, after.body.code]).toEqual([403, 'no-agreement']);
    expect((await ask(its)).slice(0, 2)).toEqual([400, 'unauthorized_client']);
    // What was agreed before is explained as it was, and a later agreement is one again.
    const next = {
      partnerId: its.partner.id,
      validFrom: clock.now().toISOString().slice(0, 10),
      terms,
      acceptances,
    };
    await publishAgreement(tools, next);
    clock.advance(10 * day);
    expect((await ask(its))[0]).toBe(200);
  }
});

test('an end that is to come counts from its moment on', async () => {
  const { tools } = house;
  const its = await givenPartner(tools, { key: 'ends-later' });
  const endsAt = new Date(clock.now().getTime() + day);
  const end = { partnerId: its.partner.id, side: 'operator' as const, by: 'Ann', reason: 'over' };
  await retireAgreement(tools, { ...end, endsAt });
  expect((await ask(its))[0]).toBe(200);
  clock.advance(day - 1);
  expect((await ask(its))[0]).toBe(200);
  clock.advance(1);
  expect((await ask(its)).slice(0, 2)).toEqual([400, 'unauthorized_client']);
  const past = { ...end, endsAt: new Date(clock.now().getTime() - 1) };
  await expect(retireAgreement(tools, past)).rejects.toMatchObject({ facts: { field: 'endsAt' } });
});

test('a retired partner has no agreement, no token and no relationship, and the ledger says so', async () => {
  const { tools } = house;
  const its = await givenPartner(tools, { key: 'leaves' });
  for (const key of ['lea', 'leo']) await givenSharedCustomer(tools, its.partner, key);
  const token = await givenToken(gateway, its);
  const retiring = { partnerId: its.partner.id, actor: 'Ann', reason: 'the contract ended' };
  expect(await retirePartner(tools, retiring)).toEqual({ ended: 2 });
  const refused = await read(token);
  expect([refused.status, refused.body.code]).toEqual([401, 'token-invalid']);
  expect((await ask(its)).slice(0, 2)).toEqual([401, 'invalid_client']);
  const relationships = await findRelationshipsOfPartner(tools.db, its.partner.id);
  expect(relationships.map(({ endedAt }) => endedAt)).toEqual([clock.now(), clock.now()]);
  const events = await tools.db('relationship_events').whereIn('relationship_id', relationships.map(({ id }) => id)).where('event', 'ended'); // prettier-ignore
  expect(events).toMatchObject([{ actor: 'Ann' }, { actor: 'Ann' }]);
  expect((await findPartnerEvents(tools.db, its.partner.id)).at(-1)).toMatchObject({ status: 'retired', actor: 'Ann', reason: 'the contract ended' }); // prettier-ignore
  expect((await findAgreementVersions(tools.db, its.partner.id))[0]?.retirement).toMatchObject({ reason: 'the contract ended' }); // prettier-ignore
  // Run again it has nothing left to do; nothing new begins with it.
  expect(await retirePartner(tools, retiring)).toEqual({ ended: 0 });
  await expect(givenSharedCustomer(tools, its.partner, 'liz')).rejects.toThrow(/retired/);
  const more = { partnerId: its.partner.id, validFrom: '2031-01-01', terms, acceptances };
  await expect(publishAgreement(tools, more)).rejects.toThrow(/retired/);
  await expect(offerAgreement(tools, { ...more, by: 'Ann' })).rejects.toThrow(/retired/);
});

test('a partner has one contact for each matter, an individual may be one, and who was before is kept', async () => {
  const { tools } = house;
  const person = { key: 'ivy', kind: 'referral', name: 'Ivy', legalForm: 'individual' } as const;
  const { id: partnerId } = await addPartner(tools, person);
  expect((await findPartner(tools.db, partnerId))?.legalForm).toBe('individual');
  const set = (name: string, email = 'ivy@example.test') =>
    setPartnerContact(tools, { partnerId, matter: 'privacy', person: { name, email } });
  await set('Ivy');
  await set('Ian');
  expect(await findPartnerContacts(tools.db, partnerId)).toMatchObject([{ matter: 'privacy', name: 'Ian' }]); // prettier-ignore
  expect(await tools.db('partner_contacts').where('partner_id', partnerId)).toHaveLength(2);
  await setPartnerContact(tools, { partnerId, matter: 'privacy' });
  expect(await findPartnerContacts(tools.db, partnerId)).toEqual([]);
  for (const wrong of ['', 'ivy', 'i@x', 'a b@example.test', 'i@example.test\n']) {
    await expect(set('Ivy', wrong)).rejects.toMatchObject({ facts: { field: 'email' } });
  }
  await expect(set('\t')).rejects.toMatchObject({ facts: { field: 'name' } });
});
