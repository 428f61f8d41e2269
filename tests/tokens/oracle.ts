import { createServer, request as ask, Agent, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { errors, Provider } from 'oidc-provider';
import type { KeyPair } from './signing.ts';

/** One request to an OAuth endpoint, as it goes over the wire. */
export interface Asked {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Answered {
  readonly status: number;
  /** The OAuth error, or whether the token is active; empty where neither is told. */
  readonly says: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly nonce: string;
}

/** An authorization server under test: it is asked over HTTP, as if it were at `issuer`. */
export interface Server {
  send(asked: Asked): Promise<Answered>;
  close(): Promise<void>;
}

export const issuer = 'http://127.0.0.1:8080';

/** A client as both servers know it. */
export interface KnownClient {
  readonly clientId: string;
  /** A client has a secret or a key. */
  readonly secret?: string;
  readonly pair?: KeyPair;
  readonly isDpopRequired?: boolean;
}

/** The certified library as the gateway would be set up: FAPI 2.0, opaque tokens, a DPoP nonce. */
export function oracleOf(clients: readonly KnownClient[], jwks: object): Promise<Server> {
  const granted = 'contact account billing fees';
  const algorithms = ['ES256', 'PS256', 'EdDSA', 'Ed25519'];
  const ownOnly = (_ctx: unknown, { clientId }: KnownClient, token: KnownClient) =>
    token.clientId === clientId;
  const provider = new Provider(issuer, {
    adapter: MemoryAdapter,
    jwks,
    cookies: { keys: ['not used: there is no browser'] },
    clientAuthMethods: ['client_secret_basic', 'private_key_jwt'],
    enabledJWA: {
      clientAuthSigningAlgValues: algorithms,
      dPoPSigningAlgValues: algorithms,
      idTokenSigningAlgValues: ['ES256'],
    },
    clockTolerance: 60,
    scopes: [...granted.split(' '), 'business', 'financial'],
    responseTypes: [],
    routes: {
      token: '/oauth/token',
      revocation: '/oauth/revoke',
      introspection: '/oauth/introspect',
    },
    ttl: { ClientCredentials: 600 },
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      userinfo: { enabled: false },
      fapi: { enabled: true, profile: '2.0' },
      introspection: { enabled: true, allowedPolicy: ownOnly },
      revocation: { enabled: true, allowedPolicy: ownOnly },
      dPoP: { enabled: true, nonceSecret: Buffer.alloc(32, 7), requireNonce: () => true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => undefined,
        useGrantedResource: () => true,
        getResourceServerInfo: (_ctx: unknown, resource: string) => {
          if (resource !== issuer) throw new errors.InvalidTarget();
          return { scope: granted, accessTokenFormat: 'opaque' };
        },
      },
    },
  });
  for (const client of clients) keepClient(client, granted);
  return serverOf(provider.callback());
}

/** A client's metadata (RFC 7591), kept where the library looks for it. */
function keepClient(
  { clientId, secret, pair, isDpopRequired = false }: KnownClient,
  scope: string,
) {
  void new MemoryAdapter('Client').upsert(clientId, {
    client_id: clientId,
    ...(secret !== undefined && { client_secret: secret }),
    ...(pair && { jwks: { keys: [pair.jwk] } }),
    token_endpoint_auth_method: pair ? 'private_key_jwt' : 'client_secret_basic',
    dpop_bound_access_tokens: isDpopRequired,
    grant_types: ['client_credentials'],
    response_types: [],
    redirect_uris: [],
    id_token_signed_response_alg: 'ES256',
    scope,
  });
}

/** Puts a request listener on a port of its own. */
export async function serverOf(listener: RequestListener): Promise<Server> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const agent = new Agent({ keepAlive: true });
  return {
    send: (asked) => sent(asked, { port, agent }),
    close: async () => {
      agent.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function sent(
  { method = 'POST', path, headers = {}, body }: Asked,
  at: { port: number; agent: Agent },
): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const all = { Host: new URL(issuer).host, ...headers };
    const request = ask({ ...at, host: '127.0.0.1', method, path, headers: all }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.once('end', () => {
        const nonce = String(response.headers['dpop-nonce'] ?? '');
        resolve({ status: response.statusCode ?? 0, ...saidIn(text), nonce });
      });
    });
    request.once('error', reject).end(body);
  });
}

function saidIn(text: string): Pick<Answered, 'says' | 'body'> {
  let body: Record<string, unknown> = {};
  try {
    body = JSON.parse(text) as Record<string, unknown>;
  } catch {
    // No body, or a page: it says nothing.
  }
  const { error, active } = body;
  if (typeof error === 'string') return { body, says: error };
  return { body, says: typeof active === 'boolean' ? `active ${String(active)}` : '' };
}

/** What the library keeps, in this process. */
class MemoryAdapter {
  readonly #model: string;
  static readonly #kept = new Map<string, object>();

  constructor(model: string) {
    this.#model = model;
  }
  upsert(id: string, payload: object): Promise<void> {
    MemoryAdapter.#kept.set(`${this.#model} ${id}`, payload);
    return Promise.resolve();
  }
  find(id: string): Promise<object | undefined> {
    return Promise.resolve(MemoryAdapter.#kept.get(`${this.#model} ${id}`));
  }
  destroy(id: string): Promise<void> {
    MemoryAdapter.#kept.delete(`${this.#model} ${id}`);
    return Promise.resolve();
  }
  revokeByGrantId(): Promise<void> {
    return Promise.resolve();
  }
}
