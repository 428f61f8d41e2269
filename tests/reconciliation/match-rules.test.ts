import fc from 'fast-check';
import { expect, test } from '@jest/globals';
import type { LineId } from '../../src/fees/index.ts';
import { match, type Comparison } from '../../src/reconciliation/match-rules.ts';
import { differenceOf, totalsOf, type NamedLine, type OtherLine, type OwnLine, type Row } from '../../src/reconciliation/reconciliation.ts'; // prettier-ignore
import { uuidOf } from '../../src/platform/uuid.ts';
import type { CustomerId, RecordId } from '../../src/records/index.ts';

const customerOf = (n: number) => uuidOf('c', String(n)) as CustomerId;
const paymentOf = (n: number) => uuidOf('p', String(n)) as RecordId;
const lineOf = (n: number) => uuidOf('l', String(n)) as LineId;

const amount = fc.bigInt({ min: -500n, max: 500n });
// Payments belong to customers: payment n to customer n % 4.
const named: fc.Arbitrary<Omit<NamedLine, 'line'>> = fc.oneof(
  fc.record({ amountMinor: amount, paymentId: fc.constant(null), customerId: fc.constant(null) }),
  fc.record({ amountMinor: amount, paymentId: fc.constant(null), customerId: fc.nat(3).map(customerOf) }), // prettier-ignore
  fc.tuple(amount, fc.nat(9)).map(([amountMinor, n]) => ({ amountMinor, paymentId: paymentOf(n), customerId: customerOf(n % 4) })), // prettier-ignore
);
const own = fc.record({
  n: fc.nat(9),
  isHidden: fc.boolean(),
  kind: fc.constantFrom<'accrual' | 'reversal'>('accrual', 'reversal'),
  isAdjustment: fc.boolean(),
  amountMinor: amount,
  cutMinor: fc.constantFrom(0n, 0n, 50n),
  because: fc.constantFrom(null, null, 'currency-not-agreed' as const),
});
const owned = (n: number, place: number, isHidden: boolean) => ({
  lineId: lineOf(place),
  customerId: isHidden ? null : customerOf(n % 4),
  paymentId: isHidden ? null : paymentOf(n),
});

const comparison: fc.Arbitrary<Comparison> = fc
  .record({
    claimed: fc.array(named, { maxLength: 25 }),
    ours: fc.array(own, { maxLength: 25 }),
    others: fc.array(own, { maxLength: 10 }),
    months: fc.array(fc.constantFrom('2026-02', '2026-03', '2026-04'), { minLength: 10, maxLength: 10 }), // prettier-ignore
    toleranceMinor: fc.constantFrom(0n, 0n, 5n),
  })
  .map(({ claimed, ours, others, months, toleranceMinor }) => ({
    claimed: claimed.map((line, place) => ({ ...line, line: place + 1 })),
    ours: ours.map(({ n, isHidden, ...rest }, place): OwnLine => ({ ...rest, ...owned(n, place, isHidden) })), // prettier-ignore
    others: others.map(({ n, isHidden, ...rest }, place): OtherLine => ({
      ...rest,
      ...owned(n, 1000 + place, false),
      ...{ customerId: customerOf(n % 4), paymentId: paymentOf(n) },
      ...{ currency: isHidden ? 'USD' : 'EUR', month: '2026-03', availableOn: `${months[place] ?? ''}-20` }, // prettier-ignore
    })),
    ...{ currency: 'EUR', fromDay: '2026-03-01', untilDay: '2026-04-01', toleranceMinor },
    whyNothing: (customerId) => (customerId === customerOf(0) ? undefined : 'no-payment'),
  }));

test('every line of both sides stands in exactly one row', () => {
  fc.assert(
    fc.property(comparison, (given) => {
      const rows = match(given);
      const numbers = rows.flatMap(({ claimed }) => claimed).sort((a, b) => a - b);
      expect(numbers).toEqual(given.claimed.map(({ line }) => line));
      expect(rows.flatMap(({ ours }) => ours).sort()).toEqual(given.ours.map(({ lineId }) => lineId).sort()); // prettier-ignore
    }),
  );
});

test('ours and the differences are theirs, in every row, in each outcome and in all', () => {
  fc.assert(
    fc.property(comparison, (given) => {
      const rows = match(given);
      const { claimedMinor, oursMinor, differenceMinor } = totalsOf(rows);
      expect(oursMinor + differenceMinor).toBe(claimedMinor);
      expect(claimedMinor).toBe(sumOf(given.claimed));
      expect(oursMinor).toBe(sumOf(given.ours));
      const amounts = new Map(given.claimed.map(({ line, amountMinor }) => [line, amountMinor]));
      for (const row of rows) {
        const claimed = row.claimed.map((line) => ({ amountMinor: amounts.get(line) ?? 0n }));
        expect(sumOf(claimed)).toBe(row.claimedMinor);
      }
    }),
  );
});
const sumOf = (lines: readonly { amountMinor: bigint }[]) =>
  lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0n);

test('in which order lines come makes no difference, nor does comparing twice', () => {
  const shuffled = comparison.chain(
    (given) =>
    fc
      .tuple(shuffle(given.claimed), shuffle(given.ours), shuffle(given.others))
      .map(([claimed, ours, others]) => [given, { ...given, claimed, ours, others }] as [Comparison, Comparison]), // prettier-ignore
  );
  fc.assert(
    fc.property(shuffled, ([given, other]) => {
      expect(match(other)).toEqual(match(given));
      expect(match(given)).toEqual(match(given));
    }),
  );
});
function shuffle<Item>(items: readonly Item[]) {
  return fc.shuffledSubarray([...items], { minLength: items.length, maxLength: items.length });
}

test('a row that matched differs by no more than is let pass, and no other hides that it does', () => {
  fc.assert(
    fc.property(comparison, (given) => {
      for (const row of match(given)) {
        const size = differenceOf(row) < 0n ? -differenceOf(row) : differenceOf(row);
        if (row.outcome === 'matched') expect(size <= given.toleranceMinor).toBe(true);
        if (row.outcome === 'not-matched') expect(tellsNothing(row)).toBe(true);
        if (row.outcome === 'amount-differs' && row.ours.length > 0) expect(size > given.toleranceMinor).toBe(true); // prettier-ignore
      }
    }),
  );
});
const tellsNothing = ({ reason, ours, oursMinor, customerIds, availableOn, claimed }: Row) =>
  reason === null && ours.length === 0 && oursMinor === 0n && customerIds.length === 0 && availableOn === null && claimed.length === 1; // prettier-ignore

test('what names nobody is answered alike, whatever else there is', () => {
  fc.assert(
    fc.property(comparison, comparison, (one, other) => {
      const nobody = { line: 99, amountMinor: 7n, customerId: null, paymentId: null };
      const rowIn = (given: Comparison) =>
        match({ ...given, claimed: [...given.claimed, nobody] }).find(({ claimed }) => claimed.includes(99)); // prettier-ignore
      expect(rowIn(one)).toEqual(rowIn(other));
    }),
  );
});
