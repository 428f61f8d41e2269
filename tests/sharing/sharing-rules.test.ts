import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  dataClasses,
  partnerKinds,
  promisesFor,
  purposes,
  type DataClass,
} from '../../src/policy/index.ts';
import { serviceIdOf } from '../../src/records/index.ts';
import { cursorContext, decideSharing } from '../../src/sharing/sharing-rules.ts';
import { givenAgreement, givenQuestion, type Given } from './given-question.ts';

const decide = (given: Given = {}) => decideSharing(givenQuestion(given));
const because = (given: Given) => {
  const decision = decide(given);
  if (decision.allowed) return decision;
  const { kind, ...more } = decision.because;
  return { code: kind.code, ...more };
};

test('where all agree, the classes of what is asked leave', () => {
  const question = givenQuestion();
  expect(decideSharing(question)).toMatchObject({
    allowed: true,
    classes: ['contact', 'billing'],
    purposes: ['identity', 'billing', 'fees'],
    services: null,
    agreement: question.grant.agreements[0],
    view: { version: 1 },
  });
});

const denials: readonly (readonly [what: string, given: Given, code: string, promise: string])[] = [
  ['a suspended partner', { status: 'suspended' }, 'partner-suspended', 'P09'],
  ['a retired partner', { status: 'retired' }, 'partner-suspended', 'P09'],
  ['no agreement', { agreements: [] }, 'no-agreement', 'P09'],
  [
    'an agreement of tomorrow',
    { agreements: [{ ...givenAgreement(), validFrom: '2026-11-23' }] },
    'no-agreement',
    'P09',
  ],
  [
    'an agreement that ended today',
    { agreements: [{ ...givenAgreement(), validUntil: '2026-11-22' }] },
    'no-agreement',
    'P09',
  ],
  ['no view', { views: [] }, 'no-view', 'P09'],
  ['nothing asked', { asked: [] }, 'class-not-shared', 'P09'],
  ['a token without purpose', { purposes: [] }, 'class-not-shared', 'P09'],
  [
    'purposes not agreed',
    { terms: { purposes: ['fees'] }, purposes: ['identity'] },
    'class-not-shared',
    'P09',
  ],
  [
    'a class not agreed',
    { terms: { classes: ['contact'] }, asked: ['billing'] },
    'class-not-shared',
    'P09',
  ],
  [
    'business data',
    { terms: { classes: ['business'] }, asked: ['business'] },
    'class-not-shared',
    'P14',
  ],
  [
    'business data and more',
    { terms: { classes: ['business'] }, asked: ['business', 'billing'] },
    'class-not-shared',
    'P09',
  ],
  [
    'e-mail without its clause',
    { terms: { classes: ['contact.email'] }, asked: ['contact.email'] },
    'class-not-shared',
    'P07',
  ],
  [
    'details without their clause',
    {
      terms: { classes: ['contact.additional'], termsClauses: { email: '4.2' } },
      asked: ['contact.additional'],
    },
    'class-not-shared',
    'P06',
  ],
  ['a token without scope', { scopes: [] }, 'scope-insufficient', 'P09'],
];

test.each(denials)(
  'promise P09: %s denies, and the promise is named',
  (_what, given, code, promise) => {
    const denial = because(given);
    expect(denial).toMatchObject({
      code,
      promise,
      detail: expect.stringMatching(/\w+\.$/) as unknown,
    });
  },
);

test('the scope that is missing is the first of what could be had', () => {
  const terms = { classes: ['billing', 'account'] as const };
  expect(because({ asked: ['contact', 'account', 'billing'], terms, scopes: ['contact'] })).toEqual(
    {
      code: 'scope-insufficient',
      promise: 'P09',
      detail: 'The token does not carry the scope account.',
      scope: 'account',
    },
  );
});

test('an agreement for some services says which', () => {
  expect(decide({ terms: { services: ['store', 'hosting'] } })).toMatchObject({
    services: [serviceIdOf('store'), serviceIdOf('hosting')],
  });
});

test('of several versions of the agreement the one in force counts', () => {
  const past = { ...givenAgreement({ classes: ['account'] }), validUntil: '2026-11-22' };
  const present = {
    ...givenAgreement({ classes: ['contact'] }),
    version: 2,
    validFrom: '2026-11-22',
  };
  const next = { ...givenAgreement(), version: 3, validFrom: '2026-11-23' };
  const decision = decide({ agreements: [past, present, next], asked: [...dataClasses] });
  expect(decision).toMatchObject({ classes: ['contact'], agreement: { version: 2 } });
});

