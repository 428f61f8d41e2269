import { bytesAnswer } from '../platform/http/answer.ts';
import { endpoint, type Endpoint } from '../platform/http/endpoint.ts';
import { cursor, limit } from '../platform/http/query.ts';
import type { Tools } from '../platform/tools.ts';
import { logKeys, proveDisclosure, readCheckpointOf } from './prove-disclosure.ts';
import { listDisclosures, readDisclosure, type LoggedDisclosure } from './read-disclosures.ts';

/** What these endpoints read of a caller. */
interface Recipient {
  readonly partnerId: string;
}

const text = 'text/plain; charset=utf-8';

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
    endpoint({
      method: 'get',
      path: '/disclosures/:id/proof',
      summary: 'The proof that the entry is in the log.',
      status: 200,
      media: ['text/plain'],
      does: async ({ caller, params: { id = '' } }) =>
        plainText(await proveDisclosure(tools, { recipientId: caller.partnerId, id })),
    }),
  ];
}

/** Checkpoints, each for the log's owner alone, and the keys that verify them, for everybody. */
export function logEndpoints(tools: Tools): readonly Endpoint<Recipient>[] {
  return [
    endpoint({
      method: 'get',
      path: '/:log/checkpoint',
      summary: 'The signed checkpoint of the caller’s log.',
      status: 200,
      media: ['text/plain'],
      does: async ({ caller, params: { log = '' } }) =>
        plainText(await readCheckpointOf(tools, { recipientId: caller.partnerId, logId: log }), {
          'Cache-Control': 'private, no-cache',
        }),
    }),
    endpoint({
      method: 'get',
      path: '/keys',
      summary: 'The keys that verify checkpoints.',
      status: 200,
      gives: 'disclosures/log-keys.gives',
      public: true,
      does: () => Promise.resolve({ keys: logKeys(tools) }),
    }),
  ];
}

function plainText(body: string, headers: Readonly<Record<string, string>> = {}) {
  return bytesAnswer({ body: Buffer.from(body), contentType: text, headers });
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
