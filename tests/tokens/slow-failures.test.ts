import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Express } from 'express';
import { openHouse, type House } from '../support/house.ts';
import { aPartnersClient, post, tokenApp, type GivenClient } from './given.ts';

let house: House;
let app: Express;
let given: GivenClient;
beforeAll(async () => {
  // The test is a proxy, and says from where it was asked.
  house = await openHouse({ settings: { trustedProxies: ['127.0.0.0/8', '::1/128'] } });
  app = tokenApp(house.tools);
  given = await aPartnersClient(house.tools);
});
afterAll(() => house.close());

const form = { grant_type: 'client_credentials' };
const wrong = { secret: `sls_${'A'.repeat(43)}` };
const from = async (address: string, its: Partial<GivenClient> = {}, path = '/oauth/token') => {
  const asked = post(app, path, { ...given, ...its }, path === '/oauth/token' ? form : { token: 'x' }); // prettier-ignore
  return asked.set('X-Forwarded-For', address).set('X-Forwarded-Proto', 'https');
};
const statusesOf = (answers: readonly { status: number }[]) => {
  const counts = new Map<number, number>();
  for (const { status } of answers) counts.set(status, (counts.get(status) ?? 0) + 1);
  return Object.fromEntries(counts);
};
const many = (count: number, ask: (n: number) => ReturnType<typeof from>) =>
  Promise.all(Array.from({ length: count }, (_, n) => ask(n)));

test('who fails again and again is told to wait, and the true client of the same network never is', async () => {
  const attacker = '203.0.113.7';
  const failures = await many(90, (n) => from(attacker, { ...wrong, ...(n % 2 === 0 && { clientId: `cli_${'B'.repeat(22)}` }) })); // prettier-ignore
  expect(statusesOf(failures)).toEqual({ 401: 60, 429: 30 });
  const late = failures.find(({ status }) => status === 429);
  expect(late?.body).toEqual({ error: 'invalid_client', error_description: 'Client authentication failed too often.' }); // prettier-ignore
  const seconds = Number(late?.headers['retry-after']);
  expect(seconds > 0 && seconds <= 600).toBe(true);
  expect(statusesOf(await many(5, () => from(attacker)))).toEqual({ 200: 5 });
  // The other endpoints are under the same count, and other networks are not.
  expect((await from(attacker, wrong, '/oauth/introspect')).status).toBe(429);
  expect((await from('203.0.113.8', wrong)).status).toBe(401);
  expect((await from('203.0.113.8')).status).toBe(200);
});

test('the half of an IPv6 address that its owner chooses is not counted by', async () => {
  const failures = await many(70, (n) => from(`2001:db8:1:2::${n.toString(16)}`, wrong));
  expect(statusesOf(failures)).toEqual({ 401: 60, 429: 10 });
  expect((await from('2001:db8:1:3::1', wrong)).status).toBe(401);
});

test('who waits holds nobody up: many at once are answered as one is, and none of them in', async () => {
  const attacker = '198.51.100.1';
  await many(60, () => from(attacker, wrong));
  const both = await Promise.all([many(150, () => from(attacker, wrong)), many(20, () => from('198.51.100.2'))]); // prettier-ignore
  expect(both.map(statusesOf)).toEqual([{ 429: 150 }, { 200: 20 }]);
});

test('on the machine itself nobody is slowed down', async () => {
  const local = await many(70, () => from('127.0.0.1', wrong));
  expect(statusesOf(local)).toEqual({ 401: 70 });
});
