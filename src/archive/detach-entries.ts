import { join, resolve } from 'node:path';
import { findLogIds } from '../logs/index.ts';
import { inTransaction, type Database } from '../platform/database.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { ExportWrong, LogArchiveUnset, type LogExport } from './archive.ts';
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
  for (const one of await findExports(db)) {
    const places = (await findLogIds(db, one.recipientId)).map((logId) => join(folder, logId));
    await checkExported(places, one);
  }
  return inTransaction(migrator, (tx) => detachExported(tx, before));
}

/** A log that was renewed since has its files in the folder of a former id. */
async function checkExported(
  places: readonly string[],
  { digest, ...range }: LogExport,
): Promise<void> {
  const wrong: Refusal[] = [];
  for (const place of places) {
    const found = await digestFiles(place, range).catch((error: unknown) => {
      if (!(error instanceof Refusal)) throw error;
      wrong.push(error);
    });
    if (found?.digest.equals(digest)) return;
    const other = `${place} has other files than those that were exported.`;
    if (found) wrong.push(new Refusal(ExportWrong, other));
  }
  throw wrong[0] ?? new Refusal(ExportWrong, 'It is of no log.');
}
