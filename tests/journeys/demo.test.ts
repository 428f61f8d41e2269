import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type { Express } from 'express';
import request from 'supertest';
import { prepareDemo, type PreparedDemo } from '../../src/demo/index.ts';
import { createGateway } from '../../src/gateway.ts';
import { givenToken } from '../support/given.ts';
import { openHouse, type House } from '../support/house.ts';
import { verifiesInclusion } from '../support/verify-inclusion.ts';

jest.setTimeout(60_000);
const dataDir = mkdtempSync(join(tmpdir(), 'sluice-demo-journey-'));
let house: House;
let gateway: Express;
let demo: PreparedDemo;

beforeAll(async () => {
  house = await openHouse({ settings: { dataDir } });
  gateway = createGateway(house.tools);
  demo = await prepareDemo(house.tools);
});
afterAll(async () => {
  await house.close();
  rmSync(dataDir, { recursive: true, force: true });
});

type PartnerKey = keyof PreparedDemo['credentials'];
interface Page {
  readonly data: readonly Record<string, unknown>[];
  readonly next: string | null;
}

function tokenOf(key: PartnerKey): Promise<string> {
  const file = readFileSync(demo.credentials[key], 'utf8');
  const [, clientId = '', secret = ''] = /_ID='(.+)'\n.+_SECRET='(.+)'\n/.exec(file) ?? [];
  return givenToken(gateway, { clientId, secret });
}

async function get(token: string, path: string) {
  const answer = await request(gateway).get(path).auth(token, { type: 'bearer' });
  expect([path, answer.status]).toEqual([path, 200]);
  return answer;
}

async function all(token: string, path: string): Promise<Page['data']> {
  const found: Record<string, unknown>[] = [];
  let cursor = '';
  for (;;) {
    const page = (await get(token, `${path}?limit=50${cursor}`)).body as Page;
    found.push(...page.data);
    if (page.next === null) return found;
    cursor = `&cursor=${page.next}`;
  }
}

test('a newcomer’s way: token, customers, invoices, a proof that holds, the fees', async () => {
  const token = await tokenOf('brightside');
  const customers = await all(token, '/v1/customers');
  expect(customers.length).toBeGreaterThan(5);
  const page = await get(token, '/v1/invoices?limit=3');
  const ids = customers.map(({ id }) => id);
  expect((page.body as Page).data.filter((invoice) => !ids.includes(invoice['customer']))).toEqual(
    [],
  );

  const id = String(page.headers['disclosure-id']);
  const { entry, salt } = (await get(token, `/v1/disclosures/${id}`)).body as Record<
    string,
    string
  >;
  const hash = (...parts: (Buffer | string)[]) =>
    parts.reduce((all, part) => all.update(part), createHash('sha256')).digest();
  expect(JSON.parse(String(entry))).toMatchObject({
    recipient: 'brightside',
    payload: hash(Buffer.from(String(salt), 'base64url'), page.text).toString('base64url'),
  });
  const proof = (await get(token, `/v1/disclosures/${id}/proof`)).text;
  const index = Number(/^index (\d+)$/m.exec(proof)?.[1]);
  const [head = '', checkpoint = ''] = proof.split('\n\n');
  const path = head.split('\n').filter((line) => /^[A-Za-z0-9+/]{43}=$/.test(line));
  const [, size, root] = checkpoint.split('\n');
  expect(
    verifiesInclusion({
      index,
      size: Number(size),
      leaf: hash(Buffer.of(0), String(entry)),
      path: path.map((line) => Buffer.from(line, 'base64')),
      root: Buffer.from(String(root), 'base64'),
    }),
  ).toBe(true);

  const accruals = await all(token, '/v1/fees/accruals');
  const reasons = new Set(accruals.map(({ reason }) => reason));
  expect(accruals.length).toBeGreaterThan(20);
  expect([...reasons].sort()).toEqual(['earned', 'reversed']);
  const statement = await get(token, '/v1/fees/statements/2026-10.EUR');
  expect(statement.body).toMatchObject({ status: 'draft', currency: 'EUR' });
});

/** What the ledger's events and the payments say, computed with nothing of the gateway's. */
const shared = `
  with opening as (
    select r.customer_id, r.relationship_id, r.service_id, e.sequence, e.at,
           e.event in ('attributed', 'connected', 'opted-in') as opens
      from relationships r
      join relationship_events e using (customer_id, relationship_id)
      join partners p on p.id = r.partner_id
     where p.key = ? and e.event <> 'activated'),
  joint as (
    select distinct on (o.customer_id, o.relationship_id)
           o.customer_id, o.relationship_id, o.service_id, o.opens
      from opening o
     order by o.customer_id, o.relationship_id, o.sequence desc),
  active as (
    select j.* from joint j
     where j.opens and exists (
       select from records p
        where p.customer_id = j.customer_id and p.service_id = j.service_id
          and p.record_type = 'payment' and p.valid_to is null
          and (p.body #>> '{amount,amount}')::bigint > 0
          and (select o.opens from opening o
                where o.relationship_id = j.relationship_id and o.at <= p.dated_at
                order by o.sequence desc limit 1)))`;

const customersShared = `${shared}
  select distinct c.body #>> '{contact,name}' as name
    from records c join active a using (customer_id)
   where c.record_type = 'customer' and c.valid_to is null`;

const invoicesShared = `${shared}
  select distinct i.body ->> 'number' as name
    from records i join active a using (customer_id, service_id)
   where i.record_type = 'invoice' and i.valid_to is null
     and (select o.opens from opening o
           where o.relationship_id = a.relationship_id
             and (o.at at time zone 'UTC')::date <= i.dated_on
           order by o.sequence desc limit 1)`;

test.each<PartnerKey>(['brightside', 'northlight', 'loomworks'])(
  'promises P10, P11, P15: %s sees its paying customers and their invoices of the time, no others',
  async (key) => {
    const token = await tokenOf(key);
    const named = async (query: string) => {
      const { rows } = await house.admin.raw<{ rows: { name: string }[] }>(query, [key]);
      return rows.map(({ name }) => name).sort();
    };
    const customers = await all(token, '/v1/customers');
    const names = customers.map(({ contact }) => (contact as { name: string }).name);
    expect(names.length).toBeGreaterThan(5);
    expect(names.sort()).toEqual(await named(customersShared));
    const numbers = (await all(token, '/v1/invoices')).map(({ number }) => String(number));
    expect(numbers.sort()).toEqual(await named(invoicesShared));
  },
);

test('promise P07: only the partner whose agreement names the clause sees e-mail addresses', async () => {
  const reads = async (key: PartnerKey) =>
    JSON.stringify(await all(await tokenOf(key), '/v1/customers')).includes('@');
  expect(await reads('brightside')).toBe(false);
  expect(await reads('northlight')).toBe(true);
  expect(await reads('loomworks')).toBe(false);
});
