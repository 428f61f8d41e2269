export interface RefusalKind {
  /** Stable, kebab-case, public: partners program against it. */
  readonly code: string;
  readonly status:
    400 | 401 | 403 | 404 | 405 | 406 | 409 | 413 | 414 | 415 | 421 | 422 | 429 | 431 | 503;
  readonly title: string;
}

/** What a refusal tells beside its kind. Never what we hold, only what the caller sent. */
export interface RefusalFacts {
  /** The promise of the policy that decided, when one did ("P14"). */
  readonly promise?: string;
  /** The field that was wrong, as a JSON Pointer or a parameter's name. */
  readonly field?: string;
  /** The line of the input, counted from 1. */
  readonly line?: number;
  readonly retryAfterSeconds?: number;
  /** The scope that the token would have to carry (RFC 6750, section 3.1). */
  readonly scope?: string;
}

/** An expected "no". Everything else that is thrown is a fault, and a fault is a bug. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly kind: RefusalKind;
  readonly facts: RefusalFacts;

  constructor(kind: RefusalKind, detail: string = kind.title, facts: RefusalFacts = {}) {
    super(detail);
    this.kind = kind;
    this.facts = facts;
  }
}

/** Also what belongs to another: which ids exist is nobody else's to know. */
export const NotFound = {
  code: 'not-found',
  status: 404,
  title: 'There is nothing here for you.',
} as const satisfies RefusalKind;

export const ScopeInsufficient = {
  code: 'scope-insufficient',
  status: 403,
  title: 'The access token does not carry the scope that this resource needs.',
} as const satisfies RefusalKind;
