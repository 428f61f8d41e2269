import { readCatalogue, type RecordType } from '../../src/catalogue/index.ts';
import type { PartnerId } from '../../src/partners/index.ts';
import {
  customerIdOf,
  recordIdOf,
  serviceIdOf,
  type HeldRecord,
  type JsonObject,
} from '../../src/records/index.ts';
import type { Relationship, RelationshipId } from '../../src/relationships/index.ts';

/** Relationships and records of one customer, as values; a test changes what it is about. */

const catalogue = readCatalogue([]);

export function givenType(name: string): RecordType {
  const type = catalogue.types.get(name);
  if (!type) throw new Error(`There is no record type ${name}.`);
  return type;
}

export const midnight = (day: string) => new Date(`${day}T00:00:00Z`);

export function givenRelationship(more: Partial<Relationship> = {}): Relationship {
  return {
    id: '00000000-0000-4000-8000-00000000000a' as RelationshipId,
    partnerId: '00000000-0000-4000-8000-000000000001' as PartnerId,
    customerId: customerIdOf('ada'),
    serviceId: serviceIdOf('store'),
    kind: 'referral',
    reference: null,
    attributedAt: midnight('2026-01-10'),
    activatedAt: midnight('2026-01-12'),
    endedAt: null,
    openParts: [{ from: midnight('2026-01-10'), until: null }],
    isActive: true,
    ...more,
  };
}

export function givenHeld(
  type: string,
  body: JsonObject,
  more: Partial<HeldRecord> = {},
): HeldRecord {
  const key = body['id'] as string;
  return {
    customerId: customerIdOf('ada'),
    type,
    recordId: recordIdOf(type, key),
    key,
    serviceId: type === 'customer' ? null : serviceIdOf('store'),
    datedAt: null,
    datedOn: null,
    body,
    validFrom: midnight('2026-01-01'),
    validTo: null,
    ...more,
  };
}
