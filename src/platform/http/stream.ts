import type { Response } from 'express';

/** The media type of an answer that is a stream of lines, each one JSON value. */
export const ndjson = 'application/x-ndjson';

/** Whole lines; the first chunk's headers stand at the head of the stream. */
export interface StreamChunk {
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Buffer;
  /** How many records it shows. */
  readonly records?: number;
  /** No records come after it. */
  readonly isLast?: boolean;
}

/**
 * Sends chunks of whole lines as they are made. The next one is asked for when the client has taken
 * the last, so that a slow client costs one chunk of memory; for one that is gone none is made any
 * more. What is thrown before the first chunk is answered as ever; what comes later becomes the last
 * line (`answerProblems`).
 */
export async function sendStream(
  response: Response,
  status: number,
  chunks: AsyncIterable<StreamChunk>,
): Promise<void> {
  for await (const { headers, bytes } of chunks) {
    if (isGone(response)) return;
    if (!response.headersSent) begin(response, status, headers);
    if (!response.write(bytes)) await drained(response);
    if (isGone(response)) return;
  }
  response.end();
}

/** Whether a stream has begun on this response: its status cannot be changed any more. */
export function isStreaming(response: Response): boolean {
  return response.headersSent && response.getHeader('Content-Type') === ndjson;
}

/** Ends a stream with a line that says why nothing more comes; the client may be gone already. */
export function breakOff(response: Response, problem: string): void {
  if (!isGone(response)) response.end(`{"error":${problem}}\n`);
}

function begin(response: Response, status: number, headers: StreamChunk['headers']): void {
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader('Content-Type', ndjson);
}

/** The socket tells it also of a response that still waits behind another one (pipelining). */
function isGone({ req }: Response): boolean {
  return !req.socket.writable;
}

function drained(response: Response): Promise<void> {
  const { socket } = response.req;
  return new Promise((resolve) => {
    const settle = () => {
      response.off('drain', settle);
      socket.off('close', settle);
      resolve();
    };
    response.once('drain', settle);
    socket.once('close', settle);
  });
}
