import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { accrueFees } from '../../src/fees/index.ts';
import { givenPerson } from '../people/given-people.ts';
import { runCommand } from '../support/run-command.ts';
import { customer, givenPartner, givenRecords, payment, service } from '../support/given.ts';
import { openHouse, type House } from '../support/house.ts';

jest.setTimeout(120_000);

let house: House;
let [ada, ben] = ['', ''];
const dataDir = mkdtempSync(join(tmpdir(), 'sluice-attribution-'));

beforeAll(async () => {
  house = await openHouse();
  await givenPartner(house.tools);
  await givenRecords(house.tools, [service(), customer('cy'), payment('p-cy', 'cy')]);
  ada = (await givenPerson(house.tools, ['partner'])).key;
  ben = (await givenPerson(house.tools, ['finance'])).key;
});
afterAll(async () => {
  await house.close();
  rmSync(dataDir, { recursive: true, force: true });
});

function sluice(key: string, ...words: string[]) {
  return runCommand(words, {
    DATABASE_URL: house.urls.app,
    DATABASE_READER_URL: house.urls.reader,
    SLUICE_DATA_DIR: dataDir,
    SLUICE_LOG_LEVEL: 'silent',
    SLUICE_LANDING_ORIGINS: 'https://www.example.com',
    ...(key !== '' && { SLUICE_STAFF_KEY: key }),
  });
}
const json = async (key: string, ...words: string[]) =>
  JSON.parse((await sluice(key, ...words, '--json')).text) as Record<string, unknown>[];

test('a link is given, listed and ended from the command line', async () => {
  const given = ['promotion', 'add', 'Spring', '--partner', 'brightside', '--to'];
  expect(await sluice('', ...given, 'https://evil.example')).toMatchObject({
    code: 1,
    text: expect.stringContaining('landing-not-allowed'),
  });
  expect(await json('', ...given, 'https://www.example.com/spring')).toMatchObject([
    { code: 'spring', link: 'http://127.0.0.1:8080/r/spring', service: '' },
  ]);
  expect(await json('', 'promotion', 'list', '--partner', 'brightside')).toHaveLength(1);
  expect(await json('', 'promotion', 'end', 'spring')).toMatchObject([{ code: 'spring', standing: 'over' }]); // prettier-ignore
});

test('who came by telephone is a partner’s by two persons, and the fee tells so', async () => {
  const propose = ['attribution', 'propose'];
  const about = ['--customer', 'cy', '--service', 'store', '--at', '2026-01-01'];
  const reason = ['--reason', 'told us by telephone'];
  expect((await sluice(ada, ...propose, ...about, ...reason)).code).toBe(2);
  expect((await sluice(ada, ...propose, '--partner', 'brightside', ...reason)).code).toBe(2);
  const [made] = await json(ada, ...propose, ...about, '--partner', 'brightside', ...reason);
  const [id, proposal] = [String(made?.['attribution']), String(made?.['proposal'])];
  expect(await json('', 'attribution', 'list', '--status', 'held')).toMatchObject([{ attribution: id, customer: 'cy' }]); // prettier-ignore
  expect((await sluice(ada, 'proposal', 'approve', proposal)).text).toContain('second-person-needed'); // prettier-ignore
  expect((await sluice(ben, 'proposal', 'show', proposal)).text).toContain('told us by telephone');
  expect((await sluice(ben, 'proposal', 'approve', proposal)).code).toBe(0);
  const shown = (await sluice('', 'attribution', 'show', id)).text;
  expect(shown).toMatch(/status +attributed/);
  expect(shown).toMatch(/reason +told us by telephone/);
  await accrueFees(house.tools, {});
  const [line] = await house.admin('fee_accruals').select<{ line_id: string }[]>();
  const explained = await sluice('', 'fees', 'explain', line?.line_id ?? '');
  expect(explained.text).toContain(`attribution ${id}, proposed by per_`);
  expect(explained.text).toContain('payment p-cy');
  const told = JSON.parse((await sluice('', 'fees', 'explain', line?.line_id ?? '', '--json')).text) as { relationship: unknown }; // prettier-ignore
  expect(told.relationship).toMatchObject([{ event: 'attributed' }, { event: 'activated', evidence: 'payment p-cy' }]); // prettier-ignore
});
