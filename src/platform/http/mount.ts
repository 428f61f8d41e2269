import { Router, type Request, type RequestHandler, type Response } from 'express';
import { Refusal, type RefusalKind } from '../refusal.ts';
import { bodyOfLine, checkAnswer } from './contract.ts';
import { isBytesAnswer } from './answer.ts';
import type { Endpoint } from './endpoint.ts';
import { MethodNotAllowed, NotAcceptable, ScopeInsufficient, ShuttingDown } from './kinds.ts';
import { isToldToEnd } from './lifecycle.ts';
import { chunksWithinBudget, tellUse, withinBudget, type Metering } from './metering.ts';
import { RefusalWithHeaders } from './problems.ts';
import { readPath, readQuery, type QueryParsers } from './query.ts';
import { factsOf } from './request-facts.ts';
import { readHeaders } from './request-headers.ts';
import { ndjson, sendStream } from './stream.ts';

/** Finds who asks, or throws the refusal that says why not. */
export type CallerOf<Caller> = (request: Request, response: Response) => Promise<Caller>;

/** What the mount itself reads of a caller. */
export interface Scoped {
  readonly scopes: readonly string[];
}

interface MountOptions<Caller> {
  readonly lacking?: RefusalKind;
  readonly meter?: Metering<Caller>;
}

interface Admission<Caller> {
  readonly callerOf: CallerOf<Caller>;
  readonly lacking: RefusalKind;
  readonly meter: Metering<Caller> | undefined;
}

const json = ['application/json'] as const;

/**
 * Turns a table of endpoints into routes, and holds both sides to their schemas. Schemas are compiled
 * here, so that a wrong one stops the start. A known path answers other methods with 405 and Allow;
 * so all lines of one path belong in one table (join tables before they are mounted). A caller
 * without the scope that a line asks for is refused as `lacking`. `meter` counts each call whose
 * caller is known, whatever becomes of it, and the records of the lines that are counted.
 */
export function mount<Caller extends Scoped>(
  endpoints: readonly Endpoint<Caller>[],
  callerOf: CallerOf<Caller>,
  { lacking = ScopeInsufficient, meter }: MountOptions<Caller> = {},
): Router {
  const router = Router({ strict: true, caseSensitive: true });
  for (const endpoint of endpoints) {
    // Express would run the GET handler for HEAD, and tell length and hash of what it shows.
    if (endpoint.discloses) router.head(endpoint.path, refuseMethod(endpoints, endpoint.path));
    router[endpoint.method](endpoint.path, serve(endpoint, { callerOf, lacking, meter }));
  }
  for (const path of new Set(endpoints.map((endpoint) => endpoint.path))) {
    router.all(path, refuseMethod(endpoints, path));
  }
  return router;
}

function refuseMethod<Caller>(endpoints: readonly Endpoint<Caller>[], path: string) {
  const methods = endpoints.filter((line) => line.path === path).map(({ method }) => method);
  const allow = methods.join(', ').toUpperCase();
  return ((request, response) => {
    factsOf(response).endpoint = request.baseUrl + path;
    throw new RefusalWithHeaders(MethodNotAllowed, { Allow: allow });
  }) satisfies RequestHandler;
}

