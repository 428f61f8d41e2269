import { copyFileSync, mkdirSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
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
  for (const file of modules()) {
    const [from, to] = [join(source, file), join(out, compiled(file))];
    const made = statSync(to, { throwIfNoEntry: false });
    if (made === undefined || made.mtimeMs <= statSync(from).mtimeMs) compile(from, to);
  }
  return join(out, 'main.js');
}

/**
 * A copy of the source in a folder of its own, compiled to <folder>/dist, after `change` has changed
 * some of its files below <folder>/src. What is not changed is compiled once for all copies.
 */
export function buildCopy(
  folder: string,
  files: readonly string[],
  change: (folder: string) => void,
): void {
  builtMain();
  for (const file of modules()) {
    const made = compiled(file);
    mkdirSync(dirname(join(folder, 'dist', made)), { recursive: true });
    copyFileSync(join(out, made), join(folder, 'dist', made));
  }
  for (const file of files) {
    mkdirSync(dirname(join(folder, 'src', file)), { recursive: true });
    copyFileSync(join(source, file), join(folder, 'src', file));
  }
  change(folder);
  for (const file of files) {
    compile(join(folder, 'src', file), join(folder, 'dist', compiled(file)));
  }
}

const modules = () =>
  readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
const compiled = (file: string) => file.replace(/ts$/, 'js');

/** A compiled module by its path in src, for `import()` in a process of its own. */
export function builtModule(file: string): string {
  builtMain();
  return join(out, compiled(file));
}

// @swc/core knows it, its types do not.
const runsAsJavaScript = { rewriteRelativeImportExtensions: true };

function compile(from: string, to: string): void {
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
