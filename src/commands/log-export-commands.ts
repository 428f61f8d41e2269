import { resolve } from 'node:path';
import type { Command } from 'commander';
import { detachEntries, exportLogs } from '../archive/index.ts';
import { openDatabase } from '../platform/database.ts';
import { readInstallation } from '../platform/settings.ts';
import { withMigrator } from './database-commands.ts';
import { counted, misuse, printRows, printText, say, withTools, type Printing } from './frame.ts';

interface ExportOptions extends Printing {
  readonly before: string;
  readonly out: string;
  readonly detach?: boolean;
}

/** `sluice log export`: entries of months that are over, to files and out of the database. */
export function addExporting(log: Command): void {
  log
    .command('export')
    .description('write the entries of months that are over to files, as C2SP tlog-tiles')
    .requiredOption('--before <month>', 'the first month that stays: 2026-03')
    .requiredOption('--out <folder>', 'where the logs go, each into a folder of its id')
    .option('--detach', 'then take them out of the database; they are read from SLUICE_LOG_ARCHIVE')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nDetaching needs DATABASE_MIGRATE_URL (or the embedded database).' +
        '\n\nExample:\n  sluice log export --before 2026-03 --out /srv/sluice-log',
    )
    .action(async (options: ExportOptions) => {
      if (!/^2[0-9]{3}-(0[1-9]|1[0-2])$/.test(options.before)) {
        misuse('--before is a month such as 2026-03.');
      }
      const before = `${options.before}-01`;
      const folder = resolve(options.out);
      await withTools(async (tools) => {
        const logs = await exportLogs(tools, { before, folder });
        printRows(
          logs.map(({ origin, exported, added, kept }) => ({ log: origin, exported, added, kept })),
          { ...options, none: 'No logs yet.' },
        );
        if (options.detach !== true) return;
        await withMigrator(readInstallation(), false, async (connection) => {
          const migrator = openDatabase(connection, { max: 1 });
          try {
            const { detached, kept } = await detachEntries(tools, { migrator, before, folder });
            const text = `${counted(detached, 'entry', 'entries')} detached, ${counted(kept, 'entry', 'entries')} kept.`;
            if (options.json) say(text);
            else printText(text);
          } finally {
            await migrator.destroy();
          }
        });
      });
    });
}
