import { expect, test } from '@jest/globals';
import {
  judgeCoverage,
  readCoverage,
  type CoverageSources,
  type PromiseCoverage,
} from '../../src/coverage/index.ts';

const real = readCoverage();
const kept = judgeCoverage(real).filter(({ standing }) => standing === 'kept');

const find = (judged: readonly PromiseCoverage[], promise: string) =>
  judged.find((one) => one.promise === promise);
const judge = (promise: string, changed: Partial<CoverageSources>) =>
  find(judgeCoverage({ ...real, ...changed }), promise);

/** The sources with one text put in place of another, wherever it stands. */
function replaced(from: string, to: string, file?: string): CoverageSources['code'] {
  return real.code.map((source) =>
    file === undefined || source.file === file
      ? { ...source, text: source.text.replaceAll(from, to) }
      : source,
  );
}

/** @ stands for the word, or else the tests in this file's texts would count as its own. */
function testsSaying(text: string): CoverageSources['tests'] {
  return [{ file: 'tests/one.test.ts', text: text.replaceAll('@', 'promise') }];
}

/** A policy of one promise with all that keeps it; a test changes what it is about. */
function givenSources(changed: Partial<CoverageSources> = {}): CoverageSources {
  return {
    policies: [
      {
        promises: [{ id: 'P01', title: 'The first', text: 'It is kept.' }],
        allows: [{ purpose: 'fees', kinds: ['referral'], classes: ['billing'] }],
        conditions: [],
        grounds: { referral: ['P01'], integration: [] },
        denials: {},
      },
    ],
    controls: {
      P01: {
        control: 'It is looked after.',
        rules: [{ at: '/grounds/referral', has: 'P01' }],
        code: [{ file: 'src/one.ts', has: 'export function look' }],
      },
    },
    open: {},
    proofs: { P01: { 'tests/one.test.ts': 1 } },
    code: [{ file: 'src/one.ts', text: '/** Keeps P01. */\nexport function look() {}\n' }],
    tests: testsSaying("test('@ P01: it is kept', () => {});"),
    ...changed,
  };
}

const stands = (changed: Partial<CoverageSources>) => {
  const { standing, missing } = judgeCoverage(givenSources(changed))[0] ?? {};
  return { standing, missing: missing?.join('; ') };
};

test('some promises are kept, and each tells what by', () => {
  expect(kept.length).toBeGreaterThanOrEqual(12);
  for (const { rules, code, named, tests } of kept) {
    expect([rules.length + code.length, named.length, tests.length]).not.toContain(0);
  }
});

test.each(kept.map(({ promise }) => promise))('without its tests %s is a gap', (promise) => {
  const tests = real.tests.map((source) => ({
    ...source,
    text: source.text.replaceAll(promise, 'P00'),
  }));
  expect(judge(promise, { tests })).toMatchObject({
    standing: 'gap',
    missing: ['no test proves it'],
  });
});

test.each(
  kept.flatMap(({ promise }) =>
    (real.controls[promise]?.code ?? []).map((claim) => [promise, claim.file, claim.has] as const),
  ),
)('%s is a gap without what keeps it in %s: %s', (promise, file, has) => {
  const code = replaced(has, '', file);
  expect(judge(promise, { code })).toMatchObject({
    standing: 'gap',
    missing: expect.arrayContaining([`${file} lost: ${has}`]) as unknown,
  });
  const commented = replaced(has, `\n// ${has}\n`, file);
  expect(judge(promise, { code: commented })).toMatchObject({ standing: 'gap' });
});

/** Ways to take rules out of the policy document: each leaves out one thing. */
function withoutOne(document: unknown): unknown[] {
  if (typeof document !== 'object' || document === null) return [];
  if (Array.isArray(document)) {
    const list = document as unknown[];
    return list.flatMap((one, index) => [
      list.toSpliced(index, 1),
      ...withoutOne(one).map((other) => list.with(index, other)),
    ]);
  }
  return Object.entries(document).flatMap(([name, value]) => [
    ...(Array.isArray(value) ? [] : [{ ...document, [name]: undefined }]),
    ...withoutOne(value).map((other) => ({ ...document, [name]: other })),
  ]);
}

test.each(
  kept
    .filter(({ rules }) => rules.length > 0)
    .flatMap(({ promise, rules }) => rules.map((rule) => [promise, rule] as const)),
)('%s is a gap where a version of the policy lost that %s', (promise, rule) => {
  const [policy, ...others] = real.policies as Record<string, unknown>[];
  const parts = ['allows', 'conditions', 'grounds', 'denials'];
  const losses = parts.flatMap((part) =>
    withoutOne(policy?.[part]).map((less) => ({ ...policy, [part]: less })),
  );
  const noticed = losses.filter((less) => {
    const judged = judge(promise, { policies: [less, ...others], code: [], tests: [] });
    return judged?.missing.includes(`the policy lost a rule: ${rule}`);
  });
  expect(noticed.length).toBeGreaterThan(0);
  expect(judge(promise, { policies: [...real.policies, noticed[0]] })?.standing).toBe('gap');
});

