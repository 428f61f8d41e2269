import express, { type Express, type RequestHandler, type Response } from 'express';
import type { Logger } from 'pino';
import type { Randomness } from '../randomness.ts';
import { isListed, networkList } from '../networks.ts';
import type { Settings } from '../settings.ts';
import { checkRequest } from './guard.ts';
import { frozenHeaders } from './headers.ts';
import { MisdirectedRequest } from './kinds.ts';
import { ownHosts } from './own-hosts.ts';
import { rememberPeer } from './peer.ts';
import { sendProblem } from './problems.ts';
import { Refusal } from '../refusal.ts';
import { rememberFacts, type RequestFacts } from './request-facts.ts';

const VersionNotSupported = {
  code: 'version-not-supported',
  status: 505,
  title: 'This service speaks HTTP/1.1.',
};

/** What an app knows of the way that its requests take. */
type TransportOfApp = Pick<Settings, 'origin' | 'mtlsPort' | 'trustedProxies' | 'takesClientCert'>;

/**
 * An Express app with its doors closed: no ETag, no query parser, no guess about paths, the guard in
 * front, a `Request-Id` on every answer and one log line for each. Routes are mounted on it, then
 * `answerUnknown`, then `answerProblems`.
 */
export function createApp(tools: {
  readonly settings: TransportOfApp;
  readonly random: Randomness;
  readonly log: Logger;
}): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', false);
  app.enable('strict routing');
  app.enable('case sensitive routing');
  app.use(receive(tools));
  return app;
}

function receive({ settings, random, log }: Parameters<typeof createApp>[0]): RequestHandler {
  const headers = frozenHeaders({ isHttps: settings.origin.startsWith('https:') });
  const isOurs = ownHosts(settings);
  const proxies = networkList(settings.trustedProxies);
  const trust = {
    isProxy: (address: string) => isListed(proxies, address),
    takesClientCert: settings.takesClientCert,
  };
  return (request, response, next) => {
    const requestId = `req_${random.bytes(12).toString('base64url')}`;
    const facts: RequestFacts = { requestId, partner: null, endpoint: null };
    rememberFacts(response, facts);
    response.setHeader('Request-Id', requestId);
    for (const [name, value] of headers) response.setHeader(name, value);
    logWhenDone(response, facts, log);
    if (request.httpVersion !== '1.1' && request.httpVersion !== '1.0') {
      sendProblem(response, VersionNotSupported);
      return;
    }
    checkRequest(request);
    rememberPeer(request, trust);
    if (!isOurs(request)) throw new Refusal(MisdirectedRequest);
    next();
  };
}

/** One line per request: ids and patterns, never a path, a query value or a header. */
function logWhenDone(response: Response, facts: RequestFacts, log: Logger): void {
  const startedAt = performance.now();
  response.once('close', () => {
    const ms = Math.round((performance.now() - startedAt) * 10) / 10;
    const wasCut = !response.writableFinished;
    log.info({ ...facts, status: response.statusCode, ms, ...(wasCut && { wasCut }) }, 'request');
  });
}
