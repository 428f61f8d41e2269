import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  activatingPayment,
  isOpenAt,
  objectionTo,
  objectionToOpening,
  standingOf,
  stateAfter,
  wasActive,
} from '../../src/relationships/relationship-rules.ts';
import type { PartnerId } from '../../src/partners/index.ts';
import type { PartnerKind } from '../../src/policy/index.ts';
import type { RelationshipEvent, RelationshipEventKind } from '../../src/relationships/index.ts';

const at = (hour: number) => new Date(Date.UTC(2026, 0, 1, hour));
const event = (kind: RelationshipEventKind, hour: number): RelationshipEvent => ({
  event: kind,
  at: at(hour),
  evidence: 'test',
  actor: 'test',
  bookedAt: at(1000),
});

const kinds = [
  'suspended',
  'resumed',
  'disconnected',
  'connected',
  'opted-out',
  'opted-in',
  'sharing-refused',
  'sharing-allowed',
] as const;

/** The slow oracle: replays every hour with one flag per reason. */
function openHours(events: readonly RelationshipEvent[], hours: number): boolean[] {
  return Array.from({ length: hours }, (_, hour) => {
    const flags = {
      suspended: false,
      disconnected: false,
      out: false,
      refused: false,
      ended: false,
      begun: false,
    };
    for (const { event: kind, at: moment } of events) {
      if (moment === null || moment > at(hour)) continue;
      if (kind === 'attributed') flags.begun = true;
      if (kind === 'suspended') flags.suspended = true;
      if (kind === 'resumed') flags.suspended = false;
      if (kind === 'disconnected') flags.disconnected = true;
      if (kind === 'connected') flags.disconnected = false;
      if (kind === 'opted-out') flags.out = true;
      if (kind === 'opted-in') flags.out = false;
      if (kind === 'sharing-refused') flags.refused = true;
      if (kind === 'sharing-allowed') flags.refused = false;
      if (kind === 'ended') flags.ended = true;
    }
    const { begun, suspended, disconnected, out, refused, ended } = flags;
    return begun && !suspended && !disconnected && !out && !refused && !ended;
  });
}

test('the interval is open exactly while nothing closes it, whatever happens in whatever order', () => {
  const history = fc.array(fc.tuple(fc.constantFrom(...kinds), fc.nat({ max: 3 })), {
    maxLength: 12,
  });
  fc.assert(
    fc.property(history, fc.boolean(), (steps, ends) => {
      let hour = 1;
      const events = [event('attributed', hour)];
      for (const [kind, gap] of steps) {
        hour += gap;
        events.push(event(kind, hour));
      }
      if (ends) events.push(event('ended', (hour += 1)));
      const { openParts } = stateAfter(events);
      const oracle = openHours(events, hour + 3);
      expect(oracle.map((_, i) => isOpenAt(openParts, at(i)))).toEqual(oracle);
    }),
  );
});

test('promise P10: a customer is nobody’s joint customer before its first settled payment', () => {
  const events = [event('attributed', 1)];
  expect(stateAfter(events).isActive).toBe(false);
  const active = stateAfter([...events, event('activated', 5)]);
  expect(active.isActive).toBe(true);
  expect(wasActive(active, at(4))).toBe(false);
  expect(wasActive(active, at(5))).toBe(true);
});

test('the activating payment is the first above nothing inside the interval, by time and then id', () => {
  const { openParts } = stateAfter([event('attributed', 10), event('opted-out', 20)]);
  const paid = (recordId: string, hour: number, amountMinor = 100n) => ({
    recordId,
    settledAt: at(hour),
    amountMinor,
  });
  const payments = [
    paid('d', 12),
    paid('c', 12),
    paid('early', 9),
    paid('free', 11, 0n),
    paid('late', 20),
  ];
  expect(activatingPayment(openParts, payments)?.recordId).toBe('c');
  expect(activatingPayment(openParts, [paid('early', 9), paid('late', 20)])).toBeUndefined();
});

test('a payment that is known late moves the activation; one that is gone withdraws it', () => {
  const events = [event('attributed', 1), event('activated', 9), event('activated', 5)];
  expect(stateAfter(events).activatedAt).toEqual(at(5));
  const withdrawn: RelationshipEvent = { ...event('activated', 0), at: null };
  expect(stateAfter([...events, withdrawn])).toMatchObject({ activatedAt: null, isActive: false });
});

test('promise P32: opted out, a relationship is not active; opted in again, the time between stays closed', () => {
  const events = [event('attributed', 1), event('activated', 2), event('opted-out', 5)];
  expect(stateAfter(events).isActive).toBe(false);
  const again = stateAfter([...events, event('opted-in', 8)]);
  expect(again.isActive).toBe(true);
  expect(isOpenAt(again.openParts, at(6))).toBe(false);
  expect(isOpenAt(again.openParts, at(8))).toBe(true);
});

