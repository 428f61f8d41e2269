import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { allowedAddress, readLanding } from '../../src/platform/landing.ts';

const origins = ['https://www.example.com', 'https://shop.example.com:8443'];

const good = [
  'https://www.example.com',
  'https://www.example.com/',
  'https://www.example.com/a/b?c=d&e=https://evil.example#f',
  'https://www.example.com?x=1',
  'https://www.example.com//evil.example',
  'https://shop.example.com:8443/basket',
];

const bad = [
  '',
  '/',
  '//evil.example',
  '///evil.example',
  '\\evil.example',
  '\\\\evil.example',
  '/\\evil.example',
  'https:/www.example.com',
  'https:www.example.com',
  'https:\\\\www.example.com',
  'https://www.example.com\\@evil.example',
  'https://www.example.com@evil.example',
  'https://www.example.com:pass@evil.example/',
  'https://user:pass@www.example.com/',
  'https://user@www.example.com/',
  'https://@www.example.com/',
  'https://www.example.com.evil.example/',
  'https://www.example.com.',
  'https://www.example.com./',
  'https://www.example.com:443/',
  'https://www.example.com:8443/',
  'https://www.example.com:/',
  'https://shop.example.com/',
  'https://evil.example/https://www.example.com',
  'https://evilwww.example.com',
  'https://WWW.EXAMPLE.COM/',
  'HTTPS://www.example.com/',
  'http://www.example.com/',
  'javascript:alert(1)//https://www.example.com',
  'data:text/html,https://www.example.com',
  'ftp://www.example.com/',
  'https://www.example.com\r\nSet-Cookie: a=b',
  'https://www.example.com/\n',
  'https://www.example.com/\tx',
  'https://www.example.com/a b',
  ' https://www.example.com/',
  'https://www.example.com/\u0000',
  'https://www.exаmple.com/',
  'https://www.xn--exmple-4nf.com/',
  'https://www.example.com。evil.example/',
  'https://www%2eexample.com/',
  `https://www.example.com/${'a'.repeat(2000)}`,
];

test('an address of one of the origins is allowed as it is', () => {
  for (const text of good) {
    const url = allowedAddress(text, origins);
    expect([text, url]).toEqual([text, new URL(text).href]);
  }
});

test('whatever two readers could take for different places is not allowed', () => {
  for (const text of bad) expect([text, allowedAddress(text, origins)]).toEqual([text, undefined]);
  for (const text of good) expect([text, allowedAddress(text, [])]).toEqual([text, undefined]);
});

test('what is allowed is of one of the origins for a browser, whatever stands in it', () => {
  const parts = fc.constantFrom(...['https:', '//', '/', '\\', '@', ':', '.', '?', '#', '%2f', '%00', 'www.example.com', 'shop.example.com', ':8443', 'evil.example', 'user', '\n', '\t', ' ', '。', 'а']); // prettier-ignore
  const texts = fc.oneof(
    fc.array(parts, { maxLength: 12 }).map((some) => some.join('')),
    fc.array(parts, { maxLength: 8 }).map((some) => `https://www.example.com${some.join('')}`),
    fc.webUrl(),
  );
  fc.assert(
    fc.property(texts, (text) => {
      const url = allowedAddress(text, origins);
      if (url === undefined) return;
      // As a browser reads it from any page, and as the header carries it.
      for (const page of ['https://evil.example/x', 'https://www.example.com/']) {
        expect(origins).toContain(new URL(url, page).origin);
        expect(origins).toContain(new URL(text, page).origin);
      }
      expect(url).toMatch(/^[\x21-\x7e]+$/);
    }),
    { numRuns: 2000 },
  );
});

function problemsOf(given: Record<string, string>, origin = 'https://go.example.com'): string[] {
  const problems: string[] = [];
  readLanding(given, origin, problems);
  return problems;
}

test('settings name https origins, a default among them, and a domain that the gateway is in', () => {
  const listed = { SLUICE_LANDING_ORIGINS: origins.join(', ') };
  const sound = {
    ...listed,
    SLUICE_LANDING_DEFAULT: 'https://www.example.com/welcome',
    SLUICE_COOKIE_DOMAIN: 'example.com',
  };
  expect(problemsOf({})).toEqual([]);
  expect(problemsOf(sound)).toEqual([]);
  const wrong: readonly (readonly [string, string])[] = [
    ['SLUICE_LANDING_ORIGINS', 'http://www.example.com'],
    ['SLUICE_LANDING_ORIGINS', 'https://www.example.com/'],
    ['SLUICE_LANDING_ORIGINS', 'https://www.example.com:443'],
    ['SLUICE_LANDING_ORIGINS', 'https://www.example.com https://other.example'],
    ['SLUICE_LANDING_DEFAULT', 'https://other.example/'],
    ['SLUICE_LANDING_DEFAULT', '/welcome'],
    ['SLUICE_COOKIE_DOMAIN', 'other.example'],
    ['SLUICE_COOKIE_DOMAIN', 'com'],
    ['SLUICE_COOKIE_DOMAIN', 'ample.com'],
    ['SLUICE_COOKIE_DOMAIN', '.example.com'],
    ['SLUICE_COOKIE_DOMAIN', 'example.com; Max-Age=1'],
  ];
  for (const [name, value] of wrong) {
    const problems = problemsOf({ ...listed, [name]: value });
    expect([name, value, problems]).toEqual([name, value, [expect.stringContaining(name)]]);
  }
  const byAddress = problemsOf({ SLUICE_COOKIE_DOMAIN: '0.0.1' }, 'http://127.0.0.1:8080');
  expect(byAddress).toHaveLength(1);
});
