import { endpoint, type Endpoint } from '../platform/http/endpoint.ts';
import { shareOut } from '../platform/bulkhead.ts';
import { mtlsOrigin, urlsOf } from '../platform/http/own-hosts.ts';
import { OauthRefusal, type OauthAnswer, type OauthEndpoint } from '../platform/http/oauth.ts';
import type { Tools } from '../platform/tools.ts';
import { authenticateClient, authMethods } from '../clients/index.ts';
import { checkProof, nextNonce, proofAlgorithms, signingAlgorithms } from '../signatures/index.ts';
import { introspectToken } from './introspect-token.ts';
import { issueToken } from './issue-token.ts';
import { revokeToken } from './revoke-token.ts';
import { noteFailure } from './slow-failures.ts';
import { scopes, type Caller, type TokenFacts } from './token.ts';

type OauthRequest = Parameters<OauthEndpoint['does']>[0];
type Client = Awaited<ReturnType<typeof authenticate>>;
type Authenticated = (
  request: OauthRequest,
  work: (client: Client) => Promise<OauthAnswer>,
) => Promise<OauthAnswer>;

/** The OAuth endpoints (RFC 6749, section 4.4; RFC 7009; RFC 7662), for mountOauth. */
export function tokenEndpoints(tools: Tools): readonly OauthEndpoint[] {
  // One partner's asking for tokens is not to hold up another's.
  const inTurn = shareOut({ atOnce: 2, waiting: 64 });
  const authenticated: Authenticated = async (request, work) => {
    const client = await authenticate(tools, request);
    return inTurn(client.partnerId, () => work(client));
  };
  return [
    {
      path: '/oauth/token',
      summary: 'An access token for the client that authenticates.',
      form: tokenForm,
      does: (request) => authenticated(request, (client) => answerToken(tools, request, client)),
    },
    {
      path: '/oauth/revoke',
      summary: 'Ends a token of the client.',
      form: nameOfToken,
      does: (request) => authenticated(request, (client) => answerRevoke(tools, request, client)),
    },
    {
      path: '/oauth/introspect',
      summary: 'Whether a token of the client is live, and what it carries.',
      form: nameOfToken,
      does: (request) =>
        authenticated(request, (client) => answerIntrospect(tools, request, client)),
    },
  ];
}

/** Where a stranger's client finds its way (RFC 8414, RFC 9728). The issuer is never the Host sent. */
export function metadataEndpoints({ settings }: Tools): readonly Endpoint<Caller>[] {
  return [
    endpoint({
      method: 'get',
      path: '/.well-known/oauth-authorization-server',
      summary: 'Where and how a client gets its tokens (RFC 8414).',
      public: true,
      gives: 'tokens/authorization-server',
      status: 200,
      does: () => Promise.resolve(authorizationServer(settings)),
    }),
    endpoint({
      method: 'get',
      path: '/.well-known/oauth-protected-resource',
      summary: 'Whose tokens this service takes (RFC 9728).',
      public: true,
      gives: 'tokens/protected-resource',
      status: 200,
      does: () => Promise.resolve(protectedResource(settings)),
    }),
    endpoint({
      method: 'get',
      path: '/oauth/jwks',
      summary:
        'The keys that sign tokens (RFC 7517): none, tokens are opaque; those of the log are at /log/keys.',
      public: true,
      gives: 'tokens/jwks',
      status: 200,
      does: () => Promise.resolve({ keys: [] }),
    }),
  ];
}

/** A client that has keys sends its assertion in the form, at every endpoint (RFC 7523, section 2.2). */
const credentialsInForm = {
  client_id: {
    type: 'string',
    description:
      'The client; only one that proves itself by a certificate (RFC 8705) must be named.',
  },
  client_assertion_type: { type: 'string', description: 'The type of the assertion (RFC 7523).' },
  client_assertion: { type: 'string', description: 'A JWT that the client signed (RFC 7523).' },
};
const tokenForm = {
  type: 'object',
  required: ['grant_type'],
  properties: {
    grant_type: { const: 'client_credentials' },
    scope: { type: 'string', description: 'Scopes, separated by blanks; all that can be had.' },
    purpose: { type: 'string', description: 'Purposes, separated by blanks; all that are agreed.' },
    resource: { type: 'string', description: 'The origin of this service (RFC 8707).' },
    ...credentialsInForm,
  },
};
const nameOfToken = {
  type: 'object',
  required: ['token'],
  properties: { token: { type: 'string' }, ...credentialsInForm },
};

