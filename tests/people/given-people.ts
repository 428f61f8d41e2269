import {
  addStaff,
  proposeChange,
  type ProposalKind,
  type Role,
  type StaffId,
} from '../../src/people/index.ts';
import { inTransaction } from '../../src/platform/database.ts';
import { Refusal } from '../../src/platform/refusal.ts';
import type { Tools } from '../../src/platform/tools.ts';
import type { House } from '../support/house.ts';

export interface GivenPerson {
  readonly id: StaffId;
  readonly name: string;
  readonly key: string;
}

let count = 0;

/** A person with these roles, under a name of its own where none is said. */
export async function givenPerson(
  tools: Tools,
  roles: readonly Role[] = ['privacy'],
  name = `Person ${(count += 1)}`,
): Promise<GivenPerson> {
  const { staff, key } = await addStaff(tools, { name, roles });
  return { id: staff.id, name, key };
}

const NoSuchName = { code: 'no-such-name', status: 422, title: 'It has no name.' } as const;

/** A kind of change that writes a name down; it refuses the name "refuse" after it has written. */
export const naming: ProposalKind = {
  kind: 'name',
  roles: ['privacy', 'partner'],
  carryOut: async (tx, _tools, about, { proposedBy, approvedBy }) => {
    const { name } = about as { name: string };
    await tx('carried_out').insert({ name });
    if (name === 'refuse') throw new Refusal(NoSuchName);
    return { name, proposedBy, approvedBy };
  },
};

/** Makes the table that `naming` writes into. */
export async function prepareNaming({ admin }: House): Promise<void> {
  await admin.raw('create table carried_out (name text not null)');
  await admin.raw('grant select, insert on carried_out to sluice_app');
}

/** How often a name was written down. */
export async function timesNamed({ admin }: House, name: string): Promise<number> {
  return (await admin('carried_out').where({ name })).length;
}

/** An open proposal to write a name down. */
export async function givenProposal(
  tools: Tools,
  by: StaffId,
  { name = 'a name', lifetimeDays = 7 } = {},
): Promise<string> {
  const about = { name };
  const diff = [{ field: 'name', before: null, after: name }];
  const proposal = { tools, kind: naming, about, diff, by, lifetimeDays };
  return (await inTransaction(tools.db, (tx) => proposeChange(tx, proposal))).id;
}
