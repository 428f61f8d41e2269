import { Document } from 'sepa';
import type { DraftItem } from './payout.ts';

/** Whose account is debited. */
export interface Debtor {
  readonly name: string;
  readonly iban: string;
  readonly bic: string | undefined;
}

/** The most that a SEPA credit transfer carries, in cents. */
export const mostCents = 99_999_999_999n;

/**
 * A batch as a customer credit transfer initiation, ISO 20022 pain.001.001.09: one payment
 * information with a transaction for each item, in euros. `madeAt` is written in UTC. Throws where
 * the text would not say the items' amounts to the cent.
 */
export function pain001Of(
  batch: { number: number; executeOn: string; madeAt: Date; debtor: Debtor },
  items: readonly DraftItem[],
): string {
  const document = new Document('pain.001.001.09');
  document.grpHdr.id = messageIdOf(batch.number);
  document.grpHdr.created = asLocal(batch.madeAt.toISOString());
  document.grpHdr.initiatorName = batch.debtor.name;
  const info = document.createPaymentInfo();
  info.requestedExecutionDate = asLocal(`${batch.executeOn}T12:00:00.000Z`);
  info.batchBooking = false;
  info.debtorName = batch.debtor.name;
  info.debtorIBAN = batch.debtor.iban;
  info.debtorBIC = batch.debtor.bic ?? '';
  document.addPaymentInfo(info);
  for (const { payee, amountMinor, period, endToEndId } of items) {
    if (!payee) throw new Error('An item without an account cannot be transferred.');
    const transfer = info.createTransaction();
    transfer.creditorName = payee.name;
    transfer.creditorIBAN = payee.account;
    transfer.creditorBIC = payee.bic ?? '';
    transfer.currency = 'EUR';
    transfer.amount = Number(amountMinor) / 100;
    transfer.end2endId = endToEndId;
    transfer.remittanceInfo = `Fee statement ${period}.EUR`;
    info.addTransaction(transfer);
  }
  const text = document.toString();
  checkAmounts(text, items);
  return text;
}

/** At most 35 characters, one for each batch that this house ever makes. */
export function messageIdOf(number: number): string {
  return `PAYOUT-${String(number)}`;
}

/** The library writes a moment’s local fields: one whose local fields are those of UTC. */
function asLocal(instant: string): Date {
  return new Date(instant.slice(0, 19));
}

/** The library counts in doubles; what it wrote is compared with the cents, digit by digit. */
function checkAmounts(text: string, items: readonly DraftItem[]): void {
  const centsIn = (tag: string) =>
    [
      ...text.matchAll(new RegExp(`<${tag}(?: Ccy="EUR")?>([0-9]+)[.]([0-9]{2})</${tag}>`, 'g')),
    ].map(([, euros = '', cents = '']) => BigInt(euros + cents));
  const total = items.reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
  const amounts = centsIn('InstdAmt');
  const isSaid =
    amounts.length === items.length &&
    items.every(({ amountMinor }, place) => amounts[place] === amountMinor) &&
    centsIn('CtrlSum').every((sum) => sum === total);
  if (!isSaid) throw new Error('pain.001 does not say the amounts of its statements.');
}
