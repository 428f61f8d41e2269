import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decideAttribution, type SignUpFacts } from '../../src/attribution/attribution-rules.ts';
import type { Likeness } from '../../src/attribution/attribution.ts';
import { likenessOf } from '../../src/attribution/likeness-rules.ts';
import type { PartnerId } from '../../src/partners/index.ts';
import type { Promotion, PromotionId } from '../../src/promotions/index.ts';
import type { ServiceId } from '../../src/records/index.ts';

const hour = (count: number) => new Date(Date.UTC(2026, 0, 1) + count * 3_600_000);
const partners = ['a', 'b', 'c'] as PartnerId[];
const service = (name: string) => name as ServiceId;
const promotionId = (count: number) => `promotion ${String(count)}` as PromotionId;

const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { freq: 3 });
const moment = () => fc.integer({ min: 0, max: 1000 }).map(hour);
const pair = () => fc.tuple(moment(), moment()).map(([a, b]) => (a <= b ? [a, b] as const : [b, a] as const)); // prettier-ignore
const promotion = (count: number): fc.Arbitrary<Promotion> =>
  fc.record({
    id: fc.constant(promotionId(count)),
    partnerId: fc.constantFrom(...partners),
    code: fc.constant(`c${String(count)}`),
    serviceId: fc.constantFrom(null, null, service('store'), service('other')),
    landing: fc.constant('https://www.example.com'),
    from: fc.oneof(fc.constant(hour(0)), moment()),
    until: fc.option(moment(), { freq: 2 }),
  });
const facts = (): fc.Arbitrary<SignUpFacts> =>
  fc.record({
    signedUpAt: fc.oneof(fc.constant(hour(1000)), moment()),
    serviceId: fc.constant(service('store')),
    session: fc.oneof(
      {
        weight: 8,
        arbitrary: fc.record({
          is: fc.constant('read' as const),
          clicks: fc.uniqueArray(
            fc.tuple(fc.integer({ min: 0, max: 5 }), pair()).map(([count, [firstAt, lastAt]]) => ({ promotionId: promotionId(count), firstAt, lastAt })), // prettier-ignore
            { selector: (one) => one.promotionId, maxLength: 4 },
          ),
          isCut: fc.integer({ min: 0, max: 9 }).map((one) => one === 0),
        }),
      },
      fc.constantFrom({ is: 'privacy-control' as const }, { is: 'no-cookie' as const }, { is: 'unreadable-cookie' as const }), // prettier-ignore
    ),
    promotions: fc.tuple(promotion(0), promotion(1), promotion(2), promotion(3), promotion(4)),
    retired: fc.subarray(partners, { maxLength: 1 }).map((some) => new Set(some)),
    refused: fc.subarray(partners, { maxLength: 1 }).map((some) => new Set(some)),
    likenesses: maybe(fc.constantFrom(...partners)).map((one) => new Map(one === null || one !== 'a' ? [] : [[one, 'same-domain']])), // prettier-ignore
    knownSince: maybe(moment()),
    firstPaidAt: fc.option(moment(), { freq: 1 }),
    firstRelatedAt: fc.option(moment(), { freq: 1 }),
    isReferred: fc.integer({ min: 0, max: 9 }).map((one) => one === 0),
  });

/** The same once more, told from the single clicks up, one after another. */
function expected(given: SignUpFacts): { status: string; partnerId: string | null } {
  const nobody = (status: string) => ({ status, partnerId: null });
  if (given.session.is !== 'read') return nobody('direct');
  const single = given.session.clicks.flatMap(({ promotionId: id, firstAt, lastAt }) =>
    [firstAt, lastAt].map((at) => ({ id, at })),
  );
  let isRefused = false;
  const counted: { id: string; at: Date; partner: PartnerId }[] = [];
  for (const { id, at } of single) {
    const named = given.promotions.find((one) => one.id === id);
    if (!named) continue;
    if (named.serviceId !== null && named.serviceId !== given.serviceId) continue;
    if (given.retired.has(named.partnerId)) continue;
    if (given.refused.has(named.partnerId)) {
      isRefused = true;
      continue;
    }
    const age = given.signedUpAt.getTime() - at.getTime();
    if (age < 0 || age > 30 * 24 * 3_600_000) continue;
    if (at < named.from || (named.until && at >= named.until)) continue;
    counted.push({ id, at, partner: named.partnerId });
  }
  if (counted.length === 0) return nobody(isRefused ? 'refused' : 'direct');
  const first = Math.min(...counted.map(({ at }) => at.getTime()));
  const isOld = [given.knownSince, given.firstPaidAt, given.firstRelatedAt].some(
    (at) => at && at.getTime() < first,
  );
  const isSelf = counted.some(({ partner }) => given.likenesses.has(partner));
  let winner = counted[0];
  for (const one of counted) {
    if (!winner || one.at > winner.at) winner = one;
    else if (one.at.getTime() === winner.at.getTime() && one.id > winner.id) winner = one;
  }
  if (isOld || given.isReferred || isSelf || given.session.isCut) return nobody('held');
  const claimants = new Set(counted.map(({ partner }) => partner));
  return { status: claimants.size > 1 ? 'held' : 'attributed', partnerId: winner?.partner ?? null };
}

