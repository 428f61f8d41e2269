import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { addCommands } from './families.ts';
import { sayMisuse } from './frame.ts';

const project = new URL('../../package.json', import.meta.url);

/** The command line, with the command asked for. Every command calls the same acts as the gateway. */
export async function makeProgram(asked: string | undefined): Promise<Command> {
  const { version } = JSON.parse(readFileSync(project, 'utf8')) as { version: string };
  const program = new Command('sluice')
    .description('A partner data-sharing gateway: the one door through which customer data leaves.')
    .version(version)
    // A command may have a --version of its own.
    .enablePositionalOptions()
    .addHelpText('after', '\nExample:\n  sluice relationship list --help')
    .exitOverride()
    .configureOutput({ outputError: sayMisuse });
  await addCommands(program, asked);
  return program;
}
