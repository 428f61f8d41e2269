import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { request as ask } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Express } from 'express';
import request from 'supertest';
import {
  addClient,
  rotateClientCertificates,
  rotateClientKeys,
  rotateClientSecret,
  setClientNetworks,
} from '../../src/clients/index.ts';
import { listen, type RunningServer } from '../../src/platform/http/lifecycle.ts';
import { openTls } from '../../src/platform/http/tls.ts';
import { systemClock } from '../../src/platform/clock.ts';
import type { Tools } from '../../src/platform/tools.ts';
import { selfSigned, type MadeCertificate } from '../support/certificates.ts';
import { openHouse, testClock, type House } from '../support/house.ts';
import { aPartnersClient, aToken, post, tokenApp, whoIs, type GivenClient } from './given.ts';
import { aKeyedClient, makeKeyPair, setOf } from './signing.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-mtls-'));
const files = { certFile: join(folder, 'cert.pem'), keyFile: join(folder, 'key.pem') };
const clock = testClock();
let house: House;
let given: GivenClient;
let [ours, first, next, strange]: MadeCertificate[] = [];
let main: RunningServer;
let mutual: RunningServer;
let app: Express;
const life = { from: new Date('2026-11-01'), until: new Date('2026-12-01') };

beforeAll(async () => {
  house = await openHouse({ clock });
  given = await aPartnersClient(house.tools);
  [ours, first, next, strange] = await Promise.all([
    selfSigned('127.0.0.1'),
    ...['first', 'next', 'strange'].map((name) => selfSigned(name, life)),
  ]);
  writeFileSync(files.certFile, ours.cert);
  writeFileSync(files.keyFile, ours.key);
  const { tools } = house;
  const tls = await openTls(files, { clock: systemClock, log: tools.log });
  const serving: RequestListener = (asked, answer) => {
    app(asked, answer);
  };
  const at = { host: '127.0.0.1', port: 0, random: tools.random, tls };
  main = await listen(serving, at);
  mutual = await listen(serving, { ...at, needsCertificate: true });
  const origin = `https://127.0.0.1:${String(main.port)}`;
  app = tokenApp({ ...tools, settings: { ...tools.settings, origin, mtlsPort: mutual.port } });
});
afterAll(async () => {
  await Promise.all([main.stop(0), mutual.stop(0)]);
  await house.close();
  rmSync(folder, { recursive: true });
});

