import fc from 'fast-check';
import type { FeeTerms } from '../../src/agreements/index.ts';
import type { FeeSources } from '../../src/earnings/index.ts';
import { payment, refund, relationship, sources, versionOf } from './given-fees.ts';
import { naiveZones } from './naive-oracle.ts';

export const zones = Object.keys(naiveZones);
export const day = 86_400_000;
export const origin = Date.UTC(2024, 0, 25);

/** Moments that love midnights, month ends, the hours of summer time, and a few months of 2024. */
export const moment = fc
  .tuple(
    fc.oneof(fc.integer({ min: 0, max: 1100 }), fc.integer({ min: 0, max: 70 })),
    fc.constantFrom(-1, 0, 1),
    fc.integer({ min: -28, max: 28 }),
  )
  .map(([days, off, halfHours]) => new Date(origin + days * day + halfHours * 1_800_000 + off));

const rate = fc.constantFrom('12.5', '20', '33.333333', '0.5', '50', '0');
const amountsOf = (max: number, min = 0) => {
  const minor = fc.integer({ min, max });
  return fc.record({ USD: minor, EUR: minor, JPY: minor });
};
const common = fc.record(
  {
    rounding: fc.constantFrom('half-even' as const, 'half-up' as const, 'down' as const),
    currencies: fc.constantFrom(['USD', 'EUR', 'JPY'], ['USD', 'EUR'], ['USD']),
    durationMonths: fc.integer({ min: 1, max: 14 }),
    clawbackDays: fc.integer({ min: 0, max: 60 }),
    holdDays: fc.integer({ min: 0, max: 40 }),
    holdToMonthEnd: fc.boolean(),
    capPerCustomer: amountsOf(900),
    capPerPeriod: amountsOf(900),
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
    amountsOf(300),
    amountsOf(6000, 1),
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
        ...(by === 'base'
          ? { from: { USD: bound, EUR: bound * 2, JPY: bound } }
          : { fromActive: i }),
      })),
    },
  }));
/** Any terms that can be published. */
export const terms = fc
  .tuple(common, fc.oneof(percent, flat, tiers))
  .map(([rest, kind]) => onlyNamed({ ...rest, ...kind } as FeeTerms));

/** Takes away what names a currency that the terms do not, and what terms of the kind may not say. */
function onlyNamed(fee: FeeTerms): FeeTerms {
  if (fee.kind === 'tiers' && fee.period === 'half-month') return onlyNamed({ ...fee, period: 'month' }); // prettier-ignore
  const { holdToMonthEnd, ...rest } = fee;
  const kept = fee.holdDays === undefined ? rest : fee;
  const unnamed = ['EUR', 'JPY'].filter((one) => !fee.currencies.includes(one));
  return JSON.parse(JSON.stringify(kept, (key, value: unknown) => (unnamed.includes(key) ? undefined : value))) as FeeTerms; // prettier-ignore
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
const anyRelationship = fc
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
  });
const amounts = fc
  .tuple(fc.bigInt({ min: 0n, max: 4000n }), fc.constantFrom(0n, 0n, 7n))
  // A tax above the amount is not taken in.
  .map(([amountMinor, tax]) => ({ amountMinor, taxMinor: tax > amountMinor ? 0n : tax }));
const parts = fc.record(
  {
    processorFee: fc.bigInt({ min: 0n, max: 40n }),
    shipping: fc.constantFrom(0n, 100n),
    discount: fc.bigInt({ min: 0n, max: 400n }),
  },
  { requiredKeys: [] },
);
const currency = fc.constantFrom('USD', 'USD', 'EUR', 'JPY');
const anyPayment = fc.tuple(moment, amounts, currency, fc.constantFrom(...customers), service, parts); // prettier-ignore
const wait = fc.oneof(fc.integer({ min: -1, max: 62 * 48 }), fc.integer({ min: 0, max: 40 }));
const anyRefund = fc.tuple(
  fc.nat({ max: 8 }),
  wait,
  fc.oneof(amounts, fc.constant('all' as const)),
  currency,
  fc.constantFrom('refund', 'refund', 'dispute', 'won', 'credit', 'won credit'),
  wait,
);
/** Everything that fees follow from: some months of one partner, with at least so much in them. */
const worldsWith = (least: { relationships: number; payments: number; refunds: number }) =>
  fc
    .tuple(
      agreements,
      fc.uniqueArray(anyRelationship, {
        selector: ({ id }) => id,
        minLength: least.relationships,
        maxLength: 4,
      }),
      fc.array(anyPayment, { minLength: least.payments, maxLength: 9 }),
      fc.array(anyRefund, { minLength: least.refunds, maxLength: 9 }),
    )
    .map((made): FeeSources => {
      const paid = made[2].map(([settledAt, amount, money, customer, key, its], i) =>
        payment(`p${i}`, settledAt, {
          ...amount,
          currency: money,
          customer,
          service: key,
          parts: its,
        }),
      );
      const back = made[3].flatMap(([which, halfHours, some, money, kind, more], i) => {
        const of = paid[which];
        if (!of) return [];
        const refundedAt = new Date(of.settledAt.getTime() + halfHours * 1_800_000);
        const amount =
          some === 'all' ? { amountMinor: of.amountMinor, taxMinor: of.taxMinor } : some;
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
      return sources({
        agreements: made[0],
        relationships: made[1],
        payments: paid,
        refunds: back,
      });
    });

export const worlds = worldsWith({ relationships: 0, payments: 0, refunds: 0 });
/** The same, where much happens: they tell a wrong rule sooner, and are read less easily. */
export const busyWorlds = worldsWith({ relationships: 3, payments: 6, refunds: 4 });
