import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  approveChange,
  endStaff,
  findProposal,
  findProposals,
  proposalIdOf,
  proposeChange,
  rejectProposal,
  roles as allRoles,
  withdrawProposal,
  type ProposalId,
  type ProposalKind,
  type Role,
} from '../../src/people/index.ts';
import { statusAt } from '../../src/people/proposal-rules.ts';
import { inTransaction } from '../../src/platform/database.ts';
import type { Tools } from '../../src/platform/tools.ts';
import { noon, openHouse, testClock, type House } from '../support/house.ts';
import {
  givenPerson,
  givenProposal,
  naming,
  prepareNaming,
  timesNamed,
  type GivenPerson,
} from './given-people.ts';

const clock = testClock();
const dayMs = 24 * 3600 * 1000;
let house: House;
let tools: Tools;
let ada: GivenPerson;
let ben: GivenPerson;

beforeAll(async () => {
  house = await openHouse({ clock });
  tools = house.tools;
  await prepareNaming(house);
  ada = await givenPerson(tools, ['privacy'], 'Ada');
  ben = await givenPerson(tools, ['partner'], 'Ben');
});
afterAll(() => house.close());

const kinds = [naming];
const approve = (proposalId: string, { id: by }: GivenPerson) =>
  approveChange(tools, { proposalId, by, kinds });
const reject = (proposalId: string, { id: by }: GivenPerson, reason = 'Too wide.') =>
  rejectProposal(tools, { proposalId, by, kinds, reason });
const withdraw = (proposalId: string, { id: by }: GivenPerson, reason = 'A mistake.') =>
  withdrawProposal(tools, { proposalId, by, kinds, reason });
const refusedAs = (code: string) => ({ kind: { code } });
const read = async (id: string) => findProposal(tools.db, id as ProposalId, clock.now());

test('a second person’s approval carries the change out, and says who was who', async () => {
  const id = await givenProposal(tools, ada.id, { name: 'carried' });
  expect(await timesNamed(house, 'carried')).toBe(0);
  const { proposal, outcome } = await approve(id, ben);
  expect(outcome).toEqual({ name: 'carried', proposedBy: ada.id, approvedBy: ben.id });
  expect(proposal).toEqual(await read(id));
  expect(proposal).toMatchObject({
    status: 'approved',
    proposedBy: { id: ada.id, name: 'Ada' },
    decidedBy: { id: ben.id, name: 'Ben' },
    decidedAt: clock.now(),
    diff: [{ field: 'name', before: null, after: 'carried' }],
  });
  expect(await timesNamed(house, 'carried')).toBe(1);
});

test('nobody decides what they proposed themselves; they withdraw it, and others do not', async () => {
  const id = await givenProposal(tools, ada.id, { name: 'own' });
  await expect(approve(id, ada)).rejects.toMatchObject(refusedAs('second-person-needed'));
  await expect(reject(id, ada)).rejects.toMatchObject(refusedAs('second-person-needed'));
  await expect(withdraw(id, ben)).rejects.toMatchObject(refusedAs('proposer-only'));
  expect(await withdraw(id, ada)).toMatchObject({ status: 'withdrawn', reason: 'A mistake.' });
  await expect(approve(id, ben)).rejects.toMatchObject(refusedAs('proposal-decided'));
  expect(await timesNamed(house, 'own')).toBe(0);
});

