import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';

/** The gateway trusts its own schemas at start (platform/own-schemas); here each is asked. */

const folder = join(import.meta.dirname, '..', '..', 'schemas');
const documents = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.json'))
  .map((file) => [file, JSON.parse(readFileSync(join(folder, file), 'utf8')) as object] as const)
  .filter(([, document]) => '$schema' in document);
const ajv = new Ajv2020();

test('there are schemas to ask', () => {
  expect(documents.length).toBeGreaterThan(60);
});

test.each(documents)('%s is valid JSON Schema 2020-12', (_file, document) => {
  expect([ajv.validateSchema(document), ajv.errorsText()]).toEqual([true, 'No errors']);
});

test('what is no schema is noticed', () => {
  const [, document] = documents[0] ?? ['', {}];
  expect(ajv.validateSchema({ ...document, required: 'name' })).toBe(false);
});
