import type { Command } from 'commander';
import {
  addPartner,
  changePartnerStatus,
  findPartnerByKey,
  findPartners,
  UnknownPartner,
  type Partner,
  type PartnerStatus,
} from '../partners/index.ts';
import { InvalidBudget, limitNames, setBudget, showBudget, type Limits } from '../budgets/index.ts';
import type { Database } from '../platform/database.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { printRows, withTools, type Printing } from './frame.ts';
import { keyFileOption, staffIfNamed } from './known-staff.ts';

/** `sluice partner …`: the third parties with whom customers are shared. */
export function addPartnerCommands(program: Command): void {
  const partner = program
    .command('partner')
    .description('partners: add, list, suspend, resume, retire')
    .addHelpText('after', '\nExample:\n  sluice partner list');
  partner
    .command('add')
    .description('add a partner; its disclosure log is opened with it')
    .argument('<key>', 'short name: lower case letters, digits, hyphens')
    .requiredOption('--kind <kind>', 'referral or integration')
    .requiredOption('--name <name>', 'its name, for people')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExample:\n  sluice partner add p1 --kind referral --name "Partner One"',
    )
    .action(async (key: string, options: Printing & { kind: string; name: string }) => {
      await withTools(async (tools) => {
        printRows([rowOf(await addPartner(tools, { ...options, key }))], options);
      });
    });
  partner
    .command('list')
    .description('list the partners')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  sluice partner list')
    .action(async (options: Printing) => {
      await withTools(async ({ db }) => {
        const rows = (await findPartners(db)).map(rowOf);
        printRows(rows, { ...options, none: 'No partners yet.' });
      });
    });
  addBudgetCommand(partner);
  for (const [verb, status, does] of changes) {
    partner
      .command(verb)
      .description(does)
      .argument('<key>', 'the partner’s key')
      .option('--json', 'print JSON')
      .addHelpText('after', `\nExample:\n  sluice partner ${verb} brightside`)
      .action(async (key: string, options: Printing) => {
        await withTools(async (tools) => {
          const { id } = await knownPartner(tools.db, key);
          await changePartnerStatus(tools, { partnerId: id, status });
          printRows([rowOf(await knownPartner(tools.db, key))], options);
        });
      });
  }
}

type BudgetOptions = Printing &
  Partial<Record<'callsPerDay' | 'callsPerMonth' | 'recordsPerDay' | 'recordsPerMonth', string>> & {
    none?: boolean;
    keyFile?: string;
  };

function addBudgetCommand(partner: Command): void {
  partner
    .command('budget')
    .description('set how much a partner may call and be shown, and show what is used of it')
    .argument('<key>', 'the partner’s key')
    .option('--calls-per-day <n>', 'calls in a day of SLUICE_TIME_ZONE')
    .option('--calls-per-month <n>', 'calls in a month')
    .option('--records-per-day <n>', 'records shown in a day')
    .option('--records-per-month <n>', 'records shown in a month')
    .option('--none', 'take all budgets away')
    .option(...keyFileOption)
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nThe budgets that are named replace all that stood before; without any the command shows them.' +
        '\nExample:\n  sluice partner budget brightside --calls-per-day 10000 --records-per-month 500000',
    )
    .action(async (key: string, options: BudgetOptions) => {
      await withTools(async (tools) => {
        const { id } = await knownPartner(tools.db, key);
        const limits = limitsOf(options);
        if (limits) {
          const staff = await staffIfNamed(tools, options);
          const setBy = staff?.staffId ?? 'command line';
          await setBudget(tools, { partnerId: id, limits, setBy });
        }
        printRows(await budgetRows(tools, id), { ...options, none: 'No budgets: no limits.' });
      });
    });
}

/** Undefined where nothing is to be set. */
function limitsOf(options: BudgetOptions): Limits | undefined {
  const given = {
    'calls-per-day': options.callsPerDay,
    'calls-per-month': options.callsPerMonth,
    'records-per-day': options.recordsPerDay,
    'records-per-month': options.recordsPerMonth,
  };
  const named = limitNames.flatMap((name) => {
    const text = given[name];
    return text === undefined ? [] : [[name, /^[0-9]{1,10}$/.test(text) ? Number(text) : NaN]];
  });
  if (options.none === true && named.length > 0) {
    throw new Refusal(InvalidBudget, 'Either --none or budgets, not both.', { field: 'none' });
  }
  return options.none === true || named.length > 0
    ? (Object.fromEntries(named) as Limits)
    : undefined;
}

async function budgetRows(tools: Tools, partnerId: Partner['id']) {
  const budgets = await showBudget(tools, partnerId);
  return budgets.map(({ name, limit, used, endsAt }) => ({
    ...{ budget: name, limit, used, left: Math.max(0, limit - used) },
    resets: endsAt.toISOString(),
  }));
}

const changes = [
  ['suspend', 'suspended', 'suspend a partner: no more data, its tokens are refused'],
  ['resume', 'active', 'resume a suspended partner'],
  ['retire', 'retired', 'retire a partner for good'],
] as const satisfies readonly (readonly [string, PartnerStatus, string])[];

/** The partner with this key; refuses an unknown one. */
export async function knownPartner(db: Database, key: string): Promise<Partner> {
  const partner = await findPartnerByKey(db, key);
  if (!partner) throw new Refusal(UnknownPartner, `There is no partner with the key ${key}.`);
  return partner;
}

function rowOf({ key, kind, name, status }: Partner) {
  return { key, kind, name, status };
}
