import { inTransaction } from '../platform/database.ts';
import type { Tools } from '../platform/tools.ts';
import { headLog, lockLog, signHead } from '../logs/index.ts';
import { guardRollback, keep, readKept } from '../renewals/index.ts';
import { cosignHead, type WitnessAnswer } from './cosign-head.ts';
import { takeBeat } from './take-beat.ts';

/** What a beat came to. */
export interface Beat {
  /** False where the beat had its entry already. */
  readonly isTaken: boolean;
  readonly witnesses: readonly WitnessAnswer[];
}

/**
 * Takes this beat, keeps its checkpoint outside the database and has it cosigned. Throws Refusal
 * `log-rollback`, and takes none, where the database is behind what was kept.
 */
export async function runBeat(tools: Tools): Promise<Beat> {
  await guardRollback(tools);
  const isTaken = (await takeBeat(tools)) !== undefined;
  await keepLatest(tools);
  return { isTaken, witnesses: await cosignHead(tools) };
}

/**
 * Every process keeps what it sees, whoever took the beat. Under the locked head processes with one
 * data folder follow one another: none writes into another's draft, or over what is newer.
 */
async function keepLatest({ db, settings }: Tools): Promise<void> {
  await inTransaction(db, async (tx) => {
    const head = await lockLog(tx, headLog);
    const kept = readKept(settings);
    if (!head || (kept?.origin === head.origin && kept.size >= head.size)) return;
    keep(settings, signHead(settings, head));
  });
}
