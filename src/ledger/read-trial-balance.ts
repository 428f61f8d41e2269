import type { PartnerId } from '../partners/index.ts';
import type { Tools } from '../platform/tools.ts';
import type { AccountBalance } from './entry.ts';
import { sumAccounts } from './ledger-store.ts';

/** All accounts at one moment; per currency they add up to nothing. */
export interface TrialBalance {
  readonly at: Date;
  readonly accounts: readonly AccountBalance[];
  readonly totals: readonly { readonly currency: string; readonly totalMinor: bigint }[];
}

/** The accounts of all partners, or of one, as what was posted until a moment left them. */
export async function readTrialBalance(
  tools: Pick<Tools, 'db' | 'clock'>,
  {
    at = tools.clock.now(),
    partnerId,
  }: { at?: Date | undefined; partnerId?: PartnerId | undefined },
): Promise<TrialBalance> {
  const accounts = await sumAccounts(tools.db, { at, partnerId });
  const totals = new Map<string, bigint>();
  for (const { currency, balanceMinor } of accounts) {
    totals.set(currency, (totals.get(currency) ?? 0n) + balanceMinor);
  }
  return {
    at,
    accounts,
    totals: [...totals]
      .map(([currency, totalMinor]) => ({ currency, totalMinor }))
      .sort((one, other) => (one.currency < other.currency ? -1 : 1)),
  };
}
