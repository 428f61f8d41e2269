import { InvalidArgumentError, Option, type Command } from 'commander';
import { retirePartner } from '../intake/index.ts';
import {
  addPartner,
  changePartnerStatus,
  contactMatters,
  findPartnerByKey,
  findPartnerContacts,
  findPartnerEvents,
  findPartners,
  legalForms,
  setPartnerContact,
  UnknownPartner,
  type LegalForm,
  type Partner,
} from '../partners/index.ts';
import type { Database } from '../platform/database.ts';
import { isPrintable } from '../platform/printable.ts';
import { Refusal } from '../platform/refusal.ts';
import { findTermsAcceptances } from '../terms/index.ts';
import {
  counted,
  misuse,
  printRows,
  printText,
  printValue,
  say,
  showProgress,
  withTools,
  type Printing,
} from './frame.ts';

/** `sluice partner …`: the third parties with whom customers are shared. Answers the group. */
export function addPartnerCommands(program: Command): Command {
  const partner = program
    .command('partner')
    .description('partners: add, list, show, contact, suspend, resume, retire')
    .addHelpText('after', '\nExample:\n  sluice partner list');
  addAdding(partner);
  addLooks(partner);
  addContact(partner);
  addStandings(partner);
  addRetiring(partner);
  return partner;
}

const actorOption = ['--actor <name>', 'who says so', 'operator'] as const;

function addAdding(partner: Command): void {
  partner
    .command('add')
    .description(
      'invite a partner; its disclosure log is opened with it. It is active once it has accepted the terms (P04)',
    )
    .argument('<key>', 'short name: lower case letters, digits, hyphens')
    .requiredOption('--kind <kind>', 'referral or integration')
    .requiredOption('--name <name>', 'its name, for people')
    .addOption(
      new Option('--form <form>', 'what it is in law').choices(legalForms).default('company'),
    )
    .option(...actorOption)
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExample:\n  sluice partner add p1 --kind referral --name "Partner One"',
    )
    .action(
      async (
        key: string,
        options: Printing & Record<'kind' | 'name' | 'actor', string> & { form: LegalForm },
      ) => {
        await withTools(async (tools) => {
          const { kind, name, form: legalForm, actor } = options;
          const added = await addPartner(tools, { key, kind, name, legalForm, actor });
          printRows([rowOf(added)], options);
          say(`It is invited: \`sluice terms accept --partner ${key} …\` lets it in (P04).`);
        });
      },
    );
}

function addLooks(partner: Command): void {
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
  partner
    .command('show')
    .description('show a partner: how it stood since when, its contacts, the terms it accepted')
    .argument('<key>', 'the partner’s key')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  sluice partner show brightside')
    .action(async (key: string, options: Printing) => {
      await withTools(async ({ db }) => {
        const known = await knownPartner(db, key);
        const standings = (await findPartnerEvents(db, known.id)).map(
          ({ status, bookedAt, actor, reason }) => ({ since: bookedAt.toISOString(), status, by: actor, reason }), // prettier-ignore
        );
        const contacts = (await findPartnerContacts(db, known.id)).map(
          ({ matter, name, email, since }) => ({ matter, name, email, since: since.toISOString() }), // prettier-ignore
        );
        const terms = (await findTermsAcceptances(db, known.id)).map(
          ({ version, acceptedBy, acceptedAt, evidence }) => ({ terms: version, by: acceptedBy, at: acceptedAt.toISOString(), evidence }), // prettier-ignore
        );
        if (options.json) {
          printValue({ ...rowOf(known), standings, contacts, terms }, options);
          return;
        }
        printRows([rowOf(known)]);
        printText('');
        printRows(standings);
        printText('');
        printRows(contacts, { none: 'No contacts yet.' });
        printText('');
        printRows(terms, { none: 'It has accepted no terms yet.' });
      });
    });
}

