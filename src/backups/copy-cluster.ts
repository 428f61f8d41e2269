import { readdirSync, readFileSync, type Dirent } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { join } from 'node:path';
import type { Session } from '../platform/database.ts';
import { Refusal } from '../platform/refusal.ts';
import { BackupFailed } from './backup.ts';
import { isKeptEmpty, isLeftOut } from './cluster-rules.ts';
import type { Draft } from './open-draft.ts';
import { beginCopy, endCopy, findSegments } from './wal-store.ts';

const control = 'global/pg_control';

/**
 * Copies a cluster that is written to meanwhile, into the folder `cluster` of a draft, by
 * PostgreSQL's low-level API: what is torn or too new in the copy is mended by the WAL in it, which
 * recovery needs to the last byte. The session is the superuser's; both must outlive the copy.
 */
export async function copyCluster(
  session: Session,
  { cluster, draft }: { cluster: string; draft: Draft },
): Promise<void> {
  const from = await beginCopy(session, 'sluice backup');
  draft.addFolder('cluster');
  copyFolder(cluster, '', draft);
  // Last, so that it is no older than any other file.
  draft.write(`cluster/${control}`, await readSteady(join(cluster, control)));
  const { lsn: to, label, tablespaces } = await endCopy(session);
  if (tablespaces !== '') {
    throw new Refusal(BackupFailed, 'The database has tablespaces outside its folder.');
  }
  draft.write('cluster/backup_label', Buffer.from(label));
  draft.addFolder('cluster/pg_wal/archive_status');
  for (const name of await findSegments(session, { from, to })) {
    draft.copy(join(cluster, 'pg_wal', name), `cluster/pg_wal/${name}`);
  }
}

function copyFolder(cluster: string, folder: string, draft: Draft): void {
  for (const entry of entriesOf(join(cluster, folder))) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (isLeftOut(path) || path === control) continue;
    if (entry.isSymbolicLink()) {
      throw new Refusal(BackupFailed, `${path} in the database’s folder is a link.`);
    }
    if (entry.isDirectory()) {
      draft.addFolder(`cluster/${path}`);
      if (!isKeptEmpty(path)) copyFolder(cluster, path, draft);
    } else if (entry.isFile()) {
      unlessGone(cluster, () => draft.copy(join(cluster, path), `cluster/${path}`));
    }
  }
}

function entriesOf(folder: string): Dirent[] {
  return unlessGone(folder, () => readdirSync(folder, { withFileTypes: true })) ?? [];
}

/** Tables are dropped while they are copied: the WAL says so too. */
function unlessGone<Result>(within: string, work: () => Result): Result | undefined {
  try {
    return work();
  } catch (error) {
    const { code, path } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' && path?.startsWith(within) === true) return undefined;
    throw error;
  }
}

/** A file that is written as a whole, read until two readings agree. */
async function readSteady(file: string): Promise<Buffer> {
  for (let before = readFileSync(file); ;) {
    await wait(1);
    const now = readFileSync(file);
    if (now.equals(before)) return now;
    before = now;
  }
}
