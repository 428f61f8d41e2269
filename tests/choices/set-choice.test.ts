import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Express } from 'express';
import request from 'supertest';
import { listChoices } from '../../src/choices/index.ts';
import { readEpoch } from '../../src/logs/index.ts';
import { createGateway } from '../../src/gateway.ts';
import { changeRelationship, setChoice } from '../../src/intake/index.ts';
import { checkJoint } from '../../src/joint/index.ts';
import { customerIdOf, serviceIdOf } from '../../src/records/index.ts';
import {
  customer,
  givenPartner,
  givenRecords,
  givenRelationship,
  givenSharedCustomer,
  givenToken,
  invoice,
  payment,
  service,
  type GivenPartner,
} from '../support/given.ts';
import { openHouse, type House } from '../support/house.ts';

let house: House;
let gateway: Express;
let bright: GivenPartner;
let linked: GivenPartner;
let far: GivenPartner;
const tokens = new Map<GivenPartner, string>();

beforeAll(async () => {
  house = await openHouse();
  gateway = createGateway(house.tools);
  bright = await givenPartner(house.tools);
  linked = await givenPartner(house.tools, {
    key: 'linked',
    kind: 'integration',
    purposes: ['identity', 'billing', 'fees', 'integration'],
  });
  far = await givenPartner(house.tools, { key: 'far' });
  await givenSharedCustomer(house.tools, far.partner, 'someone-else');
  for (const who of [bright, linked, far]) tokens.set(who, await givenToken(gateway, who));
});
afterAll(() => house.close());

/** A customer that both partners share with us. */
async function givenJoint(id: string): Promise<void> {
  await givenSharedCustomer(house.tools, bright.partner, id);
  await givenRelationship(house.tools, linked.partner, id);
}

/** The numbers of the invoices that a partner is answered, through the gateway. */
async function invoicesOf(who: GivenPartner): Promise<string[]> {
  const answer = await request(gateway)
    .get('/v1/invoices?limit=1000')
    .auth(tokens.get(who) ?? '', { type: 'bearer' });
  expect([answer.status, answer.text.slice(0, 200)]).toEqual([200, expect.anything()]);
  return (answer.body as { data: { number: string }[] }).data.map(({ number }) => number);
}

const shows = async (who: GivenPartner, id: string) =>
  (await invoicesOf(who)).includes(`N-i-${id}`);

const choose = (
  id: string,
  who: GivenPartner | undefined,
  sharing: string,
  { at = house.tools.clock.now(), evidence = 'asked' } = {},
) =>
  setChoice(house.tools, {
    customerId: customerIdOf(id),
    partner: who?.partner,
    sharing,
    at,
    evidence,
    actor: 'test',
  });

const happen = (id: string, who: GivenPartner, event: 'opted-out' | 'opted-in' | 'ended') =>
  changeRelationship(house.tools, {
    partner: who.partner,
    customerId: customerIdOf(id),
    serviceId: serviceIdOf('store'),
    event,
    at: house.tools.clock.now(),
    evidence: 'asked',
    actor: 'test',
  });

const refusedWith = (detail: RegExp) =>
  expect.objectContaining({ message: expect.stringMatching(detail) });

test('promise P32: a choice holds for the very next answer, for one partner or for all', async () => {
  await givenJoint('ada');
  const shown = async () => [await shows(bright, 'ada'), await shows(linked, 'ada')];
  // the answers before have warmed what the gateway remembers of the partners
  expect(await shown()).toEqual([true, true]);
  await choose('ada', bright, 'refused');
  expect(await shown()).toEqual([false, true]);
  await choose('ada', undefined, 'refused');
  expect(await shown()).toEqual([false, false]);
  await choose('ada', undefined, 'allowed');
  expect(await shown()).toEqual([false, true]);
  await choose('ada', undefined, 'refused');
  await choose('ada', bright, 'allowed');
  expect(await shown()).toEqual([false, false]);
  await choose('ada', undefined, 'allowed');
  expect(await shown()).toEqual([true, true]);
  expect(await checkJoint(house.tools)).toEqual([]);
});

test('promise P32: what is dated while sharing was refused stays hidden when it is allowed again', async () => {
  await givenJoint('eve');
  await choose('eve', undefined, 'refused', { at: new Date('2026-05-01T00:00:00Z') });
  await givenRecords(house.tools, [invoice('hidden', 'eve', { issuedOn: '2026-05-15' })]);
  await choose('eve', undefined, 'allowed', { at: new Date('2026-06-01T00:00:00Z') });
  await givenRecords(house.tools, [
    invoice('late', 'eve', { issuedOn: '2026-05-16' }),
    invoice('shown', 'eve', { issuedOn: '2026-06-15' }),
  ]);
  for (const who of [bright, linked]) {
    const numbers = await invoicesOf(who);
    expect(numbers).toEqual(expect.arrayContaining(['N-i-eve', 'N-shown']));
    expect(numbers).not.toEqual(expect.arrayContaining(['N-hidden']));
    expect(numbers).not.toEqual(expect.arrayContaining(['N-late']));
  }
});

