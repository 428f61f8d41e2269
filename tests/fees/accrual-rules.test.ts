import { expect, test } from '@jest/globals';
import { accrue, type AccrualLine } from '../../src/earnings/index.ts';
import { lineText } from '../../src/fees/index.ts';
import { at, payment, refund, relationship, sources, version } from './given-fees.ts';

const brief = ({ kind, month, feeMinor }: AccrualLine) => [kind, month, feeMinor];
const fees = (more: Parameters<typeof sources>[0]) => accrue(sources(more)).map(brief);

test('12.5 % of 0.99 is 0.12 a payment; a refund in August takes 0.12 back in August', () => {
  const july = ['a', 'b', 'c'].map((key) => payment(key, '2026-07-10T00:00:00Z'));
  const lines = fees({
    payments: [...july, payment('d', '2026-08-20T00:00:00Z')],
    refunds: [refund('r', 'b', '2026-08-03T00:00:00Z')],
  });
  expect(lines).toEqual([
    ['accrual', '2026-07', 12n],
    ['accrual', '2026-07', 12n],
    ['accrual', '2026-07', 12n],
    ['reversal', '2026-08', -12n],
    ['accrual', '2026-08', 12n],
  ]);
});

test('a half is rounded as the agreement names it', () => {
  for (const [amountMinor, even, up, down] of [
    [100n, 12n, 13n, 12n],
    [108n, 14n, 14n, 13n],
    [300n, 38n, 38n, 37n],
    [500n, 62n, 63n, 62n],
  ] as const) {
    for (const [rounding, fee] of [
      ['half-even', even],
      ['half-up', up],
      ['down', down],
    ] as const) {
      const payments = [payment('a', '2026-07-10T00:00:00Z', { amountMinor })];
      const agreements = [version({ rounding })];
      expect([amountMinor, rounding, fees({ payments, agreements })[0]?.[2]]).toEqual([
        amountMinor,
        rounding,
        fee,
      ]);
    }
  }
});

test('the base is the payment less its tax; a base of 0 or less earns no line', () => {
  const amounts = [
    [119n, 19n],
    [100n, 100n],
    [100n, 101n],
  ] as const;
  const payments = amounts.map(([amountMinor, taxMinor], i) =>
    payment(String(i), '2026-07-10T00:00:00Z', { amountMinor, taxMinor }),
  );
  expect(accrue(sources({ payments })).map(({ baseMinor }) => baseMinor)).toEqual([100n]);
});

test('a payment earns from the one that activates on, and not while the relationship is closed', () => {
  const activatedAt = at('2026-03-10T10:00:00Z');
  const openParts = [
    { from: at('2026-01-01T00:00:00Z'), until: at('2026-04-01T00:00:00Z') },
    { from: at('2026-05-01T00:00:00Z'), until: at('2026-06-01T00:00:00Z') },
  ];
  const moments = [
    '2026-03-10T09:59:59.999Z',
    '2026-03-10T10:00:00Z',
    '2026-03-31T23:59:59.999Z',
    '2026-04-01T00:00:00Z',
    '2026-05-01T00:00:00Z',
    '2026-06-01T00:00:00Z',
  ];
  const earned = accrue(
    sources({
      relationships: [relationship('ada', { activatedAt, openParts, isActive: false })],
      payments: moments.map((moment) => payment(moment, moment)),
    }),
  );
  expect(earned.map(({ occurredAt }) => moments.indexOf(iso(occurredAt)))).toEqual([1, 2, 4]);
  const never = relationship('ada', { activatedAt: null, isActive: false });
  expect(
    fees({ relationships: [never], payments: [payment('a', '2026-07-10T00:00:00Z')] }),
  ).toEqual([]);
});
const iso = (date: Date) => date.toISOString().replace('.000Z', 'Z');

test('another customer, another service and a service the agreement leaves out earn nothing', () => {
  const payments = [
    payment('a', '2026-07-10T00:00:00Z'),
    payment('b', '2026-07-10T00:00:00Z', { customer: 'ben' }),
    payment('c', '2026-07-10T00:00:00Z', { service: 'studio' }),
  ];
  const both = [relationship('ada'), relationship('ada', {}, 'studio')];
  const agreements = [version({}, { services: ['studio'] })];
  expect(fees({ payments })).toHaveLength(1);
  expect(fees({ payments, relationships: both })).toHaveLength(2);
  expect(fees({ payments, relationships: both, agreements })).toHaveLength(1);
});

