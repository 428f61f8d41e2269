import { InvalidArgumentError, Option, type Command } from 'commander';
import { forgetClaims, takeClaim, type Claim, type ClaimMedia } from '../claims/index.ts';
import { minorText } from '../platform/money.ts';
import type { Tools } from '../platform/tools.ts';
import { differenceOf, outcomes, totalsOf } from '../reconciliation/index.ts';
import {
  acceptOurs,
  acceptTheirs,
  claimNamed,
  claimOnDesk,
  disputeClaim,
  listClaims,
  printReport,
  reportFormats,
  showClaim,
  type ReportFormat,
  type ShownClaim,
} from '../resolutions/index.ts';
import { statementIdOf } from '../settlements/index.ts';
import { readBytes, writePrivate } from './files.ts';
import { counted, printPart, printRows, printValue, say, withTools, type Printing } from './frame.ts'; // prettier-ignore
import { keyFileOption, knownStaff } from './known-staff.ts';
import { knownPartner } from './partner-commands.ts';

interface OfClaim extends Printing {
  readonly partner: string;
  readonly keyFile?: string;
}

/** `sluice reconcile …`: partners' claims beside our statements. */
export function addReconcileCommands(program: Command): void {
  const reconcile = program
    .command('reconcile')
    .enablePositionalOptions()
    .description('compare what a partner claims with our statement, and decide about it')
    .argument('[file]', 'a claim that came by mail: CSV, or JSON where its name ends in .json')
    .option('--partner <key>', 'whose it is')
    .option('--period <period>', 'the period of the statement, "2026-10"')
    .option('--currency <code>', 'the currency of the statement, "EUR"')
    .option(...keyFileOption)
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nThe same file again is the same claim.\n' +
        '\nExample:\n  sluice reconcile claim.csv --partner brightside --period 2026-10 --currency EUR',
    )
    .action(takeFile);
  addList(reconcile);
  addShow(reconcile);
  addAccept(reconcile);
  addDispute(reconcile);
  addReport(reconcile);
  addForget(reconcile);
}

type Taken = Printing & {
  readonly partner?: string;
  readonly period?: string;
  readonly currency?: string;
  readonly keyFile?: string;
};

async function takeFile(file: string | undefined, options: Taken, command: Command): Promise<void> {
  const { partner: key, period, currency } = options;
  if (file === undefined) command.error('Name the file of a claim, or a subcommand (--help).');
  if (key === undefined || period === undefined || currency === undefined) {
    command.error('A claim takes --partner, --period and --currency.');
  }
  await withTools(async (tools) => {
    const broughtBy = (await knownStaff(tools, options)).staffId;
    const { id: partnerId } = await knownPartner(tools.db, key);
    const content = await readBytes(file);
    const media: ClaimMedia = file.endsWith('.json') ? 'application/json' : 'text/csv';
    const given = { partnerId, period, currency, media, content, broughtBy };
    const { id } = await takeClaim(tools, given);
    printShown(tools, await showClaim(tools, { key, id }), options);
  });
}

function addList(reconcile: Command): void {
  const statuses = ['open', 'replaced', 'disputed', 'accepted-ours', 'accepted-theirs'];
  reconcile
    .command('list')
    .description('list the claims of partners, the latest first')
    .option('--partner <key>', 'this partner only')
    .addOption(new Option('--status <status>', 'only those').choices(statuses))
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  sluice reconcile list --status disputed')
    .action(async (_: Taken, command: Command) => {
      const options = command.optsWithGlobals<Printing & { partner?: string; status?: string }>();
      await withTools(async (tools) => {
        const { claims } = await listClaims(tools, { ...options, limit: 1000 });
        const rows = claims.map(({ claim, partnerKey }) => {
          const { status, decision } = claimOf(tools, claim);
          return {
            ...{ claim: claim.id, partner: partnerKey, statement: statementIdOf(claim), status },
            claimed: minorText(claim.totalMinor, claim.currency),
            lines: claim.lineCount,
            received: claim.receivedAt.toISOString().slice(0, 10),
            due: decision?.dueOn ?? '',
            overdue: decision?.isOverdue === true ? 'overdue' : '',
          };
        });
        printRows(rows, { ...options, none: 'No partner has claimed anything.' });
      });
    });
}

function claimOf({ clock }: Tools, claim: Claim) {
  const shown = { claim, partnerKey: '', partnerName: '', names: new Map(), reconciliation: null };
  return claimOnDesk(shown, clock.now()) as {
    status: string;
    decision: { dueOn: string | null; isOverdue: boolean } | null;
  };
}

function addShow(reconcile: Command): void {
  named(reconcile, 'show', 'show what a claim comes to beside our statement, by outcome')
    .addHelpText('after', '\nExample:\n  sluice reconcile show clm_… --partner brightside')
    .action(async (id: string, _: OfClaim, command: Command) => {
      const options = command.optsWithGlobals<OfClaim>();
      await withTools(async (tools) => {
        printShown(tools, await showClaim(tools, { key: options.partner, id }), options);
      });
    });
}

