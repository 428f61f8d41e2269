import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { createGateway } from '../../src/gateway.ts';
import { customer, givenRecords, service } from '../support/given.ts';
import { runCommand } from '../support/run-command.ts';
import { openHouse, type House } from '../support/house.ts';
import { send, stripeSettings } from '../processors/given-processors.ts';
import { day, event, invoice, secret } from '../processors/stripe-events.ts';

jest.setTimeout(120_000);

let house: House;
const dataDir = mkdtempSync(join(tmpdir(), 'sluice-events-'));
const settings = stripeSettings();

beforeAll(async () => {
  house = await openHouse({ settings });
  await givenRecords(house.tools, [service('store')]);
  const bill = invoice('in_1', [{ product: 'prod_store', amount: 100 }]);
  const paid = event('invoice.paid', bill, { id: 'evt_waits', created: day(1) });
  await send(createGateway(house.tools), house.tools, paid);
});
afterAll(async () => {
  await house.close();
  rmSync(dataDir, { recursive: true, force: true });
});

const stripe = { SLUICE_STRIPE_MAPPING: settings.stripe.mappingFile, SLUICE_STRIPE_SECRET: secret };

function sluice(environment: Record<string, string>, ...words: string[]) {
  return runCommand(words, {
    DATABASE_URL: house.urls.app,
    DATABASE_READER_URL: house.urls.reader,
    SLUICE_DATA_DIR: dataDir,
    SLUICE_LOG_LEVEL: 'silent',
    ...environment,
  });
}

test('what waits is listed and shown, and stored by a retry once its customer is there', async () => {
  const listed = await sluice({}, 'events', 'list', '--state', 'waiting');
  expect(listed).toMatchObject({ code: 0, text: expect.stringMatching(/evt_waits.*unknown-customer/) }); // prettier-ignore
  expect(await sluice(stripe, 'events', 'retry')).toMatchObject({ text: 'Nothing changed.\n' });
  await givenRecords(house.tools, [customer('cus_1')]);
  const retried = await sluice(stripe, 'events', 'retry', 'evt_waits', '--json');
  expect(JSON.parse(retried.text)).toMatchObject([{ event: 'evt_waits', state: 'applied' }]);
  const shown = await sluice({}, 'events', 'show', 'evt_waits');
  expect(JSON.parse(shown.text)).toMatchObject({ records: ['payment in_1:store'] });
});

test('what is wrong with the set-up is named at once, each problem, and no secret', async () => {
  const file = join(dataDir, 'wrong.json');
  writeFileSync(file, '{"livemode": 1, "customer": "mail", "services": {"prod 1": ""}}');
  const wrong = { SLUICE_STRIPE_MAPPING: file, SLUICE_STRIPE_SECRET: 'whsec_1,sk_live_1' };
  const { code, text } = await sluice(wrong, 'events', 'retry');
  expect(code).toBe(1);
  for (const place of ['/livemode', '/customer', '/refunds', '/services', 'whsec_ and stands']) {
    expect(text).toContain(place);
  }
  expect(text).not.toMatch(/whsec_1|sk_live/);
  const half = await sluice({ SLUICE_STRIPE_SECRET: secret }, 'events', 'list');
  expect(half).toMatchObject({ code: 2, text: expect.stringContaining('SLUICE_STRIPE_MAPPING') });
  expect(await sluice({}, 'events', 'retry')).toMatchObject({
    code: 1,
    text: expect.stringContaining('stripe-not-set-up'),
  });
  expect(await sluice({}, 'events', 'show', 'evt_none')).toMatchObject({
    code: 1,
    text: expect.stringContaining('unknown-event'),
  });
});
