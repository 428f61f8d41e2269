import { Option, type Command } from 'commander';
import { listChoices } from '../choices/index.ts';
import { setChoice } from '../intake/index.ts';
import { customerIdOf } from '../records/index.ts';
import { misuse, printRows, printText, printValue, withTools, type Printing } from './frame.ts';
import { momentOf } from './moments.ts';
import { knownPartner } from './partner-commands.ts';

interface Said extends Printing {
  readonly customer: string;
  readonly partner?: string;
  readonly all?: boolean;
  readonly sharing: string;
  readonly at?: string;
  readonly evidence: string;
  readonly actor: string;
}

/** `sluice choice …`: what customers said of the sharing of their data (P32). */
export function addChoiceCommands(program: Command): void {
  const choice = program
    .command('choice')
    .description('what a customer chose: no sharing at all, or not with one partner')
    .addHelpText('after', '\nExample:\n  sluice choice list --customer c-003');
  choice
    .command('set')
    .description('book a choice; it holds for the very next answer (P32)')
    .requiredOption('--customer <key>', 'the customer’s key in the records')
    .addOption(new Option('--partner <key>', 'said of this partner').conflicts('all'))
    .option('--all', 'said of all partners')
    .requiredOption('--sharing <what>', 'refused or allowed')
    .option('--at <when>', 'when it was said: a day or an instant; now where nothing is said')
    .option('--evidence <text>', 'how it is known', 'entered by hand')
    .option('--actor <name>', 'who says so', 'operator')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExample:\n  sluice choice set --customer c-003 --partner brightside --sharing refused' +
        '\n  sluice choice set --customer c-003 --all --sharing refused',
    )
    .action(async (options: Said) => {
      if (options.partner === undefined && !options.all) misuse('Say --partner KEY or --all.');
      await withTools(async (tools) => {
        const { partner: key, sharing, evidence, actor } = options;
        const partner = key === undefined ? undefined : await knownPartner(tools.db, key);
        const customerId = customerIdOf(options.customer);
        const at = momentOf('--at', options.at, tools.settings.timeZone) ?? tools.clock.now();
        await setChoice(tools, { customerId, partner, sharing, at, evidence, actor });
        printRows(rowsOf((await listChoices(tools, { customerId })).standing), options);
      });
    });
  choice
    .command('list')
    .description('what stands of a customer’s choices, and their history')
    .requiredOption('--customer <key>', 'the customer’s key in the records')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  sluice choice list --customer c-003')
    .action(async (options: Printing & { customer: string }) => {
      await withTools(async (tools) => {
        const customerId = customerIdOf(options.customer);
        const { standing, history } = await listChoices(tools, { customerId });
        if (options.json) {
          printValue({ standing, history }, options);
          return;
        }
        printRows(rowsOf(standing));
        printText('');
        const rows = history.map(({ partner, at, bookedAt, ...told }) => ({
          number: told.sequence,
          partner: partner ?? 'all',
          sharing: told.sharing,
          at: at.toISOString(),
          booked: bookedAt.toISOString(),
          evidence: told.evidence,
          actor: told.actor,
        }));
        printRows(rows, { none: 'The customer has made no choice yet.' });
      });
    });
}

/** What stands, for people: the customer's word for the scope, and what holds. */
function rowsOf(standing: Awaited<ReturnType<typeof listChoices>>['standing']) {
  return standing.map(({ partner, choice, sharing }) => ({
    partner: partner ?? 'all',
    choice: choice ?? '',
    sharing,
  }));
}
