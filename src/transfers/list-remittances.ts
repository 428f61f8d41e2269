import { findPartners, type PartnerId } from '../partners/index.ts';
import type { Tools } from '../platform/tools.ts';
import { findTransfers, type StatedTransfer } from './transfer-store.ts';

/** A remittance, with the key of the partner that paid it. */
export type Remittance = StatedTransfer & { readonly partnerKey: string };

/** What partners paid us, all of them or one, the latest first. */
export async function listRemittances(
  { db }: Pick<Tools, 'db'>,
  { partnerId }: { partnerId: PartnerId | undefined },
): Promise<Remittance[]> {
  const keys = new Map((await findPartners(db)).map(({ id, key }) => [id, key]));
  const found = await findTransfers(db, { kind: 'remitted', partnerId });
  return found.map((one) => ({ ...one, partnerKey: keys.get(one.partnerId) ?? '' }));
}