test('promise P32: a refusal that is booked late closes from its own moment on, and nothing after it opens for it', () => {
  const history = fc.array(fc.tuple(fc.constantFrom(...kinds), fc.nat({ max: 3 })), {
    maxLength: 8,
  });
  fc.assert(
    fc.property(history, fc.nat({ max: 30 }), (steps, late) => {
      let hour = 1;
      const events = [event('attributed', hour)];
      for (const [kind, gap] of steps) events.push(event(kind, (hour += gap)));
      const before = stateAfter(events).openParts;
      const { openParts } = stateAfter([...events, event('sharing-refused', late)]);
      for (let h = 0; h < 34; h += 1) {
        expect(isOpenAt(openParts, at(h))).toBe(h < late && isOpenAt(before, at(h)));
      }
    }),
  );
});

test('what cannot follow is refused with its reason', () => {
  const booked = [event('attributed', 5)];
  const relationship = {
    ...stateAfter(booked),
    kind: 'referral',
  } as Parameters<typeof objectionTo>[1];
  const objection = (kind: RelationshipEventKind, hour: number, of = relationship) =>
    objectionTo(event(kind, hour), of, booked);
  expect(objection('suspended', 6)).toBeUndefined();
  expect(objection('suspended', 4)).toMatch(/before what was booked last/);
  expect(objection('suspended', 1001)).toMatch(/before it happens/);
  expect(objection('connected', 6)).toMatch(/not connected/);
  expect(objection('activated', 6)).toMatch(/gateway itself/);
  expect(objection('ended', 6, { ...relationship, endedAt: at(5) })).toMatch(/has ended/);
});

test('what was done already is refused, and what was not done is not undone', () => {
  const objection = (kind: RelationshipEventKind, ...before: RelationshipEventKind[]) => {
    const booked = [event('connected', 1), ...before.map((one) => event(one, 2))];
    const relationship = { ...stateAfter(booked), kind: 'integration' } as Parameters<
      typeof objectionTo
    >[1];
    return objectionTo(event(kind, 3), relationship, booked);
  };
  for (const [closes, opens] of [
    ['suspended', 'resumed'],
    ['disconnected', 'connected'],
    ['opted-out', 'opted-in'],
  ] as const) {
    expect(objection(closes)).toBeUndefined();
    expect(objection(closes, closes)).toMatch(/already/);
    expect(objection(closes, closes, opens)).toBeUndefined();
    expect(objection(opens)).toMatch(/already|not/);
    expect(objection(opens, closes)).toBeUndefined();
    expect(objection(opens, closes, opens)).toMatch(/already|not/);
  }
  expect(objection('suspended', 'opted-out', 'disconnected')).toBeUndefined();
});

test('how a relationship stands is told in a word', () => {
  const standing = (...kinds: RelationshipEventKind[]) => {
    const booked = [event('attributed', 1), ...kinds.map((kind, i) => event(kind, i + 2))];
    return standingOf(stateAfter(booked), booked);
  };
  expect(standing()).toBe('waiting for a payment');
  expect(standing('activated')).toBe('active');
  expect(standing('activated', 'suspended')).toBe('suspended');
  expect(standing('suspended', 'resumed')).toBe('waiting for a payment');
  expect(standing('disconnected')).toBe('disconnected');
  expect(standing('activated', 'suspended', 'opted-out')).toBe('opted out');
  expect(standing('activated', 'suspended', 'opted-out', 'opted-in')).toBe('suspended');
  expect(standing('activated', 'opted-out', 'sharing-refused')).toBe('sharing refused');
  expect(standing('activated', 'sharing-refused', 'sharing-allowed')).toBe('active');
  expect(standing('opted-out', 'ended')).toBe('ended');
});

test('what was closed stays closed: a relationship opens after earlier ones, and not over an opt-out', () => {
  const one = 'one' as PartnerId;
  const other = 'other' as PartnerId;
  const ended = (partnerId: PartnerId, ...kinds: RelationshipEventKind[]) => ({
    relationship: { partnerId, kind: 'referral' as const, endedAt: at(20) },
    booked: [event('attributed', 1), ...kinds.map((kind) => event(kind, 10)), event('ended', 20)],
  });
  const open = (hour: number, ...earlier: ReturnType<typeof ended>[]) =>
    objectionToOpening({ at: at(hour), partnerId: one, kind: 'referral' }, earlier);
  expect(open(19, ended(one))).toMatch(/before an earlier one has ended/);
  expect(open(19, ended(other))).toMatch(/before an earlier one has ended/);
  expect(open(20, ended(one), ended(other))).toBeUndefined();
  expect(open(30, ended(one, 'opted-out'))).toMatch(/opted out/);
  expect(open(30, ended(one, 'opted-out', 'opted-in'))).toBeUndefined();
  expect(open(30, ended(other, 'opted-out'))).toBeUndefined();
});

test('two referrals exclude each other in time; an integration stands beside anything of others', () => {
  const one = 'one' as PartnerId;
  const other = 'other' as PartnerId;
  const open = (kind: PartnerKind, earlier: PartnerKind, of: PartnerId, endedAt: Date | null) =>
    objectionToOpening({ at: at(10), partnerId: one, kind }, [
      { relationship: { partnerId: of, kind: earlier, endedAt }, booked: [event('attributed', 1)] },
    ]);
  for (const kind of ['referral', 'integration'] as const) {
    for (const earlier of ['referral', 'integration'] as const) {
      const excludes = kind === 'referral' && earlier === 'referral';
      expect(open(kind, earlier, other, at(20)) !== undefined).toBe(excludes);
      expect(open(kind, earlier, one, at(20))).toMatch(/before an earlier one has ended/);
      expect(open(kind, earlier, one, at(10))).toBeUndefined();
      expect(open(kind, earlier, one, null)).toBeUndefined();
    }
  }
});

