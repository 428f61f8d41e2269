import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Express } from 'express';
import { pino } from 'pino';
import request from 'supertest';
import { createGateway } from '../../src/gateway.ts';
import { operatorEndpoints } from '../../src/operator/index.ts';
import {
  endStaff,
  RoleMissing,
  verifyStaffKey,
  type ProposalKind,
  type StaffCaller,
} from '../../src/people/index.ts';
import { createApp } from '../../src/platform/http/app.ts';
import { bearer } from '../../src/platform/http/bearer.ts';
import { endpoint } from '../../src/platform/http/endpoint.ts';
import { mount } from '../../src/platform/http/mount.ts';
import { answerProblems, answerUnknown } from '../../src/platform/http/problems.ts';
import type { Tools } from '../../src/platform/tools.ts';
import {
  givenPerson,
  givenProposal,
  naming,
  prepareNaming,
  timesNamed,
  type GivenPerson,
} from '../people/given-people.ts';
import { givenPartner, givenToken } from '../support/given.ts';
import { noon, openHouse, testClock, type House } from '../support/house.ts';

const clock = testClock();
let house: House;
let tools: Tools;
let app: Express;
let ada: GivenPerson;
let ben: GivenPerson;
let finn: GivenPerson;
/** Everything that was logged: no key may stand in it. */
let logged = '';

beforeAll(async () => {
  house = await openHouse({ clock });
  const log = pino({ level: 'trace' }, { write: (line: string) => (logged += line) });
  tools = { ...house.tools, log };
  await prepareNaming(house);
  ada = await givenPerson(tools, ['privacy'], 'Ada');
  ben = await givenPerson(tools, ['partner', 'admin'], 'Ben');
  finn = await givenPerson(tools, ['finance'], 'Finn');
  app = operatorApp([naming]);
});
afterAll(() => house.close());

/** The operator API as the gateway mounts it, with kinds of the test's own and one line for a role. */
function operatorApp(kinds: readonly ProposalKind[]): Express {
  const operator = createApp(tools);
  const staffOf = bearer<StaffCaller>((key) => verifyStaffKey(tools, key));
  const forPrivacy = endpoint<StaffCaller>({
    method: 'post',
    path: '/for-privacy',
    scope: 'role:privacy',
    takes: 'operator/no.takes',
    status: 204,
    does: () => Promise.resolve(undefined),
  });
  const lines = [...operatorEndpoints(tools, kinds), forPrivacy];
  operator.use('/operator/v1', mount(lines, staffOf, { lacking: RoleMissing }));
  operator.use(answerUnknown);
  operator.use(answerProblems(tools.log));
  return operator;
}

const get = (path: string, { key }: { key: string } = ada) =>
  request(app).get(`/operator/v1${path}`).set('Authorization', `Bearer ${key}`);
const post = (path: string, { key }: { key: string }, body?: object) => {
  const asked = request(app).post(`/operator/v1${path}`).set('Authorization', `Bearer ${key}`);
  return body === undefined ? asked : asked.send(body);
};
const why = { reason: 'Too wide.' };

test('a person learns who it is, and what it may decide', async () => {
  const mine = await get('/me', ben);
  expect([mine.status, mine.body]).toEqual([
    200,
    {
      person: { id: ben.id, name: 'Ben', roles: ['partner', 'admin'] },
      proposalKinds: ['name'],
    },
  ]);
  expect((await get('/me', finn)).body).toMatchObject({ proposalKinds: [] });
});

