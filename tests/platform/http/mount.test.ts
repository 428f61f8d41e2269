import { expect, test } from '@jest/globals';
import request from 'supertest';
import { endpoint } from '../../../src/platform/http/endpoint.ts';
import { createHttpServer } from '../../../src/platform/http/server.ts';
import { systemRandomness } from '../../../src/platform/randomness.ts';
import { goodToken, listening, openAnswer, smallApp } from './small-app.ts';

const customers = (target = '/v1/customers') =>
  request(smallApp()).get(target).set('Authorization', `Bearer ${goodToken}`);

test('a disclosing answer is sent as it is, with no ETag and nothing that caches it', async () => {
  const answer = await customers().set('If-None-Match', '*');
  expect(answer.status).toBe(200);
  expect(answer.headers['etag']).toBeUndefined();
  expect(answer.headers['x-powered-by']).toBeUndefined();
  expect(answer.headers['cache-control']).toBe('no-store');
  expect(answer.headers['content-type']).toBe('application/json');
  expect(answer.headers['page-size']).toBe('100');
  expect(answer.text).toBe('{"data":[{"id":"cus_1"}],"next":null}');
});

test('HEAD on a disclosing route is refused, elsewhere it is answered', async () => {
  const app = smallApp();
  const head = await request(app).head('/v1/customers').set('Authorization', `Bearer ${goodToken}`);
  expect(head.status).toBe(405);
  expect(head.headers['allow']).toBe('GET');
  expect((await request(app).head('/open')).status).toBe(200);
});

test.each(['post', 'put', 'patch', 'delete'] as const)(
  '%s on a known path is 405',
  async (verb) => {
    const answer = await request(smallApp())[verb]('/v1/customers');
    expect(answer.status).toBe(405);
    expect(answer.headers['allow']).toBe('GET');
    expect(answer.body).toMatchObject({ code: 'method-not-allowed' });
  },
);

test.each([
  ['limit=0', 'limit'],
  ['limit=1001', 'limit'],
  ['limit=99999999999999999999', 'limit'],
  ['limit=-1', 'limit'],
  ['limit=1e2', 'limit'],
  ['limit=%201', 'limit'],
  ['limit=', 'limit'],
  ['limit=1&limit=1', 'limit'],
  ['limit[]=1', 'limit[]'],
  ['limit[a]=1', 'limit[a]'],
  ['cursor=', 'cursor'],
  [`cursor=${'a'.repeat(501)}`, 'cursor'],
  ['unknown=1', 'unknown'],
  ['include_total=true', 'include_total'],
  ['__proto__=1', '__proto__'],
  ['constructor=1', 'constructor'],
  ['sort=name;drop%20table%20x', 'sort'],
])('the query %s is refused, naming the parameter', async (query, field) => {
  const answer = await customers(`/v1/customers?${query}`);
  expect(answer.status).toBe(400);
  expect(answer.body).toMatchObject({ code: 'param-invalid', field });
  expect(({} as Record<string, unknown>)['x']).toBeUndefined();
});

test.each(['limit=1', 'limit=1000', `cursor=${'a'.repeat(500)}`, 'limit=7&cursor=a%2Bb'])(
  'the query %s is taken',
  async (query) => {
    expect((await customers(`/v1/customers?${query}`)).status).toBe(200);
  },
);

test.each(['1;x=2', 'a%20b', 'a,b', '%c3%a9', 'a'.repeat(201)])(
  'the id %s is refused before any act sees it',
  async (id) => {
    const answer = await customers(`/v1/customers/${id}`);
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ code: 'param-invalid', field: 'id' });
  },
);

test('an Accept header that allows nothing we have is 406, and nothing is done', async () => {
  const answer = await customers().set('Accept', 'text/xml');
  expect(answer.status).toBe(406);
  expect(answer.body).toMatchObject({ code: 'not-acceptable' });
  expect((await customers().set('Accept', 'text/xml, application/*;q=0.1')).status).toBe(200);
});

