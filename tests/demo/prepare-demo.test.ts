import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, jest, test } from '@jest/globals';
import request from 'supertest';
import { prepareDemo } from '../../src/demo/index.ts';
import { createGateway } from '../../src/gateway.ts';
import { checkJoint } from '../../src/joint/index.ts';
import { addPartner } from '../../src/partners/index.ts';
import { givenRecords, givenToken, service } from '../support/given.ts';
import { openHouse, type House } from '../support/house.ts';

jest.setTimeout(60_000);
const dataDir = mkdtempSync(join(tmpdir(), 'sluice-demo-'));
const houses: House[] = [];
afterEach(async () => {
  for (const house of houses.splice(0)) await house.close();
});
afterAll(() => {
  rmSync(dataDir, { recursive: true, force: true });
});

async function empty(folder: string): Promise<House> {
  const house = await openHouse({ settings: { dataDir: join(dataDir, folder) } });
  houses.push(house);
  return house;
}

const credentialsIn = (file: string) => {
  const [, clientId = '', secret = ''] =
    /^CLIENT_ID='(.+)'\nCLIENT_SECRET='(.+)'\n$/.exec(readFileSync(file, 'utf8')) ?? [];
  return { clientId, secret };
};

/** The number of rows of every table that preparing writes. */
async function sizesOf({ admin }: House): Promise<Record<string, unknown>> {
  const sizes: Record<string, unknown> = {};
  for (const table of [
    'customers',
    'records',
    'relationships',
    'relationship_events',
    'joint_records',
    'agreement_versions',
    'views',
    'clients',
    'client_secrets',
    'fee_accruals',
  ]) {
    sizes[table] = (await admin(table).count())[0]?.['count'];
  }
  return sizes;
}

test('prepared twice it is the same world, to the byte of each statement', async () => {
  const house = await empty('twice');
  const gateway = createGateway(house.tools);
  const first = await prepareDemo(house.tools);
  const token = await givenToken(gateway, credentialsIn(first.credentials.northlight));
  const get = async (path: string) => {
    const answer = await request(gateway).get(path).auth(token, { type: 'bearer' });
    expect(answer.status).toBe(200);
    return answer.text;
  };
  const sizes = await sizesOf(house);
  const statements = JSON.parse(await get('/v1/fees/statements')) as { data: { id: string }[] };
  const pages = statements.data.map(({ id }) => `/v1/fees/statements/${id}`);
  const before = await Promise.all(pages.map(get));

  expect(await prepareDemo(house.tools)).toEqual(first);
  expect(await sizesOf(house)).toEqual(sizes);
  expect(pages.length).toBeGreaterThan(3);
  expect(await Promise.all(pages.map(get))).toEqual(before);
  expect(await checkJoint(house.tools)).toEqual([]);
});

test.each([2, 9, 40])('a first start that broke off is finished by the next: %i', async (draws) => {
  const house = await empty(`broken-${draws}`);
  let left = draws;
  const random = {
    bytes: (size: number) => {
      if (left === 0) throw new Error('The power failed.');
      left -= 1;
      return house.tools.random.bytes(size);
    },
  };
  await expect(prepareDemo({ ...house.tools, random })).rejects.toThrow('The power failed.');
  await prepareDemo(house.tools);
  const whole = await empty(`whole-${draws}`);
  await prepareDemo(whole.tools);
  expect(await sizesOf(house)).toEqual(await sizesOf(whole));
});

test('it refuses a database that holds other data, and leaves it as it was', async () => {
  const house = await empty('other');
  await givenRecords(house.tools, [service()]);
  const before = await sizesOf(house);
  await expect(prepareDemo(house.tools)).rejects.toMatchObject({ kind: { code: 'other-data' } });
  expect(await sizesOf(house)).toEqual(before);
  const partnered = await empty('partnered');
  await addPartner(partnered.tools, { key: 'own', kind: 'referral', name: 'Own' });
  await expect(prepareDemo(partnered.tools)).rejects.toMatchObject({
    kind: { code: 'other-data' },
  });
});

test('it goes on beside a partner that was added, and after lost credentials', async () => {
  const house = await empty('goes-on');
  const gateway = createGateway(house.tools);
  const { credentials } = await prepareDemo(house.tools);
  await addPartner(house.tools, { key: 'own', kind: 'referral', name: 'Own' });
  const lost = credentialsIn(credentials.brightside);
  rmSync(credentials.brightside);
  await prepareDemo(house.tools);
  const found = credentialsIn(credentials.brightside);
  expect(found.clientId).toBe(lost.clientId);
  expect(found.secret).not.toBe(lost.secret);
  expect(await givenToken(gateway, found)).toMatch(/^slt_/);
  await expect(givenToken(gateway, lost)).rejects.toThrow('invalid_client');
});

test('promise P30: the credentials can be read by their owner alone', async () => {
  const house = await empty('rights');
  const { credentials } = await prepareDemo(house.tools);
  const rights = Object.values(credentials).map((file) => statSync(file).mode & 0o777);
  expect(rights).toEqual([0o600, 0o600, 0o600]);
});
