import type { StaffCaller } from '../people/index.ts';
import { endpoint, type Endpoint } from '../platform/http/endpoint.ts';
import { cursor, limit, refuseParameter } from '../platform/http/query.ts';
import { isInstant } from '../platform/calendar.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { attributeSignUp } from './attribute-sign-up.ts';
import { attributionOnWire } from './attribution-wire-rules.ts';
import { attributionStatuses, InvalidSignUp, type AttributionStatus } from './attribution.ts';
import { proposeAttribution } from './propose-attribution.ts';
import { listAttributions, readAttribution } from './read-attributions.ts';

const deciders = { scope: ['role:partner', 'role:finance'], status: 200 } as const;
const gives = 'attribution/attribution.gives';

interface ToldSignUp {
  readonly customer: string;
  readonly service: string;
  readonly signedUpAt: string;
  readonly cookie: string | null;
  readonly gpc?: boolean;
  readonly signUpId?: string;
}

interface Proposed {
  readonly customer: string;
  readonly service: string;
  readonly signedUpAt?: string;
  readonly partner: string | null;
  readonly reason: string;
}

/** Sign-ups told by the operator's own systems, and what is held for persons to decide. */
export function attributionLines(tools: Tools): readonly Endpoint<StaffCaller>[] {
  return [
    endpoint({
      method: 'post',
      path: '/attributions',
      scope: 'role:intake',
      status: 200,
      takes: 'attribution/attribute-sign-up.takes',
      gives,
      does: async ({ caller, body }) => {
        const { gpc = false, signUpId = null, signedUpAt, ...told } = body as ToldSignUp;
        const said = { ...told, signedUpAt: momentOf(signedUpAt), signUpId, privacyControl: gpc };
        const { id } = await attributeSignUp(tools, { signUp: said, by: caller.staffId });
        return attributionOnWire(await readAttribution(tools, { id }));
      },
    }),
    endpoint({
      ...deciders,
      method: 'get',
      path: '/attributions',
      gives: 'attribution/list-attributions.gives',
      query: { status, limit, cursor },
      does: async ({ query }) => {
        const { attributions, next } = await listAttributions(tools, query);
        return { data: attributions.map(attributionOnWire), next };
      },
    }),
    endpoint({
      ...deciders,
      method: 'get',
      path: '/attributions/:id',
      gives,
      does: async ({ params: { id = '' } }) =>
        attributionOnWire(await readAttribution(tools, { id })),
    }),
    endpoint({
      ...deciders,
      method: 'post',
      path: '/attributions/:id/proposals',
      takes: 'attribution/propose-attribution.takes',
      gives: 'attribution/propose-attribution.gives',
      does: async ({ caller, params: { id = '' }, body }) => {
        const { partner, reason } = body as Proposed;
        return propose(tools, { about: { id }, partner, reason, by: caller.staffId });
      },
    }),
    endpoint({
      ...deciders,
      method: 'post',
      path: '/attributions/proposals',
      takes: 'attribution/enter-sign-up.takes',
      gives: 'attribution/propose-attribution.gives',
      does: async ({ caller, body }) => {
        const { signedUpAt: said, partner, reason, ...entered } = body as Proposed;
        const signedUpAt = said === undefined ? undefined : momentOf(said);
        const about = { ...entered, signedUpAt };
        return propose(tools, { about, partner, reason, by: caller.staffId });
      },
    }),
  ];
}

async function propose(tools: Tools, proposing: Parameters<typeof proposeAttribution>[1]) {
  const { attributionId, proposalId, expiresAt } = await proposeAttribution(tools, proposing);
  const proposal = { id: proposalId, expiresAt: expiresAt.toISOString() };
  return { attribution: attributionId, proposal };
}

function momentOf(text: string): Date {
  if (isInstant(text)) return new Date(text);
  const detail = 'A moment is written as 2026-01-31T12:00:00Z, with its offset.';
  throw new Refusal(InvalidSignUp, detail, { field: '/signedUpAt' });
}

/** The parameter `status`: one of the statuses of an attribution. */
function status(text: string | undefined, name: string): AttributionStatus | undefined {
  const known = attributionStatuses.find((one) => one === text);
  if (text !== undefined && known === undefined) {
    refuseParameter(name, `must be one of ${attributionStatuses.join(', ')}`);
  }
  return known;
}
