import { createHmac, createPublicKey } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Express } from 'express';
import fc from 'fast-check';
import { pino } from 'pino';
import { addClient, rotateClientKeys, rotateClientSecret } from '../../src/clients/index.ts';
import { openDatabase } from '../../src/platform/database.ts';
import { noon, openHouse, testClock, type House } from '../support/house.ts';
import { aPartnersClient, post, tokenApp, whoIs, type GivenClient } from './given.ts';
import {
  aKeyedClient,
  assertionOf,
  makeKeyPair,
  postSigned,
  setOf,
  type KeyPair,
  type Saying,
} from './signing.ts';

const clock = testClock();
const lines: string[] = [];
const log = pino({ level: 'debug' }, { write: (line: string) => lines.push(line) });
let house: House;
let app: Express;
let given: GivenClient;
let pair: KeyPair;
let client: { clientId: string; pair: KeyPair };

beforeAll(async () => {
  house = await openHouse({ clock });
  app = tokenApp({ ...house.tools, log });
  given = await aPartnersClient(house.tools);
  pair = await makeKeyPair('ES256');
  client = await aKeyedClient(house.tools, given.partner.id, pair);
});
afterAll(() => house.close());

const issuer = 'http://127.0.0.1:8080';
const at = () => ({ issuer, now: clock.now() });
const seconds = () => Math.floor(clock.now().getTime() / 1000);
const assertion = (saying?: Saying, of = client) => assertionOf(of, at(), saying);

async function statusOf(text: string | Promise<string>, where = app): Promise<unknown> {
  const { status, body } = await postSigned(where, await text);
  return status === 200 ? 200 : [status, (body as { error: string }).error];
}
const no = [401, 'invalid_client'];

test.each(['ES256', 'PS256', 'EdDSA'] as const)(
  'a client signs with %s: token, call, introspection, revocation, 401',
  async (alg) => {
    const keyed = await aKeyedClient(house.tools, given.partner.id, await makeKeyPair(alg));
    const { status, body } = await postSigned(app, await assertion({}, keyed));
    expect(status).toBe(200);
    const { access_token: token } = body as { access_token: string };
    expect((await whoIs(app, token)).body).toMatchObject({ clientId: keyed.clientId });
    const ask = async (path: string) =>
      postSigned(app, await assertion({}, keyed), { token }, path);
    expect((await ask('/oauth/introspect')).body).toMatchObject({ active: true });
    expect((await ask('/oauth/revoke')).status).toBe(200);
    expect((await whoIs(app, token)).status).toBe(401);
  },
);

test('alg may say Ed25519 for EdDSA, as RFC 9864 has it', async () => {
  const ed = await makeKeyPair('EdDSA');
  const keyed = await aKeyedClient(house.tools, given.partner.id, ed);
  const said = await assertion({ header: { alg: 'Ed25519' } }, keyed);
  expect(await statusOf(said)).toBe(200);
});

/** What may be wrong with an assertion; nothing else is. */
const wrongs: readonly (readonly [what: string, saying: () => Saying])[] = [
  ['aud is a list', () => ({ claims: { aud: [issuer] } })],
  ['aud is the token endpoint', () => ({ claims: { aud: `${issuer}/oauth/token` } })],
  ['aud has a slash too many', () => ({ claims: { aud: `${issuer}/` } })],
  ['aud is another gateway', () => ({ claims: { aud: 'https://other.example' } })],
  ['iss is another', () => ({ claims: { iss: 'cli_AAAAAAAAAAAAAAAAAAAAAA' } })],
  ['sub is another client', () => ({ claims: { sub: given.clientId } })],
  ['exp is missing', () => ({ claims: { exp: undefined } })],
  ['exp is a text', () => ({ claims: { exp: '9999999999' } })],
  ['exp is 1e20', () => ({ claims: { exp: 1e20 } })],
  ['exp is negative', () => ({ claims: { exp: -1 } })],
  ['exp is in 24 hours', () => ({ claims: { exp: seconds() + 86_400 } })],
  ['exp is now', () => ({ claims: { exp: seconds() } })],
  ['exp is before iat', () => ({ claims: { iat: seconds() + 30, exp: seconds() + 20 } })],
  ['nbf is a text', () => ({ claims: { nbf: '0' } })],
  ['jti is missing', () => ({ claims: { jti: undefined } })],
  ['jti is empty', () => ({ claims: { jti: '' } })],
  ['jti is a number', () => ({ claims: { jti: 7 } })],
  ['typ is that of a DPoP proof', () => ({ header: { typ: 'dpop+jwt' } })],
  ['typ is that of a token', () => ({ header: { typ: 'at+jwt' } })],
  ['kid is a path', () => ({ header: { kid: '../../etc/passwd' } })],
  ['kid is SQL', () => ({ header: { kid: "' or 1=1 --" } })],
  ['kid is a list', () => ({ header: { kid: ['key-1'] } })],
];

