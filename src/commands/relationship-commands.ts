import type { Command } from 'commander';
import { changeRelationship, relateCustomer } from '../intake/index.ts';
import type { Tools } from '../platform/tools.ts';
import { customerIdOf, serviceIdOf } from '../records/index.ts';
import { type eventKinds, findRelationshipsOfPartner } from '../relationships/index.ts';
import { printRows, withTools, type Printing } from './frame.ts';
import { momentOf } from './moments.ts';
import { knownPartner } from './partner-commands.ts';
import { rowsOfHistory, rowsOfRelationships } from './relationship-rows.ts';

interface Named extends Printing {
  readonly partner: string;
  readonly customer: string;
  readonly service: string;
  readonly at?: string;
  readonly evidence: string;
  readonly actor: string;
}

/** `sluice relationship …`: the shared-customer ledger. */
export function addRelationshipCommands(program: Command): void {
  const relationship = program
    .command('relationship')
    .description('the shared-customer ledger: who is a customer of both, since when')
    .addHelpText('after', '\nExample:\n  sluice relationship list --partner brightside');
  named(relationship.command('add'), 'add --partner brightside --customer c-040')
    .description('attribute a customer to a referral partner, or connect it with an integration')
    .option('--reference <text>', 'the partner’s own reference for the customer')
    .action(async (options: Named & { reference?: string }) => {
      await withTools(async (tools) => {
        const change = await changeOf(tools, options);
        const reference = options.reference ?? null;
        const related = await relateCustomer(tools, { ...change, reference });
        printRows(await rowsOfRelationships(tools.db, change.partner, [related]), options);
      });
    });
  for (const [verb, event, does, whose] of verbs) {
    named(relationship.command(verb), `${verb} ${whose}`)
      .description(does)
      .action(async (options: Named) => {
        await withTools(async (tools) => {
          const change = await changeOf(tools, options);
          const changed = await changeRelationship(tools, { ...change, event });
          printRows(await rowsOfRelationships(tools.db, change.partner, [changed]), options);
        });
      });
  }
  addReadingCommands(relationship);
}

// The examples work on the demo's data.
const referred = '--partner brightside --customer c-003';
const connected = '--partner loomworks --customer c-014';
const verbs = [
  ['end', 'ended', 'end a relationship: all but the fee statements is gone at once', referred],
  [
    'suspend',
    'suspended',
    'suspend a relationship; what is dated meanwhile stays hidden',
    referred,
  ],
  ['resume', 'resumed', 'resume a suspended relationship', referred],
  [
    'disconnect',
    'disconnected',
    'the customer disconnected the integration',
    '--partner loomworks --customer c-002',
  ],
  ['connect', 'connected', 'the customer connected the integration again', connected],
  [
    'opt-out',
    'opted-out',
    'the customer wants no sharing with this partner about this service (P32)',
    referred,
  ],
  [
    'opt-in',
    'opted-in',
    'the customer wants sharing with this partner about this service again (P32)',
    '--partner brightside --customer c-004',
  ],
] as const satisfies readonly (readonly [string, (typeof eventKinds)[number], string, string])[];

function named(command: Command, example: string): Command {
  return command
    .requiredOption('--partner <key>', 'the partner’s key')
    .requiredOption('--customer <key>', 'the customer’s key in the records')
    .requiredOption('--service <key>', 'the service’s key in the records')
    .option('--at <when>', 'when it happened: a day or an instant; now where nothing is said')
    .option('--evidence <text>', 'how it is known', 'entered by hand')
    .option('--actor <name>', 'who says so', 'operator')
    .option('--json', 'print JSON')
    .addHelpText('after', `\nExample:\n  sluice relationship ${example} --service studio`);
}

function addReadingCommands(relationship: Command): void {
  relationship
    .command('list')
    .description('list a partner’s relationships, as they are or as they were')
    .requiredOption('--partner <key>', 'the partner’s key')
    .option('--at <when>', 'as they stood then: a day or an instant')
    .option('--known-at <when>', 'by what was booked until then')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExample:\n  sluice relationship list --partner brightside --at 2026-09-01',
    )
    .action(async (options: Printing & { partner: string; at?: string; knownAt?: string }) => {
      await withTools(async ({ db, clock, settings }) => {
        const partner = await knownPartner(db, options.partner);
        const found = await findRelationshipsOfPartner(db, partner.id);
        const { at: when, knownAt: known } = options;
        const now = clock.now();
        const at = momentOf('--at', when, settings.timeZone) ?? now;
        const knownAt = momentOf('--known-at', known, settings.timeZone) ?? now;
        const asOf = when === undefined && known === undefined ? undefined : { at, knownAt };
        const then = known === undefined ? `No relationships yet at ${when ?? ''}.` : `Nothing was booked by ${known}${when === undefined ? '' : ` of what stood at ${when}`}.`; // prettier-ignore
        const none = found.length > 0 && asOf ? then : 'No relationships yet.';
        printRows(await rowsOfRelationships(db, partner, found, asOf), { ...options, none });
      });
    });
  relationship
    .command('history')
    .description('print the ledger’s events of one customer with one partner')
    .requiredOption('--partner <key>', 'the partner’s key')
    .requiredOption('--customer <key>', 'the customer’s key in the records')
    .option('--service <key>', 'about this service only')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExample:\n  sluice relationship history --partner brightside --customer c-010',
    )
    .action(async (options: Printing & { partner: string; customer: string; service?: string }) => {
      await withTools(async ({ db }) => {
        const partner = await knownPartner(db, options.partner);
        const rows = await rowsOfHistory(db, partner, options);
        printRows(rows, { ...options, none: 'Nothing is booked yet.' });
      });
    });
}

async function changeOf(tools: Tools, options: Named) {
  const { evidence, actor } = options;
  const at = momentOf('--at', options.at, tools.settings.timeZone) ?? tools.clock.now();
  const partner = await knownPartner(tools.db, options.partner);
  const customerId = customerIdOf(options.customer);
  const serviceId = serviceIdOf(options.service);
  return { partner, customerId, serviceId, at, evidence, actor };
}