test('promise P32: a refusal that is booked late hides from its own moment on, whatever was booked since', async () => {
  await givenJoint('lee');
  const at = (day: string) => new Date(`${day}T00:00:00Z`);
  for (const [event, day] of [
    ['suspended', '2026-07-01'],
    ['resumed', '2026-08-01'],
  ] as const) {
    await changeRelationship(house.tools, {
      partner: bright.partner,
      customerId: customerIdOf('lee'),
      serviceId: serviceIdOf('store'),
      event,
      at: at(day),
      evidence: 'a while',
      actor: 'test',
    });
  }
  await givenRecords(house.tools, [
    invoice('before', 'lee', { issuedOn: '2026-05-15' }),
    invoice('meanwhile', 'lee', { issuedOn: '2026-06-15' }),
    invoice('since', 'lee', { issuedOn: '2026-08-15' }),
  ]);
  await choose('lee', undefined, 'refused', { at: at('2026-06-01') });
  expect(await shows(bright, 'lee')).toBe(false);
  await choose('lee', undefined, 'allowed', { at: at('2026-06-02') });
  await givenRecords(house.tools, [invoice('after', 'lee', { issuedOn: '2026-09-15' })]);
  const lees = (await invoicesOf(bright)).filter((number) =>
    ['N-before', 'N-meanwhile', 'N-since', 'N-after'].includes(number),
  );
  // it opens again after all that was booked: the resumption
  expect(lees.sort()).toEqual(['N-after', 'N-before', 'N-since']);
  expect(await checkJoint(house.tools)).toEqual([]);
});

test('promise P32: a choice and an opt-out about one service do not lift each other', async () => {
  await givenJoint('sam');
  await happen('sam', bright, 'opted-out');
  await choose('sam', bright, 'refused');
  await choose('sam', bright, 'allowed');
  expect(await shows(bright, 'sam')).toBe(false);
  await choose('sam', undefined, 'refused');
  await happen('sam', bright, 'opted-in');
  expect(await shows(bright, 'sam')).toBe(false);
  await choose('sam', undefined, 'allowed');
  expect(await shows(bright, 'sam')).toBe(true);
  for (const event of ['sharing-refused', 'sharing-allowed'] as const) {
    const lifted = changeRelationship(house.tools, {
      partner: bright.partner,
      customerId: customerIdOf('sam'),
      serviceId: serviceIdOf('store'),
      event,
      at: house.tools.clock.now(),
      evidence: 'by hand',
      actor: 'test',
    });
    await expect(lifted).rejects.toEqual(refusedWith(/booked with the customer’s choice/));
  }
});

test('promise P32: under a refusal no relationship opens, and none reaches back behind it', async () => {
  await givenRecords(house.tools, [
    service(),
    service('hosting'),
    customer('joe'),
    payment('p-joe', 'joe'),
    payment('p-joe-hosting', 'joe', { service: 'hosting', settledAt: '2026-08-01T00:00:00Z' }),
  ]);
  const relate = (who: GivenPartner, at: string, serviceKey = 'store') =>
    givenRelationship(house.tools, who.partner, 'joe', { at: new Date(at), serviceKey });
  await choose('joe', undefined, 'refused', { at: new Date('2026-05-01T00:00:00Z') });
  for (const who of [bright, linked]) {
    const opened = relate(who, '2026-06-01T00:00:00Z');
    await expect(opened).rejects.toEqual(refusedWith(/opted out of sharing with any partner/));
    await expect(opened).rejects.toMatchObject({ facts: { promise: 'P32', field: 'at' } });
  }
  await choose('joe', bright, 'refused', { at: new Date('2026-06-01T00:00:00Z') });
  await choose('joe', undefined, 'allowed', { at: new Date('2026-07-01T00:00:00Z') });
  await expect(relate(bright, '2026-07-01T00:00:00Z')).rejects.toEqual(
    refusedWith(/opted out of sharing with this partner/),
  );
  await expect(relate(linked, '2026-01-01T00:00:00Z')).rejects.toEqual(
    refusedWith(/before the customer allowed sharing again/),
  );
  await relate(linked, '2026-07-01T00:00:00Z', 'hosting');
  await givenRecords(house.tools, [
    invoice('joe-old', 'joe', { service: 'hosting', issuedOn: '2026-06-15' }),
    invoice('joe-new', 'joe', { service: 'hosting', issuedOn: '2026-08-15' }),
  ]);
  const numbers = await invoicesOf(linked);
  expect(numbers).toContain('N-joe-new');
  expect(numbers).not.toContain('N-joe-old');
});

test('a choice outlives the end of a relationship: what is allowed again lets a new one open', async () => {
  await givenJoint('zoe');
  await choose('zoe', bright, 'refused');
  await happen('zoe', bright, 'ended');
  const again = () =>
    givenRelationship(house.tools, bright.partner, 'zoe', { at: house.tools.clock.now() });
  await expect(again()).rejects.toEqual(refusedWith(/opted out/));
  await choose('zoe', bright, 'allowed');
  await expect(again()).resolves.toBeUndefined();
});

