import { isUtf8 } from 'node:buffer';
import { readFile, writeFile } from 'node:fs/promises';
import { Refusal, type RefusalKind } from '../platform/refusal.ts';

const FileUnreadable = {
  code: 'file-unreadable',
  status: 422,
  title: 'The file is of no use.',
} as const satisfies RefusalKind;

const FileUnwritable = {
  code: 'file-unwritable',
  status: 422,
  title: 'The file can’t be written.',
} as const satisfies RefusalKind;

/** Reads a file that the user named. Refuses `file-unreadable`, by its name. */
export async function readBytes(file: string): Promise<Buffer> {
  return readFile(file).catch((cause: unknown) => {
    throw refuse(FileUnreadable, `${file} can't be read${reasonOf(cause)}.`, cause);
  });
}

/** The same where the file may be absent, which is undefined then. */
export async function findBytes(file: string): Promise<Buffer | undefined> {
  return readFile(file).catch((cause: unknown) => {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw refuse(FileUnreadable, `${file} can't be read${reasonOf(cause)}.`, cause);
  });
}

/** A file as UTF-8 text; what is not UTF-8 was never signed. Refuses `file-unreadable`. */
export async function readText(file: string): Promise<string> {
  const bytes = await readBytes(file);
  if (!isUtf8(bytes)) throw new Refusal(FileUnreadable, `${file} is not UTF-8 text.`);
  return bytes.toString();
}

/** Reads a JSON file that the user named. Refuses `file-unreadable`: what is not there or not JSON. */
export async function readJsonFile(file: string): Promise<unknown> {
  const text = await readText(file);
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw refuse(FileUnreadable, `${file} is not JSON.`, cause);
  }
}

/** Writes a file where the user said. Refuses `file-unwritable`, by its name. */
export async function writeText(file: string, text: string): Promise<void> {
  await write(file, text);
}

/** The same for bytes that hold personal data: a file that is new is its owner's alone. */
export async function writePrivate(file: string, bytes: Uint8Array): Promise<void> {
  await write(file, bytes, 0o600);
}

/** The same for lines as they come. */
export async function writePrivateLines(file: string, lines: AsyncIterable<string>): Promise<void> {
  await write(file, lines, 0o600);
}

/** The same for bytes as they come. */
export async function writePrivateParts(file: string, parts: AsyncIterable<Buffer>): Promise<void> {
  await write(file, parts, 0o600);
}

/** Writes a secret where there is no file yet, for its owner alone. */
export async function writeNew(file: string, text: string): Promise<void> {
  await write(file, text, 0o600, 'wx');
}

async function write(
  file: string,
  content: string | Uint8Array | AsyncIterable<string | Uint8Array>,
  mode = 0o666,
  flag: 'w' | 'wx' = 'w',
): Promise<void> {
  await writeFile(file, content, { mode, flag, flush: flag === 'wx' }).catch((cause: unknown) => {
    throw refuse(FileUnwritable, `${file} can't be written${reasonOf(cause)}.`, cause);
  });
}

function refuse(kind: RefusalKind, detail: string, cause: unknown): Refusal {
  return Object.assign(new Refusal(kind, detail), { cause });
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'it is not allowed',
  EEXIST: 'there is a file already',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of its path is no folder',
  ENOSPC: 'the disk is full',
};

function reasonOf(cause: unknown): string {
  const { code = '' } = cause as NodeJS.ErrnoException;
  return reasons[code] === undefined ? '' : `: ${reasons[code]}`;
}
