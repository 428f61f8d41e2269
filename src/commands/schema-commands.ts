import type { Command } from 'commander';
import { checkView, findView, publishView, type ViewProblem } from '../views/index.ts';
import {
  failWith,
  printRows,
  printValue,
  readJsonFile,
  withTools,
  type Printing,
} from './frame.ts';
import { knownPartner } from './partner-commands.ts';

/** `sluice schema …`: the view of each partner, a JSON Schema of what it may see. */
export function addSchemaCommands(program: Command): void {
  const schema = program.command('schema').description('views: what each partner may see');
  schema
    .command('check')
    .description(
      'prove a view without publishing it; every problem names the promise it would break',
    )
    .argument('<file>', 'JSON Schema of the view; true stands for all that is there today')
    .requiredOption('--partner <key>', 'the partner’s key')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  sluice schema check examples/demo/view.json --partner p1')
    .action(async (file: string, options: Printing & { partner: string }) => {
      const draft = await readJsonFile(file);
      await withTools(async (tools) => {
        const partner = await knownPartner(tools.db, options.partner);
        const { problems } = await checkView(tools, { partner, draft });
        printRows(problems.map(rowOf), { ...options, none: 'The view keeps every promise.' });
        if (problems.length > 0) failWith(1);
      });
    });
  schema
    .command('publish')
    .description('publish the next version of a partner’s view; effective with the next answer')
    .argument('<file>', 'JSON Schema of the view')
    .requiredOption('--partner <key>', 'the partner’s key')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExample:\n  sluice schema publish examples/demo/view.json --partner p1',
    )
    .action(async (file: string, options: Printing & { partner: string }) => {
      const draft = await readJsonFile(file);
      await withTools(async (tools) => {
        const partner = await knownPartner(tools.db, options.partner);
        const { version, digest } = await publishView(tools, { partner, draft });
        printRows([{ partner: partner.key, version, digest }], options);
      });
    });
  schema
    .command('show')
    .description('print the view that is published for a partner')
    .requiredOption('--partner <key>', 'the partner’s key')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  sluice schema show --partner p1')
    .action(async (options: Printing & { partner: string }) => {
      await withTools(async ({ db }) => {
        const { id } = await knownPartner(db, options.partner);
        printValue((await findView(db, id)) ?? null, { json: true });
      });
    });
}

function rowOf({ field, promise, detail }: ViewProblem) {
  return { field: field === '' ? '/' : field, promise: promise ?? '', problem: detail };
}
