import { expect, test } from '@jest/globals';
import { makeBusiness } from '../../src/demo/business-rules.ts';
import { makeCustomers } from '../../src/demo/customer-rules.ts';
import { firstDay, lastDay } from '../../src/demo/company.ts';
import { guideOf } from '../../src/demo/guide-rules.ts';
import { courseOf, makeRelationships } from '../../src/demo/story-rules.ts';
import { holdsCardNumber } from '../../src/records/index.ts';

const customers = makeCustomers();
const business = customers.flatMap((one, index) => makeBusiness(one, courseOf(index)));
const text = JSON.stringify([customers, business]);

test('the made-up company is the same every time', () => {
  expect(makeCustomers()).toEqual(customers);
  expect(customers.flatMap((one, index) => makeBusiness(one, courseOf(index)))).toEqual(business);
  expect(makeRelationships(makeCustomers())).toEqual(makeRelationships(customers));
});

test('nobody in it can be reached: addresses of reserved domains, numbers kept for fiction', () => {
  const mails = text.match(/[^"]+@[^"]+/g) ?? [];
  expect(mails.length).toBeGreaterThan(60);
  expect(mails.filter((mail) => !/^[a-z.-]+@([a-z-]+\.example|example\.test)$/.test(mail))).toEqual(
    [],
  );
  const phones = text.match(/"\+[^"]*"/g) ?? [];
  const fictional =
    /^"\+(1 202 555 01\d\d|44 1632 960\d{3}|49 30 23125 \d{3}|33 1 99 00 \d\d \d\d)"$/;
  expect(phones.length).toBeGreaterThan(60);
  expect(phones.filter((phone) => !fictional.test(phone))).toEqual([]);
});

test('names and keys are all different, and nothing looks like a card number', () => {
  const names = customers.map(({ billTo }) => String(billTo['name']));
  expect(names).toHaveLength(48);
  expect(new Set(names).size).toBe(48);
  expect(names.filter((name) => name.trim() === '')).toEqual([]);
  const ids = business.map(({ value }) => value.id);
  expect(new Set(ids).size).toBe(ids.length);
  const texts = text.match(/"[^"]*"/g) ?? [];
  expect(texts.filter(holdsCardNumber)).toEqual([]);
});

test('the business is believable: sums agree, and everything lies in its months', () => {
  const types = business.map(({ type }) => type);
  const counts = ['invoice', 'payment', 'refund'].map(
    (type) => types.filter((one) => one === type).length,
  );
  expect(counts.map((count) => count > 4)).toEqual([true, true, true]);
  for (const { type, value } of business) {
    const sums = value as Record<string, { amount: number }>;
    if (type !== 'invoice') continue;
    const lines = value['lines'] as { amount: { amount: number } }[];
    const net = lines.reduce((sum, { amount }) => sum + amount.amount, 0);
    expect(sums['net']?.amount).toBe(net);
    expect(sums['total']?.amount).toBe(net + (sums['tax']?.amount ?? NaN));
  }
  const dates = business.flatMap(({ value }) =>
    ['issuedOn', 'settledAt', 'refundedAt'].flatMap((name) =>
      name in value ? [String(value[name])] : [],
    ),
  );
  expect(dates.filter((date) => date.slice(0, 10) < firstDay)).toEqual([]);
  expect(dates.filter((date) => date.slice(0, 10) > lastDay)).toEqual([]);
});

test('the guide quotes what a shell would take apart', () => {
  const guide = guideOf({
    origin: 'http://127.0.0.1:8080',
    credentials: "/it's here/demo/brightside.env",
    folder: "/it's here/demo",
    dataDir: "/it's here",
  });
  expect(guide).toContain(String.raw`. '/it'\''s here/demo/brightside.env'`);
  expect(guide).toContain(String.raw`SLUICE_DATA_DIR='/it'\''s here' npx sluice log verify`);
});
