import {
  copyFileSync,
  cpSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { buildCopy } from '../support/build.ts';
import { endChildren, startNode } from '../support/child.ts';

let tree: string;
const edited: string[] = [];
const parts = ['src', 'migrations', 'schemas', 'tests', 'package.json'];

beforeAll(() => {
  tree = realpathSync(mkdtempSync(join(tmpdir(), 'sluice-coverage-')));
  for (const part of parts) cpSync(part, join(tree, part), { recursive: true });
  buildCopy(tree, [], () => undefined);
  symlinkSync(realpathSync('node_modules'), join(tree, 'node_modules'));
});
afterEach(() => {
  for (const file of edited.splice(0)) copyFileSync(file, join(tree, file));
});
afterAll(() => {
  endChildren();
  rmSync(tree, { recursive: true, force: true });
});

async function coverage(...words: string[]) {
  const child = startNode([join(tree, 'dist', 'main.js'), 'policy', 'coverage', ...words]);
  return { code: await child.ended(), text: child.text() };
}

function edit(file: string, from: string, to: string): void {
  const text = readFileSync(join(tree, file), 'utf8');
  edited.push(file);
  if (!text.includes(from)) throw new Error(`${file} does not hold ${from}`);
  writeFileSync(join(tree, file), text.replaceAll(from, to));
}

test('it ends with 0 where every promise is kept or listed as open, and tells each', async () => {
  const { code, text } = await coverage();
  expect(code).toBe(0);
  expect(text).toMatch(/^P14 {2}KEPT {2}No business data for referral partners$/m);
  expect(text).toMatch(/^ {2}control +Refused in views/m);
  expect(text).toMatch(/^33 promises: \d+ kept, \d+ open, 0 gaps\.$/m);
  const { text: json } = await coverage('--json');
  const all = JSON.parse(json) as { promise: string; standing: string; tests: unknown[] }[];
  expect(all).toHaveLength(33);
  expect(all.find(({ promise }) => promise === 'P14')).toMatchObject({
    standing: 'kept',
    rules: expect.arrayContaining(['/denials/business is "P14"']) as unknown,
    tests: expect.arrayContaining([
      expect.objectContaining({ file: 'tests/views/view-rules.test.ts' }),
    ]) as unknown,
  });
});

test('it ends with 1 when the one test of a promise is removed', async () => {
  edit('tests/catalogue/catalogue.test.ts', 'promise P05: every', 'every');
  const { code, text } = await coverage('--gaps');
  expect({ code, text }).toEqual({ code: 1, text: expect.stringMatching(/no test proves it/) });
  expect(text.match(/^P\d\d/gm)).toEqual(['P05']);
});

test('it ends with 1 when one of several tests of a promise is removed, and names the file', async () => {
  edit('tests/sharing/second-line.test.ts', 'promise P09: while', 'while');
  const { code, text } = await coverage('--gaps');
  expect(code).toBe(1);
  expect(text).toContain('tests/sharing/second-line.test.ts proves it');
  expect(text.match(/^P\d\d/gm)).toEqual(['P09']);
});

test('it ends with 1 when the rule of a promise is removed from the policy', async () => {
  edit('schemas/policy/2026-1.json', '"business": "P14",', '');
  const { code, text } = await coverage('--gaps');
  expect(code).toBe(1);
  expect(text).toContain('the policy lost a rule: /denials/business is "P14"');
});

test('it ends with 1 when a constraint that keeps a promise is removed', async () => {
  edit('migrations/0007-joint.sql', "check (kind <> 'referral' or business is null)", '');
  const { code, text } = await coverage('--gaps');
  expect(code).toBe(1);
  expect(text).toContain('migrations/0007-joint.sql lost: constraint no_business_for_referral');
});

test('it ends with 1 when a promise is listed as open that is kept', async () => {
  edit('schemas/promises/open.json', '"P02":', '"P14": "Not yet.",\n  "P02":');
  const { code, text } = await coverage('--gaps');
  expect(code).toBe(1);
  expect(text).toContain('take it off the list');
});

test('an installation without tests cannot tell: it says so and ends with 1', async () => {
  renameSync(join(tree, 'tests'), join(tree, 'elsewhere'));
  const { code, text } = await coverage();
  renameSync(join(tree, 'elsewhere'), join(tree, 'tests'));
  expect({ code, text }).toEqual({ code: 1, text: expect.stringContaining('tests/ is not here') });
});
