import { Router, type ErrorRequestHandler, type RequestHandler, type Response } from 'express';
import { isOfType, readBytes } from './body.ts';
import { peerOf, type Peer } from './peer.ts';
import { factsOf } from './request-facts.ts';
import { TooBusy } from '../bulkhead.ts';
import { Refusal } from '../refusal.ts';

/** A "no" in the form of RFC 6749, section 5.2. `description` never repeats what was sent. */
export class OauthRefusal extends Error {
  override readonly name = 'OauthRefusal';
  readonly code: string;
  readonly status: 400 | 401 | 405 | 413 | 429;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: string,
    description: string,
    status: OauthRefusal['status'] = 400,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(description);
    this.code = code;
    this.status = status;
    this.headers = headers;
  }
}

/** What an endpoint answers: JSON, or no body at all. */
export interface OauthAnswer {
  readonly body?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One OAuth endpoint: POST, a form goes in, JSON comes out (or nothing, as RFC 7009 has it). */
export interface OauthEndpoint {
  readonly path: string;
  /** For documents: what it does, in one sentence. */
  readonly summary: string;
  /** For documents: the JSON Schema of the form. */
  readonly form: Readonly<Record<string, unknown>>;
  readonly does: (request: {
    readonly authorization: string | undefined;
    /** What came as DPoP headers (RFC 9449); one, or it is refused. */
    readonly proofs: readonly string[];
    readonly form: ReadonlyMap<string, string>;
    readonly peer: Peer;
  }) => Promise<OauthAnswer>;
}

const form = 'application/x-www-form-urlencoded';
const longestForm = 16 * 1024;

/**
 * Routes for OAuth endpoints. They read a form and nothing else, up to 16 kB, no parameter twice
 * (RFC 6749, section 3.2) and none in the URL, and nothing that came in clear; they refuse in
 * OAuth's own form, never cached.
 */
export function mountOauth(endpoints: readonly OauthEndpoint[]): Router {
  const router = Router({ strict: true, caseSensitive: true });
  for (const { path, does } of endpoints) {
    const serve: RequestHandler = async (request, response) => {
      factsOf(response).endpoint = path;
      if (request.method !== 'POST') {
        response.setHeader('Allow', 'POST');
        throw new OauthRefusal('method_not_allowed', 'This endpoint takes POST only.', 405);
      }
      const peer = peerOf(request);
      if (!peer.isPrivate) {
        throw new OauthRefusal('invalid_request', 'Credentials are taken over TLS alone; what came in clear should be replaced.'); // prettier-ignore
      }
      if (request.originalUrl.includes('?')) {
        throw new OauthRefusal('invalid_request', 'Parameters are never taken from the URL.');
      }
      if (!isOfType(request, form)) {
        throw new OauthRefusal('invalid_request', `The body must be ${form}.`);
      }
      const fields = readForm(await readBytes(request, longestForm));
      const { authorization } = request.headers;
      const proofs = request.headersDistinct['dpop'] ?? [];
      const { body, headers = {} } = await does({ authorization, proofs, form: fields, peer });
      response.set(headers);
      send(response, 200, body);
    };
    router.all(path, serve, answerOauth);
  }
  return router;
}

const answerOauth: ErrorRequestHandler = (error: unknown, _request, response, next) => {
  const refusal = asOauth(error);
  if (!refusal) {
    next(error);
    return;
  }
  if (refusal.status === 401) response.setHeader('WWW-Authenticate', 'Basic realm="sluice"');
  response.set(refusal.headers);
  if (refusal.status === 413) response.setHeader('Connection', 'close');
  send(response, refusal.status, { error: refusal.code, error_description: refusal.message });
};

function asOauth(error: unknown): OauthRefusal | undefined {
  if (error instanceof OauthRefusal) return error;
  if (!(error instanceof Refusal)) return undefined;
  if (error.kind === TooBusy) {
    const headers = { 'Retry-After': '1' };
    return new OauthRefusal('temporarily_unavailable', error.message, 429, headers);
  }
  if (error.kind.status !== 413) return undefined;
  return new OauthRefusal('invalid_request', 'The form is larger than 16 kB.', 413);
}

function send(response: Response, status: number, answer?: Readonly<Record<string, unknown>>) {
  const body = answer === undefined ? Buffer.alloc(0) : Buffer.from(JSON.stringify(answer));
  response.statusCode = status;
  response.setHeader('Cache-Control', 'no-store');
  if (answer !== undefined) response.setHeader('Content-Type', 'application/json');
  response.setHeader('Content-Length', body.length);
  response.end(body);
}

/** The fields of a form. One without a value counts as absent (RFC 6749, section 3.2). */
function readForm(bytes: Buffer): Map<string, string> {
  const fields = new Map<string, string>();
  const seen = new Set<string>();
  for (const pair of bytes.toString('latin1').split('&')) {
    const [rawName = '', ...rest] = pair.split('=');
    if (rawName === '' && rest.length === 0) continue;
    const name = decoded(rawName);
    if (seen.has(name)) throw new OauthRefusal('invalid_request', 'A parameter is repeated.');
    seen.add(name);
    const value = decoded(rest.join('='));
    if (value !== '') fields.set(name, value);
  }
  return fields;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw new OauthRefusal('invalid_request', 'The form is not valid percent-encoded UTF-8.');
  }
}
