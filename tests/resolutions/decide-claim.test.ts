import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Express } from 'express';
import request from 'supertest';
import { createGateway } from '../../src/gateway.ts';
import { pairwiseOf } from '../../src/joint/index.ts';
import { readTrialBalance } from '../../src/ledger/index.ts';
import { customerIdOf, recordIdOf } from '../../src/records/index.ts';
import { receiveFees, recomputeFees } from '../../src/recomputation/index.ts';
import { closeStatements } from '../../src/settlements/index.ts';
import { givenPerson } from '../people/given-people.ts';
import {
  customer,
  fee,
  givenPartner,
  givenRecords,
  givenRelationship,
  givenToken,
  money,
  payment,
  service,
  type GivenPartner,
} from '../support/given.ts';
import { openHouse, testClock, type House } from '../support/house.ts';

let house: House;
let gateway: Express;
let bright: GivenPartner;
let token: string;
let finn: { id: string; key: string };
let fay: { id: string; key: string };
const clock = testClock(new Date('2026-11-20T12:00:00Z'));

beforeAll(async () => {
  house = await openHouse({ clock, settings: { claimAloneMinor: 100n } });
  const { tools } = house;
  gateway = createGateway(tools);
  bright = await givenPartner(tools, {
    purposes: ['identity', 'billing', 'fees'],
    terms: { fee: { ...fee, tax: { kind: 'rate', ratePercent: '10' } } },
  });
  await givenRecords(tools, [service(), customer('ada'), customer('ben')]);
  for (const who of ['ada', 'ben']) await givenRelationship(tools, bright.partner, who);
  const monthly = ['02', '03', '04', '05', '06'].map((month) => payment(`a${month}`, 'ada', { settledAt: `2026-${month}-02T10:00:00Z` })); // prettier-ignore
  await givenRecords(tools, [...monthly, payment('b1', 'ben', { amount: money(5000) })]);
  finn = await givenPerson(tools, ['finance']);
  fay = await givenPerson(tools, ['finance']);
  for (const month of ['2026-02', '2026-03']) await close(month);
  token = await givenToken(gateway, bright);
});
afterAll(() => house.close());

const close = (month: string) =>
  closeStatements(house.tools, {
    month,
    by: finn.id as Parameters<typeof closeStatements>[1]['by'],
  });
const pairwise = () => pairwiseOf(house.tools.settings.keys.pairwise, bright.partner.id);
const cus = (key: string) => pairwise().idOf('customer', customerIdOf(key));
const pay = (key: string) => pairwise().idOf('payment', recordIdOf('payment', key));
const desk = (who: { key: string }) => ({
  get: (path: string) => request(gateway).get(`/operator/v1${path}`).auth(who.key, { type: 'bearer' }), // prettier-ignore
  post: (path: string, body: object = {}) => request(gateway).post(`/operator/v1${path}`).auth(who.key, { type: 'bearer' }).send(body), // prettier-ignore
});
const mine = (path: string) => request(gateway).get(`/v1${path}`).auth(token, { type: 'bearer' });

async function claimed(period: string, lines: readonly object[]): Promise<string> {
  const { body, status } = await request(gateway).post(`/v1/fees/claims?period=${period}&currency=EUR`).auth(token, { type: 'bearer' }).send({ lines }); // prettier-ignore
  expect(status).toBe(201);
  return (body as { id: string }).id;
}
const oneOf = (id: string) => `/partners/brightside/claims/${id}`;
const balances = async () => {
  const { accounts, totals } = await readTrialBalance(house.tools, {});
  expect(totals).toEqual([{ currency: 'EUR', totalMinor: 0n }]);
  return Object.fromEntries(accounts.map(({ account, balanceMinor }) => [account, balanceMinor]));
};
const code = ({ body }: { body: unknown }) => (body as { code: string }).code;

let first: string;

