import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { changeRelationship, setChoice } from '../../src/intake/index.ts';
import { checkJoint } from '../../src/joint/index.ts';
import { Refusal } from '../../src/platform/refusal.ts';
import { customerIdOf, serviceIdOf } from '../../src/records/index.ts';
import type { RelationshipEventKind } from '../../src/relationships/index.ts';
import {
  customer,
  givenPartner,
  givenRecords,
  givenRelationship,
  invoice,
  money,
  payment,
  service,
  type GivenPartner,
} from '../support/given.ts';
import { openHouse, testClock, type House, type TestClock } from '../support/house.ts';

let house: House;
let clock: TestClock;
let partners: readonly GivenPartner[];

beforeAll(async () => {
  clock = testClock(new Date('2026-01-01T00:00:00Z'));
  house = await openHouse({ clock });
  partners = [
    await givenPartner(house.tools, { key: 'one' }),
    await givenPartner(house.tools, { key: 'two' }),
    await givenPartner(house.tools, {
      key: 'linked',
      kind: 'integration',
      classes: ['contact', 'account', 'business'],
      purposes: ['integration'],
      view: { customer: { properties: { contact: true } } },
    }),
  ];
  await givenRecords(house.tools, [service(), service('hosting')]);
});
afterAll(() => house.close());

/**
 * What should stand, in SQL that shares nothing with the gateway: intervals from the events themselves,
 * and from the choices what the customer refused.
 */
const oracle = `
  with marked as (
    select e.*, r.partner_id, r.service_id, r.kind,
      count(*) filter (where e.event in ('attributed', 'connected')) over (
        partition by e.customer_id, e.relationship_id order by e.sequence) as opened
    from relationship_events e join relationships r using (customer_id, relationship_id)
  ), reasons as (
    select m.*,
      sum(case event when 'suspended' then 1 when 'resumed' then -1 else 0 end) over w as unused,
      (select bool_or(true) from relationship_events x where x.customer_id = m.customer_id
         and x.relationship_id = m.relationship_id and x.event = 'ended' and x.sequence <= m.sequence) as has_ended,
      coalesce((select x.event = 'suspended' from relationship_events x where x.customer_id = m.customer_id
         and x.relationship_id = m.relationship_id and x.event in ('suspended', 'resumed') and x.sequence <= m.sequence
         order by x.sequence desc limit 1), false) as is_suspended,
      coalesce((select x.event = 'disconnected' from relationship_events x where x.customer_id = m.customer_id
         and x.relationship_id = m.relationship_id and x.event in ('connected', 'disconnected') and x.sequence <= m.sequence
         order by x.sequence desc limit 1), false) as is_disconnected,
      coalesce((select x.event = 'opted-out' from relationship_events x where x.customer_id = m.customer_id
         and x.relationship_id = m.relationship_id and x.event in ('opted-out', 'opted-in') and x.sequence <= m.sequence
         order by x.sequence desc limit 1), false) as is_out,
      exists (select 1 from (values (null::uuid), (m.partner_id)) as scope (partner_id)
        where (select c.sharing from choices c where c.customer_id = m.customer_id
          and c.partner_id is not distinct from scope.partner_id and c.booked_at <= m.booked_at
          order by c.sequence desc limit 1) = 'refused') as is_refused,
      lead(at) over w as next_at
    from marked m where event <> 'activated'
    window w as (partition by customer_id, relationship_id order by sequence)
  ), parts as (
    select customer_id, relationship_id, partner_id, service_id, at as begins, next_at as ends,
      (select r.attributed_at from relationships r where r.relationship_id = reasons.relationship_id) as attributed_at
    from reasons where not (coalesce(has_ended, false) or is_suspended or is_disconnected or is_out or is_refused)
  ), paid as (
    select p.customer_id, p.relationship_id
    from parts p join records r on r.customer_id = p.customer_id and r.service_id = p.service_id
      and r.record_type = 'payment' and r.valid_to is null and (r.body #>> '{amount,amount}')::bigint > 0
      and r.dated_at >= p.begins and (p.ends is null or r.dated_at < p.ends)
    group by 1, 2
  ), active as (
    select p.* from parts p join paid using (customer_id, relationship_id)
    where exists (select 1 from parts q where q.customer_id = p.customer_id
      and q.relationship_id = p.relationship_id and q.ends is null)
  )
  select distinct a.partner_id::text || ' ' || r.record_type || ' ' || r.record_id::text as row
  from active a join records r on r.customer_id = a.customer_id and r.valid_to is null
  where r.record_type = 'customer'
     or (r.service_id = a.service_id and (
          (r.dated_at is not null and r.dated_at >= a.begins and (a.ends is null or r.dated_at < a.ends))
       or (r.dated_on is not null and (r.dated_on > (a.begins at time zone 'UTC')::date
             or (r.dated_on = (a.begins at time zone 'UTC')::date and a.begins = a.attributed_at))
           and (a.ends is null or r.dated_on < (a.ends at time zone 'UTC')::date))))`;

