import {
  ClaimDecided,
  ClaimForgotten,
  ClaimInvalid,
  claimMedia,
  ClaimTooLong,
  longestClaim,
  takeClaim,
  UnknownClaim,
  UnknownPeriod,
  type ClaimMedia,
} from '../claims/index.ts';
import { pairwiseOf } from '../joint/index.ts';
import { bytesAnswer } from '../platform/http/answer.ts';
import type { BodyReader } from '../platform/http/contract.ts';
import { endpoint, type Endpoint } from '../platform/http/endpoint.ts';
import { cursor, limit, required } from '../platform/http/query.ts';
import { wholeNumber } from '../platform/http/request-headers.ts';
import { UnknownCurrency } from '../platform/money.ts';
import type { Tools } from '../platform/tools.ts';
import { CursorInvalid, sharingRefusals, type DisclosedAnswer } from '../sharing/index.ts';
import type { Caller } from '../tokens/index.ts';
import { shareClaim, shareClaimLines } from './share-claim.ts';
import { wireClaim } from './wire-rules.ts';

const one = '/fees/claims/:id';
const shows = {
  method: 'get',
  status: 200,
  scope: 'fees',
  discloses: true,
  headers: { 'sluice-view': wholeNumber },
  refuses: [...sharingRefusals, UnknownClaim, ClaimForgotten],
} as const;

/** What a partner claims, and what becomes of it beside our statement. */
export function claimEndpoints(tools: Tools): readonly Endpoint<Caller>[] {
  return [
    endpoint({
      method: 'post',
      path: '/fees/claims',
      status: 201,
      scope: 'fees',
      summary: 'Takes in what you claim for a period, whole or not at all; the same bytes once.',
      takes: 'reconciliation/claim.takes',
      readsBody: { media: claimMedia, most: longestClaim.bytes },
      gives: 'reconciliation/claim.gives',
      refuses: [ClaimInvalid, ClaimTooLong, ClaimDecided, UnknownPeriod, UnknownCurrency],
      query: {
        period: required(/^.{1,9}$/s, 'the period of a statement: 2026-10'),
        currency: required(/^.{1,9}$/s, 'a currency of ISO 4217: EUR'),
      },
      does: async ({ query, body, askAgain }) => {
        const { media, read } = body as BodyReader;
        const content = await read();
        // While a body comes, a token can be revoked.
        const { partnerId } = await askAgain();
        const given = { ...query, partnerId, content, media: media as ClaimMedia };
        const claim = await takeClaim(tools, { ...given, broughtBy: null });
        return wireClaim(claim, pairwiseOf(tools.settings.keys.pairwise, partnerId));
      },
    }),
    endpoint({
      ...shows,
      path: one,
      summary: 'What a claim comes to beside the statement, by outcome.',
      gives: 'reconciliation/claim-result.gives',
      does: async ({ caller, params, headers }) =>
        jsonOf(await shareClaim(tools, { caller, view: headers['sluice-view'], id: params['id'] ?? '' })), // prettier-ignore
    }),
    endpoint({
      ...shows,
      path: `${one}/lines`,
      summary: 'A page of what became of each line of a claim and of the statement.',
      gives: 'reconciliation/claim-lines.gives',
      refuses: [...shows.refuses, CursorInvalid],
      query: { limit, cursor },
      does: async ({ caller, params, query, headers }) =>
        jsonOf(
          await shareClaimLines(tools, {
            ...{ caller, view: headers['sluice-view'], id: params['id'] ?? '' },
            ...query,
          }),
        ),
    }),
  ];
}

function jsonOf(answer: DisclosedAnswer) {
  return bytesAnswer({ ...answer, contentType: 'application/json' });
}
