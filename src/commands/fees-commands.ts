import { InvalidArgumentError, type Command } from 'commander';
import {
  accrueFees,
  explainFee,
  lineText,
  previewFees,
  type AccrualLine,
  type FeeMonth,
} from '../fees/index.ts';
import type { PartnerId } from '../partners/index.ts';
import type { Database } from '../platform/database.ts';
import { minorText } from '../platform/money.ts';
import { printRows, printValue, withTools, type Printing } from './frame.ts';
import { knownPartner } from './partner-commands.ts';

/** `sluice fees …`: what referrals earn. */
export function addFeesCommands(program: Command): void {
  const fees = program.command('fees').description('fees: compute, look at and explain them');
  addAccrue(fees);
  addPreview(fees);
  addExplain(fees);
}

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
          options,
        );
      });
    });
}

function addPreview(fees: Command): void {
  fees
    .command('preview')
    .description('compute a partner’s fees by month and currency, and store nothing')
    .requiredOption('--partner <key>', 'the partner’s key')
    .option('--month <YYYY-MM>', 'only what was settled or refunded in this month', readMonth)
    .option('--lines', 'one row for each line')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  sluice fees preview --partner brightside --month 2026-07')
    .action(async (options: Printing & { partner: string; month?: string; lines?: boolean }) => {
      await withTools(async (tools) => {
        const { id } = await knownPartner(tools.db, options.partner);
        const preview = await previewFees(tools, { partnerId: id, month: options.month });
        const rows = options.lines ? preview.lines.map(rowOfLine) : preview.months.map(rowOfMonth);
        printRows(rows, { ...options, none: 'No payment earned and none was refunded.' });
      });
    });
}

function addExplain(fees: Command): void {
  fees
    .command('explain')
    .description('say how one stored fee line came about')
    .argument('<line>', 'the line’s id; with --partner also the id that the partner reads')
    .option('--partner <key>', 'the partner whose line it is')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExample:\n  sluice fees explain fee_kKQQ3tTTTyaBRu6f4hF1Hw --partner brightside',
    )
    .action(async (lineId: string, options: Printing & { partner?: string }) => {
      await withTools(async (tools) => {
        const partnerId = await partnerIdOf(tools.db, options.partner);
        const line = await explainFee(tools, { lineId, partnerId });
        if (options.json) printValue(JSON.parse(lineText(line)), options);
        else printRows(factsOf(line), options);
      });
    });
}

function readMonth(text: string): string {
  if (!/^[0-9]{4}-(0[1-9]|1[0-2])$/.test(text)) throw new InvalidArgumentError('Say YYYY-MM.');
  return text;
}

async function partnerIdOf(db: Database, key: string | undefined): Promise<PartnerId | undefined> {
  return key === undefined ? undefined : (await knownPartner(db, key)).id;
}

function rowOfMonth(sum: FeeMonth) {
  const text = (minor: bigint) => minorText(minor, sum.currency);
  return {
    month: sum.month,
    currency: sum.currency,
    payments: sum.payments,
    base: text(sum.baseMinor),
    fee: text(sum.feeMinor),
    reversals: sum.reversals,
    reversed: text(sum.reversedMinor),
    total: text(sum.totalMinor),
    'no fee': sum.withoutFee,
  };
}

function rowOfLine(line: AccrualLine) {
  return {
    line: line.lineId,
    kind: line.kind,
    at: line.occurredAt.toISOString(),
    available: line.availableOn,
    currency: line.currency,
    base: minorText(line.baseMinor, line.currency),
    rate: line.ratePercent,
    rounding: line.rounding,
    fee: minorText(line.feeMinor, line.currency),
    version: line.agreementVersion,
    because: line.because ?? '',
  };
}

function factsOf(line: AccrualLine) {
  const { text, formula, exact, inputs } = line.explanation;
  const facts = { ...rowOfLine(line), explanation: text, formula, exact: exact ?? '', ...inputs };
  return Object.entries(facts).map(([fact, value]) => ({ fact, value }));
}
