import type { RefusalKind } from '../refusal.ts';
import type { QueryOf, QueryParsers } from './query.ts';
import type { HeaderParsers, HeadersOf } from './request-headers.ts';
import type { StreamChunk } from './stream.ts';

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

/** What every line of a table says. */
interface Line<Parsers extends QueryParsers, Headers extends HeaderParsers = HeaderParsers> {
  readonly method: Method;
  readonly path: string;
  readonly status: 200 | 201 | 202 | 204;
  /** Schema of the answer ("tokens/me" is schemas/tokens/me.json). Without it: bytes, or nothing. */
  readonly gives?: string;
  /** For documents: what the line does, in one sentence. */
  readonly summary?: string;
  /** For documents, where the answer's form depends on who asks: the name by which it is found. */
  readonly answers?: string;
  /** For documents: what else it refuses, beside what every line does. */
  readonly refuses?: readonly RefusalKind[];
  /** Schema of the JSON body. Without it no body is read. */
  readonly takes?: string;
  /** Takes the body as it came, `{ media, bytes }`, instead: so large at most, of these media types. */
  readonly takesBytes?: BytesTaken;
  /**
   * Of a body that the act reads itself, once it is its turn: the media types, and how many bytes at
   * the most. `takes` says then, for documents, what its JSON is; `body` is a `BodyReader`.
   */
  readonly readsBody?: BytesTaken;
  /** The query parameters, each with its parser. What is not named here is refused. */
  readonly query?: Parsers;
  /** The header fields that the act reads, in small letters, each with its parser. */
  readonly headers?: Headers;
  /**
   * The media types that the answer can have, the usual one first; application/json where nothing is
   * said. Which of them the Accept header chose is told to `does`.
   */
  readonly media?: readonly string[];
  /** The scope that the caller's token must carry; of several, one. */
  readonly scope?: string | readonly string[];
  /** Shows customer data: HEAD is refused, and only bytes that an act has logged are sent. */
  readonly discloses?: boolean;
  /** The records that it shows are counted against the caller's budget. */
  readonly isCounted?: boolean;
}

/** What bodies are taken as they came. */
export interface BytesTaken {
  readonly most: number;
  readonly media: readonly string[];
}

/** What the whole set has no use for: a stream refuses them. */
export type PageParameter = 'limit' | 'cursor';

/** A request for the answer as a stream of lines. */
export interface StreamRequest<Query, Headers, Caller> {
  readonly caller: Caller;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly headers: Headers;
  /**
   * Before each further chunk: who asks, as the token says now. Throws the refusal that says why
   * nothing more may be sent: the token or its scope counts no longer, or this process is stopping.
   */
  readonly askAgain: () => Promise<Caller>;
}

export interface EndpointRequest<Query, Headers = Readonly<Record<string, unknown>>> {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly headers: Headers;
  /** The media type that the Accept header chose. */
  readonly media: string;
  /** What the schema `takes` let through, or the bytes of `takesBytes`; undefined without either. */
  readonly body: unknown;
}

/** Who asks. */
export interface Asking<Caller> {
  readonly caller: Caller;
  /**
   * Who asks, as the token says now: for an act that has waited. Throws the refusal that says why
   * nothing may be done any more.
   */
  readonly askAgain: () => Promise<Caller>;
}

interface CallersLine<
  Caller,
  Parsers extends QueryParsers,
  Headers extends HeaderParsers,
> extends Line<Parsers, Headers> {
  readonly public?: false;
  readonly does: (
    request: EndpointRequest<QueryOf<Parsers>, HeadersOf<Headers>> & Asking<Caller>,
  ) => Promise<unknown>;
  /**
   * Answers `Accept: application/x-ndjson` with the whole set, in chunks of whole lines; of a line
   * that discloses each chunk is in the log before it is handed on. `limit` and `cursor` are refused.
   */
  readonly streams?: (
    request: StreamRequest<Omit<QueryOf<Parsers>, PageParameter>, HeadersOf<Headers>, Caller>,
  ) => AsyncIterable<StreamChunk>;
}

interface PublicLine<Parsers extends QueryParsers, Headers extends HeaderParsers> extends Line<
  Parsers,
  Headers
> {
  /** Anybody may ask: there is no caller. */
  readonly public: true;
  readonly does: (
    request: EndpointRequest<QueryOf<Parsers>, HeadersOf<Headers>>,
  ) => Promise<unknown>;
}

/** One line of a room's table of endpoints: what comes in, what goes out, which act does it. */
export interface Endpoint<Caller> extends Line<QueryParsers> {
  readonly public?: boolean;
  readonly does: (
    request: EndpointRequest<Readonly<Record<string, unknown>>> & Asking<Caller>,
  ) => Promise<unknown>;
  readonly streams?: (
    request: StreamRequest<
      Readonly<Record<string, unknown>>,
      Readonly<Record<string, unknown>>,
      Caller
    >,
  ) => AsyncIterable<StreamChunk>;
}

/**
 * Makes one line of a table. In a function that returns `readonly Endpoint<Caller>[]` the caller and
 * the query are typed by themselves: `endpoint({ …, query: { limit }, does: ({ caller, query }) => … })`.
 */
export function endpoint<
  Caller,
  Parsers extends QueryParsers = QueryParsers,
  Headers extends HeaderParsers = HeaderParsers,
>(line: CallersLine<Caller, Parsers, Headers> | PublicLine<Parsers, Headers>): Endpoint<Caller> {
  // The mount runs these parsers, and no others, before it calls `does`.
  return line as unknown as Endpoint<Caller>;
}
