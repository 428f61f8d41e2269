import { addStaff } from '../src/people/index.ts';
import type { PartnerId } from '../src/partners/index.ts';
import { inTransaction, openDatabase, type Database, type Transaction } from '../src/platform/database.ts'; // prettier-ignore
import type { Tools } from '../src/platform/tools.ts';
import { closePartner } from '../src/settlements/close-partner.ts';
import { stateLines, sumDue, type Closing } from '../src/settlements/closing-store.ts';
import { benchTools } from './bench-tools.ts';
import type { Measured, Order } from './measure.ts';
import { goalOf } from './report.ts';
import { median } from './rounds.ts';

const currency = 'CHF';
const month = '2025-01';

/**
 * Measures row B6: the close of a month of one partner as one statement of SQL, against the SELECT
 * alone that computes what it states, and against a loop that closes line by line. Each is undone and
 * done again in turn; then one close is kept, with its pages and its hash, and added up once more by
 * a program of its own. Throws where the two find another sum.
 */
export async function measureClose({ site, world, sizes, say }: Order): Promise<Measured> {
  const { payments, rounds, rowByRow } = sizes.close;
  const tools = benchTools(site, 'close.log');
  const admin = openDatabase({ ...site.logins.superuser, database: 'sluice' }, { max: 2, statementSeconds: 3600 }); // prettier-ignore
  const app = openDatabase(site.logins.app, { max: 2, statementSeconds: 3600 });
  const partnerId = world.narrow.partner.id;
  const closing: Closing = {
    ...{ partnerId, currency, number: 1 },
    ...{ fromDay: `${month}-01`, untilDay: '2025-02-01' },
  };
  try {
    say(`B6: ${payments} payments …`);
    await fill(admin, partnerId, payments);
    const times = { calc: [] as number[], set: [] as number[], row: [] as number[] };
    for (let round = 0; round < rounds; round += 1) {
      times.calc.push(await undone(app, (tx) => sumDue(tx, closing)));
      times.set.push(await undone(app, (tx) => stateLines(tx, closing)));
      times.row.push(await undone(app, (tx) => closeRows(tx, closing, rowByRow)));
    }
    const lines = Math.floor(payments * 1.5);
    const overCalc = times.set.map((time, i) => time / (times.calc[i] ?? NaN));
    const overRows = times.row.map(
      (time, i) => ((time / rowByRow) * lines) / (times.set[i] ?? NaN),
    );
    const whole = await closeForGood({ ...tools, db: app }, world.narrow.partner, admin);
    say(
      `B6: SELECT ${median(times.calc).toFixed(2)} s, close ${median(times.set).toFixed(2)} s, whole ${whole.toFixed(2)} s`,
    );
    say(`B6: with pages, hash and entry ${(whole / median(times.calc)).toFixed(1)} × the SELECT`);
    return {
      rows: [],
      goals: [
        goalOf(`B6 close of ${lines} lines ÷ the SELECT alone, time`, 4, median(overCalc), 'most'),
        goalOf(`B6 line by line ÷ close of ${lines} lines, time`, 25, median(overRows)),
      ],
    };
  } finally {
    await Promise.all([tools.db.destroy(), tools.reader.close(), admin.destroy(), app.destroy()]);
  }
}

/** As a loop over lines would: each looked up, compared with what was stated, and written. */
async function closeRows(tx: Transaction, closing: Closing, count: number): Promise<void> {
  const { partnerId } = closing;
  const { rows } = await tx.raw<{ rows: { line_id: string }[] }>(
    'select line_id from fee_accruals where partner_id = ? and currency = ? order by line_id limit ?',
    [partnerId, currency, count],
  );
  for (const { line_id: lineId } of rows) {
    const stated = await tx('closed_lines').where({ partner_id: partnerId, currency, number: closing.number, line_id: lineId }).sum({ minor: 'amount_minor' }).first<{ minor: string | null }>(); // prettier-ignore
    await tx.raw(
      `insert into closed_lines (partner_id, currency, number, line_id, kind, direction, amount_minor,
         month, agreement_version, customer_id, service_id, settled_at, occurred_at)
       select partner_id, currency, ?, line_id, kind, 'payable', fee_minor - ?, month,
         agreement_version, customer_id, service_id, settled_at, occurred_at
       from fee_accruals where partner_id = ? and line_id = ?`,
      [closing.number, stated.minor ?? 0, partnerId, lineId],
    );
  }
}

