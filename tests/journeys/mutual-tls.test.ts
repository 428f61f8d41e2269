import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import * as oauth from 'oauth4webapi';
import * as client from 'openid-client';
import { Agent, fetch as fetchBy } from 'undici';
import { addClient } from '../../src/clients/index.ts';
import { createGateway } from '../../src/gateway.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { listen, type RunningServer } from '../../src/platform/http/lifecycle.ts';
import { openTls } from '../../src/platform/http/tls.ts';
import { selfSigned, type MadeCertificate } from '../support/certificates.ts';
import { givenPartner, givenSharedCustomer, type GivenPartner } from '../support/given.ts';
import { openHouse, type House } from '../support/house.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-mutual-'));
const files = { certFile: join(folder, 'cert.pem'), keyFile: join(folder, 'key.pem') };
let house: House;
let main: RunningServer;
let mutual: RunningServer;
let origin: string;
let resource: URL;
let bright: GivenPartner;
let [ours, mine, other]: MadeCertificate[] = [];
let clientId: string;

beforeAll(async () => {
  // The clients go by their own clock.
  house = await openHouse({ clock: systemClock });
  const { tools } = house;
  [ours, mine, other] = await Promise.all(['127.0.0.1', 'mine', 'other'].map((name) => selfSigned(name))); // prettier-ignore
  writeFileSync(files.certFile, ours?.cert ?? '');
  writeFileSync(files.keyFile, ours?.key ?? '');
  let gateway = createGateway(tools);
  const serving: RequestListener = (request, response) => {
    gateway(request, response);
  };
  const tls = await openTls(files, tools);
  const at = { host: '127.0.0.1', port: 0, random: tools.random, tls };
  main = await listen(serving, at);
  mutual = await listen(serving, { ...at, needsCertificate: true });
  // The issuer is where the client finds it, and the ports are known only now.
  origin = `https://127.0.0.1:${String(main.port)}`;
  resource = new URL(`https://127.0.0.1:${String(mutual.port)}/v1/customers`);
  gateway = createGateway({ ...tools, settings: { ...tools.settings, origin, mtlsPort: mutual.port } }); // prettier-ignore
  bright = await givenPartner(tools);
  await givenSharedCustomer(tools, bright.partner, 'ada');
  const asked = { partnerId: bright.partner.id, name: 'mutual', certificates: mine?.cert };
  ({ clientId } = (await addClient(tools, asked)).client);
});
afterAll(async () => {
  await Promise.all([main.stop(1), mutual.stop(1)]);
  await house.close();
  rmSync(folder, { recursive: true });
});

/** Node's own fetch, on connections that show a certificate where they are asked for one. */
function showing(by: MadeCertificate | undefined) {
  const shows = by ? { cert: by.cert, key: by.key } : {};
  const dispatcher = new Agent({ connect: { ca: ours?.cert ?? '', ...shows } });
  return ((url: string, options: Parameters<typeof fetchBy>[1]) =>
    fetchBy(url, { ...options, dispatcher })) as unknown as typeof fetch;
}

const byMetadata = { use_mtls_endpoint_aliases: true };

test('openid-client, as it is, proves itself by its certificate: token, call, introspection, revocation, 401', async () => {
  const config = await client.discovery(new URL(origin), clientId, byMetadata, client.TlsClientAuth(), { algorithm: 'oauth2', [client.customFetch]: showing(mine) as never }); // prettier-ignore
  expect(config.serverMetadata().mtls_endpoint_aliases?.token_endpoint).toContain(`:${String(mutual.port)}/`); // prettier-ignore
  const { access_token: token, token_type: type } = await client.clientCredentialsGrant(config, { scope: 'contact' }); // prettier-ignore
  expect(type).toBe('bearer');
  const read = () => client.fetchProtectedResource(config, token, resource, 'GET');
  expect(await (await read()).json()).toMatchObject({
    data: [{ contact: { name: 'Person ada' } }],
  });
  expect(await client.tokenIntrospection(config, token)).toMatchObject({
    active: true,
    client_id: clientId,
    cnf: { 'x5t#S256': mine?.thumbprint },
  });
  // Stolen, it is worth nothing: neither with another certificate nor where none is asked for.
  const call = async (by: MadeCertificate | undefined, url: URL) =>
    (await showing(by)(url, { headers: { Authorization: `Bearer ${token}` } })).status;
  expect(await call(other, resource)).toBe(401);
  expect(await call(mine, new URL('/v1/customers', origin))).toBe(401);
  expect(await call(mine, resource)).toBe(200);
  await client.tokenRevocation(config, token);
  expect(await client.tokenIntrospection(config, token)).toMatchObject({ active: false });
  await expect(read()).rejects.toMatchObject({ status: 401 });
});

test('oauth4webapi, as it is, does the same', async () => {
  const by = { [oauth.customFetch]: showing(mine) as never };
  const issuer = new URL(origin);
  const found = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...by });
  const server = await oauth.processDiscoveryResponse(issuer, found);
  const who = { client_id: clientId, ...byMetadata };
  const prove = oauth.TlsClientAuth();
  const form = new URLSearchParams({ scope: 'contact' });
  const answered = await oauth.clientCredentialsGrantRequest(server, who, prove, form, by);
  const granted = await oauth.processClientCredentialsResponse(server, who, answered);
  const token = granted.access_token;
  const read = () =>
    oauth.protectedResourceRequest(token, 'GET', resource, undefined, undefined, by);
  const isActive = async () => {
    const told = await oauth.introspectionRequest(server, who, prove, token, by);
    return (await oauth.processIntrospectionResponse(server, who, told)).active;
  };
  expect([(await read()).status, await isActive()]).toEqual([200, true]);
  const revoked = await oauth.revocationRequest(server, who, prove, token, by);
  await oauth.processRevocationResponse(revoked);
  expect(await isActive()).toBe(false);
  await expect(read()).rejects.toMatchObject({ status: 401 });
});

test('bad input E33: what a client began to receive and left is in its log', async () => {
  const config = await client.discovery(new URL(origin), bright.clientId, undefined, client.ClientSecretBasic(bright.secret), { algorithm: 'oauth2', [client.customFetch]: showing(undefined) as never }); // prettier-ignore
  const { access_token: token } = await client.clientCredentialsGrant(config);
  const socket = connect({ port: main.port, host: '127.0.0.1', ca: ours?.cert });
  const head = `GET /v1/customers HTTP/1.1\r\nHost: ${new URL(origin).host}\r\n`;
  socket.write(`${head}Authorization: Bearer ${token}\r\n\r\n`);
  const [begun] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  const [, id = ''] = /^disclosure-id: (\S+)/im.exec(begun.toString()) ?? [];
  const entry = await client.fetchProtectedResource(config, token, new URL(`/v1/disclosures/${id}`, origin), 'GET'); // prettier-ignore
  expect(entry.status).toBe(200);
});
