import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { noteSigner } from '../../src/transparency/index.ts';
import { verifyAccounting } from '../../src/verification/index.ts';
import { givenAccounting, origin } from './given-accounting.ts';
import { headKey, host, hostKey, seed, sha256 } from './given.ts';

const verdictOf = (lines: readonly string[], key = hostKey) =>
  verifyAccounting({ accounting: lines.map((line) => `${line}\n`).join(''), key });

test('an accounting holds under the key of the host or of its head log, and says how far', async () => {
  const whole = {
    ...{ holds: true, customer: 'c-1', madeAt: '2026-11-24T09:00:00.000Z' },
    logs: [
      {
        ...{ log: origin, recipient: 'studio', disclosures: 2, records: 3, opened: 3 },
        ...{ completeThrough: '2026-11-23', after: 1 },
      },
    ],
  };
  expect(await verdictOf(givenAccounting())).toEqual(whole);
  expect(await verdictOf(givenAccounting(), headKey)).toEqual(whole);
  const bytes = Buffer.from(givenAccounting().join('\n'));
  expect(await verifyAccounting({ accounting: bytes, key: hostKey })).toEqual(whole);
});

test('a record that is not given is counted, and not as opened', async () => {
  const lines = givenAccounting().map((line) =>
    line.replace('"record":"{\\"b\\":2}"', '"record":null'),
  );
  expect(await verdictOf(lines)).toMatchObject({ logs: [{ records: 3, opened: 2 }] });
});

test.each([
  ['the key of another host', headKey.replaceAll(host, 'other.example')],
  ['another key under the same name', noteSigner(host, sha256('other')).verifierKey],
  ['the key of another host that fits its id', noteSigner('other.example', seed).verifierKey],
  ['no key', ''],
])('under %s nothing is proven', async (_, key) => {
  expect(await verdictOf(givenAccounting(), key)).toMatchObject({ holds: false });
});

test.each([
  ['a disclosure that a digest has is left out', { shown: [4] }, 'does not have all'],
  ['the secret is another customer’s', { of: sha256('x') }, 'it has more than the digest'],
])('it does not hold when %s', async (_, given, because) => {
  const verdict = await verdictOf(givenAccounting(given));
  expect(verdict).toEqual({ holds: false, because: expect.stringContaining(because) });
});

test.each<[string, (lines: string[]) => string[], string]>([
  ['its end is cut off', (lines) => lines.slice(0, -1), 'its end is missing'],
  ['its head is cut off', (lines) => lines.slice(1), 'not an accounting'],
  ['a digest is left out', (lines) => lines.toSpliced(2, 1), 'is missing after'],
  ['the last digest is left out', (lines) => lines.toSpliced(3, 1), '2026-11-23'],
  ['disclosures change places', ([...all]) => swap(all, 4, 5), 'out of order'],
  ['a log stands there twice', twice, 'a log stands in it twice'],
  [
    'a neighbour of who is absent is left out',
    (lines) => lines.map((line, i) => (i === 3 ? without(line) : line)),
    'that the customer is absent',
  ],
  ['a line is no JSON', (lines) => lines.with(2, '{"digest"'), 'not a JSON object'],
])('it does not hold when %s', async (_, change, because) => {
  const verdict = await verdictOf(change(givenAccounting()));
  expect(verdict).toEqual({ holds: false, because: expect.stringContaining(because) });
});

test('no byte of what is proven can be another', async () => {
  const lines = givenAccounting();
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.nat(), fc.nat({ max: 61 }), async (line, place, letter) => {
      // Lines 2 to 5 are the digests and disclosures; who the customer is to us is not proven.
      const index = 2 + (line % 4);
      const text = (lines[index] ?? '').replaceAll('"key":"k-1",', '');
      const at = place % text.length;
      const put = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'[letter];
      fc.pre(text[at] !== put);
      const other = `${text.slice(0, at)}${put ?? ''}${text.slice(at + 1)}`;
      expect([other, (await verdictOf(lines.with(index, other))).holds]).toEqual([other, false]);
    }),
    { numRuns: 300 },
  );
});

function swap(lines: string[], one: number, other: number): string[] {
  return lines.with(one, lines[other] ?? '').with(other, lines[one] ?? '');
}

function twice(lines: string[]): string[] {
  const log = lines.slice(1, -1);
  const head = (lines[0] ?? '').replace('"logs":1', '"logs":2');
  return [head, ...log, ...log, JSON.stringify({ end: true, disclosures: 4 })];
}

function without(line: string): string {
  const told = JSON.parse(line) as { leaves: unknown[] };
  return JSON.stringify({ ...told, leaves: told.leaves.slice(0, -1) });
}
