import type { StaffCaller } from '../people/index.ts';
import { endpoint, type Endpoint } from '../platform/http/endpoint.ts';
import type { Tools } from '../platform/tools.ts';
import { announcePolicy, showPolicyVersion, showPolicyVersions } from '../policy/index.ts';
import { policyVersionOnWire } from './answer-rules.ts';
import { enactPolicy } from './enact-policy.ts';

interface Announced {
  readonly document: unknown;
  readonly notice: string;
  readonly responseDirections?: string;
  readonly noticeDays?: number;
}

const privacy = { scope: 'role:privacy', status: 200 } as const;

/** Versions of the policy: all of them, announce one, put one in force (P03). */
export function policyLines(tools: Tools): readonly Endpoint<StaffCaller>[] {
  return [
    endpoint({
      ...privacy,
      method: 'get',
      path: '/policy/versions',
      gives: 'operator/policy-versions.gives',
      does: async () => ({ data: (await showPolicyVersions(tools)).map(policyVersionOnWire) }),
    }),
    endpoint({
      ...privacy,
      method: 'post',
      path: '/policy/versions',
      status: 201,
      takes: 'operator/announce-policy.takes',
      gives: 'operator/policy-version.gives',
      does: async ({ caller, body }) => {
        const { document, notice, responseDirections, noticeDays } = body as Announced;
        const actor = caller.staffId;
        const announcement = { document, notice, responseDirections, noticeDays, actor };
        const { version } = await announcePolicy(tools, announcement);
        const shown = await showPolicyVersion(tools, version);
        return shown && policyVersionOnWire(shown);
      },
    }),
    endpoint({
      ...privacy,
      method: 'post',
      path: '/policy/versions/:version/activate',
      gives: 'operator/activate-policy.gives',
      does: async ({ caller, params: { version = '' } }) =>
        enactPolicy(tools, { version, actor: caller.staffId }),
    }),
  ];
}
