import { postEntry } from '../ledger/index.ts';
import type { Partner } from '../partners/index.ts';
import { checkRole, lockRoles, type StaffId } from '../people/index.ts';
import { isDate } from '../platform/calendar.ts';
import { currencyDecimals } from '../platform/currencies.ts';
import { brokenConstraint } from '../platform/database-errors.ts';
import { inTransaction } from '../platform/database.ts';
import { localDay } from '../platform/local-days.ts';
import { isPrintable } from '../platform/printable.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import type { Remittance } from './list-remittances.ts';
import { findTransfer, insertTransfer } from './transfer-store.ts';
import { InvalidRemittance, MoreThanOwed, TransferConflict, type Transfer } from './transfer.ts';

/**
 * Books what a partner paid us, under the bank's reference: at once in the ledger, and on the next
 * statement that is closed. Asked again with the same it changes nothing. Refusals: `role-missing`,
 * `invalid-remittance`, `more-than-owed` (than it owes on closed statements), `transfer-conflict`
 * (something else under this reference).
 */
export async function bookRemittance(
  tools: Tools,
  given: {
    readonly partner: Pick<Partner, 'id' | 'key'>;
    readonly reference: string;
    readonly currency: string;
    readonly amountMinor: bigint;
    /** YYYY-MM-DD */
    readonly onDay: string;
    readonly by: StaffId;
  },
): Promise<Remittance> {
  const { partner, by, ...said } = given;
  check(tools, said);
  const { amountMinor, currency, reference } = said;
  const bookedAt = tools.clock.now();
  const transfer: Transfer = { ...said, partnerId: partner.id, kind: 'remitted', bookedAt };
  const asRemittance = (one: Transfer) => ({ ...one, stated: null, partnerKey: partner.key });
  try {
    return await inTransaction(tools.db, async (tx) => {
      checkRole(await lockRoles(tx, by), ['finance']);
      if (!(await insertTransfer(tx, transfer))) {
        const standing = await findTransfer(tx, transfer);
        if (standing && isSame(standing, transfer)) return asRemittance(standing);
        throw new Refusal(TransferConflict);
      }
      const lines = { remittances: amountMinor, 'partner-receivable': -amountMinor };
      const source = `remittance ${reference}`.slice(0, 200);
      await postEntry(tx, tools, { partnerId: partner.id, currency, source, lines });
      return asRemittance(transfer);
    });
  } catch (error) {
    if (brokenConstraint(error) === 'receivable_has_a_floor') throw new Refusal(MoreThanOwed);
    throw error;
  }
}

function check(
  { clock, settings }: Tools,
  said: { reference: string; currency: string; amountMinor: bigint; onDay: string },
): void {
  const { reference, currency, amountMinor, onDay } = said;
  const refuse = (field: string, detail: string) => {
    throw new Refusal(InvalidRemittance, detail, { field: `/${field}` });
  };
  if (!isPrintable(reference, 100)) {
    refuse('reference', 'A reference has 1 to 100 printable characters.');
  }
  if (currencyDecimals(currency) === undefined) {
    refuse('currency', 'A currency is three letters of ISO 4217, such as EUR.');
  }
  if (amountMinor <= 0n) refuse('amount', 'What was remitted is above nothing.');
  if (!isDate(onDay)) refuse('on', 'A day is written as 2026-01-31.');
  if (onDay > localDay(clock.now(), settings.timeZone)) refuse('on', 'The day is not yet.');
}

function isSame(one: Transfer, other: Transfer): boolean {
  return (
    one.currency === other.currency &&
    one.amountMinor === other.amountMinor &&
    one.onDay === other.onDay
  );
}
