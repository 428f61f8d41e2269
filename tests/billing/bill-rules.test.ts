import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { billsOf, periodOf, stretchesOf, type Stretch } from '../../src/billing/bill-rules.ts';
import { taxPart } from '../../src/billing/report-rules.ts';
import type { BillingMode, CollectionReport, ModeChange } from '../../src/billing/billing.ts';
import type { PartnerId } from '../../src/partners/index.ts';
import { addDays } from '../../src/platform/calendar-days.ts';
import type { CustomerId, HeldRecord, RecordId, ServiceId } from '../../src/records/index.ts';
import type { Relationship, RelationshipId } from '../../src/relationships/index.ts';

const customerId = 'c' as CustomerId;
const serviceId = 's' as ServiceId;
const day = (n: number) => addDays('2026-01-01', n);
const since = (n: number) => new Date(`${day(n)}T00:00:00Z`);

const held = (type: string, key: string, body: Record<string, unknown>): HeldRecord => ({
  ...{ customerId, type, recordId: key as RecordId, key, serviceId },
  ...{ datedAt: null, datedOn: null, validFrom: new Date(0), validTo: null },
  body: body as HeldRecord['body'],
});
const invoiceOf = (key: string, from: number, until: number, total = 100): HeldRecord =>
  held('invoice', key, {
    ...{ id: key, issuedOn: day(from), total: { amount: total, currency: 'EUR' } },
    lines: [{ periodFrom: day(from), periodTo: day(until) }],
  });

const nobody = { payments: [], refunds: [], reports: [] };
const reportOf = (invoice: string, status: CollectionReport['status']): CollectionReport => ({
  ...{ partnerId: 'one' as PartnerId, reference: `${invoice} ${status}`, number: 1, customerId },
  ...{ serviceId, invoiceId: invoice as RecordId, status, amountMinor: 100n, currency: 'EUR' },
  ...{ at: new Date(0), reason: null, takesBack: null, bookedAt: new Date(0) },
});

const span = fc.record({ from: fc.nat(300), days: fc.integer({ min: 1, max: 60 }) });
/** Stretches of two partners one after the other, as the rules of changing let them be. */
const stretches = fc
  .uniqueArray(fc.nat(320), { minLength: 0, maxLength: 8 })
  .map((days) => days.sort((a, b) => a - b))
  .map((days): Stretch[] =>
    days.slice(0, -1).map((from, i) => ({
      partnerId: (i % 2 === 0 ? 'one' : 'two') as PartnerId,
      serviceId,
      fromDay: day(from),
      untilDay: day(days[i + 1] ?? from + 1),
      openFrom: day(0),
    })),
  );

test('promise P13: no day of a service is billed by two, whatever the stretches and the invoices are', () => {
  fc.assert(
    fc.property(
      stretches,
      fc.array(span, { maxLength: 12 }),
      fc.array(fc.nat(11), { maxLength: 3 }),
      (agreed, spans, billed) => {
        const invoices = spans.map(({ from, days }, i) => invoiceOf(`i${String(i)}`, from, from + days)); // prettier-ignore
        // Some come first, and of those that are theirs partners bill some; then come all others.
        const first = billsOf({ ...nobody, invoices: invoices.slice(0, 6), stretches: agreed });
        const told = first.flatMap(({ invoiceId, biller }, i) =>
          biller.is === 'partner' && i % 2 === 0
            ? [{ ...reportOf(invoiceId, 'billed'), partnerId: biller.partnerId }]
            : [],
        );
        const bills = billsOf({ ...nobody, invoices, stretches: agreed, reports: told });
        // What a partner may bill goes to no other biller for any of its days.
        for (const bill of bills) {
          if (bill.biller.is !== 'partner') continue;
          const { partnerId } = bill.biller;
          const rival = bills.find(
            (other) =>
              other.period.fromDay < bill.period.untilDay &&
              bill.period.fromDay < other.period.untilDay &&
              other.biller.is !== 'nobody' &&
              !(other.biller.is === 'partner' && other.biller.partnerId === partnerId),
          );
          expect(rival).toBeUndefined();
        }
        // What was billed stays with who billed it, until it is given back.
        const reports = billed.map((place) => reportOf(`i${String(place)}`, 'billed'));
        for (const { invoiceId } of reports) {
          const [again] = billsOf({ ...nobody, invoices, stretches: [], reports }).filter((one) => one.invoiceId === invoiceId); // prettier-ignore
          if (again) expect(again.biller).toMatchObject({ is: 'partner', partnerId: 'one' });
          const back = [...reports, reportOf(invoiceId, 'failed')];
          const [returned] = billsOf({ ...nobody, invoices, stretches: agreed, reports: back }).filter((one) => one.invoiceId === invoiceId); // prettier-ignore
          if (returned) expect(returned.biller.is).not.toBe('partner');
        }
      },
    ),
    { numRuns: 500 },
  );
});

