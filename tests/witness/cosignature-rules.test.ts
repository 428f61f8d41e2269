import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  cosign,
  cosigner,
  findCosignature,
  parseCosignerKey,
  parseVerifierKey,
} from '../../src/transparency/index.ts';
import { keyLine, parseKeyLine } from '../../src/witness/key-rules.ts';
import { textOf, timesCosigned } from './cosigned.ts';
import { testLog } from './logs.ts';

const signer = cosigner('witness.example/w1', Buffer.alloc(32, 1));
const key = parseCosignerKey(signer.verifierKey)!;
const note = testLog().note(5);
const line = cosign(textOf(note), 1_679_315_147, signer);

test('a cosignature is valid to a verifier made from the text of its standard, at its time', () => {
  const seconds = fc.nat({ max: Number.MAX_SAFE_INTEGER });
  const text = fc.string({ unit: 'grapheme' }).map((one) => `${one}\n`);
  fc.assert(
    fc.property(text, seconds, (signed, second) => {
      const made = cosign(signed, second, signer);
      expect(timesCosigned(made, signed, signer.verifierKey)).toEqual([second]);
    }),
  );
  expect(timesCosigned(line, textOf(note), signer.verifierKey)).toEqual([1_679_315_147]);
});

test('the key of a witness is of a type of its own', () => {
  expect(parseVerifierKey(signer.verifierKey)).toBeUndefined();
  expect(parseCosignerKey(testLog().vkey)).toBeUndefined();
  expect(key).toMatchObject({ name: signer.name, keyId: signer.keyId });
});

test('a cosignature is found among others, and none with one bit changed', () => {
  const found = { line, second: 1_679_315_147 };
  const other = cosign(textOf(note), 1, cosigner('witness.example/w2', Buffer.alloc(32, 2)));
  expect(findCosignature(note + line, key)).toEqual(found);
  expect(findCosignature(note + other + line + other, key)).toEqual(found);
  expect(findCosignature(note + other, key)).toBeUndefined();
  expect(findCosignature(note, key)).toBeUndefined();
  expect(findCosignature(textOf(note) + '\n' + line, key)).toEqual(found);
  expect(findCosignature(testLog().note(6) + line, key)).toBeUndefined();
  const bytes = Buffer.from(line.split(' ')[2]!, 'base64');
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const copy = Buffer.from(bytes);
    copy[bit >> 3]! ^= 1 << (bit & 7);
    const wrong = `— ${signer.name} ${copy.toString('base64')}\n`;
    expect(findCosignature(note + wrong, key)).toBeUndefined();
    // One that claims to be of the key and is not closes the note (signed-note, "Signatures").
    const isOurs = bit >= 32;
    expect(findCosignature(note + line + wrong, key)).toEqual(isOurs ? undefined : found);
  }
});

test('a key file is read back, and nothing else is one', () => {
  const made = keyLine('witness.example/w1', Buffer.alloc(32, 1));
  expect(parseKeyLine(made)?.verifierKey).toBe(signer.verifierKey);
  for (let cut = 1; cut < made.length - 1; cut += 1) {
    expect(parseKeyLine(made.slice(0, cut))).toBeUndefined();
    const next = String.fromCharCode(made.charCodeAt(cut) + 1);
    expect(parseKeyLine(made.slice(0, cut) + next + made.slice(cut + 1))).toBeUndefined();
  }
});
