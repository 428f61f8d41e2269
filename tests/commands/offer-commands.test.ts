import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type { Partner } from '../../src/partners/index.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { fieldsShown } from '../../src/projection/index.ts';
import { findViews } from '../../src/views/index.ts';
import { givenPerson } from '../people/given-people.ts';
import { runCommand } from '../support/run-command.ts';
import { givenPartner } from '../support/given.ts';
import { openHouse, type House } from '../support/house.ts';

jest.setTimeout(120_000);
let house: House;
let partner: Partner;
const folder = mkdtempSync(join(tmpdir(), 'sluice-offers-'));

beforeAll(async () => {
  house = await openHouse({ clock: systemClock });
  ({ partner } = await givenPartner(house.tools, { view: null }));
});
afterAll(async () => {
  await house.close();
  rmSync(folder, { recursive: true, force: true });
});

function sluice(words: readonly string[], key?: string) {
  return runCommand(words, {
    DATABASE_URL: house.urls.app,
    DATABASE_READER_URL: house.urls.reader,
    SLUICE_DATA_DIR: folder,
    SLUICE_LOG_LEVEL: 'silent',
    ...(key === undefined ? {} : { SLUICE_STAFF_KEY: key }),
  });
}

function publish(fields: readonly string[], key?: string) {
  const file = join(folder, 'view.json');
  const properties = Object.fromEntries(fields.map((field) => [field, true]));
  const customer = { properties: { contact: { properties } } };
  writeFileSync(file, JSON.stringify({ type: 'object', properties: { customer } }));
  return sluice(['schema', 'publish', file, '--partner', partner.key], key);
}

const shown = async () => {
  const view = (await findViews(house.tools.db, partner.id)).at(-1);
  return view && fieldsShown(view.document)['customer'];
};

test('a widening is published alone and says so, until two persons are there; then one proposes and one approves', async () => {
  const alone = await publish(['name']);
  expect(alone).toMatchObject({
    code: 0,
    text: expect.stringContaining('No second person is registered'),
  });
  expect(await shown()).toEqual(['id', 'contact.name']);
  const ada = await givenPerson(house.tools, ['partner'], 'Ada');
  const ben = await givenPerson(house.tools, ['privacy'], 'Ben');
  const nobody = await publish(['name', 'phone']);
  expect(nobody).toMatchObject({ code: 1, text: expect.stringContaining('(person-needed)') });
  expect(await shown()).toEqual(['id', 'contact.name']);
  const proposed = await publish(['name', 'phone'], ada.key);
  expect(proposed).toMatchObject({
    code: 0,
    text: expect.stringContaining('somebody else approves'),
  });
  const [id = ''] = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/.exec(proposed.text) ?? [];
  expect(await shown()).toEqual(['id', 'contact.name']);
  const own = await sluice(['proposal', 'approve', id], ada.key);
  expect(own).toMatchObject({ code: 1, text: expect.stringContaining('second-person-needed') });
  const approved = await sluice(['proposal', 'approve', id], ben.key);
  expect(approved.code).toBe(0);
  expect(await shown()).toEqual(['id', 'contact.name', 'contact.phone']);
  const narrowed = await publish(['phone']);
  expect(narrowed.code).toBe(0);
  expect(narrowed.text).not.toContain('No second person');
  expect(await shown()).toEqual(['id', 'contact.phone']);
});
