import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Refusal, type RefusalKind } from './refusal.ts';

export const FileUnwritten = {
  code: 'file-unwritten',
  status: 503,
  title: 'A file could not be written.',
} as const satisfies RefusalKind;

/**
 * Replaces a file: after a crash it is the old one or the new one, and once this returns the new
 * one is on disk under its name. Refuses `file-unwritten`: either may be there then.
 */
export function writeWhole(file: string, content: string | Uint8Array): void {
  try {
    replace(file, content);
    syncFolder(dirname(file));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const refusal = new Refusal(FileUnwritten, `${file} can’t be written for certain: ${reason}.`);
    throw Object.assign(refusal, { cause: error });
  }
}

function replace(file: string, content: string | Uint8Array): void {
  const draft = `${file}.new`;
  try {
    writeFileSync(draft, content, { mode: 0o600, flush: true });
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

/** Puts the names in a folder on disk. */
export function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
