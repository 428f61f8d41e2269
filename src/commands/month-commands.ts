import { type Command } from 'commander';
import { listLines, readMonth, type FinanceMonth } from '../months/index.ts';
import { rowsOfLines } from './fee-rows.ts';
import { misuse, printRows, printText, printValue, withTools, type Cell, type Printing } from './frame.ts'; // prettier-ignore
import {
  rowsOfAccounts,
  rowsOfClaims,
  rowsOfDisputed,
  rowsOfHeld,
  rowsOfOwed,
  rowsOfPayouts,
  rowsOfSignUps,
  rowsOfStatements,
  rowsOfTotals,
  tableOfStatements,
} from './month-rows.ts';
import { knownPartner } from './partner-commands.ts';
import { readCurrency, readMonth as monthOf } from './statement-commands.ts';

/** `sluice fees month` and `sluice fees lines`: the month on a page, and what is behind its figures. */
export function addMonthCommands(fees: Command): void {
  addMonth(fees);
  addLines(fees);
}

function addMonth(fees: Command): void {
  fees
    .command('month')
    .description(
      'finance’s month on a page: what closes, what is held, disputed and paid, the books',
    )
    .argument('<YYYY-MM>', 'the month in which periods end', monthOf)
    .option('--partner <key>', 'this partner only')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nIt computes no lines and stores nothing: `sluice fees accrue` computes them.\n' +
        '\nExample:\n  sluice fees month 2026-10',
    )
    .action(async (month: string, { partner, json }: Printing & { partner?: string }) => {
      await withTools(async (tools) => {
        const partnerId =
          partner === undefined ? undefined : (await knownPartner(tools.db, partner)).id;
        const page = await readMonth(tools, { month, partnerId });
        if (json) printValue(valueOf(page), { json });
        else printPage(page, partner);
      });
    });
}

/** All of it for programs; what a figure is opened with stands beside it. */
function valueOf(page: FinanceMonth) {
  const { month } = page;
  const lines = (which: string, { partner, currency }: { partner: string; currency: string }) =>
    `sluice fees lines --month ${month} --${which} --partner ${partner} --currency ${currency}`;
  return {
    month,
    asOf: page.asOf.toISOString(),
    computedAt: page.computedAt?.toISOString() ?? null,
    statements: rowsOfStatements(page),
    totals: rowsOfTotals(page),
    held: rowsOfHeld(page).map((row) => ({ ...row, open: lines('held', row) })),
    signUps: rowsOfSignUps(page).map((row) => {
      return { ...row, open: 'sluice attribution list --status held' };
    }),
    claims: rowsOfClaims(page).map((row) => {
      return { ...row, open: `sluice reconcile show ${row.claim} --partner ${row.partner}` };
    }),
    disputed: rowsOfDisputed(page).map((row) => ({ ...row, open: lines('disputed', row) })),
    payouts: rowsOfPayouts(page).map((row) => {
      return { ...row, open: `sluice payout show ${String(row.batch)}` };
    }),
    accounts: rowsOfAccounts(page),
    balances: page.balances,
    owed: rowsOfOwed(page),
  };
}

function printPage(page: FinanceMonth, partner: string | undefined): void {
  const { month } = page;
  const of = partner === undefined ? '' : ` --partner ${partner}`;
  const key = partner ?? 'KEY';
  const lines = `sluice fees lines --month ${month} --partner ${key}`;
  const print = (title: string, rows: readonly Readonly<Record<string, Cell>>[], open: string) => {
    printText(`\n${title}`);
    printRows(rows, { none: 'None.' });
    if (rows.length > 0) printText(`→ ${open}`);
  };
  const computed = page.computedAt
    ? `lines as computed at ${page.computedAt.toISOString()}`
    : 'no lines were computed yet: `sluice fees accrue`';
  printText(`${month}${partner === undefined ? '' : ` of ${partner}`}, as of ${page.asOf.toISOString()}; ${computed}`); // prettier-ignore
  print('Statements', tableOfStatements(page), openingOf(page, key));
  print('Held: settled until then, available later', rowsOfHeld(page), `${lines} --held`);
  if (page.signUps.length > 0) {
    print('Sign-ups that wait for a person', rowsOfSignUps(page), 'sluice attribution list --status held'); // prettier-ignore
  }
  print('Claims that are not settled', rowsOfClaims(page), `sluice reconcile show CLAIM --partner ${key}`); // prettier-ignore
  print('Taken back: payments that customers dispute', rowsOfDisputed(page), `${lines} --disputed`);
  print('Payouts', rowsOfPayouts(page), 'sluice payout show BATCH');
  print('Trial balance', rowsOfAccounts(page), `sluice ledger trial-balance${of}; sluice ledger entries${of}`); // prettier-ignore
  for (const { currency, isBalanced } of page.balances) {
    printText(`${currency}: debits and credits ${isBalanced ? 'are the same' : 'DIFFER'}.`);
  }
  if (page.owed.length > 0) print('Owed', rowsOfOwed(page), `sluice ledger ageing${of}`);
  if (page.statements.length + page.held.length > 0) {
    printText(`\nA line of any of these: sluice fees explain LINE --partner ${key}`);
  }
}

/** How the statements are opened, closed ones and drafts. */
function openingOf({ statements }: FinanceMonth, key: string): string {
  const drafts = statements.filter(({ status }) => status === 'draft');
  const begins = [...new Set(drafts.map(({ fromDay }) => fromDay.slice(0, 7)))];
  return [
    ...(drafts.length < statements.length ? [`sluice statement show STATEMENT --partner ${key}`] : []),
    ...begins.map((begin) => `sluice fees statement --partner ${key} --month ${begin} --currency CUR`),
  ].join('; '); // prettier-ignore
}

interface Asked extends Printing {
  readonly month: string;
  readonly partner: string;
  readonly currency?: string;
  readonly held?: boolean;
  readonly disputed?: boolean;
}

function addLines(fees: Command): void {
  fees
    .command('lines')
    .description('list the lines behind a figure of `sluice fees month`')
    .requiredOption('--partner <key>', 'the partner’s key')
    .requiredOption('--month <YYYY-MM>', 'the month', monthOf)
    .option('--held', 'what settled until the month’s end and becomes available after it')
    .option('--disputed', 'what customers’ disputes of payments took back in the month')
    .option('--currency <CUR>', 'only in this currency, three capital letters', readCurrency)
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nWhat stands on a statement: `sluice fees statement`, and `sluice statement show` once it is closed.\n' +
        '\nExample:\n  sluice fees lines --partner brightside --month 2026-10 --held',
    )
    .action(async ({ partner, month, currency, held, disputed, json }: Asked) => {
      if ((held === true) === (disputed === true)) misuse('Say --held or --disputed.');
      await withTools(async (tools) => {
        const { id: partnerId } = await knownPartner(tools.db, partner);
        const which = held ? 'held' : 'disputed';
        const lines = await listLines(tools, { partnerId, month, which, currency });
        printRows(await rowsOfLines(tools, lines), { json: json === true, none: 'No lines.' });
      });
    });
}
