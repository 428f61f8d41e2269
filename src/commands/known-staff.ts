import { verifyStaffKey, type StaffCaller } from '../people/index.ts';
import { Refusal, type RefusalKind } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { readText } from './files.ts';

const StaffKeyNeeded = {
  code: 'staff-key-needed',
  status: 401,
  title: 'This takes a person: set SLUICE_STAFF_KEY, or name a file with --key-file.',
} as const satisfies RefusalKind;

const StaffKeyInvalid = {
  code: 'staff-key-invalid',
  status: 401,
  title: 'The personal key is unknown, replaced, or its person has ended.',
} as const satisfies RefusalKind;

export const keyFileOption = [
  '--key-file <file>',
  'file with your personal key; else SLUICE_STAFF_KEY is read',
] as const;

/** The same where a key is given; without one nobody is named, and the act says what that allows. */
export async function staffIfNamed(
  tools: Pick<Tools, 'db' | 'settings'>,
  named: { keyFile?: string },
): Promise<StaffCaller | undefined> {
  const isNamed = named.keyFile !== undefined || tools.settings.staffKey !== undefined;
  return isNamed ? knownStaff(tools, named) : undefined;
}

/**
 * The person who runs a command, by the key in the file or in SLUICE_STAFF_KEY: never by an
 * argument, which the shell's history and the list of processes would show. Refusals:
 * `staff-key-needed`, `staff-key-invalid`, `file-unreadable`.
 */
export async function knownStaff(
  tools: Pick<Tools, 'db' | 'settings'>,
  { keyFile }: { keyFile?: string },
): Promise<StaffCaller> {
  const text = keyFile === undefined ? tools.settings.staffKey : await readText(keyFile);
  const key = text?.trim() ?? '';
  if (key === '') throw new Refusal(StaffKeyNeeded);
  const verification = await verifyStaffKey(tools, key);
  if (!verification.isLive) throw new Refusal(StaffKeyInvalid);
  return verification.caller;
}
