import { InvalidArgumentError, type Command } from 'commander';
import {
  accrueFees,
  compareFees,
  explainFee,
  lineIdOf,
  lineText,
  previewFees,
  type AccrualLine,
} from '../fees/index.ts';
import { pairwiseOf } from '../joint/index.ts';
import type { PartnerId } from '../partners/index.ts';
import type { Database } from '../platform/database.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { findStatementsOfLine, type LineOnStatement } from '../settlements/index.ts';
import { readJsonFile } from './files.ts';
import { rowOfMonth, rowsOfComparison, rowsOfLines } from './fee-rows.ts';
import { misuse, printRows, printText, printValue, withTools, type Printing } from './frame.ts';
import { addMonthCommands } from './month-commands.ts';
import { knownPartner } from './partner-commands.ts';
import { rowsOfLedger } from './relationship-rows.ts';
import { addRecomputeCommand } from './recompute-commands.ts';
import { addCloseCommand } from './settlement-commands.ts';
import { changesOf, pendingOf } from './stated-lines.ts';
import { addStatementCommand, readMonth } from './statement-commands.ts';

/** `sluice fees …`: what referrals earn. */
export function addFeesCommands(program: Command): void {
  const fees = program
    .command('fees')
    .description('fees: compute, look at and explain them')
    .addHelpText('after', '\nExample:\n  sluice fees preview --partner brightside');
  addAccrue(fees);
  addPreview(fees);
  addExplain(fees);
  addStatementCommand(fees);
  addCloseCommand(fees);
  addMonthCommands(fees);
  addRecomputeCommand(fees);
}

const footer = `
A month here is the one in which a payment settled or a refund was made; a statement's month is the
one in which a line becomes available. A negative fee is one the partner owes us.`;

function addAccrue(fees: Command): void {
  fees
    .command('accrue')
    .description('compute and store the fee lines of every partner, or of one')
    .option('--partner <key>', 'this partner only')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  sluice fees accrue --partner brightside')
    .action(async (options: Printing & { partner?: string }) => {
      await withTools(async (tools) => {
        const partnerId = await partnerIdOf(tools.db, options.partner);
        const reports = await accrueFees(tools, { partnerId });
        printRows(
          reports.map(({ partnerKey, ...counts }) => ({ partner: partnerKey, ...counts })),
          { ...options, none: 'No partners yet.' },
        );
      });
    });
}

interface PreviewOptions extends Printing {
  readonly partner: string;
  readonly month?: string;
  readonly lines?: boolean;
  readonly terms?: string;
  readonly quarter?: string;
}

function readQuarter(text: string): string {
  if (/^[12]\d{3}-Q[1-4]$/.test(text)) return text;
  throw new InvalidArgumentError('Say YYYY-Qn, such as 2026-Q3.');
}

function addPreview(fees: Command): void {
  fees
    .command('preview')
    .description('compute a partner’s fees by month and currency, and store nothing')
    .requiredOption('--partner <key>', 'the partner’s key')
    .option('--month <YYYY-MM>', 'only what was settled or refunded in this month', readMonth)
    .option('--lines', 'one row for each line')
    .option('--terms <file>', 'what a quarter would have cost under these terms (JSON)')
    .option('--quarter <YYYY-Qn>', 'that quarter; the last one where nothing is said', readQuarter)
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nFees are before tax.\n' +
        '\nExample:\n  sluice fees preview --partner brightside --month 2026-07' +
        '\n  sluice fees preview --partner brightside --terms examples/demo/agreement.json',
    )
    .action(async (options: PreviewOptions) => {
      if (options.quarter !== undefined && options.terms === undefined) {
        misuse('A quarter is compared with what it would have cost: name the --terms.');
      }
      if (options.terms !== undefined && (options.month !== undefined || options.lines)) {
        misuse('Terms are compared over a whole quarter: without --month and --lines.');
      }
      const terms = options.terms === undefined ? undefined : await readJsonFile(options.terms);
      await withTools(async (tools) => {
        const { id } = await knownPartner(tools.db, options.partner);
        if (terms !== undefined) {
          const asked = { partnerId: id, terms, quarter: options.quarter };
          const rows = rowsOfComparison(await compareFees(tools, asked));
          printRows(rows, { ...options, none: 'No payment earned and none was refunded.' });
          return;
        }
        const preview = await previewFees(tools, { partnerId: id, month: options.month });
        const rows = options.lines
          ? await rowsOfLines(tools, preview.lines)
          : preview.months.map(rowOfMonth);
        printRows(rows, { ...options, none: 'No payment earned and none was refunded.' });
        if (!options.json && rows.length > 0) printText(footer);
      });
    });
}

