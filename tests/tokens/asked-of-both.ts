import { createHmac, randomUUID } from 'node:crypto';
import { issuer, type Asked, type KnownClient, type Server } from './oracle.ts';
import { assertionOf, proofOf, type KeyPair, type Proving, type Saying } from './signing.ts';

/** The clients that both servers know, and one that both refuse. */
export interface Parties {
  readonly basic: KnownClient & { secret: string };
  readonly other: KnownClient & { secret: string };
  readonly revoked: KnownClient & { secret: string };
  readonly bound: KnownClient & { secret: string };
  readonly keyed: readonly (KnownClient & { pair: KeyPair })[];
  readonly revokedKeyed: KnownClient & { pair: KeyPair };
  readonly foreign: KeyPair;
}

/** One question, asked of each server with what that server gave before. */
export interface Case {
  readonly name: string;
  ask(server: Server): Promise<Asked>;
}

type Form = Readonly<Record<string, string>>;
const [token, introspect, revoke] = ['/oauth/token', '/oauth/introspect', '/oauth/revoke'];
const granting = { grant_type: 'client_credentials' };
const jwtBearer = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const formType = { 'Content-Type': 'application/x-www-form-urlencoded' };
const coded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const seconds = (ahead = 0) => Math.floor(Date.now() / 1000) + ahead;
const basicOf = (clientId: string, secret: string) => `Basic ${btoa(`${clientId}:${secret}`)}`;

const posted = (path: string, form: Form | string, headers: Form = {}): Asked => {
  const body = typeof form === 'string' ? form : String(new URLSearchParams(form));
  return { path, body, headers: { ...formType, ...headers } };
};
const byBasic = ({ clientId, secret }: { clientId: string; secret: string }) => ({
  Authorization: basicOf(clientId, secret),
});
const signed = (client: { clientId: string; pair: KeyPair }, saying: Saying = {}) =>
  assertionOf(client, { issuer, now: new Date() }, saying);
const byAssertion = (assertion: string): Form => ({
  client_assertion_type: jwtBearer,
  client_assertion: assertion,
});

/** Everything that is asked of both, several hundred questions. */
export function casesOf(parties: Parties): readonly Case[] {
  return [
    ...transportCases(parties),
    ...basicCases(parties),
    ...assertionCases(parties),
    ...formCases(parties),
    ...proofCases(parties),
    ...tokenCases(parties),
  ];
}

const endpoints = (): readonly (readonly [string, Form])[] => [
  [token, granting],
  [introspect, { token: 'unknown' }],
  [revoke, { token: 'unknown' }],
];

function fixed(name: string, asked: Asked): Case {
  return { name, ask: () => Promise.resolve(asked) };
}

function transportCases({ basic }: Parties): Case[] {
  const cases: Case[] = [];
  for (const [path, form] of endpoints()) {
    const good = posted(path, form, byBasic(basic));
    for (const method of ['GET', 'PUT', 'PATCH', 'DELETE']) {
      const { headers = {} } = good;
      cases.push(fixed(`${path} by ${method}`, { method, path, headers }));
    }
    const types = [
      'application/json',
      'text/plain',
      'multipart/form-data; boundary=x',
      'application/x-www-form-urlencoded; charset=utf-8',
      'application/x-www-form-urlencoded; charset=latin1',
      'APPLICATION/X-WWW-FORM-URLENCODED',
      'application/xml',
    ];
    for (const type of types) {
      const asked = posted(path, form, { ...byBasic(basic), 'Content-Type': type });
      cases.push(fixed(`${path} as ${type}`, asked));
    }
    cases.push(
      fixed(`${path} in JSON`, {
        ...posted(path, JSON.stringify(form), byBasic(basic)),
        headers: { ...byBasic(basic), 'Content-Type': 'application/json' },
      }),
      fixed(`${path} without a body`, { path, headers: byBasic(basic) }),
      fixed(`${path} with an empty form`, posted(path, '', byBasic(basic))),
      fixed(`${path} with its form in the URL`, { ...posted(path, '', byBasic(basic)), path: `${path}?${String(new URLSearchParams(form))}` }), // prettier-ignore
      fixed(`${path} with a form of 60 kB`, posted(path, { ...form, x: 'x'.repeat(60_000) }, byBasic(basic))), // prettier-ignore
      fixed(`${path} with an unknown parameter`, posted(path, { ...form, unknown: 'x' }, byBasic(basic))), // prettier-ignore
    );
  }
  return cases;
}

