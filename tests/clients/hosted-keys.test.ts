import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Express } from 'express';
import {
  addClient,
  findClients,
  rotateClientKeys,
  rotateClientSecret,
} from '../../src/clients/index.ts';
import type { Tools } from '../../src/platform/tools.ts';
import { revokeClient } from '../../src/tokens/index.ts';
import { selfSigned } from '../support/certificates.ts';
import { openHouse, testClock, type House } from '../support/house.ts';
import { aPartnersClient, post, tokenApp, type GivenClient } from '../tokens/given.ts';
import { assertionOf, makeKeyPair, postSigned, setOf, type KeyPair } from '../tokens/signing.ts';

const [second, minute, hour] = [1000, 60_000, 3_600_000];
const clock = testClock();
let house: House;
let tools: Tools;
let app: Express;
let given: GivenClient;
let server: Server;
let url: string;
/** What the client's own server says of its keys, and how often it was asked. */
let hosted = '';
let asked = 0;
let pair: KeyPair;
let clientId: string;

beforeAll(async () => {
  house = await openHouse({ clock });
  const { cert, key } = await selfSigned('partner.example');
  server = createServer({ cert, key }, (_request, response) => {
    asked += 1;
    if (hosted === '') response.writeHead(503).end();
    else response.end(hosted);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  url = `https://partner.example:${String((server.address() as AddressInfo).port)}/keys`;
  const lookup = (_host: string, done: (error: null, found: { address: string; family: number }[]) => void) => { done(null, [{ address: '127.0.0.1', family: 4 }]); }; // prettier-ignore
  tools = { ...house.tools, fetching: { ca: cert, lookup, isAllowed: () => true } };
  app = tokenApp(tools);
  given = await aPartnersClient(tools);
  pair = await makeKeyPair('ES256');
  hosted = setOf(pair);
  const partnerId = given.partner.id;
  ({ clientId } = (await addClient(tools, { partnerId, name: 'hosted', jwksUri: url })).client);
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await house.close();
});

const signedBy = async (key: KeyPair) => {
  const assertion = await assertionOf({ clientId, pair: key }, { issuer: 'http://127.0.0.1:8080', now: clock.now() }); // prettier-ignore
  return (await postSigned(app, assertion)).status;
};

test('a client hosts its keys itself: they are fetched when it is added, and kept', async () => {
  expect(asked).toBe(1);
  expect(await signedBy(pair)).toBe(200);
  expect(await signedBy(pair)).toBe(200);
  expect(asked).toBe(1);
});

test('a key that is not known is looked for at once, but no more than once a minute', async () => {
  clock.advance(2 * minute);
  const next = await makeKeyPair('PS256', 'key-2');
  hosted = setOf(pair, next);
  expect(await signedBy(next)).toBe(200);
  expect([await signedBy(pair), asked]).toEqual([200, 2]);
  // Somebody who asks with names of keys that are nowhere makes us ask once.
  const stranger = await makeKeyPair('ES256', 'nowhere');
  for (let n = 0; n < 5; n += 1) expect(await signedBy(stranger)).toBe(401);
  expect(asked).toBe(2);
  clock.advance(minute + second);
  const all = Array.from({ length: 8 }, () => signedBy(stranger));
  expect(new Set(await Promise.all(all))).toEqual(new Set([401]));
  expect(asked).toBe(3);
});

test('the same key under another name is taken under that name', async () => {
  clock.advance(2 * minute);
  const renamed = { ...pair, jwk: { ...pair.jwk, kid: 'renamed' } };
  hosted = setOf(renamed);
  expect([await signedBy(renamed), await signedBy(renamed)]).toEqual([200, 200]);
  const before = asked;
  clock.advance(2 * minute);
  expect([await signedBy(renamed), asked]).toEqual([200, before]);
  hosted = setOf(pair);
  expect(await signedBy(pair)).toBe(200);
});

test('a key that was taken away there counts no more within the hour, and at once where another is asked for', async () => {
  const [, next] = [pair, await makeKeyPair('ES256', 'key-3')];
  hosted = setOf(next);
  expect(await signedBy(pair)).toBe(200);
  clock.advance(hour + minute);
  expect(await signedBy(pair)).toBe(401);
  expect(await signedBy(next)).toBe(200);
  pair = next;
});

test('while its host is away the last keys count for a day, and then none; what is no key set changes nothing', async () => {
  for (const nothing of ['', '{"keys":[]}', 'x'.repeat(20_000)]) {
    hosted = nothing;
    clock.advance(2 * hour);
    expect(await signedBy(pair)).toBe(200);
  }
  clock.advance(24 * hour);
  expect(await signedBy(pair)).toBe(401);
  hosted = setOf(pair);
  clock.advance(2 * minute);
  expect(await signedBy(pair)).toBe(200);
});

test('a URL that leads inside, is not https, or gives no keys adds no client; its keys are changed there alone', async () => {
  const partnerId = given.partner.id;
  const add = (jwksUri: string, its: Tools = tools) => addClient(its, { partnerId, name: 'x', jwksUri }); // prettier-ignore
  const before = (await findClients(tools.db, clock.now())).length;
  const { fetching: _, ...outside } = tools;
  for (const wrong of ['https://localhost/keys', 'https://127.0.0.1/keys', 'http://partner.example/keys', 'x'])
    await expect(add(wrong, outside)).rejects.toMatchObject({ facts: { field: 'jwksUri' } }); // prettier-ignore
  hosted = 'no JSON';
  await expect(add(url)).rejects.toMatchObject({ facts: { field: 'jwksUri' } });
  await expect(addClient(tools, { partnerId, name: 'x', jwksUri: url, jwks: setOf(pair) })).rejects.toThrow(/not both/); // prettier-ignore
  expect(await findClients(tools.db, clock.now())).toHaveLength(before);
  await expect(rotateClientKeys(tools, { clientId, jwks: setOf(pair), overlapSeconds: 0 })).rejects.toThrow(/change them there/); // prettier-ignore
});

test('when a credential was last used is known to the hour, and so is one that ends although it is in use', async () => {
  const its = await aPartnersClient(tools);
  const ask = async (secret: string) => (await post(app, '/oauth/token', { ...its, secret }, { grant_type: 'client_credentials' })).status; // prettier-ignore
  const told = async () => (await findClients(tools.db, clock.now())).find((one) => one.clientId === its.clientId); // prettier-ignore
  expect(await told()).toMatchObject({ usedAt: null, endsInUseAt: null });
  const first = clock.now();
  expect(await ask(its.secret)).toBe(200);
  clock.advance(minute);
  expect(await ask(its.secret)).toBe(200);
  expect(await told()).toMatchObject({ usedAt: first, endsInUseAt: null });
  const { secret, olderUntil } = await rotateClientSecret(tools, { clientId: its.clientId, overlapSeconds: 7200 }); // prettier-ignore
  clock.advance(hour + second);
  expect(await ask(its.secret)).toBe(200);
  expect(await told()).toMatchObject({ usedAt: clock.now(), endsInUseAt: olderUntil });
  expect(await ask(secret)).toBe(200);
  clock.advance(hour);
  expect(await ask(its.secret)).toBe(401);
  expect((await told())?.endsInUseAt).toBeNull();
});

test('nothing is fetched for a client that is revoked', async () => {
  await revokeClient(tools, { clientId });
  clock.advance(2 * hour);
  const before = asked;
  expect(await signedBy(await makeKeyPair('ES256', 'key-9'))).toBe(401);
  expect(asked).toBe(before);
});
