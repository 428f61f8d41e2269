import { afterAll, beforeAll, expect, test } from '@jest/globals';
import * as client from 'openid-client';
import { createGateway } from '../../src/gateway.ts';
import { listen, type RunningServer } from '../../src/platform/http/lifecycle.ts';
import { givenPartner, givenSharedCustomer, type GivenPartner } from '../support/given.ts';
import { openHouse, type House } from '../support/house.ts';

let house: House;
let server: RunningServer;
let origin: string;
let bright: GivenPartner;
beforeAll(async () => {
  house = await openHouse();
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

test('openid-client, as it is, discovers the gateway, gets a token and reads /v1/customers', async () => {
  const config = await client.discovery(
    new URL(origin),
    bright.clientId,
    undefined,
    client.ClientSecretBasic(bright.secret),
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- so that nobody uses it but on loopback
    { algorithm: 'oauth2', execute: [client.allowInsecureRequests] },
  );
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