test.each(wrongs)('no token where %s', async (_what, saying) => {
  const signer = { ...pair };
  expect(await statusOf(assertion({ ...saying(), pair: signer }))).toEqual(no);
});

test('nothing is wrong with the assertion beside', async () => {
  expect(await statusOf(assertion())).toBe(200);
  expect(await statusOf(assertion({ header: { typ: 'JWT' } }))).toBe(200);
  expect(await statusOf(assertion({ header: { kid: undefined } }))).toBe(200);
  expect(await statusOf(assertion({ claims: { nbf: seconds(), extra: { of: ['it'] } } }))).toBe(
    200,
  );
});

test.each([
  [-61, 200],
  [-10, 200],
  [0, 200],
  [9, 200],
  [10, 200],
  [60, 200],
  [61, no],
  [3600, no],
])('iat and nbf %d seconds from now: %p (FAPI 2.0)', async (ahead, expected) => {
  const time = seconds() + ahead;
  const exp = Math.max(seconds() + 60, time + 60);
  expect(await statusOf(assertion({ claims: { iat: time, exp } }))).toEqual(expected);
  expect(await statusOf(assertion({ claims: { nbf: time, exp } }))).toEqual(expected);
});

test('no token for an assertion of none, of another key, of HS256 with the public key, or with crit', async () => {
  const [head, claims] = (await assertion()).split('.');
  const coded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const none = coded({ alg: 'none', kid: pair.kid });
  const hs = `${coded({ alg: 'HS256', kid: pair.kid })}.${claims ?? ''}`;
  const pem = createPublicKey({ key: pair.jwk as never, format: 'jwk' });
  const macs = [
    pem.export({ type: 'spki', format: 'pem' }),
    JSON.stringify(pair.jwk),
    String(pair.jwk['x']),
  ].map((key) => `${hs}.${createHmac('sha256', key).update(hs).digest('base64url')}`);
  const other = await makeKeyPair('ES256');
  const rsa = await makeKeyPair('PS256');
  const forged = [
    `${none}.${claims ?? ''}.`,
    `${none}.${claims ?? ''}.AA`,
    `${head ?? ''}.${claims ?? ''}.AA`,
    ...macs,
    await assertion({ pair: other }),
    await assertion({ pair: rsa }),
    await assertion({ header: { jwk: other.jwk }, pair: other }),
    await assertion({ header: { jku: 'https://evil.example/keys' }, pair: other }),
  ];
  for (const text of forged) expect(await statusOf(text)).toEqual(no);
  const crit = await assertion();
  const withCrit = `${coded({ alg: 'ES256', kid: pair.kid, crit: ['x'], x: 1 })}.${crit.split('.').slice(1).join('.')}`;
  expect(await statusOf(withCrit)).toEqual(no);
});

test('an assertion with any one letter changed proves nothing', async () => {
  const text = await assertion();
  await fc.assert(
    fc.asyncProperty(
      fc.nat(text.length - 1),
      fc.constantFrom('A', 'Z', 'a', 'z', '0', '9', '-', '_', '.', '=', ' '),
      async (place, letter) => {
        fc.pre(text[place] !== letter);
        const changed = text.slice(0, place) + letter + text.slice(place + 1);
        expect(await statusOf(changed)).toEqual(no);
      },
    ),
    { numRuns: 150 },
  );
  expect(await statusOf(text)).toBe(200);
});

test('a claim that is named twice, padding and blanks are no assertion', async () => {
  const [head = ''] = (await assertion()).split('.');
  const twice = Buffer.from(
    `{"iss":"x","sub":"${client.clientId}","sub":"${client.clientId}"}`,
  ).toString('base64url');
  const text = await assertion();
  for (const wrong of [
    `${head}.${twice}.AAAA`,
    `${text}=`,
    ` ${text}`,
    `${text}\n`,
    `${text}.`,
    'a.b',
    '',
  ]) {
    const answer = await postSigned(app, wrong);
    expect(answer.status).toBe(401);
  }
});

test('one assertion sent 50 times at once, through two pools: one token', async () => {
  const db = openDatabase(house.urls.app, { max: 5 });
  try {
    const apps = [app, tokenApp({ ...house.tools, db })] as const;
    const text = await assertion();
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) => statusOf(text, apps[i % 2])),
    );
    expect(answers.filter((one) => one === 200)).toEqual([200]);
    expect(answers.filter((one) => one !== 200)).toEqual(Array.from({ length: 49 }, () => no));
  } finally {
    await db.destroy();
  }
});

