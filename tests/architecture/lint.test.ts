import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, jest, test } from '@jest/globals';
import { ESLint } from 'eslint';

// The first look builds the types of the whole project.
jest.setTimeout(60_000);

const eslint = new ESLint({ overrideConfigFile: 'tests/architecture/eslint.config.js' });
const inSrc = 'src/fees/line-rules.ts';
const inTests = 'tests/fees/fee-rules.test.ts';

async function brokenBy(text: string, filePath: string): Promise<(string | null)[]> {
  const [report] = await eslint.lintText(text, { filePath });
  return report?.messages.map((message) => message.ruleId) ?? [];
}

/** In two parts, so that this file does not hold the word. */
const later = ['TO', 'DO'].join('');
const syntax = 'no-restricted-syntax';
const property = 'no-restricted-properties';
const transaction = `import { inTransaction } from '../platform/database.ts';\n`;

const plants: readonly (readonly [what: string, text: string, rule: string, file?: string])[] = [
  ['the environment', `export const home = process.env['HOME'];`, property],
  [
    'a global of Node in the verifier',
    `export const one = Buffer.of(1);`,
    'no-restricted-globals',
    'src/notes/key-rules.ts',
  ],
  ['the time', `export const now = new Date();`, syntax],
  ['the time as a number', `export const now = Date.now();`, property],
  ['chance', `export const chance = Math.random();`, property],
  ['chance of the web', `export const chance = crypto.randomUUID();`, property],
  [
    'chance from node:crypto',
    `import { randomBytes } from 'node:crypto';\nexport const chance = randomBytes(1);`,
    'no-restricted-imports',
  ],
  ['the console', `console.log('paid');`, 'no-console'],
  ['standard output', `process.stdout.write('paid');`, property],
  ['a default export', `export default 1;`, syntax],
  ['a door without names', `export * from './fee-rules.ts';`, syntax],
  ['an enum', `export enum Rate { Low }`, syntax],
  ['a class', `export class Fee { readonly amount = 1n; }`, syntax],
  ['a loose comparison', `export const same = (a: string, b: string) => a == b;`, 'eqeqeq'],
  [
    'a changed parameter',
    `export function next(n: bigint): bigint { n += 1n; return n; }`,
    'no-param-reassign',
  ],
  [
    'an else after a return',
    `export function sign(n: bigint): string { if (n < 0n) { return '-'; } else { return '+'; } }`,
    'no-else-return',
  ],
  ['a promise to do it later', `// ${later}: round\nexport const one = 1n;`, 'no-warning-comments'],
  ['any', `export const one: any = 1n;`, '@typescript-eslint/no-explicit-any'],
  [
    'a promise nobody waits for',
    `export function pay(): void { Promise.resolve(1); }`,
    '@typescript-eslint/no-floating-promises',
  ],
  [
    'a switch that forgets a case',
    `export function sign(k: 'a' | 'b'): void { switch (k) { case 'a': return; } }`,
    '@typescript-eslint/switch-exhaustiveness-check',
  ],
  [
    'a type imported as a value',
    `import { Rounding } from '../platform/rounding.ts';\nexport type R = Rounding;`,
    '@typescript-eslint/consistent-type-imports',
  ],
  [
    'the database inside a transaction',
    `${transaction}export const pay = (tools: any) => inTransaction(tools.db, async () => { await tools.db('fees'); });`,
    syntax,
  ],
  [
    'the reader inside a transaction',
    `${transaction}export const pay = (tools: any) => inTransaction(tools.db, async () => { await tools.reader.read(); });`,
    syntax,
  ],
  [
    'a transaction inside a transaction',
    `${transaction}export const pay = (other: any) => inTransaction(other, () => inTransaction(other, () => other));`,
    syntax,
  ],
  ['a mock', `import { jest } from '@jest/globals';\njest.mock('pg');`, property, inTests],
];

test.each(plants)('the lint refuses %s', async (_what, text, rule, file = inSrc) => {
  expect(await brokenBy(`${text}\n`, file)).toContain(rule);
});

test('the lint accepts an error class, and a transaction that keeps to its tx', async () => {
  const text =
    `${transaction}export class Late extends Error {}\n` +
    `export const pay = (tools: any) => inTransaction(tools.db, (tx) => tx('fees'));\n`;
  const broken = await brokenBy(text, inSrc);
  expect(broken).not.toContain(syntax);
});

test('a rule is disabled only with its reason on the same line', () => {
  const unreasoned = readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) =>
      readFileSync(join('src', file), 'utf8')
        .split('\n')
        .flatMap((line, index) =>
          line.includes('eslint-disable') && !/eslint-disable\S* .*\S -- \S{3}/.test(line)
            ? [`src/${file}:${index + 1}`]
            : [],
        ),
    );
  expect(unreasoned).toEqual([]);
});
