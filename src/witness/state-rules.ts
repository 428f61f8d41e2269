import { createHash } from 'node:crypto';
import {
  findCosignature,
  parseCheckpoint,
  splitNote,
  type Checkpoint,
  type NoteVerifier,
} from '../transparency/index.ts';
import type { AddCheckpoint } from './request-rules.ts';

/** What a witness keeps of itself: whose state a folder is, and of which logs it has cosigned. */
export interface Register {
  /** Drawn once; the key's companion names it, so that one key has one state. */
  readonly id: string;
  /** The verifier key of the witness. */
  readonly key: string;
  /** Origins of which a checkpoint was kept: each must have its file. */
  readonly logs: readonly string[];
}

/** The last checkpoint cosigned for a log, and the note it was read from. */
export interface LogState {
  readonly checkpoint: Checkpoint;
  readonly note: string;
}

/** The name of the file of a log's state. */
export function stateFileOf(origin: string): string {
  return createHash('sha256').update(origin).digest('hex');
}

/** Whether a file of the folder is the state of some log. */
export function isStateFile(name: string): boolean {
  return /^[0-9a-f]{64}$/.test(name);
}

/** The name of the files of a piece of evidence, without their endings. */
export function evidenceName(kind: 'fork' | 'doubt', { text, checkpoint }: AddCheckpoint): string {
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 32);
  return `${kind}-${stateFileOf(checkpoint.origin).slice(0, 32)}-${digest}`;
}

/**
 * The state of a log as a file: the cosigned checkpoint, with one signature of each key of the log.
 * The witness's own cosignature shows at every reading that the file is whole.
 */
export function stateNote(
  { text, note }: AddCheckpoint,
  known: readonly NoteVerifier[],
  cosignature: string,
): string {
  const signatures = splitNote(note)?.signatures ?? [];
  const lines = known.flatMap((key) => {
    const own = signatures.find((one) => one.name === key.name && one.keyId.equals(key.keyId));
    return own ? [`${own.line}\n`] : [];
  });
  return `${text}\n${lines.join('')}${cosignature}`;
}

/** Reads the state of a log; undefined when it is damaged, another log's or another witness's. */
export function parseState(
  note: string,
  { origin, key }: { origin: string; key: NoteVerifier },
): LogState | undefined {
  if (!findCosignature(note, key)) return undefined;
  const checkpoint = parseCheckpoint(splitNote(note)?.text ?? '');
  return checkpoint?.origin === origin ? { checkpoint, note } : undefined;
}

export function registerText(register: Register): string {
  return `${JSON.stringify({ v: 1, ...register }, null, 2)}\n`;
}

/** Reads a register; undefined when it is none. */
export function parseRegister(text: string): Register | undefined {
  const read = parseObject(text);
  const { v, id, key, logs } = read;
  const isSound = v === 1 && typeof id === 'string' && typeof key === 'string';
  if (!isSound || !Array.isArray(logs)) return undefined;
  const origins = logs.filter((one) => typeof one === 'string');
  return origins.length === logs.length ? { id, key, logs: origins } : undefined;
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
