import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { exportJWK, generateKeyPair } from 'jose';
import { addClient } from '../../src/clients/index.ts';
import { revokeClient } from '../../src/tokens/index.ts';
import { openHouse, type House } from '../support/house.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { casesOf, type Case, type Parties } from './asked-of-both.ts';
import { aPartnersClient, tokenApp } from './given.ts';
import { oracleOf, serverOf, type Server } from './oracle.ts';
import { aKeyedClient, makeKeyPair } from './signing.ts';

let house: House;
let ours: Server;
let oracle: Server;
let parties: Parties;

beforeAll(async () => {
  house = await openHouse({ clock: systemClock });
  ours = await serverOf(tokenApp(house.tools));
  parties = await givenParties();
  const { basic, other, bound, keyed } = parties;
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const jwks = { keys: [{ ...(await exportJWK(privateKey)), alg: 'ES256', use: 'sig' }] };
  // A client that is revoked here is one that it does not know.
  oracle = await oracleOf([basic, other, bound, ...keyed], jwks);
});
afterAll(async () => {
  await Promise.all([ours.close(), oracle.close()]);
  await house.close();
});

async function givenParties(): Promise<Parties> {
  const { tools } = house;
  const basic = await aPartnersClient(tools);
  const other = await aPartnersClient(tools);
  const { partner } = basic;
  const revoked = await aPartnersClient(tools);
  await revokeClient(tools, revoked);
  const revokedKeyed = await aKeyedClient(tools, partner.id, await makeKeyPair('ES256'));
  await revokeClient(tools, revokedKeyed);
  const bound = await addClient(tools, { partnerId: partner.id, name: 'bound', isDpopRequired: true }); // prettier-ignore
  const keyed = [];
  for (const alg of ['ES256', 'PS256', 'EdDSA'] as const) {
    keyed.push(await aKeyedClient(tools, partner.id, await makeKeyPair(alg)));
  }
  const foreign = await makeKeyPair('ES256');
  const { clientId } = bound.client;
  const boundClient = { clientId, secret: bound.secret, isDpopRequired: true };
  return { basic, other, revoked, revokedKeyed, keyed, foreign, bound: boundClient };
}

