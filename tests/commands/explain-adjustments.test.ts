import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Partner } from '../../src/partners/index.ts';
import { closePartner } from '../../src/settlements/close-partner.ts';
import { givenPerson } from '../people/given-people.ts';
import { givenLines, lineIdOf, type GivenLine } from '../settlements/given-settlements.ts';
import { runCommand } from '../support/run-command.ts';
import { givenPartner } from '../support/given.ts';
import { openHouse, type House } from '../support/house.ts';

let house: House;
let partner: Partner;
const dataDir = mkdtempSync(join(tmpdir(), 'sluice-explain-'));

beforeAll(async () => {
  house = await openHouse();
  ({ partner } = await givenPartner(house.tools, { view: null }));
  const by = (await givenPerson(house.tools, ['finance'])).id;
  const march = (key: string, fee: number): GivenLine => ({ key, fee, availableOn: '2026-03-10' });
  const back: GivenLine = { key: 'back', fee: -20, availableOn: '2026-03-20', kind: 'reversal' };
  const close = async (month: string, lines: readonly GivenLine[]) => {
    await givenLines(house, partner.id, lines);
    await closePartner(house.tools, { partner, month, by });
  };
  await close('2026-03', [march('changes', 500), march('goes', 70)]);
  await close('2026-04', [march('changes', 320), march('goes', 70), march('late', 200), back]);
  await close('2026-05', [march('changes', 330), march('late', 200), back, march('lost', 90)]);
  // Changed once more, and no close since.
  const now = [march('changes', 335), march('late', 200), back, march('found', 40)];
  await givenLines(house, partner.id, now);
}, 60_000);
afterAll(async () => {
  await house.close();
  rmSync(dataDir, { recursive: true, force: true });
});

const explain = (key: string, ...more: string[]) =>
  sluice('fees', 'explain', lineIdOf(key), '--partner', 'brightside', ...more);

async function sluice(...words: string[]) {
  const { code, text } = await runCommand(words, {
    DATABASE_URL: house.urls.app,
    DATABASE_READER_URL: house.urls.reader,
    SLUICE_DATA_DIR: dataDir,
    SLUICE_LOG_LEVEL: 'silent',
  });
  // The id that the partner reads is made with a key of that process’s own.
  return { code, text: text.replaceAll(/fee_[\w-]{22}/g, 'fee_…') };
}

/** What statements say of a line: the text after the facts of the line itself. */
const sentences = ({ text }: { text: string }) =>
  text.split('\n').filter((line) => line.startsWith('State'));

test('explained, a line that came late says for which month, and what it was and is', async () => {
  expect(sentences(await explain('late'))).toEqual([
    `Statement 2026-04.EUR adjusts fee_… by 2.00 EUR, late: the payment of 2026-03 became known after the statement on which it would stand. It was 0.00 EUR, and is 2.00 EUR.`,
  ]);
  expect(sentences(await explain('back'))[0]).toMatch(
    /by -0\.20 EUR, late: the refund of 2026-03 .* is -0\.20 EUR\.$/,
  );
}, 60_000);

test('explained, a line that changed says it of each statement, and what the next close will do', async () => {
  const change = 'changed: the fee for the payment of 2026-03 came out different after it was stated.'; // prettier-ignore
  expect(sentences(await explain('changes'))).toEqual([
    `Statement 2026-03.EUR states fee_… with 5.00 EUR, for the payment of 2026-03.`,
    `Statement 2026-04.EUR adjusts fee_… by -1.80 EUR, ${change} It was 5.00 EUR, and is 3.20 EUR.`,
    `Statement 2026-05.EUR adjusts fee_… by 0.10 EUR, ${change} It was 3.20 EUR, and is 3.30 EUR.`,
    `Statements state 3.30 EUR of fee_…, and it is 3.35 EUR by now: the next close adjusts it by 0.05 EUR.`,
  ]);
  const told = JSON.parse((await explain('changes', '--json')).text) as Record<string, unknown>;
  expect(told).toMatchObject({ lineId: lineIdOf('changes'), feeMinor: '335', isWithdrawn: false });
  expect(told['pending']).toContain('adjusts it by 0.05 EUR');
  expect(told['stated']).toMatchObject([
    { statement: '2026-03.EUR', adjustment: null, amountMinor: '500', wasMinor: '0', isMinor: '500' }, // prettier-ignore
    { statement: '2026-04.EUR', adjustment: 'changed', amountMinor: '-180', wasMinor: '500', isMinor: '320' }, // prettier-ignore
    { statement: '2026-05.EUR', adjustment: 'changed', amountMinor: '10', isMinor: '330' },
  ]);
}, 60_000);

test('explained, a line that was withdrawn is still told of, by the statements that have it', async () => {
  const { code, text } = await explain('goes');
  expect([code, text.trim().split('\n')]).toEqual([
    0,
    [
      `Statement 2026-03.EUR states fee_… with 0.70 EUR, for the payment of 2026-03.`,
      `Statement 2026-05.EUR adjusts fee_… by -0.70 EUR, withdrawn: the payment of 2026-03 earns or takes back nothing any more, and there is no such line now. It was 0.70 EUR, and is 0.00 EUR.`,
    ],
  ]);
  const told = JSON.parse((await explain('goes', '--json')).text) as Record<string, unknown>;
  expect(told).toMatchObject({ lineId: lineIdOf('goes'), isWithdrawn: true, pending: null });
}, 60_000);

test('a draft lists what the next close will adjust: why, of which month, what it was and is', async () => {
  const words = ['fees', 'statement', '--partner', 'brightside', '--month', '2026-06'];
  const of = [...words, '--currency', 'EUR'];
  const { lines, adjustmentLines, ...totals } = JSON.parse(
    (await sluice(...of, '--json')).text,
  ) as {
    lines: unknown[];
    adjustmentLines: Record<string, string>[];
  };
  expect(totals).toMatchObject({ statement: '2026-06.EUR', adjusted: '-0.45', adjustments: 3 });
  expect(lines).toEqual([]);
  const told = adjustmentLines.map(({ line: _line, customer: _c, service: _s, ...one }) =>
    Object.values(one),
  );
  expect(told.sort()).toEqual([
    ['accrual', 'changed', '2026-03', '3.30', '3.35', '0.05'],
    ['accrual', 'late', '2026-03', '0.00', '0.40', '0.40'],
    ['accrual', 'withdrawn', '2026-03', '0.90', '0.00', '-0.90'],
  ]);
  const [, , table = ''] = (await sluice(...of)).text.split('\n\n');
  expect(
    table
      .split('\n')
      .slice(0, 2)
      .map((line) => line.split(/\s{2,}/)),
  ).toEqual([
    ['Adjustments to earlier statements:'],
    ['line', 'customer', 'service', 'kind', 'adjustment', 'month', 'was', 'is', 'difference'],
  ]);
}, 60_000);