test('the duration ends after whole calendar months, on the last day of a short month', () => {
  for (const [start, durationMonths, last] of [
    ['2024-01-31', 1, '2024-02-28'],
    ['2023-01-31', 1, '2023-02-27'],
    ['2024-02-29', 12, '2025-02-27'],
    ['2026-01-15', 3, '2026-04-14'],
    ['2026-08-31', 6, '2027-02-27'],
  ] as const) {
    const activatedAt = at(`${start}T12:00:00Z`);
    const day = (days: number) => new Date(at(`${last}T23:59:59.999Z`).getTime() + days * 1000);
    const open = { activatedAt, openParts: [{ from: activatedAt, until: null }] };
    const lines = accrue(
      sources({
        relationships: [relationship('ada', open)],
        payments: [payment('in', day(0)), payment('out', day(1))],
        agreements: [version({ durationMonths })],
      }),
    );
    expect([start, lines.map(({ occurredAt }) => occurredAt)]).toEqual([start, [day(0)]]);
  }
});

test('each payment follows the version in force on its local day', () => {
  const agreements = [
    version({ ratePercent: '20' }, { validUntil: '2026-07-01', timeZone: 'America/New_York' }),
    version(
      { ratePercent: '10' },
      { version: 2, validFrom: '2026-07-01', timeZone: 'America/New_York' },
    ),
  ];
  const payments = [
    payment('a', '2026-07-01T03:59:59Z', { amountMinor: 1000n }),
    payment('b', '2026-07-01T04:00:00Z', { amountMinor: 1000n }),
  ];
  expect(fees({ payments, agreements })).toEqual([
    ['accrual', '2026-06', 200n],
    ['accrual', '2026-07', 100n],
  ]);
});

test('of two versions whose zones both claim the moment, the later is in force', () => {
  const agreements = [
    version({ ratePercent: '20' }, { validUntil: '2026-07-01', timeZone: 'UTC' }),
    version(
      { ratePercent: '10' },
      { version: 2, validFrom: '2026-07-01', timeZone: 'Asia/Kolkata' },
    ),
  ];
  const payments = [payment('a', '2026-06-30T23:30:00Z', { amountMinor: 1000n })];
  expect(fees({ payments, agreements })).toEqual([['accrual', '2026-07', 100n]]);
});

test('a refund reverses at the rate the line earned, whatever was agreed since', () => {
  const agreements = [
    version({ ratePercent: '20' }, { validUntil: '2026-07-01' }),
    version({ ratePercent: '10', clawbackDays: 0 }, { version: 2, validFrom: '2026-07-01' }),
  ];
  const payments = [payment('a', '2026-06-30T12:00:00Z', { amountMinor: 1000n })];
  const refunds = [refund('r', 'a', '2026-08-01T00:00:00Z', { amountMinor: 1000n })];
  const [line, reversal] = accrue(sources({ payments, refunds, agreements }));
  expect([line?.feeMinor, reversal?.feeMinor]).toEqual([200n, -200n]);
  expect(reversal).toMatchObject({
    agreementVersion: 1,
    ratePercent: '20',
    month: '2026-08',
    reversesLineId: line?.lineId,
  });
});

test('refunds in pieces reverse the share refunded to date, and never more than the line', () => {
  const payments = [payment('a', '2026-07-10T00:00:00Z', { amountMinor: 1190n, taxMinor: 190n })];
  const piece = (key: string, amountMinor: bigint, taxMinor: bigint) =>
    refund(key, 'a', `2026-08-0${key}T00:00:00Z`, { amountMinor, taxMinor });
  const refunds = [piece('3', 700n, 0n), piece('1', 397n, 63n), piece('2', 5n, 5n)];
  expect(fees({ payments, refunds, agreements: [version({ ratePercent: '10' })] })).toEqual([
    ['accrual', '2026-07', 100n],
    ['reversal', '2026-08', -33n],
    ['reversal', '2026-08', -67n],
  ]);
});

test('clawback days count local days and include the last; a dispute counts like a refund', () => {
  const agreements = [version({ clawbackDays: 30 }, { timeZone: 'Europe/Berlin' })];
  const payments = [payment('a', '2026-03-01T22:59:00Z', { amountMinor: 1000n })];
  const reversed = (refundedAt: string, kind: 'refund' | 'dispute') =>
    fees({
      payments,
      agreements,
      refunds: [refund('r', 'a', refundedAt, { amountMinor: 1000n, kind })],
    }).slice(1);
  // 31 March is summer time: the day ends at 22:00 in UTC.
  for (const kind of ['refund', 'dispute'] as const) {
    expect(reversed('2026-03-31T21:59:59Z', kind)).toEqual([['reversal', '2026-03', -125n]]);
    expect(reversed('2026-03-31T22:00:00Z', kind)).toEqual([]);
  }
});

test('held lines become available after the hold, a reversal with its line or on its own day', () => {
  const agreements = [version({ holdDays: 30 })];
  const payments = [payment('a', '2026-01-31T12:00:00Z')];
  const refunds = [
    refund('early', 'a', '2026-02-10T00:00:00Z', { amountMinor: 40n }),
    refund('late', 'a', '2026-04-10T00:00:00Z', { amountMinor: 59n }),
  ];
  const lines = accrue(sources({ payments, refunds, agreements }));
  expect(lines.map(({ month, availableOn }) => [month, availableOn])).toEqual([
    ['2026-01', '2026-03-02'],
    ['2026-02', '2026-03-02'],
    ['2026-04', '2026-04-10'],
  ]);
});

