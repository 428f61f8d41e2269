import { Option, type Command } from 'commander';
import { stringify } from 'csv-stringify/sync';
import { readAgeing, readEntries, readTrialBalance } from '../ledger/index.ts';
import { addDays } from '../platform/calendar-days.ts';
import { minorText } from '../platform/money.ts';
import type { Tools } from '../platform/tools.ts';
import { findClosedStatements } from '../settlements/index.ts';
import { printPart, printRows, printText, printValue, withTools, type Printing } from './frame.ts';
import { momentOf } from './moments.ts';
import { knownPartner } from './partner-commands.ts';

type Asked = Printing & { readonly partner?: string; readonly at?: string };

const atOption = [
  '--at <moment>',
  'as it stood at an instant, or at the beginning of a day',
] as const;

/** `sluice ledger …`: what the accounts hold. */
export function addLedgerCommands(program: Command): void {
  const ledger = program
    .command('ledger')
    .description('the ledger of fees: its journal, what its accounts hold, how old what is owed is')
    .addHelpText('after', '\nExample:\n  sluice ledger trial-balance');
  addTrialBalance(ledger);
  addAgeing(ledger);
  addEntries(ledger);
}

function addTrialBalance(ledger: Command): void {
  ledger
    .command('trial-balance')
    .description('what each account holds: debits and credits, which add up to the same')
    .option('--partner <key>', 'this partner only')
    .option(...atOption)
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  sluice ledger trial-balance --at 2026-11-01')
    .action(async (options: Asked) => {
      await withTools(async (tools) => {
        const balance = await readTrialBalance(tools, await askedOf(tools, options));
        const rows = balance.accounts.map(({ partnerKey, currency, account, balanceMinor }) => ({
          partner: partnerKey,
          currency,
          account,
          ...sidesOf(balanceMinor, currency),
        }));
        const totals = balance.totals.map(({ currency, totalMinor }) => ({
          currency,
          'debits less credits': minorText(totalMinor, currency),
        }));
        if (options.json) {
          printValue({ at: balance.at.toISOString(), accounts: rows, totals }, options);
          return;
        }
        printRows(rows, { none: 'Nothing is posted.' });
        if (rows.length === 0) return;
        printText('');
        printRows(totals);
      });
    });
}

function addAgeing(ledger: Command): void {
  ledger
    .command('ageing')
    .description('what is owed to partners and by them, by the days since it was posted')
    .option('--partner <key>', 'this partner only')
    .option(...atOption)
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  sluice ledger ageing --partner brightside')
    .action(async (options: Asked) => {
      await withTools(async (tools) => {
        const aged = await readAgeing(tools, await askedOf(tools, options));
        const rows = aged.map(({ partnerKey, currency, owed, ...minors }) => ({
          ...{ partner: partnerKey, currency, owed },
          'to 30 days': minorText(minors.to30Minor, currency),
          'to 60': minorText(minors.to60Minor, currency),
          'to 90': minorText(minors.to90Minor, currency),
          beyond: minorText(minors.beyondMinor, currency),
        }));
        printRows(rows, { ...options, none: 'Nothing is owed.' });
      });
    });
}

interface Period extends Printing {
  readonly partner?: string;
  readonly from?: string;
  readonly until?: string;
  readonly format?: 'table' | 'json' | 'csv';
}

function addEntries(ledger: Command): void {
  ledger
    .command('entries')
    .description('the journal: what was posted, line by line, to be booked elsewhere')
    .option('--partner <key>', 'this partner only')
    .option('--from <moment>', 'booked from an instant on, or from the beginning of a day')
    .option('--until <moment>', 'booked before an instant, or before the beginning of a day')
    .addOption(new Option('--format <format>', 'table where nothing is said').choices(formats))
    .option('--json', 'as --format json')
    .addHelpText(
      'after',
      '\nThe period’s end is the last day of the statement that an entry is of.\n' +
        '\nExample:\n  sluice ledger entries --from 2026-11-01 --until 2026-12-01 --format csv',
    )
    .action(async ({ partner, from, until, json, format }: Period) => {
      await withTools(async (tools) => {
        const zone = tools.settings.timeZone;
        const entries = await readEntries(tools, {
          partnerId: partner === undefined ? undefined : (await knownPartner(tools.db, partner)).id,
          from: momentOf('--from', from, zone),
          until: momentOf('--until', until, zone),
        });
        const ends = await periodEnds(tools);
        const rows = entries.map(({ amountMinor, bookedAt, ...one }) => ({
          ...{ entry: one.entryId, bookedAt: bookedAt.toISOString() },
          ...{ partner: one.partnerKey, source: one.source },
          periodEnd: ends.get(`${one.partnerId} ${one.source.replace(/^\w+ /, '')}`) ?? '',
          ...{ account: one.account, ...sidesOf(amountMinor, one.currency) },
          ...{ currency: one.currency, reverses: one.reversesEntryId ?? '' },
        }));
        if (format === 'csv') printPart(Buffer.from(csvOf(rows)));
        else if (json || format === 'json') printRows(rows, { json: true });
        else printRows(rows.map(shortOf), { none: 'Nothing is posted.' });
      });
    });
}

const formats = ['table', 'json', 'csv'];

interface EntryRow extends Readonly<Record<string, string>> {
  readonly entry: string;
  readonly reverses: string;
}

/** On a terminal an entry is known by its lines standing together, and by its source. */
function shortOf({ entry: _entry, reverses: _reverses, ...row }: EntryRow) {
  return row;
}

function csvOf(rows: readonly EntryRow[]): string {
  const names = ['entry', 'bookedAt', 'partner', 'source', 'periodEnd', 'account', 'debit', 'credit', 'currency', 'reverses']; // prettier-ignore
  const columns = names.map((key) => {
    return { key, header: key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`) };
  });
  const escape_formulas = true;
  return stringify([...rows], { header: true, columns, record_delimiter: '\r\n', escape_formulas });
}

/** The last day of each closed statement’s period, by partner and statement. */
async function periodEnds({ db }: Tools): Promise<Map<string, string>> {
  const closed = await findClosedStatements(db);
  return new Map(
    closed.map(({ partnerId, id, untilDay }) => [`${partnerId} ${id}`, addDays(untilDay, -1)]),
  );
}

/** An amount on its side; the other side is nothing. */
function sidesOf(minor: bigint, currency: string): { debit: string; credit: string } {
  const text = (one: bigint) => minorText(one > 0n ? one : 0n, currency);
  return { debit: text(minor), credit: text(-minor) };
}

async function askedOf({ db, settings }: Tools, { partner, at }: Asked) {
  return {
    partnerId: partner === undefined ? undefined : (await knownPartner(db, partner)).id,
    at: momentOf('--at', at, settings.timeZone),
  };
}
