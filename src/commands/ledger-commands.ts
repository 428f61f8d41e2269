import type { Command } from 'commander';
import { readAgeing, readTrialBalance } from '../ledger/index.ts';
import { minorText } from '../platform/money.ts';
import type { Tools } from '../platform/tools.ts';
import { printRows, printText, printValue, withTools, type Printing } from './frame.ts';
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
    .description('the ledger of fees: what its accounts hold, and how old what is owed is')
    .addHelpText('after', '\nExample:\n  sluice ledger trial-balance');
  addTrialBalance(ledger);
  addAgeing(ledger);
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
          debit: balanceMinor > 0n ? minorText(balanceMinor, currency) : '',
          credit: balanceMinor < 0n ? minorText(-balanceMinor, currency) : '',
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

async function askedOf({ db, settings }: Tools, { partner, at }: Asked) {
  return {
    partnerId: partner === undefined ? undefined : (await knownPartner(db, partner)).id,
    at: momentOf('--at', at, settings.timeZone),
  };
}
