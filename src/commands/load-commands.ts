import type { Command } from 'commander';
import { loadRecords, type FileReport, type LoadReport, type Rejection } from '../loading/index.ts';
import { readMapping } from '../mapping/index.ts';
import {
  failWith,
  printRows,
  printValue,
  showProgress,
  withTools,
  type Printing,
} from './frame.ts';

interface LoadOptions extends Printing {
  readonly map: string;
  readonly dryRun?: boolean;
}

/** Rejections that a person is shown; --json has more. */
const shownRejections = 50;

/** `sluice load DIR --map FILE`: records out of files of any shape. */
export function addLoadCommands(program: Command): void {
  program
    .command('load')
    .description('load NDJSON and CSV files through a mapping; may be run again at any time')
    .argument('<dir>', 'the folder that the mapping’s files lie in')
    .requiredOption('--map <file>', 'the mapping: which records the rows become (JSON)')
    .option('--dry-run', 'check every record by itself and store nothing')
    .option('--json', 'print the whole report as JSON')
    .addHelpText(
      'after',
      '\nExample:\n  sluice load "$DATA" --map examples/chinook/mapping.json --dry-run',
    )
    .action(async (folder: string, options: LoadOptions) => {
      const mapping = await readMapping(options.map);
      await withTools(
        async (tools) => {
          const { dryRun = false } = options;
          const onProgress = tellProgress;
          const report = await loadRecords(tools, { folder, mapping, dryRun, onProgress });
          showProgress('');
          if (options.json) printValue(report, options);
          else printReport(report);
          if (report.stopped || report.files.some(({ rejected }) => rejected > 0)) {
            failWith(1);
          }
        },
        { mayBegin: true },
      );
    });
}

/** Shows on a terminal how far a load is. */
function tellProgress({ file, type, read, rejected }: FileReport): void {
  showProgress(`${file} (${type}): ${String(read)} rows, ${String(rejected)} rejected`);
}

function printReport({ dryRun, files, rejections, stopped }: LoadReport): void {
  printRows(
    files.map((file) => ({ ...file })),
    { none: 'The mapping names no files.' },
  );
  if (rejections.length > 0) {
    printValue('\nNot taken:');
    printRows(rejections.slice(0, shownRejections).map(rowOf));
    const others = rejections.length - shownRejections;
    if (others > 0) printValue(`… and ${String(others)} more; --json lists them.`);
  }
  if (stopped) {
    printValue(
      `\nThe load stopped at ${stopped.file}, line ${String(stopped.line)}: ${stopped.reason}`,
    );
    printValue('What was read before is kept; run the same command again when it is mended.');
  }
  if (dryRun) {
    printValue(
      '\nDry run: nothing was stored. Each record was checked by itself; whether the customers,',
    );
    printValue('services, invoices and payments that it names exist was not looked up.');
  }
}

function rowOf({ file, line, field, code, reason }: Rejection) {
  return { file, line, field, code, reason };
}
