import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  adoptCluster,
  embeddedVersion,
  findDatabaseFolder,
} from '../platform/embedded/adopt-cluster.ts';
import { Refusal } from '../platform/refusal.ts';
import { syncFolder } from '../platform/write-whole.ts';
import { BackupUnfit, RestoreOccupied, type Progress } from './backup.ts';
import { checkBackup, damaged, type CheckedBackup } from './check-backup.ts';
import { isFolder } from './manifest-rules.ts';
import { openDraft } from './open-draft.ts';

export interface RestoreOrder {
  readonly from: string;
  readonly dataDir: string;
  /** A folder that must hold the keys; undefined: `keys` in the data folder. */
  readonly keysDir: string | undefined;
  readonly stateHome: string | undefined;
  readonly onProgress?: Progress;
}

/**
 * Puts a backup into a data folder without a database, once every file was compared with the
 * manifest; each part is filled aside and renamed, the database last. The next start of the database
 * recovers it. Refuses `backup-damaged`, `backup-unfit`, and `restore-occupied` where there is a
 * database or keys other than the backup's.
 */
export async function restoreBackup(order: RestoreOrder): Promise<CheckedBackup> {
  const { from, dataDir, stateHome, onProgress } = order;
  if (findDatabaseFolder(dataDir) !== undefined) throw hasDatabase(dataDir);
  const backup = checkBackup(from, onProgress);
  const keysFolder = order.keysDir ?? join(dataDir, 'keys');
  const bringsKeys = mustBringKeys(backup, keysFolder, order.keysDir !== undefined);
  refuseOtherKind(backup, order);
  const isFree = await adoptCluster({ dataDir, stateHome }, async ({ cluster, passwords, own }) => {
    await fillPart(backup, 'passwords/', { folder: passwords, own });
    await fillPart(backup, 'cluster/', { folder: cluster, own });
    if (bringsKeys) await putKeys(backup, keysFolder);
  });
  if (!isFree) throw hasDatabase(dataDir);
  return backup;
}

/** Whether the keys are the backup's to bring: where there are some, they must hold the backup's. */
function mustBringKeys(backup: CheckedBackup, folder: string, isElsewhere: boolean): boolean {
  const isThere = existsSync(folder);
  if (!backup.hasKeys && !isThere) {
    throw new Refusal(BackupUnfit, `The backup holds no keys: put them into ${folder} first.`);
  }
  if (!isThere && isElsewhere) {
    throw new Refusal(BackupUnfit, `The folder of the keys, ${folder}, is missing.`);
  }
  if (!isThere || !backup.hasKeys) return !isThere;
  const [present, kept] = [keysIn(folder), keysIn(join(backup.from, 'keys'))];
  const isPresent = ([name, key]: [string, string]) =>
    name.startsWith('log') ? [...present.values()].includes(key) : present.get(name) === key;
  if ([...kept].every(isPresent)) return false;
  throw new Refusal(RestoreOccupied, `${folder} holds other keys than the backup.`);
}

function keysIn(folder: string): Map<string, string> {
  const names = readdirSync(folder).filter((name) => /^(pairwise|cursor|log(\.\d+)?)$/.test(name));
  return new Map(names.map((name) => [name, readFileSync(join(folder, name)).toString('hex')]));
}

function refuseOtherKind(backup: CheckedBackup, { dataDir, stateHome }: RestoreOrder): void {
  const platform = `${process.platform}-${process.arch}`;
  if (backup.platform !== platform) {
    const detail = `The backup is of ${backup.platform}, and this machine is ${platform}.`;
    throw new Refusal(BackupUnfit, detail);
  }
  const version = embeddedVersion(dataDir, stateHome);
  if (backup.postgres.split('.')[0] === version) return;
  const detail = `The backup is of PostgreSQL ${backup.postgres}, and here is PostgreSQL ${version}: restore it with the Sluice that made it.`;
  throw new Refusal(BackupUnfit, detail);
}

async function putKeys(backup: CheckedBackup, folder: string): Promise<void> {
  const draft = `${folder}.making-${String(process.pid)}`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(dirname(folder), { recursive: true });
  try {
    await fillPart(backup, 'keys/', { folder: draft });
    renameSync(draft, folder);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    throw error;
  }
  syncFolder(dirname(folder));
}

/** Copies what the manifest lists below a folder, and nothing else; once more held against it. */
async function fillPart(
  { from, lines }: CheckedBackup,
  part: string,
  { folder, own }: { folder: string; own?: (path: string) => void },
): Promise<void> {
  const draft = openDraft(folder, own ? { own } : {});
  for (const line of lines.filter(({ path }) => path.startsWith(part) && path !== part)) {
    const path = line.path.slice(part.length);
    if (isFolder(line)) draft.addFolder(path.slice(0, -1));
    else {
      const copied = draft.copy(join(from, line.path), path);
      if (copied.sha256 !== line.sha256) throw damaged(from, `${line.path} was changed`);
    }
  }
  await draft.finish();
}

function hasDatabase(dataDir: string): Refusal {
  const detail = `${dataDir} has a database already: restore into a new data folder.`;
  return new Refusal(RestoreOccupied, detail);
}
