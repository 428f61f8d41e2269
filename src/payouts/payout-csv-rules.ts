import { stringify } from 'csv-stringify/sync';
import { minorText } from '../platform/money.ts';
import type { DraftItem } from './payout.ts';

const columns = ['batch', 'item', 'end_to_end_id', 'partner', 'statement', 'payee', 'account'];
const more = ['bic', 'amount', 'currency', 'execute_on'];

/**
 * A batch as CSV (RFC 4180, CRLF): a row for each statement. What a spreadsheet would take for a
 * formula is made text by an apostrophe.
 */
export function payoutCsv(
  { number, currency, executeOn }: { number: number; currency: string; executeOn: string },
  items: readonly DraftItem[],
): string {
  const rows = items.map((item) => ({
    batch: String(number),
    item: String(item.position),
    end_to_end_id: item.endToEndId,
    partner: item.partnerKey,
    statement: `${item.period}.${currency}`,
    payee: item.payee?.name,
    account: item.payee?.account,
    bic: item.payee?.bic,
    amount: minorText(item.amountMinor, currency),
    currency,
    execute_on: executeOn,
  }));
  return stringify(rows, {
    columns: [...columns, ...more],
    header: true,
    escape_formulas: true,
    record_delimiter: '\r\n',
  });
}
