import type { IncomingMessage, ServerResponse } from 'node:http';
import { Refusal } from '../refusal.ts';
import { ContentTooLarge } from './kinds.ts';

const waiting = new WeakMap<IncomingMessage, ServerResponse>();

/**
 * Keeps a client that sends `Expect: 100-continue` (RFC 9110, section 10.1.1) waiting with its body
 * until somebody reads it, so that what is refused before is never sent. An answer without it ends
 * the connection: what would come next on it might be the body or another request.
 */
export function holdBack(request: IncomingMessage, response: ServerResponse): void {
  waiting.set(request, response);
  response.shouldKeepAlive = false;
}

/** The body, piece by piece; leaving it early does not cut the connection, so it can be answered. */
export async function* bodyOf(request: IncomingMessage): AsyncGenerator<Buffer> {
  const response = waiting.get(request);
  if (response) {
    waiting.delete(request);
    response.shouldKeepAlive = true;
    response.writeContinue();
  }
  for await (const chunk of request.iterator({ destroyOnReturn: false })) yield chunk as Buffer;
}

/** The whole body, up to `most` bytes. Throws Refusal `content-too-large` before more is kept. */
export async function readBytes(request: IncomingMessage, most: number): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > most) throw new Refusal(ContentTooLarge);
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of bodyOf(request)) {
    size += chunk.length;
    if (size > most) throw new Refusal(ContentTooLarge);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Whether the body is of this media type, in UTF-8 if a charset is named, and not compressed. */
export function isOfType(request: IncomingMessage, media: string): boolean {
  const { 'content-type': type = '', 'content-encoding': coding = 'identity' } = request.headers;
  const [named = '', ...parameters] = type.toLowerCase().split(';');
  const charsetIsUtf8 = parameters.every((one) => /^\s*charset="?utf-8"?\s*$/.test(one));
  return named.trim() === media && charsetIsUtf8 && coding === 'identity';
}
