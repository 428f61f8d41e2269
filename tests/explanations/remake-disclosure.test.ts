import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { remakeDisclosure } from '../../src/explanations/index.ts';
import { setChoice } from '../../src/intake/index.ts';
import { pairwiseOf } from '../../src/joint/index.ts';
import { Refusal } from '../../src/platform/refusal.ts';
import { customerIdOf, recordIdOf } from '../../src/records/index.ts';
import { createGateway } from '../../src/gateway.ts';
import { publishView } from '../../src/views/index.ts';
import request from 'supertest';
import {
  customer,
  givenPartner,
  givenRecords,
  givenSharedCustomer,
  givenToken,
  invoice,
  money,
  payment,
  type GivenPartner,
} from '../support/given.ts';
import { openHouse, testClock, type House } from '../support/house.ts';

jest.setTimeout(180_000);
let house: House;
let bright: GivenPartner;
let gateway: ReturnType<typeof createGateway>;
const clock = testClock();
const minute = 60_000;

interface Sent {
  readonly id: string;
  readonly body: string;
}

beforeAll(async () => {
  house = await openHouse({ clock, settings: { tokenLifetimeSeconds: 86_400 } });
  gateway = createGateway(house.tools);
  bright = await givenPartner(house.tools);
});
afterAll(() => house.close());

async function get(token: string, path: string, accept = 'application/json'): Promise<Sent> {
  const answer = await request(gateway)
    .get(path)
    .set('Authorization', `Bearer ${token}`)
    .set('Accept', accept)
    .buffer(true)
    .parse((response, done) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () => {
        done(null, Buffer.concat(parts).toString());
      });
    });
  const id: string | undefined = answer.headers['disclosure-id'];
  return { id: id ?? '', body: answer.body as string };
}

const cursorOf = ({ body }: Sent) => (JSON.parse(body) as { next?: string | null }).next ?? null;
const remade = async ({ id }: Sent) => {
  const again = await remakeDisclosure(house.tools, { id });
  return again.made ? again.body.toString() : again;
};

const customers = ['ada', 'bob', 'eve'];
const views = [
  { customer: true, invoice: true, payment: true },
  { customer: { properties: { contact: true } }, invoice: true, payment: true },
  {
    customer: { properties: { contact: { properties: { name: true } }, billing: true } },
    invoice: { properties: { number: true, lines: { items: { properties: { amount: true } } } } },
    payment: { properties: { amount: true } },
  },
];
const change = fc.record({
  does: fc.constantFrom('rename', 'bill', 'pay', 'view', 'choose', 'look', 'look'),
  who: fc.constantFrom(...customers),
  text: fc.string({
    minLength: 1,
    maxLength: 12,
    unit: fc.constantFrom('a', 'é', '"', '\\', ' ', '日', '😀'),
  }),
  n: fc.nat({ max: 5 }),
});

