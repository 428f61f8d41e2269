import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, jest, test } from '@jest/globals';
import { cruise, type ICruiseOptions, type ICruiseResult } from 'dependency-cruiser';
import extractTsConfig from 'dependency-cruiser/config-utl/extract-ts-config';
import { build, smallHouse, type Files } from './small-house.ts';

interface Map {
  readonly forbidden: readonly { readonly name: string; readonly to: { readonly path?: string } }[];
  readonly options: Omit<ICruiseOptions, 'tsConfig'>;
}

// The tests that follow the whole of src take seconds on a busy machine.
jest.setTimeout(60_000);

const map = createRequire(import.meta.url)('./rooms.cjs') as Map;
const stays = /^(.*)-stays-in-its-place$/;
const rooms = map.forbidden.flatMap((rule) => stays.exec(rule.name)?.[1] ?? []);
const ground = mkdtempSync(join(tmpdir(), 'sluice-rooms-'));
const tsConfig = extractTsConfig(join(process.cwd(), 'tsconfig.json'));

afterAll(() => {
  rmSync(ground, { recursive: true });
});

/** The rules that the sources below the folder break, by name. */
async function brokenIn(folder: string): Promise<string[]> {
  const { options, forbidden } = structuredClone(map);
  const report = await cruise(
    ['src'],
    { ...options, baseDir: folder, validate: true, ruleSet: { forbidden } } as ICruiseOptions,
    options.enhancedResolveOptions,
    { tsConfig },
  );
  const { summary } = report.output as ICruiseResult;
  return [...new Set(summary.violations.map((violation) => violation.rule.name))];
}

/** The rooms in which something is planted: following the others takes time and shows nothing. */
const few = ['fees', 'joint', 'partners', 'policy', 'sharing', 'tokens', 'verification'];

/** A small house in a folder of its own, after the change. */
function housed(change: Files = {}, its = few): string {
  const folder = mkdtempSync(join(ground, 'house-'));
  build(folder, { ...smallHouse(its), ...change });
  return folder;
}

/** The file of the small house with one more import. */
function importing(file: string, target: string, its = few): Files {
  return { [file]: `import '${target}';\n${smallHouse(its)[file] ?? ''}` };
}

