import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import canonicalize from 'canonicalize';
import fc from 'fast-check';
import type { Disclosure } from '../../src/disclosures/index.ts';
import { composeEntry } from '../../src/disclosures/entry-rules.ts';
import { problemsOf } from '../../src/platform/schemas.ts';
import { givenDisclosure } from './given.ts';

const entryId = '018f3a5e-0000-7000-8000-0123456789ab';
const at = new Date('2026-11-22T12:00:00.007Z');
const secret = Buffer.alloc(32, 7);
const compose = (disclosure: Disclosure) => composeEntry(disclosure, { entryId, at, secret });
const sha256 = (...parts: Uint8Array[]) =>
  createHash('sha256').update(Buffer.concat(parts)).digest();

const text = fc.string({ unit: 'grapheme', maxLength: 30 });
const disclosures = fc.record({
  recipient: text,
  channel: text,
  client: text,
  token: text,
  purposes: fc.array(text),
  agreement: fc.record({ id: text, version: fc.nat() }),
  view: fc.record({ id: text, version: fc.nat(), digest: text }),
  fields: fc.option(fc.array(text)),
  policy: fc.record({ version: text, promises: fc.array(text) }),
  recordType: text,
  classes: fc.array(text),
  body: fc.uint8Array().map((bytes) => Buffer.from(bytes)),
});

test('the text of any entry is its canonical JSON, byte for byte', () => {
  fc.assert(
    fc.property(disclosures, (drawn) => {
      const entry = compose(givenDisclosure('r', drawn)).text;
      // The twin: the same members in another order are not canonical.
      const turned = JSON.stringify(
        Object.fromEntries(Object.entries(JSON.parse(entry) as object).reverse()),
      );
      expect(entry).toBe(canonicalize(JSON.parse(entry)));
      expect(turned).not.toBe(canonicalize(JSON.parse(turned)));
    }),
  );
});

test('an entry has the form of its schema and holds no customer and no record', () => {
  const disclosure = givenDisclosure('r', { size: 5 });
  const { text: entry } = compose(disclosure);
  expect(problemsOf('disclosures/entry', JSON.parse(entry))).toEqual([]);
  for (const { pairwiseId, record } of disclosure.subjects) {
    expect(entry).not.toContain(pairwiseId);
    expect(entry).not.toContain(record.toString());
  }
});

test('text that is not well-formed Unicode is refused, text about escapes is not', () => {
  expect(() => compose(givenDisclosure('r', { client: 'a\ud800b' }))).toThrow(RangeError);
  expect(() => compose(givenDisclosure('r', { fields: ['\udc00'] }))).toThrow(RangeError);
  expect(compose(givenDisclosure('r', { client: '\\ud800' })).text).toContain('\\\\ud800');
});

test('payload and leaves are salted by the key stream of the secret, block by block', () => {
  const { subjects, body } = givenDisclosure('r', { size: 9 });
  const made = compose(givenDisclosure('r', { subjects, body }));
  const block = (i: number) => {
    const counter = Buffer.alloc(16);
    counter.writeUInt32BE(i, 12);
    return createCipheriv('aes-256-ecb', secret, null).update(counter);
  };
  const leaves = subjects.map(({ pairwiseId, record }, i) =>
    sha256(Buffer.of(0), block(i + 1), Buffer.from(pairwiseId), Buffer.of(0), record),
  );
  const entry = JSON.parse(made.text) as { payload: string; subjects: object };
  expect(made.salt).toEqual(block(0));
  expect(made.leafHashes).toEqual(Buffer.concat(leaves));
  expect(entry.payload).toBe(sha256(block(0), body).toString('base64url'));
  expect(entry.subjects).toEqual({
    size: 9,
    digest: sha256(Buffer.of(2), ...leaves).toString('base64url'),
  });
  expect(made.leafHash).toEqual(sha256(Buffer.of(0), Buffer.from(made.text)));
});

test('an empty page commits to the digest of the empty list', () => {
  const made = compose(givenDisclosure('r'));
  const { subjects } = JSON.parse(made.text) as { subjects: object };
  const digest = sha256(Buffer.of(2)).toString('base64url');
  expect([made.leafHashes.length, made.numbers.length, subjects]).toEqual([
    0,
    0,
    { size: 0, digest },
  ]);
});

test('leaves stand in the order of their numbers, whatever order the records were sent in', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 2 ** 40 }), { maxLength: 40 }), (numbers) => {
      const drawn = numbers.map((number) => ({
        number,
        pairwiseId: `cus_${String(number)}`,
        record: randomBytes(4),
      }));
      const sorted = drawn.toSorted((one, other) => one.number - other.number);
      const made = compose(givenDisclosure('r', { subjects: drawn }));
      expect(made.leafHashes).toEqual(
        compose(givenDisclosure('r', { subjects: sorted })).leafHashes,
      );
      expect(decoded(made.numbers)).toEqual(sorted.map(({ number }) => number));
    }),
  );
});

/** LEB128 differences, read with bigint arithmetic. */
function decoded(bytes: Buffer): number[] {
  const numbers: number[] = [];
  let [last, value, shift] = [0n, 0n, 0n];
  for (const byte of bytes) {
    value |= BigInt(byte & 127) << shift;
    shift += 7n;
    if (byte >= 128) continue;
    last += value;
    numbers.push(Number(last));
    [value, shift] = [0n, 0n];
  }
  return numbers;
}