test('promise P32: the epoch rises once for exactly the partners that a choice touches', async () => {
  await givenJoint('tom');
  const epochs = () =>
    Promise.all([bright, linked, far].map(({ partner }) => readEpoch(house.tools.db, partner.id)));
  const rises = async (work: Promise<unknown>) => {
    const before = await epochs();
    await work;
    return (await epochs()).map((epoch, place) => Number(epoch - (before[place] ?? 0n)));
  };
  const risesBy = async (who: GivenPartner | undefined, sharing: string) => {
    const before = await epochs();
    await choose('tom', who, sharing);
    return (await epochs()).map((epoch, place) => Number(epoch - (before[place] ?? 0n)));
  };
  expect(await risesBy(bright, 'refused')).toEqual([1, 0, 0]);
  expect(await risesBy(undefined, 'refused')).toEqual([0, 1, 0]);
  expect(await risesBy(bright, 'allowed')).toEqual([0, 0, 0]);
  expect(await risesBy(undefined, 'allowed')).toEqual([1, 1, 0]);
  expect(await risesBy(far, 'refused')).toEqual([0, 0, 0]);
  await givenRecords(house.tools, [customer('unpaid')]);
  await givenRelationship(house.tools, bright.partner, 'unpaid');
  // nothing is shown of it yet, but an answer under way may be about to
  expect(await rises(choose('unpaid', undefined, 'refused'))).toEqual([1, 0, 0]);
});

test('what cannot be chosen is refused and changes nothing', async () => {
  await givenJoint('ned');
  const before = await readEpoch(house.tools.db, bright.partner.id);
  const now = house.tools.clock.now().getTime();
  const invalid = { kind: { code: 'invalid-choice', status: 422 } };
  await expect(choose('ned', bright, 'maybe')).rejects.toMatchObject(invalid);
  await expect(choose('ned', bright, 'allowed')).rejects.toMatchObject(invalid);
  for (const at of [new Date(now + 1), new Date(NaN)]) {
    await expect(choose('ned', bright, 'refused', { at })).rejects.toMatchObject({
      ...invalid,
      facts: { field: 'at' },
    });
  }
  await expect(
    choose('ned', bright, 'refused', { evidence: 'x'.repeat(1001) }),
  ).rejects.toMatchObject({ ...invalid, facts: { field: 'evidence' } });
  await expect(choose('nobody', bright, 'refused')).rejects.toMatchObject({
    kind: { code: 'unknown-customer' },
  });
  expect(await readEpoch(house.tools.db, bright.partner.id)).toBe(before);
  expect(await shows(bright, 'ned')).toBe(true);
  const { history } = await listChoices(house.tools, { customerId: customerIdOf('ned') });
  expect(history).toEqual([]);
  await expect(
    listChoices(house.tools, { customerId: customerIdOf('nobody') }),
  ).rejects.toMatchObject({ kind: { code: 'unknown-customer' } });
});

test('promise P32: the history is kept as it was booked, and nobody changes it', async () => {
  await givenJoint('ida');
  await choose('ida', undefined, 'refused', { at: new Date('2026-05-01T00:00:00Z') });
  await choose('ida', linked, 'refused', { evidence: 'a letter' });
  const early = choose('ida', bright, 'refused', { at: new Date('2026-05-02T00:00:00Z') });
  await expect(early).rejects.toEqual(refusedWith(/before the choice that was booked last/));
  const customerId = customerIdOf('ida');
  const { standing, history } = await listChoices(house.tools, { customerId });
  expect(standing).toEqual([
    { partner: null, choice: 'refused', sharing: 'refused' },
    { partner: 'linked', choice: 'refused', sharing: 'refused' },
  ]);
  expect(history).toMatchObject([
    { sequence: 1, partner: null, sharing: 'refused', at: new Date('2026-05-01T00:00:00Z') },
    { sequence: 2, partner: 'linked', sharing: 'refused', evidence: 'a letter', actor: 'test' },
  ]);
  const rows = () => house.admin('choices').where('customer_id', customerId);
  await expect(rows().update({ sharing: 'allowed' })).rejects.toThrow();
  await expect(rows().delete()).rejects.toThrow();
  await expect(house.admin.raw('truncate choices')).rejects.toThrow();
  await expect(house.tools.db('choices').where('sequence', 1).delete()).rejects.toThrow(
    /permission denied/,
  );
});

test('of two equal choices at once one is booked; of two different ones both hold', async () => {
  await givenJoint('max');
  const twice = await Promise.allSettled([
    choose('max', bright, 'refused'),
    choose('max', bright, 'refused'),
  ]);
  expect(twice.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(twice.find(({ status }) => status === 'rejected')).toMatchObject({
    reason: { kind: { code: 'invalid-choice' } },
  });
  await choose('max', bright, 'allowed');
  await Promise.all([choose('max', bright, 'refused'), choose('max', linked, 'refused')]);
  expect([await shows(bright, 'max'), await shows(linked, 'max')]).toEqual([false, false]);
  expect(await checkJoint(house.tools)).toEqual([]);
});
