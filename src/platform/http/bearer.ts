import type { Request, Response } from 'express';
import passport from 'passport';
import { Strategy as BearerStrategy } from 'passport-http-bearer';
import { Refusal, type RefusalKind } from '../refusal.ts';
import { TlsRequired, TokenInvalid, TokenMalformed } from './kinds.ts';
import { TokenMisplaced, TokenMissing } from './kinds.ts';
import { holdsToken } from './misplaced-token.ts';
import type { CallerOf } from './mount.ts';
import { peerOf, type Peer } from './peer.ts';
import { RefusalWithHeaders } from './problems.ts';
import { factsOf } from './request-facts.ts';

/** What a token proves: who calls, or why it does not count. */
export type Verification<Caller> =
  | { readonly isLive: true; readonly caller: Caller }
  | { readonly isLive: false; readonly because: RefusalKind };

/** What the request's log line tells of a caller: the partner's key or the person's id. */
type Logged = { readonly partnerKey: string } | { readonly staffId: string };

/** A request with a bound token, as its proof must tell of it (RFC 9449, section 7). */
export interface BoundRequest {
  readonly secret: string;
  readonly proofs: readonly string[];
  readonly method: string;
  /** As it was asked for, without query. */
  readonly path: string;
  readonly peer: Peer;
}

/** What a bound token and its proof prove, or what is wrong; and the nonce of the next proof. */
export type BoundVerification<Caller> = Verification<Caller> & {
  readonly error?: 'invalid_dpop_proof' | 'use_dpop_nonce';
  readonly nonce: string;
  /** Whether the token still counts, without another proof: while its answer is a stream. */
  readonly again?: () => Promise<Verification<Caller>>;
};

const longestToken = 4096;
const challenge = 'Bearer realm="sluice"';
const invalidToken = `${challenge}, error="invalid_token"`;
const boundChallenge = 'DPoP realm="sluice", algs="ES256 PS256 EdDSA"';

/**
 * Who calls, by `Authorization: Bearer`, or `DPoP` where `verifyBound` is given, and nothing else (RFC
 * 6750, section 2.1; RFC 9449, section 7; RFC 9700, section 4.3.2). passport-http-bearer would also
 * take a token from the query and from a parsed body; the guard has refused the first, and no body is parsed before this. Refusals: 400 `token-malformed` and
 * `token-misplaced`, 401 `token-missing` and `token-invalid`, each with its challenge, 403
 * `tls-required` where the token came in clear (it is not looked at), and whatever `verify` says.
 */
export function bearer<Caller extends Logged>(
  verify: (secret: string, peer: Peer) => Promise<Verification<Caller>>,
  verifyBound?: (request: BoundRequest) => Promise<BoundVerification<Caller>>,
): CallerOf<Caller> {
  const authenticator = new passport.Passport();
  authenticator.use(
    new BearerStrategy<(request: Request, secret: string, done: Done<Caller>) => void>(
      { passReqToCallback: true },
      (request, secret, done) => {
        verify(secret, peerOf(request)).then((verification) => {
          done(null, verification);
        }, done);
      },
    ),
  );
  const proven = new WeakMap<Request, () => Promise<Verification<Caller>>>();
  const ask = async (request: Request, response: Response): Promise<Caller> => {
    const again = proven.get(request);
    if (again) return callerIn(await again());
    if (request.headers.authorization !== undefined && !peerOf(request).isPrivate) {
      throw new Refusal(TlsRequired);
    }
    if (!verifyBound || !isBound(request)) {
      await checkHeader(request, verifyBound ? `${challenge}, ${boundChallenge}` : challenge);
      return callerIn(await verified<Caller>(authenticator, request, response));
    }
    const verification = await verifyBound(boundRequest(request));
    response.setHeader('DPoP-Nonce', verification.nonce);
    if (verification.again) proven.set(request, verification.again);
    return boundCallerIn(verification);
  };
  return async (request, response) => {
    const caller = await ask(request, response);
    if ('staffId' in caller) factsOf(response).staff = caller.staffId;
    else factsOf(response).partner = caller.partnerKey;
    return caller;
  };
}

function callerIn<Caller>(verification: Verification<Caller>): Caller {
  if (!verification.isLive) throw refusalOf(verification.because);
  return verification.caller;
}

function boundCallerIn<Caller>(verification: BoundVerification<Caller>): Caller {
  if (verification.isLive) return verification.caller;
  const { because, error = 'invalid_token' } = verification;
  if (because.status !== 401) throw new Refusal(because);
  const told = `${boundChallenge}, error="${error}"`;
  throw new RefusalWithHeaders(because, { 'WWW-Authenticate': told });
}

const isBound = ({ headers }: Request) => /^dpop(?: |$)/i.test(headers.authorization ?? '');

/** Throws Refusal `token-malformed` and `token-invalid`, as for a bearer token. */
function boundRequest(request: Request): BoundRequest {
  const [, secret] = /^dpop ([^ ]+)$/i.exec(request.headers.authorization ?? '') ?? [];
  if (secret === undefined) {
    const malformed = `${boundChallenge}, error="invalid_request"`;
    throw new RefusalWithHeaders(TokenMalformed, { 'WWW-Authenticate': malformed });
  }
  if (!isToken(secret)) throw refusalOf(TokenInvalid);
  const [path = ''] = request.originalUrl.split('?');
  const proofs = request.headersDistinct['dpop'] ?? [];
  return { secret, proofs, method: request.method, path, peer: peerOf(request) };
}

const isToken = (text: string) =>
  text.length <= longestToken && /^[A-Za-z0-9._~+/-]+=*$/.test(text);

type Done<Caller> = (error: unknown, verification?: Verification<Caller>) => void;

/** Everything that the strategy would answer in its own words (plain text) is refused before it. */
async function checkHeader(request: Request, challenges: string): Promise<void> {
  const header = request.headers.authorization;
  if (header === undefined || !/^bearer(?: |$)/i.test(header)) {
    if (await holdsToken(request)) throw new Refusal(TokenMisplaced);
    throw new RefusalWithHeaders(TokenMissing, { 'WWW-Authenticate': challenges });
  }
  const [, token] = /^bearer ([^ ]+)$/i.exec(header) ?? [];
  if (token === undefined) {
    const malformed = `${challenge}, error="invalid_request"`;
    throw new RefusalWithHeaders(TokenMalformed, { 'WWW-Authenticate': malformed });
  }
  if (!isToken(token)) throw refusalOf(TokenInvalid);
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
