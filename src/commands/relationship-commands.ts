import type { Command } from 'commander';
import { changeRelationship, relateCustomer } from '../intake/index.ts';
import type { Partner } from '../partners/index.ts';
import type { Database } from '../platform/database.ts';
import { isInstant } from '../platform/calendar.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { customerIdOf, findCustomerKeys, findServices, serviceIdOf } from '../records/index.ts';
import {
  type eventKinds,
  findRelationshipEvents,
  findRelationshipsOfPartner,
  InvalidEvent,
  type Relationship,
} from '../relationships/index.ts';
import { printRows, withTools, type Printing } from './frame.ts';
import { knownPartner } from './partner-commands.ts';

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
    .description('the shared-customer ledger: who is a customer of both, since when');
  named(relationship.command('add'), 'add')
    .description('attribute a customer to a referral partner, or connect it with an integration')
    .option('--reference <text>', 'the partner’s own reference for the customer')
    .action(async (options: Named & { reference?: string }) => {
      await withTools(async (tools) => {
        const change = await changeOf(tools, options);
        const reference = options.reference ?? null;
        const related = await relateCustomer(tools, { ...change, reference });
        printRows(await rowsOf(tools.db, change.partner, [related]), options);
      });
    });
  for (const [verb, event, does] of verbs) {
    named(relationship.command(verb), verb)
      .description(does)
      .action(async (options: Named) => {
        await withTools(async (tools) => {
          const change = await changeOf(tools, options);
          const changed = await changeRelationship(tools, { ...change, event });
          printRows(await rowsOf(tools.db, change.partner, [changed]), options);
        });
      });
  }
  addReadingCommands(relationship);
}

const verbs = [
  ['end', 'ended', 'end a relationship: everything but the fee statements is gone at once'],
  ['suspend', 'suspended', 'suspend a relationship; what is dated meanwhile stays hidden'],
  ['resume', 'resumed', 'resume a suspended relationship'],
  ['disconnect', 'disconnected', 'the customer disconnected the integration'],
  ['connect', 'connected', 'the customer connected the integration again'],
  [
    'opt-out',
    'opted-out',
    'the customer wants no sharing with this partner about this service (P32)',
  ],
  [
    'opt-in',
    'opted-in',
    'the customer wants sharing with this partner about this service again (P32)',
  ],
] as const satisfies readonly (readonly [string, (typeof eventKinds)[number], string])[];

function named(command: Command, verb: string): Command {
  return command
    .requiredOption('--partner <key>', 'the partner’s key')
    .requiredOption('--customer <key>', 'the customer’s key in the records')
    .requiredOption('--service <key>', 'the service’s key in the records')
    .option('--at <instant>', 'when it happened, RFC 3339 with offset; now where nothing is said')
    .option('--evidence <text>', 'how it is known', 'entered by hand')
    .option('--actor <name>', 'who says so', 'operator')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `\nExample:\n  sluice relationship ${verb} --partner p1 --customer ALFKI --service store`,
    );
}

function addReadingCommands(relationship: Command): void {
  relationship
    .command('list')
    .description('list a partner’s relationships')
    .requiredOption('--partner <key>', 'the partner’s key')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  sluice relationship list --partner p1')
    .action(async (options: Printing & { partner: string }) => {
      await withTools(async ({ db }) => {
        const partner = await knownPartner(db, options.partner);
        const found = await findRelationshipsOfPartner(db, partner.id);
        printRows(await rowsOf(db, partner, found), { ...options, none: 'No relationships.' });
      });
    });
  relationship
    .command('history')
    .description('print the ledger’s events of one customer with one partner')
    .requiredOption('--partner <key>', 'the partner’s key')
    .requiredOption('--customer <key>', 'the customer’s key in the records')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  sluice relationship history --partner p1 --customer ALFKI')
    .action(async (options: Printing & { partner: string; customer: string }) => {
      await withTools(async ({ db }) => {
        const partner = await knownPartner(db, options.partner);
        const customerId = customerIdOf(options.customer);
        const all = await findRelationshipsOfPartner(db, partner.id);
        const events = await findRelationshipEvents(db, [customerId]);
        const rows = all
          .filter((one) => one.customerId === customerId)
          .flatMap(({ id }) => events.get(id) ?? [])
          .map(({ event, at, evidence, actor, bookedAt }) => ({
            event,
            at: at?.toISOString() ?? 'withdrawn',
            booked: bookedAt.toISOString(),
            evidence,
            actor,
          }));
        printRows(rows, { ...options, none: 'Nothing is booked.' });
      });
    });
}

async function changeOf(tools: Tools, options: Named) {
  const { evidence, actor } = options;
  const at = options.at === undefined ? tools.clock.now() : new Date(options.at);
  if (options.at !== undefined && !isInstant(options.at)) {
    const detail = 'A moment is written as 2026-01-31T12:00:00Z, with its offset.';
    throw new Refusal(InvalidEvent, detail, { field: 'at' });
  }
  const partner = await knownPartner(tools.db, options.partner);
  const customerId = customerIdOf(options.customer);
  const serviceId = serviceIdOf(options.service);
  return { partner, customerId, serviceId, at, evidence, actor };
}

async function rowsOf(db: Database, partner: Partner, relationships: readonly Relationship[]) {
  const services = new Map((await findServices(db)).map(({ id, key }) => [id, key]));
  const customers = await findCustomerKeys(
    db,
    relationships.map(({ customerId }) => customerId),
  );
  const rows = relationships.map((one) => ({
    partner: partner.key,
    customer: customers.get(one.customerId) ?? '',
    service: services.get(one.serviceId) ?? '',
    attributed: one.attributedAt.toISOString(),
    active: one.isActive ? 'yes' : 'no',
    since: one.activatedAt?.toISOString() ?? '',
    ended: one.endedAt?.toISOString() ?? '',
  }));
  return rows.sort((a, b) => byText(a.customer, b.customer) || byText(a.service, b.service));
}

function byText(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
