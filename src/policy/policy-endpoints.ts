import { bytesAnswer } from '../platform/http/answer.ts';
import { endpoint, type Endpoint } from '../platform/http/endpoint.ts';
import type { Tools } from '../platform/tools.ts';
import { pageHeaders, policyPage } from './policy-page.ts';
import { showPolicy } from './show-policy.ts';

/** The policy, for anybody: as a page for browsers, else as JSON (P01). */
export function policyEndpoints<Caller>(tools: Tools): readonly Endpoint<Caller>[] {
  return [
    endpoint<Caller>({
      method: 'get',
      path: '/policy',
      summary: 'The privacy policy in force, and the version that is announced.',
      gives: 'policy/show-policy.gives',
      status: 200,
      public: true,
      media: ['application/json', 'text/html'],
      does: async ({ media }) => {
        const policy = await showPolicy(tools);
        if (media !== 'text/html') return policy;
        const body = Buffer.from(policyPage(policy));
        return bytesAnswer({ body, contentType: 'text/html; charset=utf-8', headers: pageHeaders });
      },
    }),
  ];
}
