import type { Command } from 'commander';
import { closeStatements, findClosedStatements } from '../settlements/index.ts';
import { rowOfClosed } from './fee-rows.ts';
import { printRows, withTools, type Printing } from './frame.ts';
import { keyFileOption, knownStaff } from './known-staff.ts';
import { knownPartner } from './partner-commands.ts';
import { readMonth } from './statement-commands.ts';
import { findPartners } from '../partners/index.ts';

/** `sluice fees close`: a month’s statements, for good. */
export function addCloseCommand(fees: Command): void {
  fees
    .command('close')
    .description('close the statements of a month: for good, each hash in its partner’s log')
    .requiredOption('--month <YYYY-MM>', 'the month in which their periods end', readMonth)
    .option('--partner <key>', 'this partner only')
    .option(...keyFileOption)
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  sluice fees close --month 2026-10')
    .action(async (options: Printing & { month: string; partner?: string; keyFile?: string }) => {
      await withTools(async (tools) => {
        const by = (await knownStaff(tools, options)).staffId;
        const { month, partner } = options;
        const partnerId = partner === undefined ? undefined : (await knownPartner(tools.db, partner)).id; // prettier-ignore
        const reports = await closeStatements(tools, { month, partnerId, by });
        printRows(reports.map(rowOfClosed), options);
      });
    });
}

/** `sluice statement …`: what was closed, on its way to payment. */
export function addSettlementCommands(program: Command): void {
  const statement = program
    .command('statement')
    .description('closed statements: list, show, approve and pay them')
    .addHelpText('after', '\nExample:\n  sluice statement list --partner brightside');
  addList(statement);
}

function addList(statement: Command): void {
  statement
    .command('list')
    .description('list closed statements, the latest first')
    .option('--partner <key>', 'this partner only')
    .option('--status <status>', 'closed, approved or paid')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  sluice statement list --status closed')
    .action(async (options: Printing & { partner?: string; status?: string }) => {
      await withTools(async (tools) => {
        const { partner, status } = options;
        const partnerId = partner === undefined ? undefined : (await knownPartner(tools.db, partner)).id; // prettier-ignore
        const keys = new Map((await findPartners(tools.db)).map(({ id, key }) => [id, key]));
        const found = await findClosedStatements(tools.db, { partnerId, status });
        printRows(
          found.map((one) =>
            rowOfClosed({ partnerKey: keys.get(one.partnerId) ?? '', statement: one }),
          ),
          { ...options, none: 'No statement is closed: `sluice fees close` closes them.' },
        );
      });
    });
}
