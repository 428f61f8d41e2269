import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  mayShare,
  objectionToChoice,
  objectionToSharing,
  refusalOf,
  standingChoices,
} from '../../src/choices/choice-rules.ts';
import type { Choice, Sharing } from '../../src/choices/index.ts';
import type { PartnerId } from '../../src/partners/index.ts';
import type { CustomerId } from '../../src/records/index.ts';

const at = (hour: number) => new Date(Date.UTC(2026, 0, 1, hour));
const one = 'one' as PartnerId;
const other = 'other' as PartnerId;

const said = (partnerId: PartnerId | null, sharing: Sharing, hour: number): Choice => ({
  customerId: 'customer' as CustomerId,
  sequence: 1,
  partnerId,
  sharing,
  at: at(hour),
  evidence: 'a letter',
  actor: 'test',
  bookedAt: at(hour),
});

const scope = fc.constantFrom<PartnerId | null>(one, other, null);
const sharing = fc.constantFrom<Sharing>('refused', 'allowed');
const history = fc
  .array(fc.tuple(scope, sharing, fc.nat({ max: 2 })), { maxLength: 10 })
  .map((steps) => {
    let hour = 0;
    return steps.map(([partnerId, what, gap]) => said(partnerId, what, (hour += gap)));
  });

/** The slow oracle: one flag per scope, turned choice by choice. */
function naively(choices: readonly Choice[], partnerId: PartnerId, until = Infinity): boolean {
  let isAllRefused = false;
  let isPartnerRefused = false;
  for (const choice of choices) {
    if (choice.bookedAt.getTime() > until) break;
    if (choice.partnerId === null) isAllRefused = choice.sharing === 'refused';
    if (choice.partnerId === partnerId) isPartnerRefused = choice.sharing === 'refused';
  }
  return !isAllRefused && !isPartnerRefused;
}

test('promise P32: a partner is shared with only where neither its own scope nor all partners are refused', () => {
  fc.assert(
    fc.property(history, fc.nat({ max: 20 }), (choices, hour) => {
      for (const partnerId of [one, other]) {
        expect(mayShare(choices, partnerId)).toBe(naively(choices, partnerId));
        expect(mayShare(choices, partnerId, at(hour))).toBe(
          naively(choices, partnerId, at(hour).getTime()),
        );
      }
    }),
  );
});

test('promise P32: nothing begins under a refusal, nor before the last one was lifted', () => {
  fc.assert(
    fc.property(history, fc.nat({ max: 22 }), (choices, hour) => {
      // what a refusal covers: from its moment to the one that lifts it
      const refused = Array.from({ length: 24 }, (_, n) => {
        const before = choices.filter((choice) => choice.at <= at(n));
        return !naively(before, one);
      });
      const objection = objectionToSharing(choices, { partnerId: one, at: at(hour) });
      if (refused.slice(hour).some(Boolean)) expect(objection).toBeDefined();
      if (!choices.some((choice) => choice.sharing === 'refused')) {
        expect(objection).toBeUndefined();
      }
      const free = objectionToSharing(choices, { partnerId: one, at: at(23) });
      expect(free === undefined).toBe(naively(choices, one));
    }),
  );
});

test('the refusal that decides is named: the one of all partners first', () => {
  const all = said(null, 'refused', 1);
  const own = said(one, 'refused', 2);
  expect(refusalOf([all, own], one)).toBe(all);
  expect(refusalOf([all, own, said(null, 'allowed', 3)], one)).toBe(own);
  expect(refusalOf([all, own, said(null, 'allowed', 3)], other)).toBeUndefined();
  expect(refusalOf([all, own], one, at(0))).toBeUndefined();
  expect(objectionToSharing([all], { partnerId: one, at: at(9) })).toMatch(/with any partner/);
  expect(objectionToSharing([own], { partnerId: one, at: at(9) })).toMatch(/with this partner/);
});

test('what stands is told for all partners and for each that is named', () => {
  const partners = [
    { id: one, key: 'one' },
    { id: other, key: 'other' },
  ];
  const choices = [said(one, 'refused', 1), said(one, 'allowed', 2), said(null, 'refused', 3)];
  expect(standingChoices([], partners.slice(1))).toEqual([
    { partner: null, choice: null, sharing: 'allowed' },
    { partner: 'other', choice: null, sharing: 'allowed' },
  ]);
  expect(standingChoices(choices, partners)).toEqual([
    { partner: null, choice: 'refused', sharing: 'refused' },
    { partner: 'one', choice: 'allowed', sharing: 'refused' },
    { partner: 'other', choice: null, sharing: 'refused' },
  ]);
});

test('what stands already, comes too early or too late, or is no choice, is refused with its place', () => {
  const earlier = [said(null, 'refused', 5), said(one, 'refused', 6)];
  const objection = (change: Partial<Omit<Choice, 'sharing'>> & { sharing?: string }) =>
    objectionToChoice({ ...said(other, 'refused', 10), ...change }, earlier);
  expect(objection({})).toBeUndefined();
  expect(objection({ at: at(6) })).toBeUndefined();
  expect(objection({ partnerId: null })?.detail).toMatch(/refused all sharing already/);
  expect(objection({ partnerId: one })?.detail).toMatch(/with this partner already/);
  expect(objection({ sharing: 'allowed' })?.detail).toMatch(/not refused sharing with this/);
  expect(objection({ partnerId: one, sharing: 'allowed' })).toBeUndefined();
  expect(objectionToChoice(said(null, 'allowed', 1), [])?.detail).toMatch(/not refused all/);
  for (const [change, field] of [
    [{ at: at(11) }, 'at'],
    [{ at: at(5) }, 'at'],
    [{ at: new Date(NaN) }, 'at'],
    [{ sharing: 'maybe' }, 'sharing'],
    [{ evidence: '' }, 'evidence'],
    [{ evidence: 'x'.repeat(1001) }, 'evidence'],
    [{ evidence: 'a\0b' }, 'evidence'],
    [{ evidence: 'a\ud800b' }, 'evidence'],
    [{ actor: '' }, 'actor'],
    [{ actor: 'x'.repeat(201) }, 'actor'],
  ] as const) {
    expect(objection(change)?.field).toBe(field);
  }
  expect(objection({ evidence: '😀'.repeat(1000) })).toBeUndefined();
});