/** What the app's own role may try in plain SQL; `:id` and so on are bound. */
const forgeries: readonly (readonly [what: string, sql: string, error: RegExp])[] = [
  [
    'the proposer approves',
    `update proposals set status = 'approved', decided_by = :ada, decided_at = proposed_at where id = :id`,
    /second_person/,
  ],
  [
    'the proposer rejects',
    `update proposals set status = 'rejected', decided_by = :ada, decided_at = proposed_at, reason = 'x' where id = :id`,
    /second_person/,
  ],
  [
    'another withdraws',
    `update proposals set status = 'withdrawn', decided_by = :ben, decided_at = proposed_at, reason = 'x' where id = :id`,
    /withdrawn_by_who_proposed/,
  ],
  [
    'nobody approves',
    `update proposals set status = 'approved' where id = :id`,
    /decided_as_a_whole/,
  ],
  [
    'it is approved too late',
    `update proposals set status = 'approved', decided_by = :ben, decided_at = expires_at where id = :id`,
    /decided_in_time/,
  ],
  [
    'it is rejected without a reason',
    `update proposals set status = 'rejected', decided_by = :ben, decided_at = proposed_at where id = :id`,
    /no_without_a_reason/,
  ],
  ['it stays open under a reason', `update proposals set reason = 'x' where id = :id`, /once/],
  [
    'the proposer changes',
    `update proposals set proposed_by = :ben where id = :id`,
    /permission denied/,
  ],
  [
    'it lives on',
    `update proposals set expires_at = 'infinity' where id = :id`,
    /permission denied/,
  ],
  ['it is something else', `update proposals set about = '{}' where id = :id`, /permission denied/],
  ['it is deleted', `delete from proposals where id = :id`, /permission denied/],
  [
    'it begins approved',
    `insert into proposals (id, kind, about, diff, proposed_by, proposed_at, expires_at, status, decided_by, decided_at)
     select gen_random_uuid(), kind, about, diff, proposed_by, proposed_at, expires_at, 'approved', :ben, proposed_at
       from proposals where id = :id`,
    /begins open/,
  ],
];

test.each(forgeries)(
  'plain SQL of the app’s role is refused where %s',
  async (_what, sql, error) => {
    const id = await givenProposal(tools, ada.id);
    const bound = { id, ada: ada.id, ben: ben.id };
    await expect(tools.db.raw(sql, bound)).rejects.toThrow(error);
    expect(await read(id)).toMatchObject({ status: 'open', proposedBy: { id: ada.id } });
  },
);

test('what is decided stays, and what was proposed never changes, even for the database’s owner', async () => {
  const id = await givenProposal(tools, ada.id, { name: 'kept' });
  const change = (sql: string) => house.admin.raw(sql, { id, ben: ben.id });
  const about = `update proposals set about = '{}', status = 'approved', decided_by = :ben, decided_at = proposed_at where id = :id`;
  await expect(change(about)).rejects.toThrow(/never changes/);
  const diff = `update proposals set diff = '[]', status = 'approved', decided_by = :ben, decided_at = proposed_at where id = :id`;
  await expect(change(diff)).rejects.toThrow(/never changes/);
  await approve(id, ben);
  const again = `update proposals set status = 'open', decided_by = null, decided_at = null where id = :id`;
  await expect(change(again)).rejects.toThrow(/decided once/);
  await expect(change('delete from proposals where id = :id')).rejects.toThrow(/append-only/);
  await expect(house.admin.raw('truncate proposals')).rejects.toThrow(/append-only/);
});

test('an expired proposal is never decided, from the very moment it expires', async () => {
  const id = await givenProposal(tools, ada.id, { name: 'late', lifetimeDays: 2 });
  try {
    clock.set(new Date(noon.getTime() + 2 * dayMs));
    expect(await read(id)).toMatchObject({ status: 'expired', decidedBy: null });
    await expect(approve(id, ben)).rejects.toMatchObject(refusedAs('proposal-expired'));
    await expect(reject(id, ben)).rejects.toMatchObject(refusedAs('proposal-expired'));
    await expect(withdraw(id, ada)).rejects.toMatchObject(refusedAs('proposal-expired'));
    expect(await timesNamed(house, 'late')).toBe(0);
    const found = async (status: 'open' | 'expired') => {
      const page = { status, limit: 1000, now: clock.now() };
      return (await findProposals(tools.db, page)).map((one) => one.id);
    };
    expect(await found('expired')).toContain(id);
    expect(await found('open')).not.toContain(id);
    clock.set(new Date(noon.getTime() + 2 * dayMs - 1));
    expect((await approve(id, ben)).proposal.status).toBe('approved');
  } finally {
    clock.set(noon);
  }
});

test('only what is open ever expires', () => {
  const statuses = fc.constantFrom('open', 'approved', 'rejected', 'withdrawn');
  const instants = fc.date({ noInvalidDate: true });
  fc.assert(
    fc.property(statuses, instants, instants, (status, expiresAt, now) => {
      const isPast = now.getTime() >= expiresAt.getTime();
      const expected = status === 'open' && isPast ? 'expired' : status;
      expect(statusAt({ status: status, expiresAt }, now)).toBe(expected);
    }),
  );
});