function basicCases({ basic, revoked, other, keyed }: Parties): Case[] {
  const { clientId: id, secret } = basic;
  const wrong = `sls_${'A'.repeat(43)}`;
  const [signer] = keyed;
  const headers: readonly (readonly [string, string | undefined])[] = [
    ['good', basicOf(id, secret)],
    ['in small letters', basicOf(id, secret).replace('Basic', 'basic')],
    ['a wrong secret', basicOf(id, wrong)],
    ['the secret of another', basicOf(id, other.secret)],
    ['an empty secret', basicOf(id, '')],
    ['a secret with a letter more', basicOf(id, `${secret}A`)],
    ['a secret with a letter less', basicOf(id, secret.slice(0, -1))],
    ['an unknown client', basicOf('cli_AAAAAAAAAAAAAAAAAAAAAA', secret)],
    ['no client', basicOf('', secret)],
    ['a revoked client', basicOf(revoked.clientId, revoked.secret)],
    ['a client that has keys', basicOf(signer?.clientId ?? '', secret)],
    ['no colon', `Basic ${btoa('nothing')}`],
    ['no base64', 'Basic !!!'],
    ['nothing after the scheme', 'Basic'],
    ['two parts', `${basicOf(id, secret)} x`],
    ['wrong percent-encoding', `Basic ${btoa(`${id}:%zz`)}`],
    ['all percent-encoded', basicOf(id.replaceAll(/./g, (c) => `%${c.charCodeAt(0).toString(16)}`), secret)], // prettier-ignore
    ['a bearer token', 'Bearer slt_AAAA'],
    ['another scheme', 'Negotiate AAAA'],
    ['no credentials', undefined],
  ];
  return endpoints().flatMap(([path, form]) => [
    ...headers.map(([name, header]) =>
      fixed(
        `${path} basic: ${name}`,
        posted(path, form, header === undefined ? {} : { Authorization: header }),
      ),
    ),
    fixed(`${path} basic: and the same client_id`, posted(path, { ...form, client_id: id }, byBasic(basic))), // prettier-ignore
    fixed(`${path} basic: and another client_id`, posted(path, { ...form, client_id: other.clientId }, byBasic(basic))), // prettier-ignore
    fixed(`${path} basic: and client_secret`, posted(path, { ...form, client_secret: secret }, byBasic(basic))), // prettier-ignore
    fixed(`${path} the secret in the form`, posted(path, { ...form, client_id: id, client_secret: secret })), // prettier-ignore
    fixed(`${path} client_id alone`, posted(path, { ...form, client_id: id })),
  ]);
}

type Variation = readonly [string, () => Saying];

