import type { AgreementTerms } from '../partners/index.ts';
import type { PartnerKind } from '../policy/index.ts';

/** What the made-up company sells, in its own words and keys. */
export const services = [
  { id: 'studio', code: 'STUDIO', name: 'Ducallier Studio' },
  { id: 'archive', code: 'ARCHIVE', name: 'Ducallier Archive' },
] as const;
export type ServiceKey = (typeof services)[number]['id'];

/** The first and the last day of business that the demo shows, YYYY-MM-DD. */
export const firstDay = '2026-06-01';
export const lastDay = '2026-10-31';

export type DemoPartnerKey = 'brightside' | 'northlight' | 'loomworks';

export interface DemoPartner {
  readonly key: DemoPartnerKey;
  readonly kind: PartnerKind;
  readonly name: string;
  readonly terms: AgreementTerms;
  /** The draft of its view; see `sluice schema publish`. */
  readonly view: Readonly<Record<string, unknown>>;
}

const address = { properties: { city: true, region: true, country: true } };
const everyBilling = { invoice: true, payment: true, refund: true };

/** With whom the company shares: each with terms and a view of its own. */
export const partners: readonly DemoPartner[] = [
  {
    key: 'brightside',
    kind: 'referral',
    name: 'Brightside Referrals',
    terms: {
      direction: 'payable',
      classes: ['contact', 'account', 'financial', 'billing'],
      purposes: ['identity', 'billing', 'fees'],
      services: 'all',
      timeZone: 'UTC',
      termsClauses: {},
      fee: {
        kind: 'percent',
        ratePercent: '17.5',
        rounding: 'half-even',
        currencies: ['EUR', 'GBP', 'USD'],
        clawbackDays: 60,
        holdDays: 14,
      },
    },
    view: viewOf({ contact: true, account: true, billing: true }, everyBilling),
  },
  {
    key: 'northlight',
    kind: 'referral',
    name: 'Northlight Agency',
    terms: {
      direction: 'payable',
      classes: ['contact', 'contact.email', 'account', 'financial', 'billing'],
      purposes: ['identity', 'billing', 'fees'],
      services: ['studio'],
      timeZone: 'Europe/Berlin',
      termsClauses: { email: 'Terms of service, 7.2' },
      fee: {
        kind: 'percent',
        ratePercent: '12.5',
        rounding: 'half-up',
        currencies: ['EUR', 'USD'],
        durationMonths: 12,
      },
    },
    view: viewOf(
      { contact: { properties: { kind: true, name: true, address } }, email: true, account: true },
      { invoice: { properties: { number: true, issuedOn: true, total: true } }, payment: true },
    ),
  },
  {
    key: 'loomworks',
    kind: 'integration',
    name: 'Loomworks Integrations',
    terms: {
      direction: 'receivable',
      classes: ['contact', 'account', 'financial', 'billing', 'business'],
      purposes: ['identity', 'billing', 'fees', 'integration'],
      services: 'all',
      timeZone: 'UTC',
      termsClauses: {},
      fee: {
        kind: 'percent',
        ratePercent: '7.25',
        rounding: 'down',
        currencies: ['EUR', 'GBP', 'USD'],
      },
    },
    view: viewOf({ contact: true, account: true, financial: true, billing: true }, everyBilling),
  },
];

function viewOf(customer: Readonly<Record<string, unknown>>, others: Record<string, unknown>) {
  return { type: 'object', properties: { customer: { properties: customer }, ...others } };
}