test('a part that is empty is none, and an event without a moment stands for activation alone', () => {
  const { openParts } = stateAfter([
    event('attributed', 1),
    event('suspended', 5),
    event('resumed', 7),
    event('opted-out', 7),
    event('opted-in', 9),
  ]);
  expect(openParts).toEqual([
    { from: at(1), until: at(5) },
    { from: at(9), until: null },
  ]);
  expect(stateAfter([event('attributed', 1), event('ended', 1)]).openParts).toEqual([]);
  const timeless = { ...event('suspended', 2), at: null };
  expect(() => stateAfter([event('attributed', 1), timeless])).toThrow(/suspended has a moment/);
  expect(() => stateAfter([])).toThrow(/begins with an attribution or a connection/);
  expect(() => stateAfter([event('activated', 1)])).toThrow(/begins with/);
});

test('a relationship was active from its activation on, where its interval is open', () => {
  const openParts = [{ from: at(1), until: at(10) }];
  expect(wasActive({ activatedAt: null, openParts }, at(5))).toBe(false);
  expect(wasActive({ activatedAt: at(5), openParts }, at(4))).toBe(false);
  expect(wasActive({ activatedAt: at(5), openParts }, at(5))).toBe(true);
  expect(wasActive({ activatedAt: at(5), openParts }, at(10))).toBe(false);
});

test('of payments that settled together the one with the least id activates, in whatever order they come', () => {
  const parts = [{ from: at(1), until: null }];
  const paid = ['b', 'a', 'd', 'c'].map((recordId) => ({
    recordId,
    settledAt: at(3),
    amountMinor: 1n,
  }));
  fc.assert(
    fc.property(fc.shuffledSubarray(paid, { minLength: 1 }), (payments) => {
      const least = payments.map(({ recordId }) => recordId).sort()[0];
      expect(activatingPayment(parts, payments)?.recordId).toBe(least);
    }),
  );
});

test('what can follow depends on the moment, the kind and what was booked', () => {
  const objection = (
    kind: RelationshipEventKind,
    { hour = 6, of = 'integration', booked = [event('connected', 5)] } = {},
  ) => {
    const began = booked.length > 0 ? booked : [event('connected', 5)];
    const relationship = { ...stateAfter(began), kind: of } as Parameters<typeof objectionTo>[1];
    return objectionTo({ ...event(kind, hour), bookedAt: at(8) }, relationship, booked);
  };
  expect(objection('suspended', { hour: 8 })).toBeUndefined();
  expect(objection('suspended', { hour: 9 })).toMatch(/before it happens/);
  expect(objection('suspended', { hour: 5 })).toBeUndefined();
  expect(objection('suspended', { hour: 4 })).toMatch(/before what was booked last/);
  expect(objection('suspended', { hour: 4, booked: [] })).toBeUndefined();
  const activated = [event('connected', 3), event('activated', 7)];
  expect(objection('suspended', { hour: 4, booked: activated })).toBeUndefined();
  expect(objection('disconnected')).toBeUndefined();
  expect(objection('disconnected', { of: 'referral' })).toMatch(/is not connected/);
  expect(objection('connected', { of: 'referral' })).toMatch(/is not connected/);
  expect(objection('ended')).toBeUndefined();
  expect(objection('attributed')).toMatch(/gateway itself/);
  const out = [event('connected', 3), event('opted-out', 4)];
  expect(objection('resumed', { booked: out })).toBe('The relationship is not suspended.');
  const relationship = { ...stateAfter(out), kind: 'referral' } as Parameters<
    typeof objectionTo
  >[1];
  expect(objectionTo({ ...event('ended', 6), at: null }, relationship, out)).toMatch(/a moment/);
});

test('each refusal of what was done already says what it was', () => {
  const booked = [event('connected', 1)];
  const relationship = { ...stateAfter(booked), kind: 'integration' } as Parameters<
    typeof objectionTo
  >[1];
  const said = kinds.map((kind) => [
    objectionTo(event(kind, 2), relationship, booked),
    objectionTo(event(kind, 3), relationship, [...booked, event(kind, 2)]),
  ]);
  expect(said).toEqual([
    [undefined, 'The relationship is suspended already.'],
    ['The relationship is not suspended.', 'The relationship is not suspended.'],
    [undefined, 'The customer is disconnected already.'],
    ['The customer is connected already.', 'The customer is connected already.'],
    [undefined, 'The customer has opted out already.'],
    ['The customer has not opted out.', 'The customer has not opted out.'],
    ...['refused', 'allowed'].map(() => [
      'It is booked with the customer’s choice.',
      'It is booked with the customer’s choice.',
    ]),
  ]);
});