/** Where the two differ, and why that is right. Every question that a pattern names must differ so. */
interface Difference {
  readonly of: RegExp;
  readonly ours: string;
  readonly oracle: string;
  readonly because: string;
}
const [no, malformed] = ['401 invalid_client', '400 invalid_request'];
const differences: readonly Difference[] = [
  {
    of: / by (GET|PUT|PATCH|DELETE)$/,
    ours: '405 method_not_allowed',
    oracle: '404',
    because: 'RFC 9110, section 15.5.6: the resource is there and takes another method.',
  },
  {
    of: /^.oauth.introspect as .*latin1$/,
    ours: malformed,
    oracle: '200 active false',
    because: 'RFC 6749, appendix B: a form is UTF-8.',
  },
  {
    of: /^.oauth.(token|revoke) as .*latin1$/,
    ours: malformed,
    oracle: '200',
    because: 'RFC 6749, appendix B: a form is UTF-8.',
  },
  {
    of: / with a form of 60 kB$/,
    ours: '413 invalid_request',
    oracle: malformed,
    because: 'RFC 9110, section 15.5.14: it is too large.',
  },
  {
    of: /^.oauth.* basic: (an empty secret|no client|no colon|no base64|nothing after the scheme|two parts|wrong percent-encoding|a bearer token|another scheme)$/,
    ours: no,
    oracle: malformed,
    because: 'RFC 6749, section 5.2: who tries by the Authorization header is answered 401.',
  },
  {
    of: / (basic: no credentials|...?.?..: no assertion)$/,
    ours: no,
    oracle: malformed,
    because: 'RFC 6749, section 5.2: invalid_client, “no client authentication included”.',
  },
  {
    of: /^.oauth.(token|revoke) .*: and client_secret$/,
    ours: malformed,
    oracle: '200',
    because: 'RFC 6749, section 2.3: one way of authentication in a request, served or not.',
  },
  {
    of: /^.oauth.introspect .*: and client_secret$/,
    ours: malformed,
    oracle: '200 active false',
    because: 'RFC 6749, section 2.3: one way of authentication in a request, served or not.',
  },
  {
    of: /: an assertion (of two parts|of four parts|that is no JWT)$/,
    ours: no,
    oracle: malformed,
    because: 'RFC 7521, section 4.2.1: an assertion that is not valid is invalid_client.',
  },
  ...lax('typ dpop.jwt', 'RFC 8725, section 3.11: what says that it is a proof is no assertion.'),
  ...lax('exp was 20 s ago', 'RFC 7519, section 4.1.4: leeway is a choice; none is given here.'),
  ...lax('exp is in a day', 'RFC 7523, section 3, item 4: one that is far off may be refused.'),
  ...lax('iat is 90 s ahead', 'FAPI 2.0, section 5.3.2.1, item 13: over 60 s ahead is refused.'),
  {
    of: /^form .*: (an unknown scope|a scope in capitals)$/,
    ours: '400 invalid_scope',
    oracle: '200',
    because:
      'RFC 6749, section 5.2: an unknown scope is invalid_scope; the library passes over it.',
  },
  {
    of: /^form .*: an unknown parameter twice$/,
    ours: malformed,
    oracle: '200',
    because: 'RFC 6749, section 3.2: no parameter is there more than once.',
  },
  {
    of: /^form .*: the resource twice$/,
    ours: malformed,
    oracle: '200',
    because: 'RFC 8707, section 2 allows several resources; there is one, and it is named once.',
  },
  {
    of: /^form .*: wrong percent-encoding$/,
    ours: malformed,
    oracle: '200',
    because: 'RFC 6749, section 5.2: a malformed request; the library reads it as it stands.',
  },
  {
    of: /^form .*: wrong UTF-8$/,
    ours: malformed,
    oracle: '400 invalid_scope',
    because: 'RFC 6749, appendix B: a form that is not UTF-8 is malformed.',
  },
  {
    of: /^proof .*: a nonce that is a number$/,
    ours: '400 use_dpop_nonce',
    oracle: '400 invalid_dpop_proof',
    because: 'RFC 9449, section 8: a nonce that is not ours is asked for again.',
  },
  {
    of: /^proof .*: iat is an hour (old|ahead)$/,
    ours: '400 invalid_dpop_proof',
    oracle: '200',
    because: 'RFC 9449, section 4.3, item 11: iat counts, beside a nonce too.',
  },
  {
    of: /^proof .*: used before$/,
    ours: '400 invalid_dpop_proof',
    oracle: '400 invalid_grant',
    because: 'RFC 9449, section 5: a proof that does not hold is invalid_dpop_proof.',
  },
  {
    of: /^no proof of who must bring one$/,
    ours: '400 invalid_dpop_proof',
    oracle: '400 invalid_grant',
    because: 'RFC 9449, section 5.2 has it refused and names no error.',
  },
  {
    of: /^.oauth.introspect of a JWT, /,
    ours: '200 active false',
    oracle: '400 unsupported_token_type',
    because: 'RFC 7662, section 2.2: a token that is not known is not active.',
  },
  {
    of: /^.oauth.revoke of a JWT, /,
    ours: '200',
    oracle: '400 unsupported_token_type',
    because: 'RFC 7009, section 2.2: an invalid token is answered 200.',
  },
];

/** An assertion that the library takes, at each endpoint. */
function lax(what: string, because: string): Difference[] {
  return [
    { of: new RegExp(`^.oauth.(token|revoke) .*: ${what}$`), ours: no, oracle: '200', because },
    { of: new RegExp(`^.oauth.introspect .*: ${what}$`), ours: no, oracle: '200 active false', because }, // prettier-ignore
  ];
}

async function answerOf(server: Server, one: Case): Promise<string> {
  const { status, says } = await server.send(await one.ask(server));
  return `${String(status)} ${says}`.trim();
}

test('several hundred requests are answered as the certified library answers them, but where it is said why', async () => {
  const cases = casesOf(parties);
  expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
  expect(cases.length).toBeGreaterThan(500);
  const found: string[] = [];
  const told: string[] = [];
  for (const one of cases) {
    const [our, their] = await Promise.all([answerOf(ours, one), answerOf(oracle, one)]);
    const line = (mine: string, other: string) => `${one.name}: ${mine}, the library ${other}`;
    if (our !== their) found.push(line(our, their));
    for (const listed of differences) {
      if (listed.of.test(one.name)) told.push(line(listed.ours, listed.oracle));
    }
  }
  expect(found).toEqual(told);
  for (const { of, because } of differences) {
    expect([because, cases.some(({ name }) => of.test(name))]).toEqual([because, true]);
    expect(because).toMatch(/^(RFC \d{4}|FAPI 2.0), /);
  }
}, 60_000);
