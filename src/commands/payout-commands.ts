import { InvalidArgumentError, Option, type Command } from 'commander';
import {
  listPayouts,
  makePayout,
  payoutFormats,
  payPayout,
  previewPayout,
  readPayout,
  readPayoutFile,
  releasePayout,
  type PayoutBatch,
  type PayoutFormat,
} from '../payouts/index.ts';
import { minorText } from '../platform/money.ts';
import { writePrivate } from './files.ts';
import { printRows, say, withTools, type Printing } from './frame.ts';
import { keyFileOption, knownStaff } from './known-staff.ts';
import { readCurrency } from './statement-commands.ts';

interface Acting extends Printing {
  readonly keyFile?: string;
}

/** `sluice payout …`: approved statements, paid together. */
export function addPayoutCommands(program: Command): void {
  const payout = program
    .command('payout')
    .description('batches of approved statements that are paid together')
    .addHelpText('after', '\nExample:\n  sluice payout make --currency EUR');
  addPreview(payout);
  addMake(payout);
  addReading(payout);
  addExport(payout);
  addPay(payout);
  addRelease(payout);
}

interface Selecting extends Acting {
  readonly currency: string;
  readonly endedBefore?: string;
}

function selecting(payout: Command, verb: string, does: string): Command {
  return payout
    .command(verb)
    .description(does)
    .requiredOption('--currency <CUR>', 'the currency, three capital letters', readCurrency)
    .option('--ended-before <YYYY-MM-DD>', 'only statements whose period ended before', readDay);
}

function addPreview(payout: Command): void {
  selecting(payout, 'preview', 'say what the next batch would take and leave out; makes nothing')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  sluice payout preview --currency EUR')
    .action(async (options: Selecting) => {
      await withTools(async (tools) => {
        const { items, leftOut } = await previewPayout(tools, options);
        const { currency } = options;
        const rows = [
          ...items.map((item) => ({
            partner: item.partnerKey,
            statement: `${item.period}.${currency}`,
            amount: minorText(item.amountMinor, currency),
            account: item.payee?.account ?? '',
            batch: 'next',
          })),
          ...leftOut.map(({ statement, because, partnerKey }) => ({
            partner: partnerKey,
            statement: statement.id,
            amount: minorText(statement.payoutMinor, currency),
            account: '',
            batch: because,
          })),
        ];
        const none = 'No approved statement waits to be paid out.';
        printRows(rows, { ...options, none });
      });
    });
}

function addMake(payout: Command): void {
  selecting(payout, 'make', 'put the approved statements of a currency into a new batch')
    .option('--execute-on <YYYY-MM-DD>', 'when the bank pays them; today where left out', readDay)
    .option(...keyFileOption)
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nWhat stays out for want of an account is told of: `sluice payee propose` names one.\n' +
        '\nExample:\n  sluice payout make --currency EUR --execute-on 2026-11-30',
    )
    .action(async (options: Selecting & { executeOn?: string }) => {
      await withTools(async (tools) => {
        const by = (await knownStaff(tools, options)).staffId;
        const { batch, leftOut } = await makePayout(tools, { ...options, by });
        printRows([rowOf(batch)], options);
        if (options.json) return;
        for (const { partnerKey, statement, because } of leftOut) {
          say(`Left out: ${partnerKey} ${statement.id} (${because}).`);
        }
        if (batch.currency === 'EUR' && !batch.pain001Sha256) {
          say('No pain.001: set SLUICE_PAYER to have it written with the next batch.');
        }
      });
    });
}

function addReading(payout: Command): void {
  payout
    .command('list')
    .description('list the batches, the latest first')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  sluice payout list')
    .action(async (options: Printing) => {
      await withTools(async (tools) => {
        const none = 'No payout was made: `sluice payout make` makes one.';
        printRows((await listPayouts(tools)).map(rowOf), { ...options, none });
      });
    });
  numbered(payout, 'show', 'show the statements of a batch, and what became of each')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  sluice payout show 1')
    .action(async (number: number, options: Printing) => {
      await withTools(async (tools) => {
        printRows(itemRowsOf(await readPayout(tools, number)), options);
      });
    });
}

function addExport(payout: Command): void {
  numbered(payout, 'export', 'write the file for the bank: the same bytes each time')
    .addOption(
      new Option('--format <format>', 'csv or pain.001').choices(payoutFormats).default('csv'),
    )
    .requiredOption('--out <file>', 'write it there, for its owner alone')
    .addHelpText(
      'after',
      '\nExample:\n  sluice payout export 1 --format pain.001 --out payout-1.xml',
    )
    .action(async (number: number, { format, out }: { format: PayoutFormat; out: string }) => {
      await withTools(async (tools) => {
        await writePrivate(out, await readPayoutFile(tools, { number, format }));
        say(`${out} is written.`);
      });
    });
}

function addPay(payout: Command): void {
  numbered(payout, 'pay', 'write down that the bank paid a batch')
    .requiredOption('--reference <text>', 'what the bank calls the payment')
    .option(...keyFileOption)
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  sluice payout pay 1 --reference "SEPA 4711"')
    .action(async (number: number, options: Acting & { reference: string }) => {
      await withTools(async (tools) => {
        const by = (await knownStaff(tools, options)).staffId;
        const { reference } = options;
        printRows([rowOf(await payPayout(tools, { number, reference, by }))], options);
      });
    });
}

function addRelease(payout: Command): void {
  numbered(payout, 'release', 'take out of a batch what the bank did not pay')
    .requiredOption('--reason <text>', 'why')
    .option('--item <number...>', 'these items; all that are not paid where left out', readNumbers)
    .option(...keyFileOption)
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nThe next batch may take them.\n' +
        '\nExample:\n  sluice payout release 1 --item 2 --reason "account closed"',
    )
    .action(async (number: number, options: Acting & { reason: string; item?: number[] }) => {
      await withTools(async (tools) => {
        const by = (await knownStaff(tools, options)).staffId;
        const release = { number, positions: options.item, reason: options.reason, by };
        printRows(itemRowsOf(await releasePayout(tools, release)), options);
      });
    });
}

function numbered(payout: Command, verb: string, does: string): Command {
  return payout.command(verb).description(does).argument('<batch>', 'its number', readNumber);
}

function rowOf(batch: PayoutBatch) {
  return {
    batch: batch.number,
    currency: batch.currency,
    status: batch.status,
    executeOn: batch.executeOn,
    statements: batch.statementCount,
    total: minorText(batch.totalMinor, batch.currency),
    made: batch.madeAt.toISOString(),
    by: batch.madeBy.name,
    files: batch.pain001Sha256 ? 'csv, pain.001' : 'csv',
  };
}

function itemRowsOf({ items, currency }: PayoutBatch) {
  return items.map((item) => ({
    item: item.position,
    partner: item.partnerKey,
    statement: `${item.period}.${currency}`,
    amount: minorText(item.amountMinor, currency),
    account: item.payee?.account ?? '',
    endToEndId: item.endToEndId,
    status: item.released ? 'released' : item.paid ? 'paid' : 'open',
    because: item.released?.reason ?? item.paid?.reference ?? '',
  }));
}

function readNumber(text: string): number {
  if (!/^[1-9][0-9]{0,8}$/.test(text))
    throw new InvalidArgumentError('Say a whole number, from 1.');
  return Number(text);
}

function readNumbers(text: string, before: readonly number[] = []): readonly number[] {
  return [...before, readNumber(text)];
}

function readDay(text: string): string {
  if (!/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text) || Number.isNaN(Date.parse(text))) {
    throw new InvalidArgumentError('Say YYYY-MM-DD.');
  }
  return text;
}
