import { InvalidArgumentError, type Command } from 'commander';
import { draftStatement, draftStatements } from '../statements/index.ts';
import { rowOfStatement, rowsOfLines } from './fee-rows.ts';
import { printRows, printText, printValue, withTools, type Printing } from './frame.ts';
import { knownPartner } from './partner-commands.ts';

interface Asked extends Printing {
  readonly partner: string;
  readonly month?: string;
  readonly currency?: string;
}

/** `sluice fees statement`: what stands on a partner's statements. */
export function addStatementCommand(fees: Command): void {
  fees
    .command('statement')
    .description('list a partner’s draft statements; with month and currency, print one with lines')
    .requiredOption('--partner <key>', 'the partner’s key')
    .option('--month <YYYY-MM>', 'the month in which its lines become available', readMonth)
    .option('--currency <CUR>', 'its currency, three capital letters', readCurrency)
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  sluice fees statement --partner brightside' +
        '\n  sluice fees statement --partner brightside --month 2026-10 --currency EUR',
    )
    .action(async (options: Asked) => {
      const { month, currency } = options;
      if (month !== undefined && currency !== undefined) {
        await printOne({ ...options, month, currency });
      } else {
        await printList(options);
      }
    });
}

async function printList({ partner, month, currency, ...printing }: Asked): Promise<void> {
  await withTools(async (tools) => {
    const { id } = await knownPartner(tools.db, partner);
    const all = await draftStatements(tools, { partnerId: id });
    const rows = all
      .filter((one) => (month ?? one.month) === one.month)
      .filter((one) => (currency ?? one.currency) === one.currency)
      .map(rowOfStatement);
    const none = 'No statements: `sluice fees accrue` computes and stores their lines.';
    printRows(rows, { ...printing, none });
  });
}

async function printOne(asked: Asked & { month: string; currency: string }): Promise<void> {
  const { partner, month, currency, ...printing } = asked;
  await withTools(async (tools) => {
    const { id } = await knownPartner(tools.db, partner);
    const draft = await draftStatement(tools, { partnerId: id, month, currency });
    const totals = rowOfStatement(draft);
    const lines = await rowsOfLines(tools, draft.lines);
    if (printing.json) {
      printValue({ ...totals, lines }, printing);
      return;
    }
    printRows([totals]);
    printText('');
    printRows(lines);
  });
}

/** A month as an option gives it; misuse where it is none. */
export function readMonth(text: string): string {
  if (!/^[0-9]{4}-(0[1-9]|1[0-2])$/.test(text)) throw new InvalidArgumentError('Say YYYY-MM.');
  return text;
}

function readCurrency(text: string): string {
  if (!/^[A-Z]{3}$/.test(text)) throw new InvalidArgumentError('Say three capital letters.');
  return text;
}
