import type { RequestListener, ServerResponse } from 'node:http';
import { Server as SocketServer, type AddressInfo, type Socket } from 'node:net';
import { Server as TlsServer } from 'node:tls';
import type { Randomness } from '../randomness.ts';
import { Refusal, type RefusalKind } from '../refusal.ts';
import { problemText } from './problems.ts';
import { createHttpServer } from './server.ts';
import type { TlsFiles } from './tls.ts';

/** A server that takes requests. */
export interface RunningServer {
  readonly port: number;
  /**
   * Takes no new connection, answers the requests of those it has and closes each with its answer;
   * a stream ends after the chunk that is under way.
   * A second later those that ask nothing are closed; after `seconds` everything is.
   */
  stop(seconds: number): Promise<void>;
}

export const AddressTaken = {
  code: 'address-taken',
  status: 503,
  title: 'The address can’t be listened on.',
} as const satisfies RefusalKind;

const idleMs = 1_000;

/** Answers that were under way, or came, when their server stopped. */
const told = new WeakSet<ServerResponse>();

/** Whether an answer should come to its end: the server that sends it is stopping. */
export function isToldToEnd(response: ServerResponse): boolean {
  return told.has(response);
}

const Stopping = {
  code: 'not-ready',
  status: 503,
  title: 'This process is stopping.',
};

/** Where and how to listen. */
export interface Listening {
  readonly host: string;
  readonly port: number;
  readonly random: Randomness;
  /** Undefined: in clear. */
  readonly tls?: TlsFiles | undefined;
  /** Whether each client must show a certificate. */
  readonly needsCertificate?: boolean;
}

/** Listens; rejects when the address can't be had. While it stops, `/readyz` answers 503. */
export async function listen(
  app: RequestListener,
  { host, port, random, tls, needsCertificate = false }: Listening,
): Promise<RunningServer> {
  let isStopping = false;
  const underWay = new Set<ServerResponse>();
  const server = createHttpServer(
    (request, response) => {
      underWay.add(response);
      response.once('close', () => underWay.delete(response));
      if (isStopping) {
        told.add(response);
        response.setHeader('Connection', 'close');
        if (request.url === '/readyz') {
          const requestId = `req_${random.bytes(12).toString('base64url')}`;
          response.writeHead(503, {
            'Content-Type': 'application/problem+json',
            'Cache-Control': 'no-store',
            'Request-Id': requestId,
          });
          response.end(problemText(Stopping, requestId));
          return;
        }
      }
      app(request, response);
    },
    random,
    tls && { context: tls.options(), needsCertificate },
  );
  if (server instanceof TlsServer) tls?.follow(server);
  const shaking = server instanceof TlsServer ? handshakesOf(server) : undefined;
  await listening(server, { host, port });
  return {
    port: (server.address() as AddressInfo).port,
    stop: (seconds) => {
      isStopping = true;
      for (const response of underWay) {
        told.add(response);
        if (!response.headersSent) response.setHeader('Connection', 'close');
      }
      return new Promise((resolve) => {
        const cut = setTimeout(() => {
          server.closeAllConnections();
          cutAll(shaking);
        }, seconds * 1000);
        const closeIdle = setInterval(() => {
          server.closeIdleConnections();
          cutAll(shaking);
        }, idleMs);
        // The HTTP server's own close() cuts idle connections at once, with a request that may be
        // on its way in them.
        SocketServer.prototype.close.call(server, () => {
          clearTimeout(cut);
          clearInterval(closeIdle);
          resolve();
        });
      });
    },
  };
}

/** Refuses an address that can't be had, before anything is done for it. */
export async function checkFree(address: { host: string; port: number }): Promise<void> {
  const server = new SocketServer();
  await listening(server, address, '; set PORT to another');
  await new Promise((resolve) => server.close(resolve));
}

function listening(
  server: SocketServer,
  { host, port }: { host: string; port: number },
  advice = '',
): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    const refuse = (cause: NodeJS.ErrnoException) => {
      const what = cause.code === 'EADDRINUSE' ? 'it is taken' : cause.message;
      const detail = `${host}, port ${String(port)}, can't be listened on: ${what}${advice}.`;
      reject(Object.assign(new Refusal(AddressTaken, detail), { cause }));
    };
    server.once('error', refuse);
    server.listen(port, host, () => {
      server.off('error', refuse);
      resolve();
    });
  });
}

/** The connections whose handshake is not over: the HTTP server knows of them only afterwards. */
function handshakesOf(server: TlsServer): ReadonlyMap<string, Socket> {
  const shaking = new Map<string, Socket>();
  const nameOf = ({ remoteAddress, remotePort }: Socket) =>
    `${remoteAddress ?? ''} ${String(remotePort)}`;
  server.on('connection', (socket: Socket) => {
    const name = nameOf(socket);
    shaking.set(name, socket);
    socket.once('close', () => {
      if (shaking.get(name) === socket) shaking.delete(name);
    });
  });
  server.on('secureConnection', (socket) => shaking.delete(nameOf(socket)));
  return shaking;
}

function cutAll(shaking: ReadonlyMap<string, Socket> | undefined): void {
  for (const socket of shaking?.values() ?? []) socket.destroy();
}
