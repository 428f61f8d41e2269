import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { problemsOfFee, type FeeTerms } from '../../src/agreements/index.ts';
import { allProblemsOf, readSchema } from '../../src/platform/schemas.ts';

const section =
  /\n## Fee terms\n([\s\S]*?)\n## /.exec(readFileSync('README.md', 'utf8'))?.[1] ?? '';

test('the example of fee terms in the README works when pasted', () => {
  const [, example = ''] = /```json\n([\s\S]*?)```/.exec(section) ?? [];
  const fee = JSON.parse(example) as FeeTerms;
  const terms = {
    ...{ direction: 'payable', classes: ['financial'], purposes: ['fees'], services: 'all' },
    ...{ timeZone: 'UTC', termsClauses: {}, fee },
  };
  expect(allProblemsOf('partners/agreement-terms', terms)).toEqual([]);
  expect(problemsOfFee(fee, 'all')).toEqual([]);
});

test('the README’s table of fee terms names every term that there is, and no other', () => {
  const rows = section.split('\n').filter((line) => line.startsWith('| `'));
  const named = rows.flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`(\w+)`/g)]);
  const schema = readSchema('partners/agreement-terms') as {
    properties: { fee: { properties: object } };
  };
  const terms = Object.keys(schema.properties.fee.properties);
  expect(named.map(([, name]) => name).sort()).toEqual(terms.sort());
});