test('a class that is allowed to one kind more than promised is a gap', () => {
  const [policy] = real.policies as { allows: { kinds: string[]; classes: string[] }[] }[];
  const allows = policy?.allows.map((rule) => ({ ...rule, kinds: ['referral', 'integration'] }));
  expect(judge('P14', { policies: [{ ...policy, allows }] })).toMatchObject({
    standing: 'gap',
    missing: ['the policy lost a rule: business is allowed to integration alone'],
  });
});

test('each single test of a promise that is gone is missed', () => {
  for (const { promise, tests } of kept) {
    for (const { file, title } of tests) {
      const less = real.tests.map((source) =>
        source.file === file
          ? { ...source, text: source.text.replace(title, title.replace('promise', 'once')) }
          : source,
      );
      expect([promise, title, judge(promise, { tests: less })?.standing]).toEqual([
        promise,
        title,
        'gap',
      ]);
    }
  }
});

test('a test more than is listed is told too, or else its loss would not be', () => {
  const twice = testsSaying("test('@ P01: kept', () => {}); test('@ P01: twice', () => {});");
  expect(stands({ tests: twice })).toEqual({
    standing: 'gap',
    missing: 'tests/one.test.ts proves it 2 times and is listed with 1',
  });
});

test('a promise is kept by control, rule or code, a name and a test, and by no less', () => {
  const { P01 } = givenSources().controls;
  if (!P01) throw new Error('no control');
  expect(stands({})).toEqual({ standing: 'kept', missing: '' });
  expect(stands({ controls: {} }).missing).toBe('no control; no rule and no code that it rests on');
  expect(stands({ controls: { P01: { ...P01, control: '' } } }).missing).toBe('no control');
  expect(stands({ controls: { P01: { ...P01, code: [] } } }).standing).toBe('kept');
  expect(stands({ controls: { P01: { ...P01, rules: [] } } }).standing).toBe('kept');
  expect(stands({ tests: [] }).missing).toBe('no test proves it');
  expect(stands({ code: [{ file: 'src/one.ts', text: 'export function look() {}' }] })).toEqual({
    standing: 'gap',
    missing: 'no code names it',
  });
});

test.each([
  ["test('@ P01: kept', () => {});", true],
  ["test.each([1, 2])('@ P01: %s', () => {});", true],
  ['test(`@ P01: ${name} kept`, () => {});', true],
  ["test('@s P07, P01: kept', () => {});", true],
  ["  test(\n    '@ P01: kept', () => {});", true],
  ["test('@ P011: kept', () => {});", false],
  ["test('P01 is kept', () => {});", false],
  ["test('@ P01 is kept', () => {});", false],
  ["// test('@ P01: kept', () => {});", false],
  ["/**\n * test('@ P01: kept', () => {});\n */", false],
  ["test.skip('@ P01: kept', () => {});", false],
  ["test.skip.each([1])('@ P01: kept', () => {});", false],
  ["test.todo('@ P01: kept');", false],
  ["xtest('@ P01: kept', () => {});", false],
  ["const title = ('@ P01: kept');", false],
  ["(hasGo ? test : test.skip)('@ P01: kept', () => {});", false],
  ["test('else', () => {}); given('@ P01: kept', () => {});", false],
  ["test.each(rows((one) => one))('@ P01: kept', () => {});", true],
  ["test.skip.each(rows())('@ P01: kept', () => {});", false],
  ["test('it will fit (well)', () => {}); test('@ P01: kept', () => {});", true],
  ["describe.skip('all', () => { test('@ P01: kept', () => {}); });", false],
  ["xdescribe('all', () => { test('@ P01: kept', () => {}); });", false],
  ["test.only('else', () => {}); test('@ P01: kept', () => {});", false],
  ["describe('all', () => { test('@ P01: kept', () => {}); });", true],
])('what proves a promise is a test that runs and begins with it: %j', (text, proves) => {
  const tests = testsSaying(text);
  expect(stands({ tests }).standing).toBe(proves ? 'kept' : 'gap');
});

test('an open promise is no gap, until it is kept: then it comes off the list', () => {
  const open = { P01: 'It is not built yet.' };
  expect(stands({ open, tests: [] })).toEqual({ standing: 'open', missing: open.P01 });
  expect(stands({ open })).toEqual({
    standing: 'gap',
    missing: 'it is kept: take it off the list of open ones',
  });
});

test('a promise that no policy has is a gap, whoever names it', () => {
  const controls = { ...givenSources().controls, P98: { control: 'Well.', rules: [], code: [] } };
  const tests = testsSaying("test('@ P97: kept', () => {});");
  const judged = judgeCoverage(givenSources({ controls, tests, open: { P99: 'Later.' } }));
  for (const promise of ['P97', 'P98', 'P99']) {
    expect(find(judged, promise)).toMatchObject({
      standing: 'gap',
      missing: expect.arrayContaining(['no policy has this promise']) as unknown,
    });
  }
});
