import { bytesAnswer } from '../platform/http/answer.ts';
import { endpoint, type Endpoint } from '../platform/http/endpoint.ts';
import { cursor, limit, matching } from '../platform/http/query.ts';
import { wholeNumber } from '../platform/http/request-headers.ts';
import type { Tools } from '../platform/tools.ts';
import { CursorInvalid, sharingRefusals, type DisclosedAnswer } from '../sharing/index.ts';
import type { Caller } from '../tokens/index.ts';
import { PaperTooLong } from '../papers/index.ts';
import { shareAccruals } from './share-accruals.ts';
import { shareStatement } from './share-statement.ts';
import { shareStatements } from './share-statements.ts';
import { StatementOpen } from './statement.ts';

const month = matching(
  /^[12][0-9]{3}-(0[1-9]|1[0-2])$/,
  'a month, YYYY-MM, in which lines become available',
);
const headers = { 'sluice-view': wholeNumber };
const line = {
  method: 'get',
  status: 200,
  scope: 'fees',
  discloses: true,
  headers,
  refuses: [...sharingRefusals, CursorInvalid],
} as const;

/** A partner's own fees: the lines, and the statements that they stand on. */
export function statementEndpoints(tools: Tools): readonly Endpoint<Caller>[] {
  return [
    endpoint({
      ...line,
      path: '/fees/accruals',
      summary: 'A page of fee lines, earned and taken back.',
      gives: 'fees/accruals',
      query: { month, limit, cursor },
      does: async ({ caller, query, headers }) =>
        jsonOf(await shareAccruals(tools, { caller, view: headers['sluice-view'], ...query })),
    }),
    endpoint({
      ...line,
      path: '/fees/statements',
      summary: 'A page of totals by month and currency.',
      gives: 'fees/statements',
      query: { limit, cursor },
      does: async ({ caller, query, headers }) =>
        jsonOf(await shareStatements(tools, { caller, view: headers['sluice-view'], ...query })),
    }),
    endpoint({
      ...line,
      path: '/fees/statements/:id',
      summary:
        'One statement with a page of its lines; a closed one as a CSV or PDF of all of them too.',
      gives: 'fees/statement',
      media: ['application/json', 'text/csv', 'application/pdf'],
      refuses: [...line.refuses, StatementOpen, PaperTooLong],
      query: { limit, cursor },
      does: async ({ caller, params, query, headers, media }) =>
        bytesAnswer({
          ...(await shareStatement(tools, {
            ...{ caller, view: headers['sluice-view'], id: params['id'] ?? '', media },
            ...query,
          })),
          contentType: media === 'text/csv' ? 'text/csv; charset=utf-8' : media,
        }),
    }),
  ];
}

function jsonOf(answer: DisclosedAnswer) {
  return bytesAnswer({ ...answer, contentType: 'application/json' });
}