/** What may be other than usual in an assertion. */
const assertionVariations: readonly Variation[] = [
  ['good', () => ({})],
  ['typ JWT', () => ({ header: { typ: 'JWT' } })],
  ['typ client-authentication+jwt', () => ({ header: { typ: 'client-authentication+jwt' } })],
  ['typ dpop+jwt', () => ({ header: { typ: 'dpop+jwt' } })],
  ['no kid', () => ({ header: { kid: undefined } })],
  ['an unknown kid', () => ({ header: { kid: 'unknown' } })],
  ['another claim', () => ({ claims: { other: { of: ['it'] } } })],
  ['aud is the token endpoint', () => ({ claims: { aud: `${issuer}/oauth/token` } })],
  ['aud is a list of the issuer', () => ({ claims: { aud: [issuer] } })],
  ['aud is a list of two', () => ({ claims: { aud: [issuer, 'https://other.example'] } })],
  ['aud with a slash', () => ({ claims: { aud: `${issuer}/` } })],
  ['aud is another', () => ({ claims: { aud: 'https://other.example' } })],
  ['aud is a number', () => ({ claims: { aud: 7 } })],
  ['aud is missing', () => ({ claims: { aud: undefined } })],
  ['iss is another', () => ({ claims: { iss: 'cli_AAAAAAAAAAAAAAAAAAAAAA' } })],
  ['iss is missing', () => ({ claims: { iss: undefined } })],
  ['sub is unknown', () => ({ claims: { sub: 'cli_AAAAAAAAAAAAAAAAAAAAAA' } })],
  ['sub is missing', () => ({ claims: { sub: undefined } })],
  ['exp is missing', () => ({ claims: { exp: undefined } })],
  ['exp is a text', () => ({ claims: { exp: String(seconds(60)) } })],
  ['exp was an hour ago', () => ({ claims: { iat: seconds(-3700), exp: seconds(-3600) } })],
  ['exp was 20 s ago', () => ({ claims: { iat: seconds(-80), exp: seconds(-20) } })],
  ['exp is in a day', () => ({ claims: { exp: seconds(86_400) } })],
  ['exp is a fraction', () => ({ claims: { exp: seconds(60) + 0.5 } })],
  ['iat is missing', () => ({ claims: { iat: undefined } })],
  ['iat is a text', () => ({ claims: { iat: 'now' } })],
  ['iat is 8 s ahead', () => ({ claims: { iat: seconds(8), exp: seconds(100) } })],
  ['iat is 50 s ahead', () => ({ claims: { iat: seconds(50), exp: seconds(100) } })],
  ['iat is 90 s ahead', () => ({ claims: { iat: seconds(90), exp: seconds(100) } })],
  ['nbf is now', () => ({ claims: { nbf: seconds() } })],
  ['nbf is 50 s ahead', () => ({ claims: { nbf: seconds(50), exp: seconds(100) } })],
  ['nbf is 90 s ahead', () => ({ claims: { nbf: seconds(90), exp: seconds(100) } })],
  ['nbf is a text', () => ({ claims: { nbf: '0' } })],
  ['jti is missing', () => ({ claims: { jti: undefined } })],
  ['jti is empty', () => ({ claims: { jti: '' } })],
];

/** What may be wrong with the text itself. */
const textVariations: readonly (readonly [string, (assertion: string) => string])[] = [
  ['without a signature', (text) => text.replace(/[^.]*$/, '')],
  ['of two parts', (text) => text.replace(/\.[^.]*$/, '')],
  ['of four parts', (text) => `${text}.AAAA`],
  ['with padding', (text) => `${text}=`],
  ['with another signature', (text) => text.replace(/[^.]{4}$/, 'AAAA')],
  ['that is no JWT', () => 'none'],
  ['with alg none', (text) => `${coded({ alg: 'none' })}.${text.split('.')[1] ?? ''}.`],
  ['with HS256', (text) => hmacOf(text)],
];

function hmacOf(text: string): string {
  const input = `${coded({ alg: 'HS256' })}.${text.split('.')[1] ?? ''}`;
  return `${input}.${createHmac('sha256', 'public').update(input).digest('base64url')}`;
}

