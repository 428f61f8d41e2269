import type { Api } from '../contract/index.ts';
import { bytesAnswer } from '../platform/http/answer.ts';
import type { Endpoint } from '../platform/http/endpoint.ts';
import { NotFound, Refusal, type RefusalKind } from '../platform/refusal.ts';
import { readSchema } from '../platform/schemas.ts';
import type { Tools } from '../platform/tools.ts';
import { lists } from '../sharing/index.ts';
import type { Caller } from '../tokens/index.ts';
import { madeUp, type Shape } from './made-up-rules.ts';
import { sandboxPage, sandboxRecord, sandboxRecords, type SandboxAsk } from './sandbox-records.ts';

type Line = Endpoint<Caller>;
type Request = Parameters<Line['does']>[0];
type Streaming = Parameters<NonNullable<Line['streams']>>[0];

export const SandboxClient = {
  code: 'sandbox-client',
  status: 403,
  title: 'This is a client of the sandbox: it has made-up records alone, and can decide nothing.',
} as const satisfies RefusalKind;

/** What shows no record: it is answered as ever. */
const asEver = ['/me', '/schema', '/openapi.json', '/terms', '/agreements'];

/**
 * The same API, where a client of the sandbox is answered with what is made up. What it asks never
 * reaches the acts that read records, and what has no made-up answer is refused.
 */
export function sandboxed(tools: Tools, api: Api): Api {
  const tables = api.tables.map(({ base, lines }) => ({
    base,
    lines: lines.map((line) => (line.public ? line : aside(tools, line))),
  }));
  return { ...api, tables };
}

function aside(tools: Tools, line: Line): Line {
  const isAsEver = line.method === 'get' && asEver.includes(line.path);
  const answer = isAsEver ? line.does : madeUpAnswer(tools, line);
  const { streams } = line;
  return {
    ...line,
    does: (request) => (request.caller.isSandbox ? answer(request) : line.does(request)),
    ...(streams && {
      streams: (request: Streaming) =>
        request.caller.isSandbox ? streamed(tools, line, request) : streams(request),
    }),
  };
}

function madeUpAnswer(tools: Tools, line: Line): Line['does'] {
  if (line.answers !== undefined) return (request) => recordsFor(tools, line, request);
  if (line.method !== 'get') return () => Promise.reject(new Refusal(SandboxClient));
  if (line.path === '/disclosures') return () => Promise.resolve({ data: [], next: null });
  // A statement and a page of fee lines follow from their form; nothing real is in them.
  const { gives, discloses } = line;
  if (!discloses || gives === undefined) return () => Promise.reject(new Refusal(NotFound));
  const schema = readSchema(gives) as Shape;
  const body = madeUp(schema, { n: 1, name: 'fees', prefixOf: () => 'rec' });
  return () => Promise.resolve(json(body, {}));
}

async function recordsFor(tools: Tools, line: Line, request: Request) {
  const ask = askOf(line, request);
  const { id } = request.params;
  const { limit, cursor } = request.query as { limit: number; cursor: string | undefined };
  const { headers, body } =
    id === undefined
      ? await sandboxPage(tools, { ...ask, limit, cursor })
      : await sandboxRecord(tools, { ...ask, id });
  return json(body, headers);
}

async function* streamed(tools: Tools, line: Line, request: Streaming) {
  const { headers, records } = await sandboxRecords(tools, askOf(line, request));
  const receipt = { sandbox: true, lines: records.length };
  const lines = [...records, receipt, { end: true }].map((one) => `${JSON.stringify(one)}\n`);
  yield { headers, bytes: Buffer.from(lines.join('')) };
}

function askOf(
  { path }: Line,
  { caller, params, query, headers }: Pick<Request, 'caller' | 'params' | 'query' | 'headers'>,
): SandboxAsk {
  const known = Object.entries(lists).find(([list]) => path === list || path === `${list}/:id`)?.[1]; // prettier-ignore
  const { fields, customer, from, to } = query as Pick<SandboxAsk, 'fields' | 'customer' | 'from' | 'to'>; // prettier-ignore
  const recordType = known ?? params['type'] ?? '';
  const view = headers['sluice-view'] as number | undefined;
  const isNamed = known === undefined;
  return { caller, recordType, isNamed, view, fields, customer, from, to };
}

const json = (body: unknown, headers: Readonly<Record<string, string>>) =>
  bytesAnswer({
    body: Buffer.from(JSON.stringify(body)),
    contentType: 'application/json',
    headers,
  });
