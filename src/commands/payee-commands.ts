import type { Command } from 'commander';
import { listPayees, proposePayee } from '../payees/index.ts';
import { printRows, say, withTools, type Printing } from './frame.ts';
import { keyFileOption, knownStaff } from './known-staff.ts';
import { knownPartner } from './partner-commands.ts';
import { readCurrency } from './statement-commands.ts';

interface Said extends Printing {
  readonly partner: string;
  readonly currency: string;
  readonly name: string;
  readonly account: string;
  readonly bic?: string;
  readonly keyFile?: string;
}

/** `sluice payee …`: where partners are paid, named by two persons. */
export function addPayeeCommands(program: Command): void {
  const payee = program
    .command('payee')
    .description('where partners are paid: an account that two persons name')
    .addHelpText('after', '\nExample:\n  sluice payee list');
  payee
    .command('propose')
    .description('propose the account that a partner is paid on; a second person approves it')
    .requiredOption('--partner <key>', 'the partner’s key')
    .requiredOption('--currency <CUR>', 'the currency, three capital letters', readCurrency)
    .requiredOption('--name <name>', 'the account’s holder, as the bank has it')
    .requiredOption('--account <IBAN>', 'the IBAN; outside of euros any account number')
    .option('--bic <BIC>', 'the bank’s BIC, where it is asked for')
    .option(...keyFileOption)
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExample:\n  sluice payee propose --partner brightside --currency EUR \\\n' +
        '    --name "Brightside GmbH" --account "DE89 3704 0044 0532 0130 00"',
    )
    .action(async (options: Said) => {
      await withTools(async (tools) => {
        const by = (await knownStaff(tools, options)).staffId;
        const partner = await knownPartner(tools.db, options.partner);
        const { currency, name, account, bic } = options;
        const proposal = { partner, currency, account: { name, account, bic }, by };
        const { id, expiresAt } = await proposePayee(tools, proposal);
        printRows([{ proposal: id, expiresAt: expiresAt.toISOString() }], options);
        if (!options.json) say(`Somebody else approves it: sluice proposal approve ${id}`);
      });
    });
  payee
    .command('list')
    .description('list the accounts that partners are paid on')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  sluice payee list')
    .action(async (options: Printing) => {
      await withTools(async (tools) => {
        const rows = (await listPayees(tools)).map((one) => ({
          partner: one.partnerKey,
          currency: one.currency,
          name: one.name,
          account: one.account,
          bic: one.bic ?? '',
          proposedBy: one.proposedBy.name,
          approvedBy: one.approvedBy.name,
          since: one.approvedAt.toISOString(),
        }));
        printRows(rows, { ...options, none: 'No account is named: `sluice payee propose` does.' });
      });
    });
}