test('finance sees a claim beside the statement, and a dispute of it with its clock', async () => {
  first = await claimed('2026-03', [
    { customer: cus('ada'), payment: pay('a03'), amount: 240 },
    { customer: cus('ben'), amount: 1600 },
    { customer: 'a stranger', amount: 90 },
  ]);
  const shown = await desk(finn).get(oneOf(first));
  expect([shown.status, shown.body]).toMatchObject([
    200,
    {
      status: 'open',
      partner: 'brightside',
      comparison: { claimed: money(1930), ours: money(1240), difference: money(690) },
    },
  ]);
  const reason = 'Ben’s amount is unclear';
  const late = await desk(finn).post(`${oneOf(first)}/dispute`, { dueOn: '2026-11-19', reason });
  expect([late.status, code(late)]).toEqual([422, 'decision-invalid']);
  const opened = await desk(finn).post(`${oneOf(first)}/dispute`, { dueOn: '2026-12-01', reason });
  expect(opened.body).toMatchObject({ claim: { status: 'disputed', decision: { dueOn: '2026-12-01', isOverdue: false, reason } } }); // prettier-ignore
  expect((await mine(`/fees/claims/${first}`)).body).toMatchObject({ status: 'disputed', resolveBy: '2026-12-01' }); // prettier-ignore
  clock.advance(12 * 86_400_000);
  token = await givenToken(gateway, bright);
  const listed = await desk(finn).get('/claims?status=disputed');
  expect(listed.body).toMatchObject({ data: [{ decision: { isOverdue: true } }], next: null });
});

test('promise P12: what is accepted above the limit takes a second person, and is done once', async () => {
  const accept = `${oneOf(first)}/accept-theirs`;
  const reason = 'Ben was billed by hand';
  const wrong = await desk(finn).post(accept, { reason, lines: [7] });
  expect([wrong.status, code(wrong)]).toEqual([422, 'decision-invalid']);
  const proposed = await desk(finn).post(accept, { reason, lines: [2] });
  expect(proposed.status).toBe(200);
  const { id } = (proposed.body as { proposal: { id: string } }).proposal;
  const shown = await desk(fay).get(`/proposals/${id}`);
  expect(shown.body).toMatchObject({ kind: 'claim-acceptance', diff: { adjustment: '600', statement: '2026-03.EUR', lines: [2] } }); // prettier-ignore
  const own = await desk(finn).post(`/proposals/${id}/approve`);
  expect([own.status, code(own)]).toEqual([403, 'second-person-needed']);
  const approved = await desk(fay).post(`/proposals/${id}/approve`);
  expect([approved.status, approved.body]).toMatchObject([200, { status: 'approved' }]);
  const again = await desk(finn).post(accept, { reason, lines: [2] });
  expect(again.body).toMatchObject({ claim: { status: 'accepted-theirs', decision: { by: { id: finn.id }, approvedBy: { id: fay.id } } } }); // prettier-ignore
  const { rows } = await house.admin.raw<{ rows: { amount_minor: string }[] }>('select amount_minor from agreed_adjustments'); // prettier-ignore
  expect(rows).toEqual([{ amount_minor: '600' }]);
  const ours = await desk(finn).post(`${oneOf(first)}/accept-ours`, { reason });
  expect([ours.status, code(ours)]).toEqual([409, 'claim-decided']);
  const other = await request(gateway).post('/v1/fees/claims?period=2026-03&currency=EUR').auth(token, { type: 'bearer' }).send({ lines: [{ customer: 'x', amount: 1 }] }); // prettier-ignore
  expect([other.status, code(other)]).toEqual([409, 'claim-decided']);
});

test('the next statement states it once, in its totals, papers and ledger, and recomputes', async () => {
  const draft = await mine('/fees/statements/2026-04.EUR');
  expect(draft.body).toMatchObject({ adjusted: money(600), closing: money(240 + 600) });
  const before = await balances();
  await close('2026-04');
  await close('2026-05');
  const after = await balances();
  const april = (await mine('/fees/statements/2026-04.EUR')).body as { lines: Record<string, unknown>[] }; // prettier-ignore
  expect(april).toMatchObject({ adjusted: money(600), tax: money(84), closing: money(924), adjustmentCount: 1 }); // prettier-ignore
  const line = april.lines.find(({ adjustment }) => adjustment === 'claim');
  expect(line).toEqual({
    ...{ id: line?.['id'], reason: 'claim-accepted', amount: money(600), adjustment: 'claim' },
    ...{ claim: first, month: '2026-03' },
  });
  const may = (await mine('/fees/statements/2026-05.EUR')).body as object;
  expect(may).toMatchObject({ adjustmentCount: 0, closing: money(264) });
  const moved = (account: string) => (after[account] ?? 0n) - (before[account] ?? 0n);
  expect([moved('referral-expense'), moved('fee-tax'), moved('partner-payable')]).toEqual([1080n, 108n, -1188n]); // prettier-ignore
  const csv = await mine('/fees/statements/2026-04.EUR').set('Accept', 'text/csv');
  expect(csv.text).toContain(`claim-accepted,claim,2026-03`);
  expect(csv.text).toContain(`6.00,EUR,,${first}`);
  const received = await receiveFees(async (path) => {
    const answer = await mine(path.replace(/^\/v1/, ''));
    return answer.status === 200 ? (answer.body as unknown) : undefined;
  }, '2026-05.EUR');
  if (!received) throw new Error('There is such a statement.');
  expect(recomputeFees(received.received)).toMatchObject({ agrees: true, problems: [], withheld: { count: 1, minor: 600n } }); // prettier-ignore
});

