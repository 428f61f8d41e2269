import type { Command } from 'commander';
import { Refusal } from '../platform/refusal.ts';
import {
  customerIdOf,
  findCustomerKeys,
  isKnownCustomer,
  UnknownCustomer,
} from '../records/index.ts';
import { checkView, diffView, previewView, type TypePreview } from '../views/index.ts';
import { readJsonFile } from './files.ts';
import { counted, printRows, printText, printValue, withTools, type Printing } from './frame.ts';
import { knownPartner } from './partner-commands.ts';
import { printProblems } from './problem-rows.ts';

/** `sluice schema diff`: what a draft would change. */
export function addDiff(schema: Command): void {
  schema
    .command('diff')
    .description('count what a draft would change, before it does: fields, customers, records')
    .argument('<file>', 'JSON Schema of the view')
    .requiredOption('--partner <key>', 'the partner’s key')
    .option('--customers', 'list the customers concerned')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExample:\n  sluice schema diff examples/demo/view.json --partner brightside',
    )
    .action(async (file: string, options: Printing & { partner: string; customers?: boolean }) => {
      const draft = await readJsonFile(file);
      await withTools(async (tools) => {
        const partner = await knownPartner(tools.db, options.partner);
        const { problems } = await checkView(tools, { partner, draft });
        if (printProblems(problems, options)) return;
        const diff = await diffView(tools, { partner, draft });
        const { before, isWidening, changes, gaining, losing } = diff;
        const concerned = [...new Set([...gaining, ...losing])];
        const keys = options.customers ? await findCustomerKeys(tools.db, concerned) : undefined;
        const customers = keys && [...keys.values()].sort();
        const totals = { gaining: gaining.length, losing: losing.length };
        if (options.json) {
          const listed = customers ? { customers } : {};
          const whole = { partner: partner.key, before, isWidening, changes, totals, ...listed };
          printValue(whole, options);
          return;
        }
        printRows(
          changes.map((one) => ({
            record: one.recordType,
            field: one.field,
            class: one.dataClass,
            change: one.change,
            'customers +': one.customersGained,
            'customers -': one.customersLost,
            'records +': one.recordsGained,
            'records -': one.recordsLost,
          })),
          { none: 'Nothing changes.' },
        );
        const sums = `${counted(gaining.length, 'customer')} gain, ${String(losing.length)} lose.`;
        const means = isWidening ? 'widening: needs a second person' : 'narrowing: acts at once';
        printText(`\n1 partner, against ${versionOf(before)}: ${sums}\n${means}`);
        if (customers) printText(['\ncustomers', ...customers].join('\n  '));
      });
    });
}

/** `sluice schema preview`: what a partner would get for one customer. */
export function addPreview(schema: Command): void {
  schema
    .command('preview')
    .description('show what a partner would get for one customer, through a draft or its view')
    .argument('[file]', 'JSON Schema of a draft; otherwise the view that is served now')
    .requiredOption('--partner <key>', 'the partner’s key')
    .requiredOption('--customer <key>', 'the customer’s key in the records')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExample:\n  sluice schema preview --partner brightside --customer c-002',
    )
    .action(
      async (
        file: string | undefined,
        options: Printing & { partner: string; customer: string },
      ) => {
        const draft = file === undefined ? undefined : await readJsonFile(file);
        await withTools(async (tools) => {
          const partner = await knownPartner(tools.db, options.partner);
          if (file !== undefined) {
            const { problems } = await checkView(tools, { partner, draft });
            if (printProblems(problems, options)) return;
          }
          const customerId = customerIdOf(options.customer);
          if (!(await isKnownCustomer(tools.db, customerId))) throw new Refusal(UnknownCustomer);
          const previews = await previewView(tools, { partner, customerId, draft });
          if (options.json) printValue(previews, options);
          else printPreviews(previews);
        });
      },
    );
}

function printPreviews(previews: readonly TypePreview[]): void {
  printText('A look from inside: nothing left, and nothing is logged.');
  if (previews.length === 0) printText('The partner gets nothing.');
  for (const { recordType, records, more, withheld } of previews) {
    const rest = more > 0 ? [`… and ${String(more)} more`] : [];
    const hidden = withheld.map((field) => `${field} (business data, not shown)`);
    const isBare = records.length + rest.length + hidden.length === 0;
    printText(
      [`\n${recordType}`, ...(isBare ? ['nothing'] : [...records, ...rest, ...hidden])].join(
        '\n  ',
      ),
    );
  }
}

function versionOf(version: number | null): string {
  return version === null ? 'no view' : `version ${String(version)}`;
}