test('a disclosure is made again byte for byte, whatever was changed afterwards', async () => {
  let made = 0;
  let worlds = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 6, maxLength: 12 }), async (changes) => {
      worlds += 1;
      const prefix = `r${String(worlds)}-`;
      const given = await givenPartner(house.tools, { key: `${prefix}p` });
      for (const name of customers) {
        await givenSharedCustomer(house.tools, given.partner, prefix + name);
      }
      const pairwise = pairwiseOf(house.tools.settings.keys.pairwise, given.partner.id);
      const token = await givenToken(gateway, given);
      const narrower = await givenToken(gateway, given, { scope: 'billing' });
      const sent: Sent[] = [];
      const look = async () => {
        const ada = pairwise.idOf('customer', customerIdOf(`${prefix}ada`));
        for (const path of [
          '/v1/customers?limit=2',
          '/v1/invoices?limit=1',
          '/v1/payments',
          '/v1/invoices?limit=1&fields=number',
          `/v1/invoices?limit=1&customer=${ada}`,
          '/v1/payments?limit=1&from=2026-01-01T00:00:00Z',
        ]) {
          const first = await get(token, path);
          sent.push(first);
          const next = cursorOf(first);
          const joint = path.includes('?') ? '&' : '?';
          if (next !== null) sent.push(await get(token, `${path}${joint}cursor=${next}`));
        }
        sent.push(await get(narrower, '/v1/invoices?limit=2'));
        const { body } = await get(token, '/v1/invoices');
        const [one] = (JSON.parse(body) as { data?: { id: string }[] }).data ?? [];
        if (one) sent.push(await get(token, `/v1/invoices/${one.id}`));
      };
      await look();
      for (const [place, { does, who, text, n }] of changes.entries()) {
        clock.advance(minute);
        const name = prefix + who;
        const id = `${prefix}${String(place)}`;
        try {
          if (does === 'look') await look();
          if (does === 'rename') {
            const contact = { kind: 'person', name: `${text}x`, address: { city: text } };
            await givenRecords(house.tools, [customer(name, { contact })]);
          }
          if (does === 'bill') {
            const lines = [{ amount: money(n), description: text }, { amount: money(7) }];
            await givenRecords(house.tools, [invoice(id, name, n < 3 ? {} : { lines })]);
          }
          if (does === 'pay') await givenRecords(house.tools, [payment(id, name)]);
          if (does === 'view') {
            const properties = views[n % views.length];
            const draft = { type: 'object', properties };
            await publishView(house.tools, { partner: given.partner, draft });
          }
          if (does === 'choose') {
            await setChoice(house.tools, {
              ...{ customerId: customerIdOf(name), partner: undefined, at: clock.now() },
              ...{ sharing: n % 2 === 0 ? 'refused' : 'allowed', evidence: 'e', actor: 'test' },
            });
          }
        } catch (error) {
          if (!(error instanceof Refusal)) throw error;
        }
      }
      for (const name of customers) {
        const later = customer(prefix + name, { contact: { kind: 'person', name: 'Later' } });
        await givenRecords(house.tools, [later]);
      }
      const logged = sent.filter(({ id }) => id !== '');
      for (const one of logged) expect(await remade(one)).toEqual(one.body);
      made += logged.length;
    }),
    { numRuns: 6 },
  );
  expect(made).toBeGreaterThan(100);
  const { rows } = await house.admin.raw<{ rows: { filtered: string }[] }>(
    'select count(filters) as filtered from disclosure_secrets',
  );
  expect(Number(rows[0]?.filtered)).toBeGreaterThan(10);
});

test('an empty page is made again, and a chunk of a stream', async () => {
  const token = await givenToken(gateway, bright);
  const empty = await get(token, '/v1/refunds');
  expect(empty.body).toBe('{"data":[],"next":null}');
  expect(await remade(empty)).toBe(empty.body);
  await givenSharedCustomer(house.tools, bright.partner, 'sam');
  const { body } = await get(token, '/v1/customers', 'application/x-ndjson');
  const lines = body.split('\n');
  const receipt = lines.findIndex((line) => line.includes('"dis_'));
  const id = /dis_[A-Za-z0-9_-]+/.exec(lines[receipt] ?? '')?.[0] ?? '';
  const chunk = lines.slice(0, receipt).map((line) => `${line}\n`);
  expect(chunk.length).toBeGreaterThan(0);
  expect(await remade({ id, body })).toBe(chunk.join(''));
});

test('what was changed behind the gateway’s back is found wanting, by its place alone', async () => {
  const given = await givenPartner(house.tools, { key: 'changed' });
  for (const name of ['uma', 'vic']) await givenSharedCustomer(house.tools, given.partner, name);
  const token = await givenToken(gateway, given);
  const page = await get(token, '/v1/customers');
  expect(await remade(page)).toBe(page.body);
  await house.admin.transaction(async (tx) => {
    await tx.raw('set local session_replication_role = replica');
    await tx.raw(
      `update records set body = jsonb_set(body, '{contact,name}', '"Somebody Else"')
       where customer_id = ? and record_type = 'customer' and record_id = ?`,
      [customerIdOf('vic'), recordIdOf('customer', 'vic')],
    );
  });
  const { rows } = await house.admin.raw<{ rows: { number: string }[] }>(
    `select number from log_subjects where recipient_id = ? and customer_id = ?`,
    [given.partner.id, customerIdOf('vic')],
  );
  const again = await remakeDisclosure(house.tools, { id: page.id });
  expect(again).toEqual({
    made: false,
    id: page.id,
    subjects: [Number(rows[0]?.number)],
    because: 'no version of a record has the hash of these subjects',
  });
  expect(JSON.stringify(again)).not.toMatch(/Somebody|Person|vic/);
});

test('an unknown disclosure is refused, and one of fees is not one of records', async () => {
  const unknown = remakeDisclosure(house.tools, { id: 'dis_nothing' });
  await expect(unknown).rejects.toMatchObject({ kind: { code: 'unknown-disclosure' } });
  const token = await givenToken(gateway, bright);
  const fees = await get(token, '/v1/fees/accruals');
  expect(fees.id).not.toBe('');
  await expect(remakeDisclosure(house.tools, { id: fees.id })).rejects.toMatchObject({
    kind: { code: 'not-of-records' },
  });
});
