import { openSession, type Database } from '../platform/database.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import type { ComposedEntry, Written } from './log.ts';
import { mayAppend } from './head-store.ts';
import { LogUnavailable } from './log.ts';
import { startLogWriter, type LogWriter } from './log-writer.ts';

/** One writer for each database of this process. */
const writers = new WeakMap<Database, LogWriter>();

/** The databases whose logs this process found behind what was published of them. */
const refused = new WeakSet<Database>();

/**
 * Writes an entry into its recipient's log. Answers only when it is committed. `epoch-changed`: the
 * log's epoch is no longer the entry's. Throws Refusal `log-unavailable` on any doubt.
 */
export function writeEntry({ db, log }: Tools, entry: ComposedEntry): Promise<Written> {
  if (refused.has(db)) return Promise.reject(unavailable(60));
  const known = writers.get(db);
  const writer = known ?? startLogWriter(() => openSession(db), log);
  if (!known) writers.set(db, writer);
  return writer.write(entry);
}

/** Resolves when the database takes entries now. Throws Refusal `log-unavailable` when it does not. */
export async function checkLog({ db }: Pick<Tools, 'db'>): Promise<void> {
  if (refused.has(db)) throw unavailable(60);
  if (!(await mayAppend(db))) throw unavailable(1);
}

/** From now on until it ends this process writes no entry into the logs of this database. */
export function refuseEntries({ db }: Pick<Tools, 'db'>): void {
  refused.add(db);
}

function unavailable(retryAfterSeconds: number): Refusal {
  return new Refusal(LogUnavailable, undefined, { retryAfterSeconds });
}

/** Waits for the entries under way and gives the writer's connection back. Before `db.destroy()`. */
export async function closeLogWriter(db: Database): Promise<void> {
  await writers.get(db)?.close();
  writers.delete(db);
}
