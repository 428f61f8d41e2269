import type { StaffCaller } from '../people/index.ts';
import { shareOut } from '../platform/bulkhead.ts';
import { endpoint, type Endpoint } from '../platform/http/endpoint.ts';
import type { Tools } from '../platform/tools.ts';
import { largestBatch, readBatch, readSingle } from './batch-rules.ts';
import { putRecord } from './put-record.ts';
import { takeBatch, type TakenLine } from './take-batch.ts';

const intake = { scope: 'role:intake', status: 200 } as const;
const ndjson = 'application/x-ndjson';
const json = 'application/json';

/** Records as the operator's own systems bring them: many of one type, or one under its key. */
export function recordLines(tools: Tools): readonly Endpoint<StaffCaller>[] {
  // Each batch is one long transaction: they take turns, so that the readers keep their connections.
  const inTurn = shareOut({ atOnce: 2, waiting: 64 });
  return [
    endpoint({
      ...intake,
      method: 'post',
      path: '/records/:type',
      takesBytes: { most: largestBatch, media: [ndjson, json] },
      gives: 'intake/take-batch.gives',
      does: async ({ params: { type = '' }, body }) => {
        const { media, bytes } = body as { media: string; bytes: Buffer };
        const lines = readBatch(bytes, media === json ? 'json' : 'ndjson');
        const taken = await inTurn('records', () => takeBatch(tools, { type, lines }));
        return { counts: countsOf(taken), data: taken };
      },
    }),
    endpoint({
      ...intake,
      method: 'put',
      path: '/records/:type/:id',
      takesBytes: { most: 1024 * 1024, media: [json] },
      gives: 'intake/put-record.gives',
      does: async ({ params: { type = '', id = '' }, body }) => {
        const record = readSingle((body as { bytes: Buffer }).bytes);
        return { outcome: await inTurn('records', () => putRecord(tools, { type, key: id, record })) }; // prettier-ignore
      },
    }),
  ];
}

function countsOf(taken: readonly TakenLine[]) {
  const count = (outcome: string) => taken.filter((one) => one.outcome === outcome).length;
  return {
    new: count('new'),
    changed: count('changed'),
    unchanged: count('unchanged'),
    rejected: count('rejected'),
  };
}
