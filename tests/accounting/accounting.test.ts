import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type { Express } from 'express';
import request from 'supertest';
import { disclosuresOf, drawAccounting, eraseFromLogs } from '../../src/accounting/index.ts';
import { verifyLog } from '../../src/audit/index.ts';
import { digestDay } from '../../src/completeness/index.ts';
import { createGateway } from '../../src/gateway.ts';
import { setChoice } from '../../src/intake/index.ts';
import type { Database } from '../../src/platform/database.ts';
import { inTransaction, type Transaction } from '../../src/platform/database.ts';
import { logKeys } from '../../src/publication/index.ts';
import { customerIdOf } from '../../src/records/index.ts';
import { verifyAccounting, type AccountingVerdict } from '../../src/verification/index.ts';
import {
  customer,
  givenPartner,
  givenRecords,
  givenRelationship,
  givenToken,
  invoice,
  payment,
  service,
} from '../support/given.ts';
import { openHouse, testClock, type House } from '../support/house.ts';

jest.setTimeout(120_000);
let house: House;
let gateway: Express;
let verifierKey: string;
const clock = testClock();
const day = 86_400_000;
const people = Array.from({ length: 100 }, (_, i) => `c-${String(i)}`);

beforeAll(async () => {
  house = await openHouse({ clock, settings: { tokenLifetimeSeconds: 86_400 * 9 } });
  const { tools } = house;
  gateway = createGateway(tools);
  verifierKey = (await logKeys(tools))[0] ?? '';
  await givenRecords(tools, [
    service(),
    ...people.flatMap((id) => [customer(id), invoice(`i-${id}`, id), payment(`p-${id}`, id)]),
  ]);
  const bright = await givenPartner(tools);
  const other = await givenPartner(tools, {
    ...{ key: 'other', kind: 'integration', purposes: ['integration'] },
    ...{ classes: ['contact', 'account'], view: { customer: { properties: { contact: true } } } },
  });
  for (const id of people) await givenRelationship(tools, bright.partner, id);
  await givenRelationship(tools, other.partner, 'c-1', { at: new Date('2026-01-02T00:00:00Z') });
  const tokens = [await givenToken(gateway, bright), await givenToken(gateway, other)];
  // Three days: a busy one, one on which nothing was asked, and one of which nobody is told but c-3.
  await get(tokens[0], '/v1/customers?limit=100');
  await get(tokens[0], '/v1/invoices?limit=30');
  await get(tokens[1], '/v1/customers');
  clock.advance(day);
  await digestDay(tools);
  clock.advance(day);
  const { body } = await get(tokens[0], '/v1/customers?limit=1');
  const [{ id }] = (body as { data: [{ id: string }] }).data;
  await get(tokens[0], `/v1/invoices?customer=${id}`);
  clock.advance(day);
  await digestDay(tools);
  await get(tokens[0], '/v1/payments?limit=10');
});
afterAll(() => house.close());

async function get(token: string | undefined, path: string) {
  const answer = await request(gateway)
    .get(path)
    .set('Authorization', `Bearer ${token ?? ''}`);
  expect([path, answer.status]).toEqual([path, 200]);
  return answer;
}

async function accountingOf(id: string): Promise<string> {
  let text = '';
  const ask = { customer: id, customerId: customerIdOf(id) };
  for await (const line of drawAccounting(house.tools, ask)) text += line;
  return text;
}

const verdictOf = (accounting: string) => verifyAccounting({ accounting, key: verifierKey });

function held(verdict: AccountingVerdict) {
  if (!verdict.holds) throw new Error(verdict.because);
  return verdict.logs;
}

test('promise P33: every person gets an accounting whose every entry verifies without us, and every record in it', async () => {
  for (const id of people) {
    const logs = held(await verdictOf(await accountingOf(id)));
    expect(logs.map(({ recipient }) => recipient)).toEqual(
      id === 'c-1' ? expect.arrayContaining(['brightside', 'other']) : ['brightside'],
    );
    for (const { completeThrough, records, opened, disclosures } of logs) {
      expect([id, completeThrough]).toEqual([id, '2026-11-24']);
      expect([id, opened]).toEqual([id, records]);
      expect(disclosures).toBeGreaterThan(0);
    }
  }
  expect((await verifyLog(house.tools)).findings).toEqual([]);
});

