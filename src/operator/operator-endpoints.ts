import {
  approveChange,
  proposalStatuses,
  rejectProposal,
  withdrawProposal,
  type ProposalKind,
  type ProposalStatus,
  type StaffCaller,
} from '../people/index.ts';
import { endpoint, type Endpoint } from '../platform/http/endpoint.ts';
import { cursor, limit, matching, refuseParameter, required } from '../platform/http/query.ts';
import type { Tools } from '../platform/tools.ts';
import { explainSharing } from '../explanations/index.ts';
import { attributionLines } from '../attribution/index.ts';
import { resolutionLines } from '../resolutions/index.ts';
import { promotionLines } from '../promotions/index.ts';
import { recordLines } from '../intake/index.ts';
import { settlementLines } from '../papers/index.ts';
import { eventLines } from '../processors/index.ts';
import { billingLines } from '../billing/index.ts';
import { payeeLines } from '../payees/index.ts';
import { payoutLines } from '../payouts/index.ts';
import { transferLines } from '../transfers/index.ts';
import { readMoment } from './answer-rules.ts';
import { accountingLines, choiceLines } from './choice-endpoints.ts';
import { listProposals } from './list-proposals.ts';
import { policyLines } from './policy-endpoints.ts';
import { proposalKinds } from './proposal-kinds.ts';
import { outlineOnWire, proposalOnWire } from './proposal-wire-rules.ts';
import { readPartner } from './read-partner.ts';
import { readProposal } from './read-proposal.ts';
import { viewLines } from './view-endpoints.ts';

/**
 * The operator API, under /operator/v1; a personal key is its bearer. A line that takes a role says
 * so as its scope (`role:privacy`); what a proposal takes, its kind says. Lines about other rooms are
 * tables of their own beside this one, joined here.
 */
export function operatorEndpoints(
  tools: Tools,
  kinds: readonly ProposalKind[] = proposalKinds,
): readonly Endpoint<StaffCaller>[] {
  return [
    ...callerLines(kinds),
    ...proposalLines(tools, kinds),
    ...policyLines(tools),
    ...viewLines(tools),
    ...choiceLines(tools),
    ...explanationLines(tools),
    ...accountingLines(tools),
    ...settlementLines(tools),
    ...resolutionLines(tools),
    ...promotionLines(tools),
    ...attributionLines(tools),
    ...recordLines(tools),
    ...eventLines(tools),
    ...payeeLines(tools),
    ...payoutLines(tools),
    ...transferLines(tools),
    ...billingLines(tools),
  ];
}

/** What decides whether a partner sees a field of a customer, now or at a past moment. */
function explanationLines(tools: Tools): readonly Endpoint<StaffCaller>[] {
  const key = required(/^.{1,200}$/su, 'a key of 1 to 200 characters');
  return [
    endpoint({
      method: 'get',
      path: '/why',
      scope: ['role:privacy', 'role:partner'],
      status: 200,
      gives: 'explanations/explain-sharing.gives',
      query: {
        partner: key,
        customer: key,
        field: required(/^[A-Za-z0-9_.*-]{1,200}$/, 'a record type and path: invoice.number'),
        record: matching(/^.{1,200}$/su, 'a key of 1 to 200 characters'),
        at: matching(/^.{1,40}$/, 'an instant (2026-01-31T00:00:00Z)'),
      },
      does: async ({ query: { partner: partnerKey, at, ...rest } }) => {
        const partner = await readPartner(tools, { key: partnerKey });
        return explainSharing(tools, { ...rest, partner, at: readMoment('at', at) });
      },
    }),
  ];
}

function callerLines(kinds: readonly ProposalKind[]): readonly Endpoint<StaffCaller>[] {
  return [
    endpoint({
      method: 'get',
      path: '/me',
      status: 200,
      gives: 'operator/me.gives',
      does: ({ caller: { staffId, name, roles } }) => {
        const decides = kinds.filter((one) => one.roles.some((role) => roles.includes(role)));
        return Promise.resolve({
          person: { id: staffId, name, roles },
          proposalKinds: decides.map(({ kind }) => kind),
        });
      },
    }),
  ];
}

function proposalLines(
  tools: Tools,
  kinds: readonly ProposalKind[],
): readonly Endpoint<StaffCaller>[] {
  return [
    endpoint({
      method: 'get',
      path: '/proposals',
      status: 200,
      gives: 'operator/list-proposals.gives',
      query: { status, limit, cursor },
      does: async ({ query }) => {
        const { proposals, next } = await listProposals(tools, query);
        return { data: proposals.map(outlineOnWire), next };
      },
    }),
    endpoint({
      method: 'get',
      path: '/proposals/:id',
      status: 200,
      gives: 'operator/proposal.gives',
      does: async ({ params: { id = '' } }) => proposalOnWire(await readProposal(tools, { id })),
    }),
    endpoint({
      method: 'post',
      path: '/proposals/:id/approve',
      status: 200,
      gives: 'operator/proposal.gives',
      does: async ({ caller, params: { id = '' } }) => {
        const decision = { proposalId: id, by: caller.staffId, kinds };
        return proposalOnWire((await approveChange(tools, decision)).proposal);
      },
    }),
    ...(
      [
        ['reject', rejectProposal],
        ['withdraw', withdrawProposal],
      ] as const
    ).map(([verb, sayNo]) =>
      endpoint<StaffCaller>({
        method: 'post',
        path: `/proposals/:id/${verb}`,
        status: 200,
        takes: 'operator/no.takes',
        gives: 'operator/proposal.gives',
        does: async ({ caller, params: { id = '' }, body }) => {
          const { reason } = body as { reason: string };
          return proposalOnWire(
            await sayNo(tools, { proposalId: id, by: caller.staffId, kinds, reason }),
          );
        },
      }),
    ),
  ];
}

/** The parameter `status`: one of the statuses of a proposal. */
function status(text: string | undefined, name: string): ProposalStatus | undefined {
  const known = proposalStatuses.find((one) => one === text);
  if (text !== undefined && known === undefined) {
    refuseParameter(name, `must be one of ${proposalStatuses.join(', ')}`);
  }
  return known;
}
