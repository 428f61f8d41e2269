import type { Request, Response } from 'express';
import passport from 'passport';
import { Strategy as BearerStrategy } from 'passport-http-bearer';
import { Refusal, type RefusalKind } from '../refusal.ts';
import { TokenInvalid, TokenMalformed, TokenMisplaced, TokenMissing } from './kinds.ts';
import { holdsToken } from './misplaced-token.ts';
import type { CallerOf } from './mount.ts';
import { RefusalWithHeaders } from './problems.ts';
import { factsOf } from './request-facts.ts';

/** What a token proves: who calls, or why it does not count. */
export type Verification<Caller> =
  | { readonly isLive: true; readonly caller: Caller }
  | { readonly isLive: false; readonly because: RefusalKind };

/** What the request's log line tells of a caller: the partner's key or the person's id. */
type Logged = { readonly partnerKey: string } | { readonly staffId: string };

const longestToken = 4096;
const challenge = 'Bearer realm="sluice"';
const invalidToken = `${challenge}, error="invalid_token"`;

/**
 * Who calls, by `Authorization: Bearer` and nothing else (RFC 6750, section 2.1; RFC 9700, section
 * 4.3.2). passport-http-bearer would also take a token from the query and from a parsed body; the
 * guard has refused the first, and no body is parsed before this. Refusals: 400 `token-malformed` and
 * `token-misplaced`, 401 `token-missing` and `token-invalid`, each with its challenge, and whatever
 * `verify` says.
 */
export function bearer<Caller extends Logged>(
  verify: (secret: string) => Promise<Verification<Caller>>,
): CallerOf<Caller> {
  const authenticator = new passport.Passport();
  authenticator.use(
    new BearerStrategy<(secret: string, done: Done<Caller>) => void>((secret, done) => {
      verify(secret).then((verification) => {
        done(null, verification);
      }, done);
    }),
  );
  return async (request, response) => {
    await checkHeader(request);
    const verification = await verified<Caller>(authenticator, request, response);
    if (!verification.isLive) throw refusalOf(verification.because);
    const { caller } = verification;
    if ('staffId' in caller) factsOf(response).staff = caller.staffId;
    else factsOf(response).partner = caller.partnerKey;
    return caller;
  };
}

type Done<Caller> = (error: unknown, verification?: Verification<Caller>) => void;

/** Everything that the strategy would answer in its own words (plain text) is refused before it. */
async function checkHeader(request: Request): Promise<void> {
  const header = request.headers.authorization;
  if (header === undefined || !/^bearer(?: |$)/i.test(header)) {
    if (await holdsToken(request)) throw new Refusal(TokenMisplaced);
    throw new RefusalWithHeaders(TokenMissing, { 'WWW-Authenticate': challenge });
  }
  const [, token] = /^bearer ([^ ]+)$/i.exec(header) ?? [];
  if (token === undefined) {
    const malformed = `${challenge}, error="invalid_request"`;
    throw new RefusalWithHeaders(TokenMalformed, { 'WWW-Authenticate': malformed });
  }
  const isToken = token.length <= longestToken && /^[A-Za-z0-9._~+/-]+=*$/.test(token);
  if (!isToken) throw refusalOf(TokenInvalid);
}

function verified<Caller>(
  authenticator: passport.Authenticator,
  request: Request,
  response: Response,
): Promise<Verification<Caller>> {
  return new Promise((resolve, reject) => {
    const done = (error: Error | null | undefined, user: Verification<Caller> | false | null) => {
      if (error) reject(error);
      else resolve((user === false ? null : user) ?? { isLive: false, because: TokenInvalid });
    };
    const run = authenticator.authenticate('bearer', { session: false }, done) as (
      ...route: [Request, Response, (error: unknown) => void]
    ) => void;
    run(request, response, reject);
  });
}

function refusalOf(because: RefusalKind): Refusal {
  if (because.status !== 401) return new Refusal(because);
  return new RefusalWithHeaders(because, { 'WWW-Authenticate': invalidToken });
}
