import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildCopy } from '../support/build.ts';

const root = join(import.meta.dirname, '..', '..');

/** A broken copy of the gateway: what a test must catch to be believed. */
export interface Twin {
  readonly main: string;
  remove(): void;
}

/** Builds the source with one patch of this folder; throws when the patch no longer applies. */
export function buildTwin(patch: string): Twin {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-twin-'));
  const remove = () => {
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    buildPatched(folder, join(import.meta.dirname, patch));
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  } catch (error) {
    remove();
    throw error;
  }
  return { main: join(folder, 'dist', 'main.js'), remove };
}

/** Builds the source with a patch to <folder>/dist; throws when the patch no longer applies. */
export function buildPatched(folder: string, patchFile: string): void {
  const patch = readFileSync(patchFile, 'utf8');
  const files = [...patch.matchAll(/^\+\+\+ b\/src\/(.+)$/gm)].map(([, file = '']) => file);
  buildCopy(folder, files, () => {
    applyPatch(folder, patch);
  });
  for (const name of ['schemas', 'migrations', 'deploy', 'package.json']) {
    symlinkSync(join(root, name), join(folder, name));
  }
}

/**
 * Applies a unified diff. What a hunk takes away must stand in its file exactly once; line numbers
 * count for nothing.
 */
function applyPatch(folder: string, patch: string): void {
  let file = '';
  for (const part of patch.split(/^(?=@@ |--- )/m)) {
    if (part.startsWith('--- ')) file = /^\+\+\+ b\/(.+)$/m.exec(part)?.[1] ?? '';
    if (!part.startsWith('@@ ')) continue;
    const lines = part.replace(/\n$/, '').split('\n').slice(1);
    const side = (sign: string) =>
      lines.filter((line) => line.startsWith(' ') || line.startsWith(sign)).map((line) => line.slice(1)).join('\n'); // prettier-ignore
    const path = join(folder, file);
    const pieces = readFileSync(path, 'utf8').split(side('-'));
    if (pieces.length !== 2) throw new Error(`The patch of ${file} no longer applies:\n${part}`);
    writeFileSync(path, pieces.join(side('+')));
  }
}