test('promise P33: without any one line, or with any one line changed, it does not hold', async () => {
  const person = (await disclosuresOf(house.tools, {
    customerId: customerIdOf('c-1'),
    limit: 100,
  })) as { disclosures: readonly unknown[] };
  expect(person.disclosures.length).toBeGreaterThan(1);
  const lines = (await accountingOf('c-1')).split('\n').filter(Boolean);
  for (const [i, line] of lines.entries()) {
    const without = lines.filter((_, place) => place !== i).join('\n');
    expect([i, (await verdictOf(without)).holds]).toEqual([i, false]);
    // The number of disclosures at the end is the drawer's own word: an honest one, and all the same.
    const end = JSON.stringify({ end: true, disclosures: countIn(without) });
    const fitted = [...without.split('\n').slice(0, -1), end].join('\n');
    if (i < lines.length - 1)
      expect([i, (await verdictOf(fitted)).holds]).toEqual([i, isYoung(line)]);
    for (let round = 0; round < 8; round += 1) {
      const at = Math.floor(((round + 0.5) / 8) * line.length);
      const letter = line[at] === 'A' ? 'B' : 'A';
      const changed = line.slice(0, at) + letter + line.slice(at + 1);
      const text = lines.with(i, changed).join('\n');
      if (mayChange(line, at)) continue;
      expect([i, at, line.slice(at - 20, at + 20), (await verdictOf(text)).holds]).toEqual([
        i,
        at,
        line.slice(at - 20, at + 20),
        false,
      ]);
    }
  }
});

test('a leaf that is cut at another place, so that the customer seems absent, does not hold', async () => {
  const lines = (await accountingOf('c-1')).split('\n').filter(Boolean);
  let forged = 0;
  for (const [i, line] of lines.entries()) {
    const said = JSON.parse(line) as { digest?: string; leaves?: Leaf[] };
    if (said.leaves === undefined) continue;
    for (const [at, leaf] of said.leaves.entries()) {
      for (const by of [1, 31, -1]) {
        const leaves = said.leaves.with(at, cutElsewhere(leaf, by));
        const text = lines.with(i, JSON.stringify({ ...said, leaves })).join('\n');
        expect([i, at, by, (await verdictOf(text)).holds]).toEqual([i, at, by, false]);
        forged += 1;
      }
    }
  }
  expect(forged).toBeGreaterThan(0);
});

interface Leaf {
  readonly pseudonym: string;
  readonly count: number;
  readonly entries: string;
}

/** The same 68 bytes, of which the name takes so many fewer. */
function cutElsewhere(leaf: Leaf, by: number): Leaf {
  const count = Buffer.alloc(4);
  count.writeUInt32BE(leaf.count);
  const [name, entries] = [leaf.pseudonym, leaf.entries].map((text) =>
    Buffer.from(text, 'base64url'),
  );
  const all = Buffer.concat([name!, count, entries!]);
  return {
    ...leaf,
    pseudonym: all.subarray(0, 32 - by).toString('base64url'),
    count: all.readUInt32BE(32 - by),
    entries: all.subarray(36 - by).toString('base64url'),
  };
}

const countIn = (text: string) =>
  text.split('\n').filter((line) => line.includes('"disclosure"')).length;
/** Of what came after the last digest nobody can tell yet that it is all. */
const isYoung = (line: string) =>
  line.startsWith('{"disclosure"') && line.includes('\\"at\\":\\"2026-11-25');
/** Names and keys beside the proof are told, not proven. */
function mayChange(line: string, at: number): boolean {
  return [...line.matchAll(/"(customer|name|key|madeAt)":"[^"]*"/g)].some(
    ({ index, 0: { length } }) => at >= index && at < index + length,
  );
}

/** What `look` sees after a superuser, with triggers off, has done this; undone afterwards. */
async function after<Seen>(sql: string, look: (db: Database) => Promise<Seen>): Promise<Seen> {
  const undo = new Error('undo');
  let seen: Seen | undefined;
  const tampered = inTransaction(house.admin, async (tx: Transaction) => {
    await tx.raw('set local session_replication_role = replica');
    const { rowCount } = await tx.raw<{ rowCount: number }>(sql);
    expect(rowCount).toBeGreaterThan(0);
    seen = await look(tx);
    throw undo;
  });
  await expect(tampered).rejects.toBe(undo);
  return seen as Seen;
}

