import type { Command } from 'commander';
import {
  checkAgreement,
  feeText,
  findAcceptances,
  findAgreementVersions,
  findOffers,
  offerAgreement,
  publishAgreement,
  retireAgreement,
  type AgreementOffer,
  type AgreementTerms,
  type AgreementVersion,
} from '../agreements/index.ts';
import type { Partner } from '../partners/index.ts';
import type { Tools } from '../platform/tools.ts';
import { proveFee } from '../views/index.ts';
import { addShowTermsCommand } from './agreement-terms-commands.ts';
import { readJsonFile } from './files.ts';
import { printRows, withTools, type Printing } from './frame.ts';
import { momentOf } from './moments.ts';
import { knownPartner } from './partner-commands.ts';
import { printProblems } from './problem-rows.ts';

/** `sluice agreement …`: what is agreed with a partner, in versions that both sides accepted. */
export function addAgreementCommands(program: Command): void {
  const agreement = program
    .command('agreement')
    .description('agreements with partners, in versions: publish, offer, retire, list, show')
    .addHelpText('after', '\nExample:\n  sluice agreement list --partner brightside');
  addPublish(agreement);
  addOffer(agreement);
  addRetire(agreement);
  addList(agreement);
  addShowTermsCommand(agreement);
}

interface Given extends Printing {
  readonly partner: string;
  readonly from: string;
  readonly actor: string;
}

const whose = ['--partner <key>', 'the partner’s key'] as const;
const whence = ['--from <day>', 'first day on which it is in force, YYYY-MM-DD'] as const;
const what = [
  '<file>',
  'JSON: direction, classes, purposes, services, timeZone, termsClauses, fee',
] as const;

function addPublish(agreement: Command): void {
  agreement
    .command('publish')
    .description('publish the next version of an agreement that both sides accepted')
    .argument(...what)
    .requiredOption(...whose)
    .requiredOption(...whence)
    .requiredOption('--accepted-by <name>', 'who accepted it for the partner')
    .requiredOption('--evidence <text>', 'what shows that: a contract, a message')
    .option('--actor <name>', 'who accepts it for the operator', 'operator')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExample:\n  sluice agreement publish examples/demo/agreement.json --partner brightside --from 2027-01-01' +
        ' --accepted-by "Bo Bright" --evidence "contract of 2026-12-01"',
    )
    .action(async (file: string, options: Given & { acceptedBy: string; evidence: string }) => {
      await withSound(file, options, async (tools, partner, terms) => {
        const { acceptedBy, evidence, from, actor } = options;
        const acceptances = {
          operator: { by: actor, evidence: 'sluice agreement publish' },
          partner: { by: acceptedBy, evidence },
        };
        const agreed = { partnerId: partner.id, validFrom: from, terms, acceptances };
        const { version } = await publishAgreement(tools, agreed, proveFee);
        const rows = await versionRows(tools, partner);
        printRows(rows.filter((row) => row.version === version), options); // prettier-ignore
      });
    });
}

function addOffer(agreement: Command): void {
  agreement
    .command('offer')
    .description('offer a partner terms, which it accepts or declines by its own API')
    .argument(...what)
    .requiredOption(...whose)
    .requiredOption(...whence)
    .option('--actor <name>', 'who offers them for the operator', 'operator')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExample:\n  sluice agreement offer examples/demo/agreement.json --partner brightside --from 2027-01-01',
    )
    .action(async (file: string, options: Given) => {
      await withSound(file, options, async (tools, partner, terms) => {
        const { from: validFrom, actor: by } = options;
        const offer = { partnerId: partner.id, validFrom, terms, by };
        printRows([offerRow(await offerAgreement(tools, offer, proveFee))], options);
      });
    });
}

/** Does the work where the terms in the file are sound for the partner; else tells what is wrong. */
async function withSound(
  file: string,
  options: Given,
  work: (tools: Tools, partner: Partner, terms: unknown) => Promise<void>,
): Promise<void> {
  const terms = await readJsonFile(file);
  await withTools(async (tools) => {
    const partner = await knownPartner(tools.db, options.partner);
    if (printProblems(await checkAgreement(tools.db, partner, terms, proveFee), options)) return;
    await work(tools, partner, terms);
  });
}

function addRetire(agreement: Command): void {
  agreement
    .command('retire')
    .description('end what is agreed with a partner: nothing is disclosed from then on')
    .requiredOption(...whose)
    .requiredOption('--reason <text>', 'why; the partner reads it')
    .option('--at <when>', 'from when on: a day or an instant; now where nothing is said')
    .option('--actor <name>', 'who says so for the operator', 'operator')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExample:\n  sluice agreement retire --partner brightside --reason "the contract was ended" --at 2027-01-01',
    )
    .action(
      async (
        options: Printing & Record<'partner' | 'reason' | 'actor', string> & { at?: string },
      ) => {
        await withTools(async (tools) => {
          const partner = await knownPartner(tools.db, options.partner);
          const endsAt = momentOf('--at', options.at, tools.settings.timeZone);
          const { reason, actor: by } = options;
          await retireAgreement(tools, {
            partnerId: partner.id,
            side: 'operator',
            by,
            reason,
            endsAt,
          });
          printRows(await versionRows(tools, partner), options);
        });
      },
    );
}

function addList(agreement: Command): void {
  agreement
    .command('list')
    .description('list the versions of the agreement with a partner, and the offer that is open')
    .requiredOption(...whose)
    .option('--offers', 'what was offered, in place of what was agreed')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nA version is in force from its first day until before the day under `until`.\n' +
        '\nExample:\n  sluice agreement list --partner brightside',
    )
    .action(async (options: Printing & { partner: string; offers?: boolean }) => {
      await withTools(async (tools) => {
        const partner = await knownPartner(tools.db, options.partner);
        if (options.offers) {
          const rows = (await findOffers(tools.db, partner.id)).map(offerRow);
          printRows(rows, { ...options, none: 'No offer yet.' });
          return;
        }
        printRows(await versionRows(tools, partner), { ...options, none: 'No agreement yet.' });
      });
    });
}

async function versionRows({ db }: Tools, { id }: Partner) {
  const said = await findAcceptances(db, id);
  return (await findAgreementVersions(db, id)).map((one) => ({
    ...rowOf(one),
    accepted: said.find(({ version, side }) => version === one.version && side === 'partner')?.by ?? '–', // prettier-ignore
    retired: one.retirement?.endsAt.toISOString() ?? null,
  }));
}

function rowOf({ version, validFrom, validUntil, terms }: AgreementVersion) {
  return { version, from: validFrom, until: validUntil ?? 'open', ...termsRow(terms) };
}

const offerRow = ({ number, validFrom, terms, outcome, offeredBy }: AgreementOffer) => ({
  ...{ offer: number, from: validFrom, outcome, by: offeredBy },
  ...termsRow(terms),
});

const termsRow = ({ classes, purposes, services, fee }: AgreementTerms) => ({
  classes: classes.join(' '),
  purposes: purposes.join(' '),
  services: services === 'all' ? 'all' : services.join(' '),
  fee: fee ? feeText(fee) : 'none',
});
