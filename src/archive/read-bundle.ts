import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findLogIds, findStoredNodes } from '../logs/index.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Settings } from '../platform/settings.ts';
import type { Tools } from '../platform/tools.ts';
import { LogArchiveUnavailable } from './archive.ts';
import { openBundle, pathsOf, type ArchivedEntry } from './archive-rules.ts';

/**
 * The entries of a full bundle out of the archive, each proven by the hash that the database keeps of
 * all 256. They lie in the folder of the id that the log had when they were exported.
 * Throws Refusal `log-archive-unavailable` where the file is missing or is another one.
 */
export async function readArchivedBundle(
  {
    db,
    settings,
    log,
  }: Pick<Tools, 'db'> & {
    readonly settings: Pick<Settings, 'logArchive'>;
  } & Partial<Pick<Tools, 'log'>>,
  recipientId: string,
  bundle: number,
): Promise<ArchivedEntry[]> {
  const { entries: path } = pathsOf(bundle);
  const unavailable = (because: string, cause?: unknown) => {
    const facts = { retryAfterSeconds: 60 };
    log?.error({ path, because }, 'the archive of a log could not be read');
    return Object.assign(new Refusal(LogArchiveUnavailable, `${path} ${because}.`, facts), {
      cause,
    });
  };
  const folder = settings.logArchive;
  if (folder === undefined)
    throw unavailable('is in the archive, and SLUICE_LOG_ARCHIVE is not set');
  const [logIds, [node]] = await Promise.all([
    findLogIds(db, recipientId),
    findStoredNodes(db, recipientId, [{ level: 8, from: bundle, to: bundle + 1 }]),
  ]);
  if (!node) throw unavailable('is not of this log');
  const causes: unknown[] = [];
  for (const logId of logIds) {
    const bytes = await readFile(join(folder, logId, path)).catch((cause: unknown) => {
      causes.push(cause);
    });
    const opened = bytes && openBundle(bytes, bundle, node.hash);
    if (opened) return opened;
  }
  if (causes.length === logIds.length) throw unavailable('can’t be read in the archive', causes[0]);
  throw unavailable('in the archive is not the file that was exported');
}
