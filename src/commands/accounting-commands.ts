import type { Command } from 'commander';
import {
  disclosuresOf,
  drawAccounting,
  eraseFromLogs,
  type Disclosed,
} from '../accounting/index.ts';
import type { Tools } from '../platform/tools.ts';
import { customerIdOf } from '../records/index.ts';
import {
  verifyAccounting,
  type AccountedLog,
  type AccountingVerdict,
} from '../verification/index.ts';
import { readBytes, writePrivateLines } from './files.ts';
import {
  counted,
  misuse,
  printRows,
  printText,
  printValue,
  withTools,
  type Printing,
} from './frame.ts';

const pageSize = 1000;

/** `sluice log accounting`: what was disclosed of one person (P33). */
export function addAccounting(log: Command): void {
  log
    .command('accounting')
    .description('everything that was disclosed of one customer, to whom and when (P33)')
    .requiredOption('--customer <key>', 'the customer’s key in the records')
    .option('--out <file>', 'write it with records, proofs and the customer’s log secret to a file')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExample (the file holds personal data: it is for the customer, and verifies without us):' +
        '\n  sluice log accounting --customer c-003 --out c-003.ndjson' +
        '\n  sluice log verify --offline --accounting c-003.ndjson --key KEY',
    )
    .action(async (options: Printing & { customer: string; out?: string }) => {
      const { customer, out } = options;
      const customerId = customerIdOf(customer);
      await withTools(async (tools) => {
        const disclosures = await allOf(tools, customerId);
        if (out !== undefined) {
          await writePrivateLines(out, drawAccounting(tools, { customer, customerId }));
        }
        if (options.json) printValue(disclosures, options);
        else if (out === undefined) printDisclosed(disclosures);
        else printText(`The accounting of ${customer} is in ${out}: ${sizeOf(disclosures)}.`);
      });
    });
}

/** `sluice log erase`: a person is erased from the logs, and every other proof stays. */
export function addErasing(log: Command): void {
  log
    .command('erase')
    .description('erase one customer from every log; each such log says that somebody was erased')
    .requiredOption('--customer <key>', 'the customer’s key in the records')
    .requiredOption('--reason <text>', 'why, for the operational log: no personal data')
    .option('--yes', 'it cannot be undone: say so')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExample (make the customer’s accounting first: afterwards nobody can):' +
        '\n  sluice log erase --customer c-003 --reason "request 17" --yes',
    )
    .action(async (options: Printing & { customer: string; reason: string; yes?: boolean }) => {
      if (!options.yes) misuse('An erasure can’t be undone: add --yes.');
      const { customer, reason } = options;
      await withTools(async (tools) => {
        const erased = await eraseFromLogs(tools, { customerId: customerIdOf(customer), reason });
        if (options.json) printValue(erased, options);
        else {
          const { entries, logs } = erased;
          const what = `${counted(entries, 'entry', 'entries')} in ${counted(logs, 'log')}`;
          printText(`${customer} is erased from ${what}.`);
        }
      });
    });
}

/** Verifies an accounting file and says what it shows; false where it does not hold. */
export async function verifyAccountingFile(
  file: string,
  { key, json }: { key: string; json?: boolean | undefined },
): Promise<boolean> {
  const verdict = await verifyAccounting({ accounting: await readBytes(file), key });
  if (json) printValue(verdict, { json });
  else printText(verdictText(verdict));
  return verdict.holds;
}

async function allOf(tools: Tools, customerId: ReturnType<typeof customerIdOf>) {
  const all: Disclosed[] = [];
  for (let cursor: string | undefined; ;) {
    const page = await disclosuresOf(tools, { customerId, limit: pageSize, cursor });
    all.push(...page.disclosures);
    if (page.next === null) return all;
    cursor = page.next;
  }
}

function printDisclosed(disclosures: readonly Disclosed[]): void {
  printRows(
    disclosures.map(({ at, recipient, channel, recordType, classes, policy, records, id }) => ({
      ...{ at, recipient, channel, type: recordType, classes: classes.join(', ') },
      promises: policy.promises.join(', '),
      records: records.map(({ key }) => key ?? '(gone)').join(', '),
      id,
    })),
    { none: 'Nothing was disclosed of this customer.' },
  );
}

function sizeOf(disclosures: readonly Disclosed[]): string {
  const recipients = new Set(disclosures.map(({ recipient }) => recipient)).size;
  return `${counted(disclosures.length, 'disclosure')} to ${counted(recipients, 'recipient')}`;
}

function verdictText(verdict: AccountingVerdict): string {
  if (!verdict.holds) return `The accounting does not hold: ${verdict.because}.`;
  const { customer, madeAt, logs } = verdict;
  return [`The accounting of ${customer}, made at ${madeAt}, holds.`, ...logs.map(logText)].join(
    '\n',
  );
}

function logText({ recipient, log, disclosures, records, opened, ...until }: AccountedLog): string {
  const shown = `${counted(disclosures, 'disclosure')} with ${counted(records, 'record')}`;
  const given = `${String(opened)} given and proven by its hash`;
  const whole =
    until.completeThrough === null
      ? 'no day has a digest yet'
      : `nothing is left out through ${until.completeThrough}`;
  return `${recipient ?? log}: ${shown}, ${given}; ${whole}, ${String(until.after)} since.`;
}
