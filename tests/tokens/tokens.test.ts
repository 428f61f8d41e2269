import { createServer } from 'node:http';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Express } from 'express';
import * as client from 'openid-client';
import { pino } from 'pino';
import request from 'supertest';
import { changePartnerStatus } from '../../src/partners/index.ts';
import { rotateClientSecret } from '../../src/clients/index.ts';
import { revokeClient, verifyToken } from '../../src/tokens/index.ts';
import { openDatabase } from '../../src/platform/database.ts';
import { noon, openHouse, testClock, type House } from '../support/house.ts';
import { aPartnersClient, aToken, post, tokenApp, whoIs, type GivenClient } from './given.ts';

const clock = testClock();
const lines: string[] = [];
const log = pino({ level: 'debug' }, { write: (line: string) => lines.push(line) });
/** What a test opened beside the house; closed however the test ended. */
const opened: (() => Promise<void>)[] = [];
let house: House;
let tools: House['tools'];
let app: Express;
let given: GivenClient;

beforeAll(async () => {
  house = await openHouse({ clock });
  tools = { ...house.tools, log };
  app = tokenApp(tools);
});
afterAll(async () => {
  await Promise.all(opened.map((close) => close()));
  await house.close();
});
beforeEach(async () => {
  clock.set(noon);
  given = await aPartnersClient(tools);
});

/** The same database through a pool of its own, as another process has it. */
function anotherPool(url = house.urls.app) {
  const db = openDatabase(url, { max: 2 });
  opened.push(() => db.destroy());
  return db;
}

const granting = { grant_type: 'client_credentials' };

test('a client gets a token for all that its agreement names', async () => {
  const answer = await post(app, '/oauth/token', given, granting);
  expect(answer.status).toBe(200);
  expect(answer.headers['cache-control']).toBe('no-store');
  const { access_token: secret, ...rest } = answer.body as Record<string, unknown>;
  expect(secret).toMatch(/^slt_[\w-]{43}$/);
  expect(rest).toEqual({
    token_type: 'Bearer',
    expires_in: 600,
    scope: 'contact account billing fees',
    purpose: 'identity billing fees',
  });
  const who = await whoIs(app, String(secret));
  expect(who.body).toMatchObject({
    partnerId: given.partner.id,
    partnerKey: given.partner.key,
    kind: 'referral',
    clientId: given.clientId,
    scopes: ['contact', 'account', 'billing', 'fees'],
  });
});

test('a token carries the part that was asked for, and no more than was agreed', async () => {
  const asked = { ...granting, scope: 'billing', purpose: 'billing' };
  const answer = await post(app, '/oauth/token', given, asked);
  expect(answer.body).toMatchObject({ scope: 'billing', purpose: 'billing' });
  const more = await post(app, '/oauth/token', given, { ...granting, scope: 'business' });
  expect(more.status).toBe(400);
  expect(more.body).toMatchObject({ error: 'invalid_scope' });
});

test('promise P08: no token is issued for marketing', async () => {
  const answer = await post(app, '/oauth/token', given, { ...granting, purpose: 'marketing' });
  expect(answer.status).toBe(400);
  expect(answer.body).toMatchObject({
    error: 'invalid_scope',
    error_description: expect.stringContaining('P08') as unknown,
  });
});

test('promise P30: secrets are stored hashed, shown once and logged nowhere', async () => {
  const secret = await aToken(app, given);
  await whoIs(app, secret);
  await post(app, '/oauth/introspect', given, { token: secret });
  await request(app).get('/v1/who').query({ access_token: secret });
  await post(app, `/oauth/token?client_secret=${given.secret}`, given, granting);
  await request(app).post('/oauth/token').auth(given.secret, 'wrong').type('form').send(granting);
  const { rows } = await house.admin.raw<{ rows: { all: string }[] }>(`
    select clients::text || client_secrets::text || tokens::text as all
      from clients join client_secrets using (client_id) join tokens using (client_id)`);
  const stored = rows.map((row) => row.all).join('');
  expect(stored).toContain(given.clientId);
  const coded = Buffer.from(`${given.clientId}:${given.secret}`).toString('base64');
  for (const canary of [secret, given.secret, coded, Buffer.from(secret).toString('hex')]) {
    expect(stored).not.toContain(canary);
    expect(lines.join('')).not.toContain(canary);
  }
  expect(lines.join('')).not.toMatch(/sl[st]_/);
});

