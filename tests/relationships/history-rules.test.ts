import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  stateAfter,
  stateAsOf,
  wasActive,
  type RelationshipEvent,
  type RelationshipEventKind,
} from '../../src/relationships/index.ts';

const at = (hour: number) => new Date(Date.UTC(2026, 0, 1, hour));
const event = (
  kind: RelationshipEventKind,
  hour: number | null,
  booked: number,
): RelationshipEvent => ({
  event: kind,
  at: hour === null ? null : at(hour),
  evidence: 'test',
  actor: 'test',
  bookedAt: at(booked),
});

const middle = fc.constantFrom(
  ...(['suspended', 'resumed', 'disconnected', 'connected', 'opted-out', 'opted-in'] as const),
);
/** Events in the order of booking, some booked long after they happened. */
const histories = fc
  .tuple(
    fc.constantFrom('attributed' as const, 'connected' as const),
    fc.array(fc.tuple(middle, fc.nat({ max: 3 }), fc.nat({ max: 9 })), { maxLength: 8 }),
    fc.array(fc.tuple(fc.nat({ max: 9 }), fc.option(fc.nat({ max: 25 }))), { maxLength: 3 }),
    fc.boolean(),
  )
  .map(([first, steps, activations, ends]) => {
    let hour = 1;
    let booked = 1;
    const events = [event(first, hour, booked)];
    for (const [kind, gap, late] of steps) {
      hour += gap;
      booked = Math.max(booked, hour + late);
      events.push(event(kind, hour, booked));
    }
    for (const [later, moment] of activations) {
      booked += later;
      events.push(event('activated', moment, booked));
    }
    if (ends) events.push(event('ended', hour + 2, booked + 1));
    return events;
  });
const hour = fc.integer({ min: 0, max: 60 });

test('as of any moment, known at any moment, it stood active exactly where what was known says so', () => {
  fc.assert(
    fc.property(histories, hour, hour, (events, moment, known) => {
      const state = stateAsOf(events, { at: at(moment), knownAt: at(known) });
      const heard = events.filter(({ bookedAt }) => bookedAt <= at(known));
      const isActive = heard.length > 0 && wasActive(stateAfter(heard), at(moment));
      expect(state?.standing === 'active').toBe(isActive);
      if (state && isActive) expect(state.isOpen).toBe(true);
    }),
    { numRuns: 1000 },
  );
});

test('what is booked later changes no answer about what was known before', () => {
  fc.assert(
    fc.property(histories, hour, hour, fc.nat(), (events, moment, known, cut) => {
      const ask = { at: at(moment), knownAt: at(known) };
      const first = events.filter(({ bookedAt }) => bookedAt <= at(known));
      const more = events.slice(0, Math.max(first.length, cut % (events.length + 1)));
      expect(stateAsOf(more, ask)).toEqual(stateAsOf(events, ask));
    }),
  );
});

test('a payment that became known late was not known before, and counts from its own moment since', () => {
  const events = [
    event('attributed', 1, 1),
    event('activated', 20, 20),
    event('activated', 5, 30),
    event('suspended', 40, 41),
  ];
  const standing = (moment: number, known: number) =>
    stateAsOf(events, { at: at(moment), knownAt: at(known) })?.standing;
  expect(standing(0, 50)).toBeUndefined();
  expect(standing(2, 0)).toBeUndefined();
  expect(standing(10, 25)).toBe('waiting for a payment');
  expect(standing(10, 30)).toBe('active');
  expect(standing(40, 40)).toBe('active');
  expect(standing(40, 41)).toBe('suspended');
});

test('an integration stands disconnected until it is connected again', () => {
  const events = [
    event('connected', 1, 1),
    event('activated', 2, 2),
    event('disconnected', 5, 5),
    event('connected', 8, 8),
    event('ended', 9, 9),
  ];
  const of = (moment: number) => stateAsOf(events, { at: at(moment), knownAt: at(99) })?.standing;
  expect([1, 2, 5, 8, 9].map(of)).toEqual([
    'waiting for a payment',
    'active',
    'disconnected',
    'active',
    'ended',
  ]);
});