test('a refused assertion is not used up, and what has expired is cleared away', async () => {
  const jti = 'once-only';
  expect(await statusOf(assertion({ claims: { jti, aud: 'https://other.example' } }))).toEqual(no);
  expect(await statusOf(assertion({ claims: { jti } }))).toBe(200);
  expect(await statusOf(assertion({ claims: { jti } }))).toEqual(no);
  clock.advance(600_000);
  for (let i = 0; i < 10; i += 1) await statusOf(assertion());
  const old = async () => {
    const [row] = await house.admin('used_jtis').where('expires_at', '<', clock.now()).count();
    return Number(row?.['count']);
  };
  // Another process may have a clock that is behind: what expired just now is kept.
  expect(await old()).toBeGreaterThan(0);
  clock.advance(1_200_000);
  for (let i = 0; i < 10; i += 1) await statusOf(assertion());
  clock.advance(-600_000);
  expect(await old()).toBe(0);
  clock.set(noon);
});
test('each client has one way: a secret does not serve who has keys, nor a key who has a secret', async () => {
  const secret = { clientId: client.clientId, secret: `sls_${'A'.repeat(43)}` };
  const granting = { grant_type: 'client_credentials' };
  expect((await post(app, '/oauth/token', secret, granting)).status).toBe(401);
  expect(await statusOf(assertion({}, { clientId: given.clientId, pair }))).toEqual(no);
  const both = await post(app, '/oauth/token', given, {
    ...granting,
    client_assertion: await assertion(),
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  });
  expect([both.status, (both.body as { error: string }).error]).toEqual([400, 'invalid_request']);
  const typeless = await postSigned(app, await assertion(), {
    ...granting,
    client_assertion_type: 'x',
  });
  expect([typeless.status, (typeless.body as { error: string }).error]).toEqual([
    400,
    'invalid_request',
  ]);
  await expect(
    rotateClientSecret(house.tools, { clientId: client.clientId, overlapSeconds: 0 }),
  ).rejects.toMatchObject({ kind: { code: 'invalid-client' } });
});

test('keys in rotation: both sets live through the overlap, which closes by itself', async () => {
  const [first, second, third] = [await makeKeyPair('ES256', 'a'), await makeKeyPair('EdDSA', 'b'), await makeKeyPair('ES256', 'c')]; // prettier-ignore
  const keyed = await aKeyedClient(house.tools, given.partner.id, first);
  const rotate = (...pairs: readonly KeyPair[]) =>
    rotateClientKeys(house.tools, { clientId: keyed.clientId, jwks: setOf(...pairs), overlapSeconds: 3600 }); // prettier-ignore
  const live = async () => {
    const answers = [];
    for (const one of [first, second, third]) {
      answers.push((await statusOf(assertion({ pair: one }, keyed))) === 200);
    }
    return answers;
  };
  await rotate(second);
  expect(await live()).toEqual([true, true, false]);
  clock.advance(1000);
  await rotate(second, third);
  expect(await live()).toEqual([false, true, true]);
  clock.advance(3600_000);
  expect(await live()).toEqual([false, true, true]);
  await rotate(third);
  clock.advance(3600_000);
  expect(await live()).toEqual([false, false, true]);
  clock.set(noon);
});

const p256 = { kty: 'EC', crv: 'P-256' };
test.each([
  ['no JSON', '{'],
  ['no list', '{}'],
  ['no key', '{"keys":[]}'],
  ['a private key', JSON.stringify({ keys: [{ ...p256, x: 'AA', y: 'AA', d: 'AA' }] })],
  ['a symmetric key', '{"keys":[{"kty":"oct","k":"AA"}]}'],
  ['a point that is not on the curve', JSON.stringify({ keys: [{ ...p256, x: 'A'.repeat(43), y: 'A'.repeat(43) }] })], // prettier-ignore
  ['another curve', JSON.stringify({ keys: [{ kty: 'EC', crv: 'P-384', x: 'AA', y: 'AA' }] })],
  ['an RSA key of 1,024 bits', JSON.stringify({ keys: [{ kty: 'RSA', e: 'AQAB', n: Buffer.alloc(128, 0xd5).toString('base64url') }] })], // prettier-ignore
])('keys that are %s are refused, and nothing is stored', async (_what, jwks) => {
  const count = async () => (await house.admin('clients').count())[0]?.['count'];
  const before = await count();
  await expect(
    addClient(house.tools, { partnerId: given.partner.id, name: 'wrong', jwks }),
  ).rejects.toMatchObject({ kind: { code: 'invalid-client' } });
  expect(await count()).toBe(before);
});

test('promise P30: no assertion and no jti stands in the log or the database', async () => {
  const jti = 'CNRY-jti-of-this-test';
  const text = await assertion({ claims: { jti } });
  expect(await statusOf(text)).toBe(200);
  expect(await statusOf(text)).toEqual(no);
  const { rows } = await house.admin.raw<{ rows: { all: string }[] }>(
    'select used_jtis::text as all from used_jtis',
  );
  const everything = lines.join('') + rows.map((row) => row.all).join('');
  for (const canary of [jti, text, text.split('.')[2] ?? ''])
    expect(everything).not.toContain(canary);
  expect(lines.join('')).toContain('assertion-used-before');
});
