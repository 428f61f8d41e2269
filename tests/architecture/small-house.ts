import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Files by path, with their text. */
export type Files = Readonly<Record<string, string>>;

const useOf = (paths: readonly string[]): string =>
  paths.map((path) => `import '${path}';\n`).join('');

/**
 * One thin room: a door, a noun, a rule, an act and a store that keep every law of the house. The
 * rooms that stand alone have a door and an act.
 */
function roomOf(room: string): Files {
  const at = (file: string) => `src/${room}/${file}.ts`;
  if (['notes', 'recomputation', 'verification'].includes(room)) {
    return {
      [at('index')]: `/** Owns no table. */\nexport { doThing } from './do-thing.ts';\n`,
      [at('do-thing')]: `export const doThing = () => '${room}';\n`,
    };
  }
  return {
    [at('index')]:
      `/** Owns no table. */\nexport { noun } from './noun.ts';\n` +
      `export { doThing } from './do-thing.ts';\n` +
      `export { thingEndpoints } from './thing-endpoints.ts';\n`,
    [at('noun')]: `export const noun = '${room}';\n`,
    [at('thing-rules')]: `import { noun } from './noun.ts';\nexport const decide = () => noun;\n`,
    [at('thing-store')]:
      `import { query } from '../platform/database.ts';\nimport { noun } from './noun.ts';\n` +
      `export const findThing = () => query(noun);\n`,
    [at('do-thing')]:
      `import type { Tools } from '../platform/tools.ts';\nimport { decide } from './thing-rules.ts';\n` +
      `import { findThing } from './thing-store.ts';\n` +
      `export const doThing = (tools: Tools) => [tools, decide(), findThing()];\n`,
    [at('thing-endpoints')]:
      `import { endpoint } from '../platform/http/endpoint.ts';\nimport { doThing } from './do-thing.ts';\n` +
      `export const thingEndpoints = endpoint(doThing);\n`,
  };
}

const packageOf = (name: string): Files => ({
  [`node_modules/${name}/package.json`]: JSON.stringify({
    name,
    version: '1.0.0',
    main: 'index.js',
  }),
  [`node_modules/${name}/index.js`]: 'module.exports = {};\n',
});

/** A house with these rooms that keeps every rule of the map: violations are planted into it. */
export function smallHouse(rooms: readonly string[]): Files {
  return {
    'package.json': JSON.stringify({
      name: 'small-house',
      type: 'module',
      dependencies: { express: '1.0.0', knex: '1.0.0', pg: '1.0.0' },
      devDependencies: { jest: '1.0.0' },
    }),
    ...['express', 'knex', 'pg', 'jest', 'stray'].reduce<Files>(
      (files, name) => ({ ...files, ...packageOf(name) }),
      {},
    ),
    ...rooms.reduce<Files>((files, room) => ({ ...files, ...roomOf(room) }), {}),
    'src/main.ts': useOf(['./gateway.ts', './commands/serve-commands.ts']),
    'src/gateway.ts': useOf(['express', ...rooms.map((room) => `./${room}/index.ts`)]),
    'src/commands/serve-commands.ts': useOf(['./frame.ts', `../${String(rooms[0])}/index.ts`]),
    'src/commands/frame.ts': useOf(['../platform/embedded/server.ts']),
    'src/platform/tools.ts': `export interface Tools { readonly name: string }\n`,
    'src/platform/database.ts': `${useOf(['knex', 'pg'])}export const query = (text: string) => text;\n`,
    'src/platform/migrations.ts': useOf(['knex']),
    'src/platform/embedded/server.ts': useOf(['pg', 'node:fs', '../migrations.ts']),
    'src/platform/http/endpoint.ts': `${useOf(['express'])}export const endpoint = (does: unknown) => does;\n`,
  };
}

/** Writes the files below the folder. */
export function build(folder: string, files: Files): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}
