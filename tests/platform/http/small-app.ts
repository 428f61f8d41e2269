import { connect, type AddressInfo } from 'node:net';
import type { Server } from 'node:http';
import { pino, type Logger } from 'pino';
import { createApp } from '../../../src/platform/http/app.ts';
import { bearer } from '../../../src/platform/http/bearer.ts';
import { endpoint, type Endpoint } from '../../../src/platform/http/endpoint.ts';
import { healthRoutes } from '../../../src/platform/http/health.ts';
import { TokenInvalid } from '../../../src/platform/http/kinds.ts';
import { mount } from '../../../src/platform/http/mount.ts';
import { answerProblems, answerUnknown } from '../../../src/platform/http/problems.ts';
import { createHttpServer } from '../../../src/platform/http/server.ts';
import { systemRandomness } from '../../../src/platform/randomness.ts';
import { bytesAnswer } from '../../../src/platform/http/answer.ts';
import { cursor, limit } from '../../../src/platform/http/query.ts';

export interface Guest {
  readonly partnerKey: string;
  readonly scopes: readonly string[];
}

export const goodToken = 'a-good-token';

const transport: Parameters<typeof createApp>[0]['settings'] = {
  origin: 'http://127.0.0.1',
  mtlsPort: undefined,
  trustedProxies: [],
  takesClientCert: false,
};

/** A few routes of every kind, on the platform alone. */
export function smallApp(
  extra: readonly Endpoint<Guest>[] = [],
  log: Logger = pino({ level: 'silent' }),
  check: () => Promise<void> = () => Promise.resolve(),
  settings: Partial<typeof transport> = {},
) {
  const app = createApp({
    settings: { ...transport, ...settings },
    random: systemRandomness,
    log,
  });
  const callerOf = bearer<Guest>((secret) =>
    Promise.resolve(
      secret === goodToken
        ? { isLive: true, caller: { partnerKey: 'guest', scopes: ['billing'] } }
        : { isLive: false, because: TokenInvalid },
    ),
  );
  app.use(healthRoutes(check));
  app.use(mount([...lines(), ...extra], callerOf));
  app.use(answerUnknown);
  app.use(answerProblems(log));
  return app;
}

/** What stands for customer data: text that must not leave by another way. */
export const page = Buffer.from('{"data":[{"id":"cus_1"}],"next":null}');

function lines(): readonly Endpoint<Guest>[] {
  return [
    endpoint({
      method: 'get',
      path: '/v1/customers',
      scope: 'billing',
      discloses: true,
      status: 200,
      query: { limit, cursor },
      does: ({ query }) =>
        Promise.resolve(
          bytesAnswer({
            body: page,
            contentType: 'application/json',
            headers: { 'Page-Size': String(query.limit) },
          }),
        ),
    }),
    endpoint({
      method: 'get',
      path: '/v1/customers/:id',
      discloses: true,
      status: 200,
      does: () => Promise.resolve(bytesAnswer({ body: page, contentType: 'application/json' })),
    }),
    endpoint({
      method: 'get',
      path: '/v1/business',
      scope: 'business',
      discloses: true,
      status: 200,
      does: () => Promise.resolve(bytesAnswer({ body: page, contentType: 'application/json' })),
    }),
    endpoint({
      method: 'get',
      path: '/open',
      public: true,
      gives: 'tokens/protected-resource',
      status: 200,
      does: () => Promise.resolve(openAnswer),
    }),
  ];
}

export const openAnswer = {
  resource: 'http://127.0.0.1',
  authorization_servers: [],
  bearer_methods_supported: ['header'],
  dpop_signing_alg_values_supported: ['ES256'],
  scopes_supported: [],
};

/** A listening server on a port of its own, with what sends it bytes no client would send. */
export async function listening(server: Server) {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    origin: `http://127.0.0.1:${String(port)}`,
    send: (bytes: string) => sendRaw(port, bytes),
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => {
          resolve();
        });
      }),
  };
}

export async function serveSmallApp(log?: Logger) {
  return listening(createHttpServer(smallApp([], log), systemRandomness));
}

/** Sends bytes as they are and reads until the answer's end (or the peer closes). */
function sendRaw(port: number, bytes: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let text = '';
    const finish = () => {
      socket.destroy();
      resolve({ status: Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1] ?? 0), text });
    };
    socket.setTimeout(3000, finish);
    socket.on('error', reject);
    socket.on('close', finish);
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      const [head = '', body] = text.split('\r\n\r\n', 2);
      const length = /^content-length: (\d+)/im.exec(head)?.[1];
      if (body !== undefined && length !== undefined && body.length >= Number(length)) finish();
    });
    socket.write(bytes, 'latin1');
  });
}
