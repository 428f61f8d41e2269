import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Express } from 'express';
import request from 'supertest';
import { createGateway } from '../../src/gateway.ts';
import { operatorEndpoints } from '../../src/operator/index.ts';
import { roles, type Role } from '../../src/people/index.ts';
import { givenPerson } from '../people/given-people.ts';
import { givenPartner, givenToken } from '../support/given.ts';
import { openHouse, type House } from '../support/house.ts';

/** Who may ask what. A proposal's line asks its kind for the role, once it knows the proposal. */
const everyone: readonly Role[] = roles;
const viewers: readonly Role[] = ['privacy', 'partner'];
const rows: Readonly<Record<string, readonly Role[]>> = {
  'get /me': everyone,
  'get /proposals': everyone,
  'get /proposals/:id': everyone,
  'post /proposals/:id/approve': everyone,
  'post /proposals/:id/reject': everyone,
  'post /proposals/:id/withdraw': everyone,
  'get /policy/versions': ['privacy'],
  'post /policy/versions': ['privacy'],
  'post /policy/versions/:version/activate': ['privacy'],
  'get /partners': viewers,
  'get /partners/:partner/views': viewers,
  'post /partners/:partner/views': viewers,
  'post /partners/:partner/views/check': viewers,
  'post /partners/:partner/views/diff': viewers,
  'get /choices': ['privacy'],
  'get /why': ['privacy', 'partner'],
  'post /choices': ['privacy'],
  'get /customers/:customer/disclosures': ['privacy'],
  'get /statements': ['finance'],
  'post /statements/close': ['finance'],
  'get /partners/:partner/statements/:id': ['finance'],
  'post /partners/:partner/statements/:id/approve': ['finance'],
  'post /partners/:partner/statements/:id/payment': ['finance'],
  'get /claims': ['finance'],
  'post /partners/:partner/claims': ['finance'],
  'get /partners/:partner/claims/:id': ['finance'],
  'get /partners/:partner/claims/:id/report': ['finance'],
  'post /partners/:partner/claims/:id/dispute': ['finance'],
  'post /partners/:partner/claims/:id/accept-ours': ['finance'],
  'post /partners/:partner/claims/:id/accept-theirs': ['finance'],
  'get /promotions': ['partner'],
  'post /promotions': ['partner'],
  'post /promotions/:code/end': ['partner'],
  'post /attributions': ['intake'],
  'get /attributions': ['partner', 'finance'],
  'get /attributions/:id': ['partner', 'finance'],
  'post /attributions/:id/proposals': ['partner', 'finance'],
  'post /attributions/proposals': ['partner', 'finance'],
  'post /records/:type': ['intake'],
  'put /records/:type/:id': ['intake'],
  'get /payment-events': ['intake', 'finance'],
  'get /payment-events/:id': ['intake', 'finance'],
  'post /payment-events/retry': ['intake'],
  'get /payees': ['finance'],
  'post /partners/:partner/payees': ['finance'],
  'get /payouts': ['finance'],
  'post /payouts': ['finance'],
  'get /payouts/:number': ['finance'],
  'get /payouts/:number/csv': ['finance'],
  'get /payouts/:number/pain.001': ['finance'],
  'post /payouts/:number/payment': ['finance'],
  'post /payouts/:number/release': ['finance'],
  'get /billing-modes': ['partner', 'finance', 'intake'],
  'post /billing-modes': ['partner', 'intake'],
  'get /bills/:invoice': ['partner', 'finance', 'intake'],
  'post /bills/:invoice/return': ['finance'],
  'get /collections': ['finance'],
  'get /remittances': ['finance'],
  'post /remittances': ['finance'],
};

let house: House;
let gateway: Express;
let token: string;
const keys = new Map<Role, string>();

beforeAll(async () => {
  house = await openHouse();
  gateway = createGateway(house.tools);
  token = await givenToken(gateway, await givenPartner(house.tools));
  for (const role of roles) keys.set(role, (await givenPerson(house.tools, [role])).key);
});
afterAll(() => house.close());

const lines = () => operatorEndpoints(house.tools);
const nameOf = ({ method, path }: { method: string; path: string }) => `${method} ${path}`;

async function ask(line: { method: string; path: string }, secret?: string) {
  const path = `/operator/v1${line.path.replaceAll(/:[a-z]+/g, 'x')}`;
  const asked = request(gateway)[line.method as 'get' | 'post'](path);
  const { status, body } = await (secret === undefined
    ? asked
    : asked.set('Authorization', `Bearer ${secret}`));
  return [status, body.code as unknown];
}

test('every line of the operator API has a row, and every row a line', () => {
  expect(lines().map(nameOf).sort()).toEqual(Object.keys(rows).sort());
});

test('every line is closed to nobody, to a partner’s token and to a role that it does not name', async () => {
  for (const line of lines()) {
    const name = nameOf(line);
    expect([name, await ask(line)]).toEqual([name, [401, 'token-missing']]);
    expect([name, await ask(line, token)]).toEqual([name, [401, 'token-invalid']]);
    for (const role of roles) {
      const [status, code] = await ask(line, keys.get(role));
      const isRefused = status === 403 && code === 'role-missing';
      const mayAsk = rows[name]?.includes(role);
      expect([name, role, isRefused]).toEqual([name, role, !mayAsk]);
      expect([name, role, status]).not.toEqual([name, role, 401]);
      expect([name, role, Number(status) >= 500]).toEqual([name, role, false]);
    }
  }
});
