import type { Command } from 'commander';
import {
  checkAgreement,
  findAgreementVersions,
  publishAgreement,
  type AgreementVersion,
} from '../partners/index.ts';
import { readJsonFile } from './files.ts';
import { printRows, withTools, type Printing } from './frame.ts';
import { knownPartner } from './partner-commands.ts';
import { printProblems } from './problem-rows.ts';

/** `sluice agreement …`: what is agreed with a partner, in versions. */
export function addAgreementCommands(program: Command): void {
  const agreement = program
    .command('agreement')
    .description('agreements with partners, in versions')
    .addHelpText('after', '\nExample:\n  sluice agreement list --partner brightside');
  agreement
    .command('publish')
    .description('publish the next version of the agreement with a partner')
    .argument('<file>', 'JSON: direction, classes, purposes, services, timeZone, termsClauses, fee')
    .requiredOption('--partner <key>', 'the partner’s key')
    .requiredOption('--from <day>', 'first day on which it is in force, YYYY-MM-DD')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExample:\n  sluice agreement publish examples/demo/agreement.json --partner brightside --from 2027-01-01',
    )
    .action(async (file: string, options: Printing & { partner: string; from: string }) => {
      const terms = await readJsonFile(file);
      await withTools(async (tools) => {
        const partner = await knownPartner(tools.db, options.partner);
        if (printProblems(await checkAgreement(tools.db, partner, terms), options)) return;
        const what = { partnerId: partner.id, validFrom: options.from, terms };
        printRows([rowOf(await publishAgreement(tools, what))], options);
      });
    });
  agreement
    .command('list')
    .description('list the versions of the agreement with a partner')
    .requiredOption('--partner <key>', 'the partner’s key')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  sluice agreement list --partner brightside')
    .action(async (options: Printing & { partner: string }) => {
      await withTools(async ({ db }) => {
        const { id } = await knownPartner(db, options.partner);
        const rows = (await findAgreementVersions(db, id)).map(rowOf);
        printRows(rows, { ...options, none: 'No agreement yet.' });
      });
    });
}

function rowOf({ version, validFrom, validUntil, terms }: AgreementVersion) {
  const { fee } = terms;
  return {
    version,
    from: validFrom,
    until: validUntil ?? 'open',
    classes: terms.classes.join(' '),
    purposes: terms.purposes.join(' '),
    services: terms.services === 'all' ? 'all' : terms.services.join(' '),
    fee: fee ? `${fee.ratePercent} % ${fee.rounding}` : 'none',
  };
}
