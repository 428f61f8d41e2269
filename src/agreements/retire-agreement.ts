import { raiseEpoch } from '../logs/index.ts';
import { lockPartner, UnknownPartner, type PartnerId } from '../partners/index.ts';
import { inTransaction, type Transaction } from '../platform/database.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { findAgreementVersions, insertRetirement } from './agreement-store.ts';
import { InvalidAgreement, NoAgreement, type Retirement } from './agreement.ts';
import { checkText } from './publish-agreement.ts';

/** An end that a side says. */
export interface Retiring extends Pick<Retirement, 'side' | 'by' | 'reason'> {
  readonly partnerId: PartnerId;
  /** Now where nothing is said. */
  readonly endsAt?: Date | undefined;
}

/**
 * Ends what was agreed with a partner, at once or from a later moment on; either side may. Whatever
 * was published until now is over then, and what goes out under it stops with the moment: the log's
 * epoch rises. A later version may be agreed after it. Refusals: `unknown-partner`, `no-agreement`,
 * `invalid-agreement`.
 */
export async function retireAgreement(tools: Tools, retiring: Retiring): Promise<Retirement> {
  return inTransaction(tools.db, (tx) => retireIn(tx, tools, retiring));
}

/** The same in a transaction that does more. */
export async function retireIn(
  tx: Transaction,
  { clock }: Pick<Tools, 'clock'>,
  { partnerId, side, by, reason, endsAt }: Retiring,
): Promise<Retirement> {
  checkText('by', by, 200);
  checkText('reason', reason, 1000);
  const saidAt = clock.now();
  const ends = endsAt ?? saidAt;
  if (ends < saidAt) {
    const detail = 'An agreement ends now or later, never in the past.';
    throw new Refusal(InvalidAgreement, detail, { field: 'endsAt' });
  }
  if (!(await lockPartner(tx, partnerId))) throw new Refusal(UnknownPartner);
  const last = (await findAgreementVersions(tx, partnerId)).at(-1);
  if (!last || (last.retirement && last.retirement.endsAt <= ends)) throw new Refusal(NoAgreement);
  const { version } = last;
  const retirement = { version, side, saidAt, endsAt: ends, by, reason };
  await insertRetirement(tx, partnerId, retirement);
  await raiseEpoch(tx, [partnerId]);
  return retirement;
}