const relationship = (openParts: Relationship['openParts'], isActive = true): Relationship => ({
  ...{ id: 'r' as RelationshipId, partnerId: 'one' as PartnerId, customerId, serviceId },
  ...{ kind: 'referral' as const, reference: null, attributedAt: new Date(0), activatedAt: new Date(0) }, // prettier-ignore
  ...{ endedAt: null, openParts, isActive },
});
const change = (sequence: number, mode: BillingMode, from: number): ModeChange => ({
  ...{
    customerId,
    relationshipId: 'r' as RelationshipId,
    partnerId: 'one' as PartnerId,
    serviceId,
  },
  ...{ sequence, mode, fromDay: day(from), evidence: 'e', actor: 'a', bookedAt: since(from) },
});

test('promise P32: a stretch holds as long as the relationship is open without a break', () => {
  const changes = [change(1, 'consolidated', 10), change(2, 'direct', 40), change(3, 'consolidated', 80)]; // prettier-ignore
  const daysOf = (parts: Relationship['openParts'], isActive = true) =>
    stretchesOf(relationship(parts, isActive), changes, 'UTC').map(({ fromDay, untilDay }) => [fromDay, untilDay]); // prettier-ignore
  expect(daysOf([{ from: since(0), until: null }])).toEqual([
    [day(10), day(40)],
    [day(80), null],
  ]);
  // Left and come back between the two: the first word counts no more, nor one for a later day.
  const ahead = [{ ...change(1, 'consolidated', 90), bookedAt: since(10) }];
  const parts = [
    { from: since(0), until: since(20) },
    { from: since(30), until: null },
  ];
  expect(stretchesOf(relationship(parts), ahead, 'UTC')).toEqual([]);
  expect(daysOf([{ from: since(0), until: since(50) }, { from: since(60), until: null }])).toEqual([[day(80), null]]); // prettier-ignore
  expect(daysOf([{ from: since(0), until: since(90) }])).toEqual([]);
  expect(daysOf([{ from: since(0), until: null }], false)).toEqual([]);
});

test('a day is not beyond the last one, one-day lines are whole, and days in the wrong order are turned', () => {
  const of = (...lines: [string, string][]) =>
    periodOf(held('invoice', 'i', { issuedOn: day(0), total: { amount: 1, currency: 'EUR' }, lines: lines.map(([periodFrom, periodTo]) => ({ periodFrom, periodTo })) })); // prettier-ignore
  expect(of(['9999-12-31', '9999-12-31']).untilDay).toBe('9999-12-31');
  expect(of([day(1), day(1)], [day(2), day(2)])).toEqual({ fromDay: day(1), untilDay: day(3) });
  expect(of([day(9), day(3)])).toEqual({ fromDay: day(3), untilDay: day(10) });
});

test('a period is what the lines name, and without any the day of issue', () => {
  expect(periodOf(invoiceOf('i', 3, 9))).toEqual({ fromDay: day(3), untilDay: day(10) });
  expect(periodOf(held('invoice', 'i', { issuedOn: day(3), total: { amount: 1, currency: 'EUR' } }))).toEqual({ fromDay: day(3), untilDay: day(4) }); // prettier-ignore
});

test('the taxes of all parts that are collected add up to the tax of the invoice', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 10_000 }), { minLength: 1 }),
      fc.nat(),
      (parts, share) => {
        // prettier-ignore
        const totalMinor = BigInt(parts.reduce((sum, part) => sum + part, 0));
        const taxMinor = BigInt(share) % (totalMinor + 1n);
        let beforeMinor = 0n;
        let taxed = 0n;
        for (const part of parts) {
          const tax = taxPart({ totalMinor, taxMinor }, { beforeMinor, amountMinor: BigInt(part) });
          expect(tax >= 0n && tax <= BigInt(part)).toBe(true);
          taxed += tax;
          beforeMinor += BigInt(part);
        }
        expect(taxed).toBe(taxMinor);
      },
    ),
  );
});
