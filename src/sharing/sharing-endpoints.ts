import { bytesAnswer } from '../platform/http/answer.ts';
import { endpoint, type Endpoint } from '../platform/http/endpoint.ts';
import { cursor, limit } from '../platform/http/query.ts';
import type { Tools } from '../platform/tools.ts';
import type { Caller } from '../tokens/index.ts';
import type { DisclosedAnswer } from './disclose.ts';
import { shareRecord, shareRecords } from './share-records.ts';
import { showCaller } from './show-caller.ts';
import { streamRecords } from './stream-records.ts';

/** The records that every catalogue has, by the names of their lists. */
const lists = {
  '/customers': 'customer',
  '/invoices': 'invoice',
  '/payments': 'payment',
  '/refunds': 'refund',
} as const;

/** What partners read. Every 200 of a line that discloses stands in the log before it is sent. */
export function sharingEndpoints(tools: Tools): readonly Endpoint<Caller>[] {
  return [
    endpoint({
      method: 'get',
      path: '/me',
      gives: 'sharing/caller',
      status: 200,
      does: ({ caller }) => showCaller(tools, { caller }),
    }),
    ...Object.entries(lists).flatMap(([path, recordType]) => recordLines(tools, path, recordType)),
  ];
}

function recordLines(tools: Tools, path: string, recordType: string): readonly Endpoint<Caller>[] {
  return [
    endpoint({
      method: 'get',
      path,
      query: { limit, cursor },
      status: 200,
      discloses: true,
      does: async ({ caller, query }) =>
        jsonOf(await shareRecords(tools, { caller, recordType, ...query })),
      streams: ({ caller, query, askAgain }) =>
        streamRecords(tools, { caller, recordType, askAgain, ...query }),
    }),
    endpoint({
      method: 'get',
      path: `${path}/:id`,
      status: 200,
      discloses: true,
      does: async ({ caller, params }) =>
        jsonOf(await shareRecord(tools, { caller, recordType, id: params['id'] ?? '' })),
    }),
  ];
}

function jsonOf(answer: DisclosedAnswer) {
  return bytesAnswer({ ...answer, contentType: 'application/json' });
}
