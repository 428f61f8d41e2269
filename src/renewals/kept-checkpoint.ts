import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Refusal, type RefusalKind } from '../platform/refusal.ts';
import type { Settings } from '../platform/settings.ts';
import { writeWhole } from '../platform/write-whole.ts';
import { signersOf } from '../logs/index.ts';
import {
  openNote,
  parseCheckpoint,
  parseVerifierKey,
  type Checkpoint,
} from '../transparency/index.ts';

export const LogRollback: RefusalKind = {
  code: 'log-rollback',
  status: 503,
  title: 'The database is behind what was published of its logs.',
};

/** Where the last checkpoint of the head log is kept outside the database. */
export function keptFile({ dataDir }: Pick<Settings, 'dataDir'>): string {
  return join(dataDir, 'head-checkpoint');
}

/**
 * The last checkpoint of the head log that was kept outside the database; undefined where there is
 * none yet. Throws Refusal `log-rollback` where it can't be read or this key did not sign it.
 */
export function readKept(settings: Settings): Checkpoint | undefined {
  const file = keptFile(settings);
  const text = textOf(file);
  if (text === undefined) return undefined;
  const [origin = ''] = /^[^\s+]+(?=\n)/.exec(text) ?? [];
  const signers = origin === '' ? [] : signersOf(settings, origin);
  const keys = signers.map(({ verifierKey }) => parseVerifierKey(verifierKey));
  const opened = openNote(
    text,
    keys.filter((key) => key !== undefined),
  );
  const checkpoint = opened.opened ? parseCheckpoint(opened.text) : undefined;
  if (!checkpoint) {
    const detail = `${file} is no checkpoint that the log’s key signed: put the right one back.`;
    throw new Refusal(LogRollback, detail);
  }
  return checkpoint;
}

/** Keeps a signed checkpoint: once this returns it is on disk. */
export function keep(settings: Settings, note: string): void {
  writeWhole(keptFile(settings), note);
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new Refusal(LogRollback, `${file} can’t be read.`);
  }
}