function printShown({ clock }: Tools, shown: ShownClaim, options: Printing): void {
  const { claim, reconciliation } = shown;
  const told = claimOnDesk(shown, clock.now());
  if (options.json) {
    printValue(told, options);
    return;
  }
  const text = (minor: bigint) => minorText(minor, claim.currency);
  const rows = reconciliation?.rows ?? [];
  const sums = [...outcomes, 'all' as const].map((outcome) => {
    const its = rows.filter((row) => outcome === 'all' || row.outcome === outcome);
    const { claimedMinor, oursMinor, differenceMinor } = totalsOf(its);
    const amounts = { theirs: text(claimedMinor), ours: text(oursMinor), difference: text(differenceMinor) }; // prettier-ignore
    return { outcome, rows: its.length, ...amounts };
  });
  printRows(sums);
  const apart = rows.filter((row) => differenceOf(row) !== 0n).length;
  say(
    `Claim ${claim.id} of ${shown.partnerKey} for ${statementIdOf(claim)} is ${String(told['status'])}: ` +
      `${counted(apart, 'difference')}. \`sluice reconcile report\` names them.`,
  );
}

function addAccept(reconcile: Command): void {
  named(reconcile, 'accept', 'accept our statement, or what the partner claims')
    .option('--ours', 'our statement stands')
    .option('--theirs', 'the difference is paid: an adjustment on the next statement')
    .option('--lines <numbers>', 'with --theirs: these claimed lines only, "3,7"', readLines)
    .requiredOption('--reason <text>', 'why')
    .option(...keyFileOption)
    .addHelpText(
      'after',
      '\nExample:\n  sluice reconcile accept clm_… --partner brightside --theirs --lines 3,7 --reason "billed by hand"',
    )
    .action(async (id: string, _: OfClaim, command: Command) => {
      const options = command.optsWithGlobals<OfClaim & Accepting>();
      const { ours, theirs, lines, reason } = options;
      if ((ours === true) === (theirs === true)) command.error('Say --ours or --theirs.');
      await withTools(async (tools) => {
        const by = (await knownStaff(tools, options)).staffId;
        const it = { ...(await claimNamed(tools, { key: options.partner, id })), reason, by };
        const made = ours ? { claim: await acceptOurs(tools, it) } : await acceptTheirs(tools, { ...it, lines: lines ?? null }); // prettier-ignore
        if ('proposalId' in made) {
          if (options.json) printValue({ proposal: made.proposalId }, options);
          say(`It takes a second person: sluice proposal approve ${made.proposalId}`);
          return;
        }
        printShown(tools, await showClaim(tools, { key: options.partner, id }), options);
      });
    });
}

interface Accepting {
  readonly ours?: boolean;
  readonly theirs?: boolean;
  readonly lines?: readonly number[];
  readonly reason: string;
}

function readLines(text: string): number[] {
  if (!/^[1-9]\d{0,8}(,[1-9]\d{0,8})*$/.test(text)) {
    throw new InvalidArgumentError('Line numbers with commas between them: "3,7".');
  }
  return text.split(',').map(Number);
}

function addDispute(reconcile: Command): void {
  named(reconcile, 'dispute', 'dispute a claim, to be resolved by a day')
    .requiredOption('--due <YYYY-MM-DD>', 'the day')
    .requiredOption('--reason <text>', 'why')
    .option(...keyFileOption)
    .addHelpText(
      'after',
      '\nExample:\n  sluice reconcile dispute clm_… --partner brightside --due 2026-12-15 --reason "asked them"',
    )
    .action(async (id: string, _: OfClaim, command: Command) => {
      const options = command.optsWithGlobals<OfClaim & { due: string; reason: string }>();
      await withTools(async (tools) => {
        const by = (await knownStaff(tools, options)).staffId;
        const it = await claimNamed(tools, { key: options.partner, id });
        await disputeClaim(tools, { ...it, dueOn: options.due, reason: options.reason, by });
        printShown(tools, await showClaim(tools, { key: options.partner, id }), options);
      });
    });
}

function addReport(reconcile: Command): void {
  named(reconcile, 'report', 'print every row of a claim beside our statement')
    .addOption(new Option('--format <format>', 'csv or pdf').choices(reportFormats).default('csv'))
    .option('--out <file>', 'write it there, for its owner alone; a PDF needs it')
    .addHelpText(
      'after',
      '\nExample:\n  sluice reconcile report clm_… --partner brightside --out report.csv',
    )
    .action(async (id: string, _: OfClaim, command: Command) => {
      const options = command.optsWithGlobals<OfClaim & { format: ReportFormat; out?: string }>();
      const { format, out } = options;
      if (format === 'pdf' && out === undefined) command.error('A PDF needs --out FILE.');
      await withTools(async (tools) => {
        const claim = await showClaim(tools, { key: options.partner, id });
        const report = await printReport(tools, { claim, format });
        if (out === undefined) printPart(report);
        else await writePrivate(out, report);
      });
    });
}

function addForget(reconcile: Command): void {
  reconcile
    .command('forget')
    .description('let go of claims whose time is over (SLUICE_CLAIM_KEPT_DAYS): their hashes stay')
    .addHelpText('after', '\nExample (every night):\n  sluice reconcile forget')
    .action(async () => {
      await withTools(async (tools) => {
        say(`${counted(await forgetClaims(tools), 'claim')} forgotten.`);
      });
    });
}

function named(reconcile: Command, verb: string, does: string): Command {
  return reconcile
    .command(verb)
    .description(does)
    .argument('<claim>', 'its id, ours or the one that the partner reads')
    .requiredOption('--partner <key>', 'the partner’s key')
    .option('--json', 'print JSON');
}
