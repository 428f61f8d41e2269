import type { Command } from 'commander';
import { mendJoint } from '../joint/index.ts';
import { Refusal } from '../platform/refusal.ts';
import {
  activatePolicy,
  announcePolicy,
  checkPolicy,
  showPolicy,
  showPolicyVersion,
  UnknownPolicyVersion,
  type ShownVersion,
} from '../policy/index.ts';
import { addCoverageCommand } from './coverage-commands.ts';
import { readJsonFile, readText } from './files.ts';
import {
  counted,
  misuse,
  printRows,
  printText,
  printValue,
  say,
  showProgress,
  withTools,
  type Printing,
} from './frame.ts';
import { printProblems } from './problem-rows.ts';

/** `sluice policy …`: the privacy policy in versions. */
export function addPolicyCommands(program: Command): void {
  const policy = program
    .command('policy')
    .description('the privacy policy: in force, announced, past')
    .addHelpText('after', '\nExample:\n  sluice policy show');
  addShow(policy);
  addAnnounce(policy);
  policy
    .command('activate')
    .description('put an announced version in force, once its notice has run (P03)')
    .argument('<version>', 'the version’s name')
    .option('--actor <name>', 'who does it', 'operator')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  sluice policy activate 2027-1')
    .action(async (version: string, options: Printing & { actor: string }) => {
      await withTools(async (tools) => {
        const { effectiveAt } = await activatePolicy(tools, { version, actor: options.actor });
        const since = effectiveAt?.toISOString() ?? null;
        say(`Version ${version} is in force; now the joint records follow.`);
        const rowsMended = await mendJoint(tools, (customers) => {
          showProgress(`${counted(customers, 'customer')} looked at`);
        });
        showProgress('');
        printRows([{ version, since, rowsMended }], options);
      });
    });
  addCoverageCommand(policy);
}

function addShow(policy: Command): void {
  policy
    .command('show')
    .description('show the policy in force and what is announced, or one version')
    .argument('[version]', 'a version’s name')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  sluice policy show')
    .action(async (version: string | undefined, options: Printing) => {
      await withTools(async (tools) => {
        if (version !== undefined) {
          const shown = await showPolicyVersion(tools, version);
          if (!shown) throw new Refusal(UnknownPolicyVersion, undefined, { field: 'version' });
          if (options.json) printValue(shown, options);
          else printVersions([shown], shown);
          return;
        }
        const shown = await showPolicy(tools);
        if (options.json) printValue(shown, options);
        else printVersions([shown.inForce, ...shown.announced], shown.inForce);
      });
    });
}

interface Announcing extends Printing {
  readonly notice?: string;
  readonly noticeFile?: string;
  readonly respond?: string;
  readonly days?: string;
  readonly actor: string;
}

function addAnnounce(policy: Command): void {
  policy
    .command('announce')
    .description('announce a version: its notice runs from now on, in working days')
    .argument('<file>', 'JSON, as schemas/policy/2026-1.json is written')
    .option('--notice <text>', 'what changes, for whoever it concerns')
    .option('--notice-file <file>', 'the same from a text file')
    .option('--respond <text>', 'how to respond to the notice')
    .option('--days <number>', 'working days of the notice, 10 at the least')
    .option('--actor <name>', 'who does it', 'operator')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExample:\n  sluice policy announce 2027-1.json --notice "P21 is new." --respond "Write to privacy@example.com."',
    )
    .action(async (file: string, options: Announcing) => {
      const document = await readJsonFile(file);
      const notice = await noticeOf(options);
      const noticeDays = daysOf(options);
      await withTools(async (tools) => {
        if (printProblems(checkPolicy(document), options)) return;
        const { actor, respond: responseDirections } = options;
        const announcement = { document, notice, responseDirections, noticeDays, actor };
        const { version } = await announcePolicy(tools, announcement);
        const shown = await showPolicyVersion(tools, version);
        printRows(shown ? [rowOf(shown)] : [], options);
      });
    });
}

async function noticeOf({ notice, noticeFile }: Announcing): Promise<string> {
  if (notice !== undefined && noticeFile === undefined) return notice;
  if (notice === undefined && noticeFile !== undefined) return readText(noticeFile);
  return misuse('Give the notice with --notice or with --notice-file.');
}

function daysOf({ days }: Announcing): number | undefined {
  if (days === undefined) return undefined;
  return /^\d{1,4}$/.test(days) ? Number(days) : misuse('--days is a whole number.');
}

function printVersions(versions: readonly ShownVersion[], full: ShownVersion): void {
  printRows(versions.map(rowOf));
  for (const { version, effectiveAt, notice } of versions) {
    if (effectiveAt !== null) continue;
    printText(`\nNotice of ${version}: ${notice.text}\nTo respond: ${notice.responseDirections}`);
  }
  printText('');
  printRows(full.document.promises.map(({ id, title }) => ({ promise: id, title })));
}

function rowOf({ version, publishedAt, effectiveAt, notice }: ShownVersion) {
  return {
    version,
    announced: publishedAt,
    inForceSince: effectiveAt ?? '',
    earliest: effectiveAt === null ? (notice.earliestDay ?? 'unknown') : '',
    workingDays: notice.workingDays,
    passed: effectiveAt === null ? notice.workingDaysPassed : null,
    reading: notice.reading,
    calendar: `${notice.country} ${notice.timeZone}`,
  };
}