test('of 20 approvals at once one carries the change out', async () => {
  const id = await givenProposal(tools, ada.id, { name: 'raced' });
  const racers = await Promise.all(Array.from({ length: 20 }, () => givenPerson(tools)));
  const ends = await Promise.allSettled(racers.map((racer) => approve(id, racer)));
  expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  const losers = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason] : []));
  for (const reason of losers) expect(reason).toMatchObject(refusedAs('proposal-decided'));
  expect(await timesNamed(house, 'raced')).toBe(1);
});

test('a change that fails takes its approval back', async () => {
  const id = await givenProposal(tools, ada.id, { name: 'refuse' });
  await expect(approve(id, ben)).rejects.toMatchObject(refusedAs('no-such-name'));
  expect(await read(id)).toMatchObject({ status: 'open', decidedBy: null, decidedAt: null });
  expect(await timesNamed(house, 'refuse')).toBe(0);
  expect(await reject(id, ben)).toMatchObject({ status: 'rejected' });
});

test('a role out of the kind’s is needed to propose and to decide; each of them is enough', async () => {
  for (const role of allRoles) {
    const person = await givenPerson(tools, [role]);
    for (const other of allRoles) {
      const kind = kindFor([other]);
      const proposed = propose(kind, person);
      const isEnough = role === other;
      if (!isEnough) await expect(proposed).rejects.toMatchObject(refusedAs('role-missing'));
      else await proposed;
      const theirs = await propose(kind, await givenPerson(tools, [other]));
      const decided = approveChange(tools, { proposalId: theirs, by: person.id, kinds: [kind] });
      if (!isEnough) await expect(decided).rejects.toMatchObject(refusedAs('role-missing'));
      else expect((await decided).proposal.status).toBe('approved');
    }
  }
});

const kindFor = (roles: readonly Role[]): ProposalKind => ({
  kind: 'nothing',
  roles,
  carryOut: () => Promise.resolve(null),
});

async function propose(
  kind: ProposalKind,
  { id: by }: GivenPerson,
  more: { about?: unknown; diff?: unknown; lifetimeDays?: number } = {},
): Promise<string> {
  const proposal = { tools, kind, about: 1, diff: [], by, ...more };
  return (await inTransaction(tools.db, (tx) => proposeChange(tx, proposal))).id;
}

test('whoever ended between asking and deciding decides nothing', async () => {
  const id = await givenProposal(tools, ada.id);
  const gone = await givenPerson(tools);
  await endStaff(tools, { staffId: gone.id });
  await expect(approve(id, gone)).rejects.toMatchObject(refusedAs('role-missing'));
  await expect(propose(naming, gone)).rejects.toMatchObject(refusedAs('role-missing'));
});

test('what is unknown is refused alike, whatever its form', async () => {
  for (const id of ['00000000-0000-7000-8000-000000000000', 'x', '', 'toString']) {
    await expect(approve(id, ben)).rejects.toMatchObject(refusedAs('unknown-proposal'));
    await expect(reject(id, ben)).rejects.toMatchObject(refusedAs('unknown-proposal'));
  }
  const foreign = await propose(kindFor(['privacy']), ada);
  await expect(approve(foreign, ben)).rejects.toMatchObject(refusedAs('proposal-kind-unknown'));
  expect(proposalIdOf(foreign)).toBe(foreign);
});

test.each([
  ['without anything it is about', { about: undefined }, 'about'],
  ['about a null character', { about: { text: 'a\0b' } }, 'about'],
  ['with half a character', { diff: ['\ud800'] }, 'diff'],
  ['with an endless diff', { diff: Array<number>(400_000).fill(10) }, 'diff'],
  ['for no day', { lifetimeDays: 0 }, 'lifetimeDays'],
  ['for half a day', { lifetimeDays: 0.5 }, 'lifetimeDays'],
  ['for ever', { lifetimeDays: Infinity }, 'lifetimeDays'],
])('a proposal %s is refused', async (_what, more, field) => {
  await expect(propose(naming, ada, more)).rejects.toMatchObject({
    kind: { code: 'invalid-proposal' },
    facts: { field },
  });
});

test.each([
  ['nothing', ''],
  ['blanks', '  '],
  ['1,001 characters', 'x'.repeat(1001)],
  ['a control character', 'a\u0007b'],
])('%s is no reason', async (_what, reason) => {
  const id = await givenProposal(tools, ada.id);
  await expect(reject(id, ben, reason)).rejects.toMatchObject(refusedAs('invalid-proposal'));
});
