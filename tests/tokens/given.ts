import request from 'supertest';
import type { Express } from 'express';
import { publishAgreement } from '../../src/agreements/index.ts';
import { addPartner, type Partner } from '../../src/partners/index.ts';
import { createApp } from '../../src/platform/http/app.ts';
import { bearer } from '../../src/platform/http/bearer.ts';
import { endpoint, type Endpoint } from '../../src/platform/http/endpoint.ts';
import { bytesAnswer } from '../../src/platform/http/answer.ts';
import { mount } from '../../src/platform/http/mount.ts';
import { mountOauth } from '../../src/platform/http/oauth.ts';
import { answerProblems, answerUnknown } from '../../src/platform/http/problems.ts';
import type { Tools } from '../../src/platform/tools.ts';
import { addClient } from '../../src/clients/index.ts';
import {
  metadataEndpoints,
  tokenEndpoints,
  verifyBoundToken,
  verifyToken,
  type Caller,
} from '../../src/tokens/index.ts';
import { acceptances, admit } from '../support/admit.ts';

/** The way of a token through the house: the OAuth endpoints and one route that tells who calls. */
export function tokenApp(tools: Tools): Express {
  const callerOf = bearer<Caller>(
    (secret, peer) => verifyToken(tools, secret, { peer }),
    (request) => verifyBoundToken(tools, request),
  );
  const app = createApp(tools);
  app.use(mountOauth(tokenEndpoints(tools)));
  app.use(mount([...metadataEndpoints(tools), ...whoCalls()], callerOf));
  app.use(answerUnknown);
  app.use(answerProblems(tools.log));
  return app;
}

function whoCalls(): readonly Endpoint<Caller>[] {
  return [
    endpoint({
      method: 'get',
      path: '/v1/who',
      status: 200,
      does: ({ caller }) =>
        Promise.resolve(
          bytesAnswer({
            body: Buffer.from(JSON.stringify(caller)),
            contentType: 'application/json',
          }),
        ),
    }),
  ];
}

export interface GivenClient {
  readonly partner: Partner;
  readonly clientId: string;
  readonly secret: string;
}

let count = 0;

/** A referral partner with an agreement on contact and billing data and a fee, and one client. */
export async function aPartnersClient(tools: Tools): Promise<GivenClient> {
  count += 1;
  const key = `partner-${String(count)}`;
  const partner = await addPartner(tools, { key, kind: 'referral', name: `Partner ${key}` });
  await admit(tools, partner.id);
  await publishAgreement(tools, {
    ...{ partnerId: partner.id, validFrom: '2026-01-01', terms, acceptances },
  });
  const { client, secret } = await addClient(tools, { partnerId: partner.id, name: 'nightly' });
  return { partner, clientId: client.clientId, secret };
}

export const terms = {
  direction: 'payable',
  classes: ['contact', 'account', 'billing'],
  purposes: ['identity', 'billing', 'fees'],
  services: 'all',
  timeZone: 'UTC',
  termsClauses: {},
  fee: {
    kind: 'percent',
    ratePercent: '10',
    rounding: 'half-even',
    currencies: ['USD'],
  },
};

/** One POST of a form to an OAuth endpoint, with the client's credentials. */
export function post(
  app: Express,
  path: string,
  { clientId, secret }: { clientId: string; secret: string },
  form: Record<string, string> | string,
) {
  return request(app).post(path).auth(clientId, secret).type('form').send(form);
}

export async function aToken(
  app: Express,
  client: GivenClient,
  asked: Record<string, string> = {},
): Promise<string> {
  const form = { grant_type: 'client_credentials', ...asked };
  const { body, status } = await post(app, '/oauth/token', client, form);
  if (status !== 200) throw new Error(JSON.stringify(body));
  return (body as { access_token: string }).access_token;
}

export function whoIs(app: Express, secret: string) {
  return request(app).get('/v1/who').set('Authorization', `Bearer ${secret}`);
}
