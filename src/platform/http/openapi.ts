import type { RefusalKind } from '../refusal.ts';
import type { Endpoint } from './endpoint.ts';
import {
  BodyInvalid,
  BodyMalformed,
  ContentTooLarge,
  MethodNotAllowed,
  NotAcceptable,
  NotFound,
  ParamInvalid,
  ScopeInsufficient,
  TokenInvalid,
  TokenMalformed,
  TokenMissing,
  UnsupportedMediaType,
  DatabaseUnavailable,
} from './kinds.ts';
import type { OauthEndpoint } from './oauth.ts';
import { ndjson } from './stream.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/** What of a table of endpoints the document tells; the acts behind it are nobody's concern. */
export type DocumentedLine = Omit<Endpoint<never>, 'does'>;

/** A table and the path that it is mounted on. */
export interface DocumentedTable {
  readonly base: string;
  readonly lines: readonly DocumentedLine[];
}

/** What a document tells beyond its tables. */
export interface Described {
  readonly title: string;
  readonly description: string;
  readonly version: string;
  readonly origin: string;
  /** The scopes that there are, each with what it is for. */
  readonly scopes: Readonly<Record<string, string>>;
  readonly tables: readonly DocumentedTable[];
  readonly oauth: readonly Omit<OauthEndpoint, 'does'>[];
  /** The schema named in a line's `gives` or `takes`. */
  readonly schemaNamed: (name: string) => JsonObject;
  /** The form of an answer that depends on who asks; undefined where this caller gets none. */
  readonly answerOf: (line: DocumentedLine) => JsonObject | undefined;
  /** The schemas of a path's parameters, where more is known of them than that they are ids. */
  readonly pathParameter?: (line: DocumentedLine, name: string) => JsonObject | undefined;
  /** The scopes of which one lets a caller use the line, where the line itself names none. */
  readonly scopesOf?: (line: DocumentedLine) => readonly string[];
}

/**
 * The OpenAPI 3.1 document of tables of endpoints: made of what the mount enforces (paths, methods,
 * parameters, scopes, schemas, refusals), so that it cannot say anything else.
 */
export function openapiOf(described: Described): JsonObject {
  const { title, description, version, origin, scopes, tables, oauth } = described;
  const paths: Record<string, Record<string, unknown>> = {};
  for (const { base, lines } of tables) {
    for (const line of lines) {
      const path = `${base}${line.path}`.replaceAll(/[:*]([A-Za-z]+)/g, '{$1}');
      (paths[path] ??= {})[line.method] = operationOf(line, described);
    }
  }
  for (const line of oauth) paths[line.path] = { post: formOperation(line) };
  return {
    openapi: '3.1.0',
    jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
    info: { title, description, version },
    servers: [{ url: origin }],
    paths,
    components: {
      schemas: { problem },
      securitySchemes: {
        oauth2: {
          type: 'oauth2',
          flows: { clientCredentials: { tokenUrl: `${origin}/oauth/token`, scopes } },
        },
        client: { type: 'http', scheme: 'basic' },
      },
    },
  };
}

function operationOf(line: DocumentedLine, described: Described): JsonObject {
  const { schemaNamed, scopesOf } = described;
  const anyOf = line.scope === undefined ? (scopesOf?.(line) ?? []) : [line.scope].flat();
  const isOpen = anyOf.length === 0;
  const parameters = [
    ...pathParameters(line, described),
    ...queryParameters(line),
    ...headerParameters(line),
  ];
  return {
    ...(line.summary !== undefined && { summary: line.summary }),
    security: line.public
      ? []
      : isOpen
        ? [{ oauth2: [] }]
        : anyOf.map((scope) => ({ oauth2: [scope] })),
    ...(parameters.length > 0 && { parameters }),
    ...(line.takes !== undefined && {
      requestBody: {
        required: true,
        content: bodiesOf(line, withoutHead(schemaNamed(line.takes))),
      },
    }),
    responses: { ...successOf(line, described), ...refusalsOf(line) },
  };
}

function bodiesOf({ readsBody }: DocumentedLine, schema: JsonObject): JsonObject {
  const media = readsBody?.media ?? ['application/json'];
  const textual = { type: 'string' };
  return Object.fromEntries(
    media.map((one) => [one, { schema: one === 'application/json' ? schema : textual }]),
  );
}

