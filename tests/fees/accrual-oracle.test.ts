import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { accrue, type AccrualLine, type FeeSources } from '../../src/earnings/index.ts';
import { lineText } from '../../src/fees/index.ts';
import { localDay } from '../../src/platform/local-days.ts';
import { roundFraction } from '../../src/platform/rounding.ts';
import { payment, refund, relationship, sources, version } from './given-fees.ts';
import { naiveDay, naiveFees, naiveZones } from './naive-oracle.ts';

const zones = Object.keys(naiveZones);
const day = 86_400_000;
const origin = Date.UTC(2024, 0, 25);

/** Moments that love midnights, month ends and the hours of summer time. */
const moment = fc
  .tuple(
    fc.integer({ min: 0, max: 1100 }),
    fc.constantFrom(-1, 0, 1),
    fc.integer({ min: -28, max: 28 }),
  )
  .map(([days, off, halfHours]) => new Date(origin + days * day + halfHours * 1_800_000 + off));

const terms = fc.record(
  {
    ratePercent: fc.constantFrom('12.5', '20', '33.333333', '0.5', '50', '0'),
    rounding: fc.constantFrom('half-even' as const, 'half-up' as const, 'down' as const),
    currencies: fc.constantFrom(['USD'], ['USD', 'EUR']),
    durationMonths: fc.integer({ min: 1, max: 14 }),
    clawbackDays: fc.integer({ min: 0, max: 60 }),
    holdDays: fc.integer({ min: 0, max: 40 }),
  },
  { requiredKeys: ['ratePercent', 'rounding', 'currencies'] },
);
const place = fc.record({
  timeZone: fc.constantFrom(...zones),
  direction: fc.constantFrom('payable' as const, 'payable' as const, 'receivable' as const),
  services: fc.constantFrom('all' as const, 'all' as const, ['store'], ['studio']),
});
const dayText = (days: number) => new Date(origin + days * day).toISOString().slice(0, 10);
const agreements = fc
  .tuple(
    fc.array(fc.tuple(terms, place), { minLength: 1, maxLength: 3 }),
    fc.uniqueArray(fc.integer({ min: 0, max: 1000 }), { minLength: 3, maxLength: 3 }),
  )
  .map(([versions, starts]) => {
    const days = [...starts].sort((a, b) => a - b);
    return versions.map(([fee, where], i) =>
      version(fee, {
        ...where,
        version: i + 1,
        validFrom: i === 0 ? '2020-01-01' : dayText(days[i - 1]!),
        validUntil: i + 1 < versions.length ? dayText(days[i]!) : null,
      }),
    );
  });

const customers = ['ada', 'ben'];
const service = fc.constantFrom('store' as const, 'studio' as const);
const relationships = fc.uniqueArray(
  fc
    .tuple(fc.constantFrom(...customers), service, fc.array(moment, { minLength: 5, maxLength: 5 }))
    .map(([customer, key, moments]) => {
      const [from, activatedAt, until, again, last] = [...moments].sort((a, b) => +a - +b);
      const openParts = [
        { from: from!, until: until! },
        { from: again!, until: +last! % 2 === 0 ? null : last! },
      ];
      return relationship(
        customer,
        { attributedAt: from!, activatedAt: activatedAt!, openParts },
        key,
      );
    }),
  { selector: ({ id }) => id, maxLength: 4 },
);
const amounts = fc
  .tuple(fc.bigInt({ min: 0n, max: 4000n }), fc.constantFrom(0n, 0n, 7n))
  .map(([amountMinor, taxMinor]) => ({ amountMinor, taxMinor }));
const currency = fc.constantFrom('USD', 'USD', 'EUR');
const payments = fc.array(
  fc.tuple(moment, amounts, currency, fc.constantFrom(...customers), service),
  { maxLength: 8 },
);
const refunds = fc.array(
  fc.tuple(fc.nat({ max: 7 }), fc.integer({ min: -1, max: 62 * 48 }), amounts, currency),
  { maxLength: 8 },
);
const worlds = fc.tuple(agreements, relationships, payments, refunds).map((made): FeeSources => {
  const paid = made[2].map(([settledAt, amount, money, customer, key], i) =>
    payment(`p${i}`, settledAt, { ...amount, currency: money, customer, service: key }),
  );
  const back = made[3].flatMap(([which, halfHours, amount, money], i) => {
    const of = paid[which];
    if (!of) return [];
    const refundedAt = new Date(of.settledAt.getTime() + halfHours * 1_800_000);
    return [refund(`r${i}`, `p${which}`, refundedAt, { ...amount, currency: money })];
  });
  return sources({ agreements: made[0], relationships: made[1], payments: paid, refunds: back });
});