test('an answer that breaks its schema is a fault, not a leak', async () => {
  const leaky = endpoint({
    method: 'get',
    path: '/leaky',
    public: true,
    gives: 'tokens/protected-resource',
    status: 200,
    does: () => Promise.resolve({ ...openAnswer, business: 'CNRY_BIZ' }),
  });
  const answer = await request(smallApp([leaky])).get('/leaky');
  expect(answer.status).toBe(500);
  expect(answer.text).not.toContain('CNRY_BIZ');
  expect(answer.body).toMatchObject({ code: 'fault', title: 'Something broke on our side.' });
});

test('a disclosing line never sends a value that was not made into logged bytes', async () => {
  const line = endpoint({
    method: 'get',
    path: '/shows',
    public: true,
    gives: 'tokens/protected-resource',
    discloses: true,
    status: 200,
    does: () => Promise.resolve(openAnswer),
  });
  expect((await request(smallApp([line])).get('/shows')).status).toBe(500);
});

test('a table that names a schema which is not there stops the start', () => {
  const line = endpoint({
    method: 'get',
    path: '/x',
    public: true,
    gives: 'tokens/absent',
    status: 200,
    does: () => Promise.resolve({}),
  });
  expect(() => smallApp([line])).toThrow(/absent/);
});

const echo = endpoint({
  method: 'post',
  path: '/echo',
  public: true,
  takes: 'tokens/protected-resource',
  gives: 'tokens/protected-resource',
  status: 201,
  does: ({ body }) => Promise.resolve(body),
});
const post = () => request(smallApp([echo])).post('/echo');

test('a body is read strictly and held to its schema', async () => {
  const answer = await post().send(openAnswer);
  expect(answer.status).toBe(201);
  expect(answer.body).toEqual(openAnswer);
});

test.each([
  ['text/plain', '{}', 415, 'unsupported-media-type'],
  ['application/json; charset=utf-7', '{}', 415, 'unsupported-media-type'],
  ['application/json', '{"a":', 400, 'body-malformed'],
  ['application/json', '\uFEFF{}', 400, 'body-malformed'],
  ['application/json', '{"a":1,"a":2}', 400, 'body-malformed'],
  ['application/json', `${'['.repeat(33)}${']'.repeat(33)}`, 400, 'body-malformed'],
  ['application/json', '{"a":"\\ud800"}', 422, 'body-invalid'],
  ['application/json', '{"a":"\\u0000"}', 422, 'body-invalid'],
  ['application/json', '{"a":9007199254740993}', 422, 'body-invalid'],
  ['application/json', '{"__proto__":{}}', 422, 'body-invalid'],
  ['application/json', '{"constructor":{"prototype":{}}}', 422, 'body-invalid'],
  ['application/json', JSON.stringify({ ...openAnswer, more: 1 }), 422, 'body-invalid'],
  ['application/json', `"${'a'.repeat(64 * 1024)}"`, 413, 'content-too-large'],
])('a body of %s that is not right is refused (%#)', async (type, body, status, code) => {
  const answer = await post().set('Content-Type', type).send(body);
  expect(answer.status).toBe(status);
  expect(answer.body).toMatchObject({ code });
});

test('a body that arrives in pieces is cut off where it grows too large', async () => {
  const server = await listening(createHttpServer(smallApp([echo]), systemRandomness));
  const head =
    'POST /echo HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n';
  const answer = await server
    .send(`${head}10000\r\n${'a'.repeat(65_536)}\r\n1\r\na\r\n`)
    .finally(() => server.close());
  expect(answer.status).toBe(413);
  expect(answer.text).toMatch(/^connection: close/im);
  expect(answer.text).toContain('urn:sluice:problem:content-too-large');
});

test('a compressed body is refused before it is opened', async () => {
  const answer = await post().set('Content-Encoding', 'gzip').send('{}');
  expect(answer.status).toBe(415);
});
