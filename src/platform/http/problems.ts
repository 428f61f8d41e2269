import type { ErrorRequestHandler, RequestHandler, Response } from 'express';
import type { Logger } from 'pino';
import { isDatabaseGone } from '../database.ts';
import { faultFacts } from '../fault-facts.ts';
import { Refusal, type RefusalFacts, type RefusalKind } from '../refusal.ts';
import { DatabaseUnavailable, NotFound } from './kinds.ts';
import { factsOf } from './request-facts.ts';
import { breakOff, isStreaming } from './stream.ts';

/** A refusal whose answer needs a header of its own: a challenge (401), the methods (405). */
export class RefusalWithHeaders extends Refusal {
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    kind: RefusalKind,
    headers: Readonly<Record<string, string>>,
    detail?: string,
    facts?: RefusalFacts,
  ) {
    super(kind, detail, facts);
    this.headers = headers;
  }
}

/** What a problem document says: a refusal's kind and facts, or a status no refusal has. */
export interface Problem {
  readonly code: string;
  readonly status: number;
  readonly title: string;
  readonly detail?: string | undefined;
  readonly facts?: RefusalFacts | undefined;
}

const Fault: Problem = {
  code: 'fault',
  status: 500,
  title: 'Something broke on our side.',
};

/**
 * The one place where an error becomes an answer (RFC 9457 problem details). A refusal is told with
 * its code; a lost database is 503 `database-unavailable`; everything else is a fault: 500 without
 * detail outside, with its stack inside. A stream that has begun is told it in its last line.
 */
export function answerProblems(log: Logger): ErrorRequestHandler {
  return (error: unknown, _request, response, _next) => {
    const facts = factsOf(response);
    const { requestId } = facts;
    if (!(error instanceof Refusal)) log.error({ requestId, ...faultFacts(error) }, 'fault');
    if (isStreaming(response)) {
      const problem = problemOf(error);
      facts.brokenOff = problem.code;
      breakOff(response, problemText(problem, requestId));
      return;
    }
    if (response.headersSent) {
      response.destroy();
      return;
    }
    if (error instanceof RefusalWithHeaders) response.set(error.headers);
    sendProblem(response, problemOf(error));
  };
}

/** The last route: what nobody answers is 404, in the same words as what belongs to another. */
export const answerUnknown: RequestHandler = () => {
  throw new Refusal(NotFound);
};

/** Sends one problem document. Nothing of an earlier, unfinished answer goes with it. */
export function sendProblem(response: Response, problem: Problem): void {
  const bytes = Buffer.from(problemText(problem, factsOf(response).requestId));
  const retryAfter = problem.facts?.retryAfterSeconds;
  response.statusCode = problem.status;
  response.setHeader('Content-Type', 'application/problem+json');
  response.setHeader('Content-Length', bytes.length);
  response.setHeader('Cache-Control', 'no-store');
  if (retryAfter !== undefined) response.setHeader('Retry-After', String(retryAfter));
  const scope = problem.facts?.scope;
  if (scope !== undefined) {
    const challenge = `Bearer realm="sluice", error="insufficient_scope", scope="${scope}"`;
    response.setHeader('WWW-Authenticate', challenge);
  }
  // The rest of a body that is too large is not read.
  if (problem.status === 413) response.setHeader('Connection', 'close');
  response.end(bytes);
}

/** The document's text. The request id comes last, so that equal refusals differ nowhere else. */
export function problemText(problem: Problem, requestId: string): string {
  const { code, status, title, detail = title, facts } = problem;
  return JSON.stringify({
    type: `urn:sluice:problem:${code}`,
    title,
    status,
    detail,
    code,
    promise: facts?.promise,
    field: facts?.field,
    line: facts?.line,
    requestId,
  });
}

function problemOf(error: unknown): Problem {
  if (error instanceof Refusal) {
    return { ...error.kind, detail: error.message, facts: error.facts };
  }
  if (isDatabaseGone(error)) return { ...DatabaseUnavailable, facts: { retryAfterSeconds: 1 } };
  return Fault;
}