test('a currency that is not agreed earns nothing and is listed; its refund reverses nothing', () => {
  const payments = [payment('a', '2026-07-10T00:00:00Z', { currency: 'JPY', amountMinor: 500n })];
  const refunds = [refund('r', 'a', '2026-07-11T00:00:00Z', { currency: 'JPY' })];
  const lines = accrue(sources({ payments, refunds }));
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatchObject({
    feeMinor: 0n,
    currency: 'JPY',
    because: 'currency-not-agreed',
    explanation: { exact: null },
  });
  expect(lines[0]?.explanation.text).toContain('names USD and not JPY: nothing is earned');
});

test('a refund in another currency than its payment is listed and reverses nothing', () => {
  const payments = [payment('a', '2026-07-10T00:00:00Z')];
  const refunds = [refund('r', 'a', '2026-07-11T00:00:00Z', { currency: 'EUR' })];
  expect(accrue(sources({ payments, refunds }))[1]).toMatchObject({
    feeMinor: 0n,
    currency: 'EUR',
    because: 'refund-currency-differs',
  });
});

test('where the partner owes us, fees are negative and reversals positive', () => {
  const agreements = [version({ rounding: 'half-up' }, { direction: 'receivable' })];
  const payments = [payment('a', '2026-07-10T00:00:00Z', { amountMinor: 100n })];
  const refunds = [refund('r', 'a', '2026-07-11T00:00:00Z', { amountMinor: 100n })];
  expect(fees({ payments, refunds, agreements }).map(([, , fee]) => fee)).toEqual([-13n, 13n]);
});

test('an agreement without fees, and a day without an agreement, earn nothing', () => {
  const payments = [payment('a', '2026-07-10T00:00:00Z')];
  const { fee: _, ...withoutFee } = version().terms;
  expect(fees({ payments, agreements: [{ ...version(), terms: withoutFee }] })).toEqual([]);
  expect(fees({ payments, agreements: [version({}, { validUntil: '2026-07-10' })] })).toEqual([]);
  expect(fees({ payments, agreements: [] })).toEqual([]);
});

test('each line says how it came about, in a sentence and as values', () => {
  const payments = [payment('a', '2026-07-10T00:00:00Z')];
  const refunds = [refund('r', 'a', '2026-08-03T00:00:00Z', { amountMinor: 50n, kind: 'dispute' })];
  const [line, reversal] = accrue(
    sources({ payments, refunds, agreements: [version({ durationMonths: 12 })] }),
  );
  const { told, ...explanation } = line?.explanation ?? {};
  expect(told).toBe(line?.explanation.text);
  expect(explanation).toEqual({
    text:
      'Payment of 0.99 USD less 0.00 USD tax: base 0.99 USD. 12.5 % of it is 0.12375 USD, rounded ' +
      'half-even to 0.12 USD, which we owe the partner. Agreement version 1 of 2020-01-01; settled ' +
      'on 2026-07-10, customer since 2026-01-01, earning before 2027-01-01 (days of UTC).',
    formula: 'fee = round((payment − tax) × rate ÷ 100)',
    exact: '12.375',
    inputs: {
      currency: 'USD',
      paymentMinor: '99',
      taxMinor: '0',
      baseMinor: '99',
      ratePercent: '12.5',
      settledOn: '2026-07-10',
      startedOn: '2026-01-01',
      endsOn: '2027-01-01',
      timeZone: 'UTC',
      rounding: 'half-even',
      agreementVersion: '1',
    },
  });
  expect(reversal?.explanation.text).toContain(
    'Dispute of 0.50 USD less 0.00 USD tax on 2026-08-03, 24 days after the payment settled. ' +
      'Refunded to date 0.50 USD of 0.99 USD; of the fee of 0.12 USD, earned at 12.5 %, that ' +
      'reverses 0.06 USD, rounded half-even; 0.00 USD was reversed before, so 0.06 USD now.',
  );
  expect(reversal?.explanation.exact).toBe('12 × 50 ÷ 99');
});

test('a payment earns once, and its line keeps its id when everything else of it changes', () => {
  const twice = [
    relationship('ada'),
    { ...relationship('ada'), id: 'another' as never, attributedAt: at('2025-01-01T00:00:00Z') },
  ];
  const first = accrue(
    sources({ payments: [payment('a', '2026-07-10T00:00:00Z')], relationships: twice }),
  );
  const later = accrue(
    sources({ payments: [payment('a', '2026-08-10T00:00:00Z', { amountMinor: 1n })] }),
  );
  expect(first).toHaveLength(1);
  expect(later[0]?.lineId).toBe(first[0]?.lineId);
  expect(lineText(later[0]!)).not.toBe(lineText(first[0]!));
});
