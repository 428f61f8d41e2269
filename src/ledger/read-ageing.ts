import type { PartnerId } from '../partners/index.ts';
import type { Tools } from '../platform/tools.ts';
import { sumByAge } from './ledger-store.ts';

/** What is owed, by us or by the partner, and for how many days it has been. */
export interface AgedBalance {
  readonly partnerKey: string;
  readonly currency: string;
  /** Who owes: payable, we do; receivable, the partner does. */
  readonly owed: 'payable' | 'receivable';
  readonly to30Minor: bigint;
  readonly to60Minor: bigint;
  readonly to90Minor: bigint;
  readonly beyondMinor: bigint;
}

/** How old what is owed was at a moment; what was paid counts against the oldest first. */
export async function readAgeing(
  tools: Pick<Tools, 'db' | 'clock'>,
  {
    at = tools.clock.now(),
    partnerId,
  }: { at?: Date | undefined; partnerId?: PartnerId | undefined },
): Promise<AgedBalance[]> {
  const rows = await sumByAge(tools.db, { at, partnerId });
  return rows.map((row) => ({
    partnerKey: row.partner_key,
    currency: row.currency,
    owed: row.account === 'partner-payable' ? 'payable' : 'receivable',
    to30Minor: BigInt(row.to_30),
    to60Minor: BigInt(row.to_60),
    to90Minor: BigInt(row.to_90),
    beyondMinor: BigInt(row.beyond),
  }));
}
