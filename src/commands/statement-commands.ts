import { InvalidArgumentError, type Command } from 'commander';
import type { PartnerId } from '../partners/index.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { findClosedStatements, UnknownStatement } from '../settlements/index.ts';
import { draftStatement, draftStatements } from '../statements/index.ts';
import { rowOfStatement, rowsOfAdjustments, rowsOfLines, tableOfStatements } from './fee-rows.ts';
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
    .option('--month <YYYY-MM>', 'the month in which its period begins', readMonth)
    .option('--currency <CUR>', 'its currency, three capital letters', readCurrency)
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  sluice fees statement --partner brightside' +
        '\n  sluice fees statement --partner brightside --month 2026-10 --currency EUR',
    )
    .action(async (options: Asked) => {
      const { month, currency } = options;
      if (month !== undefined && currency !== undefined) await printLines(options);
      else await printList(options);
    });
}

async function printList({ partner, month, currency, ...printing }: Asked): Promise<void> {
  await withTools(async (tools) => {
    const { id } = await knownPartner(tools.db, partner);
    const rows = (await draftsOf(tools, id, { month, currency })).map(rowOfStatement);
    const none = 'No statements: `sluice fees accrue` computes and stores their lines.';
    printRows(printing.json ? rows : tableOfStatements(rows), { ...printing, none });
  });
}

/** Of a month that has two periods both. */
async function printLines({ partner, month, currency, ...printing }: Asked): Promise<void> {
  await withTools(async (tools) => {
    const { id } = await knownPartner(tools.db, partner);
    const drafts = await draftsOf(tools, id, { month, currency });
    if (drafts.length === 0)
      throw await unknown(tools, { partner, partnerId: id, month, currency });
    const printed = [];
    for (const one of drafts) {
      const draft = await draftStatement(tools, { partnerId: id, id: one.id });
      const whose = { partnerId: id, currency: draft.currency };
      printed.push({
        totals: rowOfStatement(draft),
        lines: await rowsOfLines(tools, draft.lines),
        adjusting: await rowsOfAdjustments(tools, whose, draft.adjustments),
      });
    }
    if (printing.json) {
      const values = printed.map(({ totals, lines, adjusting }) => {
        return { ...totals, lines, adjustmentLines: adjusting };
      });
      printValue(values.length === 1 ? values[0] : values, printing);
      return;
    }
    for (const { totals, lines, adjusting } of printed) {
      printRows(tableOfStatements([totals]));
      printText('');
      printRows(lines, { none: 'No lines of its own.' });
      if (adjusting.length === 0) continue;
      printText('\nAdjustments to earlier statements:');
      printRows(adjusting);
    }
  });
}

/** What is closed is no draft: the refusal says how to see it. */
async function unknown(
  { db }: Tools,
  asked: Pick<Asked, 'partner'> & { partnerId: PartnerId } & Which,
): Promise<Refusal> {
  const closed = (await findClosedStatements(db, { partnerId: asked.partnerId })).find(
    ({ currency, fromDay }) => currency === asked.currency && fromDay.startsWith(asked.month ?? ''),
  );
  if (!closed) return new Refusal(UnknownStatement);
  const which = `${closed.id} --partner ${asked.partner}`;
  const told = `${closed.id} is ${closed.status}; to see it: sluice statement show ${which}`;
  return new Refusal(UnknownStatement, told);
}

interface Which {
  readonly month: string | undefined;
  readonly currency: string | undefined;
}

/** The drafts whose period begins in a month, and those of a currency; all where nothing is said. */
async function draftsOf(tools: Tools, partnerId: PartnerId, { month, currency }: Which) {
  const all = await draftStatements(tools, { partnerId });
  return all
    .filter(({ fromDay }) => month === undefined || fromDay.startsWith(month))
    .filter((one) => (currency ?? one.currency) === one.currency);
}

/** A month as an option gives it; misuse where it is none. */
export function readMonth(text: string): string {
  if (!/^[12][0-9]{3}-(0[1-9]|1[0-2])$/.test(text)) throw new InvalidArgumentError('Say YYYY-MM.');
  return text;
}

/** A currency as an option gives it; misuse where it is none. */
export function readCurrency(text: string): string {
  if (!/^[A-Z]{3}$/.test(text)) throw new InvalidArgumentError('Say three capital letters.');
  return text;
}