interface Heard {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** One request over TLS, with a certificate or without. */
function send(
  path: string,
  { by, port = mutual.port, form, token }: { by?: MadeCertificate | undefined; port?: number; form?: Record<string, string>; token?: string }, // prettier-ignore
): Promise<Heard> {
  const headers = {
    ...(token !== undefined && { Authorization: `Bearer ${token}` }),
    ...(form && { 'Content-Type': 'application/x-www-form-urlencoded' }),
  };
  return new Promise((resolve, reject) => {
    const options = { port, path, headers, ca: ours?.cert, agent: false as const };
    const shows = by ? { cert: by.cert, key: by.key } : {};
    const method = form ? 'POST' : 'GET';
    const sent = ask({ host: '127.0.0.1', method, ...options, ...shows }, (answer) => {
      let text = '';
      answer.on('data', (part) => (text += String(part)));
      answer.on('end', () => {
        const body = JSON.parse(text === '' ? '{}' : text) as Heard['body'];
        resolve({ status: answer.statusCode ?? 0, body });
      });
    });
    sent.on('error', reject);
    sent.end(form && new URLSearchParams(form).toString());
  });
}

async function aCertified(...by: readonly (MadeCertificate | undefined)[]): Promise<string> {
  const certificates = by.map((one) => one?.cert).join('\n');
  const asked = { partnerId: given.partner.id, name: 'mutual', certificates };
  return (await addClient(house.tools, asked)).client.clientId;
}

const granting = (client_id: string) => ({ grant_type: 'client_credentials', client_id });
const tokenOf = async (client: string, by = first): Promise<string> => {
  const { body, status } = await send('/oauth/token', { by, form: granting(client) });
  expect(status).toBe(200);
  return String(body['access_token']);
};
const statusOf = async (asked: Promise<Heard>) => {
  const { status, body } = await asked;
  return [status, body['error'] ?? body['code']];
};
const invalidClient = [401, 'invalid_client'];
const invalidToken = [401, 'token-invalid'];
const fine = [200, undefined];

test('a client that shows its certificate gets a token that serves with this certificate alone', async () => {
  const clientId = await aCertified(first);
  const answer = await send('/oauth/token', { by: first, form: granting(clientId) });
  expect(answer).toMatchObject({ status: 200, body: { token_type: 'Bearer' } });
  const token = String(answer.body['access_token']);
  const who = { token } as const;
  expect(await statusOf(send('/v1/who', { by: first, ...who }))).toEqual(fine);
  expect(await statusOf(send('/v1/who', { by: strange, ...who }))).toEqual(invalidToken);
  expect(await statusOf(send('/v1/who', { by: next, ...who }))).toEqual(invalidToken);
  expect(await statusOf(send('/v1/who', { port: main.port, ...who }))).toEqual(invalidToken);
  // Shown where nobody asks for it, it is not seen.
  expect(await statusOf(send('/v1/who', { by: first, port: main.port, ...who }))).toEqual(invalidToken); // prettier-ignore
  const told = await send('/oauth/introspect', { by: first, form: { client_id: clientId, token } });
  expect(told.body).toMatchObject({
    active: true,
    token_type: 'Bearer',
    cnf: { 'x5t#S256': first?.thumbprint },
  });
  await send('/oauth/revoke', { by: first, form: { client_id: clientId, token } });
  expect(await statusOf(send('/v1/who', { by: first, ...who }))).toEqual(invalidToken);
});

test('nobody is a client by another’s certificate, by none, or by an id alone', async () => {
  const clientId = await aCertified(first);
  const form = granting(clientId);
  expect(await statusOf(send('/oauth/token', { by: strange, form }))).toEqual(invalidClient);
  expect(await statusOf(send('/oauth/token', { by: first, port: main.port, form }))).toEqual(invalidClient); // prettier-ignore
  expect(await statusOf(send('/oauth/token', { by: first, form: granting('cli_unknown') }))).toEqual(invalidClient); // prettier-ignore
  expect(await statusOf(send('/oauth/token', { by: first, form: granting(given.clientId) }))).toEqual(invalidClient); // prettier-ignore
  const secretToo = { ...form, client_secret: 'sls_x' };
  expect(await statusOf(send('/oauth/token', { by: first, form: secretToo }))).toEqual(invalidClient); // prettier-ignore
  const unnamed = { grant_type: 'client_credentials' };
  expect(await statusOf(send('/oauth/token', { by: first, form: unnamed }))).toEqual(invalidClient);
});

test('a token that is bound to nothing serves on either port', async () => {
  const token = await aToken(tokenApp(house.tools), given);
  expect(await statusOf(send('/v1/who', { by: strange, token }))).toEqual(fine);
  expect(await statusOf(send('/v1/who', { port: main.port, token }))).toEqual(fine);
});

test('certificates stand side by side while a client changes; what ended counts no more, nor its tokens', async () => {
  const clientId = await aCertified(first);
  const token = await tokenOf(clientId);
  const pem = next?.cert ?? '';
  await rotateClientCertificates(house.tools, { clientId, pem, overlapSeconds: 60 });
  await tokenOf(clientId, next);
  await tokenOf(clientId, first);
  expect(await statusOf(send('/v1/who', { by: first, token }))).toEqual(fine);
  clock.advance(60_000);
  const form = granting(clientId);
  expect(await statusOf(send('/oauth/token', { by: first, form }))).toEqual(invalidClient);
  expect(await statusOf(send('/v1/who', { by: first, token }))).toEqual(invalidToken);
  const fresh = await tokenOf(clientId, next);
  await rotateClientCertificates(house.tools, { clientId, pem: first?.cert ?? '', overlapSeconds: 0 }); // prettier-ignore
  clock.advance(901);
  expect(await statusOf(send('/v1/who', { by: next, token: fresh }))).toEqual(invalidToken);
  await tokenOf(clientId, first);
});

test('a certificate that expired proves nobody, and one is not taken that has', async () => {
  const clientId = await aCertified(first, next);
  const token = await tokenOf(clientId);
  const at = clock.now();
  clock.set(new Date(life.until.getTime() - 1000));
  const last = await tokenOf(clientId);
  clock.set(new Date(life.until.getTime() + 1000));
  const form = granting(clientId);
  expect(await statusOf(send('/oauth/token', { by: first, form }))).toEqual(invalidClient);
  expect(await statusOf(send('/v1/who', { by: first, token: last }))).toEqual(invalidToken);
  await expect(aCertified(first)).rejects.toThrow(/expired at 2026-12-01/);
  clock.set(at);
  expect(await statusOf(send('/v1/who', { by: first, token }))).toEqual(fine);
});

test('a certificate that is not yet good waits', async () => {
  const later = await selfSigned('later', { from: new Date('2027-01-01') });
  const clientId = await aCertified(later);
  expect(await statusOf(send('/oauth/token', { by: later, form: granting(clientId) }))).toEqual(invalidClient); // prettier-ignore
});

test.each<[string, () => Promise<string>, RegExp]>([
  ['nothing', () => Promise.resolve(''), /1 to 4 certificates/],
  ['a private key', () => Promise.resolve(first?.key ?? ''), /private key/],
  ['five', () => Promise.resolve(`${first?.cert ?? ''}\n`.repeat(5)), /1 to 4 certificates/],
  ['a broken one', () => Promise.resolve((first?.cert ?? '').replace('MII', 'AAA')), /can’t be/],
  ['a weak one', async () => (await selfSigned('weak', { ...life, rsaBits: 1024 })).cert, /2048/],
  ['64 kB', () => Promise.resolve('a'.repeat(65_537)), /64 kB/],
])('%s is not registered', async (_name, pem, sentence) => {
  const asked = { partnerId: given.partner.id, name: 'bad', certificates: await pem() };
  const adding = addClient(house.tools, asked);
  await expect(adding).rejects.toMatchObject({ kind: { code: 'invalid-client' } });
  await expect(adding).rejects.toThrow(sentence);
});

test('a client keeps to its one way to prove itself', async () => {
  const clientId = await aCertified(first);
  const pair = await makeKeyPair('ES256');
  const { tools } = house;
  const none = { kind: { code: 'invalid-client' } };
  await expect(rotateClientSecret(tools, { clientId, overlapSeconds: 0 })).rejects.toMatchObject(none); // prettier-ignore
  await expect(rotateClientKeys(tools, { clientId, jwks: setOf(pair), overlapSeconds: 0 })).rejects.toMatchObject(none); // prettier-ignore
  const keyed = await aKeyedClient(tools, given.partner.id, pair);
  for (const other of [keyed.clientId, given.clientId]) {
    const asked = { clientId: other, pem: next?.cert ?? '', overlapSeconds: 0 };
    await expect(rotateClientCertificates(tools, asked)).rejects.toMatchObject(none);
  }
  const both = { partnerId: given.partner.id, name: 'both', certificates: first?.cert };
  await expect(addClient(tools, { ...both, jwks: setOf(pair) })).rejects.toMatchObject(none);
  await expect(addClient(tools, { ...both, isDpopRequired: true })).rejects.toMatchObject(none);
});

test('the metadata says where clients are asked for certificates, and nothing of it where they are not', async () => {
  const path = '/.well-known/oauth-authorization-server';
  const { body } = await send(path, { port: main.port });
  const alias = `https://127.0.0.1:${String(mutual.port)}`;
  expect(body).toMatchObject({
    tls_client_certificate_bound_access_tokens: true,
    mtls_endpoint_aliases: {
      token_endpoint: `${alias}/oauth/token`,
      revocation_endpoint: `${alias}/oauth/revoke`,
      introspection_endpoint: `${alias}/oauth/introspect`,
    },
  });
  for (const endpoint of ['token', 'revocation', 'introspection']) {
    expect(body[`${endpoint}_endpoint_auth_methods_supported`]).toContain('self_signed_tls_client_auth'); // prettier-ignore
  }
  const clear = await request(tokenApp(house.tools)).get(path);
  expect(clear.text).not.toMatch(/tls/);
});

/** The test is the proxy of a gateway without TLS of its own. */
const behind = (more: Partial<Tools['settings']> = {}) => {
  const settings = { ...house.tools.settings, trustedProxies: ['127.0.0.1/32'], ...more };
  return tokenApp({ ...house.tools, settings });
};
const from = (address: string) => ({ 'X-Forwarded-For': address, 'X-Forwarded-Proto': 'https' });

test('a trusted proxy tells the certificate of its client (RFC 9440)', async () => {
  const gateway = behind({ takesClientCert: true });
  const clientId = await aCertified(first);
  const told = (by: MadeCertificate | undefined) =>
    `:${(by?.cert ?? '').replaceAll(/-----[A-Z ]+-----|\s/g, '')}:`;
  const asked = (by: MadeCertificate | undefined) =>
    post(gateway, '/oauth/token', { clientId: '', secret: '' }, granting(clientId))
      .unset('Authorization')
      .set(from('203.0.113.9'))
      .set('Client-Cert', told(by));
  expect((await asked(strange)).status).toBe(401);
  const { access_token: token } = (await asked(first)).body as { access_token: string };
  const who = () => whoIs(gateway, token).set(from('203.0.113.9'));
  expect((await who().set('Client-Cert', told(first))).status).toBe(200);
  expect((await who().set('Client-Cert', told(next))).status).toBe(401);
  expect((await who()).status).toBe(401);
});

test('credentials that came in clear are refused and never looked at', async () => {
  const gateway = behind();
  const token = await aToken(tokenApp(house.tools), given);
  const clear = { ...from('203.0.113.9'), 'X-Forwarded-Proto': 'http' };
  const asked = await post(gateway, '/oauth/token', given, granting(given.clientId)).set(clear);
  expect([asked.status, asked.body]).toEqual([400, expect.objectContaining({ error: 'invalid_request' })]); // prettier-ignore
  const called = await whoIs(gateway, token).set(clear);
  expect([called.status, called.body]).toEqual([403, expect.objectContaining({ code: 'tls-required' })]); // prettier-ignore
  expect((await whoIs(gateway, token).set(from('203.0.113.9'))).status).toBe(200);
});

test('a client is served from its networks alone, its tokens too, within a second of a change', async () => {
  const gateway = behind();
  const networks = '203.0.113.0/24,2001:db8::/32';
  const asked = { partnerId: given.partner.id, name: 'at home', networks };
  const { client, secret } = await addClient(house.tools, asked);
  const { clientId } = client;
  const tokenFrom = (address: string) =>
    post(gateway, '/oauth/token', { clientId, secret }, granting(clientId)).set(from(address));
  expect((await tokenFrom('198.51.100.1')).body).toMatchObject({ error: 'invalid_client' });
  expect((await tokenFrom('2001:db8::7')).status).toBe(200);
  const { body } = await tokenFrom('203.0.113.9');
  const { access_token: token } = body as { access_token: string };
  const whoFrom = async (address: string) =>
    (await whoIs(gateway, token).set(from(address))).status;
  expect(await whoFrom('203.0.113.200')).toBe(200);
  expect(await whoFrom('198.51.100.1')).toBe(401);
  // Who writes the header is not believed beyond what the proxy adds.
  expect(await whoFrom('203.0.113.9, 198.51.100.1')).toBe(401);
  await setClientNetworks(house.tools, { clientId, networks: '198.51.100.0/24' });
  clock.advance(900);
  expect(await whoFrom('203.0.113.200')).toBe(401);
  expect(await whoFrom('198.51.100.1')).toBe(200);
  await setClientNetworks(house.tools, { clientId, networks: undefined });
  clock.advance(900);
  expect(await whoFrom('203.0.113.200')).toBe(200);
  const wrong = setClientNetworks(house.tools, { clientId, networks: '203.0.113.9/24' });
  await expect(wrong).rejects.toMatchObject({ kind: { code: 'invalid-client' } });
  expect(await whoFrom('203.0.113.200')).toBe(200);
});