function serve<Caller extends Scoped>(
  endpoint: Endpoint<Caller>,
  { callerOf, lacking, meter }: Admission<Caller>,
): RequestHandler {
  const admit = admitting(endpoint, callerOf, lacking);
  const readBody = bodyOfLine(endpoint);
  const takesBody = (endpoint.takesBytes ?? endpoint.readsBody ?? endpoint.takes) !== undefined;
  const bytesOf = checkAnswer(endpoint);
  const { query: parsers = {}, streams } = endpoint;
  const media = [...(endpoint.media ?? json), ...(streams ? [ndjson] : [])];
  return async (request, response) => {
    factsOf(response).endpoint = request.baseUrl + endpoint.path;
    // A public line's `does` is typed without a caller.
    const known = endpoint.public ? undefined : await callerOf(request, response);
    const use = known && (await meter?.(known));
    tellUse(response, use);
    if (known) demandScope(endpoint, known, lacking);
    // A public line's `does` is typed without a caller.
    const caller = known as unknown as Caller;
    const chosen = chosenMedia(request, media);
    if (chosen === undefined) throw new Refusal(NotAcceptable);
    const params = readPath(request.params);
    const headers = readHeaders(request.headers, endpoint.headers ?? {});
    if (streams && chosen === ndjson) {
      const query = readQuery(request.originalUrl, ofWholeSet(parsers));
      const askAgain = () => askOnceMore(admit, request, response);
      const asked = { caller, params, query, headers, askAgain };
      const chunks = streams(asked);
      const counted =
        use && endpoint.isCounted ? chunksWithinBudget(use, response, chunks) : chunks;
      await sendStream(response, endpoint.status, counted);
      return;
    }
    const query = readQuery(request.originalUrl, parsers);
    const body = await readBody(request);
    const askAgain = () => admit(request, response);
    // While a body comes, a token can be revoked.
    const still = known && takesBody ? await askAgain() : caller;
    const asked = { caller: still, params, query, headers, media: chosen, body, askAgain };
    const answer = await withinBudget(use, mostIn(endpoint, query), {
      make: async () => bytesOf(await endpoint.does(asked)),
      shownIn: (made) => (isBytesAnswer(made) ? (made.records ?? 0) : 0),
    });
    tellUse(response, use);
    send(response, endpoint, answer);
  };
}

/** How many records the answer can show of those that are counted. */
function mostIn<Caller>(
  { isCounted = false }: Endpoint<Caller>,
  { limit = 1 }: Readonly<Record<string, unknown>>,
): number {
  return isCounted ? Number(limit) : 0;
}

/** Pages are what these two are for. */
function ofWholeSet({ limit: _limit, cursor: _cursor, ...parsers }: QueryParsers): QueryParsers {
  return parsers;
}

/** Lets a stream go on to its next chunk, or throws what ends it. */
async function askOnceMore<Caller>(
  admit: CallerOf<Caller>,
  request: Request,
  response: Response,
): Promise<Caller> {
  if (isToldToEnd(response)) throw new Refusal(ShuttingDown, undefined, { retryAfterSeconds: 1 });
  return admit(request, response);
}

function admitting<Caller extends Scoped>(
  endpoint: Endpoint<Caller>,
  callerOf: CallerOf<Caller>,
  lacking: RefusalKind,
): CallerOf<Caller> {
  return async (request, response) => {
    const caller = await callerOf(request, response);
    demandScope(endpoint, caller, lacking);
    return caller;
  };
}

function demandScope<Caller extends Scoped>(
  { scope }: Endpoint<Caller>,
  caller: Caller,
  lacking: RefusalKind,
): void {
  const oneOf = [scope ?? []].flat();
  if (oneOf.length === 0 || oneOf.some((one) => caller.scopes.includes(one))) return;
  const scopes = oneOf.join(' ');
  const challenge = `Bearer realm="sluice", error="insufficient_scope", scope="${scopes}"`;
  throw new RefusalWithHeaders(lacking, { 'WWW-Authenticate': challenge });
}

/** The first of the media types that the Accept header likes best; undefined where it likes none. */
function chosenMedia(request: Request, media: readonly string[]): string | undefined {
  const { accept } = request.headers;
  if (accept === undefined || accept === '*/*' || accept === media[0]) return media[0];
  return request.accepts([...media]) || undefined;
}

function send<Caller>(response: Response, endpoint: Endpoint<Caller>, answer: unknown): void {
  response.statusCode = endpoint.status;
  response.setHeader('Cache-Control', 'no-store');
  if (!isBytesAnswer(answer)) {
    response.end();
    return;
  }
  response.setHeader('Content-Type', answer.contentType);
  response.setHeader('Content-Length', answer.body.length);
  for (const name of Object.keys(answer.headers)) {
    response.setHeader(name, answer.headers[name] ?? '');
  }
  response.end(answer.body);
}
