import type { Tools } from '../platform/tools.ts';
import { findHead, headLog, signHead } from '../logs/index.ts';

/** A checkpoint of the head log, signed, with what witnesses said of it. */
export interface HeadCheckpoint {
  readonly size: number;
  readonly checkpoint: string;
}

/** The checkpoint of the head log that is published; undefined before the first beat. */
export async function readHeadCheckpoint({
  db,
  settings,
}: Pick<Tools, 'db' | 'settings'>): Promise<HeadCheckpoint | undefined> {
  const head = await findHead(db, headLog);
  if (!head || head.size === 0) return undefined;
  return { size: head.size, checkpoint: signHead(settings, head) };
}
