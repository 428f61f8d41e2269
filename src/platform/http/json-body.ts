import type { IncomingMessage } from 'node:http';
import { Refusal } from '../refusal.ts';
import {
  ControlCharacter,
  ForbiddenKey,
  LoneSurrogate,
  NotAnInteger,
  readStrictJson,
  TooManyProperties,
  UnsafeInteger,
} from '../strict-json.ts';
import { isOfType, readBytes } from './body.ts';
import { BodyInvalid, BodyMalformed, UnsupportedMediaType } from './kinds.ts';

const longestBody = 64 * 1024;

/** Readable JSON that says something no record may hold; everything else is not JSON for us. */
const sayTooMuch = new Set([
  ControlCharacter,
  ForbiddenKey,
  LoneSurrogate,
  NotAnInteger,
  TooManyProperties,
  UnsafeInteger,
]);

/**
 * The JSON body of a request, up to 64 kB, read strictly. Refusals: 415 `unsupported-media-type`, 413
 * `content-too-large`, 400 `body-malformed`, 422 `body-invalid`.
 */
export async function readJsonBody(request: IncomingMessage): Promise<unknown> {
  if (!isOfType(request, 'application/json')) throw new Refusal(UnsupportedMediaType);
  const bytes = await readBytes(request, longestBody);
  try {
    return readStrictJson(bytes, { maxBytes: longestBody });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const kind = sayTooMuch.has(error.kind) ? BodyInvalid : BodyMalformed;
    throw new Refusal(kind, error.message, error.facts);
  }
}
