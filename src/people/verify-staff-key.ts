import type { Verification } from '../platform/http/bearer.ts';
import { TokenInvalid } from '../platform/http/kinds.ts';
import type { Tools } from '../platform/tools.ts';
import { findStaffByKeyHash } from './staff-store.ts';
import { isKeyShaped, keyHashOf, type StaffCaller } from './staff.ts';

/**
 * Finds the person behind a personal key. An unknown key, one that was replaced and one of a person
 * who ended are `token-invalid` alike. Nothing is remembered: every change counts at once.
 */
export async function verifyStaffKey(
  { db }: Pick<Tools, 'db'>,
  secret: string,
): Promise<Verification<StaffCaller>> {
  const staff = isKeyShaped(secret) ? await findStaffByKeyHash(db, keyHashOf(secret)) : undefined;
  if (!staff) return { isLive: false, because: TokenInvalid };
  const { id, name, roles } = staff;
  const scopes = roles.map((role) => `role:${role}`);
  return { isLive: true, caller: { staffId: id, name, roles, scopes } };
}
