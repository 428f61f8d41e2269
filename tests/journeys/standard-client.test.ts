import { afterAll, beforeAll, expect, test } from '@jest/globals';
import * as oauth from 'oauth4webapi';
import * as client from 'openid-client';
import { createGateway } from '../../src/gateway.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { listen, type RunningServer } from '../../src/platform/http/lifecycle.ts';
import { aKeyedClient, makeKeyPair, type Algorithm } from '../tokens/signing.ts';
import { givenPartner, givenSharedCustomer, type GivenPartner } from '../support/given.ts';
import { openHouse, type House } from '../support/house.ts';

let house: House;
let server: RunningServer;
let origin: string;
let bright: GivenPartner;
beforeAll(async () => {
  // The clients sign what they say of the time by their own clock.
  house = await openHouse({ clock: systemClock });
  const { tools } = house;
  let gateway = createGateway(tools);
  server = await listen((request, response) => gateway(request, response), {
    host: '127.0.0.1',
    port: 0,
    random: tools.random,
  });
  // The issuer is where the client finds it, and the port is known only now.
  origin = `http://127.0.0.1:${String(server.port)}`;
  gateway = createGateway({ ...tools, settings: { ...tools.settings, origin } });
  bright = await givenPartner(tools);
  await givenSharedCustomer(tools, bright.partner, 'ada');
});
afterAll(async () => {
  await server.stop(1);
  await house.close();
});

/** What the client finds out by itself, given its id and how it proves it. */
const discovered = (clientId: string, prove: client.ClientAuth) =>
  client.discovery(new URL(origin), clientId, undefined, prove, {
    algorithm: 'oauth2',
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- so that nobody uses it but on loopback
    execute: [client.allowInsecureRequests],
  });

test('openid-client, as it is, discovers the gateway, gets a token and reads /v1/customers', async () => {
  const config = await discovered(bright.clientId, client.ClientSecretBasic(bright.secret));
  const token = await client.clientCredentialsGrant(config, { scope: 'contact account billing' });
  expect(token).toMatchObject({ token_type: 'bearer', expires_in: expect.any(Number) });

  const answer = await client.fetchProtectedResource(
    config,
    token.access_token,
    new URL('/v1/customers', origin),
    'GET',
  );
  expect(answer.status).toBe(200);
  expect(answer.headers.get('disclosure-id')).toMatch(/^dis_/);
  expect(await answer.json()).toMatchObject({ data: [{ contact: { name: 'Person ada' } }] });

  expect(await client.tokenIntrospection(config, token.access_token)).toMatchObject({
    active: true,
    client_id: bright.clientId,
  });
  await client.tokenRevocation(config, token.access_token);
  const { active } = await client.tokenIntrospection(config, token.access_token);
  expect(active).toBe(false);
});

/** What an unmodified client does between its token and the end of it. */
async function useAndEnd(config: client.Configuration, DPoP?: client.DPoPHandle): Promise<void> {
  const proving = DPoP && { DPoP };
  const form = { scope: 'contact' };
  const { access_token: token, token_type: type } = await client.clientCredentialsGrant(config, form, proving); // prettier-ignore
  expect(type).toBe(DPoP ? 'dpop' : 'bearer');
  const customers = new URL('/v1/customers', origin);
  const read = () =>
    client.fetchProtectedResource(config, token, customers, 'GET', undefined, undefined, proving);
  expect((await read()).status).toBe(200);
  expect(await client.tokenIntrospection(config, token)).toMatchObject({ active: true });
  await client.tokenRevocation(config, token);
  expect(await client.tokenIntrospection(config, token)).toMatchObject({ active: false });
  await expect(read()).rejects.toMatchObject({ status: 401 });
}

test.each<Algorithm>(['ES256', 'PS256', 'EdDSA'])(
  'openid-client, as it is, proves itself by an %s key: token, call, introspection, revocation, 401',
  async (alg) => {
    const pair = await makeKeyPair(alg);
    const { clientId } = await aKeyedClient(house.tools, bright.partner.id, pair);
    const config = await discovered(
      clientId,
      client.PrivateKeyJwt({ key: pair.privateKey, kid: pair.kid }),
    );
    await useAndEnd(config);
  },
);

test('openid-client, as it is, binds its token to a key (DPoP), nonce and all', async () => {
  const config = await discovered(bright.clientId, client.ClientSecretBasic(bright.secret));
  const keys = await client.randomDPoPKeyPair('ES256');
  const DPoP = client.getDPoPHandle(config, keys);
  await useAndEnd(config, DPoP);
  // A stream decides anew for each chunk, and has one proof for all.
  const { access_token: token } = await client.clientCredentialsGrant(config, {}, { DPoP });
  const lines = new Headers({ accept: 'application/x-ndjson' });
  const customers = new URL('/v1/customers', origin);
  const stream = await client.fetchProtectedResource(config, token, customers, 'GET', undefined, lines, { DPoP }); // prettier-ignore
  expect((await stream.text()).trimEnd().split('\n').at(-1)).toBe('{"end":true}');
});

test('oauth4webapi, as it is, does the same by a key and by a secret', async () => {
  const pair = await makeKeyPair('ES256');
  const keyed = await aKeyedClient(house.tools, bright.partner.id, pair);
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- so that nobody uses it but on loopback
  const plain = { [oauth.allowInsecureRequests]: true };
  const issuer = new URL(origin);
  const found = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...plain });
  const server = await oauth.processDiscoveryResponse(issuer, found);
  const ways = [
    [keyed.clientId, oauth.PrivateKeyJwt({ key: pair.privateKey, kid: pair.kid })],
    [bright.clientId, oauth.ClientSecretBasic(bright.secret)],
  ] as const;
  for (const [id, prove] of ways) {
    const who = { client_id: id };
    const form = new URLSearchParams({ scope: 'contact' });
    const answered = await oauth.clientCredentialsGrantRequest(server, who, prove, form, plain);
    const granted = await oauth.processClientCredentialsResponse(server, who, answered);
    const token = granted.access_token;
    const read = () =>
      oauth.protectedResourceRequest(token, 'GET', new URL('/v1/customers', origin), undefined, undefined, plain); // prettier-ignore
    const isActive = async () => {
      const told = await oauth.introspectionRequest(server, who, prove, token, plain);
      return (await oauth.processIntrospectionResponse(server, who, told)).active;
    };
    expect([(await read()).status, await isActive()]).toEqual([200, true]);
    await oauth.processRevocationResponse(
      await oauth.revocationRequest(server, who, prove, token, plain),
    );
    expect(await isActive()).toBe(false);
    await expect(read()).rejects.toMatchObject({ status: 401 });
  }
});
