import type { Command } from 'commander';
import { Refusal } from '../platform/refusal.ts';
import {
  acceptTerms,
  findTermsVersions,
  publishTerms,
  termsInForce,
  UnknownTerms,
  type TermsVersion,
} from '../terms/index.ts';
import { readText } from './files.ts';
import { printRows, printText, printValue, withTools, type Printing } from './frame.ts';
import { momentOf } from './moments.ts';
import { knownPartner } from './partner-commands.ts';

/** `sluice terms …`: the terms of service, which a partner accepts before it gets a token (P04). */
export function addTermsCommands(program: Command): void {
  const terms = program
    .command('terms')
    .description('the terms of service, in versions: publish, accept, list, show')
    .addHelpText('after', '\nExample:\n  sluice terms list');
  addPublish(terms);
  addAccept(terms);
  addLooks(terms);
}

function addPublish(terms: Command): void {
  terms
    .command('publish')
    .description(
      'publish the next version; once it is in force no partner gets a token before it has accepted it (P04)',
    )
    .argument('<file>', 'the terms, a text in UTF-8')
    .requiredOption('--as <version>', 'the version’s name, such as 2027-1')
    .option('--from <when>', 'in force from: a day or an instant; now where nothing is said')
    .option('--actor <name>', 'who publishes it', 'operator')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExample:\n  sluice terms publish examples/demo/terms.md --as 2027-1 --from 2027-01-01',
    )
    .action(
      async (file: string, options: Printing & { as: string; from?: string; actor: string }) => {
        const document = await readText(file);
        await withTools(async (tools) => {
          const effectiveAt = momentOf('--from', options.from, tools.settings.timeZone);
          const { as: version, actor } = options;
          const one = await publishTerms(tools, { version, document, effectiveAt, actor });
          printRows([rowOf(one, tools.clock.now(), [one])], options);
        });
      },
    );
}

function addAccept(terms: Command): void {
  terms
    .command('accept')
    .description('record that a partner accepted the terms: an invited partner is active with it')
    .requiredOption('--partner <key>', 'the partner’s key')
    .requiredOption('--by <name>', 'who accepted them for the partner')
    .requiredOption('--evidence <text>', 'what shows that: a contract, a message')
    .option('--as <version>', 'the version; that in force where nothing is said')
    .option('--actor <name>', 'who records it', 'operator')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExample:\n  sluice terms accept --partner brightside --by "Bo Bright" --evidence "signed 2026-12-01"',
    )
    .action(
      async (
        options: Printing &
          Record<'partner' | 'by' | 'evidence' | 'actor', string> & { as?: string },
      ) => {
        await withTools(async (tools) => {
          const { id } = await knownPartner(tools.db, options.partner);
          const { by, evidence, actor, as: version } = options;
          const said = await acceptTerms(tools, { partnerId: id, version, by, evidence, actor });
          const { status } = await knownPartner(tools.db, options.partner);
          const row = { partner: options.partner, terms: said.version, by: said.acceptedBy };
          printRows([{ ...row, at: said.acceptedAt.toISOString(), status }], options);
        });
      },
    );
}

function addLooks(terms: Command): void {
  terms
    .command('list')
    .description('list the versions')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  sluice terms list')
    .action(async (options: Printing) => {
      await withTools(async ({ db, clock }) => {
        const versions = await findTermsVersions(db);
        const rows = versions.map((one) => rowOf(one, clock.now(), versions));
        printRows(rows, { ...options, none: 'No terms yet: nobody gets a token (P04).' });
      });
    });
  terms
    .command('show')
    .description('show the text of a version')
    .argument('[version]', 'its name; that in force where nothing is said')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  sluice terms show 2027-1')
    .action(async (version: string | undefined, options: Printing) => {
      await withTools(async ({ db, clock }) => {
        const versions = await findTermsVersions(db);
        const wanted = version ?? termsInForce(versions, clock.now())?.version;
        const one = versions.find((each) => each.version === wanted);
        if (!one) throw new Refusal(UnknownTerms);
        if (options.json) printValue(one, options);
        else printText(one.document);
      });
    });
}

function rowOf(one: TermsVersion, now: Date, versions: readonly TermsVersion[]) {
  const isInForce = termsInForce(versions, now) === one;
  const standing = one.effectiveAt > now ? 'to come' : isInForce ? 'in force' : 'over';
  const { version, digest, effectiveAt, actor } = one;
  return { version, standing, from: effectiveAt.toISOString(), sha256: digest, by: actor };
}
