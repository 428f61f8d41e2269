import { expect, test } from '@jest/globals';
import { problemsOfFee, type FeeTerms } from '../../src/agreements/index.ts';
import { allProblemsOf } from '../../src/platform/schemas.ts';
import { readReference, referenceTest } from '../support/reference.ts';

const agreement = (fee: unknown, services: unknown = 'all') => ({
  direction: 'payable',
  classes: ['financial'],
  purposes: ['fees'],
  services,
  timeZone: 'UTC',
  termsClauses: {},
  fee,
});
const problems = (fee: object, services: 'all' | string[] = 'all') => {
  const shape = allProblemsOf('partners/agreement-terms', agreement(fee, services));
  return (shape.length > 0 ? shape : problemsOfFee(fee as FeeTerms, services)).map(
    ({ field }) => field,
  );
};

const percent = { kind: 'percent', ratePercent: '20', currencies: ['EUR'] };
const eur = (minor: unknown) => ({ EUR: minor });
const flat = { kind: 'flat', flat: { per: 'payment', amounts: eur(500) }, currencies: ['EUR'] };
const steps = [
  { from: eur(0), ratePercent: '10' },
  { from: eur(1_000_000), ratePercent: '15' },
];
const tiers = {
  kind: 'tiers',
  tiers: { mode: 'graduated', by: 'base', steps },
  currencies: ['EUR'],
};

test('what could be published before the terms grew can be published still', () => {
  const before = {
    ...percent,
    ...{ rounding: 'half-even', durationMonths: 12, clawbackDays: 60, holdDays: 14 },
  };
  expect(problems(before)).toEqual([]);
  expect(problems(flat)).toEqual([]);
  expect(problems(tiers)).toEqual([]);
});

test('a term that is wrong gets a problem that names its field', () => {
  for (const [fee, ...fields] of [
    [{ ...percent, ratePercent: '20.1234567' }, '/fee/ratePercent'],
    [{ ...percent, ratePercent: 20 }, '/fee/ratePercent'],
    [{ ...percent, ratePercent: 'NaN' }, '/fee/ratePercent'],
    [{ ...percent, ratePercent: 'Infinity' }, '/fee/ratePercent'],
    [{ ...percent, ratePercent: '-1' }, '/fee/ratePercent'],
    [{ kind: 'percent', currencies: ['EUR'] }, '/fee/ratePercent'],
    [{ ...percent, currencies: ['XAU'] }, '/fee/currencies/0'],
    [{ ...percent, currencies: ['EUR', 'EUR'] }, '/fee/currencies'],
    [{ ...percent, flat: flat.flat }, '/fee/flat'],
    [{ ...percent, of: 'second-payment' }, '/fee/of'],
    [{ ...percent, surprise: 1 }, '/fee/surprise'],
    [{ ...percent, less: ['tips'] }, '/fee/less/0'],
    [{ ...percent, durationMonths: 0 }, '/fee/durationMonths'],
    [{ ...percent, durationMonths: 1.5 }, '/fee/durationMonths'],
    [{ ...percent, clawbackDays: -1 }, '/fee/clawbackDays'],
    [{ ...percent, holdToMonthEnd: true }, '/fee/holdDays'],
    [
      { ...percent, capPerCustomer: { USD: 1 } },
      '/fee/capPerCustomer/USD',
      '/fee/capPerCustomer/EUR',
    ],
    [{ ...percent, capPerPeriod: eur(-1) }, '/fee/capPerPeriod/EUR'],
    [{ ...percent, minimumPayout: eur(1.5) }, '/fee/minimumPayout/EUR'],
    [{ ...percent, minimumPayout: eur(2 ** 53) }, '/fee/minimumPayout/EUR'],
    [{ ...percent, minimumPayout: eur('5') }, '/fee/minimumPayout/EUR'],
    [{ ...percent, minimumPayout: { EURO: 5 } }, '/fee/minimumPayout/EURO'],
    [{ ...percent, forfeitAfterMonths: 0 }, '/fee/forfeitAfterMonths'],
    [{ ...percent, period: 'week' }, '/fee/period'],
    [{ ...percent, rounding: 'up' }, '/fee/rounding'],
    [{ ...percent, roundingLevel: 'year' }, '/fee/roundingLevel'],
    [{ ...percent, tax: { kind: 'rate' } }, '/fee/tax/ratePercent'],
    [{ ...percent, tax: { kind: 'none', ratePercent: '19' } }, '/fee/tax/ratePercent'],
    [{ ...percent, tax: { kind: 'reverse-charge', ratePercent: '0' } }, '/fee/tax/ratePercent'],
    [{ ...percent, tax: { kind: 'rate', ratePercent: '-19' } }, '/fee/tax/ratePercent'],
    [{ ...percent, tax: { kind: 'vat' } }, '/fee/tax/kind'],
    [{ ...percent, termsClause: '' }, '/fee/termsClause'],
    [{ ...flat, flat: { per: 'payment', amounts: {} } }, '/fee/flat/amounts'],
    [{ ...flat, ratePercent: '5' }, '/fee/ratePercent'],
    [{ ...flat, roundingLevel: 'payment' }, '/fee/roundingLevel'],
    [{ ...flat, currencies: ['EUR', 'USD'] }, '/fee/flat/amounts/USD'],
    [{ ...flat, flat: { per: 'threshold', amounts: eur(5) } }, '/fee/flat/thresholds'],
    [{ ...flat, flat: { ...flat.flat, thresholds: eur(5) } }, '/fee/flat/thresholds'],
    [
      { ...flat, flat: { per: 'threshold', amounts: eur(5), thresholds: eur(0) } },
      '/fee/flat/thresholds/EUR',
    ],
    [{ ...tiers, period: 'half-month' }, '/fee/period'],
    [{ ...tiers, roundingLevel: 'partner-month' }, '/fee/roundingLevel'],
    [
      { ...tiers, tiers: { ...tiers.tiers, by: 'active-relationships' } },
      '/fee/tiers/by',
      '/fee/tiers/steps/0/from',
      '/fee/tiers/steps/1/from',
    ],
    [{ ...tiers, tiers: { ...tiers.tiers, steps: steps.slice(1) } }, '/fee/tiers/steps/0/from/EUR'],
    [
      { ...tiers, tiers: { ...tiers.tiers, steps: [...steps, steps[1]] } },
      '/fee/tiers/steps/2/from/EUR',
    ],
    [
      { ...tiers, tiers: { ...tiers.tiers, steps: [{ fromActive: 0, ratePercent: '5' }] } },
      '/fee/tiers/steps/0/fromActive',
    ],
    [
      { ...tiers, tiers: { ...tiers.tiers, steps: [{ ratePercent: '5' }] } },
      '/fee/tiers/steps/0/from',
    ],
  ] as const) {
    expect([fee, problems(fee)]).toEqual([fee, fields]);
  }
});

