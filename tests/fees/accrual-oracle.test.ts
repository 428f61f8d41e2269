import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { problemsOfFee, type FeeTerms } from '../../src/agreements/index.ts';
import { accrue, type AccrualLine, type FeeSources } from '../../src/earnings/index.ts';
import { lineText } from '../../src/fees/index.ts';
import { pairwiseOf } from '../../src/joint/index.ts';
import { localDay } from '../../src/platform/local-days.ts';
import { roundFraction } from '../../src/platform/rounding.ts';
import { problemsOf } from '../../src/platform/schemas.ts';
import { shownLine } from '../../src/statements/fee-wire-rules.ts';
import { partnerId, payment, refund, relationship, sources, versionOf } from './given-fees.ts';
import { naiveDay, naiveFees, naiveLineOf, naiveZones, type NaiveLine } from './naive-oracle.ts';

/** Random histories: more in the full run. */
const histories = Number(process.env['SLUICE_TEST_HISTORIES'] ?? 2000);

const zones = Object.keys(naiveZones);
const day = 86_400_000;
const origin = Date.UTC(2024, 0, 25);

/** Moments that love midnights, month ends, the hours of summer time, and a few months of 2024. */
const moment = fc
  .tuple(
    fc.oneof(fc.integer({ min: 0, max: 1100 }), fc.integer({ min: 0, max: 70 })),
    fc.constantFrom(-1, 0, 1),
    fc.integer({ min: -28, max: 28 }),
  )
  .map(([days, off, halfHours]) => new Date(origin + days * day + halfHours * 1_800_000 + off));

const rate = fc.constantFrom('12.5', '20', '33.333333', '0.5', '50', '0');
const amounts2 = (max: number, min = 0) =>
  fc.record({ USD: fc.integer({ min, max }), EUR: fc.integer({ min, max }) });
const common = fc.record(
  {
    rounding: fc.constantFrom('half-even' as const, 'half-up' as const, 'down' as const),
    currencies: fc.constantFrom(['USD', 'EUR'], ['USD', 'EUR'], ['USD']),
    durationMonths: fc.integer({ min: 1, max: 14 }),
    clawbackDays: fc.integer({ min: 0, max: 60 }),
    holdDays: fc.integer({ min: 0, max: 40 }),
    holdToMonthEnd: fc.boolean(),
    capPerCustomer: amounts2(900),
    capPerPeriod: amounts2(900),
    period: fc.constantFrom('month' as const, 'half-month' as const, 'quarter' as const),
    less: fc.uniqueArray(fc.constantFrom('processorFee', 'shipping', 'discount'), { minLength: 1 }),
  },
  { requiredKeys: ['currencies'] },
);
const percent = fc.record(
  {
    kind: fc.constant('percent' as const),
    ratePercent: rate,
    of: fc.constantFrom('every-payment', 'every-payment', 'first-payment'),
    serviceRates: fc.record({ studio: rate }),
    roundingLevel: fc.constantFrom('payment', 'customer-month', 'partner-month'),
  },
  { requiredKeys: ['kind', 'ratePercent'] },
);
const flat = fc
  .tuple(
    fc.constantFrom('payment', 'activation', 'first-payment', 'threshold', 'threshold'),
    amounts2(300),
    amounts2(6000, 1),
  )
  .map(([per, amounts, thresholds]) => ({
    kind: 'flat' as const,
    flat: { per, amounts, ...(per === 'threshold' && { thresholds }) },
  }));
const bounds = fc.uniqueArray(fc.integer({ min: 1, max: 6000 }), { maxLength: 3 });
const tiers = fc
  .tuple(
    fc.constantFrom(['graduated', 'base'], ['volume', 'base'], ['volume', 'active-relationships']),
    bounds,
    fc.array(rate, { minLength: 4, maxLength: 4 }),
  )
  .map(([[mode, by], from, rates]) => ({
    kind: 'tiers' as const,
    tiers: {
      mode,
      by,
      steps: [0, ...from.sort((x, y) => x - y)].map((bound, i) => ({
        ratePercent: rates[i],
        ...(by === 'base' ? { from: { USD: bound, EUR: bound * 2 } } : { fromActive: i }),
      })),
    },
  }));
/** Any terms that can be published. */
const terms = fc
  .tuple(common, fc.oneof(percent, flat, tiers))
  .map(([rest, kind]) => onlyNamed({ ...rest, ...kind } as FeeTerms));

