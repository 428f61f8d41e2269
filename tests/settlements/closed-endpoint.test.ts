import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Express } from 'express';
import request from 'supertest';
import { createGateway } from '../../src/gateway.ts';
import { setChoice } from '../../src/intake/index.ts';
import { customerIdOf } from '../../src/records/index.ts';
import { closeStatements, type StatementDocument } from '../../src/settlements/index.ts';
import { givenPerson } from '../people/given-people.ts';
import {
  customer,
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
import { openHouse, type House } from '../support/house.ts';

let house: House;
let gateway: Express;
let bright: GivenPartner;
let token: string;
let other: string;

beforeAll(async () => {
  house = await openHouse({ settings: { letterhead: ['The Ducallier Studios', '12 Harbour Street'] } }); // prettier-ignore
  gateway = createGateway(house.tools);
  bright = await givenPartner(house.tools);
  const rival = await givenPartner(house.tools, { key: 'rival' });
  await givenRecords(house.tools, [service(), customer('ada'), customer('ben')]);
  for (const who of ['ada', 'ben']) await givenRelationship(house.tools, bright.partner, who);
  await givenRecords(house.tools, [
    payment('a1', 'ada'),
    refund('r1', 'ada', 'a1'),
    payment('b1', 'ben', { amount: money(5000) }),
    payment('b2', 'ben', { settledAt: '2026-04-02T10:00:00Z' }),
  ]);
  const by = (await givenPerson(house.tools, ['finance'])).id;
  await closeStatements(house.tools, { month: '2026-03', by });
  token = await givenToken(gateway, bright);
  other = await givenToken(gateway, rival);
});
afterAll(() => house.close());

const get = (path: string, accept = 'application/json', as = token) =>
  request(gateway)
    .get(path)
    .auth(as, { type: 'bearer' })
    .set('Accept', accept)
    .buffer(true)
    .parse((answer, done) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.on('end', () => done(null, Buffer.concat(parts))); // eslint-disable-line @typescript-eslint/no-confusing-void-expression -- supertest's own form
    });
const bytes = (answer: { body: unknown }) => answer.body as Buffer;
const json = (answer: { body: unknown }) =>
  JSON.parse(bytes(answer).toString()) as Record<string, unknown> & {
    lines: (Record<string, unknown> & { sha256?: string })[];
    next: string | null;
  };
const sha256 = (part: Uint8Array | string) => createHash('sha256').update(part).digest();
const march = '/v1/fees/statements/2026-03.EUR';

test('a closed statement is served with its document, whose hash stands in the partner’s own log', async () => {
  const answer = await get(march);
  expect(answer.status).toBe(200);
  const { document, sha256: hash, status, lines, next, lineCount } = json(answer);
  expect({ status, next, lineCount }).toEqual({ status: 'closed', next: null, lineCount: 3 });
  expect(sha256(String(document)).toString('hex')).toBe(hash);
  const told = JSON.parse(String(document)) as StatementDocument;
  const digests = lines.map((line) => sha256(JSON.stringify(line)));
  expect(sha256(Buffer.concat(digests)).toString('hex')).toBe(told.linesSha256);
  expect(told.closing).toEqual(money(1180));
  const { rows } = await house.tools.db.raw<{ rows: { entry: string }[] }>('select entry from disclosure_entries order by index'); // prettier-ignore
  expect(JSON.parse(rows[0]?.entry ?? '{}')).toMatchObject({ event: 'statement-closed', sha256: hash }); // prettier-ignore
  expect(JSON.parse(rows.at(-1)?.entry ?? '{}')).toMatchObject({ recordType: 'fee-statement', subjects: { size: 3 } }); // prettier-ignore
});

test('its pages go on where the last one ended, and together they are all lines', async () => {
  const whole = json(await get(march)).lines;
  const pages: unknown[] = [];
  for (let path = `${march}?limit=2`; ;) {
    const page = json(await get(path));
    pages.push(...page.lines);
    if (page.next === null) break;
    path = `${march}?limit=2&cursor=${page.next}`;
  }
  expect(pages).toEqual(whole);
});

