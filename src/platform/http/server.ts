import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Duplex } from 'node:stream';
import type { SecureContextOptions } from 'node:tls';
import type { Randomness } from '../randomness.ts';
import { holdBack } from './body.ts';
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

/** How a server speaks TLS. */
export interface TlsOptions {
  readonly context: SecureContextOptions;
  /** Whether it takes none but clients with a certificate, anybody's: who knows it decides. */
  readonly needsCertificate: boolean;
}

const limits = {
  requestTimeout: 10_000,
  headersTimeout: 10_000,
  connectionsCheckingInterval: 1_000,
  keepAliveTimeout: 10_000,
  // The guard refuses it, in our own words.
  requireHostHeader: false,
};

/**
 * An HTTP server whose own refusals are problem documents too, and whose slow clients are cut: a
 * request must have arrived within 10 s, and nobody leaves an answer unread for more than 30 s. With
 * TLS, a handshake must be over within 5 s.
 */
export function createHttpServer(
  app: RequestListener,
  random: Randomness,
  tls?: TlsOptions,
): Server {
  const server = tls ? tlsServer(app, tls) : createServer(limits, app);
  server.setTimeout(30_000);
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    refuseOnSocket(socket, parserProblems[error.code ?? ''] ?? badRequest, random);
  });
  server.on('checkContinue', (request, response) => {
    holdBack(request, response);
    app(request, response);
  });
  server.on('checkExpectation', (request) => {
    refuseOnSocket(request.socket, expectationFailed, random);
  });
  return server;
}

function tlsServer(app: RequestListener, { context, needsCertificate }: TlsOptions): Server {
  // Self-signed certificates are good ones here (RFC 8705, section 2.2): no authority is asked.
  const asking = { requestCert: needsCertificate, rejectUnauthorized: false };
  const server = createTlsServer(
    { ...limits, ...context, ...asking, handshakeTimeout: 5_000 },
    app,
  );
  // A handshake that fails (plain HTTP, an old client) has no way to read an answer.
  server.removeAllListeners('tlsClientError');
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  if (needsCertificate) {
    // Before the server listens to the connection: nothing that it says is read.
    server.prependListener('secureConnection', (socket) => {
      if (!socket.getPeerX509Certificate()) socket.destroy();
    });
  }
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
