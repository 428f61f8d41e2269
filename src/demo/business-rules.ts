import { roundFraction } from '../platform/rounding.ts';
import { lastDay, services, type ServiceKey } from './company.ts';
import type { DemoCustomer } from './customer-rules.ts';
import { dayAfter, drawInstant, sameDayLater } from './day-rules.ts';
import { drawChance, drawNumber } from './draw-rules.ts';

/** A record as `takeRecords` takes it. */
export interface DemoRecord {
  readonly type: 'service' | 'customer' | 'invoice' | 'payment' | 'refund';
  readonly value: { readonly id: string } & Readonly<Record<string, unknown>>;
}

/** How a customer's business goes beside the ordinary. */
export interface Course {
  /** It has invoices and never pays one. */
  readonly neverPays: boolean;
  /** The first day without an invoice, YYYY-MM-DD. */
  readonly leavesOn: string | undefined;
}

const currencies = { DE: 'EUR', FR: 'EUR', GB: 'GBP', US: 'USD' } as const;
const taxPercent = { DE: 19n, FR: 20n, GB: 20n, US: 0n } as const;
/** Monthly prices before tax, in minor units of each currency. */
const planMinor = { solo: 29_00, team: 89_00, house: 349_00 } as const;
const seatMinor = 12_50;
const spaceMinor = 4_15;

/** A customer's invoices, payments and refunds, each after what it names. */
export function makeBusiness(customer: DemoCustomer, course: Course): DemoRecord[] {
  const used = services.filter(({ id }) => id === 'studio' || customer.archiveUnits > 0);
  return used.flatMap(({ id }) =>
    [0, 1, 2, 3, 4]
      .map((months) => sameDayLater(customer.signedUpOn, months))
      .filter((day) => day <= lastDay && (course.leavesOn ?? '9999') > day)
      .flatMap((day) => makeMonth(customer, { service: id, day, ...course })),
  );
}

interface Month extends Course {
  readonly service: ServiceKey;
  readonly day: string;
}

function makeMonth(customer: DemoCustomer, { service, day, neverPays }: Month): DemoRecord[] {
  const name = `${customer.key.slice(2)}-${service}-${day.slice(0, 7)}`;
  const whose = { customer: customer.key, service };
  const lines = linesOf(customer, service, day);
  const netMinor = lines.reduce((sum, line) => sum + line.amount.amount, 0);
  const taxMinor = taxOf(netMinor, customer);
  const tax = moneyOf(taxMinor, customer);
  const total = moneyOf(netMinor + taxMinor, customer);
  const number = `DS-${name}`.toUpperCase();
  const dates = { issuedOn: day, dueOn: dayAfter(day, 14) };
  const sums = { net: moneyOf(netMinor, customer), tax, total };
  const { billTo } = customer;
  const invoice = { id: `i-${name}`, ...whose, number, ...dates, ...sums, billTo, lines };
  const paidOn = dayAfter(day, drawNumber(0, 12, 'days to pay', name));
  const isOpen = neverPays || paidOn > lastDay || drawChance(25, 'forgotten', name);
  if (isOpen) return [{ type: 'invoice', value: invoice }];
  const settledAt = drawInstant(paidOn, 'payment', name).toISOString();
  const method = drawChance(4, 'method', name) ? 'transfer' : 'card';
  const payment = { id: `p-${name}`, ...whose, invoice: invoice.id, settledAt, amount: total, tax };
  return [
    { type: 'invoice', value: invoice },
    { type: 'payment', value: { ...payment, method } },
    ...refundsOf(customer, { name, whose, netMinor, taxMinor, paidOn }),
  ];
}

/** Of eighteen payments one goes back, in part or whole; of these one in five is a dispute. */
function refundsOf(
  customer: DemoCustomer,
  paid: {
    readonly name: string;
    readonly whose: Readonly<Record<'customer' | 'service', string>>;
    readonly netMinor: number;
    readonly taxMinor: number;
    readonly paidOn: string;
  },
): DemoRecord[] {
  const { name, whose, netMinor, taxMinor, paidOn } = paid;
  if (!drawChance(18, 'refund', name)) return [];
  const day = dayAfter(paidOn, drawNumber(2, 45, 'days to refund', name));
  if (day > lastDay) return [];
  const isWhole = drawChance(3, 'whole', name);
  const backMinor = isWhole ? netMinor : drawNumber(1, netMinor, 'part', name);
  const backTaxMinor = isWhole ? taxMinor : taxOf(backMinor, customer);
  return [
    {
      type: 'refund',
      value: {
        id: `r-${name}`,
        ...whose,
        payment: `p-${name}`,
        refundedAt: drawInstant(day, 'refund', name).toISOString(),
        kind: drawChance(5, 'dispute', name) ? 'dispute' : 'refund',
        amount: moneyOf(backMinor + backTaxMinor, customer),
        tax: moneyOf(backTaxMinor, customer),
      },
    },
  ];
}

function linesOf(customer: DemoCustomer, service: ServiceKey, day: string) {
  const period = { periodFrom: day, periodTo: dayAfter(sameDayLater(day, 1), -1) };
  const line = (description: string, quantity: number, priceMinor: number) => ({
    service,
    description,
    ...period,
    quantity: String(quantity),
    price: moneyOf(priceMinor, customer),
    amount: moneyOf(priceMinor * quantity, customer),
  });
  const { plan, seats, archiveUnits } = customer;
  if (service === 'archive') return [line('Archive, 100 GB', archiveUnits, spaceMinor)];
  const base = line(`Studio, plan ${plan}`, 1, planMinor[plan]);
  return seats > 1 ? [base, line('Further seats', seats - 1, seatMinor)] : [base];
}

function taxOf(netMinor: number, { country }: DemoCustomer): number {
  return Number(roundFraction(BigInt(netMinor) * taxPercent[country], 100n, 'half-up'));
}

function moneyOf(minor: number, { country }: DemoCustomer) {
  return { amount: minor, currency: currencies[country] };
}
