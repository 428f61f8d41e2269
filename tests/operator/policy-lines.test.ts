import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Express } from 'express';
import { createGateway } from '../../src/gateway.ts';
import { addDays } from '../../src/platform/calendar-days.ts';
import { readPolicy } from '../../src/policy/index.ts';
import { givenPerson, type GivenPerson } from '../people/given-people.ts';
import {
  calmZone,
  lastDayInTime,
  movePublished,
  policyOf,
  response,
} from '../policy/given-policy.ts';
import { openHouse, type House } from '../support/house.ts';
import { operatorOf } from './given-operator.ts';

let house: House;
let gateway: Express;
let ada: GivenPerson;
beforeAll(async () => {
  house = await openHouse({ settings: { timeZone: calmZone } });
  gateway = createGateway(house.tools);
  ada = await givenPerson(house.tools, ['privacy'], 'Ada');
});
afterAll(() => house.close());

const { get, post } = operatorOf(() => gateway);
const { actor: _, ...notice } = response;
const announce = (version: string, more: object = {}) =>
  post('/policy/versions', ada, { document: policyOf(version), ...notice, ...more });
const activate = (version: string) => post(`/policy/versions/${version}/activate`, ada);

test.each([
  ['thirty', 30, {}],
  ['ten', 10, { noticeDays: 10 }],
] as const)(
  'promise P03: read as %s, one business day early is refused through the API, in time it acts',
  async (reading, noticeDays, more) => {
    const announced = await announce(reading, more);
    expect([announced.status, announced.body]).toMatchObject([
      201,
      { version: reading, effectiveAt: null, notice: { reading, workingDays: noticeDays } },
    ]);
    const inTime = await lastDayInTime(house, { noticeDays });
    for (const early of [undefined, addDays(inTime, 1)]) {
      if (early !== undefined) await movePublished(house, reading, early);
      const { status, body } = await activate(reading);
      expect([status, body]).toMatchObject([409, { code: 'notice-running', promise: 'P03' }]);
      expect((await readPolicy(house.tools.db)).version).not.toBe(reading);
    }
    await movePublished(house, reading, inTime);
    const { status, body } = await activate(reading);
    expect([status, body]).toMatchObject([200, { version: reading, rowsMended: 0 }]);
    expect((await readPolicy(house.tools.db)).version).toBe(reading);
    const again = await activate(reading);
    expect([again.status, again.body.code]).toEqual([409, 'policy-superseded']);
  },
);

test('promise P03: a notice without response directions, or under ten days, is refused', async () => {
  for (const [more, field] of [
    [{ responseDirections: undefined }, 'responseDirections'],
    [{ responseDirections: ' ' }, 'responseDirections'],
    [{ noticeDays: 9 }, 'noticeDays'],
    [{ notice: '' }, 'notice'],
  ] as const) {
    const { status, body } = await announce('silent', more);
    expect([status, body]).toMatchObject([422, { code: 'policy-invalid', promise: 'P03', field }]);
  }
  expect((await get('/policy/versions', ada)).text).not.toContain('silent');
});

test('the versions are listed as they were announced, by whom is kept', async () => {
  await announce('listed');
  const { body } = await get('/policy/versions', ada);
  const versions = body.data as { version: string; promises: number }[];
  expect(versions[0]).toMatchObject({ version: '2026-1', promises: 33 });
  expect(versions.at(-1)).toMatchObject({ version: 'listed', effectiveAt: null });
  expect(body.data[0]).not.toHaveProperty('document');
  const rows: unknown = await house
    .admin('policy_versions')
    .select('actor')
    .where({ version: 'listed' });
  expect(rows).toEqual([{ actor: ada.id }]);
});

test('what is no announcement, and a version that is not there, are refused', async () => {
  const wrong = { ...policyOf('wrong'), allows: 'all' };
  expect((await post('/policy/versions', ada, { document: wrong, ...notice })).body).toMatchObject({
    code: 'policy-invalid',
    field: '/allows',
  });
  expect((await post('/policy/versions', ada, { document: [], ...notice })).status).toBe(422);
  expect((await announce('more', { actor: 'somebody else' })).status).toBe(422);
  expect((await activate('nowhere')).body).toMatchObject({ code: 'policy-version-unknown' });
});