test('an unknown client and a wrong secret get the same bytes', async () => {
  const unknown = { clientId: `cli_${'A'.repeat(22)}`, secret: given.secret };
  const wrong = { ...given, secret: `sls_${'A'.repeat(43)}` };
  const [one, two] = await Promise.all(
    [unknown, wrong].map((credentials) => post(app, '/oauth/token', credentials, granting)),
  );
  expect(one?.status).toBe(401);
  expect(two?.status).toBe(401);
  expect(one?.text).toBe(two?.text);
  expect(one?.headers['www-authenticate']).toBe('Basic realm="sluice"');
  const same = (headers: unknown) => ({ ...(headers as object), 'request-id': '', date: '' });
  expect(same(one?.headers)).toEqual(same(two?.headers));
});

test('an unknown client and a wrong secret cost the same statements', async () => {
  const asked: string[] = [];
  const counting = anotherPool();
  const listening = { ...tools, db: counting };
  const client = counting.client as { acquireConnection(): Promise<{ query: unknown }> };
  const acquire = client.acquireConnection.bind(client);
  client.acquireConnection = async () => {
    asked.push('statement');
    return acquire();
  };
  const counted = async (credentials: { clientId: string; secret: string }) => {
    asked.length = 0;
    await post(tokenApp(listening), '/oauth/token', credentials, granting);
    return asked.length;
  };
  const wrong = await counted({ ...given, secret: 'wrong' });
  expect(wrong).toBe(1);
  expect(await counted({ ...given, clientId: 'unknown' })).toBe(wrong);
});

test('a secret in rotation: two live side by side, an older one ends at once', async () => {
  const works = async (secret: string) =>
    (await post(app, '/oauth/token', { ...given, secret }, granting)).status === 200;
  const rotate = () =>
    rotateClientSecret(tools, { clientId: given.clientId, overlapSeconds: 3600 });
  const second = (await rotate()).secret;
  expect([await works(given.secret), await works(second)]).toEqual([true, true]);
  clock.advance(1000);
  const third = (await rotate()).secret;
  expect([await works(given.secret), await works(second), await works(third)]).toEqual([
    false,
    true,
    true,
  ]);
  clock.advance(3600_000);
  expect([await works(second), await works(third)]).toEqual([false, true]);
});

test('twenty rotations at once leave two live secrets', async () => {
  const { clientId } = given;
  const rotated = await Promise.all(
    Array.from({ length: 20 }, () => rotateClientSecret(tools, { clientId, overlapSeconds: 60 })),
  );
  const { rows } = await house.admin.raw<{ rows: { live: string }[] }>(
    `select count(*) as live from client_secrets
      where client_id = ? and (expires_at is null or expires_at > ?)`,
    [clientId, clock.now()],
  );
  expect(rows[0]?.live).toBe('2');
  expect(new Set(rotated.map(({ secret }) => secret)).size).toBe(20);
});

test('a token ends with its time, to the second', async () => {
  const secret = await aToken(app, given);
  clock.advance(599_000);
  expect((await whoIs(app, secret)).status).toBe(200);
  clock.advance(1000);
  const ended = await whoIs(app, secret);
  expect(ended.status).toBe(401);
  expect(ended.body).toMatchObject({ code: 'token-invalid' });
});

test('a revoked token ends at once here and within a second elsewhere', async () => {
  const elsewhere = { ...tools, db: anotherPool() };
  const secret = await aToken(app, given);
  const isLive = async (where: typeof tools) => (await verifyToken(where, secret)).isLive;
  expect([await isLive(tools), await isLive(elsewhere)]).toEqual([true, true]);
  const revoked = await post(app, '/oauth/revoke', given, { token: secret });
  expect(revoked.status).toBe(200);
  expect(revoked.text).toBe('');
  expect(await isLive(tools)).toBe(false);
  clock.advance(1000);
  expect(await isLive(elsewhere)).toBe(false);
});

test('the memory of a token does not outlive a clock that is set back', async () => {
  const secret = await aToken(app, given);
  clock.advance(60_000);
  expect((await verifyToken(tools, secret)).isLive).toBe(true);
  await house.admin('tokens').where({ client_id: given.clientId }).update({ revoked_at: noon });
  clock.advance(900);
  clock.advance(-850);
  expect((await verifyToken(tools, secret)).isLive).toBe(false);
});

