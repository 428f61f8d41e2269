import { execFileSync } from 'node:child_process';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Express } from 'express';
import request from 'supertest';
import { publishAgreement } from '../../src/agreements/index.ts';
import { createGateway } from '../../src/gateway.ts';
import { readTrialBalance } from '../../src/ledger/index.ts';
import { receiveFees, recomputeFees, type AskApi } from '../../src/recomputation/index.ts';
import {
  closeStatements,
  findClosedStatement,
  type StatementDocument,
} from '../../src/settlements/index.ts';
import { givenPerson } from '../people/given-people.ts';
import { acceptances } from '../support/admit.ts';
import {
  customer,
  fee,
  givenPartner,
  givenRecords,
  givenRelationship,
  givenToken,
  money,
  payment,
  refund,
  service,
  type GivenPartner,
} from '../support/given.ts';
import { openHouse, testClock, type House } from '../support/house.ts';

let house: House;
let gateway: Express;
let bright: GivenPartner;
let token: string;

/** March at 19 %; from the middle of April on under reverse charge, from May on not at all. */
beforeAll(async () => {
  const clock = testClock(new Date('2026-02-01T12:00:00Z'));
  house = await openHouse({ clock });
  const { tools } = house;
  gateway = createGateway(tools);
  const taxed = { ...fee, tax: { kind: 'rate', ratePercent: '19' } };
  bright = await givenPartner(tools, { terms: { fee: taxed } });
  const next = async (validFrom: string, tax?: object) => {
    const terms = {
      ...{ direction: 'payable', services: 'all', timeZone: 'UTC', termsClauses: {} },
      ...{ classes: ['contact', 'account', 'financial', 'billing'] },
      ...{ purposes: ['identity', 'billing', 'fees'], fee: { ...fee, ...(tax && { tax }) } },
    };
    await publishAgreement(tools, { partnerId: bright.partner.id, validFrom, terms, acceptances });
  };
  await next('2026-04-15', { kind: 'reverse-charge' });
  await next('2026-05-01', { kind: 'none' });
  clock.set(new Date('2026-07-02T12:00:00Z'));
  await givenRecords(tools, [service(), customer('ada'), customer('ben')]);
  for (const who of ['ada', 'ben']) await givenRelationship(tools, bright.partner, who);
  await givenRecords(tools, [payment('a1', 'ada'), refund('r1', 'ada', 'a1')]);
  const by = (await givenPerson(tools, ['finance'])).id;
  await closeStatements(tools, { month: '2026-03', by });
  await givenRecords(tools, [
    payment('late', 'ada', { amount: money(335) }),
    payment('b1', 'ben', { settledAt: '2026-04-02T10:00:00Z', amount: money(2500) }),
    payment('b2', 'ben', { settledAt: '2026-04-20T10:00:00Z', amount: money(1000) }),
    payment('b3', 'ben', { settledAt: '2026-05-03T10:00:00Z', amount: money(1000) }),
    refund('r2', 'ada', 'a1', { refundedAt: '2026-05-05T10:00:00Z', amount: money(300) }),
    payment('b4', 'ben', { settledAt: '2026-06-03T10:00:00Z', amount: money(500) }),
  ]);
  for (const month of ['2026-04', '2026-05', '2026-06'])
    await closeStatements(tools, { month, by });
  token = await givenToken(gateway, bright);
}, 60_000);
afterAll(() => house.close());

const read = async (period: string) => {
  const name = { partnerId: bright.partner.id, period, currency: 'EUR' };
  const statement = await findClosedStatement(house.tools.db, name);
  if (!statement) throw new Error(`No ${period}.`);
  return statement;
};
const documentOf = async (period: string) =>
  JSON.parse((await read(period)).document.toString()) as StatementDocument;
const get = (path: string, accept = 'application/json') =>
  request(gateway)
    .get(path)
    .auth(token, { type: 'bearer' })
    .set('Accept', accept)
    .buffer(true)
    .parse((answer, done) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.on('end', () => done(null, Buffer.concat(parts))); // eslint-disable-line @typescript-eslint/no-confusing-void-expression -- supertest's own form
    });
