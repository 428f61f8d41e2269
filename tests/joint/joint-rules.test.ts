import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { RecordType } from '../../src/catalogue/index.ts';
import { pairwiseOf } from '../../src/joint/index.ts';
import { cutRecord, servicesShowing } from '../../src/joint/joint-rules.ts';
import { localDay } from '../../src/platform/local-days.ts';
import { dataClasses, type DataClass } from '../../src/policy/index.ts';
import {
  customerIdOf,
  personIdOf,
  recordIdOf,
  serviceIdOf,
  type HeldRecord,
} from '../../src/records/index.ts';
import type { Relationship } from '../../src/relationships/index.ts';
import { givenHeld, givenRelationship, givenType, midnight } from './given-joint.ts';

const store = serviceIdOf('store');
const hosting = serviceIdOf('hosting');
const shows = (
  relationships: readonly Relationship[],
  record: Partial<HeldRecord>,
  timeZone = 'UTC',
) => servicesShowing(relationships, givenHeld('payment', { id: 'p' }, record), timeZone);
const isShown = (relationship: Partial<Relationship>, record: Partial<HeldRecord>, zone?: string) =>
  shows([givenRelationship(relationship)], record, zone).length > 0;

const inside = { datedAt: midnight('2026-02-01') };

test('promise P11: a record is shown by an active relationship of its service, and by no other', () => {
  expect(shows([], inside)).toEqual([]);
  expect(shows([givenRelationship()], inside)).toEqual([store]);
  expect(isShown({ isActive: false }, inside)).toBe(false);
  expect(isShown({ serviceId: hosting }, inside)).toBe(false);
  expect(isShown({}, { ...inside, serviceId: null })).toBe(true);
  expect(isShown({}, { datedAt: null, datedOn: null })).toBe(false);
});

test('the customer’s own record is shown while any relationship is active, whenever it is dated', () => {
  const own = { type: 'customer', serviceId: null };
  const two = [givenRelationship({ serviceId: hosting }), givenRelationship()];
  expect(shows(two, own)).toEqual([store, hosting].sort());
  expect(shows([...two, ...two], own)).toEqual([store, hosting].sort());
  expect(isShown({ openParts: [] }, own)).toBe(true);
  expect(isShown({ isActive: false }, own)).toBe(false);
});

test('promise P11: a moment is inside from the first instant of an open part to before its end', () => {
  const openParts = [
    { from: midnight('2026-01-10'), until: midnight('2026-01-20') },
    { from: midnight('2026-01-30'), until: null },
  ];
  const isOpen = (instant: string) => isShown({ openParts }, { datedAt: new Date(instant) });
  expect(isOpen('2026-01-09T23:59:59.999Z')).toBe(false);
  expect(isOpen('2026-01-10T00:00:00Z')).toBe(true);
  expect(isOpen('2026-01-19T23:59:59.999Z')).toBe(true);
  expect(isOpen('2026-01-20T00:00:00Z')).toBe(false);
  expect(isOpen('2026-01-25T00:00:00Z')).toBe(false);
  expect(isOpen('2026-01-30T00:00:00Z')).toBe(true);
});

test('a day is inside from the day that sharing began on; never on one that a part ends or begins again on', () => {
  const at = (day: string, hour: number) => new Date(`${day}T${String(hour)}:00:00Z`);
  const attributedAt = at('2026-01-10', 15);
  const openParts = [
    { from: attributedAt, until: at('2026-01-20', 15) },
    { from: at('2026-01-30', 15), until: null },
  ];
  const days = ['09', '10', '11', '19', '20', '21', '29', '30', '31'];
  const shown = (zone: string) =>
    days.filter((day) => isShown({ attributedAt, openParts }, { datedOn: `2026-01-${day}` }, zone));
  expect(shown('UTC')).toEqual(['10', '11', '19', '31']);
  // 15:00 UTC is the next day already in Auckland (UTC+13).
  expect(shown('Pacific/Auckland')).toEqual(['11', '19', '20']);
});

test('whole days agree with moments: where a part is a run of local days, either finds it', () => {
  const day = fc.integer({ min: 1, max: 28 });
  fc.assert(
    fc.property(day, day, day, (a, b, asked) => {
      const date = (one: number) => `2026-02-${String(one).padStart(2, '0')}`;
      const [from, until] = [Math.min(a, b), Math.max(a, b)].map((one) => midnight(date(one)));
      if (!from || !until) throw new Error('no days');
      const relationship = { attributedAt: from, openParts: [{ from, until }] };
      const byDay = isShown(relationship, { datedOn: date(asked) });
      expect(byDay).toBe(isShown(relationship, { datedAt: midnight(date(asked)) }));
      expect(byDay).toBe(
        localDay(from, 'UTC') <= date(asked) && date(asked) < date(Math.max(a, b)),
      );
    }),
  );
});

