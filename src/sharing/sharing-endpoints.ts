import { bytesAnswer } from '../platform/http/answer.ts';
import { endpoint, type Endpoint } from '../platform/http/endpoint.ts';
import { cursor, limit } from '../platform/http/query.ts';
import { wholeNumber } from '../platform/http/request-headers.ts';
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

/** The version of its view that a partner asks for while several are served. */
const headers = { 'sluice-view': wholeNumber };

/** What partners read. Every 200 of a line that discloses stands in the log before it is sent. */
export function sharingEndpoints(tools: Tools): readonly Endpoint<Caller>[] {
  return [
    endpoint({
      method: 'get',
      path: '/me',
      gives: 'sharing/caller',
      status: 200,
      headers,
      does: ({ caller, headers }) => showCaller(tools, { caller, view: headers['sluice-view'] }),
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
      headers,
      does: async ({ caller, query, headers }) =>
        jsonOf(
          await shareRecords(tools, {
            caller,
            recordType,
            view: headers['sluice-view'],
            ...query,
          }),
        ),
      streams: ({ caller, query, headers, askAgain }) =>
        streamRecords(tools, {
          caller,
          recordType,
          view: headers['sluice-view'],
          askAgain,
          ...query,
        }),
    }),
    endpoint({
      method: 'get',
      path: `${path}/:id`,
      status: 200,
      discloses: true,
      headers,
      does: async ({ caller, params, headers }) =>
        jsonOf(
          await shareRecord(tools, {
            caller,
            recordType,
            view: headers['sluice-view'],
            id: params['id'] ?? '',
          }),
        ),
    }),
  ];
}

function jsonOf(answer: DisclosedAnswer) {
  return bytesAnswer({ ...answer, contentType: 'application/json' });
}
