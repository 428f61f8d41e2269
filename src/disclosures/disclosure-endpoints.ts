import { endpoint, type Endpoint } from '../platform/http/endpoint.ts';
import { cursor, limit } from '../platform/http/query.ts';
import type { Tools } from '../platform/tools.ts';
import { listDisclosures, readDisclosure, type LoggedDisclosure } from './read-disclosures.ts';

/** What these endpoints read of a caller. */
interface Recipient {
  readonly partnerId: string;
}

/** A recipient's own disclosures. Nothing here shows customer data, so nothing here is logged itself. */
export function disclosureEndpoints(tools: Tools): readonly Endpoint<Recipient>[] {
  return [
    endpoint({
      method: 'get',
      path: '/disclosures',
      summary: 'A page of what was disclosed to the caller, oldest first.',
      status: 200,
      gives: 'disclosures/list-disclosures.gives',
      query: { limit, cursor },
      does: async ({ caller, query }) => {
        const page = await listDisclosures(tools, { recipientId: caller.partnerId, ...query });
        return { data: page.disclosures.map(summaryOf), next: page.next };
      },
    }),
    endpoint({
      method: 'get',
      path: '/disclosures/:id',
      summary: 'One entry of the caller’s log.',
      status: 200,
      gives: 'disclosures/read-disclosure.gives',
      does: ({ caller, params: { id = '' } }) =>
        readDisclosure(tools, { recipientId: caller.partnerId, id }),
    }),
  ];
}

/** What a list says of one entry; the whole entry is at /v1/disclosures/{id}. */
function summaryOf({ id, index, entry, salt }: LoggedDisclosure) {
  const { at, recordType, classes, purpose, policy, subjects } = JSON.parse(entry) as {
    at: string;
    recordType: string;
    classes: string[];
    purpose: string[];
    policy: { promises: string[] };
    subjects: { size: number };
  };
  const { promises } = policy;
  return {
    id,
    at,
    index,
    recordType,
    classes,
    purpose,
    promises,
    subjects: { size: subjects.size },
    salt,
  };
}
