import type { IncomingMessage } from 'node:http';
import { Refusal } from '../refusal.ts';
import { ContentTooLarge } from './kinds.ts';

/** The whole body, up to `most` bytes. Throws Refusal `content-too-large` before more is kept. */
export async function readBytes(request: IncomingMessage, most: number): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > most) throw new Refusal(ContentTooLarge);
  const chunks: Buffer[] = [];
  let size = 0;
  // Leaving the loop must not cut the connection: the refusal still has to be sent on it.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    size += (chunk as Buffer).length;
    if (size > most) throw new Refusal(ContentTooLarge);
    chunks.push(chunk as Buffer);
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
