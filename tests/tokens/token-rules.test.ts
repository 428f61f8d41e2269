import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { AgreementTerms } from '../../src/agreements/index.ts';
import type { PartnerId } from '../../src/partners/index.ts';
import { isOneOf, readBasic } from '../../src/clients/client-rules.ts';
import { decideGrant, standingOf } from '../../src/tokens/token-rules.ts';
import { hashOf } from '../../src/clients/client.ts';
import { scopes, type TokenFacts } from '../../src/tokens/token.ts';

const terms: AgreementTerms = {
  direction: 'payable',
  classes: ['billing', 'contact'],
  purposes: ['identity', 'fees'],
  services: 'all',
  timeZone: 'UTC',
  termsClauses: {},
};
const accepted = { version: '2026-1', isAccepted: true };
const withFee: AgreementTerms = {
  ...terms,
  fee: { kind: 'percent', ratePercent: '1', rounding: 'down', currencies: ['USD'] },
};

test('where nothing is asked for, everything that the agreement names is granted', () => {
  expect(decideGrant(terms, accepted, {})).toEqual({
    granted: true,
    scopes: ['contact', 'billing'],
    purposes: ['identity', 'fees'],
  });
  expect(decideGrant(withFee, accepted, {})).toMatchObject({
    scopes: ['contact', 'billing', 'fees'],
  });
});

test.each([
  [{ scope: 'business' }, 'invalid_scope'],
  [{ scope: 'billing business' }, 'invalid_scope'],
  [{ scope: 'fees' }, 'invalid_scope'],
  [{ scope: 'Billing' }, 'invalid_scope'],
  [{ scope: 'billing  contact' }, 'invalid_scope'],
  [{ scope: ' billing' }, 'invalid_scope'],
  [{ scope: 'billing\tcontact' }, 'invalid_scope'],
  [{ scope: 'billing\u00a0contact' }, 'invalid_scope'],
  [{ scope: '__proto__' }, 'invalid_scope'],
  [{ purpose: 'integration' }, 'invalid_scope'],
  [{ purpose: 'identity,fees' }, 'invalid_scope'],
])('asking for %j is refused', (asked, error) => {
  expect(decideGrant(terms, accepted, asked)).toMatchObject({ granted: false, error });
});

test('promise P08: the purpose marketing is refused, and the promise is named', () => {
  for (const purpose of ['marketing', 'identity marketing']) {
    const grant = decideGrant(terms, accepted, { purpose });
    expect(grant).toMatchObject({ granted: false, error: 'invalid_scope' });
    expect('description' in grant && grant.description).toContain('P08');
  }
});

test('promise P04: before the terms of service in force are accepted nothing is granted', () => {
  for (const acceptance of [undefined, { version: '2026-2', isAccepted: false }]) {
    const grant = decideGrant(terms, acceptance, {});
    expect(grant).toMatchObject({ granted: false, error: 'unauthorized_client' });
    expect('description' in grant && grant.description).toContain('P04');
  }
});

test('without an agreement in force nothing is granted', () => {
  expect(decideGrant(undefined, accepted, {})).toMatchObject({ error: 'unauthorized_client' });
});

test('a grant is within what was agreed and exactly what was asked for', () => {
  const names = fc.array(fc.constantFrom(...scopes), { maxLength: 4 });
  fc.assert(
    fc.property(names, names, (classes, asked) => {
      const agreed = { ...terms, classes: classes.filter((name) => name !== 'fees') };
      const scope = asked.length === 0 ? undefined : asked.join(' ');
      const grant = decideGrant(agreed, accepted, { scope });
      const isAllowed = asked.every((name) => agreed.classes.some((one) => one === name));
      expect(grant.granted).toBe(isAllowed);
      if (!grant.granted) return;
      const expected = new Set<string>(asked.length === 0 ? agreed.classes : asked);
      expect(new Set<string>(grant.scopes)).toEqual(expected);
    }),
  );
});

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

test.each([
  [basic('a:b'), { clientId: 'a', secret: 'b' }],
  [basic('a:b:c'), { clientId: 'a', secret: 'b:c' }],
  [basic('a%2Bb:c%20'), undefined],
  [basic('a%2Bb:c%25'), { clientId: 'a+b', secret: 'c%' }],
  [basic('a:b').replace('Basic', 'bAsIc'), { clientId: 'a', secret: 'b' }],
  [basic('ab'), undefined],
  [basic(':b'), undefined],
  [basic('a:'), undefined],
  [basic('a:%zz'), undefined],
  [basic('a\0:b'), undefined],
  ['Basic !!!', undefined],
  ['Basic YTpi=', undefined],
  ['Basic  YTpi', undefined],
  ['Basic YTpj_w==', undefined],
  ['Bearer YTpi', undefined],
  [basic(`a:${'b'.repeat(5000)}`), undefined],
  [undefined, undefined],
])('the header %j holds the right credentials or none', (header, expected) => {
  expect(readBasic(header)).toEqual(expected);
});

test('a hash is found in either place, and nowhere else', () => {
  const [a, b, c] = [hashOf('a'), hashOf('b'), hashOf('c')];
  expect(isOneOf(a, [a, b])).toBe(true);
  expect(isOneOf(b, [a, b])).toBe(true);
  expect(isOneOf(c, [a, b])).toBe(false);
  expect(isOneOf(a, [])).toBe(false);
});

test('a token stands until its first obstacle', () => {
  const facts: TokenFacts = {
    caller: {
      partnerId: '00000000-0000-8000-8000-000000000000' as PartnerId,
      partnerKey: 'p',
      partnerName: 'P',
      kind: 'referral',
      clientId: 'cli_x',
      tokenId: 'tok_x',
      scopes: [],
      purposes: [],
    },
    issuedAt: new Date(0),
    expiresAt: new Date(1000),
    isRevoked: false,
    jkt: null,
    x5t: null,
    certificateUntil: null,
    networks: null,
    partnerStatus: 'active',
  };
  const at = (ms: number, change: Partial<TokenFacts> = {}) =>
    standingOf({ ...facts, ...change }, new Date(ms));
  expect(at(999)).toBe('live');
  expect(at(1000)).toBe('invalid');
  expect(at(0, { isRevoked: true })).toBe('invalid');
  expect(at(0, { partnerStatus: 'retired' })).toBe('invalid');
  expect(at(0, { partnerStatus: 'suspended' })).toBe('suspended');
  expect(at(0, { partnerStatus: 'suspended', isRevoked: true })).toBe('invalid');
});
