import { mkdirSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { transformFileSync } from '@swc/core';

// One step below the project's root, as dist is, so that schemas and migrations are found.
const out = join(import.meta.dirname, '..', '..', 'dist-test');
const source = join(import.meta.dirname, '..', '..', 'src');

/**
 * Compiles src for tests that need a process of their own, only what changed since the last time.
 * Answers the path of main.js, to be started with `node <path> serve`.
 */
export function builtMain(): string {
  buildFolder(source, out);
  return join(out, 'main.js');
}

/** Compiles every module of a folder into another one, only what changed since the last time. */
export function buildFolder(from: string, to: string): void {
  for (const file of readdirSync(from, { recursive: true, encoding: 'utf8' })) {
    if (file.endsWith('.ts')) compile(join(from, file), join(to, file.replace(/ts$/, 'js')));
  }
}

/** A compiled module by its path in src, for `import()` in a process of its own. */
export function builtModule(file: string): string {
  builtMain();
  return join(out, file.replace(/ts$/, 'js'));
}

// @swc/core knows it, its types do not.
const runsAsJavaScript = { rewriteRelativeImportExtensions: true };

function compile(from: string, to: string): void {
  const made = statSync(to, { throwIfNoEntry: false });
  if (made !== undefined && made.mtimeMs > statSync(from).mtimeMs) return;
  const { code } = transformFileSync(from, {
    swcrc: false,
    module: { type: 'es6' },
    jsc: {
      parser: { syntax: 'typescript' },
      target: 'es2022',
      ...runsAsJavaScript,
    },
  });
  mkdirSync(dirname(to), { recursive: true });
  // Two test files may build at once.
  const draft = `${to}.${String(process.pid)}`;
  writeFileSync(draft, code);
  renameSync(draft, to);
}