function addExplain(fees: Command): void {
  fees
    .command('explain')
    .description('say how one stored fee line came about')
    .argument('<line>', 'the line’s id as the partner reads it, "fee_…"')
    .option('--partner <key>', 'the partner whose line it is')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExample (`sluice fees statement` with month and currency has the ids):' +
        '\n  sluice fees explain fee_… --partner brightside',
    )
    .action(async (lineId: string, options: Printing & { partner?: string }) => {
      if (options.partner === undefined && lineId.startsWith('fee_')) {
        misuse('An id fee_… means something to one partner alone: name it with --partner.');
      }
      await withTools(async (tools) => {
        const partnerId = await partnerIdOf(tools.db, options.partner);
        await explain(tools, { lineId, partnerId }, options);
      });
    });
}

/** A line as it is, and what closed statements state of it: of one that was withdrawn, that alone. */
async function explain(
  tools: Tools,
  asked: { lineId: string; partnerId: PartnerId | undefined },
  options: Printing,
): Promise<void> {
  const { line, statements } = await readExplained(tools, asked);
  const partnerId = line?.partnerId ?? statements[0]?.partnerId;
  const ours = line?.lineId ?? lineIdOf(tools, asked);
  const pairwise = partnerId && pairwiseOf(tools.settings.keys.pairwise, partnerId);
  const id = pairwise && ours ? pairwise.idOf('fee-line', ours) : asked.lineId;
  const stated = changesOf(id, statements);
  const pending = pendingOf(id, statements, line);
  if (options.json) {
    const told = line ? (JSON.parse(lineText(line)) as object) : { lineId: ours, partnerId };
    const relationship = line ? await rowsOfLedger(tools.db, line) : [];
    printValue(
      { ...told, isWithdrawn: !line, stated, pending: pending ?? null, relationship },
      options,
    );
    return;
  }
  if (line) await printExplained(tools, line);
  const texts = [...stated.map(({ text }) => text), ...(pending === undefined ? [] : [pending])];
  if (texts.length > 0) printText(`${line ? '\n' : ''}${texts.join('\n')}`);
}

async function readExplained(
  tools: Tools,
  asked: { lineId: string; partnerId: PartnerId | undefined },
): Promise<{ line: AccrualLine | undefined; statements: readonly LineOnStatement[] }> {
  const id = lineIdOf(tools, asked);
  const all = id ? await findStatementsOfLine(tools.db, id) : [];
  const statements = all.filter(({ partnerId }) => partnerId === (asked.partnerId ?? partnerId));
  const line = await explainFee(tools, asked).catch((error: unknown) => {
    // Withdrawn since: its statements tell of it still.
    if (error instanceof Refusal && statements.length > 0) return undefined;
    throw error;
  });
  return { line, statements };
}

async function partnerIdOf(db: Database, key: string | undefined): Promise<PartnerId | undefined> {
  return key === undefined ? undefined : (await knownPartner(db, key)).id;
}

/** The sentence first; then what the formula reads, each value once. */
async function printExplained(tools: Tools, line: AccrualLine): Promise<void> {
  const { text, formula, exact, inputs } = line.explanation;
  const [row] = await rowsOfLines(tools, [line]);
  if (!row) return;
  const { line: id, customer, service, kind, at, available, fee, because } = row;
  const shown = { line: id, customer, service, kind, at, available, fee, because };
  const facts = { ...shown, formula, 'exact minor units': exact ?? '', ...inputs };
  printText(`${text}\n`);
  printRows(
    Object.entries(facts)
      .filter(([, value]) => value !== '')
      .map(([fact, value]) => ({ fact, value })),
  );
  printText('\nThe relationship that it is of, as the ledger has it:');
  printRows(await rowsOfLedger(tools.db, line));
}
