import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { insideGate } from '../platform/embedded/gate.ts';
import {
  isRunning,
  ownIdentity,
  type ProcessIdentity,
} from '../platform/embedded/process-identity.ts';
import { Refusal, type RefusalKind } from '../platform/refusal.ts';
import { writeWhole } from '../platform/write-whole.ts';

export const StateHeld = {
  code: 'witness-state-held',
  status: 409,
  title: 'Another process uses the state folder.',
} as const satisfies RefusalKind;

/**
 * Takes the folder for this process alone, until it is let go or the process ends. Refuses
 * `witness-state-held` where another holds it, or may: what runs in another container can't be seen.
 */
export async function holdFolder(folder: string): Promise<() => void> {
  const file = join(folder, 'holder');
  await insideGate(join(folder, 'gate'), () => {
    const holder = readHolder(file);
    if (holder && isRunning(holder) !== false) {
      throw new Refusal(
        StateHeld,
        `Process ${String(holder.pid)} uses ${folder}. Where that is in another container and ` +
          `has ended, remove ${file}.`,
      );
    }
    writeWhole(file, JSON.stringify(ownIdentity()));
    return Promise.resolve();
  });
  return () => {
    rmSync(file, { force: true });
  };
}

function readHolder(file: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as ProcessIdentity;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
