import type { Command } from 'commander';
import { catalogueOf } from '../catalogue/index.ts';
import { offerView } from '../offers/index.ts';
import { agreementInForce, classesAgreed, findAgreementVersions } from '../agreements/index.ts';
import { type Partner } from '../partners/index.ts';
import type { Tools } from '../platform/tools.ts';
import { readPolicy } from '../policy/index.ts';
import { fieldsShown } from '../projection/index.ts';
import {
  checkView,
  endOf,
  findViews,
  retireView,
  stageOf,
  viewServed,
  waitingFields,
  type View,
} from '../views/index.ts';
import { readJsonFile } from './files.ts';
import {
  misuse,
  printRows,
  printText,
  printValue,
  say,
  withTools,
  type Printing,
} from './frame.ts';
import { keyFileOption, staffIfNamed } from './known-staff.ts';
import { momentOf } from './moments.ts';
import { knownPartner } from './partner-commands.ts';
import { printProblems } from './problem-rows.ts';
import { addDiff, addPreview } from './schema-looks.ts';

interface OfPartner extends Printing {
  readonly partner: string;
}

/** `sluice schema …`: the view of each partner, a JSON Schema of what it may see. */
export function addSchemaCommands(program: Command): void {
  const schema = program
    .command('schema')
    .description('views: what each partner may see')
    .addHelpText('after', '\nExample:\n  sluice schema show --partner brightside');
  addCheck(schema);
  addDiff(schema);
  addPreview(schema);
  addPublish(schema);
  addRetire(schema);
  addReading(schema);
}

function addCheck(schema: Command): void {
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
    .action(async (file: string, options: OfPartner) => {
      const draft = await readJsonFile(file);
      await withTools(async (tools) => {
        const partner = await knownPartner(tools.db, options.partner);
        const { problems } = await checkView(tools, { partner, draft });
        if (printProblems(problems, options)) return;
        printRows([], { ...options, none: 'The view keeps every promise.' });
      });
    });
}

interface Publishing extends OfPartner {
  readonly effective?: string;
  readonly sunset?: string;
  readonly actor: string;
  readonly keyFile?: string;
}

function addPublish(schema: Command): void {
  schema
    .command('publish')
    .description(
      'publish the next version of a partner’s view; the one before it then ends. ' +
        'One that shows more is proposed for a second person to approve',
    )
    .argument('<file>', 'JSON Schema of the view')
    .requiredOption('--partner <key>', 'the partner’s key')
    .option('--effective <moment>', 'a day or an instant to come; with the next answer otherwise')
    .option('--sunset <moment>', 'until when the version before it is served beside it')
    .option('--actor <name>', 'who says so, where no personal key does', 'operator')
    .option(...keyFileOption)
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExample:\n  sluice schema publish examples/demo/view.json --partner brightside --sunset 2027-01-31',
    )
    .action(async (file: string, options: Publishing) => {
      const draft = await readJsonFile(file);
      await withTools(async (tools) => {
        const { timeZone } = tools.settings;
        const effectiveAt = momentOf('--effective', options.effective, timeZone);
        const sunset = momentOf('--sunset', options.sunset, timeZone);
        const partner = await knownPartner(tools.db, options.partner);
        const { problems } = await checkView(tools, { partner, draft, at: effectiveAt });
        if (printProblems(problems, options)) return;
        const by = (await staffIfNamed(tools, options))?.staffId;
        const offer = { partner, draft, effectiveAt, sunset, by, actor: options.actor };
        printOutcome(partner, await offerView(tools, offer), options);
      });
    });
}

function addRetire(schema: Command): void {
  schema
    .command('retire')
    .description('end a version of a partner’s view, at once or at a moment to come')
    .requiredOption('--partner <key>', 'the partner’s key')
    .requiredOption('--version <number>', 'the version')
    .option('--at <moment>', 'a day or an instant to come; at once otherwise')
    .option('--actor <name>', 'who says so', 'operator')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExample:\n  sluice schema retire --partner brightside --version 1 --at 2027-01-31',
    )
    .action(async (options: OfPartner & { version: string; at?: string; actor: string }) => {
      if (!/^[1-9][0-9]{0,8}$/.test(options.version)) {
        misuse('--version is a whole number above nothing.');
      }
      await withTools(async (tools) => {
        const at = momentOf('--at', options.at, tools.settings.timeZone);
        const partner = await knownPartner(tools.db, options.partner);
        const version = Number(options.version);
        await retireView(tools, { partnerId: partner.id, version, at, actor: options.actor });
        printRows(await rowsOfVersions(tools, partner), options);
      });
    });
}

