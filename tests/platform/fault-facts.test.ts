import { expect, test } from '@jest/globals';
import { faultFacts } from '../../src/platform/fault-facts.ts';

const value = 'person@customers.example';
const databaseError = () =>
  Object.assign(new Error(`invalid input syntax for type bigint: "${value}"\n    and "${value}"`), {
    name: 'error',
    code: '22P02',
    detail: value,
  });
const parserError = () => {
  try {
    JSON.parse(value);
  } catch (error) {
    return error as Error;
  }
  throw new Error('It is JSON.');
};

test.each([
  ['a database error', databaseError],
  ['a parser’s error', parserError],
  ['an error that one of them caused', () => new Error('It broke.', { cause: databaseError() })],
])('the log keeps where %s was thrown, and nothing that it quotes', (_what, make) => {
  const text = JSON.stringify(faultFacts(make()));
  expect(text).not.toContain('person');
  expect(text).toContain('fault-facts.test.ts');
});

test('our own words stay', () => {
  expect(faultFacts(new Error('A line was held back.'))).toMatchObject({
    fault: 'Error',
    stack: expect.stringContaining('A line was held back.'),
  });
  expect(faultFacts('text')).toEqual({ fault: 'string' });
});
