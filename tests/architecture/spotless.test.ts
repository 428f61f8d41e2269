import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { families } from './families.ts';

/** What .gitignore keeps out, and git itself. */
const untracked = new Set([
  '.git',
  ...readFileSync('.gitignore', 'utf8')
    .split('\n')
    .map((line) => line.replaceAll('/', '').trim())
    .filter((line) => line !== '' && !line.startsWith('#')),
]);

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !untracked.has(entry.name))
    .flatMap((entry) =>
      entry.isDirectory() ? filesBelow(join(folder, entry.name)) : [join(folder, entry.name)],
    );
}

const tracked = filesBelow('.').map((file) => ({ file, text: readFileSync(file, 'utf8') }));
const rooms = readdirSync('src', { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !['platform', 'commands'].includes(entry.name))
  .map((entry) => entry.name);

/** Patterns are put together, so that this file holds none of them. */
const either = (...words: readonly (readonly string[])[]) =>
  words.map((parts) => parts.join('')).join('|');
const machinePath = new RegExp(
  `(?<![\\w.~-])(${either(['/ho', 'me/'], ['/Us', 'ers/'], ['/ro', 'ot/'], ['/wo', 'rk/'], ['/tmp/', 'plan'], ['/tmp/', 'bash'])})|[A-Z]:\\\\Users`,
);
const laterWords = new RegExp(`\\b(${either(['TO', 'DO'], ['FIX', 'ME'])})\\b`);
const registryHost = new RegExp(
  either(
    ['registry', '\\.'],
    ['artif', 'actory'],
    ['verda', 'ccio'],
    ['npm', 'mirror'],
    ['unpkg', '\\.com'],
  ),
  'i',
);

function linesWith(pattern: RegExp): string[] {
  return tracked.flatMap(({ file, text }) =>
    text.split('\n').flatMap((line, index) => (pattern.test(line) ? [`${file}:${index + 1}`] : [])),
  );
}

test('no file names a path of one machine', () => {
  expect(linesWith(machinePath)).toEqual([]);
});

test('no file promises to be finished later', () => {
  expect(linesWith(laterWords)).toEqual([]);
});

test('no file names a host of a package registry', () => {
  expect(linesWith(registryHost)).toEqual([]);
});

test('nothing else lies at the top', () => {
  const known =
    /^(package(-lock)?\.json|tsconfig\.json|README\.md|CHANGELOG\.md|LICENSE|\.gitignore|\.ci|src|tests|schemas|migrations|examples|bench|deploy)$/;
  const entries = readdirSync('.').filter((name) => !untracked.has(name) && !known.test(name));
  expect(entries).toEqual([]);
});

test.each(rooms)('%s has at most a dozen files', (room) => {
  expect(readdirSync(`src/${room}`).length).toBeLessThanOrEqual(12);
});

test.each(rooms)(
  'the door of %s has a heading that says what it owns, and names what it shows',
  (room) => {
    const door = readFileSync(`src/${room}/index.ts`, 'utf8');
    const heading = /^\/\*\*([\s\S]*?)\*\/\n/.exec(door);
    const words = heading?.[1]?.replaceAll(/\s*\n \*/g, '') ?? '';
    expect(words).toMatch(new RegExp(`^ ${room.charAt(0).toUpperCase()}${room.slice(1)}[a-z ]*: `));
    expect(words).toMatch(/\. Owns (no table|((the )?tables? )?`\w+`)/);
    const rest = door.slice(heading?.[0].length);
    expect(rest.replaceAll(/export (type )?\{[^{}*]+\} from '\.\/[a-z-]+\.ts';\n/g, '')).toBe('');
  },
);

test('every table is owned by exactly one room, which says so at its door', () => {
  const doors = rooms.map((room) => ({ room, owns: tablesOwnedBy(room) }));
  const owners = Object.keys(families).map((table) => ({
    table,
    rooms: doors.filter(({ owns }) => owns.includes(table)).map(({ room }) => room),
  }));
  expect(owners.filter((owner) => owner.rooms.length !== 1)).toEqual([]);
  expect(doors.flatMap(({ owns }) => owns).filter((table) => !(table in families))).toEqual([]);
});

/** The names in back quotes of the sentence "Owns …" at the room's door. */
function tablesOwnedBy(room: string): string[] {
  const door = readFileSync(`src/${room}/index.ts`, 'utf8');
  const sentence = /\bOwns ([^.]*)/.exec(door.slice(0, door.indexOf('*/')))?.[1] ?? '';
  return [...sentence.matchAll(/`(\w+)`/g)].map(([, table]) => String(table));
}
