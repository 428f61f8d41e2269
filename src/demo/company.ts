import type { AgreementTerms } from '../agreements/index.ts';
import type { PartnerKind } from '../policy/index.ts';

/** What the made-up company sells, in its own words and keys. */
export const services = [
  { id: 'studio', code: 'STUDIO', name: 'Ducallier Studio' },
  { id: 'archive', code: 'ARCHIVE', name: 'Ducallier Archive' },
] as const;
export type ServiceKey = (typeof services)[number]['id'];

/** What each of its partners accepts before it is let in. */
export const termsOfService = {
  version: '2026-1',
  document: `Terms of service of The Ducallier Studios for partners

1. Privacy. The privacy policy governs together with these terms. A partner receives what the policy, its
   agreement and its view allow, of customers that it shares with us, and nothing else.
2. Use. What is received serves the purposes of the agreement, never marketing to our customers.
3. Keys. A partner keeps its credentials to itself and tells us at once when one is lost.
4. Proof. Each disclosure is written down before it is sent. A partner may keep its proof.
5. End. Either side may end the agreement at any time; nothing is disclosed from then on.
`,
} as const;

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
