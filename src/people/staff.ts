import { createHash } from 'node:crypto';
import { Refusal, type RefusalKind } from '../platform/refusal.ts';

export type StaffId = string & { readonly is: 'StaffId' };

/** What a person may do: a closed list. */
export const roles = ['privacy', 'partner', 'finance', 'admin', 'intake'] as const;
export type Role = (typeof roles)[number];

/** A named person who works for the operator. */
export interface Staff {
  readonly id: StaffId;
  readonly name: string;
  readonly roles: readonly Role[];
  readonly status: 'active' | 'ended';
}

/** Who calls: what a live personal key proves. */
export interface StaffCaller {
  readonly staffId: StaffId;
  readonly name: string;
  readonly roles: readonly Role[];
  /** `role:privacy` and so on: what a line of the operator API may ask for. */
  readonly scopes: readonly string[];
}

export const InvalidStaff = {
  code: 'invalid-staff',
  status: 422,
  title: 'The person is not described as it must be.',
} as const satisfies RefusalKind;

export const StaffNameTaken = {
  code: 'staff-name-taken',
  status: 409,
  title: 'A person of this name works here already: names tell persons apart.',
} as const satisfies RefusalKind;

export const UnknownStaff = {
  code: 'unknown-staff',
  status: 404,
  title: 'There is no such person, or it has ended.',
} as const satisfies RefusalKind;

export const RoleMissing = {
  code: 'role-missing',
  status: 403,
  title: 'The person has no role that may do this.',
} as const satisfies RefusalKind;

/** Throws Refusal `role-missing` unless one of the roles that are had is among those that may. */
export function checkRole(had: readonly Role[], may: readonly Role[]): void {
  if (had.some((role) => may.includes(role))) return;
  throw new Refusal(RoleMissing, `It takes the role ${may.join(' or ')}.`);
}

/** Only the hash of a key is ever stored: 256 random bits need no slower one. */
export function keyHashOf(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}

/** Whether a text has the form of a personal key; anything else never reaches the database. */
export function isKeyShaped(text: string): boolean {
  return /^slk_[A-Za-z0-9_-]{43}$/.test(text);
}