type Accrue = (world: FeeSources) => AccrualLine[];
const agrees = (rules: Accrue) =>
  fc.property(worlds, (world) => {
    const lines = rules(world).map((line) => [
      line.refundId ?? line.paymentId,
      [line.month, line.availableOn, line.currency, line.feeMinor],
    ]);
    expect(Object.fromEntries(lines)).toEqual(naiveFees(world));
  });

test('every line equals the one that a slow oracle works out', () => {
  fc.assert(agrees(accrue), { numRuns: 1000 });
});

test('twin: half-up where half-even is agreed is found by the same property', () => {
  const twin: Accrue = (world) =>
    accrue({
      ...world,
      agreements: world.agreements.map((one) => {
        const fee = one.terms.fee!;
        const rounding = fee.rounding === 'half-even' ? 'half-up' : fee.rounding!;
        return { ...one, terms: { ...one.terms, fee: { ...fee, rounding } } };
      }),
    });
  expect(fc.check(agrees(twin), { numRuns: 2000, endOnFailure: true }).failed).toBe(true);
});

test('twin: a reversal at the rate of today instead of the line’s own is found by the same property', () => {
  const twin: Accrue = (world) => {
    const now = world.agreements.at(-1)!.terms.fee!;
    const [whole = '', part = ''] = now.ratePercent!.split('.');
    return accrue(world).map((line) => {
      if (line.kind === 'accrual' || line.because) return line;
      const rate = BigInt(whole + part.padEnd(6, '0'));
      return { ...line, feeMinor: roundFraction(line.baseMinor * rate, 10n ** 8n, now.rounding!) };
    });
  };
  expect(fc.check(agrees(twin), { numRuns: 2000, endOnFailure: true }).failed).toBe(true);
});

test('the order in which the sources come changes no byte', () => {
  const bytes = (world: FeeSources) => accrue(world).map(lineText).join('\n');
  const reversed = (world: FeeSources): FeeSources => ({
    ...world,
    agreements: [...world.agreements].reverse(),
    relationships: [...world.relationships].reverse(),
    payments: [...world.payments].reverse(),
    refunds: [...world.refunds].reverse(),
  });
  fc.assert(
    fc.property(worlds, (world) => {
      expect(bytes(reversed(world))).toBe(bytes(world));
    }),
  );
});

test('the lines of a payment never fall below nothing, and a full refund leaves nothing', () => {
  fc.assert(
    fc.property(worlds, (world) => {
      const full = world.payments.map((one, i) =>
        refund(`full${i}`, `p${i}`, new Date(one.settledAt.getTime() + 90 * day), {
          amountMinor: one.amountMinor + 20_000n,
          currency: one.currency,
        }),
      );
      const always = world.agreements.map((one) => {
        const { clawbackDays: _, ...fee } = one.terms.fee!;
        return { ...one, terms: { ...one.terms, fee } };
      });
      const lines = accrue({ ...world, agreements: always, refunds: [...world.refunds, ...full] });
      const left = new Map<string, bigint>();
      for (const { paymentId, feeMinor } of lines) {
        left.set(paymentId, (left.get(paymentId) ?? 0n) + feeMinor);
      }
      expect([...left.values()].filter((minor) => minor !== 0n)).toEqual([]);
    }),
  );
});

test('local days are those of the zones’ written rules, whatever the host’s zone', () => {
  fc.assert(
    fc.property(moment, fc.constantFrom(...zones), (at, zone) => {
      expect(localDay(at, zone)).toBe(naiveDay(at, zone));
    }),
    { numRuns: 2000 },
  );
  // Samoa went from the east to the west of the date line: it had no 30 December 2011.
  expect(localDay(new Date('2011-12-30T09:59:59Z'), 'Pacific/Apia')).toBe('2011-12-29');
  expect(localDay(new Date('2011-12-30T10:00:00Z'), 'Pacific/Apia')).toBe('2011-12-31');
});
