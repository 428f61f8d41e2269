import { openNote, type Checkpoint, type NoteVerifier } from '../transparency/index.ts';
import { isConsistent, isPossible, isSame } from './consistency-rules.ts';
import type { AddCheckpoint } from './request-rules.ts';

/** What a witness answers. */
export interface WitnessAnswer {
  readonly status: 200 | 400 | 403 | 404 | 409 | 413 | 422 | 503;
  readonly type: 'text/plain; charset=utf-8' | 'text/x.tlog.size';
  readonly text: string;
}

/**
 * The yes or no of a witness. A no may be evidence against the log: `fork` where the checkpoint and
 * the one that was cosigned can't both be of one log, `doubt` where that was only not proven.
 */
export type Decision =
  | { readonly cosigns: true }
  | {
      readonly cosigns: false;
      readonly answer: WitnessAnswer;
      readonly evidence?: 'fork' | 'doubt';
    };

/** An answer in words. */
export function says(status: WitnessAnswer['status'], text: string): WitnessAnswer {
  return { status, type: 'text/plain; charset=utf-8', text: `${text}\n` };
}

/** What is refused whatever was cosigned before; undefined when it is to be decided. */
export function refuseUnsigned(
  { note }: AddCheckpoint,
  known: readonly NoteVerifier[],
): WitnessAnswer | undefined {
  if (known.length === 0) return says(404, 'This witness does not know the log.');
  const opened = openNote(note, known);
  return opened.opened ? undefined : says(403, 'No known key of the log signed the checkpoint.');
}

/** Decides on a checkpoint that its log signed, by the last one cosigned. */
export function decideCosigning(asked: AddCheckpoint, latest: Checkpoint | undefined): Decision {
  const { oldSize, path, checkpoint } = asked;
  const refuse = (answer: WitnessAnswer, evidence?: 'fork' | 'doubt'): Decision =>
    isFork(checkpoint, latest)
      ? { cosigns: false, answer, evidence: 'fork' }
      : { cosigns: false, answer, ...(evidence && { evidence }) };
  if (oldSize > checkpoint.size) {
    return refuse(says(400, 'The old size is above the size of the checkpoint.'));
  }
  const latestSize = latest?.size ?? 0;
  if (oldSize !== latestSize) {
    const text = `${String(latestSize)}\n`;
    return refuse({ status: 409, type: 'text/x.tlog.size', text });
  }
  if (latest && latestSize === checkpoint.size && !isSame(latest.root, checkpoint.root)) {
    return refuse(says(409, 'This witness has cosigned another root of that size.'));
  }
  if (!isPossible(checkpoint)) {
    return refuse(says(422, 'A tree without leaves has another root.'));
  }
  const isProven = latest ? isConsistent(latest, checkpoint, path) : path.length === 0;
  if (isProven) return { cosigns: true };
  const why = 'The consistency proof does not hold.';
  return refuse(says(422, why), oldSize > 0 && oldSize < checkpoint.size ? 'doubt' : undefined);
}

/** Whether two signed checkpoints, or one alone, show by themselves that the log is not one. */
function isFork(checkpoint: Checkpoint, latest: Checkpoint | undefined): boolean {
  if (!isPossible(checkpoint)) return true;
  return latest?.size === checkpoint.size && !isSame(latest.root, checkpoint.root);
}
