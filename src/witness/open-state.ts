import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Randomness } from '../platform/randomness.ts';
import { Refusal, type RefusalKind } from '../platform/refusal.ts';
import { parseCosignerKey, type NoteSigner } from '../transparency/index.ts';
import { holdFolder } from './hold-folder.ts';
import type { AddCheckpoint } from './request-rules.ts';
import {
  evidenceName,
  isStateFile,
  parseRegister,
  parseState,
  registerText,
  stateFileOf,
  type LogState,
  type Register,
} from './state-rules.ts';
import { writeWhole } from '../platform/write-whole.ts';

export const StateLost = {
  code: 'witness-state-lost',
  status: 503,
  title: 'What the witness has cosigned is not known any more.',
} as const satisfies RefusalKind;

/** What a witness has cosigned, in a folder of its own. All of it acts at once, none of it waits. */
export interface WitnessState {
  /** The last checkpoint cosigned for a log. Refuses `witness-state-lost`. */
  read(origin: string): LogState | undefined;
  /** Returns once the cosigned checkpoint is on disk; when it throws, it may be or not. */
  keep(origin: string, note: string): void;
  /** Keeps a refused checkpoint beside the one it is at odds with; undefined when it was or is full. */
  keepEvidence(
    kind: 'fork' | 'doubt',
    refused: AddCheckpoint,
    cosigned: LogState | undefined,
  ): string | undefined;
  close(): void;
}

/** Of each log; forks show the log's fault by themselves, anybody may cause doubts. */
const mostEvidence = { fork: 64, doubt: 8 } as const;

const wayOut =
  'Give back the very files that it had (an older copy forgets what was cosigned since), or go on ' +
  'as a new witness: a new key by `sluice witness key`, and an empty folder.';

/**
 * Opens the folder of a witness's state, for this process alone. It is begun where the key has had
 * none: what this writes beside the key's file says from then on that there is one. Refuses
 * `witness-state-lost` where it is not the key's, and `witness-state-held`.
 */
export async function openState(
  folder: string,
  { keyFile, signer, random }: { keyFile: string; signer: NoteSigner; random: Randomness },
): Promise<WitnessState> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const letGo = await holdFolder(folder);
  try {
    return stateIn(folder, bind(folder, { keyFile, signer, random }), signer, letGo);
  } catch (error) {
    letGo();
    throw error;
  }
}

function stateIn(
  folder: string,
  bound: Register,
  signer: NoteSigner,
  letGo: () => void,
): WitnessState {
  let register = bound;
  const key = parseCosignerKey(signer.verifierKey);
  return {
    read: (origin) => {
      const file = join(folder, stateFileOf(origin));
      const note = readIfThere(file);
      if (note === undefined && !register.logs.includes(origin)) return undefined;
      const state = note !== undefined && key ? parseState(note, { origin, key }) : undefined;
      if (state) return state;
      const what = note === undefined ? 'missing' : 'damaged';
      throw new Refusal(StateLost, `The state of ${origin}, ${file}, is ${what}. ${wayOut}`);
    },
    keep: (origin, note) => {
      writeWhole(join(folder, stateFileOf(origin)), note);
      if (register.logs.includes(origin)) return;
      const named = { ...register, logs: [...register.logs, origin] };
      writeWhole(registerOf(folder), registerText(named));
      register = named;
    },
    keepEvidence: (kind, refused, cosigned) => {
      const shelf = join(folder, 'evidence');
      const name = evidenceName(kind, refused);
      const ofLog = name.slice(0, name.lastIndexOf('-'));
      const file = join(shelf, `${name}.refused`);
      mkdirSync(shelf, { recursive: true, mode: 0o700 });
      const held = readdirSync(shelf).filter(
        (one) => one.startsWith(ofLog) && one.endsWith('.refused'),
      );
      if (held.includes(`${name}.refused`) || held.length >= mostEvidence[kind]) return undefined;
      if (cosigned) writeWhole(join(shelf, `${name}.cosigned`), cosigned.note);
      writeWhole(file, refused.note);
      return file;
    },
    close: letGo,
  };
}

const registerOf = (folder: string) => join(folder, 'witness.json');
const companionOf = (keyFile: string) => `${keyFile}.state`;

/** The register of the folder, which is the key's only one. */
function bind(
  folder: string,
  { keyFile, signer, random }: { keyFile: string; signer: NoteSigner; random: Randomness },
): Register {
  const companion = companionOf(keyFile);
  const id = readIfThere(companion)?.trim();
  const text = readIfThere(registerOf(folder));
  const lost = (what: string) => new Refusal(StateLost, `${what} ${wayOut}`);
  if (text === undefined) {
    if (id !== undefined) throw lost(`${folder} is not where this key has its state.`);
    if (readdirSync(folder).some(isStateFile)) throw lost(`${registerOf(folder)} is missing.`);
  }
  const register =
    text === undefined
      ? { id: random.bytes(16).toString('hex'), key: signer.verifierKey, logs: [] }
      : parseRegister(text);
  if (!register) throw lost(`${registerOf(folder)} is damaged.`);
  if (register.key !== signer.verifierKey) throw lost(`${folder} is the state of ${register.key}.`);
  if (id !== undefined && id !== register.id) {
    throw lost(`${folder} is not where this key has its state.`);
  }
  // The folder first: a crash in between leaves one that was begun and nothing that misses it.
  if (text === undefined) writeWhole(registerOf(folder), registerText(register));
  if (!existsSync(companion)) writeWhole(companion, `${register.id}\n`);
  return register;
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    const reason = (error as Error).message;
    throw new Refusal(StateLost, `${file} can't be read: ${reason}.`);
  }
}
