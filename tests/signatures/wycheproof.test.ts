import { expect } from '@jest/globals';
import { compactVerify, importJWK } from 'jose';
import { partsOf } from '../../src/platform/strict-jws.ts';
import { isSignedBy } from '../../src/signatures/assertion-rules.ts';
import { readKeySet } from '../../src/signatures/key-rules.ts';
import { readReference, referenceTest } from '../support/reference.ts';

const vectors = 'vectors/wycheproof/testvectors_v1/json_web_signature_test.json';

interface Group {
  readonly comment: string;
  readonly public?: Jwk;
  readonly private?: Jwk;
  readonly tests: readonly Case[];
}
interface Jwk {
  readonly kty: string;
  readonly alg?: string;
  readonly [member: string]: unknown;
}
interface Case {
  readonly tcId: number;
  readonly comment: string;
  /** In JSON serialization: an object. */
  readonly jws: unknown;
  readonly result: 'valid' | 'invalid';
}

const groups = () =>
  (JSON.parse(readReference(vectors)) as { testGroups: readonly Group[] }).testGroups;

/** Whether it is taken as an assertion's signature is: key, form and signature, whatever is signed. */
async function isTaken(key: Jwk, jws: Case['jws']): Promise<boolean> {
  const read = readKeySet(JSON.stringify({ keys: [key] }));
  const [own] = 'keys' in read ? read.keys : [];
  return own !== undefined && Boolean(partsOf(textOf(jws))) && isSignedBy(textOf(jws), own);
}

const textOf = (jws: unknown) => (typeof jws === 'string' ? jws : '');

/** What jose alone says under the algorithm that the vectors name for the key. */
async function isTakenByJose(key: Jwk, jws: Case['jws']): Promise<boolean> {
  try {
    await compactVerify(textOf(jws), await importJWK(key, key.alg), { ...(key.alg && { algorithms: [key.alg] }) }); // prettier-ignore
    return true;
  } catch {
    return false;
  }
}

/** Valid by the vectors and no signature here: FAPI 2.0, section 5.4, names the algorithms. */
const otherAlgorithms = ['HS256', 'RS256', 'RS384', 'RS512', 'PS384', 'PS512', 'ES521'];
const refusedElse = new Map([
  [272, 'signs nothing: no claims'],
  [346, 'its header says PS384, the key PS256'],
  [350, 'its header says PS384, the key PS256'],
]);

referenceTest(vectors, 'of 401 signatures of Wycheproof none is wrongly taken', async () => {
  const [wrongly, refused, laxer]: [number[], number[], number[]] = [[], [], []];
  const all = groups().flatMap(({ tests }) => tests);
  const valid = new Set(all.filter((one) => one.result === 'valid').map(({ jws }) => jws));
  let [seen, taken] = [0, 0];
  for (const { public: shown, private: whole, tests } of groups()) {
    const key = shown ?? whole;
    if (!key) throw new Error('A group without a key.');
    for (const { tcId, jws, result } of tests) {
      seen += 1;
      const isValid = result === 'valid';
      const is = await isTaken(key, jws);
      if (is && !isValid) wrongly.push(tcId);
      if (is && isValid) taken += 1;
      if (!is && isValid && !otherAlgorithms.includes(key.alg ?? '')) refused.push(tcId);
      if (isValid || !(await isTakenByJose(key, jws))) continue;
      laxer.push(tcId);
      // What jose alone takes stops at the gate, whatever key it was signed with; two of the six are,
      // letter by letter, what another case calls valid.
      const isAlsoValid = valid.has(jws);
      expect([tcId, isAlsoValid || !partsOf(textOf(jws))]).toEqual([tcId, true]);
    }
  }
  expect(seen).toBe(401);
  expect(wrongly).toEqual([]);
  expect(taken).toBe(7);
  expect(refused).toEqual([...refusedElse.keys()]);
  expect(laxer).toEqual([360, 365, 367, 368, 370, 375]);
});
