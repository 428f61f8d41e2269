#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { addCommands } from './commands/families.ts';
import { runProgram, sayMisuse } from './commands/frame.ts';

const project = new URL('../package.json', import.meta.url);
const { version } = JSON.parse(readFileSync(project, 'utf8')) as { version: string };

/** The command line. Every command calls the same acts as the gateway. */
const program = new Command('sluice')
  .description('A partner data-sharing gateway: the one door through which customer data leaves.')
  .version(version)
  // A command may have a --version of its own.
  .enablePositionalOptions()
  .addHelpText('after', '\nExample:\n  sluice relationship list --help')
  .exitOverride()
  .configureOutput({ outputError: sayMisuse });

await addCommands(program, process.argv[2]);
await runProgram(program, process.argv);