function addReading(schema: Command): void {
  schema
    .command('list')
    .description('list the versions of a partner’s view, and where each stands')
    .requiredOption('--partner <key>', 'the partner’s key')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  sluice schema list --partner brightside')
    .action(async (options: OfPartner) => {
      await withTools(async (tools) => {
        const partner = await knownPartner(tools.db, options.partner);
        const rows = await rowsOfVersions(tools, partner);
        printRows(rows, { ...options, none: 'No view is published yet.' });
      });
    });
  schema
    .command('show')
    .description('list the fields that a partner may see, and those that wait to be listed')
    .requiredOption('--partner <key>', 'the partner’s key')
    .option('--json', 'print the view itself, with what waits')
    .addHelpText('after', '\nExample:\n  sluice schema show --partner brightside')
    .action(async (options: OfPartner) => {
      await withTools(async (tools) => {
        const partner = await knownPartner(tools.db, options.partner);
        const view = viewServed(await findViews(tools.db, partner.id), { now: tools.clock.now() });
        const waiting = view ? await waitingFor(tools, partner, view) : {};
        if (options.json) printValue(view ? { ...view, waiting } : null, options);
        else printView(view, waiting);
      });
    });
}

async function rowsOfVersions({ db, clock }: Tools, partner: Partner) {
  const views = await findViews(db, partner.id);
  const now = clock.now();
  return views.map((view) => ({
    version: view.version,
    stage: stageOf(view, views, now),
    published: view.publishedAt.toISOString(),
    effective: view.effectiveAt.toISOString(),
    sunset: endOf(view, views)?.retiresAt.toISOString() ?? null,
    by: view.actor,
  }));
}

/** By record type what the agreement in force would let the view list. */
async function waitingFor(
  { db, clock, settings }: Tools,
  partner: Partner,
  { document }: View,
): Promise<Record<string, string[]>> {
  const agreement = agreementInForce(await findAgreementVersions(db, partner.id), clock.now());
  if (!agreement) return {};
  const classes = classesAgreed(await readPolicy(db), partner.kind, agreement.terms);
  const waiting: Record<string, string[]> = {};
  const fields = waitingFields(document, { catalogue: catalogueOf(settings), classes });
  for (const { recordType, field } of fields) (waiting[recordType] ??= []).push(field);
  return waiting;
}

function printView(view: View | undefined, waiting: Record<string, string[]>): void {
  if (!view) {
    printText('No view is published yet: the partner sees nothing.');
    return;
  }
  printText(`Version ${String(view.version)}, digest ${view.digest}`);
  printFields(fieldsShown(view.document));
  if (Object.keys(waiting).length === 0) return;
  printText('\nWaiting: the agreement allows it, the view does not list it');
  printFields(waiting);
}

function printFields(shown: Readonly<Record<string, readonly string[]>>): void {
  for (const [type, fields] of Object.entries(shown).sort()) {
    printText([`\n${type}`, ...fields.toSorted()].join('\n  '));
  }
}

function printOutcome(
  { key }: Partner,
  outcome: Awaited<ReturnType<typeof offerView>>,
  options: Printing,
): void {
  if ('published' in outcome) {
    const { version, effectiveAt, digest } = outcome.published;
    const effective = effectiveAt.toISOString();
    if (outcome.isAlone) {
      say('No second person is registered who could approve that it shows more: published alone.');
    }
    printRows([{ partner: key, version, effective, digest }], options);
    return;
  }
  const { id, expiresAt } = outcome.proposed;
  say('It shows more than before: nothing is published until somebody else approves it.');
  printRows([{ partner: key, proposal: id, expires: expiresAt.toISOString() }], options);
}