function pathParameters(line: DocumentedLine, { pathParameter }: Described): JsonObject[] {
  return [...line.path.matchAll(/[:*]([A-Za-z]+)/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: pathParameter?.(line, name) ?? { type: 'string', minLength: 1, maxLength: 200 },
  }));
}

function queryParameters({ query = {} }: DocumentedLine): JsonObject[] {
  return Object.entries(query).map(([name, { schema: known = { type: 'string' } }]) => {
    const { description, ...schema } = known;
    return {
      name,
      in: 'query',
      required: false,
      ...(description !== undefined && { description }),
      schema,
    };
  });
}

function headerParameters({ headers = {} }: DocumentedLine): JsonObject[] {
  const schema = { type: 'string' };
  return Object.keys(headers).map((name) => ({ name, in: 'header', required: false, schema }));
}

const noStore = { 'Cache-Control': { schema: { type: 'string' } } };
const idsOfEntry = {
  'Disclosure-Id': { schema: { type: 'string' } },
  'Disclosure-Salt': { schema: { type: 'string' } },
};

/** Without a form of the answer there is no 200: this caller is refused. */
function successOf(line: DocumentedLine, { schemaNamed, answerOf }: Described): JsonObject {
  const named = line.gives === undefined ? undefined : withoutHead(schemaNamed(line.gives));
  const schema = named ?? (line.answers === undefined ? {} : answerOf(line));
  if (schema === undefined) return {};
  const media = [...(line.media ?? ['application/json']), ...(line.streams ? [ndjson] : [])];
  const textual = { type: 'string' };
  const content = Object.fromEntries(
    media.map((one) => [one, { schema: one === 'application/json' ? schema : textual }]),
  );
  const headers = { ...noStore, ...(line.discloses && idsOfEntry) };
  return { [String(line.status)]: { description: 'The answer.', headers, content } };
}

/** By their status, each with the codes that it can carry. */
function refusalsOf(line: DocumentedLine): JsonObject {
  const byCaller = [TokenMissing, TokenMalformed, TokenInvalid];
  const ofBody = [BodyMalformed, BodyInvalid, ContentTooLarge, UnsupportedMediaType];
  const kinds: readonly RefusalKind[] = [
    ParamInvalid,
    NotAcceptable,
    MethodNotAllowed,
    DatabaseUnavailable,
    ...(line.public ? [] : byCaller),
    ...(line.scope === undefined ? [] : [ScopeInsufficient]),
    ...(line.takes === undefined ? [] : ofBody),
    ...(line.path.includes('/:') ? [NotFound] : []),
    ...(line.refuses ?? []),
  ];
  const statuses = [...new Set(kinds.map(({ status }) => status))].sort();
  return Object.fromEntries(
    statuses.map((status) => {
      const codes = kinds.filter((kind) => kind.status === status).map(({ code }) => code);
      const description = [...new Set(codes)].sort().join(', ');
      const schema = { $ref: '#/components/schemas/problem' };
      return [String(status), { description, content: { 'application/problem+json': { schema } } }];
    }),
  );
}

/** RFC 9457, with what we add to it. */
const problem: JsonObject = {
  type: 'object',
  required: ['type', 'title', 'status', 'code', 'requestId'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    code: { type: 'string' },
    promise: { type: 'string' },
    field: { type: 'string' },
    line: { type: 'integer' },
    requestId: { type: 'string' },
  },
};

/** An OAuth endpoint (RFC 6749): a form goes in, JSON comes out, refusals have OAuth's own form. */
function formOperation({ summary, form }: Omit<OauthEndpoint, 'does'>): JsonObject {
  const refused = {
    content: {
      'application/json': {
        schema: {
          type: 'object',
          required: ['error'],
          properties: { error: { type: 'string' }, error_description: { type: 'string' } },
        },
      },
    },
  };
  return {
    summary,
    security: [{ client: [] }],
    requestBody: {
      required: true,
      content: { 'application/x-www-form-urlencoded': { schema: form } },
    },
    responses: {
      200: {
        description: 'The answer.',
        content: { 'application/json': { schema: { type: 'object' } } },
      },
      400: { description: 'invalid_request and others of RFC 6749, section 5.2', ...refused },
      401: { description: 'invalid_client', ...refused },
    },
  };
}

/** A schema inside a document has neither a name nor a dialect of its own. */
function withoutHead(schema: JsonObject): JsonObject {
  const { $id: _id, $schema: _dialect, ...rest } = schema;
  return rest;
}
