import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { pino } from 'pino';
import {
  addStaff,
  endStaff,
  findAllStaff,
  rotateStaffKey,
  verifyStaffKey,
} from '../../src/people/index.ts';
import type { Tools } from '../../src/platform/tools.ts';
import { openHouse, type House } from '../support/house.ts';
import { givenPerson } from './given-people.ts';

let house: House;
let tools: Tools;
let logged = '';

beforeAll(async () => {
  house = await openHouse();
  const log = pino({ level: 'trace' }, { write: (line: string) => (logged += line) });
  tools = { ...house.tools, log };
});
afterAll(() => house.close());

const refused = { isLive: false, because: expect.objectContaining({ code: 'token-invalid' }) };

test('promise P30: a personal key is shown once, and nothing of it is kept but its hash', async () => {
  const { key, id } = await givenPerson(tools, ['partner', 'privacy'], 'Ada Byron');
  expect(key).toMatch(/^slk_[\w-]{43}$/);
  expect(await verifyStaffKey(tools, key)).toEqual({
    isLive: true,
    caller: {
      staffId: id,
      name: 'Ada Byron',
      roles: ['privacy', 'partner'],
      scopes: ['role:privacy', 'role:partner'],
    },
  });
  const [row] = await house.admin('staff').select('key_hash').where({ id });
  expect((row as { key_hash: Buffer }).key_hash).toHaveLength(32);
  const { rows } = await house.admin.raw<{ rows: { text: string }[] }>(
    'select staff::text as text from staff',
  );
  const secret = Buffer.from(key.slice('slk_'.length), 'base64url').toString('hex');
  const kept = rows.map(({ text }) => text).join() + logged;
  expect(kept).not.toContain(key);
  expect(kept).not.toContain(secret);
  expect(JSON.stringify(await findAllStaff(tools.db))).not.toContain('slk_');
});

test('what is no key of a person is refused, whatever it is', async () => {
  const { key } = await givenPerson(tools);
  const wrong = [key.slice(0, -1), `${key}x`, key.toUpperCase(), `slt_${key.slice(4)}`, '', '\0'];
  for (const text of wrong) expect(await verifyStaffKey(tools, text)).toEqual(refused);
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 32, maxLength: 32 }), async (bytes) => {
      const text = `slk_${Buffer.from(bytes).toString('base64url')}`;
      expect(await verifyStaffKey(tools, text)).toEqual(refused);
    }),
    { numRuns: 20 },
  );
});

test('a rotated key counts at once, and the one before no more', async () => {
  const { id, key } = await givenPerson(tools);
  const next = await rotateStaffKey(tools, { staffId: id });
  expect(await verifyStaffKey(tools, key)).toEqual(refused);
  expect(await verifyStaffKey(tools, next.key)).toMatchObject({ isLive: true });
});

test('a person who ended is refused, gets no more keys and frees its name', async () => {
  const { id, key, name } = await givenPerson(tools);
  await endStaff(tools, { staffId: id });
  expect(await verifyStaffKey(tools, key)).toEqual(refused);
  const unknown = { kind: { code: 'unknown-staff' } };
  await expect(endStaff(tools, { staffId: id })).rejects.toMatchObject(unknown);
  await expect(rotateStaffKey(tools, { staffId: id })).rejects.toMatchObject(unknown);
  await expect(endStaff(tools, { staffId: 'per_unknown' })).rejects.toMatchObject(unknown);
  expect((await givenPerson(tools, ['finance'], name)).id).not.toBe(id);
});

test('two active persons have not the same name, in whatever case', async () => {
  await givenPerson(tools, ['privacy'], 'Grace Hopper');
  const taken = { kind: { code: 'staff-name-taken' } };
  const twice = addStaff(tools, { name: 'GRACE HOPPER', roles: ['admin'] });
  await expect(twice).rejects.toMatchObject(taken);
});

test.each([
  ['', ['privacy'], 'name'],
  [' Ada', ['privacy'], 'name'],
  ['A\nB', ['privacy'], 'name'],
  ['x'.repeat(201), ['privacy'], 'name'],
  ['Nobody', [], 'roles'],
  ['Nobody', ['privacy', 'root'], 'roles'],
  ['Nobody', ['toString'], 'roles'],
])('a person described as "%.12s" with %j is refused at its %s', async (name, roles, field) => {
  await expect(addStaff(tools, { name, roles })).rejects.toMatchObject({
    kind: { code: 'invalid-staff' },
    facts: { field },
  });
});