test('the list has the closed month and the draft of the next, each once', async () => {
  const { data } = json(await get('/v1/fees/statements?limit=1')) as unknown as { data: unknown[] };
  expect(data).toEqual([expect.objectContaining({ id: '2026-04.EUR', status: 'draft' })]);
  const first = json(await get('/v1/fees/statements?limit=1'));
  const second = json(await get(`/v1/fees/statements?limit=1&cursor=${first.next ?? ''}`)) as unknown as { data: unknown[]; next: unknown }; // prettier-ignore
  expect(second).toEqual({
    data: [expect.objectContaining({ id: '2026-03.EUR', status: 'closed', payout: money(1180) })],
    next: null,
  });
});

test('as CSV it opens in a spreadsheet, and every amount is a number', async () => {
  const answer = await get(march, 'text/csv');
  expect([answer.status, answer.headers['content-type']]).toEqual([200, 'text/csv; charset=utf-8']);
  const rows = bytes(answer).toString().trimEnd().split('\r\n').map((row) => row.split(',')); // prettier-ignore
  const amount = rows[0]?.indexOf('amount') ?? -1;
  expect(rows.slice(1, -1).map((row) => [row[0], row[amount]])).toEqual([
    ['opening', '0.00'],
    ...json(await get(march)).lines.map((line) => ['line', textOf(line)]),
    ['closing', '11.80'],
    ['payout', '11.80'],
    ['forfeited', '0.00'],
    ['carried-forward', '0.00'],
  ]);
});
const textOf = (line: Record<string, unknown>) =>
  ((line['amount'] as { amount: number }).amount / 100).toFixed(2);

test('as PDF it has letterhead, partner, period, lines, totals, rounding, hash and room to sign', async () => {
  const answer = await get(march, 'application/pdf');
  expect([answer.status, bytes(answer).subarray(0, 5).toString()]).toEqual([200, '%PDF-']);
  expect(bytes(await get(march, 'application/pdf'))).toEqual(bytes(answer));
  const text = textLayer(bytes(answer));
  if (text === undefined) return;
  const { sha256: hash, lines } = json(await get(march));
  for (const part of [
    ...['The Ducallier Studios', '12 Harbour Street', 'Fee statement', '2026-03.EUR'],
    ...['brightside Ltd (brightside)', '2026-03-01 to 2026-03-31', 'Opening balance'],
    ...['Closing balance', 'To be paid out', '11.80 EUR', 'half to even', String(hash)],
    ...['Place, date, signature', 'Page 1 of 1', 'not a tax invoice'],
    ...lines.map((line) => String(line['id'])),
  ]) {
    expect(text).toContain(part);
  }
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

test('a draft has no paper, and another partner finds nothing', async () => {
  const draft = '/v1/fees/statements/2026-04.EUR';
  expect((await get(draft)).status).toBe(200);
  expect(json(await get(draft, 'text/csv'))['code']).toBe('statement-open');
  for (const accept of ['application/json', 'text/csv', 'application/pdf']) {
    expect(json(await get(march, accept, other))['code']).toBe('unknown-statement');
  }
});

test('after an opt-out a line that was closed in full is cut: its hash still proves the statement', async () => {
  const before = json(await get(march));
  await setChoice(house.tools, {
    customerId: customerIdOf('ada'),
    partner: undefined,
    ...{
      sharing: 'refused',
      at: new Date('2026-06-01T00:00:00Z'),
      evidence: 'mail',
      actor: 'test',
    },
  });
  const after = json(await get(march));
  expect(after['document']).toBe(before['document']);
  const cut = after.lines.filter((line) => line.sha256 !== undefined);
  expect(cut.map((line) => Object.keys(line).sort())).toEqual([
    ['amount', 'id', 'reason', 'sha256'],
    ['amount', 'id', 'reason', 'sha256'],
  ]);
  const digests = after.lines.map(
    (line) =>
    line.sha256 === undefined ? sha256(JSON.stringify(line)) : Buffer.from(line.sha256, 'hex'), // prettier-ignore
  );
  const { linesSha256 } = JSON.parse(String(after['document'])) as StatementDocument;
  expect(sha256(Buffer.concat(digests)).toString('hex')).toBe(linesSha256);
  const told = bytes(await get(march, 'text/csv')).toString();
  const payments = before.lines.map((line) => String(line['payment']));
  expect(payments.filter((id) => told.includes(id))).toHaveLength(1);
});
