import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  acceptOffer,
  checkAgreement,
  findAgreementVersions,
  offerAgreement,
  publishAgreement,
} from '../../src/agreements/index.ts';
import { proveFee, publishView } from '../../src/views/index.ts';
import { acceptances } from '../support/admit.ts';
import { fee, givenPartner } from '../support/given.ts';
import { openHouse, type House } from '../support/house.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

const money = { properties: { amount: true, currency: true } };
const payment = { customer: true, service: true, settledAt: true, amount: money, tax: money };
const less = { ...fee, less: ['shipping'] };

/** A partner with agreement and view, and the terms of it with another fee. */
async function given(key: string, shown: Record<string, unknown>) {
  const view = { payment: { properties: shown }, refund: true };
  const { partner } = await givenPartner(house.tools, { key, view });
  const [version] = await findAgreementVersions(house.tools.db, partner.id);
  return { partner, terms: (more: object) => ({ ...version!.terms, fee: more }) };
}

test('fee terms are published only where the view shows every field that their formula reads', async () => {
  const { partner, terms } = await given('hidden', payment);
  const check = (more: object) => checkAgreement(house.tools.db, partner, terms(more), proveFee);
  expect(await check(fee)).toEqual([]);
  expect(await check(less)).toEqual([
    {
      field: '/fee',
      detail:
        'The formula reads parts.shipping.amount of a payment, and version 1 of the partner’s view ' +
        'does not show it.',
    },
  ]);
  const more = { partnerId: partner.id, validFrom: '2031-01-01' };
  const refused = { kind: { code: 'invalid-agreement' }, facts: { field: '/fee' } };
  const next = { ...more, terms: terms(less), acceptances };
  await expect(publishAgreement(house.tools, next, proveFee)).rejects.toMatchObject(refused);
  const offer = { ...more, terms: terms(less), by: 'Ann' };
  await expect(offerAgreement(house.tools, offer, proveFee)).rejects.toMatchObject(refused);
  expect(await findAgreementVersions(house.tools.db, partner.id)).toHaveLength(1);
});

test('an offer is proven again when it is accepted: the view may be narrower by then', async () => {
  const parts = { properties: { shipping: money } };
  const { partner, terms } = await given('narrowed', { ...payment, parts });
  const offer = { partnerId: partner.id, validFrom: '2031-01-01', terms: terms(less), by: 'Ann' };
  const { number } = await offerAgreement(house.tools, offer, proveFee);
  const draft = { type: 'object', properties: { payment: { properties: payment } } };
  await publishView(house.tools, { partner, draft });
  const accepted = { partnerId: partner.id, number, by: 'Bo', evidence: 'test' };
  await expect(acceptOffer(house.tools, accepted, proveFee)).rejects.toMatchObject({
    kind: { code: 'invalid-agreement' },
  });
  await expect(acceptOffer(house.tools, accepted)).resolves.toMatchObject({ version: 2 });
});

test('every act that brings terms into force is given the proof', () => {
  const calls = /\b(publishAgreement|offerAgreement|acceptOffer)\(/;
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !file.startsWith('agreements/'),
  );
  const found = files.flatMap((file) =>
    readFileSync(`src/${file}`, 'utf8')
      .split('\n')
      .filter((line) => calls.test(line))
      .map((line) => [file, line.includes('proveFee')]),
  );
  expect(found.length).toBe(4);
  expect(found.filter(([, isProven]) => !isProven)).toEqual([]);
});
