import type { Express } from 'express';
import request from 'supertest';

/** What is sent: a path with its query, and what else a client can put an id into. */
export interface Sent {
  readonly path: string;
  readonly method?: 'get' | 'post' | 'put';
  readonly headers?: Readonly<Record<string, string>>;
  readonly form?: Readonly<Record<string, string>>;
  /** A JSON body. */
  readonly json?: object;
}

/**
 * The whole answer as text: status, headers, body. Of what is drawn anew for each answer (request
 * id, date, id and salt of the entry in the log) only that it is there is kept.
 */
export async function answerOf(gateway: Express, sent: Sent, token?: string): Promise<string> {
  const { path, method = 'get', headers = {}, form, json } = sent;
  const asked = request(gateway)[method](path);
  if (token !== undefined) asked.auth(token, { type: 'bearer' });
  const sending = asked.set(headers).type(json ? 'json' : 'form');
  const answer = await sending
    .send(json ?? form)
    .buffer(true)
    .parse(textOf);
  const told = Object.entries(answer.headers as Record<string, string>).map(
    ([name, value]) => `${name}: ${drawnAnew.includes(name) ? '…' : value}`,
  );
  const body = String(answer.body)
    .replaceAll(/"requestId":"req_[A-Za-z0-9_-]+"/g, '"requestId":"…"')
    .replaceAll(/"disclosure":"dis_[^"]{22}","salt":"[^"]+"/g, '"disclosure":"…","salt":"…"');
  return [String(answer.status), ...told.sort(), '', body].join('\n');
}

const drawnAnew = ['date', 'request-id', 'disclosure-id', 'disclosure-salt'];

function textOf(answer: unknown, done: (error: Error | null, body: string) => void): void {
  const parts: Buffer[] = [];
  const source = answer as NodeJS.ReadableStream;
  source.on('data', (part: Buffer) => parts.push(part));
  source.on('end', () => {
    done(null, Buffer.concat(parts).toString());
  });
}
