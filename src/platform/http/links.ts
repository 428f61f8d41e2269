import { Router, type Request } from 'express';
import { refuseParameter } from './query.ts';
import { RefusalWithHeaders } from './problems.ts';
import { MethodNotAllowed } from './kinds.ts';
import { factsOf } from './request-facts.ts';

/** What a link says, and whether its visitor may be remembered. */
export interface LinkRequest {
  readonly code: string;
  readonly to: string | undefined;
  readonly cookieHeader: string | undefined;
  readonly mayRemember: boolean;
}

export interface LinkAnswer {
  readonly location: string;
  /** A whole Set-Cookie header. */
  readonly cookie: string | undefined;
}

/**
 * A route that sends browsers on: GET and HEAD of `base/:code`, with 303. Other parameters than `to`
 * are the marketing's own and are not looked at. Nothing is kept by caches, and the next page is not
 * told where its visitor comes from.
 */
export function linkRoutes(
  base: string,
  follow: (link: LinkRequest) => Promise<LinkAnswer>,
): Router {
  const router = Router({ strict: true, caseSensitive: true });
  const path = `${base}/:code`;
  router.get(path, async (request, response) => {
    factsOf(response).endpoint = path;
    response.setHeader('Cache-Control', 'no-store');
    response.setHeader('Referrer-Policy', 'no-referrer');
    const { location, cookie } = await follow({
      code: String(request.params['code']),
      to: addressIn(request.originalUrl),
      cookieHeader: request.headers.cookie,
      mayRemember: mayRemember(request),
    });
    if (cookie !== undefined) response.setHeader('Set-Cookie', cookie);
    response.statusCode = 303;
    response.setHeader('Location', location);
    response.setHeader('Content-Length', 0);
    response.end();
  });
  router.all(path, (_request, response) => {
    factsOf(response).endpoint = path;
    throw new RefusalWithHeaders(MethodNotAllowed, { Allow: 'GET, HEAD' });
  });
  return router;
}

/**
 * Whether a person is on the way to a page, and lets itself be remembered: not with Global Privacy
 * Control, nor where a browser fetches ahead or loads the link as a part of another page.
 */
function mayRemember({ method, headers }: Request): boolean {
  const gpc = headers['sec-gpc'];
  const isRefused = gpc !== undefined && gpc !== '0';
  const isAhead = ['sec-purpose', 'purpose', 'x-moz', 'x-purpose'].some((name) =>
    /prefetch|prerender|preview/i.test(String(headers[name] ?? '')),
  );
  const destination = headers['sec-fetch-dest'];
  const isPage = destination === undefined || destination === 'document';
  return method === 'GET' && !isRefused && !isAhead && isPage;
}

function addressIn(target: string): string | undefined {
  const start = target.indexOf('?');
  if (start < 0) return undefined;
  const given = new URLSearchParams(target.slice(start + 1)).getAll('to');
  if (given.length > 1) refuseParameter('to', 'is given more than once');
  return given[0];
}
