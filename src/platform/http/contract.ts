import type { Request } from 'express';
import { Refusal } from '../refusal.ts';
import { validatorOf, problemsOf } from '../schemas.ts';
import { bytesAnswer, isBytesAnswer, type BytesAnswer } from './answer.ts';
import { isOfType, readBytes } from './body.ts';
import type { Endpoint } from './endpoint.ts';
import { readJsonBody } from './json-body.ts';
import { BodyInvalid, ContentTooLarge, UnsupportedMediaType } from './kinds.ts';

/** A body that has not been read yet: its media type, and how to read it. */
export interface BodyReader {
  readonly media: string;
  /** Throws Refusal `content-too-large` before more is kept than the line takes. */
  readonly read: () => Promise<Buffer>;
}

/**
 * Reads a JSON body and holds it to its schema; reads nothing where there is none. Of a body that
 * the act reads itself it checks the media type alone.
 */
export function checkBody({
  takes,
  takesBytes,
}: Pick<Endpoint<never>, 'takes' | 'takesBytes'>): (request: Request) => Promise<unknown> {
  if (takes !== undefined) validatorOf(takes);
  if (takesBytes) {
    const { media: known, most } = takesBytes;
    return (request) => {
      const media = known.find((one) => isOfType(request, one));
      if (media === undefined) throw new Refusal(UnsupportedMediaType);
      if (Number(request.headers['content-length'] ?? 0) > most) throw new Refusal(ContentTooLarge);
      return Promise.resolve({ media, read: () => readBytes(request, most) } satisfies BodyReader);
    };
  }
  if (takes === undefined) return () => Promise.resolve(undefined);
  return async (request) => {
    const body = await readJsonBody(request);
    const [wrong] = problemsOf(takes, body);
    if (wrong) throw new Refusal(BodyInvalid, wrong.detail, { field: wrong.field });
    return body;
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
