import { createHash } from 'node:crypto';
import fc from 'fast-check';
import type { FeeTerms } from '../../src/agreements/index.ts';
import { accrue, type AccrualLine, type FeeSources } from '../../src/earnings/index.ts';
import type { GivenStatement, Received } from '../../src/recomputation/index.ts';
import { isOpenAt, type Relationship } from '../../src/relationships/index.ts';
import { activatingPayment } from '../../src/relationships/relationship-rules.ts';
import { settle } from '../../src/settlements/document-rules.ts';
import { isShownInFull } from '../../src/settlements/index.ts';
import type { RecordId } from '../../src/records/index.ts';
import { busyWorlds, day, origin } from '../fees/random-worlds.ts';

/**
 * Random worlds whose customers leave, come again and opt out for a while, whose payments and refunds
 * become known late, and whose statements were closed meanwhile: with what the partner API tells of
 * them in the end.
 */

/** From these days on statements are closed; the last one is the end of all. */
const cuts = ['2024-02-01', '2024-03-01', '2024-04-01', '2024-06-01', '2025-06-01'];
/** Known since the last close. */
const since = cuts.length - 1;

export interface ClosedWorld {
  readonly sources: FeeSources;
  /** At which close each payment, refund and win is known: by its number. */
  readonly known: ReadonlyMap<string, number>;
  /** The relationships that were closed for a while when statements of a number were closed. */
  readonly away: ReadonlySet<string>;
}

const key = (name: string, id: string) => `${name} ${id}`;

/** What `worlds` may be, and what becomes of their relationships. */
export const closedWorlds = fc
  .tuple(
    busyWorlds.map(crowded),
    fc.array(fc.constantFrom(0, 0, 0, 1, 2, 3, since), { minLength: 30, maxLength: 30 }),
    fc.array(fc.constantFrom('stays', 'stays', 'stays', 'leaves', 'comes again'), { minLength: 4, maxLength: 4 }), // prettier-ignore
    fc.array(fc.constantFrom(false, false, false, true), { minLength: 20, maxLength: 20 }),
    fc.record(
      {
        minimumPayout: fc.integer({ min: 1, max: 400 }),
        forfeitAfterMonths: fc.constantFrom(1, 2),
      },
      { requiredKeys: [] },
    ),
  )
  .map(([world, lateness, fates, absences, { minimumPayout, forfeitAfterMonths }]): ClosedWorld => {
    const relationships = world.relationships.flatMap((one, i) => relationshipsOf(one, fates[i]!, world)); // prettier-ignore
    const late = (i: number) => lateness[i % lateness.length]!;
    const known = new Map([
      ...world.payments.map(({ recordId }, i) => [recordId as string, late(i)] as const),
      ...world.refunds.map(({ recordId }, i) => [recordId as string, late(i + 10)] as const),
      ...world.refunds.map(({ recordId }, i) => [key('won', recordId), late(i + 20)] as const),
    ]);
    const away = new Set(
      relationships.flatMap(
        ({ id }, i) =>
        cuts.flatMap((_, n) => (absences[(5 * i + n) % absences.length] ? [key(id, String(n))] : [])), // prettier-ignore
      ),
    );
    const agreements = world.agreements.map((one) => ({
      ...one,
      terms: {
        ...one.terms,
        fee: {
          ...one.terms.fee,
          ...(minimumPayout !== undefined && { minimumPayout: { USD: minimumPayout } }),
          ...(forfeitAfterMonths !== undefined && { forfeitAfterMonths }),
        } as FeeTerms,
      },
    }));
    return { sources: { ...world, relationships, agreements }, known, away };
  });

/** The same events in so few months that most come together, most of them of customers of early on. */
function crowded(world: FeeSources): FeeSources {
  const [begin, span] = [origin - day, 110 * day];
  const near = (at: Date) => new Date(begin + ((at.getTime() - begin + span) % span));
  const moved = new Map(
    world.payments.map(({ recordId, settledAt }) => [recordId, near(settledAt)] as const),
  );
  const by = new Map(
    world.payments.map(({ recordId, settledAt }) => [recordId, +moved.get(recordId)! - +settledAt]),
  );
  const shifted = (at: Date, id: string | null) =>
    new Date(at.getTime() + (by.get(id as RecordId) ?? +near(at) - +at));
  return {
    ...world,
    relationships: world.relationships.map((one, i) => {
      const [first, second] = one.openParts;
      const from = i < 3 ? new Date(begin) : near(first!.from);
      if (!first!.until || !second) return { ...one, openParts: [{ from, until: null }] };
      const [until, again] = [near(first!.until), near(second.from)].sort((a, b) => +a - +b);
      const isFar = +until! > +from && +again! > +until!;
      const openParts = isFar ? [{ from, until: until! }, { from: again!, until: second.until }] : [{ from, until: null }]; // prettier-ignore
      return { ...one, attributedAt: from, openParts };
    }),
    payments: world.payments.map((one) => ({ ...one, settledAt: moved.get(one.recordId)! })),
    refunds: world.refunds.map((one) => {
      const refundedAt = shifted(one.refundedAt, one.paymentId);
      const wonAt = one.wonAt && shifted(one.wonAt, one.paymentId);
      // No dispute is won before it is opened.
      return { ...one, refundedAt, wonAt: wonAt && (wonAt > refundedAt ? wonAt : refundedAt) };
    }),
  };
}

