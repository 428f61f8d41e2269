import { createHash, createPublicKey, verify } from 'node:crypto';
import { expect } from '@jest/globals';
import { openNote, parseVerifierKey } from '../../src/verification/index.ts';
import { readReference, referenceTest } from '../support/reference.ts';

const spki = Buffer.from('302a300506032b6570032100', 'hex');

/** What node:crypto says of a signature over these bytes. */
function isSignedByNode(key: Buffer, message: Buffer, signature: Buffer): boolean {
  try {
    const publicKey = createPublicKey({
      key: Buffer.concat([spki, key]),
      format: 'der',
      type: 'spki',
    });
    return verify(null, message, publicKey, signature);
  } catch {
    return false;
  }
}

async function isSignedByWeb(key: Buffer, message: Buffer, signature: Buffer): Promise<boolean> {
  try {
    const imported = await crypto.subtle.importKey('raw', key, 'Ed25519', false, ['verify']);
    return await crypto.subtle.verify('Ed25519', imported, signature, message);
  } catch {
    return false;
  }
}

const wycheproof = 'vectors/wycheproof/testvectors_v1/ed25519_test.json';

referenceTest(
  wycheproof,
  'Web Crypto judges Ed25519 as Wycheproof and as node:crypto',
  async () => {
    const { testGroups } = JSON.parse(readReference(wycheproof)) as {
      testGroups: {
        publicKey: { pk: string };
        tests: { tcId: number; msg: string; sig: string; result: string }[];
      }[];
    };
    let tried = 0;
    for (const { publicKey, tests } of testGroups) {
      const key = Buffer.from(publicKey.pk, 'hex');
      for (const { tcId, msg, sig, result } of tests) {
        const [message, signature] = [Buffer.from(msg, 'hex'), Buffer.from(sig, 'hex')];
        const isValid = result === 'valid';
        const both = [
          await isSignedByWeb(key, message, signature),
          isSignedByNode(key, message, signature),
        ];
        expect([tcId, ...both]).toEqual([tcId, isValid, isValid]);
        tried += 1;
      }
    }
    expect(tried).toBe(151);
  },
);

const odd = 'vectors/cctv-ed25519/ed25519vectors.json';

referenceTest(odd, 'Web Crypto and node:crypto agree on every odd point of CCTV', async () => {
  const vectors = JSON.parse(readReference(odd)) as {
    number: number;
    key: string;
    sig: string;
    msg: string;
    flags: string[] | null;
  }[];
  const differing: number[] = [];
  for (const { number, key, sig, msg } of vectors) {
    const parts = [Buffer.from(key, 'hex'), Buffer.from(msg), Buffer.from(sig, 'hex')] as const;
    if ((await isSignedByWeb(...parts)) !== isSignedByNode(...parts)) differing.push(number);
  }
  expect(vectors.length).toBeGreaterThan(900);
  expect(differing).toEqual([]);
  void openNote;
  void parseVerifierKey;
  void createHash;
});
