import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { agreementInForce, type AgreementVersion } from '../../src/agreements/index.ts';
import { localDay } from '../../src/platform/local-days.ts';
import { versionOf } from '../fees/given-fees.ts';

const zones = [
  'UTC',
  'America/Los_Angeles',
  'Pacific/Kiritimati',
  'Asia/Kathmandu',
  'Pacific/Apia',
];
const days = ['2026-01-31', '2026-02-01', '2026-02-03', '2026-02-04'];

/** Versions one after another, each in a zone of its own. */
const chains = fc
  .array(fc.constantFrom(...zones), { minLength: 1, maxLength: days.length })
  .map((chain) =>
    chain.map((timeZone, place): AgreementVersion => {
      const version = versionOf(
        { kind: 'percent', ratePercent: '10', currencies: ['USD'] },
        {
          version: place + 1,
          validFrom: days[place] ?? '',
          validUntil: place + 1 < chain.length ? (days[place + 1] ?? null) : null,
        },
      );
      return { ...version, terms: { ...version.terms, timeZone } };
    }),
  );

test('of versions in zones of their own the last that has begun is in force, and no moment is left open', () => {
  const hours = fc.integer({ min: 0, max: 24 * 10 });
  fc.assert(
    fc.property(chains, hours, (versions, hour) => {
      const now = new Date(Date.UTC(2026, 0, 28, hour));
      const begun = versions.filter((one) => one.validFrom <= localDay(now, one.terms.timeZone));
      expect(agreementInForce(versions, now)?.version).toBe(begun.at(-1)?.version);
    }),
  );
});
