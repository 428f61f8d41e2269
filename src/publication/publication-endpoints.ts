import { bytesAnswer } from '../platform/http/answer.ts';
import { endpoint, type Endpoint } from '../platform/http/endpoint.ts';
import type { Tools } from '../platform/tools.ts';
import { logKeys, proveDisclosure, readCheckpointOf } from './prove-disclosure.ts';
import { readTile } from './read-tile.ts';

/** What these endpoints read of a caller. */
interface Recipient {
  readonly partnerId: string;
}

const text = 'text/plain; charset=utf-8';

/** Proofs of a recipient's own disclosures. They show no customer data, so they are not logged. */
export function proofEndpoints(tools: Tools): readonly Endpoint<Recipient>[] {
  return [
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

/** Checkpoints and tiles, each for the log's owner alone, and the keys that verify them, for everybody. */
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
      path: '/:log/tile/:level/*place',
      summary: 'A tile of the caller’s log, or a bundle of its entries (C2SP tlog-tiles).',
      status: 200,
      media: ['application/octet-stream'],
      does: async ({ caller, params: { log = '', level = '', place = '' } }) =>
        bytesAnswer({
          body: await readTile(tools, { recipientId: caller.partnerId, logId: log, level, place }),
          contentType: 'application/octet-stream',
          headers: { 'Cache-Control': 'private, max-age=31536000, immutable' },
        }),
    }),
    endpoint({
      method: 'get',
      path: '/keys',
      summary: 'The keys that verify checkpoints.',
      status: 200,
      gives: 'publication/log-keys.gives',
      public: true,
      does: () => Promise.resolve({ keys: logKeys(tools) }),
    }),
  ];
}

function plainText(body: string, headers: Readonly<Record<string, string>> = {}) {
  return bytesAnswer({ body: Buffer.from(body), contentType: text, headers });
}
