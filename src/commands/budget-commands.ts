import type { Command } from 'commander';
import {
  InvalidBudget,
  limitNames,
  setBudget,
  showBudget,
  type LimitName,
  type Limits,
} from '../budgets/index.ts';
import type { PartnerId } from '../partners/index.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { printRows, withTools, type Printing } from './frame.ts';
import { keyFileOption, staffIfNamed } from './known-staff.ts';
import { knownPartner } from './partner-commands.ts';

interface BudgetOptions extends Pick<Printing, 'json'> {
  readonly callsPerDay?: string;
  readonly callsPerMonth?: string;
  readonly recordsPerDay?: string;
  readonly recordsPerMonth?: string;
  readonly none?: boolean;
  readonly keyFile?: string;
}

/** `sluice partner budget`: how much a partner may call and be shown. */
export function addBudgetCommand(partner: Command): void {
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
      '\nThe budgets that are named replace all that stood before; without any they are only shown.' +
        '\n\nExample:\n  sluice partner budget brightside --calls-per-day 10000 --records-per-month 500000',
    )
    .action(async (key: string, options: BudgetOptions) => {
      await withTools(async (tools) => {
        const { id } = await knownPartner(tools.db, key);
        const limits = limitsOf(options);
        if (limits) {
          const staff = await staffIfNamed(tools, options);
          await setBudget(tools, {
            partnerId: id,
            limits,
            setBy: staff?.staffId ?? 'command line',
          });
        }
        printRows(await rowsOf(tools, id), {
          json: options.json === true,
          none: 'No budgets: no limits.',
        });
      });
    });
}

/** Undefined where nothing is to be set. */
function limitsOf(options: BudgetOptions): Limits | undefined {
  const given: Readonly<Record<LimitName, string | undefined>> = {
    'calls-per-day': options.callsPerDay,
    'calls-per-month': options.callsPerMonth,
    'records-per-day': options.recordsPerDay,
    'records-per-month': options.recordsPerMonth,
  };
  const named = limitNames.flatMap((name) => {
    const text = given[name];
    return text === undefined ? [] : [[name, /^[0-9]{1,10}$/.test(text) ? Number(text) : NaN]];
  });
  const isNone = options.none === true;
  if (isNone && named.length > 0) {
    throw new Refusal(InvalidBudget, 'Either --none or budgets, not both.', { field: 'none' });
  }
  return isNone || named.length > 0 ? (Object.fromEntries(named) as Limits) : undefined;
}

async function rowsOf(tools: Tools, partnerId: PartnerId) {
  return (await showBudget(tools, partnerId)).map(({ name, limit, used, endsAt }) => ({
    budget: name,
    limit,
    used,
    left: Math.max(0, limit - used),
    resets: endsAt.toISOString(),
  }));
}
