import { bytesAnswer } from '../platform/http/answer.ts';
import { endpoint, type Endpoint } from '../platform/http/endpoint.ts';
import { cursor, dateOrInstant, fieldNames, limit, matching } from '../platform/http/query.ts';
import { wholeNumber } from '../platform/http/request-headers.ts';
import { NotFound, ScopeInsufficient } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import type { Caller } from '../tokens/index.ts';
import type { DisclosedAnswer } from './disclose.ts';
import { shareRecord, shareRecords } from './share-records.ts';
import { ClassNotShared, CursorInvalid, sharingRefusals } from './sharing.ts';
import { showCaller } from './show-caller.ts';
import { streamRecords } from './stream-records.ts';

/** The records that every catalogue has, by the names of their lists. */
export const lists = {
  '/customers': 'customer',
  '/invoices': 'invoice',
  '/payments': 'payment',
  '/refunds': 'refund',
} as const;

/** The version of its view that a partner asks for while several are served. */
export const viewHeader = { 'sluice-view': wholeNumber };
/** Of a list: what to show of its records, and which of them. */
const fields = fieldNames;
const customer = matching(/^[A-Za-z0-9_-]{1,64}$/, 'the id of a customer');
const from = dateOrInstant;
const to = dateOrInstant;
const listed = { limit, cursor, fields, customer, from, to };

/** What partners read. Every 200 of a line that discloses stands in the log before it is sent. */
export function sharingEndpoints(tools: Tools): readonly Endpoint<Caller>[] {
  return [
    endpoint({
      method: 'get',
      path: '/me',
      summary: 'Who calls, under which agreement, and what it may read.',
      gives: 'sharing/caller',
      status: 200,
      headers: viewHeader,
      does: ({ caller, headers }) => showCaller(tools, { caller, view: headers['sluice-view'] }),
    }),
    ...Object.entries(lists).flatMap(([path, recordType]) => recordLines(tools, path, recordType)),
    ...recordLines(tools, '/records/:type'),
  ];
}

/** The list of one record type and its single records; without a type, of the one that is named. */
function recordLines(tools: Tools, path: string, known?: string): readonly Endpoint<Caller>[] {
  const typeIn = (params: Readonly<Record<string, string>>) => ({
    recordType: known ?? params['type'] ?? '',
    isNamed: known === undefined,
  });
  const line = {
    method: 'get',
    status: 200,
    discloses: true,
    isCounted: true,
    answers: known ?? 'any',
  } as const;
  // What is named and not seen is not told apart from what is not there.
  const refuses = sharingRefusals.filter((kind) => known !== undefined || !isOfType(kind.code));
  return [
    endpoint({
      ...line,
      path,
      headers: viewHeader,
      refuses: [...refuses, ...(known === undefined ? [NotFound] : []), CursorInvalid],
      summary: `A page of ${known ?? 'record'}s of joint customers.`,
      query: listed,
      does: async ({ caller, params, query, headers, askAgain }) => {
        const view = headers['sluice-view'];
        const ask = { caller, view, askAgain, ...typeIn(params), ...query };
        return jsonOf(await shareRecords(tools, ask));
      },
      streams: ({ caller, params, query, headers, askAgain }) => {
        const view = headers['sluice-view'];
        return streamRecords(tools, { caller, view, askAgain, ...typeIn(params), ...query });
      },
    }),
    endpoint({
      ...line,
      path: `${path}/:id`,
      headers: viewHeader,
      refuses,
      summary: `One ${known ?? 'record'} of a joint customer.`,
      query: { fields },
      does: async ({ caller, params, query, headers, askAgain }) =>
        jsonOf(
          await shareRecord(tools, {
            caller,
            askAgain,
            view: headers['sluice-view'],
            id: params['id'] ?? '',
            ...typeIn(params),
            ...query,
          }),
        ),
    }),
  ];
}

function isOfType(code: string): boolean {
  return code === ClassNotShared.code || code === ScopeInsufficient.code;
}

function jsonOf(answer: DisclosedAnswer) {
  return bytesAnswer({ ...answer, contentType: 'application/json' });
}
