import type { GivenStatement, Received } from '../../src/recomputation/index.ts';

/** Small worlds as the partner API tells them: one customer `ada`, one service, euros, UTC. */

type Line = GivenStatement['lines'][number];
type Fee = NonNullable<Received['agreements'][number]['terms']['fee']>;
type Payment = Received['payments'][number];
type Refund = Received['refunds'][number];

export const euros = (amount = 0) => ({ amount, currency: 'EUR' });

export const paid = (id: string, minor: number, more: Partial<Payment> = {}): Payment => ({
  ...{ id, customer: 'ada', service: 'store', settledAt: '2026-03-05T10:00:00Z' },
  amount: euros(minor),
  ...more,
});

export const refunded = (
  id: string,
  payment: string,
  minor: number,
  more: Partial<Refund> = {},
): Refund => ({
  ...{ id, customer: 'ada', service: 'store', payment, kind: 'refund' },
  refundedAt: '2026-03-09T10:00:00Z',
  amount: euros(minor),
  ...more,
});

/** A line with its records; for one without them leave `payment` away. */
export const line = (id: string, minor: number, more: Partial<Line> = {}): Line => ({
  ...{ id, reason: minor < 0 ? 'reversed' : 'earned' },
  amount: euros(minor),
  ...more,
});

/** March's statement, which adds up and pays out what is above nothing, changed where something is said. */
export function statement(
  lines: readonly Line[],
  more: Partial<GivenStatement> = {},
): GivenStatement {
  const sumOf = (which: (one: Line) => boolean) =>
    lines.filter(which).reduce((sum, { amount }) => sum + amount.amount, 0);
  const [accrued, reversed, adjusted] = [
    sumOf((one) => !one.adjustment && one.reason !== 'reversed'),
    sumOf((one) => !one.adjustment && one.reason === 'reversed'),
    sumOf((one) => one.adjustment !== undefined),
  ];
  const closing = (more.opening?.amount ?? 0) + accrued + reversed + adjusted;
  return {
    ...{ id: '2026-03.EUR', currency: 'EUR', agreementVersions: [1], lines },
    period: { from: '2026-03-01', until: '2026-04-01' },
    ...{ opening: euros(), accrued: euros(accrued), reversed: euros(reversed) },
    ...{ adjusted: euros(adjusted), closing: euros(closing), forfeited: euros() },
    ...{ payout: euros(Math.max(0, closing)), carriedForward: euros(Math.min(0, closing)) },
    ...more,
  };
}

export const april = {
  id: '2026-04.EUR',
  period: { from: '2026-04-01', until: '2026-05-01' },
} as const;

/** What was received under terms of 10 %, or of what is said instead. */
export function received(
  made: Partial<Omit<Received, 'agreements' | 'serviceKeys'>>,
  fee: Partial<Fee> = {},
): Received {
  const terms: Received['agreements'][number]['terms'] = {
    direction: 'payable',
    services: 'all',
    timeZone: 'UTC',
    fee: { kind: 'percent', ratePercent: '10', currencies: ['EUR'], ...fee },
  };
  return {
    agreements: [{ version: 1, validFrom: '2020-01-01', validUntil: null, endsAt: null, terms }],
    serviceKeys: { store: 'store' },
    ...{ payments: [], refunds: [], statements: [] },
    ...made,
  };
}
