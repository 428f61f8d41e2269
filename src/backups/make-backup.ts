import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { findNodes } from '../archive/index.ts';
import { findHead, findHeads, headLog } from '../logs/index.ts';
import { openSession, type Database } from '../platform/database.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Settings } from '../platform/settings.ts';
import type { Tools } from '../platform/tools.ts';
import { syncFolder } from '../platform/write-whole.ts';
import { rootFromTiles, tilesFor } from '../transparency/index.ts';
import { BackupExists, BackupFailed, type Backup, type Progress } from './backup.ts';
import { copyCluster } from './copy-cluster.ts';
import { draftOf, markDraft, removeDeadDrafts, unmarkDraft } from './dead-drafts.ts';
import { isFolder, manifestText } from './manifest-rules.ts';
import { openDraft, sha256Of, type Draft } from './open-draft.ts';
import { readServerVersion } from './wal-store.ts';

export interface BackupOrder {
  /** The new folder. */
  readonly out: string;
  /** The embedded database's: with `cluster` and `passwords`. */
  readonly databaseFolder: string;
  /** Undefined where the keys are kept elsewhere. */
  readonly keysFolder: string | undefined;
  /** Logs in as the superuser. */
  readonly admin: Database;
  readonly onProgress?: Progress;
}

interface Where extends Pick<Tools, 'db' | 'clock'> {
  readonly settings: Pick<Settings, 'logArchive'>;
}

export interface MadeBackup extends Backup {
  readonly files: number;
  readonly bytes: number;
}

/**
 * Copies the embedded database, which may serve meanwhile, and the keys into a new folder: filled
 * aside, on disk to the last name, then renamed, so that a backup that broke off never looks whole.
 * Refuses `backup-exists` and `backup-failed`.
 */
export async function makeBackup(tools: Where, order: BackupOrder): Promise<MadeBackup> {
  const out = placeFor(order);
  const draft = draftOf(out);
  try {
    removeDeadDrafts(dirname(out));
    rmSync(draft, { recursive: true, force: true });
    const made = await fill(tools, draft, order);
    if (existsSync(out)) throw new Refusal(BackupExists, `${out} is there already.`);
    putInPlace(draft, out);
    return made;
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    throw asRefusal(error);
  }
}

/** Gives the draft its name, on disk; where that is not certain it is a draft again. */
function putInPlace(draft: string, out: string): void {
  unmarkDraft(draft);
  renameSync(draft, out);
  try {
    syncFolder(dirname(out));
  } catch (error) {
    renameSync(out, draft);
    throw error;
  }
}

/** The backup's place by its real path; a folder within the database would copy itself. */
function placeFor({ out, databaseFolder }: BackupOrder): string {
  if (existsSync(out))
    throw new Refusal(BackupExists, `${out} is there already: name a new folder.`);
  try {
    mkdirSync(dirname(resolve(out)), { recursive: true });
  } catch (error) {
    throw asRefusal(error);
  }
  const place = join(realpathSync(dirname(resolve(out))), basename(resolve(out)));
  if (!relative(realpathSync(databaseFolder), place).startsWith('..')) {
    throw new Refusal(BackupFailed, `${out} is within the database itself: name another folder.`);
  }
  return place;
}

async function fill(
  { db, clock, settings }: Where,
  folder: string,
  { databaseFolder, keysFolder, admin, onProgress }: BackupOrder,
): Promise<MadeBackup> {
  const draft = openDraft(folder, onProgress ? { onProgress } : {});
  markDraft(folder);
  const madeAt = clock.now().toISOString();
  const head = await headOf({ db, settings });
  const logs = (await findHeads(db)).length;
  const session = await openSession(admin);
  let postgres: string;
  try {
    postgres = await readServerVersion(session);
    await copyCluster(session, { cluster: join(databaseFolder, 'cluster'), draft });
  } finally {
    // Ends slot and backup on the server's side, whatever happened.
    session.release(true);
  }
  copyFiles(join(databaseFolder, 'passwords'), 'passwords', draft);
  if (keysFolder !== undefined) copyKeys(keysFolder, draft);
  const files = draft.lines.filter((line) => !isFolder(line));
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  const manifest = manifestText(draft.lines);
  const backup: Backup = {
    version: 1,
    madeAt,
    postgres,
    platform: `${process.platform}-${process.arch}`,
    head,
    logs,
    hasKeys: keysFolder !== undefined,
    manifest: sha256Of(manifest),
  };
  draft.write('manifest', Buffer.from(manifest));
  draft.write('backup.json', Buffer.from(`${JSON.stringify(backup, null, 2)}\n`));
  await draft.finish();
  return { ...backup, files: files.length, bytes };
}

async function headOf({ db, settings }: Omit<Where, 'clock'>): Promise<Backup['head']> {
  const head = await findHead(db, headLog);
  if (!head || head.size === 0) return null;
  const { origin, size } = head;
  const root = rootFromTiles(
    size,
    await findNodes({ db, settings }, headLog, tilesFor(size - 1, size)),
  );
  return { origin, size, root: root.toString('base64url') };
}

function copyFiles(from: string, to: string, draft: Draft): void {
  draft.addFolder(to);
  for (const name of readdirSync(from))
    draft.write(`${to}/${name}`, readFileSync(join(from, name)));
}

/** `log` before its former ones are listed: a rotation puts it there before it takes its place. */
function copyKeys(from: string, draft: Draft): void {
  draft.addFolder('keys');
  const copy = (name: string) => {
    draft.write(`keys/${name}`, readFileSync(join(from, name)));
  };
  for (const name of ['pairwise', 'cursor', 'log']) copy(name);
  for (const name of readdirSync(from)) if (/^log\.[1-9]\d*$/.test(name)) copy(name);
}

const ofDisk = new Set([
  'ENOSPC',
  'EDQUOT',
  'EACCES',
  'EPERM',
  'EROFS',
  'EIO',
  'ENOENT',
  'ENOTDIR',
]);

function asRefusal(error: unknown): unknown {
  const { code = '' } = error as NodeJS.ErrnoException;
  if (!(error instanceof Error) || !ofDisk.has(code)) return error;
  const detail = `The backup broke off, and nothing is left of it: ${error.message}.`;
  return Object.assign(new Refusal(BackupFailed, detail), { cause: error });
}
