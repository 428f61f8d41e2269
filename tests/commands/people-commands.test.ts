import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { Command } from 'commander';
import fc from 'fast-check';
import { tablesOfDiff } from '../../src/commands/diff-rows.ts';
import { addProposalCommands } from '../../src/commands/proposal-commands.ts';
import { addStaffCommands } from '../../src/commands/staff-commands.ts';
import {
  givenPerson,
  givenProposal,
  naming,
  prepareNaming,
  timesNamed,
  type GivenPerson,
} from '../people/given-people.ts';
import { runCommand } from '../support/run-command.ts';
import { openHouse, type House } from '../support/house.ts';
import { systemClock } from '../../src/platform/clock.ts';

jest.setTimeout(60_000);

let house: House;
let ada: GivenPerson;
let ben: GivenPerson;
const folder = mkdtempSync(join(tmpdir(), 'sluice-people-'));
const before = { ...process.env };

beforeAll(async () => {
  // Commands read the true clock.
  house = await openHouse({ clock: systemClock });
  await prepareNaming(house);
  ada = await givenPerson(house.tools, ['privacy'], 'Ada');
  ben = await givenPerson(house.tools, ['privacy'], 'Ben');
  const known = Object.entries(before).filter(([name]) => !name.startsWith('SLUICE_'));
  process.env = Object.fromEntries(known);
  Object.assign(process.env, environment());
});
afterAll(async () => {
  process.env = before;
  await house.close();
  rmSync(folder, { recursive: true });
});

const environment = () => ({
  DATABASE_URL: house.urls.app,
  DATABASE_READER_URL: house.urls.reader,
  SLUICE_DATA_DIR: folder,
  SLUICE_LOG_LEVEL: 'silent',
});

/** What a command prints, in this process: with a kind of proposals of the test's own. */
async function printed(words: readonly string[], key?: string): Promise<string> {
  const program = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  addStaffCommands(program);
  addProposalCommands(program, [naming]);
  for (const command of program.commands.flatMap((one) => [one, ...one.commands])) {
    command.exitOverride().configureOutput({ writeErr: () => undefined });
  }
  const write = process.stdout.write.bind(process.stdout);
  let text = '';
  process.stdout.write = (part) => {
    text += String(part);
    return true;
  };
  if (key !== undefined) process.env['SLUICE_STAFF_KEY'] = key;
  try {
    await program.parseAsync(words, { from: 'user' });
  } finally {
    process.stdout.write = write;
    delete process.env['SLUICE_STAFF_KEY'];
  }
  return text;
}

const rows = async (words: readonly string[], key?: string) =>
  JSON.parse(await printed([...words, '--json'], key)) as Record<string, string>[];
const refusedAs = (code: string) => ({ kind: { code } });

function sluice(words: readonly string[], more: Record<string, string> = {}) {
  return runCommand(words, { ...environment(), ...more });
}

test('promise P30: a person’s key is printed when it is made and never again', async () => {
  const roles = ['--role', 'partner', '--role', 'privacy'];
  const [added] = await rows(['staff', 'add', '--name', 'Grace Hopper', ...roles]);
  expect(added).toMatchObject({ name: 'Grace Hopper', roles: 'privacy partner', status: 'active' });
  const { person = '', key = '' } = added ?? {};
  expect(key).toMatch(/^slk_[\w-]{43}$/);
  const listed = await printed(['staff', 'list']);
  expect(listed).toMatch(/Grace Hopper +privacy partner +active/);
  expect(listed).not.toContain('slk_');
  const [rotated] = await rows(['staff', 'rotate', person]);
  await expect(printed(['proposal', 'list'], key)).rejects.toMatchObject(
    refusedAs('staff-key-invalid'),
  );
  expect(await printed(['proposal', 'list'], rotated?.['key'])).toBe('No proposals.\n');
  expect(await rows(['staff', 'end', person])).toEqual([{ person, status: 'ended' }]);
  await expect(printed(['proposal', 'list'], rotated?.['key'])).rejects.toMatchObject(
    refusedAs('staff-key-invalid'),
  );
});

test('a second person reads the diff as a table and approves, by environment or by file', async () => {
  const id = await givenProposal(house.tools, ada.id, { name: 'by command' });
  expect(await rows(['proposal', 'list', '--status', 'open'], ben.key)).toMatchObject([
    { proposal: id, kind: 'name', status: 'open', 'proposed by': 'Ada', 'decided by': '' },
  ]);
  const shown = await printed(['proposal', 'show', id], ben.key);
  expect(shown).toMatch(/\nfield +before +after\nname +– +by command\n/);
  expect(await rows(['proposal', 'show', id], ben.key)).toMatchObject({
    about: { name: 'by command' },
  });
  await expect(printed(['proposal', 'approve', id], ada.key)).rejects.toMatchObject(
    refusedAs('second-person-needed'),
  );
  const file = join(folder, 'ben.key');
  writeFileSync(file, `${ben.key}\n`);
  expect(await rows(['proposal', 'approve', id, '--key-file', file], ada.key)).toMatchObject([
    { status: 'approved', 'decided by': 'Ben' },
  ]);
  expect(await timesNamed(house, 'by command')).toBe(1);
});

