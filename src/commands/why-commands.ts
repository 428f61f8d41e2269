import type { Command } from 'commander';
import { explainSharing, type Explanation } from '../explanations/index.ts';
import { misuse, printRows, printText, printValue, withTools, type Printing } from './frame.ts';
import { momentOf } from './moments.ts';
import { knownPartner } from './partner-commands.ts';

interface Asked extends Printing {
  readonly partner: string;
  readonly customer: string;
  readonly field: string;
  readonly record?: string;
  readonly purpose?: string;
  readonly view?: string;
  readonly at?: string;
}

/** `sluice why`: what decides whether a partner sees a field of a customer. */
export function addWhyCommands(program: Command): void {
  program
    .command('why')
    .description('why a partner sees a field of a customer or does not, now or at a past moment')
    .requiredOption('--partner <key>', 'the partner’s key')
    .requiredOption('--customer <key>', 'the customer’s key in the records')
    .requiredOption('--field <type.path>', 'record type and field: invoice.lines.*.amount.amount')
    .option('--record <key>', 'in this record only; needed for records of a business type (P22)')
    .option('--purpose <name>', 'for this purpose only; all of the agreement otherwise')
    .option('--view <version>', 'through this version of the view; the newest served otherwise')
    .option('--at <instant>', 'as it was known then, RFC 3339 with offset; now otherwise')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExample:\n  sluice why --partner brightside --customer c-003 --field invoice.number' +
        '\nIt ends with 0 whether the answer is yes or no.',
    )
    .action(async (options: Asked) => {
      const view = versionOf(options.view);
      await withTools(async (tools) => {
        const { customer, field, record, purpose } = options;
        const partner = await knownPartner(tools.db, options.partner);
        const at = momentOf('--at', options.at, tools.settings.timeZone);
        const why = await explainSharing(tools, {
          ...{ partner, customer, field, record, purpose, view, at },
        });
        if (options.json) printValue(why, options);
        else printExplanation(why);
      });
    });
}

function printExplanation({ allowed, because, promises, steps, records, more }: Explanation): void {
  const promise = promises.length > 0 ? ` (promise ${promises.join(', ')})` : '';
  printText(`${allowed ? 'yes' : 'no'}: ${because}${promise}\n`);
  printRows(
    steps.map((step) => ({
      part: step.part,
      allows: step.allowed ? 'yes' : 'no',
      promise: step.promise ?? '',
      detail: step.detail,
    })),
  );
  if (records.length === 0) return;
  const rest = more > 0 ? `, and ${String(more)} more` : '';
  printText(`\nRecords that show it: ${records.join(', ')}${rest}`);
}

function versionOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9][0-9]{0,8}$/.test(text)) misuse('A version of a view is a whole number from 1 on.');
  return Number(text);
}
