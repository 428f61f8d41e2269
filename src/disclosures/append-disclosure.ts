import { openSession, type Database } from '../platform/database.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { newUuid } from '../platform/uuid.ts';
import { disclosureId } from '../transparency/index.ts';
import { LogUnavailable, type Appended, type Disclosure } from './disclosure.ts';
import { composeEntry } from './entry-rules.ts';
import { mayAppend } from './log-store.ts';
import { startLogWriter, type LogWriter } from './log-writer.ts';

/** One writer for each database of this process. */
const writers = new WeakMap<Database, LogWriter>();

/**
 * Writes down what is about to be shown. Answers only when the entry is committed: no byte may
 * leave before. `epoch-changed`: rights were taken away since the decision was read, so decide and
 * read again. Throws Refusal `log-unavailable` on any doubt, and then nothing may be shown.
 */
export async function appendDisclosure(tools: Tools, disclosure: Disclosure): Promise<Appended> {
  const entry = composeEntry(disclosure, {
    entryId: newUuid(tools),
    at: tools.clock.now(),
    secret: tools.random.bytes(32),
  });
  const written = await writerOf(tools).write(entry);
  if (!written.appended) return written;
  const salt = entry.salt.toString('base64url');
  return { appended: true, id: disclosureId(entry.entryId), salt, index: written.index };
}

/** Resolves when the database takes entries now. Throws Refusal `log-unavailable` when it does not. */
export async function checkLog({ db }: Pick<Tools, 'db'>): Promise<void> {
  if (await mayAppend(db)) return;
  throw new Refusal(LogUnavailable, undefined, { retryAfterSeconds: 1 });
}

/** Waits for the entries under way and gives the writer's connection back. Before `db.destroy()`. */
export async function closeLogWriter(db: Database): Promise<void> {
  await writers.get(db)?.close();
  writers.delete(db);
}

function writerOf({ db, log }: Tools): LogWriter {
  const known = writers.get(db);
  if (known) return known;
  const writer = startLogWriter(() => openSession(db), log);
  writers.set(db, writer);
  return writer;
}
