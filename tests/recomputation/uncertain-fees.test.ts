import { expect, test } from '@jest/globals';
import { recomputeFees } from '../../src/recomputation/index.ts';
import { april, euros, line, paid, received, refunded, statement } from './given-received.ts';

test('a payment of nothing before the first does not begin the duration', () => {
  const payments = [
    paid('zero', 0, { settledAt: '2026-01-10T10:00:00Z' }),
    paid('one', 1000, { settledAt: '2026-03-05T10:00:00Z' }),
  ];
  const statements = [statement([line('l', 100, { payment: 'one' })])];
  const verdict = recomputeFees(received({ payments, statements }, { durationMonths: 1 }));
  expect(verdict).toMatchObject({ agrees: true, recomputed: 1, differences: [] });
});

const step = (from: number, ratePercent: string) => ({ from: { EUR: from }, ratePercent });
const tiers = (mode: 'graduated' | 'volume') =>
  ({ kind: 'tiers', tiers: { mode, by: 'base', steps: [step(0, '10'), step(1_000_000, '15')] } }) as const; // prettier-ignore

/** Of 12,000.00 in all 8,000.00 were paid by somebody who left. */
const left = (minor: number) => ({
  payments: [paid('stayed', 400_000)],
  statements: [statement([line('gone', 80_000), line('l', minor, { payment: 'stayed' })])],
});

for (const [name, fee, stated] of [
  ['graduated tiers', tiers('graduated'), 50_000],
  ['volume tiers', tiers('volume'), 60_000],
  ['a sum that is rounded for the partner', { ratePercent: '12.505', roundingLevel: 'partner-month' }, 50_021], // prettier-ignore
  ['a cap for each period', { capPerPeriod: { EUR: 110_000 } }, 30_000],
] as const) {
  test(`what a customer who left counts in ${name} makes a line uncertain, and no difference`, () => {
    const { uncertain, ...verdict } = recomputeFees(received(left(stated), fee));
    expect(verdict).toMatchObject({ agrees: true, differences: [], unstated: [] });
    expect(verdict.withheld).toEqual({ count: 1, minor: 80_000n });
    expect(uncertain).toMatchObject([{ lines: ['l'], payment: 'stayed', refund: null }]);
    const beyond = recomputeFees(received(left(60_002), fee));
    expect(beyond).toMatchObject({ agrees: false, differences: [{ lines: ['l'] }], uncertain: [] });
  });
}

test('a line that nothing withheld has a part in stays certain, whoever left', () => {
  const { payments, statements } = left(40_001);
  const differences = [{ lines: ['l'], statedMinor: 40_001n, recomputedMinor: 40_000n }];
  expect(recomputeFees(received({ payments, statements }))).toMatchObject({ agrees: false, differences, uncertain: [] }); // prettier-ignore
  const other = paid('later', 400_000, { settledAt: '2026-04-05T10:00:00Z' });
  const more = [...statements, statement([line('k', 40_001, { payment: 'later' })], april)];
  const tiered = recomputeFees(received({ payments: [...payments, other], statements: more }, tiers('graduated'))); // prettier-ignore
  expect(tiered.differences).toMatchObject([{ lines: ['k'] }]);
});

test('what no statement states yet became known since, and is no difference', () => {
  const payments = [paid('one', 1000), paid('late', 500)];
  const statements = [statement([line('l', 100, { payment: 'one' })])];
  const refunds = [refunded('r', 'one', 500)];
  const verdict = recomputeFees(received({ payments, refunds, statements }));
  expect(verdict).toMatchObject({ agrees: true, recomputed: 1, differences: [], uncertain: [] });
  expect(verdict.unstated).toMatchObject([
    { lines: [], payment: 'late', refund: null, statedMinor: 0n, recomputedMinor: 50n },
    { lines: [], payment: 'one', refund: 'r', statedMinor: 0n, recomputedMinor: -50n },
  ]);
  const late = line('k', 50, { payment: 'late', adjustment: 'late' });
  const back = line('m', -50, { payment: 'one', refund: 'r', adjustment: 'late' });
  const closed = [...statements, statement([late, back], april)];
  const next = recomputeFees(received({ payments, refunds, statements: closed }));
  expect(next).toMatchObject({ agrees: true, recomputed: 3, unstated: [], problems: [] });
});

