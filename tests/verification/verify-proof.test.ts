import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { verifyProof, type Subject } from '../../src/verification/index.ts';
import { noteSigner } from '../../src/transparency/index.ts';
import {
  givenPolicy,
  givenProofFile,
  givenWitness,
  headKey,
  headOrigin,
  host,
  hostKey,
  sha256,
} from './given.ts';

const witnesses = ['w1.example', 'w2.example', 'w3.example'].map(givenWitness);
const [first] = witnesses;
const group = `group all-of-them 2 w1.example w2.example w3.example`;
const policy = givenPolicy(witnesses, group, 'quorum all-of-them');
const because = (text: string) => ({ holds: false, because: expect.stringContaining(text) });

test('a whole proof file holds under the host’s key, the head log’s key and a policy', async () => {
  const { file: proof, facts, body } = givenProofFile({ witnesses: witnesses.slice(0, 2) });
  for (const key of [hostKey, headKey]) {
    expect(await verifyProof({ proof, key })).toEqual({
      ...facts,
      isBodyProven: false,
      isSubjectProven: false,
      witnesses: [],
      quorum: null,
    });
  }
  expect(await verifyProof({ proof: Buffer.from(proof), policy, body })).toEqual({
    ...facts,
    isBodyProven: true,
    isSubjectProven: false,
    witnesses: [
      { name: 'w1.example', at: '2023-11-14T22:13:20Z' },
      { name: 'w2.example', at: '2023-11-14T22:13:20Z' },
    ],
    quorum: 'all-of-them',
  });
});

test('before the next beat the first part holds by a key, and not by a policy', async () => {
  const { first: proof, facts } = givenProofFile();
  for (const key of [hostKey, headKey]) {
    expect(await verifyProof({ proof, key })).toMatchObject({ ...facts, head: null });
  }
  expect(await verifyProof({ proof, policy: givenPolicy([], 'quorum none') })).toMatchObject(
    because('the head log does not hold it yet'),
  );
});

test('a policy asks for its quorum, and believes only its own witnesses', async () => {
  const { file: one } = givenProofFile({ witnesses: witnesses.slice(0, 1) });
  expect(await verifyProof({ proof: one, policy })).toMatchObject(because('quorum "all-of-them"'));
  const { file: others } = givenProofFile({
    witnesses: ['w1.example', 'w2.example'].map(givenWitness),
  });
  expect(await verifyProof({ proof: others, policy })).toMatchObject(because('is not met'));
  const { file: none } = givenProofFile();
  expect(await verifyProof({ proof: none, policy: givenPolicy([], 'quorum none') })).toMatchObject({
    holds: true,
    witnesses: [],
    quorum: 'none',
  });
});

test('after a new epoch the head log has another name, which a policy must know', async () => {
  const { file: proof, facts } = givenProofFile({ headOrigin: `${headOrigin}-2` });
  expect(await verifyProof({ proof, key: hostKey })).toMatchObject(facts);
  expect(await verifyProof({ proof, key: headKey })).toMatchObject(because('another log'));
  const old = givenPolicy([], 'quorum none');
  expect(await verifyProof({ proof, policy: old })).toMatchObject(because('no log of the policy'));
  for (const name of ['head-1', 'head-02', 'head-', 'header', 'other']) {
    const { file } = givenProofFile({ headOrigin: `${host}/log/${name}` });
    expect(await verifyProof({ proof: file, key: hostKey })).toMatchObject(because('another log'));
  }
});

test('parts that do not belong together are refused', async () => {
  const { file, first: other } = givenProofFile();
  const { first: own } = givenProofFile({ logId: 'another' });
  const { file: untrue } = givenProofFile({ headRoot: randomBytes(32) });
  const { file: noBeat } = givenProofFile({ beatEntry: { event: 'epoch' } });
  const { file: noRoot } = givenProofFile({ beatEntry: { root: 'AAAA' } });
  const { file: headAsLog } = givenProofFile({ logId: 'head' });
  const wrong = [
    [file.replace(/^[^]*?\n\n[^]*?\n\n/, `${own.slice(0, -1)}\n\n`), 'could be any'],
    [untrue, 'holds another checkpoint'],
    [noBeat, 'is not a beat'],
    [noRoot, 'is not a beat'],
    [headAsLog, 'another log'],
    [`${other}\n`, ''],
    [`${file}\n`, ''],
    [file.replace('sluice/head-place@v1', 'sluice/head-place@v2'), ''],
  ] as const;
  for (const [proof, why] of wrong) {
    const verdict = await verifyProof({ proof, key: hostKey });
    expect(verdict).toMatchObject({ holds: false });
    if (why !== 'could be any') expect(verdict).toMatchObject(because(why));
  }
});

test('keys and policies that are wrong are told as such', async () => {
  const { file: proof } = givenProofFile();
  const stranger = noteSigner('other.example', randomBytes(32)).verifierKey;
  const twin = noteSigner(host, randomBytes(32)).verifierKey;
  const wrong = [
    [{}, 'the verifier key is not'],
    [{ key: 'no key' }, 'the verifier key is not'],
    [{ key: first?.key }, 'the verifier key is not'],
    [{ key: hostKey, policy }, 'a key and a policy are given'],
    [{ key: stranger }, 'the key is of another log'],
    [{ key: twin }, 'no known key signed it'],
    [{ policy: 'log x\n' }, 'line 1 of the policy is wrong: its key'],
    [{ policy: `log ${hostKey}\nquorum none\n` }, 'no log of the policy'],
    [{ policy: 'quorum none\n' }, 'no log of the policy'],
  ] as const;
  for (const [given, why] of wrong) {
    expect(await verifyProof({ proof, ...given })).toMatchObject(because(why));
  }
});

