import { Option, type Command } from 'commander';
import { findPartners } from '../partners/index.ts';
import { paperFormats, printStatement, type PaperFormat } from '../papers/index.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import {
  approveStatement,
  closeStatements,
  findClosedStatement,
  findClosedStatements,
  payStatement,
  UnknownStatement,
  statementNamed,
  type ClosedStatement,
  type CloseReport,
  type StatementName,
} from '../settlements/index.ts';
import { draftStatements } from '../statements/index.ts';
import { factsOfClosed, rowOfClosed, rowsOfClosedLines, tableOfClosed } from './closed-rows.ts';
import { writePrivateParts } from './files.ts';
import { misuse, printPart, printRows, printText, say, withTools, type Printing } from './frame.ts';
import { keyFileOption, knownStaff } from './known-staff.ts';
import { knownPartner } from './partner-commands.ts';
import { readMonth } from './statement-commands.ts';

/** `sluice fees close`: a month’s statements, for good. */
export function addCloseCommand(fees: Command): void {
  fees
    .command('close')
    .description('close the statements of a month: for good, each hash in its partner’s log')
    .requiredOption('--month <YYYY-MM>', 'the month in which their periods end', readMonth)
    .option('--partner <key>', 'this partner only')
    .option(...keyFileOption)
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nThe tax that the agreement names is stated beside the fees. A partner that cannot be closed\n' +
        'keeps no other from it; it is told of, and the command ends with 1.\n' +
        '\nExample:\n  sluice fees close --month 2026-10',
    )
    .action(async (options: Printing & { month: string; partner?: string; keyFile?: string }) => {
      await withTools(async (tools) => {
        const by = (await knownStaff(tools, options)).staffId;
        const { month } = options;
        const partnerId = await partnerIdOf(tools, options.partner);
        const refused: string[] = [];
        const onRefused = (key: string, { message, kind }: Refusal) =>
          refused.push(`${key} is not closed: ${message} (${kind.code})`);
        const reports = await closeStatements(tools, { month, partnerId, by, onRefused });
        printReports(reports, options);
        for (const sentence of refused) say(sentence);
        if (refused.length > 0) process.exitCode = 1;
      });
    });
}

/** `sluice statement …`: what was closed, on its way to payment. */
export function addSettlementCommands(program: Command): void {
  const statement = program
    .command('statement')
    .description('closed statements: list, show, approve and pay them')
    .addHelpText('after', '\nExample:\n  sluice statement list --partner brightside');
  addList(statement);
  addShow(statement);
  addApprove(statement);
  addPay(statement);
}

function addList(statement: Command): void {
  statement
    .command('list')
    .description('list closed statements, the latest first')
    .option('--partner <key>', 'this partner only')
    .addOption(
      new Option('--status <status>', 'only those').choices(['closed', 'approved', 'paid']),
    )
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  sluice statement list --status closed')
    .action(async (options: Printing & { partner?: string; status?: string }) => {
      await withTools(async (tools) => {
        const partnerId = await partnerIdOf(tools, options.partner);
        const keys = new Map((await findPartners(tools.db)).map(({ id, key }) => [id, key]));
        const found = await findClosedStatements(tools.db, { partnerId, status: options.status });
        const reports = found.map((one) => {
          return { partnerKey: keys.get(one.partnerId) ?? '', statement: one };
        });
        const none = 'No statement is closed: `sluice fees close` closes them.';
        printReports(reports, { ...options, none });
      });
    });
}

interface Shown {
  readonly partner: string;
  readonly format?: 'table' | PaperFormat;
  readonly json?: boolean;
  readonly out?: string;
}

function addShow(statement: Command): void {
  const formats = ['table', ...paperFormats];
  named(statement, 'show', 'print a closed statement with all of its lines')
    .addOption(new Option('--format <format>', 'table where nothing is said').choices(formats))
    .option('--json', 'as --format json')
    .option('--out <file>', 'write it there, for its owner alone; a PDF needs it')
    .addHelpText(
      'after',
      '\nExample:\n  sluice statement show 2026-10.EUR --partner brightside --format pdf --out statement.pdf',
    )
    .action(async (id: string, { partner, out, json, ...asked }: Shown) => {
      const format = asked.format ?? (json ? 'json' : 'table');
      if (format === 'pdf' && out === undefined) misuse('A PDF needs --out FILE.');
      if (format === 'table' && out !== undefined) misuse('A file is --format json, csv or pdf.');
      await withTools(async (tools) => {
        const closed = await closedOf(tools, partner, id);
        if (format === 'table') {
          await printTables(tools, { partnerKey: partner, statement: closed });
          return;
        }
        const parts = printStatement(tools, { statement: closed, format });
        if (out === undefined) for await (const part of parts) printPart(part);
        else {
          await writePrivateParts(out, parts);
          say(`${out} is written.`);
        }
      });
    });
}