/** A relationship made active by its own first payment, which is over, or another begun after it. */
function relationshipsOf(one: Relationship, fate: string, world: FeeSources): Relationship[] {
  const activated = (made: Relationship): Relationship => {
    const own = world.payments.filter(
      ({ customerId, serviceId }) => customerId === made.customerId && serviceId === made.serviceId,
    );
    const first = activatingPayment(made.openParts, own);
    const isOpen = made.openParts.at(-1)?.until === null && made.endedAt === null;
    return { ...made, activatedAt: first?.settledAt ?? null, isActive: first !== undefined && isOpen }; // prettier-ignore
  };
  const last = one.openParts.at(-1)!;
  const parts = [...one.openParts.slice(0, -1), { ...last, until: null }];
  if (fate === 'stays') return [activated({ ...one, openParts: parts })];
  const [first, ...rest] = one.openParts;
  // In the middle of what there is of it.
  const end = first!.until ?? new Date(first!.from.getTime() + 45 * 86_400_000);
  const over = { ...one, openParts: [{ from: first!.from, until: end }], endedAt: end };
  if (fate === 'leaves') return [activated(over)];
  const from = rest[0]?.from ?? end;
  return [
    activated(over),
    activated({ ...one, id: `${one.id} again` as typeof one.id, attributedAt: from, openParts: [{ from, until: null }], endedAt: null }), // prettier-ignore
  ];
}

/** A world as it was known when statements of a number were closed. */
function knownAt({ sources, known }: ClosedWorld, number: number): FeeSources {
  const isKnown = (id: string) => known.get(id)! <= number;
  return {
    ...sources,
    relationships: sources.relationships.map((one) => {
      const own = sources.payments.filter(
        ({ recordId, customerId, serviceId }) =>
          isKnown(recordId) && customerId === one.customerId && serviceId === one.serviceId,
      );
      return { ...one, activatedAt: activatingPayment(one.openParts, own)?.settledAt ?? null };
    }),
    payments: sources.payments.filter(({ recordId }) => isKnown(recordId)),
    refunds: sources.refunds
      .filter(({ recordId }) => isKnown(recordId))
      .map((one) => (isKnown(key('won', one.recordId)) ? one : { ...one, wonAt: null })),
  };
}

/** An id that says nothing of the order of what it is of. */
const wire = (id: string) => createHash('sha256').update(id).digest('base64url').slice(0, 12);
const money = (minor: bigint, currency: string) => ({ amount: Number(minor), currency });

type Line = GivenStatement['lines'][number];

