import type { RequestListener, ServerResponse } from 'node:http';
import { Server as SocketServer, type AddressInfo } from 'node:net';
import type { Randomness } from '../randomness.ts';
import { Refusal, type RefusalKind } from '../refusal.ts';
import { problemText } from './problems.ts';
import { createHttpServer } from './server.ts';

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

/** Listens; rejects when the address can't be had. While it stops, `/readyz` answers 503. */
export async function listen(
  app: RequestListener,
  { host, port, random }: { host: string; port: number; random: Randomness },
): Promise<RunningServer> {
  let isStopping = false;
  const underWay = new Set<ServerResponse>();
  const server = createHttpServer((request, response) => {
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
  }, random);
  await new Promise<void>((resolve, reject) => {
    const refuse = (cause: Error) => {
      const detail = `${host}, port ${String(port)}, can't be listened on: ${cause.message}.`;
      reject(Object.assign(new Refusal(AddressTaken, detail), { cause }));
    };
    server.once('error', refuse);
    server.listen(port, host, () => {
      server.off('error', refuse);
      resolve();
    });
  });
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
        }, seconds * 1000);
        const closeIdle = setInterval(() => {
          server.closeIdleConnections();
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
