import type { Request } from 'express';
import { Refusal } from '../refusal.ts';
import { validatorOf, problemsOf } from '../schemas.ts';
import { bytesAnswer, isBytesAnswer, type BytesAnswer } from './answer.ts';
import { isOfType, readBytes } from './body.ts';
import type { BytesTaken, Endpoint } from './endpoint.ts';
import { readJsonBody } from './json-body.ts';
import { BodyInvalid, ContentTooLarge, UnsupportedMediaType } from './kinds.ts';

/** How a line comes to its body: as JSON that its schema let through, as bytes, or by a reader of it. */
export function bodyOfLine({
  takes,
  takesBytes,
  readsBody,
}: Pick<Endpoint<never>, 'takes' | 'takesBytes' | 'readsBody'>): (
  request: Request,
) => Promise<unknown> {
  if (readsBody) return giveReader(readsBody);
  return takesBytes ? takeBytes(takesBytes) : checkBody(takes);
}

/** Reads a JSON body and holds it to its schema; reads nothing where there is none. */
function checkBody(takes: string | undefined): (request: Request) => Promise<unknown> {
  if (takes === undefined) return () => Promise.resolve(undefined);
  validatorOf(takes);
  return async (request) => {
    const body = await readJsonBody(request);
    const [wrong] = problemsOf(takes, body);
    if (wrong) throw new Refusal(BodyInvalid, wrong.detail, { field: wrong.field });
    return body;
  };
}

/** Reads a body as it came. Refusals: 415 `unsupported-media-type`, 413 `content-too-large`. */
function takeBytes({
  most,
  media,
}: BytesTaken): (request: Request) => Promise<{ media: string; bytes: Buffer }> {
  const reader = giveReader({ most, media });
  return async (request) => {
    const { media: given, read } = await reader(request);
    return { media: given, bytes: await read() };
  };
}

/** A body that has not been read yet: its media type, and how to read it. */
export interface BodyReader {
  readonly media: string;
  /** Throws Refusal `content-too-large` before more is kept than the line takes. */
  readonly read: () => Promise<Buffer>;
}

/** Lets the act read the body itself. Refuses another media type, and what says that it is too large. */
function giveReader({ most, media }: BytesTaken): (request: Request) => Promise<BodyReader> {
  return (request) => {
    const given = media.find((one) => isOfType(request, one));
    if (given === undefined) {
      const detail = `This resource takes ${media.join(' or ')} in UTF-8, not compressed.`;
      throw new Refusal(UnsupportedMediaType, detail);
    }
    if (Number(request.headers['content-length'] ?? 0) > most) throw new Refusal(ContentTooLarge);
    return Promise.resolve({ media: given, read: () => readBytes(request, most) });
  };
}

/**
 * Turns what an act answers into bytes. A wrong answer is a fault, not a leak: it throws before the
 * first byte. A line that discloses may answer with the very bytes that were logged, and nothing else.
 */
export function checkAnswer(line: {
  readonly path: string;
  readonly status: number;
  readonly gives?: string;
  readonly discloses?: boolean;
}): (answer: unknown) => BytesAnswer | undefined {
  const { path, status, gives, discloses } = line;
  if (gives !== undefined) validatorOf(gives);
  return (answer) => {
    if (isBytesAnswer(answer)) return answer;
    if (discloses) throw new Error(`${path} disclosed something that is not bytes.`);
    if (status === 204 && answer === undefined) return undefined;
    if (gives === undefined) throw new Error(`${path} answers without a schema.`);
    const [wrong] = problemsOf(gives, answer);
    if (wrong) throw new Error(`${path} broke its promise: ${wrong.detail}`);
    const body = Buffer.from(JSON.stringify(answer));
    return bytesAnswer({ body, contentType: 'application/json' });
  };
}
