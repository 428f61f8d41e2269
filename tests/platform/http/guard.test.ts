import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { serveSmallApp } from './small-app.ts';

type Served = Awaited<ReturnType<typeof serveSmallApp>>;
let server: Served;
beforeAll(async () => {
  server = await serveSmallApp();
});
afterAll(() => server.close());

const auth = 'Authorization: Bearer a-good-token\r\n';
const host = 'Host: 127.0.0.1\r\n';
const line = (target: string, headers = host + auth, method = 'GET', version = '1.1') =>
  `${method} ${target} HTTP/${version}\r\n${headers}Connection: close\r\n\r\n`;
const many = Array.from({ length: 101 }, (_, n) => `X-${String(n)}: 1\r\n`).join('');

test.each([
  ['two Host headers', line('/v1/customers', `${host}${host}${auth}`), 400, 'bad-request'],
  ['no Host header', line('/v1/customers', auth), 400, 'bad-request'],
  ['two Authorization headers', line('/v1/customers', host + auth + auth), 400, 'bad-request'],
  ['an absolute target', line('http://evil.example/v1/customers'), 400, 'bad-request'],
  ['a target of *', line('*', host + auth, 'OPTIONS'), 400, 'bad-request'],
  ['a path that is not normalised', line('/v1/../admin'), 400, 'bad-request'],
  ['a fragment', line('/v1/customers#x'), 400, 'bad-request'],
  [
    'an unknown transfer coding',
    line('/v1/customers', `${host}${auth}Transfer-Encoding: xchunked\r\n`),
    400,
    'bad-request',
  ],
  ['an unknown method', line('/v1/customers', host + auth, 'FOO'), 400, 'bad-request'],
  ['a broken header', line('/v1/customers', `${host}A : b\r\n`), 400, 'bad-request'],
  ['a negative length', line('/v1/customers', `${host}Content-Length: -1\r\n`), 400, 'bad-request'],
  ['HTTP/2.0 in clear', line('/v1/customers', host, 'GET', '2.0'), 505, 'version-not-supported'],
  ['TRACE', line('/v1/customers', host + auth, 'TRACE'), 405, 'method-not-allowed'],
  ['a NUL in the path', line('/v1/customers/%00'), 400, 'param-invalid'],
  ['a NUL in the query', line('/v1/customers?cursor=a%00'), 400, 'param-invalid'],
  ['a hidden slash', line('/v1/customers/..%2fadmin'), 400, 'param-invalid'],
  ['a hidden backslash', line('/v1/customers/a%5cb'), 400, 'param-invalid'],
  ['hidden dots', line('/v1/customers/%2e%2e'), 400, 'param-invalid'],
  ['half a percent encoding', line('/v1/customers/%4'), 400, 'param-invalid'],
  ['percent-encoded bytes that are no UTF-8', line('/v1/customers/%ff'), 400, 'param-invalid'],
  ['an id of 10 kB', line(`/v1/customers/${'a'.repeat(10_000)}`), 400, 'param-invalid'],
  ['a target of 3 kB', line(`/v1/customers?cursor=${'a'.repeat(3000)}`), 414, 'target-too-long'],
  ['101 headers', line('/v1/customers', host + auth + many), 431, 'headers-too-large'],
  [
    'headers of 20 kB',
    line('/v1/customers', `${host}X: ${'a'.repeat(20_000)}\r\n`),
    431,
    'headers-too-large',
  ],
  ['a token in the query', line('/v1/customers?access_token=t', host), 400, 'token-misplaced'],
  ['a token in both', line('/v1/customers?access_token=t'), 400, 'token-misplaced'],
  ['an empty token in the query', line('/v1/customers?access_token='), 400, 'token-misplaced'],
  ['a token under an escaped name', line('/v1/customers?acc%65ss_token=t'), 400, 'token-misplaced'],
  [
    'an expectation nobody meets',
    line('/v1/customers', `${host}Expect: 200-ok\r\n`),
    417,
    'expectation-failed',
  ],
])('%s is refused', async (_name, bytes, status, code) => {
  const answer = await server.send(bytes);
  expect(answer.status).toBe(status);
  expect(answer.text).toMatch(/^content-type: application\/problem\+json/im);
  expect(answer.text).toMatch(/^cache-control: no-store/im);
  expect(answer.text).toMatch(/^request-id: req_/im);
  expect(answer.text).toContain(`"urn:sluice:problem:${code}"`);
  expect(answer.text).not.toContain('cus_1');
});

test.each([
  ['HTTP/1.0', line('/v1/customers', host + auth, 'GET', '1.0')],
  ['a lower-case scheme', line('/v1/customers', `${host}Authorization: bearer a-good-token\r\n`)],
  ['a method override', line('/v1/customers', `${host}${auth}X-HTTP-Method-Override: DELETE\r\n`)],
  ['an upgrade nobody asked us for', line('/v1/customers', `${host}${auth}Upgrade: h2c\r\n`)],
  ['a range', line('/v1/customers', `${host}${auth}Range: bytes=0-10\r\n`)],
])('%s gets the plain, whole answer', async (_name, bytes) => {
  const answer = await server.send(bytes);
  expect(answer.status).toBe(200);
  expect(answer.text).toContain('{"data":[{"id":"cus_1"}],"next":null}');
});

test.each(['/v1/customers/', '/V1/customers', '//v1//customers'])('%s is unknown', async (path) => {
  const answer = await server.send(line(path));
  expect(answer.status).toBe(404);
  expect(answer.text).toContain('urn:sluice:problem:not-found');
});
