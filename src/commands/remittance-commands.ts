import type { Command } from 'commander';
import { minorText, minorUnits } from '../platform/money.ts';
import { bookRemittance, listRemittances, type Remittance } from '../transfers/index.ts';
import { printRows, withTools, type Printing } from './frame.ts';
import { keyFileOption, knownStaff } from './known-staff.ts';
import { knownPartner } from './partner-commands.ts';
import { readCurrency } from './statement-commands.ts';

interface Remitting extends Printing {
  readonly partner: string;
  readonly amount: string;
  readonly currency: string;
  readonly reference: string;
  readonly on: string;
  readonly keyFile?: string;
}

/** `sluice remittance …`: what partners paid us. */
export function addRemittanceCommands(program: Command): void {
  const remittance = program
    .command('remittance')
    .description('what partners paid us: book and list it')
    .addHelpText('after', '\nExample:\n  sluice remittance list');
  remittance
    .command('add')
    .description('book what a partner paid of what it owes on closed statements')
    .requiredOption('--partner <key>', 'the partner’s key')
    .requiredOption('--amount <decimal>', 'how much, such as 120.00')
    .requiredOption('--currency <CUR>', 'the currency, three capital letters', readCurrency)
    .requiredOption('--reference <text>', 'what the bank calls the payment')
    .requiredOption('--on <YYYY-MM-DD>', 'the day on which it came in')
    .option(...keyFileOption)
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nThe next statement that is closed states it. The same again changes nothing.\n' +
        '\nExample:\n  sluice remittance add --partner brightside --amount 120.00 --currency EUR \\\n' +
        '    --reference "SEPA 4711" --on 2026-11-03',
    )
    .action(async (options: Remitting) => {
      await withTools(async (tools) => {
        const by = (await knownStaff(tools, options)).staffId;
        const partner = await knownPartner(tools.db, options.partner);
        const { currency, reference, on: onDay } = options;
        const amountMinor = minorUnits(options.amount, currency);
        const said = { partner, currency, reference, onDay, amountMinor, by };
        printRows([rowOf(await bookRemittance(tools, said))], options);
      });
    });
  remittance
    .command('list')
    .description('list what partners paid us, the latest first')
    .option('--partner <key>', 'of this partner alone')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  sluice remittance list --partner brightside')
    .action(async (options: Printing & { partner?: string }) => {
      await withTools(async (tools) => {
        const { partner } = options;
        const partnerId = partner === undefined ? undefined : (await knownPartner(tools.db, partner)).id; // prettier-ignore
        const rows = (await listRemittances(tools, { partnerId })).map(rowOf);
        printRows(rows, { ...options, none: 'No partner has paid us anything yet.' });
      });
    });
}

function rowOf(remittance: Remittance) {
  const { partnerKey, reference, currency, amountMinor, onDay, stated } = remittance;
  return {
    partner: partnerKey,
    reference,
    amount: minorText(amountMinor, currency),
    currency,
    on: onDay,
    statement: stated ? `${stated.period}.${currency}` : '',
  };
}
