import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { verifyLog } from '../../src/audit/index.ts';
import { appendDisclosure } from '../../src/disclosures/index.ts';
import { openHouse, type House } from '../support/house.ts';
import { givenDisclosure, givenLog, givenNumbers } from '../disclosures/given.ts';
import { findingsAfter } from './tampering.ts';

let house: House;
let log: string;
const size = 300;
beforeAll(async () => {
  house = await openHouse();
  const { tools } = house;
  log = await givenLog(tools);
  await givenNumbers(tools, log, 4);
  const pages = Array.from({ length: size }, (_, i) => givenDisclosure(log, { size: i % 5 }));
  await Promise.all(pages.map((page) => appendDisclosure(tools, page)));
  const other = await givenLog(tools);
  await appendDisclosure(tools, givenDisclosure(other));
});
afterAll(async () => {
  await house.close();
});

test('an honest log is accepted, and the audit says what it looked at', async () => {
  const audit = await verifyLog(house.tools);
  expect(audit).toEqual({
    ...{ logs: 2, entries: size + 1, subjects: 600 },
    ...{ beats: 0, places: 0, postings: 0, findings: [] },
  });
});

test('one changed byte of one entry is found, and the entry is named', async () => {
  for (let round = 0; round < 20; round += 1) {
    const index = (round * 89) % size;
    const place = 1 + ((round * 131) % 400);
    const row = await house
      .admin('disclosure_entries')
      .first<{ entry_id: string }>('entry_id')
      .where({ recipient_id: log, index });
    const findings = await findingsAfter(
      house,
      `update disclosure_entries set entry = overlay(entry placing
        case substring(entry from ${String(place)} for 1) when 'a' then 'b' else 'a' end
        from ${String(place)}) where recipient_id = '${log}' and index = ${String(index)}`,
    );
    const id = `dis_${Buffer.from(row.entry_id.replaceAll('-', ''), 'hex').toString('base64url')}`;
    const what = 'its bytes do not have the hash that was stored with it';
    expect(findings).toMatchObject([{ index, id, what }]);
  }
});

const at = `recipient_id = '{log}' and index = 17`;
const flipped = (column: string) => `set_byte(${column}, 3, get_byte(${column}, 3) # 1)`;
const rehashed = `leaf_hash = sha256('\\x00'::bytea || convert_to(replace(entry, 'pull', 'push'), 'UTF8'))`;

test.each([
  ['an entry is missing', `delete from disclosure_entries where ${at}`, 'is missing', 17],
  [
    'the last entry is missing',
    `delete from disclosure_entries where recipient_id = '{log}' and index = 299`,
    'is missing',
    299,
  ],
  [
    'a stored hash is changed',
    `update disclosure_entries set leaf_hash = ${flipped('leaf_hash')} where ${at}`,
    'its bytes do not have the hash',
    17,
  ],
  [
    'an entry and its hash are changed',
    `update disclosure_entries set entry = replace(entry, 'pull', 'push'), ${rehashed} where ${at}`,
    'node over entries 0 to 255',
    null,
  ],
  [
    'a late entry and its hash are changed',
    `update disclosure_entries set entry = replace(entry, 'pull', 'push'), ${rehashed} where recipient_id = '{log}' and index = 299`,
    'its head is not the root',
    null,
  ],
  [
    'two entries change places',
    `update disclosure_entries one set entry = two.entry, leaf_hash = two.leaf_hash from disclosure_entries two where one.recipient_id = '{log}' and two.recipient_id = '{log}' and one.index = 17 and two.index = 18`,
    'carries another id',
    17,
  ],
  [
    'an entry is moved behind',
    `update disclosure_entries set index = 5000 where ${at}`,
    'is missing',
    17,
  ],
  ['a secret is gone', `delete from disclosure_secrets where ${at}`, 'its secret is missing', 17],
  [
    'a leaf hash is changed',
    `update disclosure_secrets set leaf_hashes = ${flipped('leaf_hashes')} where ${at}`,
    'its leaf hashes are not',
    17,
  ],
  [
    'a leaf hash is dropped',
    `update disclosure_secrets set leaf_hashes = substring(leaf_hashes from 33) where ${at}`,
    'its leaf hashes are not',
    17,
  ],
  [
    'the subject index is gone',
    `delete from disclosure_subjects where ${at}`,
    'its subject index is missing',
    17,
  ],
  [
    'a subject is dropped from the index',
    `update disclosure_subjects set numbers = substring(numbers from 2) where ${at}`,
    'its subject index does not fit',
    17,
  ],
  [
    'a subject is unknown',
    `update disclosure_subjects set numbers = '\\x0163' where ${at}`,
    'its subject index does not fit',
    17,
  ],
  [
    'a node of the tree is changed',
    `update log_nodes set hash = ${flipped('hash')} where recipient_id = '{log}'`,
    'node over entries 0 to 255',
    null,
  ],
  [
    'a node of the tree is gone',
    `delete from log_nodes where recipient_id = '{log}'`,
    'node over entries 0 to 255',
    null,
  ],
  [
    'a head is set back',
    `update log_heads set size = 299 where recipient_id = '{log}'`,
    'its head is not the root',
    null,
  ],
  [
    'a right edge is changed',
    `update log_heads set frontier = ${flipped('frontier')} where recipient_id = '{log}'`,
    'its head is not the root',
    null,
  ],
  [
    'a customer lost its number',
    `delete from log_subjects where recipient_id = '{log}' and number = 2`,
    'have gaps',
    null,
  ],
  [
    'a head is gone',
    `delete from log_heads where recipient_id = '{log}'`,
    'belongs to a recipient that has no log',
    0,
  ],
])('the audit finds it when %s', async (_name, sql, what, index) => {
  const findings = await findingsAfter(house, sql.replaceAll('{log}', log));
  expect(findings).toMatchObject([{ what: expect.stringContaining(what) as unknown, index }]);
});

test('the code that verifies imports nothing that writes', () => {
  const reached = new Set(['src/audit/index.ts']);
  for (const file of reached) {
    const source = readFileSync(file, 'utf8');
    for (const [, path = ''] of source.matchAll(/from '(\.[^']+)'/g)) {
      const found = join(dirname(file), path);
      if (!found.startsWith('src/platform/')) reached.add(found);
    }
  }
  const rooms = new Set([...reached].map((file) => dirname(file)));
  expect([...rooms].sort()).toEqual(['src/audit', 'src/transparency']);
});
