import type { Settings } from '../platform/settings.ts';
import {
  checkpointText,
  noteSigner,
  rootOfFrontier,
  signNote,
  type NoteSigner,
} from '../transparency/index.ts';
import { headLog, type LogHead } from './log.ts';

type Signing = Pick<Settings, 'origin' | 'keys'>;

/** What a checkpoint says: how far a log had come. */
export interface LogSize {
  readonly recipientId: string;
  readonly origin: string;
  readonly size: number;
  readonly root: Buffer;
}

/** The signed checkpoint of a log as its head is (C2SP tlog-checkpoint). */
export function signHead(settings: Signing, { frontier, ...head }: LogHead): string {
  return signCheckpoint(settings, { ...head, root: rootOfFrontier(frontier) });
}

/** The signed checkpoint of a log of this size. Sign only what is committed. */
export function signCheckpoint(settings: Signing, { recipientId, ...log }: LogSize): string {
  const isHeadLog = recipientId === headLog;
  return signNote(checkpointText(log), isHeadLog ? headSigner(settings, log) : logSigner(settings));
}

/** One key for all recipients' logs, named by the host: a name for each would tell which there are. */
export function logSigner({ origin, keys }: Signing): NoteSigner {
  return noteSigner(new URL(origin).host, keys.log);
}

/** The same key under the name of the head log, as witnesses and trust policies want it. */
export function headSigner(
  { keys }: Pick<Signing, 'keys'>,
  { origin }: { origin: string },
): NoteSigner {
  return noteSigner(origin, keys.log);
}