const bytes = (answer: { body: unknown }) => answer.body as Buffer;
const april = '/v1/fees/statements/2026-04.EUR';

test('a close taxes what its lines and adjustments add up to, by version, never what it opens with', async () => {
  expect(await read('2026-03')).toMatchObject({
    ...{ accruedMinor: 240n, reversedMinor: -60n, taxMinor: 34n, closingMinor: 214n },
  });
  // 5.00 and the late 0.67 at 19 %, 2.00 under reverse charge.
  expect(await read('2026-04')).toMatchObject({
    ...{ openingMinor: 0n, accruedMinor: 700n, adjustedMinor: 67n, taxMinor: 108n },
    ...{ closingMinor: 875n, agreementVersions: [1, 2] },
  });
  const { taxes, tax } = await documentOf('2026-04');
  expect(tax).toEqual(money(108));
  expect(taxes).toEqual([
    { agreementVersion: 1, kind: 'rate', ratePercent: '19', net: money(567), tax: money(108) },
    {
      ...{ agreementVersion: 2, kind: 'reverse-charge', net: money(200), tax: money(0) },
      note: 'Reverse charge: the recipient of the service accounts for the tax.',
    },
  ]);
});

test('a refund takes its tax back under the version that earned it', async () => {
  const { taxes, tax } = await documentOf('2026-05');
  expect(taxes).toEqual([
    { agreementVersion: 1, kind: 'rate', ratePercent: '19', net: money(-60), tax: money(-11) },
  ]);
  expect(tax).toEqual(money(-11));
  expect(await read('2026-05')).toMatchObject({ taxMinor: -11n, closingMinor: 129n });
});

test('a statement on which nothing is taxed says nothing of a tax', async () => {
  const document = await documentOf('2026-06');
  expect(Object.keys(document)).not.toEqual(expect.arrayContaining(['tax']));
  expect(Object.keys(document)).not.toEqual(expect.arrayContaining(['taxes']));
  const answer = JSON.parse(bytes(await get('/v1/fees/statements/2026-06.EUR')).toString()) as object; // prettier-ignore
  expect(Object.keys(answer)).not.toContain('tax');
});

test('the books hold the tax apart from the expense, and add up to nothing', async () => {
  const { accounts, totals } = await readTrialBalance(house.tools, {});
  expect(Object.fromEntries(accounts.map((one) => [one.account, one.balanceMinor]))).toEqual({
    ...{ 'referral-expense': 180n + 767n + 140n + 100n, 'fee-tax': 34n + 108n - 11n },
    'partner-payable': -(214n + 875n + 129n + 100n),
  });
  expect(totals).toEqual([{ currency: 'EUR', totalMinor: 0n }]);
});

test('the database refuses a statement whose tax is not in what it closes with, or on no line', async () => {
  /** The next statement, of one line of 1.00 or of none: all that it closes with is paid out. */
  const next = (lines: 0 | 1, tax: number, closing: number) =>
    house.admin.transaction(async (tx) => {
      const given = { partner: bright.partner.id, lines, tax, closing };
      if (lines === 1)
        await tx.raw(
          `insert into closed_lines (partner_id, currency, number, line_id, kind, direction,
             amount_minor, month, agreement_version)
           select partner_id, currency, max(number) + 1, gen_random_uuid(), 'accrual', 'payable',
             100, '2026-07', 1
           from closed_statements where partner_id = :partner group by partner_id, currency`,
          given,
        );
      await tx.raw(
        `insert into closed_statements select partner_id, currency, number + 1, '2026-07',
           until_day, until_day + 31, 0, 100 * :lines, 0, 0, :closing, :closing, 0, 0, :lines, 0,
           '{}', document, sha256, closed_by, closed_at, created_at, :tax
         from closed_statements where partner_id = :partner order by number desc limit 1`,
        given,
      );
      throw new Error('It was taken.');
    });
  await expect(next(1, 19, 119)).rejects.toThrow('It was taken.');
  for (const closing of [100, 118, 120])
    await expect(next(1, 19, closing)).rejects.toThrow(/statement_adds_up/);
  await expect(next(1, 0, 119)).rejects.toThrow(/statement_adds_up/);
  await expect(next(0, 19, 19)).rejects.toThrow(/only_lines_are_taxed/);
});

