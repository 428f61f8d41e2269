import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import request from 'supertest';
import { drawAccounting } from '../../src/accounting/index.ts';
import { verifyAccounting } from '../../src/verification/index.ts';
import { digestDay } from '../../src/completeness/index.ts';
import { prepareDemo } from '../../src/demo/index.ts';
import { makeCustomers } from '../../src/demo/customer-rules.ts';
import { createGateway } from '../../src/gateway.ts';
import { logKeys } from '../../src/publication/index.ts';
import { customerIdOf } from '../../src/records/index.ts';
import { givenToken } from '../support/given.ts';
import { openHouse, testClock, type House } from '../support/house.ts';

jest.setTimeout(180_000);
const dataDir = mkdtempSync(join(tmpdir(), 'sluice-demo-accountings-'));
const clock = testClock();
const day = 86_400_000;
/** Pages that were disclosed, each with at least one record. */
let pages = 0;
let house: House;

beforeAll(async () => {
  house = await openHouse({ clock, settings: { dataDir } });
  const gateway = createGateway(house.tools);
  const { credentials } = await prepareDemo(house.tools);
  for (const file of Object.values(credentials)) {
    const [, clientId = '', secret = ''] =
      /^CLIENT_ID='(.+)'\nCLIENT_SECRET='(.+)'\n$/.exec(readFileSync(file, 'utf8')) ?? [];
    const token = await givenToken(gateway, { clientId, secret });
    const read = async (path: string): Promise<void> => {
      const { status, body } = await request(gateway).get(path).auth(token, { type: 'bearer' });
      // What a kind of partner may not ask for at all is refused, and no disclosure.
      if (status === 403) return;
      expect([path, status]).toEqual([path, 200]);
      const { data, next } = body as { data: readonly unknown[]; next: string | null };
      if (data.length > 0) pages += 1;
      if (next) await read(`${path.replace(/&cursor=.*/, '')}&cursor=${next}`);
    };
    for (const type of ['customers', 'invoices', 'payments']) await read(`/v1/${type}?limit=40`);
  }
  clock.advance(day);
  await digestDay(house.tools);
});
afterAll(async () => {
  await house.close();
  rmSync(dataDir, { recursive: true, force: true });
});

test('promise P33: every customer of the demo gets an accounting that verifies without us', async () => {
  const customers = makeCustomers();
  expect(customers.length).toBeGreaterThan(20);
  const verifierKey = (await logKeys(house.tools))[0] ?? '';
  const told = { disclosures: 0, records: 0, opened: 0, withNone: 0 };
  for (const { key } of customers) {
    let accounting = '';
    const ask = { customer: key, customerId: customerIdOf(key) };
    for await (const line of drawAccounting(house.tools, ask)) accounting += line;
    const verdict = await verifyAccounting({ accounting, key: verifierKey });
    if (!verdict.holds) throw new Error(`${key}: ${verdict.because}`);
    if (verdict.logs.length === 0) told.withNone += 1;
    for (const { disclosures, records, opened } of verdict.logs) {
      told.disclosures += disclosures;
      told.records += records;
      told.opened += opened;
    }
  }
  expect(told.opened).toBe(told.records);
  expect(told.disclosures).toBeGreaterThan(pages);
  // Who is shared with nobody is told just that.
  expect(told.withNone).toBeLessThan(customers.length);
  process.stderr.write(
    `${customers.length} customers of the demo: ${told.records} records in ${told.disclosures} ` +
      `lines of their accountings, out of ${pages} pages; all verify\n`,
  );
});
