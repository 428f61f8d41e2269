import { Option, type Command } from 'commander';
import {
  attributionStatuses,
  listAttributions,
  proposeAttribution,
  readAttribution,
  type AttributionStatus,
  type ToldAttribution,
} from '../attribution/index.ts';
import {
  misuse,
  printRows,
  printText,
  printValue,
  say,
  withTools,
  type Printing,
} from './frame.ts';
import { keyFileOption, knownStaff } from './known-staff.ts';
import { momentOf } from './moments.ts';

/** `sluice attribution …`: whose sign-ups are, and on which evidence. */
export function addAttributionCommands(program: Command): void {
  const attribution = program
    .command('attribution')
    .description('whose sign-ups are: list, show, and propose what is held')
    .addHelpText('after', '\nExample:\n  sluice attribution list --status held');
  addReading(attribution);
  addProposing(attribution);
}

function addReading(attribution: Command): void {
  attribution
    .command('list')
    .description('list what was decided about sign-ups, the newest first')
    .addOption(new Option('--status <status>', 'only those').choices(attributionStatuses))
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  sluice attribution list --status held')
    .action(async (options: Printing & { status?: AttributionStatus }) => {
      await withTools(async (tools) => {
        const { status } = options;
        const { attributions } = await listAttributions(tools, { status, limit: 1000 });
        printRows(attributions.map(rowOf), { ...options, none: 'No sign-ups were told yet.' });
      });
    });
  attribution
    .command('show')
    .description('show one with its evidence: the clicks, and what was known')
    .argument('<attribution>', 'its id, as lists and the ledger’s evidence name it')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExample (`sluice attribution list` has the ids):\n  sluice attribution show 01…',
    ) // prettier-ignore
    .action(async (id: string, options: Printing) => {
      await withTools(async (tools) => {
        const told = await readAttribution(tools, { id });
        if (options.json) printValue(told, options);
        else printAttribution(told);
      });
    });
}

interface Proposed extends Printing {
  readonly partner?: string;
  readonly nobody?: boolean;
  readonly customer?: string;
  readonly service?: string;
  readonly at?: string;
  readonly reason: string;
  readonly keyFile?: string;
}

function addProposing(attribution: Command): void {
  attribution
    .command('propose')
    .description(
      'propose whose a held sign-up is, or one that came over no link; somebody else approves it (`sluice proposal approve`)',
    )
    .argument('[attribution]', 'the id of what is held; or name --customer and --service')
    .option('--partner <key>', 'whose it is')
    .option('--nobody', 'it is no partner’s')
    .option('--customer <key>', 'the customer’s key in the records')
    .option('--service <key>', 'the service’s key in the records')
    .option('--at <when>', 'when it signed up: a day or an instant; now')
    .requiredOption(
      '--reason <text>',
      'why; it stays in the ledger for good, so it names no person',
    )
    .option(...keyFileOption)
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExample:\n  sluice attribution propose --customer c-040 --service studio --partner brightside' +
        ' --reason "told us by telephone"',
    )
    .action(async (id: string | undefined, options: Proposed) => {
      const { partner = null, nobody = false, customer, service, reason } = options;
      if ((partner === null) !== nobody) misuse('Name either --partner or --nobody.');
      const isEntered = customer !== undefined && service !== undefined;
      if (isEntered === (id !== undefined)) misuse('Name what is held, or --customer and --service.'); // prettier-ignore
      await withTools(async (tools) => {
        const by = (await knownStaff(tools, options)).staffId;
        const signedUpAt = momentOf('--at', options.at, tools.settings.timeZone);
        const about = isEntered ? { customer, service, signedUpAt } : { id: id ?? '' };
        const made = await proposeAttribution(tools, { about, partner, reason, by });
        const { attributionId, proposalId, expiresAt } = made;
        const expires = expiresAt.toISOString();
        printRows([{ attribution: attributionId, proposal: proposalId, expires }], options);
        if (!options.json) say('Somebody else approves it: `sluice proposal approve`.');
      });
    });
}

function rowOf(told: ToldAttribution) {
  return {
    attribution: told.id,
    status: told.status,
    customer: told.customer ?? '',
    service: told.service,
    partner: told.partner ?? '',
    'signed up': told.signedUpAt.toISOString(),
    because: told.findings.join(', '),
    decided: (told.decision ?? told).decidedAt.toISOString(),
  };
}

function printAttribution(told: ToldAttribution): void {
  const { evidence, decision } = told;
  const facts = {
    ...rowOf(told),
    'sign-up': told.signUpId ?? '',
    relationship: told.relationshipId ?? '',
    rules: told.ruleVersion,
    'told by': told.toldBy,
    'known since': evidence.knownSince?.toISOString() ?? '',
    'first paid': evidence.firstPaidAt?.toISOString() ?? '',
    'first related': evidence.firstRelatedAt?.toISOString() ?? '',
    'proposed by': decision?.proposedBy ?? '',
    'approved by': decision?.approvedBy ?? '',
    reason: decision?.reason ?? '',
  };
  printRows(
    Object.entries(facts)
      .filter(([, value]) => value !== '')
      .map(([fact, value]) => ({ fact, value })),
  );
  if (evidence.clicks.length === 0) return;
  printText('');
  printRows(
    evidence.clicks.map(({ code, partner, firstAt, lastAt, fault, likeness }) => ({
      code: code ?? '',
      partner: partner ?? '',
      first: firstAt.toISOString(),
      last: lastAt.toISOString(),
      counts: fault ?? 'yes',
      likeness: likeness ?? '',
    })),
  );
}
