import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { leafHash } from '../../src/transparency/index.ts';
import { appendDisclosure, listDisclosures, readDisclosure } from '../../src/disclosures/index.ts';
import { logKeys, proveDisclosure, readCheckpoint } from '../../src/publication/index.ts';
import { openNote, parseVerifierKey, proofText } from '../../src/transparency/index.ts';
import { verifyProof } from '../../src/verification/index.ts';
import { openHouse, type House } from '../support/house.ts';
import { verifiesInclusion } from '../support/verify-inclusion.ts';
import { givenDisclosure, givenLog } from '../disclosures/given.ts';

let house: House;
let recipientId: string;
const size = 600;
const body = Buffer.from('{"data":[],"next":null}');
const ids: string[] = [];
let key = '';
beforeAll(async () => {
  house = await openHouse();
  recipientId = await givenLog(house.tools);
  const pages = Array.from({ length: size }, () => givenDisclosure(recipientId, { body }));
  const all = await Promise.all(pages.map((page) => appendDisclosure(house.tools, page)));
  for (const one of all) if (one.appended) ids.push(one.id);
  key = (await logKeys(house.tools))[0] ?? '';
});
afterAll(async () => {
  await house.close();
});

const proofOf = async (index: number) =>
  (await proveDisclosure(house.tools, { recipientId, id: ids[index] ?? '' })).text;

/** The parts of a proof, read here without the log's own code. */
function partsOf(text: string) {
  const [head = '', note = ''] = text.split(/\n\n([\s\S]*)/);
  const [version, extra = '', index = '', ...path] = head.split('\n');
  const [origin, count, root = ''] = note.split('\n');
  const { entry } = JSON.parse(Buffer.from(extra.slice(6), 'base64').toString()) as {
    entry: string;
  };
  return {
    version,
    origin,
    entry,
    index: Number(index.slice(6)),
    size: Number(count),
    path: path.map((line) => Buffer.from(line, 'base64')),
    root: Buffer.from(root, 'base64'),
  };
}

test('proofs verify with a verifier that shares no code with the log', async () => {
  for (const index of [0, 1, 255, 256, 257, 511, 512, 598, 599]) {
    const { version, entry, ...parts } = partsOf(await proofOf(index));
    expect([version, parts.index, parts.size]).toEqual(['c2sp.org/tlog-proof@v1', index, size]);
    const leaf = leafHash(Buffer.from(entry));
    expect(verifiesInclusion({ ...parts, leaf })).toBe(true);
    expect(verifiesInclusion({ ...parts, leaf: leafHash(Buffer.from(`${entry} `)) })).toBe(false);
  }
});

test('a proof, the body and the key suffice', async () => {
  const proof = await proofOf(300);
  const verdict = await verifyProof({ proof, key, body });
  expect(verdict).toMatchObject({ holds: true, index: 300, size, isBodyProven: true });
  const { entry, salt } = await readDisclosure(house.tools, { recipientId, id: ids[300] ?? '' });
  const { index, path } = partsOf(proof);
  const checkpoint = proof.slice(proof.indexOf('\n\n') + 2);
  const bare = proofText({ index, path, checkpoint });
  expect(await verifyProof({ proof: bare, key })).toMatchObject({ holds: false });
  expect(await verifyProof({ proof: bare, key, entry })).toMatchObject({ isBodyProven: false });
  const opening = { salt: salt ?? '', body };
  expect(await verifyProof({ proof: bare, key, entry, ...opening })).toMatchObject({
    holds: true,
  });
  expect(await verifyProof({ proof: bare, key, entry, body })).toMatchObject({ holds: false });
});

test('another body, key, entry or salt is refused', async () => {
  const proof = await proofOf(7);
  const other = await readDisclosure(house.tools, { recipientId, id: ids[8] ?? '' });
  const wrong = [
    { body: Buffer.from('{"data":[1],"next":null}') },
    { key: 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW' },
    { key: 'no key' },
    { entry: other.entry },
    { body, salt: other.salt ?? '' },
    { proof: '' },
    { proof: proof.replace('index 7', 'index 8') },
    { proof: proof.replace('index 7', 'index 07') },
    { proof: proof.replace('\n600\n', '\n601\n') },
  ];
  for (const change of wrong) {
    expect(await verifyProof({ proof, key, ...change })).toMatchObject({ holds: false });
  }
});

test('no proof with any one character changed proves this entry', async () => {
  const proof = await proofOf(123);
  const { entry } = await readDisclosure(house.tools, { recipientId, id: ids[123] ?? '' });
  const start = proof.indexOf('\nindex');
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: start, max: proof.length - 1 }),
      fc.string({ maxLength: 1 }),
      async (at, by) => {
        fc.pre(proof[at] !== by);
        const changed = proof.slice(0, at) + by + proof.slice(at + 1);
        return !(await verifyProof({ proof: changed, key, entry })).holds;
      },
    ),
    { numRuns: 500 },
  );
});

test('a checkpoint names its log, its size and its root, and is signed', async () => {
  const keys = [parseVerifierKey(key)].filter((key) => key !== undefined);
  const note = openNote(await readCheckpoint(house.tools, recipientId), keys);
  expect(note).toMatchObject({ opened: true, verified: 1 });
  const [origin, count, root] = note.opened ? note.text.split('\n') : [];
  expect(origin).toMatch(/^127\.0\.0\.1:8080\/log\/[A-Za-z0-9_-]{22}$/);
  expect(count).toBe('600');
  expect(root).toBe(partsOf(await proofOf(0)).root.toString('base64'));
});

test('a recipient lists its own disclosures page by page, the newest last', async () => {
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await listDisclosures(house.tools, { recipientId, limit: 250, cursor });
    seen.push(...page.disclosures.map(({ id }) => id));
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  expect(seen).toEqual(ids);
});

test('what is another recipient’s is not there, and answers as what does not exist', async () => {
  const stranger = await givenLog(house.tools);
  const refusals = [];
  for (const id of [ids[0] ?? '', 'dis_AAAAAAAAAAAAAAAAAAAAAA', 'dis_x', '']) {
    for (const act of [readDisclosure, proveDisclosure]) {
      refusals.push(await act(house.tools, { recipientId: stranger, id }).catch(String));
    }
    const listed = listDisclosures(house.tools, { recipientId: stranger, limit: 1, cursor: id });
    await expect(listed).rejects.toMatchObject({ kind: { code: 'param-invalid' } });
  }
  expect(new Set(refusals).size).toBe(1);
});
