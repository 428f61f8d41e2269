import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Express } from 'express';
import fc from 'fast-check';
import { calculateJwkThumbprint } from 'jose';
import request from 'supertest';
import { addClient } from '../../src/clients/index.ts';
import { openDatabase } from '../../src/platform/database.ts';
import { isNonceOf, nonceAt, verifyProof } from '../../src/signatures/proof-rules.ts';
import { noon, openHouse, testClock, type House } from '../support/house.ts';
import { readReference, referenceTest } from '../support/reference.ts';
import { aPartnersClient, post, tokenApp, whoIs, type GivenClient } from './given.ts';
import { makeKeyPair, proofOf, type KeyPair, type Proving } from './signing.ts';

const clock = testClock();
const origin = 'http://127.0.0.1:8080';
const granting = { grant_type: 'client_credentials' };
let house: House;
let app: Express;
let given: GivenClient;
let pair: KeyPair;
let nonce: string;

beforeAll(async () => {
  house = await openHouse({ clock });
  app = tokenApp(house.tools);
  given = await aPartnersClient(house.tools);
  pair = await makeKeyPair('ES256');
});
beforeEach(async () => {
  clock.set(noon);
  nonce = await askedNonce(pair);
});
afterAll(() => house.close());

type Asked = Partial<Proving>;

const tokenUrl = `${origin}/oauth/token`;
const proofForToken = (of: KeyPair, asked: Asked = {}) =>
  proofOf(of, { method: 'POST', url: tokenUrl, now: clock.now(), nonce, ...asked });

const askToken = (proof: string, where = app) =>
  post(where, '/oauth/token', given, granting).set('DPoP', proof);

/** What the endpoint tells whoever has no nonce yet. */
async function askedNonce(of: KeyPair): Promise<string> {
  const answer = await askToken(await proofForToken(of, { nonce: undefined }));
  expect([answer.status, (answer.body as { error: string }).error]).toEqual([
    400,
    'use_dpop_nonce',
  ]);
  return answer.headers['dpop-nonce'] ?? '';
}

async function boundToken(of = pair): Promise<string> {
  const { status, body } = await askToken(await proofForToken(of));
  expect([status, (body as { token_type: string }).token_type]).toEqual([200, 'DPoP']);
  return (body as { access_token: string }).access_token;
}

const who = `${origin}/v1/who`;
const proofFor = (token: string, asked: Asked = {}, of = pair) =>
  proofOf(of, { url: who, now: clock.now(), nonce, token, ...asked });

const callWith = (token: string, proof: string, where = app) =>
  request(where).get('/v1/who').set('Authorization', `DPoP ${token}`).set('DPoP', proof);

async function outcomeOf(token: string, proof: string | Promise<string>, where = app) {
  const { status, body, headers } = await callWith(token, await proof, where);
  const { code } = body as { code?: string };
  const [, error] = /error="([^"]+)"/.exec(headers['www-authenticate'] ?? '') ?? [];
  return status === 200 ? 200 : [status, code, error];
}
const invalid = [401, 'dpop-invalid', 'invalid_dpop_proof'];

test.each(['ES256', 'PS256', 'EdDSA'] as const)(
  'a token bound to a key of %s serves with its proofs alone',
  async (alg) => {
    const own = await makeKeyPair(alg);
    const token = await boundToken(own);
    expect(await outcomeOf(token, proofFor(token, {}, own))).toBe(200);
    const answer = await callWith(token, await proofFor(token, {}, own));
    expect(answer.body).toMatchObject({ clientId: given.clientId });
    expect(answer.headers['dpop-nonce']).toMatch(/^[\w-]{22}$/);
  },
);

test('whoever brings no token is told of both schemes', async () => {
  const { status, headers } = await request(app).get('/v1/who');
  expect(status).toBe(401);
  expect(headers['www-authenticate']).toMatch(
    /^Bearer realm="sluice", DPoP realm="sluice", algs="/,
  );
});

