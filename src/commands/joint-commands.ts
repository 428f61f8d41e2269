import type { Command } from 'commander';
import { checkJoint, mendJoint } from '../joint/index.ts';
import { failWith, printRows, withTools, type Printing } from './frame.ts';

/** `sluice joint …`: whether what partners may see is what records and relationships say. */
export function addJointCommands(program: Command): void {
  const joint = program
    .command('joint')
    .description('joint records: what each partner may at most see, kept ready')
    .addHelpText('after', '\nExample:\n  sluice joint check');
  joint
    .command('check')
    .description('recompute every joint record from its sources and list what differs')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  sluice joint check')
    .action(async (options: Printing) => {
      await withTools(async (tools) => {
        const differences = await checkJoint(tools);
        const rows = differences.map((difference) => ({ ...difference }));
        printRows(rows, { ...options, none: 'Every joint record is what its sources say.' });
        if (rows.length > 0) failWith(1);
      });
    });
  joint
    .command('mend')
    .description('right what differs: after the time zone or a record type was changed')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  sluice joint mend')
    .action(async (options: Printing) => {
      await withTools(async (tools) => {
        printRows([{ rowsMended: await mendJoint(tools) }], options);
      });
    });
}
