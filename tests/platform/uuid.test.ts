import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { systemRandomness } from '../../src/platform/randomness.ts';
import { newUuid, uuidBytes, uuidOf, uuidText } from '../../src/platform/uuid.ts';
import { systemClock } from '../../src/platform/clock.ts';

const at = (milliseconds: number) => ({
  clock: { ...systemClock, now: () => new Date(milliseconds) },
  random: systemRandomness,
});
const shape = /^[0-9a-f]{8}-[0-9a-f]{4}-[78][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test('RFC 9562, appendix A.6: the example of version 7 comes out of its time and its bits', () => {
  const random = { bytes: () => Buffer.from('0000000000000cc318c4dc0c0c07398f', 'hex') };
  const clock = { ...systemClock, now: () => new Date(1645557742000) };
  expect(newUuid({ clock, random })).toBe('017f22e2-79b0-7cc3-98c4-dc0c0c07398f');
});

test('new ids have the shape of version 7, differ, and sort by the clock', () => {
  fc.assert(
    fc.property(fc.nat(2 ** 41), fc.integer({ min: 1, max: 2 ** 30 }), (first, later) => {
      const [a, b] = [newUuid(at(first)), newUuid(at(first + later))];
      expect(a).toMatch(shape);
      expect(a < b).toBe(true);
      expect(newUuid(at(first))).not.toBe(a);
    }),
  );
});

test('an id that follows from a name is the same for the same name, and names do not run together', () => {
  expect(uuidOf('record', 'invoice', '1')).toMatch(shape);
  expect(uuidOf('record', 'invoice', '1')).toBe(uuidOf('record', 'invoice', '1'));
  expect(uuidOf('a', 'bc')).not.toBe(uuidOf('ab', 'c'));
  expect(uuidOf('a,b')).not.toBe(uuidOf('a', 'b'));
});

test('an id goes to 16 bytes and back', () => {
  fc.assert(fc.property(fc.uuid(), (id) => uuidText(uuidBytes(id)) === id));
});
