import { createHmac } from 'node:crypto';
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Express } from 'express';
import request, { type Response, type Test } from 'supertest';
import { changePartnerStatus } from '../../src/partners/index.ts';
import { openHouse, testClock, type House } from '../support/house.ts';
import { readReference, referenceUrl } from '../support/reference.ts';
import { aPartnersClient, aToken, post, tokenApp, whoIs, type GivenClient } from './given.ts';
import {
  aKeyedClient,
  assertionOf,
  makeKeyPair,
  postSigned,
  proofOf,
  type KeyPair,
  type Proving,
  type Saying,
} from './signing.ts';

const vectors = 'vectors/extracted/bad-inputs.json';

interface Row {
  readonly id: string;
  readonly expected: string;
  readonly status?: number;
  readonly type?: string;
}

const clock = testClock();
let house: House;
let app: Express;
let given: GivenClient;
let other: GivenClient;
let suspended: GivenClient;
let secret: string;
let keyed: { clientId: string; pair: KeyPair };
let foreign: KeyPair;
/** One that was used. */
let used: string;
/** A token bound to the client's key, the nonce of its proofs, and a proof that was used. */
let bound: { token: string; nonce: string; used: string };

beforeAll(async () => {
  house = await openHouse({ clock });
  app = tokenApp(house.tools);
  given = await aPartnersClient(house.tools);
  secret = await aToken(app, given);
  other = await aPartnersClient(house.tools);
  suspended = await aPartnersClient(house.tools);
  bound = await aBoundToken();
  keyed = await aKeyedClient(house.tools, given.partner.id, await makeKeyPair('ES256'));
  foreign = (await aKeyedClient(house.tools, other.partner.id, await makeKeyPair('ES256'))).pair;
  used = await assertionOf(keyed, { issuer, now: clock.now() });
  expect((await postSigned(app, used)).status).toBe(200);
  const { id } = suspended.partner;
  await changePartnerStatus(house.tools, { partnerId: id, status: 'suspended' });
});
afterAll(() => house.close());

const granting = { grant_type: 'client_credentials' };
const token = (form: Record<string, string> | string) => post(app, '/oauth/token', given, form);
const bare = (path = '/oauth/token') => request(app).post(path).type('form');
const who = () => request(app).get('/v1/who');
const basic = (value: string) => bare().set('Authorization', `Basic ${value}`).send(granting);

const issuer = 'http://127.0.0.1:8080';
const signed = async (saying: Saying) =>
  postSigned(app, await assertionOf(keyed, { issuer, now: clock.now() }, saying));
const secondsFromNow = (seconds: number) => Math.floor(clock.now().getTime() / 1000) + seconds;
const coded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
/** The assertion of the client with another header, and signed anew by `sign`. */
async function resigned(header: object, sign: (input: string) => string): Promise<Response> {
  const [, claims = ''] = (await assertionOf(keyed, { issuer, now: clock.now() })).split('.');
  const input = `${coded(header)}.${claims}`;
  return postSigned(app, `${input}.${sign(input)}`);
}

const proven = async (proving: Partial<Proving> & { url: string }) =>
  proofOf(boundPair, { now: clock.now(), ...(bound as Partial<typeof bound> | undefined), ...proving }); // prettier-ignore
const askBound = (proof: string) => token(granting).set('DPoP', proof);
const tokenUrl = `${issuer}/oauth/token`;
const callUrl = `${issuer}/v1/who`;
const callBound = async (proving: Partial<Proving> = {}) =>
  whoIs(app, bound.token).set('Authorization', `DPoP ${bound.token}`).set('DPoP', await proven({ url: callUrl, ...proving })); // prettier-ignore

let boundPair: KeyPair;
async function aBoundToken(): Promise<typeof bound> {
  boundPair = await makeKeyPair('ES256');
  const asking = { method: 'POST', url: tokenUrl, now: clock.now() };
  const told = await askBound(await proofOf(boundPair, asking));
  const nonce = told.headers['dpop-nonce'] ?? '';
  const { body } = await askBound(await proofOf(boundPair, { ...asking, nonce }));
  const { access_token: text } = body as { access_token: string };
  const proof = await proofOf(boundPair, { url: callUrl, now: clock.now(), nonce, token: text });
  const first = await who().set('Authorization', `DPoP ${text}`).set('DPoP', proof);
  expect(first.status).toBe(200);
  return { token: text, nonce, used: proof };
}

/** The claims of a good proof under HS256, keyed with what everybody knows of the key. */
async function hmacProof(): Promise<Response> {
  const [head = '', claims = ''] = (await proven({ url: callUrl })).split('.');
  const header = JSON.parse(Buffer.from(head, 'base64url').toString()) as object;
  const input = `${coded({ ...header, alg: 'HS256' })}.${claims}`;
  const mac = createHmac('sha256', JSON.stringify(boundPair.jwk)).update(input).digest('base64url');
  return who().set('Authorization', `DPoP ${bound.token}`).set('DPoP', `${input}.${mac}`);
}