test('a proposal is read, approved by a second person and carried out', async () => {
  const id = await givenProposal(tools, ada.id, { name: 'by API' });
  const open = {
    id,
    kind: 'name',
    status: 'open',
    proposedBy: { id: ada.id, name: 'Ada' },
    proposedAt: '2026-11-22T12:00:00.000Z',
    expiresAt: '2026-11-29T12:00:00.000Z',
    decidedBy: null,
    decidedAt: null,
    reason: null,
  };
  expect((await get('/proposals?status=open')).body).toEqual({ data: [open], next: null });
  const whole = {
    ...open,
    about: { name: 'by API' },
    diff: [{ field: 'name', before: null, after: 'by API' }],
  };
  expect((await get(`/proposals/${id}`)).body).toEqual(whole);
  const own = await post(`/proposals/${id}/approve`, ada);
  expect([own.status, own.body.code]).toEqual([403, 'second-person-needed']);
  const approved = await post(`/proposals/${id}/approve`, ben);
  const decided = {
    ...whole,
    status: 'approved',
    decidedBy: { id: ben.id, name: 'Ben' },
    decidedAt: '2026-11-22T12:00:00.000Z',
  };
  expect([approved.status, approved.body]).toEqual([200, decided]);
  expect(await timesNamed(house, 'by API')).toBe(1);
  const again = await post(`/proposals/${id}/approve`, ben);
  expect([again.status, again.body.code]).toEqual([409, 'proposal-decided']);
});

test('a proposal is rejected by another and withdrawn by its own, each with its reason', async () => {
  const one = await givenProposal(tools, ada.id);
  const rejected = await post(`/proposals/${one}/reject`, ben, why);
  expect(rejected.body).toMatchObject({ status: 'rejected', ...why, decidedBy: { name: 'Ben' } });
  const other = await givenProposal(tools, ada.id);
  const foreign = await post(`/proposals/${other}/withdraw`, ben, why);
  expect([foreign.status, foreign.body.code]).toEqual([403, 'proposer-only']);
  const withdrawn = await post(`/proposals/${other}/withdraw`, ada, why);
  expect(withdrawn.body).toMatchObject({ status: 'withdrawn', ...why });
});

test('an expired proposal is shown as expired and is not approved', async () => {
  const id = await givenProposal(tools, ada.id, { name: 'too late', lifetimeDays: 1 });
  try {
    clock.advance(24 * 3600 * 1000);
    expect((await get(`/proposals/${id}`)).body).toMatchObject({ status: 'expired' });
    const late = await post(`/proposals/${id}/approve`, ben);
    expect([late.status, late.body.code]).toEqual([409, 'proposal-expired']);
    const { body } = await get('/proposals?status=expired');
    expect(body.data.map((row: { id: string }) => row.id)).toEqual([id]);
  } finally {
    clock.set(noon);
  }
  expect(await timesNamed(house, 'too late')).toBe(0);
});

test('without the role everything that decides is 403 role-missing, before the body is read', async () => {
  const id = await givenProposal(tools, ada.id, { name: 'no role' });
  for (const [verb, body] of [
    ['approve', undefined],
    ['reject', why],
    ['withdraw', why],
  ] as const) {
    const answer = await post(`/proposals/${id}/${verb}`, finn, body);
    expect([answer.status, answer.body.code]).toEqual([403, 'role-missing']);
  }
  const line = await post('/for-privacy', finn, { nonsense: true });
  expect([line.status, line.body.code]).toEqual([403, 'role-missing']);
  expect(line.headers['content-type']).toBe('application/problem+json');
  expect(line.headers['www-authenticate']).toContain('scope="role:privacy"');
  expect((await post('/for-privacy', ada, why)).status).toBe(204);
});

test('an unknown id and what is no id are answered alike', async () => {
  const bodies = [];
  for (const id of ['00000000-0000-7000-8000-000000000000', 'x', '__proto__']) {
    for (const answer of [
      await get(`/proposals/${id}`),
      await post(`/proposals/${id}/approve`, ben),
      await post(`/proposals/${id}/reject`, ben, why),
    ]) {
      expect(answer.status).toBe(404);
      bodies.push(answer.text.replace(/req_[\w-]+/, ''));
    }
  }
  expect(new Set(bodies).size).toBe(1);
});