/** The table of the policy, written down once more. */
const table: Readonly<Record<(typeof purposes)[number], readonly DataClass[]>> = {
  identity: ['contact', 'contact.email', 'contact.additional', 'account', 'financial', 'billing'],
  billing: ['contact', 'contact.email', 'contact.additional', 'account', 'financial', 'billing'],
  fees: ['contact', 'contact.email', 'contact.additional', 'account', 'financial', 'billing'],
  integration: ['contact', 'contact.email', 'contact.additional', 'account', 'business'],
};
const clauses = { 'contact.email': 'email', 'contact.additional': 'additional' } as const;
const someOf = <T>(all: readonly T[]) => fc.shuffledSubarray([...all]);

test('what leaves is what policy, agreement and token all name, and nothing else', () => {
  const any = fc.record({
    kind: fc.constantFrom(...partnerKinds),
    agreedClasses: someOf(dataClasses),
    agreedPurposes: someOf(purposes),
    scopes: someOf(dataClasses),
    purposes: someOf(purposes),
    asked: someOf(dataClasses),
    named: someOf(['email', 'additional'] as const),
  });
  fc.assert(
    fc.property(any, ({ kind, agreedClasses, agreedPurposes, named, ...token }) => {
      const termsClauses = Object.fromEntries(named.map((clause) => [clause, '4.2']));
      const terms = { classes: agreedClasses, purposes: agreedPurposes, termsClauses };
      const decision = decide({ kind, terms, ...token });
      const serves = token.purposes.filter((one) => agreedPurposes.includes(one));
      const due = token.asked.filter((one) => {
        const clause = one in clauses ? clauses[one as keyof typeof clauses] : undefined;
        return (
          agreedClasses.includes(one) &&
          token.scopes.includes(one) &&
          (clause === undefined || named.includes(clause)) &&
          serves.some(
            (purpose) =>
              table[purpose].includes(one) && (purpose !== 'integration' || kind === 'integration'),
          )
        );
      });
      expect(decision.allowed ? decision.classes : []).toEqual(due);
      if (!decision.allowed) return;
      expect(decision.purposes).toEqual(serves);
      expect(promisesFor(decision.policy, kind, due)).toEqual([
        ...(due.includes('contact.additional') ? ['P06'] : []),
        ...(due.includes('contact.email') ? ['P07'] : []),
        ...(kind === 'referral' ? ['P10', 'P11'] : ['P15', 'P16']),
      ]);
    }),
    { numRuns: 500 },
  );
});

const anyContext = fc.record({
  partnerId: fc.constantFrom('one', 'two'),
  recordType: fc.constantFrom('invoice', 'payment'),
  view: fc.record({ version: fc.constantFrom(1, 2), digest: fc.constantFrom('a', 'b') }),
  purposes: fc.uniqueArray(fc.constantFrom('fees', 'billing', 'identity'), { maxLength: 3 }),
  fields: fc.subarray(['id', 'amount', 'lines.*.amount']),
  filters: fc.option(
    fc.record(
      {
        customer: fc.constantFrom('cus_a', 'cus_b'),
        from: fc.constantFrom('2026-01-01', '2026-02-01'),
        to: fc.constantFrom('2026-01-01', '2026-02-01'),
      },
      { requiredKeys: [] },
    ),
    { nil: undefined },
  ),
});

test('a cursor opens for the very same list and for no other; the order of purposes is no difference', () => {
  const plain = (context: Parameters<typeof cursorContext>[0]) =>
    JSON.stringify({
      ...context,
      purposes: [...context.purposes].sort(),
      filters: { customer: '', from: '', to: '', ...context.filters },
    });
  fc.assert(
    fc.property(anyContext, anyContext, (one, other) => {
      const isSame = plain(one) === plain(other);
      expect(cursorContext(one).join('\n') === cursorContext(other).join('\n')).toBe(isSame);
      const turned = { ...one, purposes: one.purposes.toReversed() };
      expect(cursorContext(turned)).toEqual(cursorContext(one));
    }),
    { numRuns: 2_000 },
  );
});

test('a cursor of records is none of fee lines, and says what it is bound to', () => {
  const context = { partnerId: 'p', recordType: 'invoice', view: { version: 3, digest: 'd' } };
  const bound = cursorContext({ ...context, purposes: ['fees', 'billing'], fields: ['id', 'n'] });
  const words = ['records', 'p', 'invoice', '3', 'd', 'billing fees', 'id,n', '', '', ''];
  expect(bound).toEqual(words);
});