/** Takes away what names a currency that the terms do not, and what terms of the kind may not say. */
function onlyNamed(fee: FeeTerms): FeeTerms {
  if (fee.kind === 'tiers' && fee.period === 'half-month') return onlyNamed({ ...fee, period: 'month' }); // prettier-ignore
  const { holdToMonthEnd, ...rest } = fee;
  const kept = fee.holdDays === undefined ? rest : fee;
  if (fee.currencies.includes('EUR')) return kept;
  return JSON.parse(JSON.stringify(kept, (key, value: unknown) => (key === 'EUR' ? undefined : value))) as FeeTerms; // prettier-ignore
}
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
      versionOf(fee, {
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
    .tuple(
      fc.constantFrom(...customers),
      service,
      fc.array(moment, { minLength: 5, maxLength: 5 }),
      fc.boolean(),
    )
    .map(([customer, key, moments, isEver]) => {
      if (isEver) {
        const from = new Date(origin - day);
        const always = { attributedAt: from, activatedAt: from };
        return relationship(customer, { ...always, openParts: [{ from, until: null }] }, key);
      }
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
const parts = fc.record(
  {
    processorFee: fc.bigInt({ min: 0n, max: 40n }),
    shipping: fc.constantFrom(0n, 100n),
    discount: fc.bigInt({ min: 0n, max: 400n }),
  },
  { requiredKeys: [] },
);
const currency = fc.constantFrom('USD', 'USD', 'EUR');
const payments = fc.array(
  fc.tuple(moment, amounts, currency, fc.constantFrom(...customers), service, parts),
  { maxLength: 9 },
);
const wait = fc.oneof(fc.integer({ min: -1, max: 62 * 48 }), fc.integer({ min: 0, max: 40 }));
const refunds = fc.array(
  fc.tuple(
    fc.nat({ max: 8 }),
    wait,
    fc.oneof(amounts, fc.constant('all' as const)),
    currency,
    fc.constantFrom('refund', 'refund', 'dispute', 'won', 'credit', 'won credit'),
    wait,
  ),
  { maxLength: 9 },
);
const worlds = fc.tuple(agreements, relationships, payments, refunds).map((made): FeeSources => {
  const paid = made[2].map(([settledAt, amount, money, customer, key, its], i) =>
    payment(`p${i}`, settledAt, { ...amount, currency: money, customer, service: key, parts: its }),
  );
  const back = made[3].flatMap(([which, halfHours, some, money, kind, more], i) => {
    const of = paid[which];
    if (!of) return [];
    const refundedAt = new Date(of.settledAt.getTime() + halfHours * 1_800_000);
    const amount = some === 'all' ? { amountMinor: of.amountMinor, taxMinor: of.taxMinor } : some;
    const isWon = kind.startsWith('won');
    return [
      refund(`r${i}`, kind.endsWith('credit') ? null : `p${which}`, refundedAt, {
        ...amount,
        currency: some === 'all' ? of.currency : money,
        customerId: of.customerId,
        serviceId: of.serviceId,
        kind: isWon || kind === 'dispute' ? 'dispute' : 'refund',
        wonAt: isWon ? new Date(refundedAt.getTime() + more * 1_800_000) : null,
      }),
    ];
  });
  return sources({ agreements: made[0], relationships: made[1], payments: paid, refunds: back });
});

type Accrue = (world: FeeSources) => AccrualLine[];
const sorted = (lines: readonly NaiveLine[]) =>
  [...lines].sort((a, b) => (text(a) < text(b) ? -1 : 1));
const text = (line: NaiveLine) => line.map(String).join(' ');
const agrees = (rules: Accrue) =>
  fc.property(worlds, (world) => {
    expect(sorted(rules(world).map(naiveLineOf))).toEqual(sorted(naiveFees(world)));
  });

test('every random agreement is one that can be published', () => {
  fc.assert(
    fc.property(terms, (fee) => {
      expect(problemsOfFee(fee, 'all')).toEqual([]);
    }),
  );
});

test('every line equals the one that a slow oracle works out', () => {
  fc.assert(agrees(accrue), { numRuns: histories });
}, 900_000);

test('twin: half-up where half-even is agreed is found by the same property', () => {
  const twin: Accrue = (world) =>
    accrue({
      ...world,
      agreements: world.agreements.map((one) => {
        const fee = one.terms.fee!;
        const { rounding: agreed = 'half-even' } = fee;
        const rounding = agreed === 'half-even' ? 'half-up' : agreed;
        return { ...one, terms: { ...one.terms, fee: { ...fee, rounding } } };
      }),
    });
  expect(fc.check(agrees(twin), { numRuns: 50_000, endOnFailure: true }).failed).toBe(true);
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
  expect(fc.check(agrees(twin), { numRuns: 50_000, endOnFailure: true }).failed).toBe(true);
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

test('every line has an explanation, and goes to the partner as its schema says', () => {
  const pairwise = pairwiseOf(Buffer.alloc(32, 7), partnerId);
  fc.assert(
    fc.property(worlds, (world) => {
      const lines = accrue(world);
      expect(new Set(lines.map(({ lineId }) => lineId)).size).toBe(lines.length);
      const data = lines.map((line) => shownLine(line, pairwise));
      expect(problemsOf('fees/accruals', { data, next: null })).toEqual([]);
      for (const { explanation } of lines) {
        expect(explanation.text).toMatch(
          /^(Payment|Refund|Dispute|Credit) of .*Agreement version \d/,
        );
        expect(explanation.text).not.toMatch(/undefined|NaN|null/);
      }
    }),
    { numRuns: 300 },
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
