import { findPartners } from '../partners/index.ts';
import type { Tools } from '../platform/tools.ts';
import { findPayees } from './payee-store.ts';
import type { Payee } from './payee.ts';

/** The account that counts of each partner and currency, with the partner’s key. */
export async function listPayees({
  db,
}: Pick<Tools, 'db'>): Promise<(Payee & { readonly partnerKey: string })[]> {
  const keys = new Map((await findPartners(db)).map(({ id, key }) => [id, key]));
  const payees = await findPayees(db);
  return payees.map((payee) => ({ ...payee, partnerKey: keys.get(payee.partnerId) ?? '' }));
}