test('a bound token is useless without its key: as a bearer token, or with another key’s proof', async () => {
  const token = await boundToken();
  const bare = await whoIs(app, token);
  expect([bare.status, (bare.body as { code: string }).code]).toEqual([401, 'token-invalid']);
  const other = await makeKeyPair('ES256');
  expect(await outcomeOf(token, proofFor(token, {}, other))).toEqual([401, 'token-invalid', 'invalid_token']); // prettier-ignore
  const unproven = await request(app).get('/v1/who').set('Authorization', `DPoP ${token}`);
  expect([unproven.status, (unproven.body as { code: string }).code]).toEqual([
    401,
    'dpop-invalid',
  ]);
});

test('an unbound token does not serve under the scheme DPoP: its proof would be for show', async () => {
  const { body } = await post(app, '/oauth/token', given, granting);
  const { access_token: token } = body as { access_token: string };
  expect(await outcomeOf(token, proofFor(token))).toEqual([401, 'token-invalid', 'invalid_token']);
});

test('introspection tells the key, and only the client that has the token', async () => {
  const token = await boundToken();
  const { body } = await post(app, '/oauth/introspect', given, { token });
  expect(body).toMatchObject({
    active: true,
    token_type: 'DPoP',
    cnf: { jkt: await calculateJwkThumbprint(pair.jwk) },
  });
});

const seconds = () => Math.floor(clock.now().getTime() / 1000);
const wrongs: readonly (readonly [string, () => Asked])[] = [
  ['htm is another method', () => ({ method: 'POST' })],
  ['htm is in small letters', () => ({ method: 'get' })],
  ['htu is another path', () => ({ url: `${origin}/v1/customers` })],
  ['htu is another host', () => ({ url: 'https://other.example/v1/who' })],
  ['htu names a user', () => ({ url: 'http://a@127.0.0.1:8080/v1/who' })],
  ['htu is no URL', () => ({ url: '/v1/who' })],
  ['iat is 61 s ahead', () => ({ claims: { iat: seconds() + 61 } })],
  ['iat is 301 s old', () => ({ claims: { iat: seconds() - 301 } })],
  ['iat is a text', () => ({ claims: { iat: String(seconds()) } })],
  ['iat is missing', () => ({ claims: { iat: undefined } })],
  ['exp is now', () => ({ claims: { exp: seconds() } })],
  ['exp is a text', () => ({ claims: { exp: String(seconds() + 60) } })],
  ['nbf is 61 s ahead', () => ({ claims: { nbf: seconds() + 61 } })],
  ['jti is missing', () => ({ claims: { jti: undefined } })],
  ['jti is a list', () => ({ claims: { jti: ['a'] } })],
  ['ath is missing', () => ({ claims: { ath: undefined } })],
  ['ath is of another token', () => ({ claims: { ath: 'fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo' } })], // prettier-ignore
  ['typ is JWT', () => ({ header: { typ: 'JWT' } })],
  ['typ is missing', () => ({ header: { typ: undefined } })],
  ['jwk is missing', () => ({ header: { jwk: undefined } })],
  ['jwk has a private part', () => ({ header: { jwk: { ...pair.jwk, d: 'AA' } } })],
];

test.each(wrongs)('no answer where %s', async (_what, asked) => {
  const token = await boundToken();
  expect(await outcomeOf(token, proofFor(token, asked()))).toEqual(invalid);
});

test('case of the host, the default port and a query make no difference to htu', async () => {
  const tools = { ...house.tools, settings: { ...house.tools.settings, origin: 'https://Sluice.example' } }; // prettier-ignore
  const here = { url: 'https://sluice.example/v1/who', now: clock.now(), isOurNonce: () => true };
  for (const htu of [
    'https://SLUICE.example:443/v1/who',
    'https://sluice.example/v1/who?limit=1',
  ]) {
    const proof = await proofOf(pair, { url: htu, now: clock.now(), nonce: 'n' });
    const asked = { method: 'GET', url: `${tools.settings.origin}/v1/who` };
    expect(await verifyProof(proof, asked, here)).toMatchObject({ jti: expect.any(String) });
  }
});

