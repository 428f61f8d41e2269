import { afterAll, beforeAll, expect, test } from '@jest/globals';
import request from 'supertest';
import { createGateway } from '../../src/gateway.ts';
import type { StaffId } from '../../src/people/index.ts';
import { openDatabase } from '../../src/platform/database.ts';
import { Refusal } from '../../src/platform/refusal.ts';
import { closePartner } from '../../src/settlements/close-partner.ts';
import {
  approveStatement,
  closeStatements,
  findClosedStatement,
  payStatement,
} from '../../src/settlements/index.ts';
import { givenPerson } from '../people/given-people.ts';
import { givenPartner, givenSharedCustomer, givenToken, type GivenPartner } from '../support/given.ts'; // prettier-ignore
import { openHouse, type House } from '../support/house.ts';
import { givenLines } from './given-settlements.ts';

let house: House;
let bright: GivenPartner;
let ada: StaffId;
let ben: StaffId;

beforeAll(async () => {
  house = await openHouse();
  bright = await givenPartner(house.tools);
  ada = (await givenPerson(house.tools, ['finance'])).id;
  ben = (await givenPerson(house.tools, ['finance'])).id;
});
afterAll(() => house.close());

const tables = ['closed_lines', 'closed_pages', 'ledger_entries', 'ledger_lines', 'ledger_accounts', 'closed_statements', 'logged_statements', 'disclosure_entries']; // prettier-ignore
const counts = async () => {
  const rows: [string, string][] = [];
  for (const table of tables) {
    const [row] = await house.admin(table).count<{ count: string }[]>('*');
    rows.push([table, row?.count ?? '']);
  }
  return Object.fromEntries(rows);
};
const codeOf = (done: Promise<unknown>) =>
  done.then(
    () => 'done',
    (error: unknown) => (error instanceof Refusal ? error.kind.code : 'lost'),
  );

/** The server ends the connection the moment it has written to a table: as if it had crashed there. */
async function crashingAt(table: string, work: () => Promise<void>): Promise<void> {
  await house.admin.raw(`
    create or replace function crash() returns trigger language plpgsql security definer as $$
      begin perform pg_terminate_backend(pg_backend_pid()); return null; end $$;
    create trigger crash after insert on ${table} for each statement execute function crash()`);
  try {
    await work();
  } finally {
    await house.admin.raw(`drop trigger crash on ${table}`);
  }
}

test('a crash anywhere in a close leaves nothing of it, and the next close has all', async () => {
  const { partner } = await givenPartner(house.tools, { key: 'crashes', view: null });
  const lines = Array.from({ length: 1500 }, (_, i) => ({
    ...{ key: `crash ${String(i)}`, fee: i + 1, availableOn: '2026-03-10' },
    currency: i % 2 === 0 ? 'EUR' : 'USD',
  }));
  await givenLines(house, partner.id, lines);
  const before = await counts();
  const close = () => closePartner(house.tools, { partner, month: '2026-03', by: ada });
  for (const table of [
    'closed_lines',
    'closed_pages',
    'ledger_entries',
    'ledger_lines',
    'closed_statements',
  ]) {
    await crashingAt(table, async () => {
      expect([table, await codeOf(close())]).toEqual([table, 'lost']);
    });
    expect(await counts()).toEqual(before);
  }
  expect(await close()).toHaveLength(2);
  expect(await counts()).toMatchObject({
    closed_lines: String(Number(before['closed_lines']) + 1500),
    ledger_entries: String(Number(before['ledger_entries']) + 2),
  });
}, 120_000);

test('a close whose hash was not logged is shown to nobody before it is: whoever asks first has it logged', async () => {
  await givenSharedCustomer(house.tools, bright.partner, 'ada');
  const name = { partnerId: bright.partner.id, period: '2026-03', currency: 'EUR' };
  const close = () =>
    closeStatements(house.tools, { month: '2026-03', partnerId: bright.partner.id, by: ada });
  await crashingAt('logged_statements', async () => {
    expect(await codeOf(close())).toBe('lost');
  });
  expect(await findClosedStatement(house.tools.db, name)).toMatchObject({ isLogged: false });
  const gateway = createGateway(house.tools);
  const token = await givenToken(gateway, bright);
  const get = () => request(gateway).get('/v1/fees/statements/2026-03.EUR').auth(token, { type: 'bearer' }); // prettier-ignore
  await crashingAt('logged_statements', async () => {
    expect((await get()).status).toBeGreaterThanOrEqual(500);
  });
  expect((await get()).status).toBe(200);
  const entries = await house.admin('disclosure_entries').select<{ entry: string }[]>('entry').where('recipient_id', bright.partner.id).orderBy('index'); // prettier-ignore
  const told = entries.map(({ entry }) => JSON.parse(entry) as Record<string, unknown>);
  expect(told.map((one) => one['event'] ?? one['recordType'])).toEqual([
    'statement-closed',
    'fee-statement',
  ]);
  expect(await codeOf(close())).toBe('statement-closed');
}, 120_000);

test('of sixteen who close, approve and pay the same statements at once, each is done once', async () => {
  const db = openDatabase(house.urls.app, { max: 16 });
  try {
    const tools = { ...house.tools, db };
    const { partner } = await givenPartner(house.tools, { key: 'races', view: null });
    const partnerId = partner.id;
    const atOnce = async (work: (worker: number) => Promise<unknown>) => {
      const all = await Promise.all(Array.from({ length: 16 }, (_, i) => codeOf(work(i))));
      return all.filter((code) => code === 'done').length;
    };
    for (const [i, month] of ['2026-01', '2026-02', '2026-03'].entries()) {
      const line = { fee: 100 + i, availableOn: `${month}-10` };
      const before = ['2026-01', '2026-02'].slice(0, i).map((one, j) => ({ key: `race ${String(j)}`, fee: 100 + j, availableOn: `${one}-10` })); // prettier-ignore
      await givenLines(house, partnerId, [...before, { ...line, key: `race ${String(i)}` }]);
      const closed: unknown[] = [];
      await atOnce(async () => {
        closed.push(...(await closePartner(tools, { partner, month, by: ada })));
      });
      expect(closed).toHaveLength(1);
      const name = { partnerId, period: month, currency: 'EUR' };
      expect(await atOnce(() => approveStatement(tools, { name, by: ben }))).toBe(16);
      const references = await atOnce((worker) => payStatement(tools, { name, reference: `wire ${String(worker % 4)}`, by: ben })); // prettier-ignore
      expect(references).toBe(4);
    }
    const rows = await db('ledger_accounts').select<{ account: string; balance_minor: string }[]>('account', 'balance_minor').where('partner_id', partnerId).orderBy('account'); // prettier-ignore
    expect(rows.map((row) => [row.account, row.balance_minor])).toEqual([
      ['clearing', '-303'],
      ['partner-payable', '0'],
      ['referral-expense', '303'],
    ]);
  } finally {
    await db.destroy();
  }
}, 120_000);
