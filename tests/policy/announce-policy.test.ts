import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  announcePolicy,
  checkPolicy,
  dataClasses,
  findPolicyVersions,
  policyInForce,
  type Policy,
  type PolicyVersion,
} from '../../src/policy/index.ts';
import { openHouse, type House } from '../support/house.ts';
import { policyOf, response } from './given-policy.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

const announce = (document: unknown, more: Record<string, unknown> = {}) =>
  announcePolicy(house.tools, { document, ...response, ...more });

test.each([
  ['no response directions', { responseDirections: undefined }],
  ['blank response directions', { responseDirections: ' \n\t' }],
  ['an empty notice', { notice: '' }],
  ['nine working days', { noticeDays: 9 }],
  ['no working days', { noticeDays: 0 }],
  ['half a day more than ten', { noticeDays: 10.5 }],
  ['no number of days', { noticeDays: Number.NaN }],
])('promise P03: a notice with %s is refused', async (_what, more) => {
  await expect(announce(policyOf('2027-9'), more)).rejects.toMatchObject({
    kind: { code: 'policy-invalid', status: 422 },
    facts: { promise: 'P03' },
  });
  expect(await findPolicyVersions(house.tools.db)).toHaveLength(1);
});

const rule = (purpose: string, kinds: string[], classes: string[]) =>
  ({ purpose, kinds, classes }) as unknown as Policy['allows'][number];

test.each([
  ['P08', { allows: [rule('marketing', ['referral'], ['contact'])] }],
  ['P09', { allows: [rule('curiosity', ['referral'], ['contact'])] }],
  ['P20', { allows: [rule('fees', ['broker'], ['contact'])] }],
  ['P07', { conditions: policyOf('x').conditions.filter((one) => one.class !== 'contact.email') }],
  ['P06', { conditions: policyOf('x').conditions.filter((one) => one.promise !== 'P06') }],
  ['P33', { promises: policyOf('x').promises.slice(0, 32) }],
] as const)('no version may break %s', async (promise, changes) => {
  await expect(announce(policyOf('2027-9', changes))).rejects.toMatchObject({
    facts: { promise },
  });
});

test('promise P14: no version of the policy may give business data to a referral partner', () => {
  const classes = fc.subarray([...dataClasses], { minLength: 1 });
  const kinds = fc.subarray(['referral', 'integration'], { minLength: 1 });
  fc.assert(
    fc.property(fc.array(fc.tuple(kinds, classes), { minLength: 1, maxLength: 4 }), (rules) => {
      const allows = rules.map(([who, what]) => rule('integration', who, what));
      const isBroken = rules.some(
        ([who, what]) => who.includes('referral') && what.includes('business'),
      );
      const broken = checkPolicy(policyOf('x', { allows })).map(({ promise }) => promise);
      expect(broken.includes('P14')).toBe(isBroken);
    }),
  );
});

test('a document of another form is refused, naming the place', () => {
  const fieldsOf = (document: unknown) => checkPolicy(document).map(({ field }) => field);
  expect(checkPolicy(policyOf('x'))).toEqual([]);
  expect(fieldsOf({ ...policyOf('x'), extra: 1 })).toEqual(['/extra']);
  expect(fieldsOf(policyOf('No Name'))).toEqual(['/version']);
  expect(fieldsOf(policyOf('x', { gathered: [] }))).toEqual(['/gathered']);
  const nul = policyOf('x').promises.map((one) => ({ ...one, title: 'a\u0000' }));
  expect(fieldsOf(policyOf('x', { promises: nul }))).toContain('/promises/0/title');
  for (const other of [null, [], 'text', 7]) expect(fieldsOf(other)).not.toEqual([]);
});

test('a version is announced once, is kept as it was and counts for nothing yet', async () => {
  const announced = await announce(policyOf('2027-1'), { noticeDays: 45 });
  expect(announced).toMatchObject({ version: '2027-1', noticeDays: 45, reading: 'other' });
  await expect(announce(policyOf('2027-1'))).rejects.toMatchObject({
    kind: { code: 'policy-version-taken', status: 409 },
  });
  const versions = await findPolicyVersions(house.tools.db);
  expect(versions.map(({ version }) => version)).toEqual(['2026-1', '2027-1']);
  expect(versions[1]).toEqual(announced);
  expect(policyInForce(versions, new Date('2100-01-01'))?.version).toBe('2026-1');
});

test('a country that the calendar does not have is refused', async () => {
  const settings = { ...house.tools.settings, country: 'ZZ' };
  await expect(
    announcePolicy({ ...house.tools, settings }, { document: policyOf('zz'), ...response }),
  ).rejects.toMatchObject({ kind: { code: 'calendar-missing' } });
});

test('the version in force at a moment is the last that took effect, or the first', () => {
  const version = (at: number | null) =>
    ({ version: String(at), effectiveAt: at === null ? null : new Date(at) }) as PolicyVersion;
  const moment = fc.integer({ min: 0, max: 1000 });
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.oneof(moment, fc.constant(null)), { maxLength: 6 }),
      moment,
      (ats, now) => {
        const times = ats.filter((at) => at !== null);
        const past = times.filter((at) => at <= now);
        const expected = past.length > 0 ? Math.max(...past) : Math.min(...times);
        const found = policyInForce(ats.map(version), new Date(now));
        expect(found?.version).toBe(times.length > 0 ? String(expected) : undefined);
      },
    ),
  );
});