test('a service with a rate of its own is one that the agreement covers', () => {
  const fee = { ...percent, serviceRates: { store: '5', 'a/b': '6' } };
  expect(problems(fee)).toEqual([]);
  expect(problems(fee, ['store'])).toEqual(['/fee/serviceRates/a~1b']);
});

/** What the public programmes pay, in terms of ours; rates and amounts are those of the file. */
const programmes: Readonly<Record<string, readonly object[]>> = {
  'shopify-devstore': [{ ...percent, period: 'half-month', minimumPayout: eur(2_500) }],
  'shopify-affiliate': [{ ...percent, ratePercent: '100', durationMonths: 2 }],
  'hubspot-solutions-partner': [
    { ...percent, durationMonths: 36, period: 'quarter', forfeitAfterMonths: 6 },
  ],
  'hubspot-solutions-provider': [{ ...percent, durationMonths: 12, period: 'quarter' }],
  'hubspot-upmarket': [{ ...percent, ratePercent: '10', durationMonths: 12, period: 'quarter' }],
  'hubspot-affiliate-2021': [
    {
      ...flat,
      flat: { per: 'first-payment', amounts: eur(25_000) },
      ...{ holdDays: 60, holdToMonthEnd: true, clawbackDays: 91 },
    },
  ],
  'digitalocean-referral': [
    { ...flat, flat: { per: 'threshold', amounts: eur(2_500), thresholds: eur(2_500) } },
  ],
  'atlassian-marketplace-2020': [
    { ...percent, ratePercent: '85', serviceRates: { 'data-center': '75', server: '70' } },
    { ...percent, ratePercent: '95', durationMonths: 12 },
  ],
  'xero-appstore-2021': [{ ...percent, ratePercent: '15' }],
  'amazon-associates': [
    {
      ...tiers,
      tiers: { ...tiers.tiers, mode: 'volume' },
      less: ['shipping', 'discount', 'processorFee'],
    },
    { ...percent, ratePercent: '1', serviceRates: { games: '10' }, less: ['shipping'] },
  ],
  'tolt-default': [{ ...percent, ratePercent: '30', holdDays: 30, minimumPayout: eur(5_000) }],
  'dub-model': [
    { ...percent, ratePercent: '12.34', of: 'first-payment' },
    { ...flat, capPerPeriod: eur(100_000), holdDays: 30 },
  ],
  'firstpromoter-refund': [percent],
  'awin-terms': [{ ...percent, less: ['shipping', 'processorFee'] }],
  'tinyaffiliate-template': [
    { ...percent, holdDays: 30, clawbackDays: 30, minimumPayout: eur(5_000), termsClause: '4.2' },
  ],
};

referenceTest(
  'data/fee-agreements/agreements.csv',
  'the fee of every public programme that was looked at can be said in these terms',
  () => {
    const ids = readReference('data/fee-agreements/agreements.csv')
      .trimEnd()
      .split(/\r?\n/)
      .slice(1)
      .map((line) => line.split(',')[0] ?? '');
    expect(ids).toHaveLength(15);
    expect(Object.keys(programmes).sort()).toEqual([...ids].sort());
    for (const [id, fees] of Object.entries(programmes)) {
      for (const fee of fees) expect([id, problems(fee)]).toEqual([id, []]);
    }
  },
);
