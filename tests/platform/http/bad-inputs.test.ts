import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { bytesAnswer } from '../../../src/platform/http/answer.ts';
import { endpoint, type Endpoint } from '../../../src/platform/http/endpoint.ts';
import { createHttpServer } from '../../../src/platform/http/server.ts';
import { systemRandomness } from '../../../src/platform/randomness.ts';
import { readReference, referenceTest } from '../../support/reference.ts';
import { listening, page, smallApp, type Guest } from './small-app.ts';

const vectors = 'vectors/extracted/bad-inputs.json';

interface Row {
  readonly id: string;
  readonly surface: string;
  readonly expected: string;
  readonly status?: number;
  readonly type?: string;
}
const rowsOfE = () =>
  (JSON.parse(readReference(vectors)) as readonly Row[]).filter(({ surface }) => surface === 'E');
function rowOf(id: string): Row {
  const row = rowsOfE().find((one) => one.id === id);
  if (!row) throw new Error(`There is no row ${id}.`);
  return row;
}

const takes = endpoint({
  method: 'post',
  path: '/takes',
  public: true,
  takes: 'tokens/protected-resource',
  status: 204,
  does: () => Promise.resolve(undefined),
}) satisfies Endpoint<Guest>;

let server: Awaited<ReturnType<typeof listening>>;
beforeAll(async () => {
  server = await listening(createHttpServer(smallApp([takes]), systemRandomness));
});
afterAll(() => server.close());

const host = 'Host: 127.0.0.1\r\n';
const auth = 'Authorization: Bearer a-good-token\r\n';
const line = (target: string, headers = host + auth, method = 'GET', version = '1.1') =>
  `${method} ${target} HTTP/${version}\r\n${headers}Connection: close\r\n\r\n`;
const headed = (header: string) => line('/v1/customers', `${host}${auth}${header}\r\n`);
const chunked = (size: string) =>
  `POST /takes HTTP/1.1\r\n${host}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n${size}\r\na\r\n0\r\n\r\n`;
const many = Array.from({ length: 101 }, (_, n) => `X-${String(n)}: 1\r\n`).join('');

/** What is sent for each row that is refused; each of several for itself. */
const refused: Readonly<Record<string, readonly string[]>> = {
  E3: ['+5', '-1', '18446744073709551616'].map((length) => headed(`Content-Length: ${length}`)),
  E4: [headed('Transfer-Encoding: xchunked')],
  E7: [chunked(`1;${'a'.repeat(20_000)}`)],
  E8: [line('/v1/customers').replaceAll('\r\n', '\n')],
  E9: ['X: a\r\n b', 'X : a', 'X: a\0b', 'X: a\rb'].map(headed),
  E10: [line('/v1/customers', auth)],
  E12: ['evil.example', '127.0.0.1:1', '127.0.0.1.evil.example', 'user@127.0.0.1', ''].map((one) =>
    line('/v1/customers', `Host: ${one}\r\n${auth}`),
  ),
  E13: [line('http://evil.example/v1/customers'), line('http://127.0.0.1/v1/customers')],
  E15: [line('/v1/customers', host + auth, 'GET', '2.0')],
  E17: [line('/v1/customers', host + auth, 'FOO')],
  E21: [line('/v1/customers', host + auth + many)],
  E23: [line('/v1/../admin'), line('/v1/./customers')],
  E24: [line('//v1//customers')],
  E25: [line('/v1/customers/a%2fb'), line('/v1/customers/a%2Fb')],
  E27: [headed('Expect: 200-ok')],
};

for (const [id, requests] of Object.entries(refused)) {
  referenceTest(vectors, `bad input ${id} is answered as its row says`, async () => {
    const { status, type } = rowOf(id);
    for (const bytes of requests) {
      const answer = await server.send(bytes);
      expect([answer.status, /"urn:sluice:problem:([a-z-]+)"/.exec(answer.text)?.[1]]).toEqual([status, type]); // prettier-ignore
      expect(answer.text).not.toContain(page.toString());
    }
  });
}

const plain: Readonly<Record<string, readonly string[]>> = {
  E16: ['Upgrade: h2c', 'Upgrade: websocket'],
  E19: ['X-HTTP-Method-Override: DELETE'],
};
for (const [id, headers] of Object.entries(plain)) {
  test(`bad input ${id} is ignored: the answer is the plain one`, async () => {
    for (const header of headers) {
      const answer = await server.send(headed(header));
      expect(answer.status).toBe(200);
      expect(answer.text).toContain(page.toString());
    }
  });
}

test('HTTP/0.9 gets no answer that it could read', async () => {
  const answer = await server.send('GET /v1/customers\r\n\r\n');
  expect(answer.status).toBe(505);
  expect(answer.text).not.toContain(page.toString());
});

test('bad input E12: the health of a process, and where clients find their way, are told under any name', async () => {
  const asked = (path: string) => server.send(line(path, 'Host: 10.0.0.7:8080\r\n'));
  expect((await asked('/healthz')).status).toBe(200);
  expect((await asked('/readyz?x')).status).toBe(200);
  expect((await asked('/open')).status).toBe(421);
  expect((await asked('/v1/healthz')).status).toBe(421);
});

