import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  hasEnded,
  ownIdentity,
  type ProcessIdentity,
} from '../platform/embedded/process-identity.ts';

/** Where a draft of a backup is filled, beside its place. */
export const draftOf = (out: string): string => `${out}.making-${String(process.pid)}`;

/** Says in a draft who fills it, until `unmarkDraft`. */
export function markDraft(draft: string): void {
  writeFileSync(markOf(draft), JSON.stringify(ownIdentity()), { mode: 0o600 });
}

export function unmarkDraft(draft: string): void {
  rmSync(markOf(draft));
}

/** Removes the drafts in a folder that killed backups left; those of which that is not certain stay. */
export function removeDeadDrafts(folder: string): void {
  for (const name of readdirSync(folder)) {
    const draft = join(folder, name);
    const maker = /\.making-\d+$/.test(name) ? makerOf(draft) : undefined;
    if (maker && hasEnded(maker)) rmSync(draft, { recursive: true, force: true });
  }
}

const markOf = (draft: string) => join(draft, 'maker');

function makerOf(draft: string): ProcessIdentity | undefined {
  try {
    const maker = JSON.parse(readFileSync(markOf(draft), 'utf8')) as Partial<ProcessIdentity>;
    const { pid, startedAt, space } = maker;
    const isWhole = Number.isSafeInteger(pid) && Number(pid) > 0;
    if (!isWhole || typeof startedAt !== 'string' || typeof space !== 'string') return undefined;
    return { pid: Number(pid), startedAt, space };
  } catch {
    // Killed while it wrote this, or a draft of something else.
    return undefined;
  }
}
