import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Stripe } from 'stripe';
import { checkSignature } from '../../src/stripe/index.ts';

/** Stripe's own library says what is right. */
const { webhooks } = new Stripe('sk_test_none');
const secret = fc.stringMatching(/^whsec_[A-Za-z0-9]{16,40}$/);
const signedAt = 1_793_923_200;

function itsWord(payload: string, header: string, by: string, now: Date): string {
  try {
    webhooks.constructEvent(payload, header, by, 300, undefined, now.getTime());
    return 'taken';
  } catch (error) {
    return error instanceof Error ? error.constructor.name : 'refused';
  }
}

test('what Stripe’s library signs is valid, and with another secret, byte or time it is not', () => {
  fc.assert(
    fc.property(
      fc.json(),
      secret,
      secret,
      fc.integer({ min: -600, max: 600 }),
      (payload, one, other, late) => {
        fc.pre(one !== other);
        const header = webhooks.generateTestHeaderString({
          payload,
          secret: one,
          timestamp: signedAt,
        });
        const now = new Date((signedAt + late) * 1000);
        const check = (bytes: string, secrets: readonly string[]) =>
          checkSignature(header, { bytes: Buffer.from(bytes), secrets, now });
        const isNow = Math.abs(late) <= 300;
        expect(check(payload, [one])).toBe(isNow ? 'valid' : 'stale');
        expect(check(payload, [other, one])).toBe(isNow ? 'valid' : 'stale');
        expect(check(payload, [other])).toBe('invalid');
        expect(check(`${payload} `, [one])).toBe('invalid');
        expect(check(payload, [])).toBe('invalid');
      },
    ),
  );
});

test('where it refuses, Stripe’s library refuses, and what it takes, the library takes', () => {
  const payload = '{"id":"evt_1","object":"event","type":"invoice.paid"}';
  const good = webhooks.generateTestHeaderString({
    payload,
    secret: 'whsec_x',
    timestamp: signedAt,
  });
  const now = new Date(signedAt * 1000);
  const broken = fc
    .tuple(fc.nat(good.length - 1), fc.constantFrom('0', 'f', ',', '=', ' ', 'v', '9'))
    .map(([place, letter]) => good.slice(0, place) + letter + good.slice(place + 1));
  fc.assert(
    fc.property(fc.oneof(fc.constant(good), broken, fc.string()), (header) => {
      const ours = checkSignature(header, {
        bytes: Buffer.from(payload),
        secrets: ['whsec_x'],
        now,
      });
      if (ours === 'valid') expect(itsWord(payload, header, 'whsec_x', now)).toBe('taken');
    }),
  );
});