const firstPage = `index = 0 and recipient_id = (select id from partners where key = 'brightside')`;
test.each([
  [
    'a subject is given to another customer',
    `update disclosure_subjects set numbers = set_byte(set_byte(numbers, 5, 2), 6, 0) where ${firstPage}`,
    'its digest is not the one of the subject index',
    2,
  ],
  [
    'a subject is called erased',
    `update disclosure_subjects set numbers = substring(numbers from 1 for octet_length(numbers) - 1), erased = '\\x63' where ${firstPage}`,
    'its erased subjects do not fit its salts',
    0,
  ],
  [
    'a log secret is changed',
    `update log_secrets set secret = set_byte(secret, 0, get_byte(secret, 0) # 1)`,
    'its digest is not the one of the subject index',
    expect.any(Number),
  ],
  [
    'a log secret is gone',
    `delete from log_secrets`,
    'its digest is not the one of the subject index',
    expect.any(Number),
  ],
  [
    'somebody is called erased of a day',
    `insert into log_erased_leaves (recipient_id, day, pseudonym, entries) select id, '2026-11-22', sha256('a'), '\\x00' from partners where key = 'brightside'`,
    'of the entries it covers, 0 lacks subjects',
    2,
  ],
])('the audit finds it when %s, and names the entry', async (_name, sql, what, index) => {
  const findings = await after(sql, async (db) => (await verifyLog({ db })).findings);
  expect(findings[0]).toMatchObject({ what, index });
});

test('an accounting from which the database hides a disclosure is not drawn, or does not hold', async () => {
  const sql = `update disclosure_subjects set numbers = set_byte(set_byte(numbers, 5, 2), 6, 0) where ${firstPage}`;
  await after(sql, async (db) => {
    const draw = async () => {
      const ask = { customer: 'c-5', customerId: customerIdOf('c-5') };
      for await (const line of drawAccounting({ ...house.tools, db }, ask))
        expect(line).not.toBe('');
    };
    await expect(draw()).rejects.toThrow('does not have the digest of 2026-11-22');
  });
});

test('a person whom a partner may still see is not erased', async () => {
  await expect(
    eraseFromLogs(house.tools, { customerId: customerIdOf('c-7'), reason: 'test' }),
  ).rejects.toMatchObject({ kind: { code: 'customer-shared' } });
});

test('after one of a page of 100 is erased the others prove theirs as before, and it opens no more', async () => {
  const { tools } = house;
  const erased = customerIdOf('c-1');
  const before = await accountingOf('c-1');
  const at = tools.clock.now();
  await setChoice(tools, {
    ...{ customerId: erased, partner: undefined, sharing: 'refused', at },
    ...{ evidence: 'given', actor: 'test' },
  });
  const told = await eraseFromLogs(tools, { customerId: erased, reason: 'test' });
  expect(told.logs).toBe(2);
  expect(told.entries).toBe(countIn(before));
  for (const id of people.filter((one) => one !== 'c-1')) {
    for (const { opened, records } of held(await verdictOf(await accountingOf(id)))) {
      expect([id, opened]).toEqual([id, records]);
    }
  }
  expect((await disclosuresOf(tools, { customerId: erased, limit: 10 })).disclosures).toEqual([]);
  expect(held(await verdictOf(await accountingOf('c-1')))).toEqual([]);
  // Nothing that is left holds its salt: neither the leaf's own nor that of the body it stood in.
  const salts = before.matchAll(/"salt":"([^"]+)"/g);
  const left = await house.admin('disclosure_secrets').whereNotNull('salts').select('salts');
  const all = left.map(({ salts: bytes }: { salts: Buffer }) => bytes.toString('hex')).join();
  for (const [, salt = ''] of salts) {
    expect(all).not.toContain(Buffer.from(salt, 'base64url').toString('hex'));
  }
  expect((await verifyLog(tools)).findings).toEqual([]);
  clock.advance(day);
  await digestDay(tools);
  expect((await verifyLog(tools)).findings).toEqual([]);
  expect(held(await verdictOf(await accountingOf('c-2')))[0]?.completeThrough).toBe('2026-11-25');
});

test('what is erased once is found where somebody opens it again, or closes more', async () => {
  const found = (sql: string) => after(sql, async (db) => (await verifyLog({ db })).findings);
  const opened = await found(
    `update disclosure_secrets set salts = set_byte(salts, 0, 1) where ${firstPage}`,
  );
  expect(opened).toMatchObject([
    { index: 0, what: 'what opens its erased subjects is still there' },
  ]);
  const more = await found(
    `update disclosure_secrets set secret = sha256('a'), salts = null where ${firstPage}`,
  );
  expect(more).toMatchObject([{ index: 0, what: 'its erased subjects do not fit its salts' }]);
  const gone = await found(`delete from log_erased_leaves`);
  expect(gone[0]?.what).toContain('lacks subjects');
  const number = await found(`delete from log_subjects where number = 3`);
  expect(number.map(({ what }) => what)).toContain(
    'its digest is not the one of the subject index',
  );
});
