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

/**
 * The signed checkpoint of a log of this size. Sign only what is committed. After a rotation the key
 * before signs too, so that who knows only that one goes on.
 */
export function signCheckpoint(settings: Signing, { recipientId, ...log }: LogSize): string {
  const name = recipientId === headLog ? log.origin : hostOf(settings);
  return signNote(checkpointText(log), ...signersOf(settings, name).slice(0, 2));
}

/**
 * Whoever signs under this name, and who did, the present key first. All recipients' logs are signed
 * under the name of the host: a name for each would tell which there are. The head log is signed by
 * the same keys under its own, as witnesses and trust policies want it.
 */
export function signersOf({ keys }: Pick<Signing, 'keys'>, name: string): NoteSigner[] {
  return [keys.log, ...keys.formerLogs].map((seed) => noteSigner(name, seed));
}

/** The name under which recipients' logs are signed. */
export function hostOf({ origin }: Pick<Signing, 'origin'>): string {
  return new URL(origin).host;
}