test('every sign-up is decided as a plain reading of its single clicks decides it', () => {
  const seen = new Map<string, number>();
  fc.assert(
    fc.property(facts(), (given) => {
      const { status, partnerId, findings } = decideAttribution(given);
      expect({ status, partnerId }).toEqual(expected(given));
      expect(findings.length > 0).toBe(status !== 'attributed');
      seen.set(status, (seen.get(status) ?? 0) + 1);
    }),
    { numRuns: 5000 },
  );
  expect([...seen.keys()].sort()).toEqual(['attributed', 'direct', 'held', 'refused']);
});

test('promise P26: who refused the cookie, lost it or has another one is nobody’s', () => {
  fc.assert(
    fc.property(
      facts(),
      fc.constantFrom('privacy-control' as const, 'no-cookie' as const, 'unreadable-cookie' as const), // prettier-ignore
      (given, is) => {
        const decided = decideAttribution({ ...given, session: { is } });
        expect(decided).toMatchObject({ status: 'direct', partnerId: null, findings: [is] });
        expect(decided.evidence).toEqual({ clicks: [], knownSince: null, firstPaidAt: null, firstRelatedAt: null }); // prettier-ignore
      },
    ),
  );
});

test('in which order the clicks and promotions are known changes nothing', () => {
  fc.assert(
    fc.property(facts(), (given) => {
      const { session } = given;
      const turned: SignUpFacts = {
        ...given,
        promotions: [...given.promotions].reverse(),
        session: session.is === 'read' ? { ...session, clicks: [...session.clicks].reverse() } : session, // prettier-ignore
      };
      const [one, other] = [decideAttribution(given), decideAttribution(turned)];
      expect({ ...one, evidence: null }).toEqual({ ...other, evidence: null });
    }),
  );
});

const body = (more: Record<string, unknown>) =>
  ({ id: 'c', contact: { kind: 'person', name: 'Cy' }, ...more }) as Parameters<
    typeof likenessOf
  >[0];

test('a customer looks like a partner by address, by the domain of its own mail, or by name', () => {
  const partner = { name: 'Bright  Side Ltd', addresses: ['Hal@Bright.example', 'hal@gmail.com'] };
  const rows: readonly (readonly [Record<string, unknown>, Likeness | undefined])[] = [
    [{ email: { address: 'hal@bright.example' } }, 'same-address'],
    [{ email: { address: 'HAL@GMAIL.COM' } }, 'same-address'],
    [{ email: { address: 'ada@bright.example' } }, 'same-domain'],
    [{ email: { people: [{ id: '1', address: 'ada@bright.example' }] } }, 'same-domain'],
    [{ email: { address: 'ada@gmail.com' } }, undefined],
    [{ email: { address: 'ada@notbright.example' } }, undefined],
    [{ email: { address: 'ada@x.bright.example' } }, undefined],
    [{ contact: { kind: 'organisation', name: 'BRIGHT SIDE ltd' } }, 'same-name'],
    [{ contact: { kind: 'person', name: 'Cy', organisation: 'bright side Ltd ' } }, 'same-name'],
    [{ billing: { name: 'Bright Side Ltd' } }, 'same-name'],
    [{ billing: { name: 'Bright Side' } }, undefined],
    [{}, undefined],
  ];
  for (const [more, likeness] of rows) {
    expect([more, likenessOf(body(more), partner)]).toEqual([more, likeness]);
  }
});

/** Two partners' promotions, clicked at these hours before a sign-up at hour 1000. */
function clickedAt(...hours: readonly number[]): SignUpFacts {
  return {
    signedUpAt: hour(1000),
    serviceId: service('store'),
    session: {
      is: 'read',
      clicks: hours.map((at, count) => ({ promotionId: promotionId(count), firstAt: hour(at), lastAt: hour(at) })), // prettier-ignore
      isCut: false,
    },
    promotions: hours.map((_, count) => ({
      ...{ id: promotionId(count), partnerId: partners[count] ?? ('a' as PartnerId) },
      ...{ code: `c${String(count)}`, serviceId: null, landing: 'https://www.example.com' },
      ...{ from: hour(0), until: null },
    })),
    ...{ retired: new Set(), refused: new Set(), likenesses: new Map() },
    ...{ knownSince: null, firstPaidAt: null, firstRelatedAt: null, isReferred: false },
  };
}

test('a click counts for thirty days to the hour, and of two at one moment the later promotion is the last', () => {
  expect(decideAttribution(clickedAt(1000 - 720))).toMatchObject({ status: 'attributed' });
  expect(decideAttribution(clickedAt(1000 - 721))).toMatchObject({ status: 'direct' });
  expect(decideAttribution(clickedAt(999, 999))).toMatchObject({ status: 'held', partnerId: 'b' });
  expect(decideAttribution(clickedAt(999, 998))).toMatchObject({ status: 'held', partnerId: 'a' });
});
