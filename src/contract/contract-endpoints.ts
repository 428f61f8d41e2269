import { bytesAnswer } from '../platform/http/answer.ts';
import { endpoint, type Endpoint } from '../platform/http/endpoint.ts';
import type { Tools } from '../platform/tools.ts';
import { viewHeader, ViewNotServed } from '../sharing/index.ts';
import type { Caller } from '../tokens/index.ts';
import type { Api } from './api.ts';
import { showOpenapi, showOwnOpenapi } from './show-openapi.ts';
import { showSchema } from './show-schema.ts';

/** The API with its own documents, which tell of themselves too. */
export function withContract(tools: Tools, { tables, oauth }: Api): Api {
  const api: Api = {
    tables: [
      ...tables.map(({ base, lines }) =>
        base === '/v1'
          ? { base, lines: [...lines, ...ownLines(tools, () => api)] }
          : { base, lines },
      ),
      { base: '', lines: publicLines(tools, () => api) },
    ],
    oauth,
  };
  return api;
}

function ownLines(tools: Tools, api: () => Api): readonly Endpoint<Caller>[] {
  return [
    endpoint({
      method: 'get',
      path: '/schema',
      summary: 'The JSON Schema of the records that the caller can read now.',
      status: 200,
      headers: viewHeader,
      refuses: [ViewNotServed],
      does: async ({ caller, headers }) =>
        jsonOf(await showSchema(tools, { caller, view: headers['sluice-view'] })),
    }),
    endpoint({
      method: 'get',
      path: '/openapi.json',
      summary: 'This document: the API as the caller can use it now.',
      status: 200,
      headers: viewHeader,
      refuses: [ViewNotServed],
      does: async ({ caller, headers }) =>
        jsonOf(await showOwnOpenapi(tools, api(), { caller, view: headers['sluice-view'] })),
    }),
  ];
}

function publicLines(tools: Tools, api: () => Api): readonly Endpoint<Caller>[] {
  return [
    endpoint({
      method: 'get',
      path: '/openapi.json',
      summary: 'The API as every partner has it.',
      public: true,
      status: 200,
      does: async () => jsonOf(await showOpenapi(tools, api())),
    }),
  ];
}

function jsonOf(document: unknown) {
  return bytesAnswer({
    body: Buffer.from(JSON.stringify(document)),
    contentType: 'application/json',
  });
}