test('a proposal is rejected by another and withdrawn by its own', async () => {
  const why = ['--reason', 'Too wide.'];
  const one = await givenProposal(house.tools, ada.id);
  expect(await rows(['proposal', 'reject', one, ...why], ben.key)).toMatchObject([
    { status: 'rejected', reason: 'Too wide.' },
  ]);
  const other = await givenProposal(house.tools, ada.id);
  expect(await rows(['proposal', 'withdraw', other, ...why], ada.key)).toMatchObject([
    { status: 'withdrawn', 'decided by': 'Ada' },
  ]);
});

test('the built program refuses who is nobody, in one sentence that holds no key', async () => {
  const nobody = await sluice(['proposal', 'list']);
  expect([nobody.code, nobody.text]).toEqual([
    1,
    expect.stringMatching(/^sluice: .*SLUICE_STAFF_KEY.*\(staff-key-needed\)\n$/),
  ]);
  const key = `slk_${'A'.repeat(43)}`;
  const wrong = await sluice(['proposal', 'list'], { SLUICE_STAFF_KEY: key });
  expect(wrong.code).toBe(1);
  expect(wrong.text).toMatch(/\(staff-key-invalid\)\n$/);
  expect(wrong.text).not.toContain(key);
  const long = await sluice(['proposal', 'list'], { SLUICE_STAFF_KEY: key.repeat(5) });
  expect([long.code, long.text.includes(key)]).toEqual([2, false]);
});

test.each([
  ['no role', ['staff', 'add', '--name', 'X'], 'commander.missingMandatoryOptionValue'],
  ['an unknown role', ['staff', 'add', '--name', 'X', '--role', 'root'], 'invalid-staff'],
  ['an unknown person', ['staff', 'end', 'per_x'], 'unknown-staff'],
  ['an unknown status', ['proposal', 'list', '--status', 'done'], 'commander.invalidArgument'],
  ['a limit that is none', ['proposal', 'list', '--limit', '0'], 'commander.invalidArgument'],
  ['no reason', ['proposal', 'reject', 'x'], 'commander.missingMandatoryOptionValue'],
  ['an unknown proposal', ['proposal', 'show', 'x'], 'unknown-proposal'],
  ['a file that is not there', ['proposal', 'list', '--key-file', 'nowhere'], 'file-unreadable'],
  ['the key as an argument', ['proposal', 'list', '--key', 'x'], 'commander.unknownOption'],
])('%s is refused as what it is', async (_what, words, code) => {
  const refused: unknown = await printed(words, ada.key).catch((error: unknown) => error);
  const { kind, code: misuse } = refused as { kind?: { code: string }; code?: string };
  expect(kind?.code ?? misuse).toBe(code);
});

test('a diff of any shape becomes tables: lists are rows, parts have titles', () => {
  const diff = {
    partner: 'brightside',
    widens: true,
    fields: [{ field: 'email', 'customers more': 3 }],
    counts: { customers: 3, 'record types': ['invoice', 'payment'] },
  };
  expect(tablesOfDiff(diff)).toEqual([
    {
      title: '',
      rows: [
        { what: 'partner', value: 'brightside' },
        { what: 'widens', value: true },
      ],
    },
    { title: 'fields', rows: [{ field: 'email', 'customers more': 3 }] },
    {
      title: 'counts',
      rows: [
        { what: 'customers', value: 3 },
        { what: 'record types', value: 'invoice, payment' },
      ],
    },
  ]);
});

test('no diff writes controls on the terminal of who decides, and none breaks it', () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'binary' }), (diff) => {
      const tables = tablesOfDiff(diff);
      const cells = tables.flatMap((one) => one.rows.flatMap((row) => Object.values(row)));
      expect(cells.filter((cell) => typeof cell === 'object')).toEqual([]);
      const words = tables.flatMap((one) => [one.title, ...one.rows.flatMap(Object.keys)]);
      expect([...cells, ...words].filter((text) => /\p{C}/u.test(String(text)))).toEqual([]);
    }),
  );
  expect(tablesOfDiff([{ 'na\u001bme': '\u001b[2Jx\u202e' }])).toEqual([
    { title: '', rows: [{ 'na\\u{1b}me': '\\u{1b}[2Jx\\u{202e}' }] },
  ]);
});
