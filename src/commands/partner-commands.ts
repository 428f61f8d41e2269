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
import type { Database } from '../platform/database.ts';
import { Refusal } from '../platform/refusal.ts';
import { printRows, withTools, type Printing } from './frame.ts';

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