const pairwise = pairwiseOf(Buffer.alloc(32, 1), givenRelationship().partnerId);
const ada = {
  id: 'ada',
  contact: {
    name: 'Ada',
    kind: 'organisation',
    unknown: 'x',
    address: { city: 'Ulm', planet: 'Earth' },
    people: [{ id: '7', name: 'Eve', secret: 'x' }, { name: 'Bob' }],
  },
  email: { address: 'ada@example.test' },
  additional: { title: 'Director' },
  account: { number: 'A-1' },
  surplus: 'x',
};
const cut = (
  body: HeldRecord['body'],
  classes: readonly DataClass[] = dataClasses,
  type: RecordType = givenType('customer'),
) =>
  cutRecord({
    record: givenHeld(type.name, body),
    type,
    classes,
    pairwise,
    relationship: givenRelationship(),
    services: [store],
  });

test('a record is cut to named fields, each the text that it has on the wire', () => {
  const person = pairwise.idOf('person', personIdOf('ada', '7'));
  const customerId = customerIdOf('ada');
  expect(cut(ada)).toEqual({
    recipientId: givenRelationship().partnerId,
    kind: 'referral',
    services: [store],
    recordType: 'customer',
    recordId: recordIdOf('customer', 'ada'),
    customerId,
    subjectId: pairwise.idOf('customer', customerId),
    position: pairwise.positionOf(customerId, recordIdOf('customer', 'ada')),
    reference: { id: `"id":"${pairwise.idOf('customer', customerId)}"` },
    texts: {
      contact: {
        'contact.kind': '"kind":"organisation"',
        'contact.name': '"name":"Ada"',
        'contact.address.city': '"city":"Ulm"',
        'contact.people': `"people":[{"id":"${person}","name":"Eve"},{"name":"Bob"}]`,
      },
      'contact.email': { 'email.address': '"address":"ada@example.test"' },
      'contact.additional': { 'additional.title': '"title":"Director"' },
      account: { 'account.number': '"number":"A-1"' },
    },
  });
});

test('promise P09: a class that is not asked for leaves no trace, and references always go along', () => {
  fc.assert(
    fc.property(fc.subarray([...dataClasses]), (classes) => {
      const { texts, reference } = cut(ada, classes);
      const all = cut(ada);
      expect(Object.keys(texts).sort()).toEqual(
        classes.filter((one) => all.texts[one] !== undefined).sort(),
      );
      for (const one of classes) expect(texts[one]).toEqual(all.texts[one]);
      expect(reference).toEqual(all.reference);
    }),
  );
});

test('the references of a record are pairwise ids of what they name', () => {
  const { reference } = cut(
    { id: 'i-1', customer: 'ada', service: 'store', number: 'N', issuedOn: '2026-03-01' },
    ['billing'],
    givenType('invoice'),
  );
  expect(reference).toEqual({
    id: `"id":"${pairwise.idOf('invoice', recordIdOf('invoice', 'i-1'))}"`,
    customer: `"customer":"${pairwise.idOf('customer', customerIdOf('ada'))}"`,
    service: `"service":"${pairwise.idOf('service', store)}"`,
  });
});

test('what never leaves is cut, and what is not of the schema’s form becomes nothing', () => {
  const { schema, ...rest } = givenType('customer');
  const secret = { type: 'string', 'x-class': 'never' } as const;
  const type: RecordType = {
    ...rest,
    schema: { ...schema, properties: { ...schema.properties, secret } },
    members: [...rest.members, { name: 'secret', dataClass: 'never', required: false }],
  };
  const shapes = { id: 'ada', secret: 'x', contact: { people: 'nobody', address: ['Ulm'] } };
  expect(cut(shapes, dataClasses, type).texts).toEqual({
    contact: { 'contact.people': '"people":[]' },
  });
  expect(cut({ id: 'ada', contact: { people: [7, null] } }).texts).toEqual({
    contact: { 'contact.people': '"people":[{},{}]' },
  });
  expect(cut({ id: 'ada', contact: null }).texts).toEqual({});
  expect(() => cut({ id: 'p' }, dataClasses, givenType('payment'))).toThrow(/names no customer/);
});