test.each([
  ['nothing', undefined, 415],
  ['no reason', {}, 422],
  ['an empty reason', { reason: '' }, 422],
  ['a blank reason', { reason: '  ' }, 422],
  ['a reason too long', { reason: 'x'.repeat(1001) }, 422],
  ['a number', { reason: 5 }, 422],
  ['more than a reason', { ...why, approve: true }, 422],
])('a rejection with %s is refused and decides nothing', async (_what, body, status) => {
  const id = await givenProposal(tools, ada.id);
  expect((await post(`/proposals/${id}/reject`, ben, body)).status).toBe(status);
  expect((await get(`/proposals/${id}`)).body).toMatchObject({ status: 'open' });
});

test('a wrong parameter is refused by its name', async () => {
  for (const query of ['status=done', 'limit=0', 'cursor=x', 'all=1']) {
    const answer = await get(`/proposals?${query}`);
    expect([answer.status, answer.body.field]).toEqual([400, query.split('=')[0]]);
  }
});

test('pages hold every proposal once, the newest first, and a cursor keeps to its status', async () => {
  const ids: string[] = [];
  for (let made = 0; made < 5; made += 1) {
    clock.advance(1000);
    ids.unshift(await givenProposal(tools, ada.id));
  }
  const walked: string[] = [];
  let next: string | null = '';
  while (next !== null && walked.length < 1000) {
    const { body } = await get(`/proposals?limit=2${next && `&cursor=${next}`}`);
    walked.push(...body.data.map((row: { id: string }) => row.id));
    next = body.next as string | null;
  }
  clock.set(noon);
  expect(walked.slice(0, 5)).toEqual(ids);
  expect(new Set(walked).size).toBe(walked.length);
  const [{ count }] = (await house.admin('proposals').count('* as count')) as [{ count: string }];
  expect(walked).toHaveLength(Number(count));
  const first = await get('/proposals?limit=1');
  const moved = await get(`/proposals?limit=1&status=open&cursor=${first.body.next}`);
  expect([moved.status, moved.body.field]).toEqual([400, 'cursor']);
});

test('a partner’s token opens nothing of the operator’s, a personal key nothing of a partner’s', async () => {
  const gateway = createGateway(tools);
  const token = await givenToken(gateway, await givenPartner(tools));
  const ask = async (path: string, secret: string, method: 'get' | 'post' = 'get') => {
    const asked = request(gateway)[method](path).set('Authorization', `Bearer ${secret}`);
    const { status, body } = await asked;
    return [status, body.code];
  };
  const refused = [401, 'token-invalid'];
  for (const line of operatorEndpoints(tools)) {
    const path = `/operator/v1${line.path.replace(':id', 'x')}`;
    expect([path, await ask(path, token, line.method as 'get')]).toEqual([path, refused]);
  }
  for (const path of ['/v1/me', '/v1/customers', '/v1/disclosures', '/log/x/checkpoint']) {
    expect([path, await ask(path, ada.key)]).toEqual([path, refused]);
  }
  expect(await ask('/operator/v1/me', ada.key)).toEqual([200, undefined]);
  expect(await ask('/v1/me', token)).toEqual([200, undefined]);
  expect((await request(gateway).get('/operator/v1/me')).status).toBe(401);
});

test('promise P30: a request’s line names the person by its id, and no key is ever logged', async () => {
  logged = '';
  await get('/me');
  await get('/me', { key: `${ada.key}x` });
  const gone = await givenPerson(tools);
  await endStaff(tools, { staffId: gone.id });
  expect((await get('/me', gone)).status).toBe(401);
  const lines = logged.trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { staff: ada.id, partner: null, endpoint: '/operator/v1/me', status: 200 },
    { partner: null, status: 401 },
    { partner: null, status: 401 },
  ]);
  expect(logged).not.toContain('slk_');
  expect(logged).not.toContain('Ada');
});
