import { disclosuresOf } from '../accounting/index.ts';
import { listChoices } from '../choices/index.ts';
import { setChoice } from '../intake/index.ts';
import type { StaffCaller } from '../people/index.ts';
import { endpoint, type Endpoint } from '../platform/http/endpoint.ts';
import { cursor, limit, refuseParameter } from '../platform/http/query.ts';
import type { Tools } from '../platform/tools.ts';
import { customerIdOf } from '../records/index.ts';
import { choicesOnWire, readMoment } from './answer-rules.ts';
import { readPartner } from './read-partner.ts';

interface Said {
  readonly customer: string;
  readonly partner: string | null;
  readonly sharing: string;
  readonly at?: string;
  readonly evidence: string;
}

const privacy = { path: '/choices', scope: 'role:privacy', status: 200 } as const;

/** What customers chose: read, and set for the very next answer (P32). */
export function choiceLines(tools: Tools): readonly Endpoint<StaffCaller>[] {
  return [
    endpoint({
      ...privacy,
      method: 'get',
      gives: 'operator/choices.gives',
      query: { customer },
      does: async ({ query }) => {
        const customerId = customerIdOf(query.customer);
        return choicesOnWire(await listChoices(tools, { customerId }));
      },
    }),
    endpoint({
      ...privacy,
      method: 'post',
      takes: 'operator/set-choice.takes',
      gives: 'operator/choices.gives',
      does: async ({ caller, body }) => {
        const { customer: source, partner: key, sharing, at: said, evidence } = body as Said;
        const customerId = customerIdOf(source);
        const partner = key === null ? undefined : await readPartner(tools, { key });
        const at = readMoment('at', said) ?? tools.clock.now();
        const actor = caller.staffId;
        await setChoice(tools, { customerId, partner, sharing, at, evidence, actor });
        return choicesOnWire(await listChoices(tools, { customerId }));
      },
    }),
  ];
}

/** What was disclosed of a person, for whoever answers it (P33): no value of a record is shown. */
export function accountingLines(tools: Tools): readonly Endpoint<StaffCaller>[] {
  return [
    endpoint({
      method: 'get',
      path: '/customers/:customer/disclosures',
      scope: 'role:privacy',
      status: 200,
      gives: 'operator/list-disclosed.gives',
      query: { limit, cursor },
      does: async ({ params: { customer = '' }, query }) => {
        const customerId = customerIdOf(customer);
        const { disclosures, next } = await disclosuresOf(tools, { customerId, ...query });
        return { data: disclosures, next };
      },
    }),
  ];
}

/** The parameter `customer`: the key in the source's records, whatever characters it has. */
function customer(text: string | undefined, name: string): string {
  if (text !== undefined && text.length >= 1 && text.length <= 200) return text;
  return refuseParameter(name, 'must be the customer’s key, 1 to 200 characters');
}
