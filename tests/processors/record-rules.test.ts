import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { recordsOf, type Said } from '../../src/processors/record-rules.ts';
import type { Fact, InvoiceFact, ReturnFact } from '../../src/stripe/index.ts';

const instant = (second: number) => new Date(Date.UTC(2026, 10, 1, 0, 0, second)).toISOString();
const amounts = fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 4 });

/** An invoice of some services, and what went back of it. */
const stories = fc.record({ amounts, returns: fc.array(returnsOf(), { maxLength: 8 }) });

function returnsOf(): fc.Arbitrary<{ fact: ReturnFact; at: number }> {
  return fc
    .record({
      kind: fc.constantFrom('refund' as const, 'dispute' as const, 'credit' as const),
      id: fc.constantFrom('a', 'b', 'c', 'd'),
      amount: fc.integer({ min: 0, max: 9000 }),
      created: fc.integer({ min: 0, max: 5 }),
      counts: fc.boolean(),
      isWon: fc.boolean(),
      at: fc.integer({ min: 5, max: 8 }),
    })
    .map(({ at, created, kind, id, ...rest }) => ({
      at,
      fact: {
        ...rest,
        ...{ kind, id: `${kind}_${id}`, currency: 'EUR', at: instant(created) },
        isWon: kind === 'dispute' && rest.isWon,
        about: kind === 'credit' ? ['in_1'] : ['ch_1'],
      },
    }));
}

function saidIn(story: {
  amounts: readonly number[];
  returns: readonly { fact: ReturnFact; at: number }[];
}) {
  const parts = story.amounts.map((amount, index) => ({ service: `s${String(index)}`, amount, tax: Math.floor(amount / 7), shipping: 0 })); // prettier-ignore
  const bill: InvoiceFact = { kind: 'invoice', invoice: 'in_1', customer: 'ada', currency: 'EUR', settledAt: instant(0), parts }; // prettier-ignore
  const link: Fact = { kind: 'link', invoice: 'in_1', paidBy: ['ch_1'] };
  const facts: { fact: Fact; at: number }[] = [
    { fact: bill, at: 0 },
    { fact: link, at: 0 },
    ...story.returns,
  ];
  return facts.map(({ fact, at }, index): Said => ({
    ...{ eventId: `evt_${String(index)}`, occurredAt: new Date(instant(at)) },
    ...{ isApplied: false, facts: [fact] },
  }));
}

interface Refund {
  readonly id: string;
  readonly kind: string;
  readonly payment: string;
  readonly amount: { readonly amount: number };
  readonly tax: { readonly amount: number };
}
const refundsIn = (said: readonly Said[]) =>
  recordsOf(said)
    .flatMap(({ records }) => records)
    .flatMap(({ type, value }) => (type === 'refund' ? [value as unknown as Refund] : []));

test('the records follow from what is said, in whatever order', () => {
  const shuffled = stories.chain((story) => {
    const said = saidIn(story);
    return fc.tuple(fc.constant(said), fc.shuffledSubarray(said, { minLength: said.length }));
  });
  fc.assert(
    fc.property(shuffled, ([said, other]) => {
      const told = (all: readonly Said[]) =>
        recordsOf(all).map((group) => JSON.stringify({ ...group, eventIds: [...group.eventIds].sort() })).sort(); // prettier-ignore
      expect(told(other)).toEqual(told(said));
    }),
    { numRuns: 500 },
  );
});

test('no part of a payment goes back twice, its tax neither, and a refund is split to the unit', () => {
  fc.assert(
    fc.property(stories, (story) => {
      const refunds = refundsIn(saidIn(story)).filter(({ kind }) => kind === 'refund');
      story.amounts.forEach((amount, index) => {
        const own = refunds.filter(({ payment }) => payment === `in_1:s${String(index)}`);
        const sum = (part: 'amount' | 'tax') => own.reduce((all, one) => all + one[part].amount, 0);
        expect(sum('amount')).toBeLessThanOrEqual(amount);
        expect(sum('tax')).toBeLessThanOrEqual(Math.floor(amount / 7));
        if (sum('amount') === amount) expect(sum('tax')).toBe(Math.floor(amount / 7));
        for (const one of own) {
          expect(one.tax.amount).toBeGreaterThanOrEqual(0);
          expect(one.tax.amount).toBeLessThanOrEqual(one.amount.amount);
        }
      });
    }),
    { numRuns: 500 },
  );
});

test('a refund that alone went back is split to the unit, up to what was paid', () => {
  fc.assert(
    fc.property(amounts, fc.integer({ min: 0, max: 30_000 }), (paid, amount) => {
      const fact: ReturnFact = { kind: 'refund', id: 're_1', about: ['ch_1'], currency: 'EUR', amount, at: instant(1), counts: true, isWon: false }; // prettier-ignore
      const parts = refundsIn(saidIn({ amounts: paid, returns: [{ fact, at: 5 }] }));
      const all = paid.reduce((one, other) => one + other, 0);
      expect(parts.reduce((sum, one) => sum + one.amount.amount, 0)).toBe(Math.min(amount, all));
    }),
  );
});

test('what was said last holds; of one second, that a refund failed; a dispute takes nothing from refunds', () => {
  const one = (kind: ReturnFact['kind'], at: number, more: Partial<ReturnFact>) => ({
    at,
    fact: {
      ...{ kind, id: `${kind}_a`, about: ['ch_1'], currency: 'EUR', amount: 100, at: instant(1) },
      ...{ counts: true, isWon: false, ...more },
    },
  });
  const outcome = (...returns: ReturnType<typeof one>[]) =>
    refundsIn(saidIn({ amounts: [100], returns })).map(({ kind, amount, ...rest }) => [
      kind,
      amount.amount,
      'wonAt' in rest,
    ]);
  const [failed, won] = [{ counts: false }, { isWon: true }];
  expect(outcome(one('refund', 5, {}), one('refund', 5, failed))).toEqual([['refund', 0, false]]);
  expect(outcome(one('refund', 5, failed), one('refund', 5, {}))).toEqual([['refund', 0, false]]);
  expect(outcome(one('refund', 5, failed))).toEqual([]);
  expect(outcome(one('dispute', 5, won), one('dispute', 6, {}))).toEqual([['dispute', 100, false]]);
  expect(outcome(one('dispute', 5, {}), one('dispute', 6, won))).toEqual([['dispute', 100, true]]);
  expect(outcome(one('dispute', 5, {}), one('refund', 5, { at: instant(2) }))).toEqual([
    ['dispute', 100, false],
    ['refund', 100, false],
  ]);
});
