import type { Command } from 'commander';
import {
  addStaff,
  endStaff,
  findAllStaff,
  roles as allRoles,
  rotateStaffKey,
  type Staff,
} from '../people/index.ts';
import { printRows, say, withTools, type Printing } from './frame.ts';

/**
 * `sluice staff …`: who works for the operator. Whoever has the machine can add the first persons;
 * a personal key is printed once.
 */
export function addStaffCommands(program: Command): void {
  const staff = program
    .command('staff')
    .description('the persons who work for the operator: add, list, rotate, end')
    .addHelpText('after', '\nExample:\n  sluice staff list');
  addAdding(staff);
  addListing(staff);
  addChanging(staff);
}

const shownOnce = 'The key is shown this once: give it to the person, who alone may know it.';
const whence = '\nExample (`sluice staff list` has the ids):\n  ';

function addAdding(staff: Command): void {
  staff
    .command('add')
    .description('add a person; its personal key is printed this once (P30)')
    .requiredOption('--name <name>', 'its name, different from all others’')
    .requiredOption('--role <role>', `one of ${allRoles.join(', ')}; may be repeated`, collected)
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExample:\n  sluice staff add --name "Ada Byron" --role privacy --role partner',
    )
    .action(async (options: Printing & { name: string; role: readonly string[] }) => {
      await withTools(async (tools) => {
        const added = await addStaff(tools, { name: options.name, roles: options.role });
        printRows([{ ...rowOf(added.staff), key: added.key }], options);
        say(shownOnce);
      });
    });
}

function addListing(staff: Command): void {
  staff
    .command('list')
    .description('list the persons, those who ended too')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  sluice staff list')
    .action(async (options: Printing) => {
      await withTools(async ({ db }) => {
        const rows = (await findAllStaff(db)).map((one) => ({
          ...rowOf(one),
          created: one.createdAt.toISOString(),
        }));
        printRows(rows, { ...options, none: 'Nobody yet.' });
      });
    });
}

function addChanging(staff: Command): void {
  staff
    .command('rotate')
    .description('give a person its next key; the one before ends now')
    .argument('<person>', 'the person’s id, "per_…"')
    .option('--json', 'print JSON')
    .addHelpText('after', `${whence}sluice staff rotate per_…`)
    .action(async (staffId: string, options: Printing) => {
      await withTools(async (tools) => {
        const { key } = await rotateStaffKey(tools, { staffId });
        printRows([{ person: staffId, key }], options);
        say(shownOnce);
      });
    });
  staff
    .command('end')
    .description('end a person for good; its key ends now')
    .argument('<person>', 'the person’s id, "per_…"')
    .option('--json', 'print JSON')
    .addHelpText('after', `${whence}sluice staff end per_…`)
    .action(async (staffId: string, options: Printing) => {
      await withTools(async (tools) => {
        await endStaff(tools, { staffId });
        printRows([{ person: staffId, status: 'ended' }], options);
      });
    });
}

function rowOf({ id, name, roles, status }: Staff) {
  return { person: id, name, roles: roles.join(' '), status };
}

function collected(one: string, before: readonly string[] = []): readonly string[] {
  return [...before, one];
}