test('entry and salt may be given where the proof does not hold them', async () => {
  const { file, entry, salt, body } = givenProofFile();
  const bare = file.replace(/\nextra [^\n]+/, '');
  const given = { proof: bare, key: hostKey };
  expect(await verifyProof(given)).toMatchObject(because('there is no entry'));
  expect(await verifyProof({ ...given, entry })).toMatchObject({ holds: true });
  expect(await verifyProof({ ...given, entry, salt, body })).toMatchObject({ isBodyProven: true });
  expect(await verifyProof({ ...given, entry, body })).toMatchObject(because('the body is not'));
  expect(await verifyProof({ ...given, entry: `${entry} ` })).toMatchObject(because('not in the'));
  const empty = Buffer.of();
  expect(await verifyProof({ ...given, entry, salt, body: empty })).toMatchObject({ holds: false });
});

test('an entry that can be read in two ways proves nothing', async () => {
  const { entry } = givenProofFile();
  const texts = [
    entry.replace('{', '{ '),
    entry.replace('{', '{"v":1,'),
    '[]',
    'null',
    '{"a":1.0}',
  ];
  for (const text of texts) {
    const { file: proof } = givenProofFile({ text });
    expect(await verifyProof({ proof, key: hostKey })).toMatchObject(because('canonical JSON'));
  }
  for (const text of ['{"a":[1,{"b":null}],"é":"\\n"}', '{}']) {
    const { file: proof } = givenProofFile({ text });
    expect(await verifyProof({ proof, key: hostKey })).toMatchObject({ holds: true, entry: text });
  }
  // As bytes, half a character is hashed like the character that stands for what is none.
  const { file: proof } = givenProofFile({ text: '{"a":"\ud800"}' });
  expect(await verifyProof({ proof, key: hostKey })).toMatchObject({ holds: false });
});

/** A disclosure of these records, and what opens the one at `position`. */
function givenSubjects(records: readonly Uint8Array[], position: number) {
  const subjects = records.map((record, i) => {
    const salt = randomBytes(16);
    const pairwiseId = `cus_${String(i)}`;
    return { record, salt, pairwiseId, leaf: sha256(Buffer.of(0), salt, pairwiseId, '\0', record) };
  });
  const leafHashes = subjects.map(({ leaf }) => leaf);
  const digest = sha256(Buffer.of(2), ...leafHashes).toString('base64url');
  const { record = Buffer.of(), salt = Buffer.of(), pairwiseId = '' } = subjects[position] ?? {};
  const subject: Subject = { record, salt, pairwiseId, position, leafHashes };
  return { subject, entry: { subjects: { digest, size: records.length } } };
}

test('one customer proves its record without the others', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ maxLength: 40 }), { minLength: 1, maxLength: 6 }),
      fc.nat(),
      async (records, at) => {
        const position = at % records.length;
        const { subject, entry } = givenSubjects(records, position);
        const { file: proof } = givenProofFile({ entry });
        const given = { proof, key: hostKey };
        expect(await verifyProof({ ...given, subject })).toMatchObject({ isSubjectProven: true });
        const { pairwiseId, record, salt, leafHashes } = subject;
        const changes: Partial<Subject>[] = [
          { pairwiseId: `${pairwiseId}x` },
          { pairwiseId: `${pairwiseId}\0`, record },
          { record: Buffer.concat([record, Buffer.of(0)]) },
          { salt: randomBytes(16) },
          { salt: salt.subarray(1) },
          { position: position + 1 },
          { position: -1 },
          { position: 0.5 },
          { leafHashes: [...leafHashes, randomBytes(32)] },
          { leafHashes: leafHashes.slice(1) },
          { leafHashes: [Buffer.concat(leafHashes)] },
        ];
        for (const change of changes) {
          if (change.leafHashes && leafHashes.length === 1 && change.leafHashes.length === 1)
            continue;
          const other = { ...given, subject: { ...subject, ...change } };
          expect(await verifyProof(other)).toMatchObject({ holds: false });
        }
      },
    ),
    { numRuns: 15 },
  );
});

test('no flipped byte makes a proof file say anything else', async () => {
  const { file, body } = givenProofFile({ witnesses });
  const bytes = Buffer.from(file);
  const trusts = [{ key: hostKey }, { policy }] as const;
  const wholes = await Promise.all(
    trusts.map((trust) => verifyProof({ proof: file, body, ...trust })),
  );
  const flip = fc.record({
    at: fc.nat({ max: bytes.length - 1 }),
    by: fc.integer({ min: 1, max: 255 }),
    which: fc.constantFrom(0, 1),
  });
  await fc.assert(
    fc.asyncProperty(flip, async ({ at, by, which }) => {
      const flipped = Buffer.from(bytes);
      flipped[at] = (flipped[at] ?? 0) ^ by;
      const verdict = await verifyProof({ proof: flipped, body, ...trusts[which] });
      if (!verdict.holds) return;
      const whole = wholes[which];
      if (!whole?.holds) throw new Error('the whole file holds');
      // A cosignature under another name is nobody's: it counts less, never otherwise.
      expect({ ...verdict, witnesses: whole.witnesses }).toEqual(whole);
      expect(whole.witnesses).toEqual(expect.arrayContaining([...verdict.witnesses]));
    }),
    { numRuns: 1_500 },
  );
});

test('no text at all makes the verifier throw', async () => {
  const { file } = givenProofFile();
  const lines = file.split('\n');
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(fc.constantFrom(...lines), fc.string()), { maxLength: 80 }),
      async (some) => {
        await verifyProof({ proof: some.join('\n'), key: hostKey });
        await verifyProof({ proof: file, policy: some.join('\n') });
      },
    ),
    { numRuns: 300 },
  );
});
