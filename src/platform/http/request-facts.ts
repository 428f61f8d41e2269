import type { Response } from 'express';

/** What the house knows of one request, for its log line and its problem documents. */
export interface RequestFacts {
  /** Ours, random: a caller's own X-Request-Id is not trusted. */
  readonly requestId: string;
  /** The key of the partner, once the request is authenticated. */
  partner: string | null;
  /** The id of the person of the operator's who calls, where one does. */
  staff?: string;
  /** The endpoint's path pattern, once one matched; never the path itself. */
  endpoint: string | null;
  /** The code of the problem in a stream's last line, where it broke off: its status was sent before. */
  brokenOff?: string;
}

interface FactLocals {
  facts?: RequestFacts;
}

/** Keeps the facts beside the response, for everything that runs after the guard. */
export function rememberFacts(response: Response, facts: RequestFacts): void {
  (response.locals as FactLocals).facts = facts;
}

/** The facts of the request being answered. Throws where the guard did not run. */
export function factsOf(response: Response): RequestFacts {
  const { facts } = response.locals as FactLocals;
  if (!facts) throw new Error('The guard must be the first middleware.');
  return facts;
}