const events = [
  'suspended',
  'resumed',
  'connected',
  'disconnected',
  'opted-out',
  'opted-in',
  'ended',
] as const;
const step = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ is: fc.constant('pays' as const), day: fc.nat(40), amount: fc.nat(2) }),
  },
  { weight: 2, arbitrary: fc.record({ is: fc.constant('invoiced' as const), day: fc.nat(40) }) },
  {
    weight: 2,
    arbitrary: fc.record({ is: fc.constant('relates' as const), who: fc.nat(2), at: fc.nat(40) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      is: fc.constant('event' as const),
      who: fc.nat(2),
      event: fc.constantFrom<RelationshipEventKind>(...events),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      is: fc.constant('chooses' as const),
      // the fourth: all partners
      of: fc.nat(3),
      sharing: fc.constantFrom('refused', 'allowed'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ is: fc.constant('corrected' as const), name: fc.nat(3) }) },
);

type Step = typeof step extends fc.Arbitrary<infer One> ? One : never;

/** A joint customer to begin with, mostly: of histories by chance alone hardly one in ten has any. */
const beginning = fc.record({
  who: fc.nat(2),
  at: fc.nat(5),
  pays: fc.integer({ min: 6, max: 40 }),
  isJoint: fc.integer({ min: 0, max: 3 }).map((one) => one > 0),
});
const history = fc.tuple(
  beginning,
  fc.array(fc.tuple(step, fc.boolean()), { minLength: 2, maxLength: 14, size: 'max' }),
);

const dayOf = (day: number) => new Date(Date.UTC(2026, 0, 1 + day)).toISOString();
let customers = 0;

test('after every random history the joint records are what the events and records say', async () => {
  await fc.assert(
    fc.asyncProperty(history, async ([{ who, at, pays, isJoint }, random]) => {
      customers += 1;
      const key = `c${String(customers)}`;
      clock.set(new Date(Date.UTC(2026, 2, 1)));
      await givenRecords(house.tools, [customer(key)]);
      const first: readonly Step[] = isJoint
        ? [
            { is: 'relates', who, at },
            { is: 'pays', day: pays, amount: 1 },
          ]
        : [];
      const steps = [...first.map((one) => [one, true] as const), ...random];
      let serial = 0;
      for (const [one, hosting] of steps) {
        clock.advance(3_600_000);
        serial += 1;
        await act(one, {
          key,
          serial: `${key}-${String(serial)}`,
          at: hosting ? 'hosting' : 'store',
        });
      }
      const { rows: due } = await house.admin.raw<{ rows: { row: string }[] }>(
        `select row from (${oracle}) o order by row`,
      );
      const { rows: standing } = await house.admin.raw<{ rows: { row: string }[] }>(
        `select recipient_id::text || ' ' || record_type || ' ' || record_id::text as row from joint_records order by row`,
      );
      expect(standing).toEqual(due);
    }),
    { numRuns: 60 },
  );
  expect(await checkJoint(house.tools)).toEqual([]);
}, 120_000);

test('the checker finds a row that is missing, one too many and one with another text', async () => {
  const [row] = await house
    .admin<Record<string, unknown>>('joint_records')
    .where('record_type', 'customer')
    .limit(1);
  if (!row) throw new Error('the histories left no joint record');
  const where = {
    recipient_id: row['recipient_id'],
    position: row['position'],
    record_type: row['record_type'],
  };
  const found = async () => (await checkJoint(house.tools)).map(({ difference }) => difference);
  await house.admin('joint_records').where(where).update({ contact: '{}' });
  expect(await found()).toEqual(['other']);
  await house.admin('joint_records').where(where).delete();
  expect(await found()).toEqual(['missing']);
  await house.admin('joint_records').insert(row);
  const stranger = {
    ...row,
    record_id: '00000000-0000-7000-8000-000000000001',
    position: '00000000-0000-7000-8000-000000000002',
  };
  await house.admin('joint_records').insert(stranger);
  expect(await found()).toEqual(['surplus']);
});

async function act(
  one: Step,
  { key, serial, at }: { key: string; serial: string; at: string },
): Promise<void> {
  const { tools } = house;
  const who = partners['who' in one ? one.who : 0]?.partner;
  if (!who) throw new Error('no such partner');
  switch (one.is) {
    case 'pays':
      return givenRecords(tools, [
        payment(serial, key, { service: at, settledAt: dayOf(one.day), amount: money(one.amount) }),
      ]);
    case 'invoiced':
      return givenRecords(tools, [
        invoice(serial, key, { service: at, issuedOn: dayOf(one.day).slice(0, 10) }),
      ]);
    case 'corrected':
      return givenRecords(tools, [
        customer(key, { contact: { kind: 'person', name: `Name ${String(one.name)}` } }),
      ]);
    case 'relates':
      return unlessRefused(() =>
        givenRelationship(tools, who, key, { at: new Date(dayOf(one.at)), serviceKey: at }),
      );
    case 'chooses':
      return unlessRefused(() =>
        setChoice(tools, {
          partner: partners[one.of]?.partner,
          customerId: customerIdOf(key),
          sharing: one.sharing,
          at: clock.now(),
          evidence: 'history',
          actor: 'test',
        }),
      );
    case 'event':
      return unlessRefused(() =>
        changeRelationship(tools, {
          partner: who,
          customerId: customerIdOf(key),
          serviceId: serviceIdOf(at),
          event: one.event,
          at: clock.now(),
          evidence: 'history',
          actor: 'test',
        }),
      );
  }
}

/** A random history asks for what cannot be; that is refused, and nothing changes. */
async function unlessRefused(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
  }
}