test('suspension, retirement and the end of a client act within a second', async () => {
  const partnerId = given.partner.id;
  const secret = await aToken(app, given);
  const answer = async () => {
    clock.advance(1000);
    const { status, body } = await whoIs(app, secret);
    return [status, (body as { code?: string }).code];
  };
  const tokenStatus = async () => {
    const { status, body } = await post(app, '/oauth/token', given, granting);
    return [status, (body as { error?: string }).error];
  };
  await changePartnerStatus(tools, { partnerId, status: 'suspended' });
  expect(await answer()).toEqual([403, 'partner-suspended']);
  expect(await tokenStatus()).toEqual([401, 'invalid_client']);
  await changePartnerStatus(tools, { partnerId, status: 'active' });
  expect(await answer()).toEqual([200, undefined]);
  await revokeClient(tools, { clientId: given.clientId });
  expect((await whoIs(app, secret)).status).toBe(401);
  expect(await tokenStatus()).toEqual([401, 'invalid_client']);
  const other = await aPartnersClient(tools);
  const theirs = await aToken(app, other);
  await changePartnerStatus(tools, { partnerId: other.partner.id, status: 'retired' });
  clock.advance(1000);
  expect((await whoIs(app, theirs)).body).toMatchObject({ status: 401, code: 'token-invalid' });
});

test('a database that is gone is an honest 503, at the token endpoint and at the API', async () => {
  const secret = await aToken(app, given);
  const gone = anotherPool('postgres://nobody:x@127.0.0.1:9/none');
  const cut = tokenApp({ ...tools, db: gone });
  for (const answer of [
    await whoIs(cut, secret),
    await post(cut, '/oauth/token', given, granting),
  ]) {
    expect(answer.status).toBe(503);
    expect(answer.body).toMatchObject({ code: 'database-unavailable' });
    expect(answer.headers['retry-after']).toBe('1');
  }
});

test('one client learns nothing of another’s token and cannot end it', async () => {
  const other = await aPartnersClient(tools);
  const secret = await aToken(app, given);
  const asked = await post(app, '/oauth/introspect', other, { token: secret });
  expect(asked.body).toEqual({ active: false });
  const ended = await post(app, '/oauth/revoke', other, { token: secret });
  expect([ended.status, ended.text]).toEqual([200, '']);
  expect((await whoIs(app, secret)).status).toBe(200);
});

test('the app’s role cannot read back, change or delete what it may not', async () => {
  const statements = [
    'delete from tokens',
    'truncate tokens',
    "update tokens set scopes = '{business}'",
    "update tokens set expires_at = 'infinity'",
    'update client_secrets set secret_hash = secret_hash',
    'update clients set partner_id = partner_id',
    'drop table tokens',
  ];
  for (const statement of statements) {
    await expect(tools.db.raw(statement)).rejects.toThrow(/permission denied|must be owner/);
  }
});

test('openid-client, unmodified, discovers, gets a token, uses it, asks about it and ends it', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  opened.push(
    () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => {
          resolve();
        });
      }),
  );
  const { port } = server.address() as { port: number };
  const origin = `http://127.0.0.1:${String(port)}`;
  server.on('request', tokenApp({ ...tools, settings: { ...tools.settings, origin } }));
  const config = await client.discovery(
    new URL(origin),
    given.clientId,
    undefined,
    client.ClientSecretBasic(given.secret),
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- Marked so to stand out; loopback has no TLS.
    { algorithm: 'oauth2', execute: [client.allowInsecureRequests] },
  );
  const tokens = await client.clientCredentialsGrant(config, { scope: 'billing' });
  expect(tokens).toMatchObject({ token_type: 'bearer', scope: 'billing', expires_in: 600 });
  const use = () =>
    client.fetchProtectedResource(config, tokens.access_token, new URL('/v1/who', origin), 'GET');
  expect((await use()).status).toBe(200);
  const facts = await client.tokenIntrospection(config, tokens.access_token);
  expect(facts).toMatchObject({ active: true, client_id: given.clientId, iss: origin });
  await client.tokenRevocation(config, tokens.access_token);
  expect(await client.tokenIntrospection(config, tokens.access_token)).toEqual({ active: false });
  await expect(use()).rejects.toThrow();
});