async function answerToken(tools: Tools, request: OauthRequest, client: Client) {
  const { form } = request;
  const grantType = needed(form, 'grant_type');
  if (grantType !== 'client_credentials') {
    throw new OauthRefusal('unsupported_grant_type', 'Only client_credentials is served here.');
  }
  const resource = form.get('resource');
  if (resource !== undefined && resource !== tools.settings.origin) {
    throw new OauthRefusal('invalid_target', 'No token is issued here for that resource.');
  }
  const jkt = await provenKey(tools, request, client);
  const asked = { scope: form.get('scope'), purpose: form.get('purpose'), jkt };
  const issued = await issueToken(tools, { ...client, ...asked });
  if ('granted' in issued) throw new OauthRefusal(issued.error, issued.description);
  const body = {
    access_token: issued.secret,
    token_type: typeOf(jkt),
    expires_in: issued.expiresInSeconds,
    scope: issued.scopes.join(' '),
    purpose: issued.purposes.join(' '),
  };
  return jkt === null ? { body } : { body, headers: { 'DPoP-Nonce': nextNonce(tools) } };
}

const typeOf = (jkt: string | null) => (jkt === null ? 'Bearer' : 'DPoP');

/** The key that the token is to be bound to, by its proof (RFC 9449, section 5); null without one. */
async function provenKey(
  tools: Tools,
  { proofs }: OauthRequest,
  { isDpopRequired, x5t }: { isDpopRequired: boolean; x5t: string | null },
): Promise<string | null> {
  const refuse = (code: string, description: string): never => {
    throw new OauthRefusal(code, description, 400, { 'DPoP-Nonce': nextNonce(tools) });
  };
  const [proof] = proofs;
  if (proof === undefined) {
    if (!isDpopRequired) return null;
    return refuse('invalid_dpop_proof', 'This client gets tokens with a DPoP proof alone.');
  }
  if (x5t !== null) {
    return refuse('invalid_dpop_proof', 'Tokens of this client are bound to its certificate.');
  }
  if (proofs.length > 1) return refuse('invalid_dpop_proof', 'One DPoP header is needed.');
  const asked = { method: 'POST', ...urlsOf(tools.settings, '/oauth/token') };
  const checked = await checkProof(tools, proof, asked);
  if ('jkt' in checked) return checked.jkt;
  return checked.fault === 'nonce'
    ? refuse('use_dpop_nonce', 'The proof needs the nonce of the header DPoP-Nonce.')
    : refuse('invalid_dpop_proof', 'The DPoP proof does not hold for this request.');
}

async function answerRevoke(
  tools: Tools,
  request: OauthRequest,
  { clientId }: Client,
): Promise<OauthAnswer> {
  await revokeToken(tools, { clientId, secret: needed(request.form, 'token') });
  return {};
}

async function answerIntrospect(tools: Tools, request: OauthRequest, { clientId }: Client) {
  const facts = await introspectToken(tools, { clientId, secret: needed(request.form, 'token') });
  const { origin } = tools.settings;
  return { body: facts ? { active: true, ...described(facts, origin) } : { active: false } };
}

function described({ caller, issuedAt, expiresAt, jkt, x5t }: TokenFacts, issuer: string) {
  return {
    client_id: caller.clientId,
    token_type: typeOf(jkt),
    ...(jkt !== null && { cnf: { jkt } }),
    ...(x5t !== null && { cnf: { 'x5t#S256': x5t } }),
    scope: caller.scopes.join(' '),
    purpose: caller.purposes.join(' '),
    iat: Math.floor(issuedAt.getTime() / 1000),
    exp: Math.floor(expiresAt.getTime() / 1000),
    iss: issuer,
    jti: caller.tokenId,
  };
}

