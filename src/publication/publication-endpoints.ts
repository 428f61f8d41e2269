import { bytesAnswer } from '../platform/http/answer.ts';
import { endpoint, type Endpoint } from '../platform/http/endpoint.ts';
import { NotFound } from '../platform/http/kinds.ts';
import type { Tools } from '../platform/tools.ts';
import { logKeys } from './log-keys.ts';
import { proveDisclosure, readCheckpointOf, type Proof } from './prove-disclosure.ts';
import { readHeadNote, readHeadTile, readTile } from './read-tile.ts';

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
      summary:
        'The proof that the entry is in the log, and the log in the head log; Retry-After says when the rest will be there.',
      status: 200,
      media: ['text/plain'],
      does: async ({ caller, params: { id = '' } }) =>
        proofAnswer(await proveDisclosure(tools, { recipientId: caller.partnerId, id })),
    }),
  ];
}

/** Checkpoints and tiles, each for the log's owner alone, and the keys that verify them, for everybody. */
export function logEndpoints(tools: Tools): readonly Endpoint<Recipient>[] {
  return [
    ...headEndpoints(tools),
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
        tileAnswer(
          await readTile(tools, { recipientId: caller.partnerId, logId: log, level, place }),
          'private',
        ),
    }),
    endpoint({
      method: 'get',
      path: '/keys',
      summary: 'The keys that verify checkpoints.',
      status: 200,
      gives: 'publication/log-keys.gives',
      public: true,
      does: async () => ({ keys: await logKeys(tools) }),
    }),
  ];
}

/**
 * The head log is everybody's: it tells how far time has come, and nothing of any log. It is served
 * under its present name alone: what was kept of another one stays that one's.
 */
function headEndpoints(tools: Tools): readonly Endpoint<Recipient>[] {
  return ['/head', '/head-:renewal'].flatMap((log) => [
    endpoint<Recipient>({
      method: 'get',
      path: `${log}/checkpoint`,
      summary: 'The checkpoint of the head log, signed and cosigned.',
      status: 200,
      media: ['text/plain'],
      refuses: [NotFound],
      public: true,
      does: async ({ params: { renewal } }) =>
        plainText(await readHeadNote(tools, headIdOf(renewal)), {
          'Cache-Control': 'public, no-cache',
        }),
    }),
    endpoint<Recipient>({
      method: 'get',
      path: `${log}/tile/:level/*place`,
      summary: 'A tile of the head log, or a bundle of its entries (C2SP tlog-tiles).',
      status: 200,
      media: ['application/octet-stream'],
      public: true,
      does: async ({ params: { renewal, level = '', place = '' } }) =>
        tileAnswer(await readHeadTile(tools, { logId: headIdOf(renewal), level, place }), 'public'),
    }),
  ]);
}

const headIdOf = (renewal: string | undefined) =>
  renewal === undefined ? 'head' : `head-${renewal}`;

function tileAnswer(body: Buffer, cache: 'public' | 'private') {
  return bytesAnswer({
    body,
    contentType: 'application/octet-stream',
    headers: { 'Cache-Control': `${cache}, max-age=31536000, immutable` },
  });
}

function proofAnswer({ text: proof, retryAfterSeconds: seconds }: Proof) {
  return plainText(proof, seconds === null ? {} : { 'Retry-After': String(seconds) });
}

function plainText(body: string, headers: Readonly<Record<string, string>> = {}) {
  return bytesAnswer({ body: Buffer.from(body), contentType: text, headers });
}
