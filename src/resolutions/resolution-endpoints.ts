import { claimMedia, longestClaim, takeClaim, type ClaimMedia } from '../claims/index.ts';
import type { StaffCaller } from '../people/index.ts';
import type { BodyReader } from '../platform/http/contract.ts';
import { bytesAnswer } from '../platform/http/answer.ts';
import { endpoint, type Endpoint } from '../platform/http/endpoint.ts';
import { cursor, limit, matching, required } from '../platform/http/query.ts';
import type { Tools } from '../platform/tools.ts';
import { acceptOurs, acceptTheirs, disputeClaim, type Decided } from './decide-claim.ts';
import { claimNamed, listClaims, partnerNamed, showClaim, type ShownClaim } from './list-claims.ts';
import { printReport, type ReportFormat } from './print-report.ts';
import { claimOnDesk } from './wire-rules.ts';

const finance = { scope: 'role:finance', status: 200 } as const;
const one = '/partners/:partner/claims/:id';
const gives = 'operator/claim.gives';

/** Partners’ claims beside our statements, for the operator’s finance. */
export function resolutionLines(tools: Tools): readonly Endpoint<StaffCaller>[] {
  const shown = (claim: ShownClaim) => claimOnDesk(claim, tools.clock.now());
  const decided = async (
    { partner: key = '', id = '' }: Readonly<Record<string, string>>,
    decide: (named: Awaited<ReturnType<typeof claimNamed>>) => Promise<Decided>,
  ) => {
    const made = await decide(await claimNamed(tools, { key, id }));
    if ('proposalId' in made) {
      return { proposal: { id: made.proposalId, expiresAt: made.expiresAt.toISOString() } };
    }
    return { claim: shown(await showClaim(tools, { key, id })) };
  };
  return [
    endpoint({
      ...finance,
      method: 'get',
      path: '/claims',
      gives: 'operator/list-claims.gives',
      query: {
        partner: matching(/^[a-z0-9-]{1,100}$/, 'a partner’s key'),
        status: matching(/^(open|replaced|disputed|accepted-ours|accepted-theirs)$/, 'open, replaced, disputed, accepted-ours or accepted-theirs'), // prettier-ignore
        limit,
        cursor,
      },
      does: async ({ query }) => {
        const { claims, next } = await listClaims(tools, query);
        return { data: claims.map(shown), next };
      },
    }),
    endpoint({
      ...finance,
      method: 'post',
      path: '/partners/:partner/claims',
      status: 201,
      takes: 'reconciliation/claim.takes',
      readsBody: { media: claimMedia, most: longestClaim.bytes },
      gives,
      query: {
        period: required(/^.{1,9}$/s, 'the period of a statement: 2026-10'),
        currency: required(/^.{1,9}$/s, 'a currency of ISO 4217: EUR'),
      },
      does: async ({ params: { partner: key = '' }, query, body, askAgain }) => {
        const { id: partnerId } = await partnerNamed(tools, key);
        const { media, read } = body as BodyReader;
        const content = await read();
        const { staffId: broughtBy } = await askAgain();
        const given = { ...query, partnerId, content, broughtBy, media: media as ClaimMedia };
        const { id } = await takeClaim(tools, given);
        return shown(await showClaim(tools, { key, id }));
      },
    }),
    endpoint({
      ...finance,
      method: 'get',
      path: one,
      gives,
      does: async ({ params: { partner: key = '', id = '' } }) =>
        shown(await showClaim(tools, { key, id })),
    }),
    endpoint({
      ...finance,
      method: 'get',
      path: `${one}/report`,
      media: ['text/csv', 'application/pdf'],
      does: async ({ params: { partner: key = '', id = '' }, media }) => {
        const claim = await showClaim(tools, { key, id });
        const format: ReportFormat = media === 'application/pdf' ? 'pdf' : 'csv';
        const contentType = format === 'csv' ? 'text/csv; charset=utf-8' : media;
        return bytesAnswer({ body: await printReport(tools, { claim, format }), contentType });
      },
    }),
    endpoint({
      ...finance,
      method: 'post',
      path: `${one}/dispute`,
      takes: 'operator/dispute-claim.takes',
      gives: 'operator/decide-claim.gives',
      does: ({ caller, params, body }) =>
        decided(params, async (named) => {
          const asked = body as { dueOn: string; reason: string };
          return { claim: await disputeClaim(tools, { ...named, ...asked, by: caller.staffId }) };
        }),
    }),
    endpoint({
      ...finance,
      method: 'post',
      path: `${one}/accept-ours`,
      takes: 'operator/accept-ours.takes',
      gives: 'operator/decide-claim.gives',
      does: ({ caller, params, body }) =>
        decided(params, async (named) => {
          const { reason } = body as { reason: string };
          return { claim: await acceptOurs(tools, { ...named, reason, by: caller.staffId }) };
        }),
    }),
    endpoint({
      ...finance,
      method: 'post',
      path: `${one}/accept-theirs`,
      takes: 'operator/accept-claim.takes',
      gives: 'operator/decide-claim.gives',
      does: ({ caller, params, body }) =>
        decided(params, (named) => {
          const { reason, lines } = body as { reason: string; lines: number[] | null };
          return acceptTheirs(tools, { ...named, reason, lines, by: caller.staffId });
        }),
    }),
  ];
}