const firstBarred = (room: string): string => {
  const rule = map.forbidden.find(({ name }) => name === `${room}-stays-in-its-place`);
  return /\((\w+)/.exec(rule?.to.path ?? '')?.[1] ?? '';
};

/** What each room may not enter, all planted in one house: the map has a rule for each room. */
const entered: Files = Object.assign(
  {},
  ...rooms.map((room) => importing(`src/${room}/do-thing.ts`, `../${firstBarred(room)}/index.ts`)),
) as Files;

const plants: readonly (readonly [rule: string, what: string, change: Files])[] = [
  [
    'no-cycles',
    'a noun imports the type of its act',
    {
      'src/policy/noun.ts': `import type { doThing } from './do-thing.ts';\nexport const noun = '';\nexport type Does = typeof doThing;\n`,
    },
  ],
  [
    'every-room-is-on-the-map',
    'a room that nobody drew',
    {
      ...importing('src/gateway.ts', './cellar/index.ts'),
      'src/cellar/index.ts': `/** Owns no table. */\nexport const cellar = 1;\n`,
    },
  ],
  [
    'enter-by-the-door',
    'an act reads the store of another room',
    importing('src/sharing/do-thing.ts', '../joint/thing-store.ts'),
  ],
  [
    'enter-by-the-door',
    'a type that is taken past the door',
    {
      'src/tokens/noun.ts': `import type { noun as partner } from '../partners/noun.ts';\nexport const noun: typeof partner = 'partners';\n`,
    },
  ],
  [
    'the-house-too',
    'the gateway enters by the window',
    importing('src/gateway.ts', './tokens/do-thing.ts'),
  ],
  [
    'the-house-too',
    'a command enters by the window',
    importing('src/commands/serve-commands.ts', '../tokens/thing-store.ts'),
  ],
  [
    'nobody-imports-the-house',
    'a room imports the gateway',
    importing('src/fees/do-thing.ts', '../gateway.ts'),
  ],
  [
    'nobody-imports-commands',
    'a room imports a command',
    importing('src/fees/do-thing.ts', '../commands/frame.ts'),
  ],
  [
    'nobody-imports-commands',
    'the gateway imports a command',
    importing('src/gateway.ts', './commands/frame.ts'),
  ],
  [
    'platform-knows-no-room',
    'the ground enters a room',
    importing('src/platform/database.ts', '../policy/index.ts'),
  ],
  [
    'platform-knows-no-room',
    'platform/http enters a room',
    importing('src/platform/http/endpoint.ts', '../../policy/index.ts'),
  ],
  [
    'platform-knows-no-room',
    'platform/embedded imports the gateway',
    importing('src/platform/embedded/server.ts', '../../gateway.ts'),
  ],
  ['rules-are-pure', 'rules query', importing('src/fees/thing-rules.ts', './thing-store.ts')],
  [
    'rules-are-pure',
    'rules open the database',
    importing('src/fees/thing-rules.ts', '../platform/database.ts'),
  ],
  ['rules-are-pure', 'rules read a file', importing('src/fees/thing-rules.ts', 'node:fs/promises')],
  [
    'rules-are-pure',
    'a noun speaks HTTP',
    importing('src/fees/noun.ts', '../platform/http/endpoint.ts'),
  ],
  ['rules-know-no-act', 'rules call an act', importing('src/fees/thing-rules.ts', './do-thing.ts')],
  [
    'stores-hold-sql-only',
    'a store calls an act',
    importing('src/fees/thing-store.ts', './do-thing.ts'),
  ],
  [
    'stores-hold-sql-only',
    'a store takes the tools',
    {
      ...importing('src/fees/thing-store.ts', '../platform/tools.ts'),
    },
  ],
  ['stores-hold-sql-only', 'a store reads a file', importing('src/fees/thing-store.ts', 'node:fs')],
  [
    'endpoints-hold-http-only',
    'an endpoint queries',
    importing('src/fees/thing-endpoints.ts', './thing-store.ts'),
  ],
  [
    'endpoints-hold-http-only',
    'an endpoint opens the database',
    importing('src/fees/thing-endpoints.ts', '../platform/database.ts'),
  ],
  [
    'nobody-imports-endpoints',
    'an act imports the table of endpoints',
    importing('src/fees/do-thing.ts', './thing-endpoints.ts'),
  ],
  ['express-at-the-edge', 'a room speaks express', importing('src/fees/do-thing.ts', 'express')],
  [
    'express-at-the-edge',
    'endpoints speak express',
    importing('src/fees/thing-endpoints.ts', 'express'),
  ],
  ['knex-in-one-place', 'a store imports knex', importing('src/fees/thing-store.ts', 'knex')],
  ['knex-in-one-place', 'a command imports pg', importing('src/commands/frame.ts', 'pg')],
  [
    'knex-in-one-place',
    'platform/http imports pg',
    importing('src/platform/http/endpoint.ts', 'pg'),
  ],
  [
    'verification-stands-alone',
    'the verifier takes a package',
    importing('src/verification/do-thing.ts', 'pg'),
  ],
  [
    'verification-stands-alone',
    'the verifier takes a module of Node',
    importing('src/verification/do-thing.ts', 'node:crypto'),
  ],
  [
    'verification-stands-alone',
    'the verifier takes from the ground',
    importing('src/verification/do-thing.ts', '../platform/tools.ts'),
  ],
  [
    'no-dead-files',
    'a file that nobody reaches',
    { 'src/fees/old-thing.ts': `import './noun.ts';\n` },
  ],
  [
    'declared-dependencies-only',
    'a package that is not declared',
    importing('src/fees/do-thing.ts', 'stray'),
  ],
  [
    'declared-dependencies-only',
    'a package that only tests may use',
    importing('src/fees/do-thing.ts', 'jest'),
  ],
  [
    'declared-dependencies-only',
    'a file that does not exist',
    importing('src/fees/do-thing.ts', './nothing.ts'),
  ],
];

test('a house that keeps every rule passes', async () => {
  expect(await brokenIn(housed())).toEqual([]);
  expect(await brokenIn(housed({}, rooms))).toEqual([]);
});

test('every room that enters what it may not is named', async () => {
  const broken = await brokenIn(housed(entered, rooms));
  expect(rooms.filter((room) => !broken.includes(`${room}-stays-in-its-place`))).toEqual([]);
});

test.each(plants)('%s: %s', async (rule, _what, change) => {
  expect(await brokenIn(housed(change))).toContain(rule);
});

test('every rule has a violation that was tried', () => {
  const tried = new Set([
    ...rooms.map((room) => `${room}-stays-in-its-place`),
    ...plants.map(([rule]) => rule),
  ]);
  expect(map.forbidden.map((rule) => rule.name).filter((name) => !tried.has(name))).toEqual([]);
});

test('every room of src is on the map', () => {
  const folders = readdirSync('src', { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  );
  const known = new Set([...rooms, 'platform', 'commands']);
  expect(folders.map((folder) => folder.name).filter((name) => !known.has(name))).toEqual([]);
});

/** A copy of our own sources, with the map and what it needs. */
function ours(): string {
  const folder = mkdtempSync(join(ground, 'ours-'));
  for (const part of ['src', 'package.json', 'tsconfig.json', 'tests/architecture/rooms.cjs']) {
    cpSync(part, join(folder, part), { recursive: true });
  }
  symlinkSync(join(process.cwd(), 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

test('our own sources keep the map', async () => {
  expect(await brokenIn(ours())).toEqual([]);
});

test('an import of an existing export against the map fails the gate', () => {
  const folder = ours();
  const rules = join(folder, 'src/transparency/tree-rules.ts');
  const text = readFileSync(rules, 'utf8');
  writeFileSync(rules, `import { parseRate } from '../fees/index.ts';\n${text}`);
  const gate = spawnSync(
    process.execPath,
    [
      'node_modules/dependency-cruiser/bin/dependency-cruise.mjs',
      ...['--config', 'tests/architecture/rooms.cjs', 'src'],
    ],
    { cwd: folder, encoding: 'utf8' },
  );
  expect(gate.stdout).toContain(
    'error transparency-stays-in-its-place: src/transparency/tree-rules.ts',
  );
  expect(gate.status).not.toBe(0);
});