/** A draft is no closed statement: the refusal says how to see it. */
async function closedOf(tools: Tools, partner: string, id: string): Promise<ClosedStatement> {
  const name = await nameOf(tools, partner, id);
  const closed = await findClosedStatement(tools.db, name);
  if (closed) return closed;
  const drafts = await draftStatements(tools, { partnerId: name.partnerId });
  const draft = drafts.find((one) => one.id === id);
  if (!draft) throw new Refusal(UnknownStatement);
  const which = `--partner ${partner} --month ${draft.fromDay.slice(0, 7)} --currency ${draft.currency}`;
  throw new Refusal(
    UnknownStatement,
    `${id} is a draft; to see it: sluice fees statement ${which}`,
  );
}

async function printTables(tools: Tools, report: CloseReport): Promise<void> {
  const { lines, adjustments } = await rowsOfClosedLines(tools, report.statement);
  printRows(factsOfClosed(report));
  printText('');
  printRows(lines, { none: 'No lines of its own.' });
  if (adjustments.length === 0) return;
  printText('\nAdjustments to earlier statements:');
  printRows(adjustments);
}

function addApprove(statement: Command): void {
  named(statement, 'approve', 'approve a statement that somebody else closed')
    .option(...keyFileOption)
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  sluice statement approve 2026-10.EUR --partner brightside')
    .action(async (id: string, options: Printing & { partner: string; keyFile?: string }) => {
      await withTools(async (tools) => {
        const by = (await knownStaff(tools, options)).staffId;
        const name = await nameOf(tools, options.partner, id);
        const before = await findClosedStatement(tools.db, name);
        printOne(options, { before, after: await approveStatement(tools, { name, by }) });
      });
    });
}

function addPay(statement: Command): void {
  named(statement, 'pay', 'write down that an approved statement was paid')
    .requiredOption('--reference <text>', 'what the bank or the payment run calls the payment')
    .option(...keyFileOption)
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExample:\n  sluice statement pay 2026-10.EUR --partner brightside --reference "SEPA 4711"',
    )
    .action(
      async (
        id: string,
        options: Printing & { partner: string; reference: string; keyFile?: string },
      ) => {
        await withTools(async (tools) => {
          const by = (await knownStaff(tools, options)).staffId;
          const name = await nameOf(tools, options.partner, id);
          const { reference } = options;
          const before = await findClosedStatement(tools.db, name);
          printOne(options, { before, after: await payStatement(tools, { name, reference, by }) });
        });
      },
    );
}

function named(statement: Command, verb: string, does: string): Command {
  return statement
    .command(verb)
    .description(does)
    .argument('<statement>', 'its id: period and currency, "2026-10.EUR"')
    .requiredOption('--partner <key>', 'the partner’s key');
}

function printOne(
  options: Printing & { partner: string },
  { before, after }: { before: ClosedStatement | undefined; after: ClosedStatement },
): void {
  printReports([{ partnerKey: options.partner, statement: after }], options);
  if (options.json) return;
  const was = before?.status === after.status;
  say(was ? `It was ${after.status} already.` : `It is ${after.status}.`);
}

function printReports(reports: readonly CloseReport[], options: Printing): void {
  printRows(options.json ? reports.map(rowOfClosed) : tableOfClosed(reports), options);
}

async function partnerIdOf({ db }: Tools, key: string | undefined) {
  return key === undefined ? undefined : (await knownPartner(db, key)).id;
}

async function nameOf(tools: Tools, partner: string, id: string): Promise<StatementName> {
  const { id: partnerId } = await knownPartner(tools.db, partner);
  const named = statementNamed(id);
  if (!named) throw new Refusal(UnknownStatement);
  return { partnerId, ...named };
}