function assertionCases(parties: Parties): Case[] {
  const { keyed, revokedKeyed, foreign, basic } = parties;
  const cases: Case[] = [];
  for (const client of keyed) {
    const { alg } = client.pair;
    const paths = alg === 'ES256' ? endpoints() : endpoints().slice(0, 1);
    for (const [path, form] of paths) {
      const add = (name: string, make: () => Promise<Form>) => {
        cases.push({
          name: `${path} ${alg}: ${name}`,
          ask: async () => posted(path, { ...form, ...(await make()) }),
        });
      };
      for (const [name, saying] of assertionVariations) {
        add(name, async () => byAssertion(await signed(client, saying())));
      }
      for (const [name, change] of textVariations) {
        add(`an assertion ${name}`, async () => byAssertion(change(await signed(client))));
      }
      add('the key of another', async () => byAssertion(await signed(client, { pair: foreign })));
      add('a revoked client', async () => byAssertion(await signed(revokedKeyed)));
      add('a client that has a secret', async () => byAssertion(await signed({ ...client, clientId: basic.clientId }))); // prettier-ignore
      add('the same client_id', async () => ({ ...byAssertion(await signed(client)), client_id: client.clientId })); // prettier-ignore
      add('another client_id', async () => ({ ...byAssertion(await signed(client)), client_id: basic.clientId })); // prettier-ignore
      add('another assertion type', async () => ({ ...byAssertion(await signed(client)), client_assertion_type: 'x' })); // prettier-ignore
      add('no assertion type', async () => ({ client_assertion: await signed(client) }));
      add('no assertion', () => Promise.resolve({ client_assertion_type: jwtBearer }));
      add('and client_secret', async () => ({ ...byAssertion(await signed(client)), client_secret: 'x' })); // prettier-ignore
      cases.push(
        {
          name: `${path} ${alg}: and basic`,
          ask: async () => posted(path, { ...form, ...byAssertion(await signed(client)) }, byBasic(basic)), // prettier-ignore
        },
        {
          name: `${path} ${alg}: used before`,
          ask: async (server) => {
            const asked = posted(path, { ...form, ...byAssertion(await signed(client)) });
            await server.send(asked);
            return asked;
          },
        },
        {
          name: `${path} ${alg}: the jti of another’s assertion`,
          ask: async (server) => {
            const jti = randomUUID();
            for (const one of keyed) {
              if (one === client) continue;
              await server.send(posted(path, { ...form, ...byAssertion(await signed(one, { claims: { jti } })) })); // prettier-ignore
            }
            return posted(path, { ...form, ...byAssertion(await signed(client, { claims: { jti } })) }); // prettier-ignore
          },
        },
      );
    }
  }
  return cases;
}

/** Forms for the token endpoint, each with a good proof of who asks. */
const forms: readonly (readonly [string, string])[] = [
  ['nothing more', 'grant_type=client_credentials'],
  ['grant_type is missing', 'scope=contact'],
  ['grant_type is empty', 'grant_type='],
  ...['password', 'refresh_token', 'authorization_code', 'implicit', 'CLIENT_CREDENTIALS', 'urn:ietf:params:oauth:grant-type:jwt-bearer', 'x'].map((type) => [`grant_type is ${type}`, `grant_type=${type}`] as const), // prettier-ignore
  ['grant_type twice', 'grant_type=client_credentials&grant_type=client_credentials'],
  ['two grant types', 'grant_type=client_credentials&grant_type=password'],
  ['one scope', 'grant_type=client_credentials&scope=contact'],
  ['all scopes', 'grant_type=client_credentials&scope=contact+account+billing+fees'],
  ['a scope twice', 'grant_type=client_credentials&scope=contact+contact'],
  ['scope twice', 'grant_type=client_credentials&scope=contact&scope=billing'],
  ['a scope that is not agreed', 'grant_type=client_credentials&scope=business'],
  ['an agreed and another scope', 'grant_type=client_credentials&scope=contact+business'],
  ['an unknown scope', 'grant_type=client_credentials&scope=unknown'],
  ['a scope in capitals', 'grant_type=client_credentials&scope=CONTACT'],
  ['an empty scope', 'grant_type=client_credentials&scope='],
  ['a scope with a quote', 'grant_type=client_credentials&scope=con%22tact'],
  ['a scope with a backslash', 'grant_type=client_credentials&scope=con%5Ctact'],
  ['a scope with a line feed', 'grant_type=client_credentials&scope=contact%0Abilling'],
  ['a scope that is no ASCII', 'grant_type=client_credentials&scope=k%C3%B6'],
  ['scopes with two blanks', 'grant_type=client_credentials&scope=contact++billing'],
  ['a blank before the scope', 'grant_type=client_credentials&scope=+contact'],
  ['the resource', `grant_type=client_credentials&resource=${encodeURIComponent(issuer)}`],
  ['another resource', 'grant_type=client_credentials&resource=https%3A%2F%2Fother.example'],
  ['a resource that is no URL', 'grant_type=client_credentials&resource=x'],
  ['the resource twice', `grant_type=client_credentials&resource=${encodeURIComponent(issuer)}&resource=${encodeURIComponent(issuer)}`], // prettier-ignore
  ['an unknown parameter twice', 'grant_type=client_credentials&x=1&x=2'],
  ['wrong percent-encoding', 'grant_type=client_credentials&scope=%zz'],
  ['wrong UTF-8', 'grant_type=client_credentials&scope=%ff'],
  ['blanks for &', 'grant_type=client_credentials;scope=contact'],
  ['code and redirect_uri', 'grant_type=client_credentials&code=x&redirect_uri=https%3A%2F%2Fother.example'], // prettier-ignore
];