function addContact(partner: Command): void {
  partner
    .command('contact')
    .description('say whom to turn to at a partner; who it was before is kept')
    .argument('<key>', 'the partner’s key')
    .addOption(
      new Option('--matter <matter>', 'in what').choices(contactMatters).makeOptionMandatory(),
    ) // prettier-ignore
    .option('--name <name>', 'the person')
    .option('--email <address>', 'the person’s e-mail address')
    .option('--nobody', 'nobody any more')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExample:\n  sluice partner contact brightside --matter privacy --name "Bo Bright" --email bo@brightside.example',
    )
    .action(
      async (
        key: string,
        options: Printing & {
          matter: (typeof contactMatters)[number];
          name?: string;
          email?: string;
          nobody?: true;
        },
      ) => {
        const { matter, name, email } = options;
        const isPerson = name !== undefined && email !== undefined;
        if (isPerson === (options.nobody ?? false)) {
          misuse('Give --name and --email, or --nobody.');
        }
        await withTools(async (tools) => {
          const { id } = await knownPartner(tools.db, key);
          const person = isPerson ? { name, email } : undefined;
          await setPartnerContact(tools, { partnerId: id, matter, person });
          const rows = (await findPartnerContacts(tools.db, id)).map((one) => ({
            ...{ matter: one.matter, name: one.name, email: one.email },
          }));
          printRows(rows, { json: options.json === true, none: 'No contacts.' });
        });
      },
    );
}

const changes = [
  {
    verb: 'suspend',
    status: 'suspended',
    does: 'suspend a partner: within a second its tokens are refused, and streams end',
  },
  { verb: 'resume', status: 'active', does: 'resume a suspended partner' },
] as const;

function addStandings(partner: Command): void {
  for (const { verb, status, does } of changes) {
    partner
      .command(verb)
      .description(does)
      .argument('<key>', 'the partner’s key')
      .requiredOption('--reason <text>', 'why', reasonOf)
      .option(...actorOption)
      .option('--json', 'print JSON')
      .addHelpText('after', `\nExample:\n  sluice partner ${verb} brightside --reason "…"`)
      .action(async (key: string, options: Printing & { reason: string; actor: string }) => {
        await withTools(async (tools) => {
          const { id } = await knownPartner(tools.db, key);
          const { actor, reason } = options;
          await changePartnerStatus(tools, { partnerId: id, status, actor, reason });
          printRows([rowOf(await knownPartner(tools.db, key))], options);
        });
      });
  }
}

function addRetiring(partner: Command): void {
  partner
    .command('retire')
    .description('retire a partner for good: its agreement, tokens, streams and relationships end')
    .argument('<key>', 'the partner’s key')
    .requiredOption('--reason <text>', 'why', reasonOf)
    .option(...actorOption)
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  sluice partner retire brightside --reason "…"')
    .action(async (key: string, options: Printing & { reason: string; actor: string }) => {
      await withTools(async (tools) => {
        const { id } = await knownPartner(tools.db, key);
        const { actor, reason } = options;
        const onProgress = (ended: number) => {
          showProgress(`${counted(ended, 'relationship')} ended`);
        };
        const { ended } = await retirePartner(tools, { partnerId: id, actor, reason, onProgress });
        showProgress('');
        const row = rowOf(await knownPartner(tools.db, key));
        printRows([{ ...row, relationshipsEnded: ended }], options);
      });
    });
}

function reasonOf(text: string): string {
  if (isPrintable(text, 1000)) return text;
  throw new InvalidArgumentError('It must be 1 to 1000 printable characters.');
}

/** The partner with this key; refuses an unknown one. */
export async function knownPartner(db: Database, key: string): Promise<Partner> {
  const partner = await findPartnerByKey(db, key);
  if (!partner) throw new Refusal(UnknownPartner, `There is no partner with the key ${key}.`);
  return partner;
}

function rowOf({ key, kind, name, status, legalForm }: Partner) {
  return { key, kind, name, form: legalForm, status };
}
