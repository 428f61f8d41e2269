import type { Command } from 'commander';
import { offerView } from '../offers/index.ts';
import type { Partner } from '../partners/index.ts';
import { checkView, fieldsShown, findViews, viewServed, type View } from '../views/index.ts';
import { readJsonFile } from './files.ts';
import { printRows, printText, printValue, say, withTools, type Printing } from './frame.ts';
import { keyFileOption, staffIfNamed } from './known-staff.ts';
import { knownPartner } from './partner-commands.ts';
import { printProblems } from './problem-rows.ts';

/** `sluice schema …`: the view of each partner, a JSON Schema of what it may see. */
export function addSchemaCommands(program: Command): void {
  const schema = program
    .command('schema')
    .description('views: what each partner may see')
    .addHelpText('after', '\nExample:\n  sluice schema show --partner brightside');
  addDrafting(schema);
  schema
    .command('show')
    .description('list the fields that a partner may see; --json prints the view itself')
    .requiredOption('--partner <key>', 'the partner’s key')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  sluice schema show --partner brightside')
    .action(async (options: Printing & { partner: string }) => {
      await withTools(async ({ db, clock }) => {
        const { id } = await knownPartner(db, options.partner);
        const view = viewServed(await findViews(db, id), { now: clock.now() });
        if (options.json) printValue(view ?? null, options);
        else printView(view);
      });
    });
}

function addDrafting(schema: Command): void {
  schema
    .command('check')
    .description(
      'prove a view without publishing it; every problem names the promise it would break',
    )
    .argument('<file>', 'JSON Schema of the view; true stands for all that is there today')
    .requiredOption('--partner <key>', 'the partner’s key')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExample:\n  sluice schema check examples/demo/view.json --partner brightside',
    )
    .action(async (file: string, options: Printing & { partner: string }) => {
      const draft = await readJsonFile(file);
      await withTools(async (tools) => {
        const partner = await knownPartner(tools.db, options.partner);
        const { problems } = await checkView(tools, { partner, draft });
        if (printProblems(problems, options)) return;
        printRows([], { ...options, none: 'The view keeps every promise.' });
      });
    });
  schema
    .command('publish')
    .description(
      'publish the next version of a partner’s view; effective with the next answer. ' +
        'One that shows more is proposed for a second person to approve',
    )
    .argument('<file>', 'JSON Schema of the view')
    .requiredOption('--partner <key>', 'the partner’s key')
    .option(...keyFileOption)
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExample:\n  sluice schema publish examples/demo/view.json --partner brightside',
    )
    .action(async (file: string, options: Printing & { partner: string; keyFile?: string }) => {
      const draft = await readJsonFile(file);
      await withTools(async (tools) => {
        const partner = await knownPartner(tools.db, options.partner);
        const { problems } = await checkView(tools, { partner, draft });
        if (printProblems(problems, options)) return;
        const by = (await staffIfNamed(tools, options))?.staffId;
        printOutcome(partner, await offerView(tools, { partner, draft, by }), options);
      });
    });
}

function printView(view: View | undefined): void {
  if (!view) {
    printText('No view is published yet: the partner sees nothing.');
    return;
  }
  printText(`Version ${String(view.version)}, digest ${view.digest}`);
  for (const [type, fields] of Object.entries(fieldsShown(view.document)).sort()) {
    printText([`\n${type}`, ...fields.toSorted()].join('\n  '));
  }
}

function printOutcome(
  { key }: Partner,
  outcome: Awaited<ReturnType<typeof offerView>>,
  options: Printing,
): void {
  if ('published' in outcome) {
    const { version, digest } = outcome.published;
    if (outcome.isAlone) {
      say('No second person is registered who could approve that it shows more: published alone.');
    }
    printRows([{ partner: key, version, digest }], options);
    return;
  }
  const { id, expiresAt } = outcome.proposed;
  say('It shows more than before: nothing is published until somebody else approves it.');
  printRows([{ partner: key, proposal: id, expires: expiresAt.toISOString() }], options);
}