function formCases({ basic, keyed: [signer] }: Parties): Case[] {
  return forms.flatMap(([name, form]) => [
    fixed(`form by basic: ${name}`, posted(token, form, byBasic(basic))),
    {
      name: `form by assertion: ${name}`,
      ask: async () => {
        const proof = signer ? byAssertion(await signed(signer)) : {};
        return posted(token, `${form}&${String(new URLSearchParams(proof))}`);
      },
    },
  ]);
}

type Told = Partial<Proving>;

/** What may be other than usual in a proof; the nonce is the server's unless it is given. */
const proofVariations: readonly (readonly [string, () => Told])[] = [
  ['good', () => ({})],
  ['without a nonce', () => ({ nonce: undefined })],
  ['a nonce of nobody', () => ({ nonce: 'AAAAAAAAAAAAAAAAAAAAAA' })],
  ['a nonce that is a number', () => ({ claims: { nonce: 7 } })],
  ['htm is GET', () => ({ method: 'GET' })],
  ['htm is in small letters', () => ({ method: 'post' })],
  ['htm is missing', () => ({ claims: { htm: undefined } })],
  ['htu is another path', () => ({ url: `${issuer}/oauth/revoke` })],
  ['htu is another host', () => ({ url: 'https://other.example/oauth/token' })],
  ['htu has a query', () => ({ url: `${issuer}/oauth/token?a=b` })],
  ['htu has a fragment', () => ({ url: `${issuer}/oauth/token#a` })],
  ['htu has a user', () => ({ url: 'http://a@127.0.0.1:8080/oauth/token' })],
  ['htu is no URL', () => ({ url: '/oauth/token' })],
  ['htu is missing', () => ({ claims: { htu: undefined } })],
  ['iat is missing', () => ({ claims: { iat: undefined } })],
  ['iat is a text', () => ({ claims: { iat: 'now' } })],
  ['iat is 30 s old', () => ({ claims: { iat: seconds(-30) } })],
  ['iat is an hour old', () => ({ claims: { iat: seconds(-3600) } })],
  ['iat is an hour ahead', () => ({ claims: { iat: seconds(3600) } })],
  ['jti is missing', () => ({ claims: { jti: undefined } })],
  ['jti is empty', () => ({ claims: { jti: '' } })],
  ['jti is a number', () => ({ claims: { jti: 7 } })],
  ['ath of something', () => ({ token: 'something' })],
  ['another claim', () => ({ claims: { other: 'x' } })],
  ['typ is JWT', () => ({ header: { typ: 'JWT' } })],
  ['typ is missing', () => ({ header: { typ: undefined } })],
  ['jwk is missing', () => ({ header: { jwk: undefined } })],
  ['jwk is a text', () => ({ header: { jwk: 'x' } })],
  ['exp was an hour ago', () => ({ claims: { exp: seconds(-3600) } })],
  ['exp is in an hour', () => ({ claims: { exp: seconds(3600) } })],
  ['exp is a text', () => ({ claims: { exp: 'tomorrow' } })],
  ['nbf is an hour ahead', () => ({ claims: { nbf: seconds(3600) } })],
  ['nbf was an hour ago', () => ({ claims: { nbf: seconds(-3600) } })],
];