test('at the port for mutual TLS a proof names that port or the other, and no third', async () => {
  const settings = { ...house.tools.settings, origin: 'https://sluice.example', mtlsPort: 8443 };
  const there = tokenApp({ ...house.tools, settings });
  for (const [at, status] of [
    ['https://sluice.example', 200],
    ['https://sluice.example:8443', 200],
    ['https://sluice.example:8444', 400],
    ['https://other.example:8443', 400],
  ] as const) {
    const proof = await proofForToken(pair, { url: `${at}/oauth/token` });
    const answer = await askToken(proof, there).set('Host', 'sluice.example:8443');
    expect([at, answer.status]).toEqual([at, status]);
    if (status !== 200) continue;
    const { access_token: token } = answer.body as { access_token: string };
    const called = await callWith(token, await proofFor(token, { url: `${at}/v1/who` }), there).set(
      ...(['Host', 'sluice.example:8443'] as const),
    );
    expect([at, called.status]).toEqual([at, 200]);
  }
});

test('without a nonce of ours, or with one of long ago, the nonce is told', async () => {
  const token = await boundToken();
  const told = [401, 'dpop-invalid', 'use_dpop_nonce'];
  expect(await outcomeOf(token, proofFor(token, { nonce: undefined }))).toEqual(told);
  expect(await outcomeOf(token, proofFor(token, { nonce: 'a'.repeat(22) }))).toEqual(told);
  clock.advance(120_000);
  expect(await outcomeOf(token, proofFor(token))).toBe(200);
  clock.advance(60_000);
  expect(await outcomeOf(token, proofFor(token))).toEqual(told);
  const next = (await callWith(token, await proofFor(token))).headers['dpop-nonce'];
  expect(await outcomeOf(token, proofFor(token, { nonce: next }))).toBe(200);
});

test('a proof is good once: 50 times at once, through two pools, and at the token endpoint', async () => {
  const db = openDatabase(house.urls.app, { max: 5 });
  try {
    const apps = [app, tokenApp({ ...house.tools, db })] as const;
    const token = await boundToken();
    const proof = await proofFor(token);
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) => outcomeOf(token, proof, apps[i % 2])),
    );
    expect(answers.filter((one) => one === 200)).toEqual([200]);
    expect(answers.filter((one) => one !== 200)).toEqual(Array.from({ length: 49 }, () => invalid));
    const forToken = await proofForToken(pair);
    expect((await askToken(forToken)).status).toBe(200);
    const again = await askToken(forToken, apps[1]);
    expect([again.status, (again.body as { error: string }).error]).toEqual([400, 'invalid_dpop_proof']); // prettier-ignore
  } finally {
    await db.destroy();
  }
});

test('nobody without a token that counts makes us keep a proof', async () => {
  const count = async () => Number((await house.admin('used_jtis').count())[0]?.['count']);
  const before = await count();
  const token = `slt_${'A'.repeat(43)}`;
  expect(await outcomeOf(token, proofFor(token))).toEqual([401, 'token-invalid', 'invalid_token']);
  expect(await count()).toBe(before);
});

test('a client may be given bound tokens alone', async () => {
  const { client, secret } = await addClient(house.tools, {
    ...{ partnerId: given.partner.id, name: 'bound', isDpopRequired: true },
  });
  const strict = { clientId: client.clientId, secret };
  const bare = await post(app, '/oauth/token', strict, granting);
  expect([bare.status, (bare.body as { error: string }).error]).toEqual([
    400,
    'invalid_dpop_proof',
  ]);
  const proven = await post(app, '/oauth/token', strict, granting).set('DPoP', await proofForToken(pair)); // prettier-ignore
  expect([proven.status, (proven.body as { token_type: string }).token_type]).toEqual([
    200,
    'DPoP',
  ]);
});

