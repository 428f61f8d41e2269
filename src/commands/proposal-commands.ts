import { InvalidArgumentError, type Command } from 'commander';
import { listProposals, proposalKinds, readProposal } from '../operator/index.ts';
import {
  approveChange,
  proposalStatuses,
  rejectProposal,
  withdrawProposal,
  type Proposal,
  type ProposalKind,
  type ProposalOutline,
  type ProposalStatus,
} from '../people/index.ts';
import { tablesOfDiff } from './diff-rows.ts';
import { printRows, printText, printValue, withTools, type Printing } from './frame.ts';
import { keyFileOption, knownStaff } from './known-staff.ts';

interface Acting extends Printing {
  readonly keyFile?: string;
}

/** `sluice proposal …`: what takes a second person, decided by the person whose key it is. */
export function addProposalCommands(
  program: Command,
  kinds: readonly ProposalKind[] = proposalKinds,
): void {
  const proposal = program
    .command('proposal')
    .description('changes that one person proposed and another decides')
    .addHelpText('after', '\nExample:\n  sluice proposal list --status open');
  addReading(proposal);
  addApproving(proposal, kinds);
  addSayingNo(proposal, kinds);
}

const whence = '\nExample (`sluice proposal list` has the ids):\n  ';
const idArgument = ['<proposal>', 'the proposal’s id'] as const;

function addReading(proposal: Command): void {
  proposal
    .command('list')
    .description('list the proposals, the newest first')
    .option('--status <status>', `only ${proposalStatuses.join(', ')}`, knownStatus)
    .option('--limit <count>', 'how many at most, 1 to 1000', wholeCount, 100)
    .option(...keyFileOption)
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  sluice proposal list --status open')
    .action(async (options: Acting & { status?: ProposalStatus; limit: number }) => {
      await withTools(async (tools) => {
        await knownStaff(tools, options);
        const { proposals } = await listProposals(tools, options);
        printRows(proposals.map(rowOf), { ...options, none: 'No proposals.' });
      });
    });
  proposal
    .command('show')
    .description('show what a proposal would change; --json prints the whole of it')
    .argument(...idArgument)
    .option(...keyFileOption)
    .option('--json', 'print JSON')
    .addHelpText('after', `${whence}sluice proposal show 01…`)
    .action(async (id: string, options: Acting) => {
      await withTools(async (tools) => {
        await knownStaff(tools, options);
        printProposal(await readProposal(tools, { id }), options);
      });
    });
}

function addApproving(proposal: Command, kinds: readonly ProposalKind[]): void {
  proposal
    .command('approve')
    .description('approve somebody else’s proposal: it is carried out at once')
    .argument(...idArgument)
    .option(...keyFileOption)
    .option('--json', 'print JSON')
    .addHelpText('after', `${whence}sluice proposal approve 01… --key-file ben.key`)
    .action(async (proposalId: string, options: Acting) => {
      await withTools(async (tools) => {
        const { staffId } = await knownStaff(tools, options);
        const decided = await approveChange(tools, { proposalId, by: staffId, kinds });
        printRows([rowOf(decided.proposal)], options);
      });
    });
}

function addSayingNo(proposal: Command, kinds: readonly ProposalKind[]): void {
  for (const [verb, sayNo, does] of noes) {
    proposal
      .command(verb)
      .description(does)
      .argument(...idArgument)
      .requiredOption('--reason <text>', 'why, for who reads it later')
      .option(...keyFileOption)
      .option('--json', 'print JSON')
      .addHelpText('after', `${whence}sluice proposal ${verb} 01… --reason "Too wide."`)
      .action(async (proposalId: string, options: Acting & { reason: string }) => {
        await withTools(async (tools) => {
          const { staffId } = await knownStaff(tools, options);
          const { reason } = options;
          const decided = await sayNo(tools, { proposalId, by: staffId, kinds, reason });
          printRows([rowOf(decided)], options);
        });
      });
  }
}

const noes = [
  ['reject', rejectProposal, 'reject somebody else’s proposal'],
  ['withdraw', withdrawProposal, 'take your own proposal back'],
] as const;

function printProposal(proposal: Proposal, options: Printing): void {
  if (options.json) {
    printValue(proposal, options);
    return;
  }
  printRows([rowOf(proposal)]);
  for (const { title, rows } of tablesOfDiff(proposal.diff)) {
    printText(title === '' ? '' : `\n${title}`);
    printRows(rows);
  }
}

function rowOf(proposal: ProposalOutline) {
  return {
    proposal: proposal.id,
    kind: proposal.kind,
    status: proposal.status,
    'proposed by': proposal.proposedBy.name,
    expires: proposal.expiresAt.toISOString(),
    'decided by': proposal.decidedBy?.name ?? '',
    reason: proposal.reason ?? '',
  };
}

function knownStatus(text: string): ProposalStatus {
  const status = proposalStatuses.find((one) => one === text);
  if (status) return status;
  throw new InvalidArgumentError(`It must be one of ${proposalStatuses.join(', ')}.`);
}

function wholeCount(text: string): number {
  const count = /^[1-9][0-9]{0,3}$/.test(text) ? Number(text) : 0;
  if (count >= 1 && count <= 1000) return count;
  throw new InvalidArgumentError('It must be a whole number, 1 to 1000.');
}
