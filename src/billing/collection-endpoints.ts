import { bytesAnswer } from '../platform/http/answer.ts';
import { endpoint, type Endpoint } from '../platform/http/endpoint.ts';
import { cursor, limit } from '../platform/http/query.ts';
import { wholeNumber } from '../platform/http/request-headers.ts';
import { openCursor, sealCursor } from '../platform/cursor.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { CursorInvalid, sharingRefusals } from '../sharing/index.ts';
import type { Caller } from '../tokens/index.ts';
import {
  givenReport,
  outcomeOnWire,
  positionOfReport,
  reportAt,
  reportOnWire,
  type WireReport,
} from './billing-wire-rules.ts';
import { listReports } from './read-bills.ts';
import { reportCollections } from './report-collection.ts';
import { shareBills } from './share-bills.ts';

/** Consolidated billing: what a partner bills for us, and what it says became of it. */
export function collectionEndpoints(tools: Tools): readonly Endpoint<Caller>[] {
  const headers = { 'sluice-view': wholeNumber };
  return [
    endpoint({
      method: 'get',
      path: '/bill-ready',
      status: 200,
      discloses: true,
      isCounted: true,
      headers,
      summary:
        'Open invoices of customers who agreed to be billed by you; `limit` counts customers.',
      gives: 'billing/bill-ready.gives',
      refuses: [...sharingRefusals, CursorInvalid],
      query: { limit, cursor },
      does: async ({ caller, query, headers: sent }) => {
        const answer = await shareBills(tools, { caller, view: sent['sluice-view'], ...query });
        return bytesAnswer({ ...answer, contentType: 'application/json' });
      },
    }),
    endpoint({
      method: 'post',
      path: '/collections',
      status: 200,
      scope: 'billing',
      summary: 'What you billed, collected or failed to collect; each report once.',
      takes: 'billing/collections.takes',
      gives: 'billing/collections.gives',
      refuses: sharingRefusals,
      does: async ({ body, askAgain }) => {
        const { collections } = body as { collections: readonly WireReport[] };
        const reports = collections.map(givenReport);
        const outcomes = await reportCollections(tools, { reports, askAgain });
        return { data: outcomes.map((became, i) => outcomeOnWire(collections[i]?.reference, i, became)) }; // prettier-ignore
      },
    }),
    endpoint({
      method: 'get',
      path: '/collections',
      status: 200,
      scope: 'billing',
      summary: 'A page of what you reported, with the statement that states it.',
      gives: 'billing/list-collections.gives',
      refuses: [CursorInvalid],
      query: { limit, cursor },
      does: async ({ caller, query }) => {
        const { cursor: key } = tools.settings.keys;
        const context = [caller.partnerId, 'collections'];
        const after =
          query.cursor === undefined ? undefined : openCursor(key, context, query.cursor);
        if (query.cursor !== undefined && after === undefined) {
          throw new Refusal(CursorInvalid, CursorInvalid.title, { field: 'cursor' });
        }
        const { reports, next } = await listReports(tools, {
          partner: { id: caller.partnerId },
          after: after === undefined ? 0 : reportAt(after),
          limit: query.limit,
        });
        return {
          data: reports.map(reportOnWire),
          next: next === undefined ? null : sealCursor(key, context, positionOfReport(next)),
        };
      },
    }),
  ];
}
