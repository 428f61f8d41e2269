import { join, resolve } from 'node:path';
import { findHeads } from '../logs/index.ts';
import { inTransaction, type Database } from '../platform/database.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { ExportWrong, LogArchiveUnset } from './archive.ts';
import { detachExported, findExports } from './archive-store.ts';
import { digestFiles } from './check-files.ts';

/**
 * Takes the exported entries of months before `before` (its first day) out of the database, in one
 * transaction of `migrator`, a login that may become the tables' owner. First every recorded file is
 * read again. Throws Refusal `log-archive-unset` unless SLUICE_LOG_ARCHIVE is the folder, and
 * `log-export-wrong` where a file is not the one that was recorded.
 */
export async function detachEntries(
  { db, settings }: Pick<Tools, 'db' | 'settings'>,
  { migrator, before, folder }: { migrator: Database; before: string; folder: string },
): Promise<{ detached: number; kept: number }> {
  if (settings.logArchive === undefined || resolve(settings.logArchive) !== resolve(folder)) {
    throw new Refusal(
      LogArchiveUnset,
      `Set SLUICE_LOG_ARCHIVE to ${folder} first, for every server: detached entries are read there.`,
    );
  }
  const heads = new Map((await findHeads(db)).map((head) => [head.recipientId, head]));
  for (const { recipientId, digest, ...range } of await findExports(db)) {
    const place = join(folder, heads.get(recipientId)?.logId ?? '');
    const found = await digestFiles(place, range);
    if (!found.digest.equals(digest)) {
      throw new Refusal(ExportWrong, `${place} has other files than those that were exported.`);
    }
  }
  return inTransaction(migrator, (tx) => detachExported(tx, before));
}