function proofCases({ basic, bound, keyed, foreign }: Parties): Case[] {
  const proofFor = async (server: Server, pair: KeyPair, told: Told) => {
    const url = `${issuer}/oauth/token`;
    const plain = { method: 'POST', url, now: new Date() };
    const first = await server.send(
      posted(token, granting, { ...byBasic(basic), DPoP: await proofOf(pair, plain) }),
    );
    return proofOf(pair, { ...plain, nonce: first.nonce, ...told });
  };
  const cases: Case[] = [];
  for (const { pair } of keyed) {
    const add = (name: string, told: () => Told, change = (proof: string) => proof, of = basic) => {
      cases.push({
        name: `proof ${pair.alg}: ${name}`,
        ask: async (server) => {
          const proof = change(await proofFor(server, pair, told()));
          return posted(token, granting, { ...byBasic(of), DPoP: proof });
        },
      });
    };
    for (const [name, told] of proofVariations) add(name, told);
    for (const [name, change] of textVariations) add(`a proof ${name}`, () => ({}), change);
    add('of who must bring one', () => ({}), undefined, bound);
    add('with the key of another', () => ({ header: { jwk: foreign.jwk } }));
    cases.push({
      name: `proof ${pair.alg}: used before`,
      ask: async (server) => {
        const DPoP = await proofFor(server, pair, {});
        const asked = posted(token, granting, { ...byBasic(basic), DPoP });
        await server.send(asked);
        return asked;
      },
    });
  }
  cases.push(fixed('no proof of who must bring one', posted(token, granting, byBasic(bound))));
  return cases;
}

function tokenCases({ basic, other, keyed: [signer] }: Parties): Case[] {
  const issued = async (server: Server, of: KnownClient & { secret: string }) => {
    const { body } = await server.send(posted(token, granting, byBasic(of)));
    return String(body['access_token']);
  };
  const gone = async (server: Server) => {
    const text = await issued(server, basic);
    await server.send(posted(revoke, { token: text }, byBasic(basic)));
    return text;
  };
  const kinds: readonly (readonly [string, (server: Server) => Promise<string>])[] = [
    ['an own token', (server) => issued(server, basic)],
    ['a foreign token', (server) => issued(server, other)],
    ['a revoked token', gone],
    ['an unknown token', () => Promise.resolve(`slt_${'A'.repeat(43)}`)],
    ['an own token with a letter more', async (server) => `${await issued(server, basic)}A`],
    ['a text that is no token', () => Promise.resolve('§ no token')],
    ['a JWT', () => Promise.resolve(`${coded({ alg: 'ES256' })}.${coded({})}.AAAA`)],
    ['a long text', () => Promise.resolve('x'.repeat(5000))],
    ['nothing', () => Promise.resolve('')],
  ];
  const hints = [undefined, 'access_token', 'refresh_token', 'unknown', ''];
  const cases: Case[] = [];
  for (const path of [introspect, revoke]) {
    for (const [kind, make] of kinds) {
      for (const hint of hints) {
        cases.push({
          name: `${path} of ${kind}, hint ${hint ?? 'none'}`,
          ask: async (server) => {
            const hinted = hint === undefined ? {} : { token_type_hint: hint };
            return posted(path, { token: await make(server), ...hinted }, byBasic(basic));
          },
        });
      }
    }
    cases.push(
      fixed(`${path} without a token`, posted(path, 'token_type_hint=access_token', byBasic(basic))), // prettier-ignore
      fixed(`${path} with token twice`, posted(path, 'token=a&token=b', byBasic(basic))),
      fixed(`${path} with the hint twice`, posted(path, 'token=a&token_type_hint=access_token&token_type_hint=access_token', byBasic(basic))), // prettier-ignore
      {
        name: `${path} by an assertion, of another client’s token`,
        ask: async (server) => posted(path, { token: await issued(server, basic), ...(signer && byAssertion(await signed(signer))) }), // prettier-ignore
      },
      {
        name: `${path} and then introspection of an own token`,
        ask: async (server) => {
          const text = await issued(server, basic);
          await server.send(posted(path, { token: text }, byBasic(basic)));
          return posted(introspect, { token: text }, byBasic(basic));
        },
      },
      {
        name: `${path} by another, and then introspection by its owner`,
        ask: async (server) => {
          const text = await issued(server, basic);
          await server.send(posted(path, { token: text }, byBasic(other)));
          return posted(introspect, { token: text }, byBasic(basic));
        },
      },
    );
  }
  return cases;
}
