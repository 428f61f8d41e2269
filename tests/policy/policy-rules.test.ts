import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  asReadAt,
  classesFor,
  classesOfKind,
  policyInForce,
  promiseAgainst,
  promiseOfMissingClause,
  promisesFor,
  type Policy,
  type PolicyVersion,
} from '../../src/policy/index.ts';
import { firstPolicy } from '../support/first-policy.ts';

const policy: Policy = {
  ...firstPolicy,
  allows: [
    { purpose: 'fees', kinds: ['referral'], classes: ['billing', 'contact'] },
    { purpose: 'identity', kinds: ['referral', 'integration'], classes: ['account', 'contact'] },
    { purpose: 'integration', kinds: ['integration'], classes: ['business'] },
  ],
  conditions: [
    { class: 'contact.email', termsClause: 'email', promise: 'P07' },
    { class: 'contact.additional', termsClause: 'additional', promise: 'P06' },
  ],
  denials: { business: 'P14' },
};

test('a kind may ever get what some rule of its own names, in the order of the classes', () => {
  expect(classesOfKind(policy, 'referral')).toEqual(['contact', 'account', 'billing']);
  expect(classesOfKind(policy, 'integration')).toEqual(['contact', 'account', 'business']);
  expect(classesOfKind({ ...policy, allows: [] }, 'integration')).toEqual([]);
});

test('for a purpose a kind may get what a rule of that purpose and kind names', () => {
  expect(classesFor(policy, 'referral', ['fees'])).toEqual(['contact', 'billing']);
  expect(classesFor(policy, 'referral', ['identity', 'integration'])).toEqual([
    'contact',
    'account',
  ]);
  expect(classesFor(policy, 'integration', ['fees'])).toEqual([]);
  expect(classesFor(policy, 'integration', ['fees', 'integration'])).toEqual(['business']);
  expect(classesFor(policy, 'integration', [])).toEqual([]);
});

test('promise P09: a class is denied by the promise that speaks of it, or else by P09', () => {
  expect(promiseAgainst(policy, 'business')).toBe('P14');
  expect(promiseAgainst(policy, 'financial')).toBe('P09');
});

test('promise P07: a class under a condition needs its own clause', () => {
  expect(promiseOfMissingClause(policy, 'contact.email', {})).toBe('P07');
  expect(promiseOfMissingClause(policy, 'contact.email', { additional: '3' })).toBe('P07');
  expect(promiseOfMissingClause(policy, 'contact.email', { email: '4.2' })).toBeUndefined();
  expect(promiseOfMissingClause(policy, 'contact.additional', { email: '4.2' })).toBe('P06');
  expect(promiseOfMissingClause(policy, 'billing', {})).toBeUndefined();
});

test('what is shown relies on the grounds of the kind, and on a condition only where its class is shown', () => {
  const [referral, integration] = [policy.grounds.referral, policy.grounds.integration];
  expect(promisesFor(policy, 'referral', ['contact', 'billing'])).toEqual([...referral].sort());
  expect(promisesFor(policy, 'referral', ['contact', 'contact.email'])).toEqual(
    [...referral, 'P07'].sort(),
  );
  expect(promisesFor(policy, 'integration', [])).toEqual([...integration].sort());
});

test('in force: business data goes to integration partners alone, and marketing is no purpose', () => {
  const inForce = firstPolicy;
  expect(classesOfKind(inForce, 'referral')).not.toContain('business');
  expect(classesFor(inForce, 'integration', ['identity', 'billing', 'fees'])).not.toContain(
    'business',
  );
  expect(classesFor(inForce, 'integration', ['integration'])).toContain('business');
  expect(classesFor(inForce, 'integration', ['integration'])).not.toContain('billing');
  expect(inForce.allows.map(({ purpose }) => purpose)).not.toContain('marketing');
});

const began = new Date('2026-03-01T00:00:00Z').getTime();
const at = (offset: number) => new Date(began + offset);

/** Versions that took effect at these moments, or are announced; each has its own name. */
const versionsOf = (offsets: readonly (number | null)[]) =>
  offsets.map(
    (offset, i) =>
      ({
        version: `v${String(i)}`,
        effectiveAt: offset === null ? null : at(offset),
      }) as unknown as PolicyVersion,
  );
const anyOffsets = fc.uniqueArray(fc.option(fc.integer({ min: -9, max: 9 })), { maxLength: 6 });

test('in force is the version that took effect last until then, and before the first the first', () => {
  fc.assert(
    fc.property(anyOffsets, fc.integer({ min: -10, max: 10 }), (offsets, now) => {
      const given = versionsOf(offsets);
      const taken = offsets.filter((offset) => offset !== null);
      const past = taken.filter((offset) => offset <= now);
      const due = past.length > 0 ? Math.max(...past) : Math.min(...taken);
      const expected = taken.length === 0 ? undefined : given[offsets.indexOf(due)];
      expect(policyInForce(given, at(now))).toBe(expected);
    }),
  );
});

test('what the database says took effect is not put off by a clock that lags, and nothing else moves', () => {
  fc.assert(
    fc.property(anyOffsets, fc.integer({ min: -10, max: 10 }), (offsets, now) => {
      const given = versionsOf(offsets);
      const read = asReadAt(given, at(now));
      expect(read.map(({ effectiveAt }) => effectiveAt?.getTime() ?? null)).toEqual(
        offsets.map((offset) => (offset === null ? null : began + Math.min(offset, now))),
      );
      expect(read.map(({ version }) => version)).toEqual(given.map(({ version }) => version));
    }),
  );
});