test('the partner reads the tax in the totals, the CSV and the text of the PDF', async () => {
  const { tax } = JSON.parse(bytes(await get(april)).toString()) as { tax: unknown };
  expect(tax).toEqual(money(108));
  const csv = parse<Record<string, string>>(bytes(await get(april, 'text/csv')), { columns: true });
  const rows = csv.filter(({ row }) => row === 'tax');
  expect(rows).toMatchObject([
    { reason: 'rate', rate_percent: '19', base: '5.67', amount: '1.08', agreement_version: '1' },
    { reason: 'reverse-charge', rate_percent: '', base: '2.00', amount: '0.00' },
  ]);
  expect(rows[1]?.['line']).toMatch(/the recipient of the service accounts for the tax/);
  const pdf = bytes(await get(april, 'application/pdf'));
  const text = textLayer(pdf);
  if (text === undefined) return;
  expect(text).toMatch(/Tax, 19 % of 5\.67 \(version 1\)\s+1\.08 EUR/);
  expect(text).toMatch(/Tax, reverse charge on 2\.00 \(version 2\)\s+0\.00 EUR/);
  expect(text).toContain('Reverse charge: the recipient of the service accounts for the tax.');
});

/** What a reader of the PDF can copy; undefined, and said, where this machine has no pdftotext. */
function textLayer(pdf: Buffer): string | undefined {
  try {
    return execFileSync('pdftotext', ['-layout', '-', '-'], { input: pdf }).toString();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    process.stderr.write('pdftotext (poppler-utils) is not here: the text layer is not tested\n');
    return undefined;
  }
}

const ask =
  (change = (text: string) => text): AskApi =>
  async (path) => {
    const answer = await get(path);
    return answer.status === 200 ? JSON.parse(change(bytes(answer).toString())) : undefined;
  };

async function problemsBy(by: AskApi): Promise<readonly string[]> {
  const given = await receiveFees(by, '2026-06.EUR');
  if (!given) throw new Error('There is no such statement.');
  const { agrees, differences, problems } = recomputeFees(given.received);
  expect(differences).toEqual([]);
  expect(agrees).toBe(problems.length === 0);
  return problems;
}

test('the partner comes to the same taxes from the agreement that it reads', async () => {
  expect(await problemsBy(ask())).toEqual([]);
});

test('a tax that is stated or agreed otherwise makes it disagree, and is named', async () => {
  const replacing = (one: string, other: string) =>
    problemsBy(ask((text) => text.replaceAll(one, other)));
  expect(await replacing('"ratePercent":"19"', '"ratePercent":"7"')).toEqual([
    ...['2026-03', '2026-04', '2026-05'].map(
      (month) =>
        `${month}.EUR: under agreement version 1 a tax of 7 % is agreed, and a tax of 19 % is stated.`,
    ),
  ]);
  const forged = await replacing('{\\"amount\\":108,', '{\\"amount\\":109,');
  expect(forged).toEqual([
    '2026-04.EUR: opening, accrued, reversed, adjusted and tax come to 876, not 875.',
    '2026-04.EUR: under agreement version 1 the tax on 567 comes to 108, not 109.',
  ]);
  expect(await replacing('{"kind":"reverse-charge"}', '{"kind":"none"}')).toEqual([
    '2026-04.EUR: under agreement version 2 no tax is agreed, and reverse-charge is stated.',
  ]);
  expect(await replacing('{\\"amount\\":567,', '{\\"amount\\":568,')).toEqual([
    '2026-04.EUR: its lines under agreement version 1 come to 567, and what is taxed to 568.',
  ]);
});
