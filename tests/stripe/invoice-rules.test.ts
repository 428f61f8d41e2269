import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readEvent, skeletonOf, splitAmount, type StripeMapping } from '../../src/stripe/index.ts';
import { mapping } from '../processors/given-processors.ts';
import { charge, day, event, invoice, type Line } from '../processors/stripe-events.ts';

const read = (one: object, how: StripeMapping = mapping, key?: string) =>
  readEvent(skeletonOf(one, how), how, () => key);
const paid = (lines: readonly Line[], more: Record<string, unknown> = {}) =>
  event('invoice.paid', invoice('in_1', lines, more), { created: day(1) });
const partsOf = (one: object, how?: StripeMapping) => {
  const reading = read(one, how);
  if (!('facts' in reading)) return reading;
  const [fact] = reading.facts;
  return fact?.kind === 'invoice' ? fact.parts : reading.facts;
};

test('an amount is split to the unit, no share above its weight, equal weights apart by one at most', () => {
  const weights = fc.array(fc.bigInt({ min: 0n, max: 10n ** 12n }), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(weights, fc.double({ min: 0, max: 1, noNaN: true }), (given, part) => {
      const sum = given.reduce((one, other) => one + other, 0n);
      const amount = (sum * BigInt(Math.floor(part * 1000))) / 1000n;
      const shares = splitAmount(amount, given);
      expect(shares === undefined).toBe(sum === 0n);
      if (sum === 0n) return;
      expect(shares?.reduce((one, other) => one + other, 0n)).toBe(amount);
      for (const [index, share] of (shares ?? []).entries()) {
        expect(share >= 0n && share <= (given[index] ?? 0n)).toBe(true);
        const exact = Number(amount) * (Number(given[index]) / Number(sum));
        expect(Math.abs(Number(share) - exact)).toBeLessThanOrEqual(1 + exact * 1e-9);
      }
    }),
  );
});

test('the payments of an invoice add up to what was paid, each with a tax within it', () => {
  const line: fc.Arbitrary<Line> = fc.record({
    product: fc.constantFrom('prod_store', 'prod_cloud', 'prod_desk'),
    amount: fc.integer({ min: 0, max: 100_000 }),
    tax: fc.integer({ min: 0, max: 20_000 }),
    discount: fc.integer({ min: 0, max: 0 }),
    inclusive: fc.constant(false),
  });
  const shipping = fc.option(fc.record({ amount_total: fc.integer({ min: 119, max: 5000 }), amount_tax: fc.integer({ min: 0, max: 119 }) })); // prettier-ignore
  fc.assert(
    fc.property(
      fc.array(line, { minLength: 1, maxLength: 8 }),
      shipping,
      fc.integer({ min: 1, max: 100 }),
      (lines, cost, share) => {
        const total = lines.reduce((sum, one) => sum + one.amount + (one.tax ?? 0), cost?.amount_total ?? 0); // prettier-ignore
        fc.pre(lines.some((one) => one.amount > 0));
        const amount = Math.ceil((total * share) / 100);
        const parts = partsOf(paid(lines, { paid: amount, shipping_cost: cost }));
        if (!Array.isArray(parts)) throw new Error(JSON.stringify(parts));
        expect(parts.reduce((sum: number, one: { amount: number }) => sum + one.amount, 0)).toBe(
          amount,
        );
        for (const one of parts as { amount: number; tax: number; shipping: number }[]) {
          expect(one.tax).toBeGreaterThanOrEqual(0);
          expect(one.tax + one.shipping).toBeLessThanOrEqual(one.amount + 1);
        }
      },
    ),
  );
});

test('discounts are off the amount, inclusive tax is in it, exclusive tax on top', () => {
  const lines: Line[] = [
    { product: 'prod_store', amount: 1000, discount: 200, tax: 152 },
    { product: 'prod_cloud', amount: 1190, tax: 190, inclusive: true },
  ];
  expect(partsOf(paid(lines))).toEqual([
    { service: 'cloud', amount: 1190, tax: 190, shipping: 0 },
    { service: 'store', amount: 952, tax: 152, shipping: 0 },
  ]);
});

