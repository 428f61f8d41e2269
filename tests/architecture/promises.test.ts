import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

/** The promises that are kept by now; the others are printed as gaps. */
const kept = [
  ...['P01', 'P03', 'P05', 'P06', 'P07', 'P08', 'P09', 'P10', 'P11'],
  ...['P14', 'P15', 'P19', 'P30', 'P32'],
];

interface Source {
  readonly file: string;
  readonly text: string;
}

function sourcesOf(folder: string, ending: string, but: string): Source[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(ending) && !file.startsWith(but))
    .sort()
    .map((file) => ({ file: `${folder}/${file}`, text: readFileSync(join(folder, file), 'utf8') }));
}

const policies = sourcesOf('schemas/policy', '.json', '-');
const promises = [
  ...new Set(
    policies.flatMap(({ text }) =>
      [...text.matchAll(/"id": "(P\d\d)"/g)].map(([, id]) => String(id)),
    ),
  ),
].sort();
const enforcement = [
  ...sourcesOf('src', '.ts', '-'),
  ...sourcesOf('schemas', '.json', 'policy'),
  ...sourcesOf('migrations', '.sql', '-'),
];
const proofs = sourcesOf('tests', '.test.ts', 'architecture');

const naming = (sources: readonly Source[], words: string) =>
  sources.filter(({ text }) => new RegExp(`\\b${words}`).test(text)).map(({ file }) => file);
const codeOf = (promise: string) => naming(enforcement, `${promise}\\b`);
const testsOf = (promise: string) => naming(proofs, `promise ${promise}:`);

test('the policy numbers its promises P01 to P33', () => {
  expect(promises).toEqual(
    Array.from({ length: 33 }, (_, index) => `P${String(index + 1).padStart(2, '0')}`),
  );
});

test.each(kept)('%s is enforced by code that names it, and proven by a test', (promise) => {
  expect({ promise, code: codeOf(promise), tests: testsOf(promise) }).toEqual({
    promise,
    code: expect.arrayContaining([expect.any(String)]),
    tests: expect.arrayContaining([expect.any(String)]),
  });
});

test('a promise that has a test is named by the code, and no test names a promise that is not', () => {
  const tested = proofs.flatMap(({ text }) =>
    [...text.matchAll(/\bpromise (P\d+):/g)].map(([, id]) => String(id)),
  );
  expect(
    tested.filter((promise) => !promises.includes(promise) || codeOf(promise).length === 0),
  ).toEqual([]);
});

test('prints the promises that no test proves yet', () => {
  const gaps = promises.filter((promise) => testsOf(promise).length === 0);
  process.stdout.write(`Promises without a test yet: ${gaps.join(', ') || 'none'}\n`);
  expect(gaps.filter((promise) => kept.includes(promise))).toEqual([]);
});
