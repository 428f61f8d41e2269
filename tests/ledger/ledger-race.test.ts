import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { postEntry, reverseEntry, type EntryId } from '../../src/ledger/index.ts';
import { isDatabaseGone } from '../../src/platform/database-errors.ts';
import { inTransaction, openDatabase, type Database } from '../../src/platform/database.ts';
import type { PartnerId } from '../../src/partners/index.ts';
import type { Tools } from '../../src/platform/tools.ts';
import { givenPartner } from '../support/given.ts';
import { openHouse, type House } from '../support/house.ts';

const workers = 16;
const isFull = process.env['SLUICE_TEST_LEDGER'] !== undefined;
const operations = isFull ? Number(process.env['SLUICE_TEST_LEDGER']) : 800;
const currencies = ['EUR', 'JPY'] as const;

interface Bank {
  readonly house: House;
  readonly tools: Tools;
  readonly db: Database;
  readonly partners: readonly PartnerId[];
}

let bank: Bank;
let twin: Bank;

async function openBank(): Promise<Bank> {
  const house = await openHouse();
  const db = openDatabase(house.urls.app, { max: workers + 1 });
  const partners: PartnerId[] = [];
  for (const key of ['one', 'two']) {
    partners.push((await givenPartner(house.tools, { key, view: null })).partner.id);
  }
  return { house, db, tools: { ...house.tools, db }, partners };
}

beforeAll(async () => {
  [bank, twin] = [await openBank(), await openBank()];
});
afterAll(async () => {
  for (const { house, db } of [bank, twin]) {
    await db.destroy();
    await house.close();
  }
});

/** What a worker asked for, and whether it was done: by itself, or by who was faster. */
interface Done {
  readonly partnerId: PartnerId;
  readonly currency: string;
  readonly source: string;
  readonly minor: bigint;
  readonly kind: 'fee' | 'payout';
  readonly entryId: EntryId;
}

/** A small generator, so that a run can be told from another by its seed. */
function chance(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % below;
  };
}

/** Does it again whenever the connection was cut: whether it was done before, it cannot know. */
async function untilTold<Value>(act: () => Promise<Value>): Promise<Value> {
  for (;;) {
    try {
      return await act();
    } catch (error) {
      if (!isDatabaseGone(error)) throw error;
    }
  }
}

/** One worker: fees are owed, paid out where the floor allows it, taken back; sources are shared. */
async function work({ tools, partners }: Bank, seed: number, share: number): Promise<Done[]> {
  const draw = chance(seed);
  const done: Done[] = [];
  for (let i = 0; i < share; i += 1) {
    const partnerId = partners[draw(partners.length)];
    const currency = currencies[draw(currencies.length)] ?? 'EUR';
    if (partnerId === undefined) continue;
    // Of the same number all workers make the same posting: a retry by somebody else.
    const number = draw(operations * 2);
    const minor = BigInt((number % 97) + 1);
    const kind = number % 3 === 0 ? 'payout' : 'fee';
    const source = `${kind} ${String(number)}`;
    const lines =
      kind === 'fee'
        ? { 'referral-expense': minor, 'partner-payable': -minor }
        : { 'partner-payable': minor, clearing: -minor };
    try {
      const entryId = await untilTold(() =>
        inTransaction(tools.db, async (tx) =>
          postEntry(tx, tools, { partnerId, currency, source, lines }),
        ),
      );
      done.push({ partnerId, currency, source, minor, kind, entryId });
      if (kind === 'payout' && draw(4) === 0) {
        await untilTold(() =>
          inTransaction(tools.db, (tx) => reverseEntry(tx, tools, { partnerId, entryId })),
        );
      }
    } catch (error) {
      // The floor: nothing is posted of it.
      if ((error as { code?: string }).code !== '23514') throw error;
    }
  }
  return done;
}

/** Everything that is wrong with the books in one snapshot. */
async function wrongIn(db: Database): Promise<string[]> {
  return db.transaction(async (tx) => {
    const say = async (what: string, query: string) => {
      const { rows } = await tx.raw<{ rows: object[] }>(query);
      return rows.map((row) => `${what}: ${JSON.stringify(row)}`);
    };
    return [
      ...(await say('does not add up to nothing', 'select currency, sum(amount_minor) from ledger_lines group by currency having sum(amount_minor) <> 0')), // prettier-ignore
      ...(await say('balance is not what was posted', `
        select account, balance_minor, minor from ledger_accounts
          full join (select partner_id, currency, account, sum(amount_minor) as minor from ledger_lines group by 1, 2, 3) as posted using (partner_id, currency, account)
        where balance_minor is distinct from minor`)), // prettier-ignore
      ...(await say('is below its floor', `
        select account, minor from (select account, sum(amount_minor) as minor from ledger_lines group by partner_id, currency, account) as posted
        where (account in ('partner-payable', 'clearing') and minor > 0) or (account = 'partner-receivable' and minor < 0)`)), // prettier-ignore
    ];
  }, { isolationLevel: 'repeatable read', readOnly: true }); // prettier-ignore
}

