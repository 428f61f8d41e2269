import { diffOffer, offerView } from '../offers/index.ts';
import { findPartners } from '../partners/index.ts';
import type { StaffCaller } from '../people/index.ts';
import { endpoint, type Endpoint } from '../platform/http/endpoint.ts';
import type { Tools } from '../platform/tools.ts';
import { checkView, findViews } from '../views/index.ts';
import {
  outcomeOnWire,
  partnerOnWire,
  problemOnWire,
  readMoment,
  viewsOnWire,
} from './answer-rules.ts';
import { readPartner } from './read-partner.ts';

interface Drafted {
  readonly draft: unknown;
  readonly effectiveAt?: string;
  readonly sunset?: string;
}

const oneOf = { scope: ['role:partner', 'role:privacy'], status: 200 } as const;
const views = '/partners/:partner/views';

/** Partners and their views: what stands, what a draft would do, and the next version. */
export function viewLines(tools: Tools): readonly Endpoint<StaffCaller>[] {
  return [
    endpoint({
      ...oneOf,
      method: 'get',
      path: '/partners',
      gives: 'operator/list-partners.gives',
      does: async () => ({ data: (await findPartners(tools.db)).map(partnerOnWire) }),
    }),
    endpoint({
      ...oneOf,
      method: 'get',
      path: views,
      gives: 'operator/list-views.gives',
      does: async ({ params }) => {
        const { id } = await readPartner(tools, { key: params['partner'] });
        return { data: viewsOnWire(await findViews(tools.db, id), tools.clock.now()) };
      },
    }),
    endpoint({
      ...oneOf,
      method: 'post',
      path: views,
      takes: 'operator/offer-view.takes',
      gives: 'operator/offer-view.gives',
      does: async ({ caller, params, body }) => {
        const offered = await offerOf(tools, params, body);
        return outcomeOnWire(await offerView(tools, { ...offered, by: caller.staffId }));
      },
    }),
    endpoint({
      ...oneOf,
      method: 'post',
      path: `${views}/check`,
      takes: 'operator/offer-view.takes',
      gives: 'operator/check-view.gives',
      does: async ({ params, body }) => {
        const { partner, draft, effectiveAt } = await offerOf(tools, params, body);
        const { problems } = await checkView(tools, { partner, draft, at: effectiveAt });
        return { problems: problems.map(problemOnWire) };
      },
    }),
    endpoint({
      ...oneOf,
      method: 'post',
      path: `${views}/diff`,
      takes: 'operator/offer-view.takes',
      gives: 'operator/diff-view.gives',
      does: async ({ params, body }) => diffOffer(tools, await offerOf(tools, params, body)),
    }),
  ];
}

async function offerOf(tools: Tools, params: Readonly<Record<string, string>>, body: unknown) {
  const { draft, effectiveAt, sunset } = body as Drafted;
  return {
    partner: await readPartner(tools, { key: params['partner'] }),
    draft,
    effectiveAt: readMoment('effectiveAt', effectiveAt),
    sunset: readMoment('sunset', sunset),
  };
}