async function closeForGood(
  tools: Tools,
  partner: { id: PartnerId; key: string; name: string },
  admin: Database,
): Promise<number> {
  const { staff } = await addStaff(tools, { name: 'Ada Byron', roles: ['finance'] });
  const time = await seconds(() => closePartner(tools, { partner, month, by: staff.id }));
  const { rows } = await admin.raw<{ rows: { lines: Buffer }[] }>(
    'select lines from closed_pages where partner_id = ? and currency = ?',
    [partner.id, currency],
  );
  let sum = 0n;
  for (const { lines } of rows) {
    for (const text of lines.toString().split('\n')) {
      sum += BigInt((JSON.parse(text) as { amount: { amount: number } }).amount.amount);
    }
  }
  const [stated] = await admin('closed_statements').select<{ minor: string }[]>({ minor: 'closing_minor' }).where({ partner_id: partner.id, currency }); // prettier-ignore
  const { rows: accrued } = await admin.raw<{ rows: { minor: string }[] }>(
    'select sum(fee_minor) as minor from fee_accruals where partner_id = ? and currency = ?',
    [partner.id, currency],
  );
  if (stated?.minor !== String(sum) || accrued[0]?.minor !== String(sum)) {
    throw new Error(`The statement says ${stated?.minor}, its lines ${sum}, the fees ${accrued[0]?.minor}.`); // prettier-ignore
  }
  return time;
}

/** A month of payments of a thousand customers, half of them refunded in part. */
async function fill(admin: Database, partnerId: PartnerId, payments: number): Promise<void> {
  const line = (name: string) => `md5('line ' || n || ${name})::uuid`;
  const insert = (kind: string, sign: number, every: number) => `
    insert into fee_accruals (partner_id, line_id, kind, customer_id, service_id, payment_id,
      refund_id, reverses_line_id, settled_at, occurred_at, month, available_on, currency,
      base_minor, fee_minor, rate_percent, rounding, agreement_version, explanation, fingerprint)
    select :partnerId, ${line(`'${kind}'`)}, '${kind}', md5('customer ' || n % 1000)::uuid,
      md5('service')::uuid, md5('payment ' || n)::uuid,
      ${kind === 'reversal' ? `md5('refund ' || n)::uuid, ${line("'accrual'")}` : 'null, null'},
      at, at, '${month}', at::date, '${currency}', ${sign} * (n % 9973), ${sign} * (n % 997),
      '10', 'half-even', 1, '{"text":"10 % of it","formula":"base × rate","exact":null,"inputs":{}}',
      sha256('')
    from (select n, timestamptz '2025-01-01 10:00Z' + (n % 31) * interval '1 day' as at
      from generate_series(1, cast(:payments as integer)) as n where n % ${String(every)} = 0) as paid`;
  await admin.raw(insert('accrual', 1, 1), { partnerId, payments });
  await admin.raw(insert('reversal', -1, 2), { partnerId, payments });
  await admin.raw('vacuum (analyze) fee_accruals');
  await admin.raw('checkpoint');
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await work();
  return (performance.now() - begin) / 1000;
}

const undo = new Error('undone');

/** How long it takes, and nothing of it stays. */
async function undone(db: Database, work: (tx: Transaction) => Promise<unknown>): Promise<number> {
  let time = NaN;
  await inTransaction(db, async (tx) => {
    await tx.raw("set local work_mem = '128MB'");
    time = await seconds(() => work(tx));
    throw undo;
  }).catch((error: unknown) => {
    if (error !== undo) throw error;
  });
  return time;
}
