import { dirname, relative } from 'node:path';
import type { Command } from 'commander';
import { guideOf, prepareDemo } from '../demo/index.ts';
import { printText } from './frame.ts';
import { serve } from './serve-commands.ts';

/** `sluice demo`: The Ducallier Studios, made up, ready to look at. */
export function addDemoCommands(program: Command): void {
  program
    .command('demo')
    .description('run the gateway with a made-up company: customers, partners, months of business')
    .addHelpText('after', '\nExample:\n  SLUICE_DATA_DIR=./data sluice demo')
    .action(() =>
      serve(async (tools) => {
        const { origin, dataDir } = tools.settings;
        const { customers, records, relationships, credentials } = await prepareDemo(tools);
        const file = fromHere(credentials.brightside);
        const folder = fromHere(dataDir);
        printText(
          `The Ducallier Studios: ${String(customers)} customers, ${String(records)} invoices, payments and refunds, ${String(relationships)} relationships with 3 partners.\n`,
        );
        printText(
          guideOf({
            origin,
            credentials: file,
            folder: dirname(file),
            dataDir: folder === 'data' ? undefined : folder,
          }),
        );
      }),
    );
}

/** A path as a person types it from the folder they stand in. */
function fromHere(path: string): string {
  const short = relative('', path);
  return short.startsWith('..') ? path : short;
}