test('10,000 proofs of which something was changed: none holds', async () => {
  const now = clock.now();
  const token = 'slt_x';
  const asked = { method: 'GET', url: who, token };
  const isOurNonce = isNonceOf(house.tools.settings.keys.cursor, now);
  const own = nonceAt(house.tools.settings.keys.cursor, now);
  const proof = await proofOf(pair, { url: who, now, nonce: own, token });
  const verify = (text: string) => verifyProof(text, asked, { now, isOurNonce });
  expect(await verify(proof)).toMatchObject({ jti: expect.any(String) });
  const letters = 'ABYZabyz0189-_.=+/ \n';
  const change = fc.oneof(
    fc.record({ is: fc.constant('put'), at: fc.nat(proof.length - 1), letter: fc.nat(letters.length - 1) }), // prettier-ignore
    fc.record({ is: fc.constant('cut'), at: fc.nat(proof.length - 1), letter: fc.nat(40) }),
    fc.record({ is: fc.constant('add'), at: fc.nat(proof.length), letter: fc.nat(letters.length - 1) }), // prettier-ignore
  );
  let tried = 0;
  await fc.assert(
    fc.asyncProperty(change, async ({ is, at, letter }) => {
      const put = letters[letter] ?? '';
      const rest = is === 'put' ? put + proof.slice(at + 1) : is === 'add' ? put + proof.slice(at) : proof.slice(at + letter + 1); // prettier-ignore
      const changed = proof.slice(0, at) + rest;
      fc.pre(changed !== proof);
      tried += 1;
      expect(typeof (await verify(changed))).toBe('string');
    }),
    { numRuns: 10_000 },
  );
  expect(tried).toBeGreaterThanOrEqual(10_000);
}, 120_000);

test('no proof of none, of HS256 with the public key, or signed by another key than it shows', async () => {
  const token = await boundToken();
  const [head = '', claims = '', signature = ''] = (await proofFor(token)).split('.');
  const said = JSON.parse(Buffer.from(head, 'base64url').toString()) as { jwk: { x: string } };
  const coded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const hs = `${coded({ ...said, alg: 'HS256' })}.${claims}`;
  const mac = createHmac('sha256', said.jwk.x).update(hs).digest('base64url');
  const other = await makeKeyPair('ES256');
  const forged = [
    `${coded({ ...said, alg: 'none' })}.${claims}.AA`,
    `${hs}.${mac}`,
    `${coded({ ...said, jwk: other.jwk })}.${claims}.${signature}`,
  ];
  for (const proof of forged) expect(await outcomeOf(token, proof)).toEqual(invalid);
});

const figures = 'vectors/extracted/rfc9449-dpop.json';
referenceTest(
  figures,
  'the proofs of RFC 9449 hold but for the nonce, which they lack',
  async () => {
    const vector = JSON.parse(readReference(figures)) as Record<
      'token_proof' | 'resource_proof' | 'access_token' | 'want_jkt',
      string
    > &
      Record<'token' | 'resource', { htm: string; htu: string; iat: number }>;
    const fault = ({ htm, htu, iat }: typeof vector.token, proof: string, token?: string) => {
      const now = new Date((iat + 2) * 1000);
      return verifyProof(proof, { method: htm, url: htu, token }, { now, isOurNonce: () => true });
    };
    const { token, resource, access_token: access } = vector;
    expect(await fault(token, vector.token_proof)).toBe('nonce');
    expect(await fault(resource, vector.resource_proof, access)).toBe('nonce');
    expect(await fault(resource, vector.resource_proof, `${access}x`)).toBe('request');
    expect(await fault({ ...token, iat: token.iat + 301 }, vector.token_proof)).toBe('times');
    const [head = ''] = vector.token_proof.split('.');
    const { jwk } = JSON.parse(Buffer.from(head, 'base64url').toString()) as { jwk: object };
    expect(await calculateJwkThumbprint(jwk)).toBe(vector.want_jkt);
  },
);