test('a refund after a gap is found among the withheld lines, by its amount and reason', () => {
  const payments = [paid('one', 1200)];
  const refunds = [refunded('r', 'one', 600)];
  const own = line('l', 120, { payment: 'one' });
  const at = (minor: number) =>
    recomputeFees(received({ payments, refunds, statements: [statement([own, line('h', minor)])] })); // prettier-ignore
  expect(at(-60)).toMatchObject({ agrees: true, recomputed: 1, differences: [], uncertain: [] });
  // A refund that is not shown may have taken the rest.
  expect(at(-40)).toMatchObject({ agrees: true, differences: [], uncertain: [{ payment: 'one', refund: 'r' }] }); // prettier-ignore
});

test('a first payment that earned nothing may not have been the customer’s first', () => {
  const fee = { kind: 'flat', flat: { per: 'first-payment', amounts: { EUR: 1000 } } } as const;
  const payments = [paid('one', 1200), paid('two', 1200, { settledAt: '2026-03-12T10:00:00Z' })];
  const verdict = recomputeFees(received({ payments, statements: [statement([line('h', 1000)])] }, fee)); // prettier-ignore
  expect(verdict).toMatchObject({ agrees: true, differences: [], withheld: { count: 1 } });
  const none = recomputeFees(received({ payments, statements: [statement([])] }, fee));
  expect(none).toMatchObject({ agrees: true, uncertain: [{ payment: 'one', recomputedMinor: 1000n }] }); // prettier-ignore
  const both = [line('l', 1000, { payment: 'one' }), line('k', 1000, { payment: 'two' })];
  const twice = recomputeFees(received({ payments, statements: [statement(both)] }, fee));
  expect(twice.differences).toMatchObject([{ lines: ['k'], recomputedMinor: 0n }]);
});

const one = { payments: [paid('one', 1000)] };
const own = line('l', 100, { payment: 'one' });
const wrong = (...all: Parameters<typeof statement>) =>
  recomputeFees(received({ ...one, statements: [statement(...all)] })).problems;

test('a payout that is withheld, and a balance that is forfeited, is named where it is not agreed', () => {
  expect(wrong([own])).toEqual([]);
  expect(wrong([own], { payout: euros(), carriedForward: euros(100) })).toEqual([
    '2026-03.EUR: its payout comes to 100, not 0: no least payout is agreed.',
  ]);
  const statements = [statement([own], { payout: euros(), forfeited: euros(100) })];
  const least = { minimumPayout: { EUR: 500 } };
  expect(recomputeFees(received({ ...one, statements }, least)).problems).toEqual([
    '2026-03.EUR: 100 are forfeited, and that is not agreed.',
  ]);
  expect(
    recomputeFees(received({ ...one, statements }, { ...least, forfeitAfterMonths: 1 })).problems,
  ).toEqual([
    // prettier-ignore
    '2026-03.EUR: 100 are forfeited, and a line earned something on 2026-03-01.',
  ]);
  const carried = [statement([own], { payout: euros(), carriedForward: euros(100) })];
  expect(recomputeFees(received({ ...one, statements: carried }, least)).problems).toEqual([]);
});

test('a first statement that opens with something, and one that does not go on, is named', () => {
  expect(wrong([own], { opening: euros(-100) })).toEqual([
    '2026-03.EUR: its opening balance come to -100, not 0.',
  ]);
});

test('a line that stands on a statement of other days, or twice, is named', () => {
  const february = { payments: [paid('one', 1000, { settledAt: '2026-02-05T10:00:00Z' })] };
  const verdict = recomputeFees(received({ ...february, statements: [statement([own])] }));
  expect(verdict.problems).toEqual([
    '2026-03.EUR: line l became available on 2026-02-05, and stands there as one of its own days.',
  ]);
  const late = statement([{ ...own, adjustment: 'late' }]);
  expect(recomputeFees(received({ ...february, statements: [late] })).problems).toEqual([]);
  const again = [statement([own]), statement([own], april)];
  const { problems } = recomputeFees(received({ ...one, statements: again }));
  expect(problems).toContain('2026-04.EUR: line l was stated before.');
});

test('a withheld line that is made up cannot be disproved: it is counted', () => {
  const { agrees, withheld } = recomputeFees(received({ ...one, statements: [statement([own, line('h', -40)])] })); // prettier-ignore
  expect([agrees, withheld]).toEqual([true, { count: 1, minor: -40n }]);
});
