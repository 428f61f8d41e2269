import { expect, test } from '@jest/globals';
import request, { type Test } from 'supertest';
import { goodToken, smallApp } from './small-app.ts';

const get = () => request(smallApp()).get('/v1/customers');
const post = () => request(smallApp()).post('/v1/customers/x');

/** R1: the places where a token must not be accepted. */
const placements: readonly [string, () => Test, number, string][] = [
  ['the query', () => get().query({ access_token: goodToken }), 400, 'token-misplaced'],
  [
    'the query beside the header',
    () => get().query({ access_token: goodToken }).set('Authorization', `Bearer ${goodToken}`),
    400,
    'token-misplaced',
  ],
  [
    'a form body',
    () => get().type('form').send({ access_token: goodToken }),
    400,
    'token-misplaced',
  ],
  ['a JSON body', () => get().send({ access_token: goodToken }), 400, 'token-misplaced'],
  [
    'a list in a JSON body',
    () => get().send({ access_token: [goodToken] }),
    400,
    'token-misplaced',
  ],
  [
    'an object in a JSON body',
    () => get().send({ access_token: { toString: 1 } }),
    400,
    'token-misplaced',
  ],
  ['a header of its own', () => get().set('X-Access-Token', goodToken), 401, 'token-missing'],
  ['a cookie', () => get().set('Cookie', `access_token=${goodToken}`), 401, 'token-missing'],
  [
    'the Basic scheme',
    () => get().auth('access_token', goodToken, { type: 'basic' }),
    401,
    'token-missing',
  ],
  ['the path', () => request(smallApp()).get(`/v1/customers/${goodToken}`), 401, 'token-missing'],
];

test.each(placements)('a token in %s opens nothing', async (_place, send, status, code) => {
  const answer = await send();
  expect(answer.status).toBe(status);
  expect(answer.headers['content-type']).toBe('application/problem+json');
  expect(answer.body).toMatchObject({ code, type: `urn:sluice:problem:${code}` });
  expect(answer.text).not.toContain(goodToken);
  expect(answer.text).not.toContain('cus_1');
});

test.each([
  ['Bearer', 400, 'token-malformed', 'invalid_request'],
  ['Bearer ', 400, 'token-malformed', 'invalid_request'],
  [`Bearer  ${goodToken}`, 400, 'token-malformed', 'invalid_request'],
  [`Bearer ${goodToken} x`, 400, 'token-malformed', 'invalid_request'],
  ['Bearer wrong', 401, 'token-invalid', 'invalid_token'],
  ['Bearer __proto__', 401, 'token-invalid', 'invalid_token'],
  ['Bearer constructor', 401, 'token-invalid', 'invalid_token'],
  ['Bearer toString', 401, 'token-invalid', 'invalid_token'],
  [`Bearer ${goodToken},x`, 401, 'token-invalid', 'invalid_token'],
  [`Bearer "${goodToken}"`, 401, 'token-invalid', 'invalid_token'],
  [`Bearer ${'a'.repeat(4097)}`, 401, 'token-invalid', 'invalid_token'],
  ['Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.', 401, 'token-invalid', 'invalid_token'],
  [`DPoP ${goodToken}`, 401, 'token-missing', undefined],
  [`Bearerx ${goodToken}`, 401, 'token-missing', undefined],
])('the header "%.30s" is refused with its challenge', async (header, status, code, error) => {
  const answer = await get().set('Authorization', header);
  expect(answer.status).toBe(status);
  expect(answer.body).toMatchObject({ code });
  expect(answer.headers['www-authenticate']).toBe(
    error === undefined ? 'Bearer realm="sluice"' : `Bearer realm="sluice", error="${error}"`,
  );
});

test('a request without a token is challenged and told nothing else', async () => {
  const answer = await get();
  expect(answer.status).toBe(401);
  expect(answer.headers['www-authenticate']).toBe('Bearer realm="sluice"');
  expect(answer.headers['cache-control']).toBe('no-store');
});

test('a scope that the token lacks is 403 and named in the challenge', async () => {
  const answer = await request(smallApp())
    .get('/v1/business')
    .set('Authorization', `Bearer ${goodToken}`);
  expect(answer.status).toBe(403);
  expect(answer.body).toMatchObject({ code: 'scope-insufficient' });
  expect(answer.headers['www-authenticate']).toBe(
    'Bearer realm="sluice", error="insufficient_scope", scope="business"',
  );
});

test('the token comes before the parameters, and a method no route takes before both', async () => {
  const answer = await request(smallApp()).get('/v1/customers?unknown=1');
  expect(answer.status).toBe(401);
  expect((await post().send({ a: 1 })).status).toBe(405);
});
