import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { patternProblem } from '../../src/platform/patterns.ts';
import { cpuMsOf } from '../support/cpu-time.ts';

const repeats = fc.constantFrom('', '', '?', '*', '+', '{2}', '{1,3}', '{2,}');
const patterns = fc.letrec<{ part: string; atom: string }>((tie) => ({
  atom: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom('a', 'b', '[ab]', '[^b]', '.', '\\w', '-'),
    tie('part').map((part) => `(${part})`),
    fc.tuple(tie('part'), tie('part')).map(([one, other]) => `(?:${one}|${other})`),
  ),
  part: fc
    .array(
      fc.tuple(tie('atom'), repeats).map(([atom, times]) => atom + times),
      {
        minLength: 1,
        maxLength: 3,
      },
    )
    .map((parts) => parts.join('')),
})).part;

test('whatever pattern is taken, the worst text costs next to nothing', () => {
  let taken = 0;
  fc.assert(
    fc.property(patterns, (part) => {
      const pattern = `^${part}$`;
      if (patternProblem(pattern) !== undefined) return;
      taken += 1;
      const matcher = new RegExp(pattern, 'u');
      const spent = cpuMsOf(() => {
        for (const text of ['a', 'ab', '-', 'a-']) matcher.test(`${text.repeat(5000)}!`);
      });
      expect([pattern, spent < 1000]).toEqual([pattern, true]);
    }),
    { numRuns: 3000 },
  );
  expect(taken).toBeGreaterThan(300);
});

test.each([
  '^[0-9]{4}$',
  '^[A-Z]{3}$',
  '^-?[0-9]{1,15}(\\.[0-9]{1,9})?$',
  '^(?:open|shipped|returned)?$',
  '^[a-z]+(-[a-z]{3})?$',
  '^\\w+@\\w+\\.$',
  '^[^,\\]]*,.$',
  '^$',
])('%s is taken', (pattern) => {
  expect(patternProblem(pattern)).toBeUndefined();
});

test.each([
  ['a loop in a loop', '^(a+)+$'],
  ['alternatives that overlap, repeated', '^(a|a)*$'],
  ['alternatives, repeated', '^(a|b)+$'],
  ['a loop over what may be absent', '^(a?){30}$'],
  ['a loop in a loop, though it would be harmless', '^([a-z]+-)*$'],
  ['counts that multiply', '^(([0-9]{900}){900})$'],
  ['neighbours that overlap', '^a*a*b$'],
  ['neighbours that overlap where the middle is absent', '^a+b?a+$'],
  ['a dot that takes the comma too', '^.*,.*$'],
  ['alternatives that begin alike', '^(ab|ac)$'],
  ['a back reference', '^(a)\\1$'],
  ['a named group', '^(?<name>a)$'],
  ['look-ahead', '^(?=a)a$'],
  ['look-behind', '^(?<!b)a$'],
  ['lazy repetition', '^a*?b$'],
  ['a word boundary', '^\\ba$'],
  ['a Unicode property', '^\\p{L}$'],
  ['a count beyond 1,000', '^a{1,5000}$'],
  ['no anchors', 'a'],
  ['alternatives outside a group', '^a|b$'],
  ['an anchor in the middle', '^a$b$'],
  ['not a pattern', '^[a$'],
  ['a pattern without end', `^${'a?'.repeat(300)}$`],
])('a pattern is refused (%#): %s', (reason, pattern) => {
  expect(reason).not.toBe('');
  expect(patternProblem(pattern)).toEqual(expect.any(String));
});