test('a small difference one person accepts, and one that is nobody’s is refused', async () => {
  const small = await claimed('2026-04', [{ payment: pay('a04'), amount: 250 }, { customer: 'x', amount: 590 }]); // prettier-ignore
  const both = await desk(finn).post(`${oneOf(small)}/accept-theirs`, { reason: 'the rate', lines: [1] }); // prettier-ignore
  expect(both.body).toMatchObject({ claim: { status: 'accepted-theirs', decision: { approvedBy: null } } }); // prettier-ignore
  const same = await claimed('2026-02', [{ payment: pay('a02'), amount: 240 }]);
  const none = await desk(finn).post(`${oneOf(same)}/accept-theirs`, { reason: 'same', lines: null }); // prettier-ignore
  expect([none.status, code(none)]).toEqual([409, 'nothing-differs']);
  const open = await claimed('2026-06', [{ payment: pay('a06'), amount: 999 }]);
  const early = await desk(finn).post(`${oneOf(open)}/accept-theirs`, { reason: 'early', lines: null }); // prettier-ignore
  expect([early.status, code(early)]).toEqual([409, 'statement-open']);
  const ours = await desk(finn).post(`${oneOf(open)}/accept-ours`, { reason: 'as agreed' });
  expect(ours.body).toMatchObject({ claim: { status: 'accepted-ours' } });
});

test('fifty acceptances at once are one adjustment', async () => {
  const id = await claimed('2026-05', [{ payment: pay('a05'), amount: 300 }]);
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, n) => desk(n % 2 ? finn : fay).post(`${oneOf(id)}/accept-theirs`, { reason: 'all', lines: null })), // prettier-ignore
  );
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  const { rows } = await house.admin.raw<{ rows: { amount: string }[] }>(
    'select amount_minor as amount from agreed_adjustments order by agreed_at, amount_minor',
  );
  expect(rows.map(({ amount }) => amount).sort()).toEqual(['10', '60', '600']);
  const decisions = await house.admin.raw<{ rows: object[] }>('select 1 from claim_decisions where ours_minor = 240 and theirs_minor = 300'); // prettier-ignore
  expect(decisions.rows.length).toBe(1);
});

test('the report ties out, on paper and in a spreadsheet, and holds no formula', async () => {
  const id = await claimed('2026-07', [{ customer: '=HYPERLINK("x")', amount: -90 }, { customer: '+1', amount: 5 }, { payment: pay('a06'), amount: 240 }]); // prettier-ignore
  const csv = await desk(finn).get(`${oneOf(id)}/report`);
  expect([csv.status, csv.headers['content-type']]).toEqual([200, 'text/csv; charset=utf-8']);
  const rows = csv.text.trim().split('\r\n');
  expect(csv.text).toContain(`"'=HYPERLINK(""x"")"`);
  expect(csv.text).toContain(",'+1,");
  expect(rows.at(-1)).toBe('total,,,,,,,,1.55,0.00,1.55,EUR');
  expect(csv.text).toContain('timing,other-period');
  const pdf = await desk(finn).get(`${oneOf(id)}/report`).set('Accept', 'application/pdf').buffer(true).parse((answer, done) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.on('end', () => done(null, Buffer.concat(parts))); // eslint-disable-line @typescript-eslint/no-confusing-void-expression -- supertest's own form
    }); // prettier-ignore
  expect([pdf.status, (pdf.body as Buffer).toString('latin1', 0, 5)]).toEqual([200, '%PDF-']);
});
