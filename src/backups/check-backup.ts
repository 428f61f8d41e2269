import { lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Refusal } from '../platform/refusal.ts';
import { BackupDamaged, type Backup, type ManifestLine, type Progress } from './backup.ts';
import { isFolder, parseBackup, parseManifest } from './manifest-rules.ts';
import { hashFile, sha256Of } from './open-draft.ts';

/** A backup whose every file is as its manifest says. */
export interface CheckedBackup extends Backup {
  readonly from: string;
  readonly lines: readonly ManifestLine[];
}

/**
 * Reads a whole backup and compares every file with the manifest. Writes nothing. Refuses
 * `backup-damaged`, which names the first file that is missing or changed.
 */
export function checkBackup(from: string, onProgress?: Progress): CheckedBackup {
  const backup = parseBackup(read(from, 'backup.json').toString());
  if (!backup) throw damaged(from, 'backup.json is not one of a backup that this program knows');
  const manifest = read(from, 'manifest');
  const lines = parseManifest(manifest.toString());
  if (sha256Of(manifest) !== backup.manifest || !lines) {
    throw damaged(from, 'manifest is not as it was when the backup was made');
  }
  const done = { files: 0, bytes: 0 };
  for (const line of lines.filter((one) => !isFolder(one))) {
    checkFile(from, line);
    done.files += 1;
    done.bytes += line.size;
    onProgress?.(done);
  }
  return { ...backup, from, lines };
}

function checkFile(from: string, { path, size, sha256 }: ManifestLine): void {
  const file = join(from, path);
  const there = lstatSync(file, { throwIfNoEntry: false });
  if (!there?.isFile()) throw damaged(from, `${path} is missing`);
  if (there.size !== size) {
    throw damaged(from, `${path} has ${String(there.size)} bytes, not ${String(size)}`);
  }
  let found: string;
  try {
    found = hashFile(file).sha256;
  } catch (error) {
    throw damaged(from, `${path} can’t be read`, error);
  }
  if (found !== sha256) throw damaged(from, `${path} was changed`);
}

function read(from: string, name: string): Buffer {
  try {
    return readFileSync(join(from, name));
  } catch (error) {
    throw damaged(from, `${name} is missing or can’t be read`, error);
  }
}

export function damaged(from: string, what: string, cause?: unknown): Refusal {
  const detail = `${from} is no whole backup: ${what}. Nothing was restored.`;
  return Object.assign(new Refusal(BackupDamaged, detail), { cause });
}
