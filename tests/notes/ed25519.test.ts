import { createPublicKey, verify } from 'node:crypto';
import { expect } from '@jest/globals';
import { parseVerifierKey } from '../../src/notes/index.ts';
import { keyNamed, verifySignature } from '../../src/notes/key-rules.ts';
import { readReference, referenceTest } from '../support/reference.ts';

type Judge = (key: Buffer, message: Buffer, signature: Buffer) => boolean | Promise<boolean>;

const spki = Buffer.from('302a300506032b6570032100', 'hex');

const byNode: Judge = (key, message, signature) => {
  try {
    const der = Buffer.concat([spki, key]);
    const publicKey = createPublicKey({ key: der, format: 'der', type: 'spki' });
    return verify(null, message, publicKey, signature);
  } catch {
    return false;
  }
};

const byWeb: Judge = async (key, message, signature) => {
  try {
    const imported = await crypto.subtle.importKey('raw', key, 'Ed25519', false, ['verify']);
    return await crypto.subtle.verify('Ed25519', imported, signature, message);
  } catch {
    return false;
  }
};

/** The verifier itself; what it is given as text must be text. */
const byUs: Judge = async (publicKey, message, signature) => {
  const key = await keyNamed('key', { type: 1, publicKey });
  return (await verifySignature(key, message.toString(), signature)) !== undefined;
};

const wycheproof = 'vectors/wycheproof/testvectors_v1/ed25519_test.json';

referenceTest(wycheproof, 'Ed25519 is judged as Wycheproof says, by Web Crypto too', async () => {
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
      const isText = Buffer.from(message.toString()).equals(message);
      for (const judge of isText ? [byNode, byWeb, byUs] : [byNode, byWeb]) {
        expect([tcId, await judge(key, message, signature)]).toEqual([tcId, result === 'valid']);
      }
      tried += 1;
    }
  }
  expect(tried).toBe(151);
});

interface OddPoint {
  readonly number: number;
  readonly key: string;
  readonly sig: string;
  readonly msg: string;
  readonly flags: readonly string[] | null;
}

const odd = 'vectors/cctv-ed25519/ed25519vectors.json';

// Web Crypto and node:crypto never differ. Platforms that follow the W3C's text refuse points of small
// order, which these two accept: the verifier refuses them everywhere.
referenceTest(
  odd,
  'of odd points all judge alike, but that we refuse those of small order',
  async () => {
    const vectors = JSON.parse(readReference(odd)) as OddPoint[];
    const counts = { tried: 0, accepted: 0, weak: 0 };
    for (const { number, key, sig, msg, flags } of vectors) {
      const given = [Buffer.from(key, 'hex'), Buffer.from(msg), Buffer.from(sig, 'hex')] as const;
      const [node, web, us] = [await byNode(...given), await byWeb(...given), await byUs(...given)];
      const isWeak = /low_order_[AR]|non_canonical_A/.test(String(flags?.join()));
      expect([number, web, us]).toEqual([number, node, node && !isWeak]);
      counts.tried += 1;
      counts.accepted += us ? 1 : 0;
      counts.weak += node && isWeak ? 1 : 0;
    }
    expect(counts).toEqual({ tried: 914, accepted: 43, weak: 165 });
  },
);

referenceTest(odd, 'a key under which anybody can sign is no verifier key', async () => {
  const vectors = JSON.parse(readReference(odd)) as OddPoint[];
  const weak = new Set(
    vectors.filter(({ flags }) => flags?.includes('low_order_A')).map(({ key }) => key),
  );
  expect(weak.size).toBe(14);
  for (const key of weak) {
    const publicKey = Buffer.from(key, 'hex');
    const { name, id } = await keyNamed('key', { type: 4, publicKey });
    const typed = Buffer.concat([Buffer.of(4), publicKey]).toString('base64');
    expect(await parseVerifierKey(`${name}+${id}+${typed}`)).toBeUndefined();
  }
});
