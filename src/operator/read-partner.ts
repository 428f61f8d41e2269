import { findPartnerByKey, UnknownPartner, type Partner } from '../partners/index.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';

/** The partner with this key. Throws Refusal `unknown-partner`. */
export async function readPartner(
  { db }: Pick<Tools, 'db'>,
  { key = '' }: { key: string | undefined },
): Promise<Partner> {
  const partner = await findPartnerByKey(db, key);
  if (!partner) throw new Refusal(UnknownPartner);
  return partner;
}
