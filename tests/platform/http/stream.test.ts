import { once } from 'node:events';
import { request as open, type IncomingMessage } from 'node:http';
import { afterEach, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { endpoint, type Endpoint } from '../../../src/platform/http/endpoint.ts';
import { TokenInvalid } from '../../../src/platform/http/kinds.ts';
import { listen, type RunningServer } from '../../../src/platform/http/lifecycle.ts';
import { systemRandomness } from '../../../src/platform/randomness.ts';
import { Refusal } from '../../../src/platform/refusal.ts';
import { goodToken, smallApp, type Guest } from './small-app.ts';

type AskAgain = () => Promise<Guest>;
let server: RunningServer | undefined;
let logged = '';
afterEach(async () => {
  await server?.stop(0);
  server = undefined;
  logged = '';
});

/** A gate that a test opens. */
function gate() {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

async function* headed(chunks: AsyncIterable<Buffer>) {
  let n = 0;
  for await (const bytes of chunks) yield { headers: { 'X-Chunk': String(n++) }, bytes };
}

/** Serves one line whose stream is what `chunks` yields, and asks for it. */
async function asked(chunks: (askAgain: AskAgain) => AsyncIterable<Buffer>) {
  const lines: Endpoint<Guest>[] = [
    endpoint({
      method: 'get',
      path: '/v1/lines',
      status: 200,
      discloses: true,
      does: () => Promise.reject(new Error('Nobody asked for this.')),
      streams: ({ askAgain }) => headed(chunks(askAgain)),
    }),
  ];
  const log = pino({ level: 'info' }, { write: (line: string) => (logged += line) });
  const app = smallApp(lines, log);
  server = await listen(app, { host: '127.0.0.1', port: 0, random: systemRandomness });
  const headers = { Authorization: `Bearer ${goodToken}`, Accept: 'application/x-ndjson' };
  const request = open({ port: server.port, path: '/v1/lines', headers });
  request.on('error', () => undefined);
  request.end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return { request, response };
}

async function textOf(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of response) text += String(chunk);
  return text;
}

const line = (value: unknown) => Buffer.from(`${JSON.stringify(value)}\n`);
const lastLine = (text: string) => JSON.parse(text.trimEnd().split('\n').at(-1) ?? '');

test('the headers of the first chunk stand at the head of the stream', async () => {
  const { response } = await asked(async function* () {
    yield await Promise.resolve(line({ id: 1 }));
    yield line({ id: 2 });
  });
  expect(await textOf(response)).toBe('{"id":1}\n{"id":2}\n');
  expect(response.headers['x-chunk']).toBe('0');
});

test('what is refused after the first chunk is told in the last line, and the connection stays good', async () => {
  const { response } = await asked(async function* () {
    yield await Promise.resolve(line({ id: 1 }));
    throw new Refusal(TokenInvalid, undefined, { field: 'token' });
  });
  expect(response.statusCode).toBe(200);
  const text = await textOf(response);
  expect(response.complete).toBe(true);
  expect(text.split('\n')[0]).toBe('{"id":1}');
  expect(lastLine(text)).toEqual({
    error: {
      type: 'urn:sluice:problem:token-invalid',
      title: TokenInvalid.title,
      status: 401,
      detail: TokenInvalid.title,
      code: 'token-invalid',
      field: 'token',
      requestId: response.headers['request-id'],
    },
  });
  expect(logged).toContain('"brokenOff":"token-invalid"');
  expect(logged).not.toContain('"fault"');
});

test('a fault after the first chunk is told without detail, and kept with its stack', async () => {
  const { response } = await asked(async function* () {
    yield await Promise.resolve(line({ id: 1 }));
    throw new TypeError('of our inside');
  });
  const text = await textOf(response);
  expect(lastLine(text)).toMatchObject({ error: { code: 'fault', status: 500 } });
  expect(text).not.toContain('inside');
  expect(logged).toContain('of our inside');
});

test('what is refused before the first chunk is an answer like any other', async () => {
  // eslint-disable-next-line require-yield -- it is refused before
  const { response } = await asked(async function* () {
    await Promise.resolve();
    throw new Refusal(TokenInvalid);
  });
  expect(response.statusCode).toBe(401);
  expect(response.headers['content-type']).toBe('application/problem+json');
  expect(JSON.parse(await textOf(response))).toMatchObject({ code: 'token-invalid' });
});

const chunk = Buffer.concat([Buffer.alloc(1_000_000, 0x20), line({ id: 1 })]);

/** Endless chunks of a megabyte; says how many were asked for, and whether it was told to stop. */
function endless() {
  const made = { chunks: 0 };
  const { opened: isOver, open: over } = gate();
  const chunks = async function* () {
    try {
      for (;;) {
        made.chunks += 1;
        yield await Promise.resolve(chunk);
      }
    } finally {
      over();
    }
  };
  return { chunks, made, isOver };
}

/** How many chunks are made until none has been for a while. */
async function settled(made: { readonly chunks: number }): Promise<number> {
  for (let before = -1; before !== made.chunks;) {
    before = made.chunks;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return made.chunks;
}

test('for a client that does not read no chunk is made, and for one that is gone the stream ends', async () => {
  const { chunks, made, isOver } = endless();
  const { request, response } = await asked(chunks);
  response.on('error', () => undefined);
  const unread = await settled(made);
  // What the two sockets hold of it, in the operating system.
  expect(unread).toBeLessThan(20);
  response.resume();
  while (made.chunks < unread + 20) await new Promise((resolve) => setTimeout(resolve, 10));
  response.pause();
  await settled(made);
  request.destroy();
  await isOver;
  const atLast = made.chunks;
  expect(await settled(made)).toBe(atLast);
  expect(logged).toContain('"wasCut":true');
  expect(logged).not.toContain('"fault"');
});

test('a client that leaves while a chunk is made gets no further one', async () => {
  const { opened, open: letGo } = gate();
  const { opened: isOver, open: over } = gate();
  let made = 0;
  const { request, response } = await asked(async function* () {
    try {
      for (;;) {
        made += 1;
        yield line({ id: made });
        if (made === 1) await opened;
      }
    } finally {
      over();
    }
  });
  response.on('error', () => undefined);
  request.destroy();
  await once(request, 'close');
  await new Promise((resolve) => setTimeout(resolve, 50));
  letGo();
  await isOver;
  expect(made).toBe(2);
});

/** A stream of one line and one more, under way when its server is told to stop. */
async function stopped({ asksAgain }: { asksAgain: boolean }) {
  const { opened, open: letGo } = gate();
  const { response } = await asked(async function* (askAgain) {
    yield line({ id: 1 });
    await opened;
    if (asksAgain) await askAgain();
    yield line({ end: true });
  });
  const stop = server?.stop(8);
  letGo();
  const text = await textOf(response);
  await stop;
  return text;
}

test('when the server stops, a stream breaks off before its next chunk, or ends if there is none', async () => {
  const text = await stopped({ asksAgain: true });
  expect(text.split('\n')[0]).toBe('{"id":1}');
  expect(lastLine(text)).toMatchObject({ error: { code: 'shutting-down', status: 503 } });
  expect(lastLine(await stopped({ asksAgain: false }))).toEqual({ end: true });
});

test('asked again, the token counts with the scope that the line wants', async () => {
  const { response } = await asked(async function* (askAgain) {
    yield line({ id: 1 });
    yield line(await askAgain());
  });
  expect(lastLine(await textOf(response))).toMatchObject({ partnerKey: 'guest' });
});
