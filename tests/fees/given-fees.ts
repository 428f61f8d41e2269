import type { FeePayment, FeeRefund, FeeSources } from '../../src/earnings/index.ts';
import type { AgreementVersion, FeeTerms } from '../../src/agreements/index.ts';
import type { PartnerId } from '../../src/partners/index.ts';
import { customerIdOf, recordIdOf, serviceIdOf } from '../../src/records/index.ts';
import type { Relationship, RelationshipId } from '../../src/relationships/index.ts';

/** A small world for the rules: one partner, plain values, nothing stored. */

export const partnerId = '01999999-0000-7000-8000-000000000001' as PartnerId;
export const services = ['store', 'studio'] as const;
export type ServiceKey = (typeof services)[number];

export const at = (text: string): Date => new Date(text);

export const terms: FeeTerms = {
  kind: 'percent',
  ratePercent: '12.5',
  rounding: 'half-even',
  currencies: ['USD'],
};

/** A version with a percentage, changed where something is said. */
export const version = (
  fee: Partial<FeeTerms> = {},
  more: Parameters<typeof versionOf>[1] = {},
): AgreementVersion => versionOf({ ...terms, ...fee }, more);

/** A version with these fee terms. */
export const versionOf = (
  fee: FeeTerms,
  more: Partial<Pick<AgreementVersion, 'version' | 'validFrom' | 'validUntil'>> &
    Partial<Pick<AgreementVersion['terms'], 'timeZone' | 'direction' | 'services'>> = {},
): AgreementVersion => {
  const { version: number = 1, validFrom = '2020-01-01', validUntil = null, ...rest } = more;
  return {
    partnerId,
    version: number,
    validFrom,
    validUntil,
    retirement: null,
    publishedAt: new Date('2020-01-01T00:00:00Z'),
    terms: {
      direction: 'payable',
      classes: ['financial'],
      purposes: ['fees'],
      services: 'all',
      timeZone: 'UTC',
      termsClauses: {},
      fee,
      ...rest,
    },
  };
};

export const relationship = (
  customer: string,
  more: Partial<Relationship> = {},
  service: ServiceKey = 'store',
): Relationship => ({
  id: `relationship ${customer} ${service}` as RelationshipId,
  partnerId,
  customerId: customerIdOf(customer),
  serviceId: serviceIdOf(service),
  kind: 'referral',
  reference: null,
  attributedAt: at('2026-01-01T00:00:00Z'),
  activatedAt: at('2026-01-01T00:00:00Z'),
  endedAt: null,
  openParts: [{ from: at('2026-01-01T00:00:00Z'), until: null }],
  isActive: true,
  ...more,
});

export const payment = (
  key: string,
  settledAt: string | Date,
  more: Partial<FeePayment> & { customer?: string; service?: ServiceKey } = {},
): FeePayment => {
  const { customer = 'ada', service = 'store', ...rest } = more;
  return {
    recordId: recordIdOf('payment', key),
    customerId: customerIdOf(customer),
    serviceId: serviceIdOf(service),
    settledAt: new Date(settledAt),
    amountMinor: 99n,
    taxMinor: 0n,
    parts: {},
    currency: 'USD',
    ...rest,
  };
};

export const refund = (
  key: string,
  paymentKey: string | null,
  refundedAt: string | Date,
  more: Partial<FeeRefund> = {},
): FeeRefund => ({
  recordId: recordIdOf('refund', key),
  customerId: customerIdOf('ada'),
  serviceId: serviceIdOf('store'),
  paymentId: paymentKey === null ? null : recordIdOf('payment', paymentKey),
  refundedAt: new Date(refundedAt),
  kind: 'refund',
  wonAt: null,
  amountMinor: 99n,
  taxMinor: 0n,
  currency: 'USD',
  ...more,
});

export const sources = (more: Partial<FeeSources> = {}): FeeSources => ({
  partnerId,
  relationships: [relationship('ada')],
  payments: [],
  refunds: [],
  agreements: [version()],
  serviceKeys: new Map(services.map((key) => [serviceIdOf(key), key])),
  ...more,
});