/** All statements of a currency, closed one after the other, as they are told in the end. */
function statementsOf(world: ClosedWorld, currency: string): GivenStatement[] {
  const statements: GivenStatement[] = [];
  const stated = new Map<string, { minor: bigint; line: AccrualLine }>();
  const final = new Map(accrue(knownAt(world, since)).map((line) => [line.lineId as string, line]));
  let carried = 0n;
  for (let number = 0; number < since; number += 1) {
    const period = { from: cuts[number - 1] ?? '2020-01-01', until: cuts[number]! };
    const all = accrue(knownAt(world, number)).filter((line) => line.currency === currency);
    const standing = new Map(all.map((line) => [line.lineId as string, line]));
    const present = world.sources.relationships.filter(({ id }) => !world.away.has(key(id, String(number)))); // prettier-ignore
    const lines: Line[] = [];
    const versions = new Set<number>();
    const state = (
      line: AccrualLine,
      minor: bigint,
      adjustment?: 'late' | 'changed' | 'withdrawn',
    ) => {
      // prettier-ignore
      versions.add(line.agreementVersion);
      stated.set(line.lineId, { minor: (stated.get(line.lineId)?.minor ?? 0n) + minor, line });
      const told = {
        id: wire(line.lineId),
        reason: line.because ?? (line.kind === 'accrual' ? 'earned' : 'reversed'),
        amount: money(minor, currency),
        ...(adjustment && { adjustment }),
      };
      // Written so for good if it was not open then; cut if it is not now, or stands no more.
      const isShown =
        adjustment !== 'withdrawn' &&
        isShownInFull(line, present) &&
        isShownInFull(line, world.sources.relationships) &&
        final.has(line.lineId);
      lines.push(isShown ? { ...told, ...recordsOf(line) } : told);
    };
    for (const line of all) {
      const before = stated.get(line.lineId);
      const isLate = line.availableOn < period.from;
      if (before && line.feeMinor !== before.minor) state(line, line.feeMinor - before.minor, 'changed'); // prettier-ignore
      if (before || line.availableOn >= period.until) continue;
      // A reversal of nothing is not sent.
      if (line.kind === 'reversal' && line.feeMinor === 0n) continue;
      if (!isLate) state(line, line.feeMinor);
      else if (line.feeMinor !== 0n) state(line, line.feeMinor, 'late');
    }
    for (const [id, { minor, line }] of stated) {
      if (!standing.has(id) && minor !== 0n) state(line, -minor, 'withdrawn');
    }
    const sum = (which: (one: Line) => boolean) =>
      lines.filter(which).reduce((total, { amount }) => total + BigInt(amount.amount), 0n);
    const sums = {
      openingMinor: carried,
      accruedMinor: sum((one) => !one.adjustment && one.reason !== 'reversed'),
      reversedMinor: sum((one) => !one.adjustment && one.reason === 'reversed'),
      adjustedMinor: sum((one) => one.adjustment !== undefined),
      taxMinor: 0n,
    };
    const amounts = settle(
      { ...sums, collectedMinor: 0n, remittedMinor: 0n },
      {
        versions: world.sources.agreements,
        currency,
        period: { period: String(number), fromDay: period.from, untilDay: period.until },
        lastEarnedOn: all
          .filter((line) => line.feeMinor > 0n && line.availableOn < period.until)
          .map((line) => line.availableOn)
          .sort()
          .at(-1),
      },
    );
    carried = amounts.carriedMinor;
    statements.push({
      ...{ id: `${period.until}.${currency}`, currency, period, lines },
      opening: money(amounts.openingMinor, currency),
      accrued: money(amounts.accruedMinor, currency),
      reversed: money(amounts.reversedMinor, currency),
      adjusted: money(amounts.adjustedMinor, currency),
      closing: money(amounts.closingMinor, currency),
      payout: money(amounts.payoutMinor, currency),
      forfeited: money(amounts.forfeitedMinor, currency),
      carriedForward: money(amounts.carriedMinor, currency),
      agreementVersions: [...versions].sort(),
    });
  }
  return statements;
}

const recordsOf = (line: AccrualLine) => ({
  ...{ payment: wire(line.paymentId), availableOn: line.availableOn },
  ...{ ratePercent: line.ratePercent, agreementVersion: line.agreementVersion },
  ...(line.refundId !== null && { refund: wire(line.refundId) }),
});

/** What a partner receives of it, by the records that it may see in the end. */
export function receivedOf(world: ClosedWorld, currency: string): Received {
  const { sources } = world;
  const isShared = (record: { customerId: string; serviceId: string }, at: Date) =>
    sources.relationships.some(
      (one) =>
        one.isActive &&
        one.customerId === record.customerId &&
        one.serviceId === record.serviceId &&
        isOpenAt(one.openParts, at),
    );
  return {
    agreements: sources.agreements.map(({ version, validFrom, validUntil, terms }) => ({
      ...{ version, validFrom, validUntil, endsAt: null },
      terms,
    })),
    serviceKeys: Object.fromEntries(
      [...sources.serviceKeys].map(([id, serviceKey]) => [wire(id), serviceKey]),
    ),
    payments: sources.payments
      .filter((paid) => isShared(paid, paid.settledAt))
      .map((paid) => ({
        ...{ id: wire(paid.recordId), customer: wire(paid.customerId) },
        ...{ service: wire(paid.serviceId), settledAt: paid.settledAt.toISOString() },
        amount: money(paid.amountMinor, paid.currency),
        tax: money(paid.taxMinor, paid.currency),
        parts: Object.fromEntries(
          Object.entries(paid.parts).map(([name, minor]) => [name, money(minor, paid.currency)]),
        ),
      })),
    refunds: sources.refunds
      .filter((refund) => isShared(refund, refund.refundedAt))
      .map((refund) => ({
        ...{ id: wire(refund.recordId), customer: wire(refund.customerId) },
        ...{ service: wire(refund.serviceId), kind: refund.kind },
        ...(refund.paymentId !== null && { payment: wire(refund.paymentId) }),
        refundedAt: refund.refundedAt.toISOString(),
        ...(refund.wonAt && { wonAt: refund.wonAt.toISOString() }),
        amount: money(refund.amountMinor, refund.currency),
        tax: money(refund.taxMinor, refund.currency),
      })),
    statements: statementsOf(world, currency),
  };
}