test('bad input E12: the own names are those of the origin and, on loopback, where it listens', async () => {
  const settings = { origin: 'https://share.example', mtlsPort: 8443 };
  const app = smallApp([], undefined, undefined, settings);
  const own = await listening(createHttpServer(app, systemRandomness));
  const asked = async (name: string) => (await own.send(line('/open', `Host: ${name}\r\n`))).status;
  const port = String(own.port);
  const ours = ['share.example', 'SHARE.example', 'share.example:443', 'share.example:8443', `127.0.0.1:${port}`, `localhost:${port}`]; // prettier-ignore
  const others = [
    'share.example:80',
    'share.example.',
    'a.share.example',
    'localhost',
    '127.0.0.1',
  ];
  expect(await Promise.all(ours.map(asked))).toEqual(ours.map(() => 200));
  expect(await Promise.all(others.map(asked))).toEqual(others.map(() => 421));
  await own.close();
});

test('bad input E26: a bad token is refused before the body that was announced', async () => {
  const socket = connect(server.port, '127.0.0.1');
  const head = `POST /v1/customers HTTP/1.1\r\n${host}Authorization: Bearer bad\r\n`;
  socket.write(
    `${head.replace('POST', 'GET')}Expect: 100-continue\r\nContent-Length: 1000\r\n\r\n`,
  );
  let text = '';
  for await (const part of socket) {
    text += String(part);
    if (text.includes('token-invalid')) break;
  }
  expect(text).toMatch(/^HTTP\/1\.1 401/);
  expect(text).toMatch(/^Connection: close\r$/m);
});

test('who waits to be asked for its body is asked when it is read, and may go on afterwards', async () => {
  const socket = connect(server.port, '127.0.0.1');
  const head = `POST /takes HTTP/1.1\r\n${host}${auth}Content-Type: application/json\r\n`;
  let text = '';
  socket.on('data', (part) => (text += String(part)));
  const says = async (pattern: RegExp) => {
    while (!pattern.test(text)) await once(socket, 'data');
  };
  for (const again of [1, 2]) {
    text = '';
    socket.write(`${head}Expect: 100-continue\r\nContent-Length: 12\r\n\r\n`);
    await says(/^HTTP\/1\.1 100 Continue\r\n\r\n$/);
    socket.write('{"name":"a"}');
    await says(/HTTP\/1\.1 [2-5]\d\d .*\r\n\r\n/s);
    expect([again, text]).toEqual([again, expect.not.stringContaining('Connection: close')]);
  }
  socket.destroy();
});

const endless = endpoint({
  method: 'get',
  path: '/large',
  discloses: true,
  status: 200,
  does: () => Promise.resolve(bytesAnswer({ body: Buffer.alloc(64_000_000, 0x20), contentType: 'text/plain' })), // prettier-ignore
}) satisfies Endpoint<Guest>;

referenceTest(
  vectors,
  'bad input E29: 100 slow bodies are all told 408 by the limit itself',
  async () => {
    const [, status, type] = /^(\d+) ([a-z-]+)/.exec(rowOf('E29').expected) ?? [];
    const slow = createHttpServer(smallApp([takes]), systemRandomness);
    expect([slow.requestTimeout, slow.headersTimeout]).toEqual([10_000, 10_000]);
    const { port, close } = await listening(slow);
    const told = Array.from({ length: 100 }, async () => {
      const socket = connect(port, '127.0.0.1');
      socket.write(`POST /takes HTTP/1.1\r\n${host}Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{`); // prettier-ignore
      let text = '';
      for await (const part of socket) text += String(part);
      return [text.slice(9, 12), text.includes(`problem:${String(type)}"`)];
    });
    const answers = await Promise.all(told);
    await close();
    expect(answers).toEqual(answers.map(() => [status, true]));
  },
);

test('bad input E30: who never reads is cut off (here after half a second; as served, after 30)', async () => {
  const slow = createHttpServer(smallApp([endless]), systemRandomness);
  expect(slow.timeout).toBe(30_000);
  slow.setTimeout(500);
  const { port, close } = await listening(slow);
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.pause();
  socket.write(line('/large'));
  const counted = () =>
    new Promise<number>((resolve) => {
      slow.getConnections((_error, count) => {
        resolve(count);
      });
    });
  while ((await counted()) === 0) await wait(10);
  while ((await counted()) > 0) await wait(50);
  socket.destroy();
  await close();
});

/** Where the other rows are held. */
const elsewhere: Readonly<Record<string, string>> = {
  E33: '../../journeys/mutual-tls.test.ts',
  E34: './peer.test.ts',
  E35: './tls.test.ts',
  E36: './tls.test.ts',
  E37: './tls.test.ts',
  E40: '../../journeys/stops-cleanly.test.ts',
};

referenceTest(vectors, 'every row of surface E is held, here or in the test that is named', () => {
  const here = [...Object.keys({ ...refused, ...plain }), 'E26', 'E29', 'E30'];
  const ids = rowsOfE().map(({ id }) => id);
  expect([...here, ...Object.keys(elsewhere)].sort()).toEqual([...ids].sort());
  for (const [id, file] of Object.entries(elsewhere)) {
    const url = new URL(file, import.meta.url);
    expect(existsSync(url)).toBe(true);
    if (file.startsWith('./')) expect(readFileSync(url, 'utf8')).toContain(`bad input ${id}`);
  }
});
