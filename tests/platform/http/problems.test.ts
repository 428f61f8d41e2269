import { expect, test } from '@jest/globals';
import { pino } from 'pino';
import request from 'supertest';
import { endpoint } from '../../../src/platform/http/endpoint.ts';
import { frozenHeaders } from '../../../src/platform/http/headers.ts';
import { NotFound } from '../../../src/platform/http/kinds.ts';
import { Refusal, type RefusalKind } from '../../../src/platform/refusal.ts';
import { goodToken, smallApp } from './small-app.ts';

const failing = (error: unknown) =>
  endpoint({
    method: 'get',
    path: '/failing/:id',
    public: true,
    status: 204,
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- Any value may be thrown.
    does: () => Promise.reject(error),
  }) as never;

function capture() {
  const lines: string[] = [];
  return { lines, log: pino({ level: 'debug' }, { write: (line: string) => lines.push(line) }) };
}

const busy: RefusalKind = { code: 'busy', status: 429, title: 'Too much at once.' };

test('a refusal becomes a problem document with its facts', async () => {
  const refusal = new Refusal(busy, 'Wait a little.', {
    promise: 'P14',
    field: '/a',
    line: 3,
    retryAfterSeconds: 7,
  });
  const answer = await request(smallApp([failing(refusal)])).get('/failing/x');
  const { requestId, ...rest } = answer.body as Record<string, unknown>;
  expect(answer.status).toBe(429);
  expect(answer.headers['content-type']).toBe('application/problem+json');
  expect(answer.headers['cache-control']).toBe('no-store');
  expect(answer.headers['retry-after']).toBe('7');
  expect(requestId).toBe(answer.headers['request-id']);
  expect(rest).toEqual({
    type: 'urn:sluice:problem:busy',
    title: 'Too much at once.',
    status: 429,
    detail: 'Wait a little.',
    code: 'busy',
    promise: 'P14',
    field: '/a',
    line: 3,
  });
});

test('a fault is silent outside and loud inside, but for the values of a database error', async () => {
  const { lines, log } = capture();
  const fault = Object.assign(new Error('secret-sql-text'), {
    code: '23505',
    detail: 'Key (email)=(CNRY_MAIL) exists',
  });
  const answer = await request(smallApp([failing(fault)], log)).get('/failing/x');
  expect(answer.status).toBe(500);
  expect(answer.text).not.toMatch(/secret-sql-text|CNRY|at .*\.ts|23505/);
  const logged = lines.join('');
  expect(logged).toContain('secret-sql-text');
  expect(logged).toContain('problems.test.ts');
  expect(logged).not.toContain('CNRY_MAIL');
});

test.each([undefined, null, 'text', 7])('even %s thrown is a fault', async (thrown) => {
  const answer = await request(smallApp([failing(thrown)])).get('/failing/x');
  expect(answer.status).toBe(500);
  expect(answer.body).toMatchObject({ code: 'fault' });
});

test.each(['ECONNREFUSED', '57P01', '08006', '53300'])(
  'a database that is gone (%s) is an honest 503',
  async (code) => {
    const gone = Object.assign(new Error('connect failed on 10.0.0.7'), { code });
    const answer = await request(smallApp([failing(gone)])).get('/failing/x');
    expect(answer.status).toBe(503);
    expect(answer.headers['retry-after']).toBe('1');
    expect(answer.body).toMatchObject({ code: 'database-unavailable' });
    expect(answer.text).not.toContain('10.0.0.7');
  },
);

test('what is missing, what is foreign and what no route knows read the same', async () => {
  const app = smallApp([failing(new Refusal(NotFound))]);
  const texts = [];
  for (const path of ['/failing/foreign', '/failing/missing', '/no-such-route']) {
    const answer = await request(app).get(path);
    expect(answer.status).toBe(404);
    texts.push(answer.text.replace(/"requestId":"[^"]+"/, ''));
  }
  expect(new Set(texts).size).toBe(1);
});

test('one line is logged per request: patterns and ids, no value, no header', async () => {
  const { lines, log } = capture();
  const app = smallApp([], log);
  await request(app)
    .get('/v1/customers?cursor=CNRY_CURSOR')
    .set('Authorization', `Bearer ${goodToken}`)
    .set('X-Request-Id', 'CNRY_ID')
    .set('Cookie', 'sid=CNRY_COOKIE');
  await request(app).get('/v1/customers/CNRY_PATH?access_token=CNRY_TOKEN');
  expect(lines).toHaveLength(2);
  expect(lines.join('')).not.toMatch(/CNRY|a-good-token/);
  const [first, second] = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(first).toMatchObject({
    msg: 'request',
    partner: 'guest',
    endpoint: '/v1/customers',
    status: 200,
  });
  expect(first?.['requestId']).toMatch(/^req_[\w-]{16}$/);
  expect(second).toMatchObject({ partner: null, endpoint: null, status: 400 });
});

test('the protective headers are the same for every answer and fit the transport', async () => {
  const plain = new Map(frozenHeaders({ isHttps: false }));
  const tls = new Map(frozenHeaders({ isHttps: true }));
  const csp = 'Content-Security-Policy';
  expect(plain.get(csp)).toBe(
    "default-src 'none';base-uri 'none';form-action 'none';frame-ancestors 'none'",
  );
  expect(plain.has('Strict-Transport-Security')).toBe(false);
  expect(tls.get(csp)).toContain('upgrade-insecure-requests');
  expect(tls.has('Strict-Transport-Security')).toBe(true);
  const answer = await request(smallApp()).get('/no-such-route');
  for (const [name, value] of plain) expect(answer.headers[name.toLowerCase()]).toBe(value);
});

test('readiness follows its check, liveness does not', async () => {
  const broken = smallApp([], undefined, () => Promise.reject(new Error('no database')));
  expect((await request(broken).get('/healthz')).body).toEqual({ status: 'up' });
  const answer = await request(broken).get('/readyz');
  expect(answer.status).toBe(503);
  expect(answer.body).toMatchObject({ code: 'not-ready' });
  expect(answer.text).not.toContain('no database');
  const ready = await request(smallApp()).get('/readyz');
  expect(ready.body).toEqual({ status: 'ready' });
  expect(ready.headers['etag']).toBeUndefined();
});
