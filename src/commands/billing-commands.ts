import { Option, type Command } from 'commander';
import {
  billingModes,
  changeMode,
  listModeChanges,
  listReports,
  readBill,
  takeBillBack,
} from '../billing/index.ts';
import { minorText } from '../platform/money.ts';
import { customerIdOf, serviceIdOf } from '../records/index.ts';
import { printRows, say, withTools, type Printing } from './frame.ts';
import { keyFileOption, knownStaff } from './known-staff.ts';
import { knownPartner } from './partner-commands.ts';

interface Changing extends Printing {
  readonly partner: string;
  readonly customer: string;
  readonly service: string;
  readonly mode: string;
  readonly from: string;
  readonly evidence: string;
  readonly actor: string;
}

/** `sluice billing …`: who bills which customer, and what partners reported. */
export function addBillingCommands(program: Command): void {
  const billing = program
    .command('billing')
    .description('consolidated billing: who bills whom, and what partners reported')
    .addHelpText('after', '\nExample:\n  sluice billing who RE-2026-10-0001');
  addChanging(billing);
  addReturn(billing);
  billing
    .command('history')
    .description('list since when a customer is billed by whom, and how it said so')
    .argument('<customer>', 'the customer’s key')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  sluice billing history cus-17')
    .action(async (customer: string, options: Printing) => {
      await withTools(async (tools) => {
        const changes = await listModeChanges(tools, customerIdOf(customer));
        const none = 'We bill this customer, and it never said otherwise.';
        printRows(changes.map(rowOfChange), { ...options, none });
      });
    });
  billing
    .command('who')
    .description('say who bills an invoice, why, and what is left of it')
    .argument('<invoice>', 'the invoice’s key')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  sluice billing who RE-2026-10-0001')
    .action(async (key: string, options: Printing) => {
      await withTools(async (tools) => {
        const bill = await readBill(tools, key);
        const { biller, period, currency } = bill;
        const text = (minor: bigint) => minorText(minor, currency);
        const row = {
          invoice: bill.invoiceKey,
          customer: bill.customer,
          biller: biller.is === 'partner' ? (bill.partner ?? '') : biller.is,
          because: biller.because,
          from: period.fromDay,
          until: period.untilDay,
          total: text(bill.totalMinor),
          credited: text(bill.creditedMinor),
          paid: text(bill.paidMinor),
          open: text(bill.openMinor),
          currency,
        };
        printRows([row], options);
      });
    });
  billing
    .command('reports')
    .description('list what a partner billed, collected and failed to collect')
    .requiredOption('--partner <key>', 'the partner’s key')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  sluice billing reports --partner brightside')
    .action(async (options: Printing & { partner: string }) => {
      await withTools(async (tools) => {
        const partner = await knownPartner(tools.db, options.partner);
        const { reports } = await listReports(tools, { partner, after: 0, limit: 1_000_000 });
        const rows = reports.map((report) => ({
          reference: report.reference,
          status: report.status,
          amount: report.amountMinor === null ? '' : minorText(report.amountMinor, report.currency),
          currency: report.currency,
          at: report.at.toISOString(),
          reason: report.reason ?? '',
          takesBack: report.takesBack ?? '',
          statement: report.statement ?? '',
        }));
        printRows(rows, { ...options, none: 'The partner has reported nothing yet.' });
      });
    });
}

function addReturn(billing: Command): void {
  billing
    .command('return')
    .description('take back what is left of an invoice that a partner billed and did not give back')
    .argument('<invoice>', 'the invoice’s key')
    .option(...keyFileOption)
    .addHelpText('after', '\nExample:\n  sluice billing return RE-2026-10-0001')
    .action(async (invoiceKey: string, options: { keyFile?: string }) => {
      await withTools(async (tools) => {
        const by = (await knownStaff(tools, options)).staffId;
        await takeBillBack(tools, { invoiceKey, by });
        say(`${invoiceKey} is ours to bill again; the partner reads so among its reports.`);
      });
    });
}

function addChanging(billing: Command): void {
  billing
    .command('set')
    .description('book that a customer agreed to be billed by a partner, or by us again')
    .requiredOption('--partner <key>', 'the partner’s key')
    .requiredOption('--customer <key>', 'the customer’s key')
    .requiredOption('--service <key>', 'the service’s key')
    .addOption(
      new Option('--mode <mode>', 'consolidated: the partner bills our invoices; direct: we do')
        .choices(billingModes)
        .makeOptionMandatory(),
    )
    .requiredOption('--from <YYYY-MM-DD>', 'the first day; no period that has an invoice')
    .requiredOption('--evidence <text>', 'how the customer said so')
    .option('--actor <name>', 'who books it', 'operator')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nNo period is billed by two: a day before the end of one that has an invoice is refused, and the\n' +
        'refusal names the first day that is free.\n' +
        '\nExample:\n  sluice billing set --partner brightside --customer cus-17 --service store \\\n' +
        '    --mode consolidated --from 2026-12-01 --evidence "ticked in the account"',
    )
    .action(async (options: Changing) => {
      await withTools(async (tools) => {
        const partner = await knownPartner(tools.db, options.partner);
        const { mode, from: fromDay, evidence, actor, customer, service } = options;
        const change = await changeMode(tools, {
          ...{ partner, mode, fromDay, evidence, actor },
          ...{ customerId: customerIdOf(customer), serviceId: serviceIdOf(service) },
        });
        printRows([rowOfChange({ ...change, partner: partner.key, service })], options);
      });
    });
}

function rowOfChange(change: Awaited<ReturnType<typeof listModeChanges>>[number]) {
  const { partner, service, mode, fromDay, evidence, actor, bookedAt } = change;
  const booked = bookedAt.toISOString();
  return { partner, service, mode, from: fromDay, evidence, by: actor, booked };
}