/** What each row means here; tokens are never JWTs, so that rows of theirs have one answer. */
const inputs: Readonly<Record<string, () => Test | Promise<Response>>> = {
  A1: () => request(app).get('/oauth/token'),
  A2: () => request(app).post('/oauth/token').auth(given.clientId, given.secret).send(granting),
  A3: () => token({ scope: 'billing' }),
  A4: () => token('grant_type=client_credentials&grant_type=client_credentials'),
  A5: () => token({ grant_type: 'password', username: 'a', password: 'b' }),
  A9: () => post(app, `/oauth/token?client_id=a&client_secret=b`, given, granting),
  A10: () => bare().send({ ...granting, client_id: keyed.clientId, client_secret: given.secret }),
  A11: () => token({ ...granting, client_assertion: 'a.b.c' }),
  A12: () => post(app, '/oauth/token', { ...given, clientId: 'unknown' }, granting),
  A13: () => post(app, '/oauth/token', { ...given, secret: 'wrong' }, granting),
  A14: () => basic('!!!'),
  A15: () => basic(Buffer.from('nocolon').toString('base64')),
  A17: () => resigned({ alg: 'none' }, () => ''),
  A18: () =>
    resigned({ alg: 'HS256', kid: keyed.pair.kid }, (input) =>
      createHmac('sha256', JSON.stringify(keyed.pair.jwk)).update(input).digest('base64url'),
    ),
  A20: () => signed({ pair: foreign }),
  A22: () => signed({ claims: { aud: [issuer] } }),
  A23: () => signed({ claims: { iss: other.clientId } }),
  A25: () => signed({ claims: { exp: secondsFromNow(86_400) } }),
  A28: () => signed({ claims: { nbf: secondsFromNow(61), exp: secondsFromNow(120) } }),
  A29: () => postSigned(app, used),
  A30: () =>
    resigned(
      { alg: 'ES256', kid: keyed.pair.kid, crit: ['x'], x: 1 },
      () => used.split('.')[2] ?? '',
    ),
  A32: () => signed({ header: { kid: '../../etc/passwd' } }),
  A34: () => token({ ...granting, scope: 'billing  contact' }),
  A35: () => token({ ...granting, resource: 'https://other.example' }),
  A36: () => post(app, '/oauth/token', suspended, granting),
  A37: async () =>
    askBound(await proven({ method: 'POST', url: 'https://evil.example/oauth/token' })),
  A38: async () => askBound(await proven({ method: 'GET', url: tokenUrl })),
  A42: () => post(app, '/oauth/revoke', other, { token: secret }),
  A43: () => post(app, '/oauth/revoke', given, { token: 'garbage' }),
  A44: () => bare('/oauth/revoke').send({ token: secret }),
  A46: () => bare('/oauth/introspect').send({ token: secret }),
  B2: () => who().query({ access_token: secret }),
  B3: () => who().type('form').send({ access_token: secret }),
  B5: () => who().send({ access_token: [secret] }),
  B6: () => who().send({ access_token: { toString: 1 } }),
  B7: () => whoIs(app, secret).query({ access_token: secret }),
  B8: () => who().query('access_token='),
  B9: () => who().set('X-Access-Token', secret).set('Cookie', `access_token=${secret}`),
  B11: () => who().set('Authorization', 'Bearer'),
  B12: () => who().set('Authorization', `Bearer  ${secret}`),
  B16: () => whoIs(app, `${secret},`),
  B17: () => whoIs(app, '__proto__'),
  B19: () =>
    whoIs(app, `${secret.slice(0, 10)}${secret[10] === 'A' ? 'B' : 'A'}${secret.slice(11)}`),
  B23: () => whoIs(app, 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.'),
  B30: () => whoIs(app, `${secret}=`),
  B32: () => whoIs(app, 'eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..AAAA.AAAA.AAAA'),
  B35: () => whoIs(app, bound.token),
  B36: async () =>
    who()
      .set('Authorization', `DPoP ${secret}`)
      .set('DPoP', await proven({ url: callUrl, token: secret })),
  B38: () => callBound({ url: `HTTP://127.0.0.1:8080/v1/who?limit=1` }),
  B39: () => callBound({ url: `${issuer}/v1/customers` }),
  B40: () => who().set('Authorization', `DPoP ${bound.token}`).set('DPoP', bound.used),
  B41: () => callBound({ claims: { iat: secondsFromNow(61) } }),
  B42: () => hmacProof(),
};

/** The rows are reference data beside the checkout: skipped, and said so, where they are absent. */
const isThere = existsSync(referenceUrl(vectors));
const rowTest = isThere ? test : test.skip;
const note = isThere ? '' : ` (skipped: ../shared/${vectors} is absent)`;

for (const [id, send] of Object.entries(inputs)) {
  rowTest(`bad input ${id} is answered as its row says${note}`, async () => {
    const rows = JSON.parse(readReference(vectors)) as readonly Row[];
    const row = rows.find((one) => one.id === id);
    if (!row) throw new Error(`There is no row ${id}.`);
    const answer = await send();
    const body = answer.body as { error?: string; code?: string };
    expect(answer.status).toBe(row.status ?? 200);
    expect(body.error ?? body.code).toBe(row.type);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(answer.text).not.toContain(given.secret);
    expect(answer.text).not.toContain(secret);
    if (answer.status === 401) expect(answer.headers['www-authenticate']).toMatch(/^Ba|^Be|^DPoP/);
  });
}

test('the key set that the metadata names is there, and empty: tokens are opaque', async () => {
  const { body } = await request(app).get('/.well-known/oauth-authorization-server');
  const { jwks_uri: uri } = body as { jwks_uri: string };
  const answer = await request(app).get(new URL(uri).pathname);
  expect([answer.status, answer.body]).toEqual([200, { keys: [] }]);
});

test('bad input A48: a foreign Host does not change the issuer', async () => {
  const answer = await request(app)
    .get('/.well-known/oauth-authorization-server')
    .set('Host', 'evil.example');
  expect(answer.body).toMatchObject({ issuer: 'http://127.0.0.1:8080' });
  expect(answer.text).not.toContain('evil');
});