test('amounts are minor units of ISO 4217: Stripe has its own for some currencies', () => {
  const amountIn = (currency: string, amount: number) => {
    const parts = partsOf(paid([{ product: 'prod_store', amount }], { currency }));
    return Array.isArray(parts) ? parts.map((one: { amount: number }) => one.amount) : parts;
  };
  expect(amountIn('jpy', 500)).toEqual([500]);
  expect(amountIn('kwd', 5120)).toEqual([5120]);
  expect(amountIn('isk', 50000)).toEqual([500]);
  expect(amountIn('ugx', 50000)).toEqual([500]);
  expect(amountIn('mga', 500)).toEqual([50000]);
  expect(amountIn('huf', 1000)).toEqual([1000]);
  expect(amountIn('twd', 80000)).toEqual([80000]);
  expect(amountIn('xyz', 1)).toEqual({ obstacle: { waits: false, reason: 'unknown-currency' } });
});

test('the service follows from price, then product, then the default; without any it waits', () => {
  const line: Line = { product: 'prod_new', amount: 100 };
  const services = { ...mapping.services, price_of_prod_new: 'desk' };
  const serviceIn = (how: StripeMapping) => {
    const parts = partsOf(paid([line]), how);
    return Array.isArray(parts) ? parts.map((one: { service: string }) => one.service) : parts;
  };
  expect(serviceIn({ ...mapping, services })).toEqual(['desk']);
  expect(serviceIn({ ...mapping, defaultService: 'store' })).toEqual(['store']);
  expect(serviceIn(mapping)).toEqual({ obstacle: { waits: true, reason: 'product-unmapped' } });
  const old = { ...invoice('in_1', []), lines: { data: [{ amount: 5, price: { id: 'price_1', product: 'prod_store' }, tax_amounts: [] }] }, amount_paid: 5 }; // prettier-ignore
  expect(partsOf(event('invoice.paid', old, { created: day(1) }))).toMatchObject([{ service: 'store', amount: 5 }]); // prettier-ignore
});

test('the customer’s key stands where the mapping says: invoice, subscription, or the customer told before', () => {
  const how: StripeMapping = { ...mapping, customer: 'metadata.account no' };
  const customerIn = (more: Record<string, unknown>, known?: string) => {
    const reading = read(paid([{ product: 'prod_store', amount: 1 }], more), how, known);
    if (!('facts' in reading)) return reading;
    return reading.facts.flatMap((fact) => (fact.kind === 'invoice' ? [fact.customer] : []));
  };
  const metadata = { 'account no': 'A 1', other: 'Rosa' };
  expect(customerIn({ metadata })).toEqual(['A 1']);
  expect(customerIn({ parent: { subscription_details: { metadata } } })).toEqual(['A 1']);
  expect(customerIn({ customer: { id: 'cus_1', metadata } })).toEqual(['A 1']);
  expect(customerIn({}, 'A 2')).toEqual(['A 2']);
  expect(customerIn({})).toEqual({ obstacle: { waits: true, reason: 'customer-unnamed' } });
});

test('where charges say what was refunded, each stands for its own difference', () => {
  const how: StripeMapping = { ...mapping, refunds: 'charge' };
  const refunded = (total: number, before: number | undefined) =>
    event('charge.refunded', charge('ch_1', 1000, total), {
      created: day(2),
      ...(before !== undefined && { previous: { amount_refunded: before, receipt_url: 'x' } }),
    });
  expect(read(refunded(700, 300), how)).toMatchObject({
    facts: [{ kind: 'refund', id: 'ch_1.700', amount: 400, about: ['ch_1', 'pi_1'] }],
  });
  expect(read(refunded(700, undefined), how)).toEqual({
    obstacle: { waits: false, reason: 'event-unclear' },
  });
  expect(read(refunded(700, 300))).toEqual({ isKept: true, reason: 'refunds-by-refund' });
});

test('of whatever an event says, texts with a blank, an @ or a plus are never kept', () => {
  fc.assert(
    fc.property(
      fc.anything(),
      fc.constantFrom('customer', 'status', 'lines', 'metadata', 'id'),
      (value, name) => {
        const word = 'Rosa Canary <rosa@example.test> +1555';
        const bones = skeletonOf({ data: { object: { [name]: word, amount: value, lines: [word, { [name]: word }] } } }, mapping); // prettier-ignore
        expect(JSON.stringify(bones)).not.toMatch(/rosa|canary|@|\+1555/i);
      },
    ),
  );
});
