import type { IncomingMessage, RequestListener } from 'node:http';
import { readBytes } from '../platform/http/body.ts';
import { listen, type RunningServer } from '../platform/http/lifecycle.ts';
import type { Randomness } from '../platform/randomness.ts';
import { Refusal } from '../platform/refusal.ts';
import { addCheckpoint, type Witness } from './add-checkpoint.ts';
import { says, type WitnessAnswer } from './decision-rules.ts';

const mostBytes = 64 * 1024;

/**
 * Answers `POST /add-checkpoint` (C2SP tlog-witness) until it is stopped. Refuses
 * `witness-state-lost` at once where the record of one of its logs can't be read.
 */
export async function serveWitness(
  witness: Witness,
  place: { readonly host: string; readonly port: number; readonly random: Randomness },
): Promise<RunningServer> {
  for (const { name } of witness.logs) witness.state.read(name);
  const answerTo: RequestListener = (request, response) => {
    // A connection that breaks off while its body is read has nobody to answer.
    answer(witness, request).then(
      ({ status, type, text, allow }) => {
        // What is left of a body that was not read is not read as the next request.
        if (!request.complete) response.setHeader('Connection', 'close');
        if (allow !== undefined) response.setHeader('Allow', allow);
        response.writeHead(status, {
          'Content-Type': type,
          'Content-Length': Buffer.byteLength(text),
          'Cache-Control': 'no-store',
          'X-Content-Type-Options': 'nosniff',
        });
        response.end(request.method === 'HEAD' ? undefined : text);
      },
      () => response.destroy(),
    );
  };
  return await listen(answerTo, place);
}

type HttpAnswer = Omit<WitnessAnswer, 'status'> & {
  readonly status: WitnessAnswer['status'] | 405;
  readonly allow?: string;
};

async function answer(witness: Witness, request: IncomingMessage): Promise<HttpAnswer> {
  if (request.url !== '/add-checkpoint') return says(404, 'There is /add-checkpoint alone.');
  if (request.method !== 'POST') {
    return { ...says(400, 'A checkpoint is added by POST.'), status: 405, allow: 'POST' };
  }
  let body: Buffer;
  try {
    body = await readBytes(request, mostBytes);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return says(413, `A request has at most ${String(mostBytes)} bytes.`);
  }
  return addCheckpoint(witness, body);
}
