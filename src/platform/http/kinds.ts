import type { RefusalKind } from '../refusal.ts';

export { NotFound, ScopeInsufficient } from '../refusal.ts';

/** The refusals of HTTP itself. Their codes are public and stable. */

export const BadRequest = {
  code: 'bad-request',
  status: 400,
  title: 'The request is not well-formed HTTP as this service takes it.',
} as const satisfies RefusalKind;

export const ParamInvalid = {
  code: 'param-invalid',
  status: 400,
  title: 'A parameter is unknown, repeated or malformed.',
} as const satisfies RefusalKind;

export const HeaderInvalid = {
  code: 'header-invalid',
  status: 400,
  title: 'A header field is malformed.',
} as const satisfies RefusalKind;

export const TokenMisplaced = {
  code: 'token-misplaced',
  status: 400,
  title: 'An access token belongs in the Authorization header and nowhere else.',
} as const satisfies RefusalKind;

export const TokenMalformed = {
  code: 'token-malformed',
  status: 400,
  title: 'The Authorization header is not "Bearer" followed by one token.',
} as const satisfies RefusalKind;

export const TokenMissing = {
  code: 'token-missing',
  status: 401,
  title: 'This resource needs an access token.',
} as const satisfies RefusalKind;

export const TokenInvalid = {
  code: 'token-invalid',
  status: 401,
  title:
    'The access token is unknown, expired or revoked, or bound to a key or certificate that did not come with it.',
} as const satisfies RefusalKind;

export const DpopInvalid = {
  code: 'dpop-invalid',
  status: 401,
  title: 'The proof of the token’s key does not hold for this request (RFC 9449).',
} as const satisfies RefusalKind;

export const TlsRequired = {
  code: 'tls-required',
  status: 403,
  title: 'Credentials are taken over TLS alone; what came in clear should be replaced.',
} as const satisfies RefusalKind;

export const BodyMalformed = {
  code: 'body-malformed',
  status: 400,
  title: 'The body is not JSON as this service takes it.',
} as const satisfies RefusalKind;

export const MethodNotAllowed = {
  code: 'method-not-allowed',
  status: 405,
  title: 'This resource does not take that method.',
} as const satisfies RefusalKind;

export const NotAcceptable = {
  code: 'not-acceptable',
  status: 406,
  title: 'This resource has no representation that the Accept header allows.',
} as const satisfies RefusalKind;

export const ContentTooLarge = {
  code: 'content-too-large',
  status: 413,
  title: 'The body is larger than this resource takes.',
} as const satisfies RefusalKind;

export const TargetTooLong = {
  code: 'target-too-long',
  status: 414,
  title: 'The request target is longer than 2 kB.',
} as const satisfies RefusalKind;

export const UnsupportedMediaType = {
  code: 'unsupported-media-type',
  status: 415,
  title: 'This resource takes application/json in UTF-8, not compressed.',
} as const satisfies RefusalKind;

export const MisdirectedRequest = {
  code: 'misdirected-request',
  status: 421,
  title: 'The Host is not one of this service.',
} as const satisfies RefusalKind;

export const BodyInvalid = {
  code: 'body-invalid',
  status: 422,
  title: 'The body does not match its schema.',
} as const satisfies RefusalKind;

export const HeadersTooLarge = {
  code: 'headers-too-large',
  status: 431,
  title: 'The request has too many or too large header fields.',
} as const satisfies RefusalKind;

export const ShuttingDown = {
  code: 'shutting-down',
  status: 503,
  title: 'This process is stopping, so the answer is not finished. Ask again.',
} as const satisfies RefusalKind;

export const DatabaseUnavailable = {
  code: 'database-unavailable',
  status: 503,
  title: 'The database cannot be reached at the moment.',
} as const satisfies RefusalKind;
