import { createHash } from 'node:crypto';
import {
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder } from '../platform/write-whole.ts';
import { isFolder } from './manifest-rules.ts';
import type { ManifestLine, Progress } from './backup.ts';

/** A folder that is being filled, with the manifest of what is in it. */
export interface Draft {
  readonly lines: readonly ManifestLine[];
  addFolder(path: string): void;
  /** Copies a file as long as it was when it was opened. */
  copy(from: string, path: string): ManifestLine;
  write(path: string, bytes: Buffer): void;
  /** Puts every file on disk under its name, all at once: one by one would wait for each. */
  finish(): Promise<void>;
}

/**
 * Opens a folder that is not there yet, for its owner alone. Paths are relative to it. `own` gives a
 * new file or folder to its user.
 */
export function openDraft(
  root: string,
  {
    own = () => undefined,
    onProgress,
  }: { own?: (path: string) => void; onProgress?: Progress } = {},
): Draft {
  mkdirSync(root, { mode: 0o700 });
  own(root);
  const lines: ManifestLine[] = [];
  const done = { files: 0, bytes: 0 };
  const add = (path: string, content: Pick<ManifestLine, 'size' | 'sha256'>) => {
    const line = { path, ...content };
    lines.push(line);
    done.files += 1;
    done.bytes += content.size;
    onProgress?.(done);
    return line;
  };
  return {
    lines,
    addFolder: (path) => {
      mkdirSync(join(root, path), { mode: 0o700 });
      own(join(root, path));
      lines.push({ path: `${path}/`, size: 0, sha256: '' });
    },
    copy: (from, path) => add(path, copyFile(from, join(root, path), own)),
    write: (path, bytes) => {
      writeFileSync(join(root, path), bytes, { mode: 0o600, flag: 'wx' });
      own(join(root, path));
      add(path, { size: bytes.length, sha256: sha256Of(bytes) });
    },
    finish: async () => {
      await syncFiles(lines.filter((line) => !isFolder(line)).map(({ path }) => join(root, path)));
      for (const line of lines.filter(isFolder)) syncFolder(join(root, line.path));
      syncFolder(root);
    },
  };
}

/** SHA-256 and size of a file, read in parts. */
export function hashFile(file: string): Pick<ManifestLine, 'size' | 'sha256'> {
  return readParts(file, () => undefined);
}

export const sha256Of = (bytes: Buffer | string): string =>
  createHash('sha256').update(bytes).digest('hex');

async function syncFiles(files: readonly string[]): Promise<void> {
  const left = files.values();
  const work = async () => {
    for (const file of left) {
      const handle = await open(file, 'r');
      await handle.sync().finally(() => handle.close());
    }
  };
  await Promise.all(Array.from({ length: 16 }, work));
}

function copyFile(from: string, to: string, own: (path: string) => void) {
  // What vanished before it was opened leaves nothing behind.
  const target: { handle?: number } = {};
  try {
    const copied = readParts(from, (part) => {
      target.handle ??= openSync(to, 'wx', 0o600);
      for (let at = 0; at < part.length;) at += writeSync(target.handle, part, at);
    });
    target.handle ??= openSync(to, 'wx', 0o600);
    own(to);
    return copied;
  } finally {
    if (target.handle !== undefined) closeSync(target.handle);
  }
}

const partSize = 1024 * 1024;

function readParts(file: string, take: (part: Buffer) => void) {
  const hash = createHash('sha256');
  const handle = openSync(file, 'r');
  try {
    const buffer = Buffer.allocUnsafe(partSize);
    // What is added while it is read stands in the WAL.
    const whole = fstatSync(handle).size;
    let size = 0;
    while (size < whole) {
      const count = readSync(handle, buffer, 0, Math.min(partSize, whole - size), null);
      if (count === 0) break;
      const part = buffer.subarray(0, count);
      hash.update(part);
      take(part);
      size += count;
    }
    return { size, sha256: hash.digest('hex') };
  } finally {
    closeSync(handle);
  }
}