/** Ends one of the connections that post something right now; how many were there. */
async function cutOne({ house }: Bank): Promise<number> {
  const { rows } = await house.admin.raw<{ rows: { cut: boolean }[] }>(
    `select pg_terminate_backend(pid) as cut from (
       select pid from pg_stat_activity
       where datname = current_database() and usename = 'sluice_app' and state <> 'idle'
       order by random() limit 1) as one`,
  );
  return rows.filter(({ cut }) => cut).length;
}

/** All workers at once; snapshots are read, and connections are cut, as long as they work. */
async function run(
  at: Bank,
): Promise<{ done: Done[]; wrong: string[]; snapshots: number; cuts: number }> {
  // prettier-ignore
  const wrong: string[] = [];
  const state = { isWorking: true };
  let snapshots = 0;
  const watch = (async () => {
    while (state.isWorking) {
      wrong.push(...(await untilTold(() => wrongIn(at.db))));
      snapshots += 1;
    }
  })();
  let cuts = 0;
  const cutting = (async () => {
    while (state.isWorking) {
      cuts += await cutOne(at);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  const share = Math.ceil(operations / workers);
  const done = await Promise.all(
    Array.from({ length: workers }, (_, worker) => work(at, worker + 1, share)),
  );
  state.isWorking = false;
  await watch;
  await cutting;
  wrong.push(...(await wrongIn(at.db)));
  return { done: done.flat(), wrong, snapshots, cuts };
}

test(
  'sixteen workers whose connections are cut make and lose no money: at every snapshot all adds up, and no floor is broken',
  async () => {
    const { done, wrong, snapshots, cuts } = await run(bank);
    expect(cuts).toBeGreaterThan(5);
    expect(wrong).toEqual([]);
    expect(snapshots).toBeGreaterThan(1);
    // One source, one posting, whoever asked and how often.
    const key = (one: Pick<Done, 'partnerId' | 'currency' | 'source'>) => `${one.partnerId} ${one.currency} ${one.source}`; // prettier-ignore
    const ids = new Map<string, Set<string>>();
    for (const one of done) ids.set(key(one), (ids.get(key(one)) ?? new Set()).add(one.entryId));
    expect([...ids.values()].filter((entries) => entries.size !== 1)).toEqual([]);
    // Every entry is explained by what was done, and all that was done is there.
    const { rows } =
      await bank.db.raw<{ rows: { id: string; partner_id: string; currency: string; source: string; reversed: boolean }[] }>( // prettier-ignore
        `select entry_id as id, partner_id, currency, source, exists (select 1 from ledger_entries as later
         where later.partner_id = ledger_entries.partner_id and later.reverses_entry_id = ledger_entries.entry_id) as reversed
       from ledger_entries where reverses_entry_id is null`,
      );
    expect(new Set(rows.map(({ id }) => id))).toEqual(new Set(done.map(({ entryId }) => entryId)));
    // Forty lines' worth of model: replay what stands, and the balances are those of the database.
    const isReversed = new Map(rows.map(({ id, reversed }) => [id, reversed]));
    const model = new Map<string, bigint>();
    const once = new Map(done.map((one) => [one.entryId, one]));
    for (const { partnerId, currency, kind, minor, entryId } of once.values()) {
      if (isReversed.get(entryId) === true) continue;
      const moved = kind === 'fee' ? [['referral-expense', minor], ['partner-payable', -minor]] as const : [['partner-payable', minor], ['clearing', -minor]] as const; // prettier-ignore
      for (const [account, by] of moved) {
        const name = `${partnerId} ${currency} ${account}`;
        model.set(name, (model.get(name) ?? 0n) + by);
      }
    }
    const accounts = await bank.db('ledger_accounts').select<{ partner_id: string; currency: string; account: string; balance_minor: string }[]>(); // prettier-ignore
    for (const { partner_id: partner, currency, account, balance_minor: minor } of accounts) {
      expect([account, minor]).toEqual([account, String(model.get(`${partner} ${currency} ${account}`) ?? 0n)]); // prettier-ignore
    }
  },
  isFull ? 3_600_000 : 120_000,
);

test('the twin that reads a balance and writes it back under read committed is caught', async () => {
  const { rows } = await twin.house.admin.raw<{ rows: { text: string }[] }>(
    "select pg_get_functiondef('post_ledger_lines()'::regprocedure) as text",
  );
  const text = rows[0]?.text ?? '';
  const [begin, end] = [text.indexOf('-- In one order'), text.indexOf('return null;')];
  expect([begin > 0, end > begin]).toEqual([true, true]);
  await twin.house.admin.raw(
    `${text.slice(0, begin)}
     declare moved record; read_minor bigint;
     begin
       for moved in select partner_id, currency, account, sum(amount_minor) as minor from posted group by 1, 2, 3 order by 1, 2, 3 loop
         select balance_minor into read_minor from public.ledger_accounts where (partner_id, currency, account) = (moved.partner_id, moved.currency, moved.account);
         update public.ledger_accounts set balance_minor = read_minor + moved.minor where (partner_id, currency, account) = (moved.partner_id, moved.currency, moved.account);
       end loop;
     end;
     ${text.slice(end)}`,
  );
  const { wrong } = await run(twin);
  expect(wrong.join('\n')).toContain('balance is not what was posted');
}, isFull ? 3_600_000 : 120_000); // prettier-ignore