async function authenticate(tools: Tools, { authorization, form, peer }: OauthRequest) {
  const assertion = form.get('client_assertion');
  const ways = [authorization, form.get('client_secret'), assertion];
  if (ways.filter((way) => way !== undefined).length > 1) {
    throw new OauthRefusal('invalid_request', 'A client authenticates in one way only.');
  }
  const type = form.get('client_assertion_type');
  if (assertion !== undefined && type !== jwtBearer) {
    throw new OauthRefusal('invalid_request', `client_assertion_type must be ${jwtBearer}.`);
  }
  const named = form.get('client_id');
  const clientId = form.has('client_secret') ? undefined : named;
  const credentials = { authorization, assertion, clientId, peer };
  const client = await authenticateClient(tools, credentials);
  if (!client) throw await failed(tools, peer.address);
  if (named !== undefined && named !== client.clientId) {
    throw new OauthRefusal('invalid_request', 'client_id names another client.');
  }
  return client;
}

/** In whichever way it failed, the answer is one; who fails again and again gets it late. */
async function failed(tools: Tools, address: string): Promise<OauthRefusal> {
  const slow = await noteFailure(tools, address);
  if (!slow) return new OauthRefusal('invalid_client', 'Client authentication failed.', 401);
  const headers = { 'Retry-After': String(slow.retryAfterSeconds) };
  return new OauthRefusal(
    'invalid_client',
    'Client authentication failed too often.',
    429,
    headers,
  );
}

/** RFC 7523, section 2.2. */
const jwtBearer = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

function needed(form: OauthRequest['form'], name: string): string {
  const value = form.get(name);
  if (value === undefined) throw new OauthRefusal('invalid_request', `${name} is missing.`);
  return value;
}

type Places = Tools['settings'];

const endpoints = (at: string) => ({
  token_endpoint: `${at}/oauth/token`,
  revocation_endpoint: `${at}/oauth/revoke`,
  introspection_endpoint: `${at}/oauth/introspect`,
});

function authorizationServer(settings: Places) {
  const { origin } = settings;
  const algorithms = [...signingAlgorithms, 'Ed25519'];
  const methods = authMethods.filter((one) => !isByCertificate(one) || takesCertificates(settings));
  const alias = mtlsOrigin(settings);
  return {
    issuer: origin,
    jwks_uri: `${origin}/oauth/jwks`,
    ...endpoints(origin),
    token_endpoint_auth_methods_supported: methods,
    token_endpoint_auth_signing_alg_values_supported: algorithms,
    revocation_endpoint_auth_methods_supported: methods,
    revocation_endpoint_auth_signing_alg_values_supported: algorithms,
    introspection_endpoint_auth_methods_supported: methods,
    introspection_endpoint_auth_signing_alg_values_supported: algorithms,
    dpop_signing_alg_values_supported: proofAlgorithms,
    ...(takesCertificates(settings) && boundByCertificate),
    ...(alias !== undefined && { mtls_endpoint_aliases: endpoints(alias) }),
    grant_types_supported: ['client_credentials'],
    response_types_supported: [],
    scopes_supported: scopes,
  };
}

function protectedResource(settings: Places) {
  const { origin } = settings;
  return {
    resource: origin,
    authorization_servers: [origin],
    bearer_methods_supported: ['header'],
    dpop_signing_alg_values_supported: proofAlgorithms,
    ...(takesCertificates(settings) && boundByCertificate),
    scopes_supported: scopes,
  };
}

const boundByCertificate = { tls_client_certificate_bound_access_tokens: true };

const isByCertificate = (method: string) => method === 'self_signed_tls_client_auth';

const takesCertificates = ({ mtlsPort, takesClientCert }: Places) =>
  mtlsPort !== undefined || takesClientCert;
