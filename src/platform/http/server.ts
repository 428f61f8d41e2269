import { createServer, type RequestListener, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Randomness } from '../randomness.ts';
import { problemText, type Problem } from './problems.ts';

const badRequest: Problem = {
  code: 'bad-request',
  status: 400,
  title: 'The request is not well-formed HTTP as this service takes it.',
};

/** What Node's parser refuses before any route sees it, by its error code. */
const parserProblems: Readonly<Record<string, Problem>> = {
  HPE_HEADER_OVERFLOW: {
    code: 'headers-too-large',
    status: 431,
    title: 'The request has too many or too large header fields.',
  },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: {
    code: 'content-too-large',
    status: 413,
    title: 'The body is larger than this resource takes.',
  },
  ERR_HTTP_REQUEST_TIMEOUT: {
    code: 'request-timeout',
    status: 408,
    title: 'The request took too long to arrive.',
  },
};

const expectationFailed: Problem = {
  code: 'expectation-failed',
  status: 417,
  title: 'The only expectation that can be met is 100-continue.',
};

/**
 * An HTTP server whose own refusals are problem documents too, and whose slow clients are cut: a
 * request must have arrived within 10 s, and nobody leaves an answer unread for more than 30 s.
 */
export function createHttpServer(app: RequestListener, random: Randomness): Server {
  const server = createServer(
    {
      requestTimeout: 10_000,
      headersTimeout: 10_000,
      connectionsCheckingInterval: 1_000,
      keepAliveTimeout: 10_000,
      // The guard refuses it, in our own words.
      requireHostHeader: false,
    },
    app,
  );
  server.setTimeout(30_000);
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    refuseOnSocket(socket, parserProblems[error.code ?? ''] ?? badRequest, random);
  });
  server.on('checkExpectation', (request) => {
    refuseOnSocket(request.socket, expectationFailed, random);
  });
  return server;
}

/** Answers on the bare socket, where Node has no response to write on, and closes it. */
function refuseOnSocket(socket: Duplex, problem: Problem, random: Randomness): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const requestId = `req_${random.bytes(12).toString('base64url')}`;
  const text = problemText(problem, requestId);
  const head = [
    `HTTP/1.1 ${String(problem.status)} Refused`,
    'Content-Type: application/problem+json',
    `Content-Length: ${String(Buffer.byteLength(text))}`,
    'Cache-Control: no-store',
    `Request-Id: ${requestId}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${text}`);
}
