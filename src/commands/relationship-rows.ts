import type { Partner } from '../partners/index.ts';
import type { Database } from '../platform/database.ts';
import {
  customerIdOf,
  findCurrentRecords,
  findCustomerKeys,
  findServices,
  type CustomerId,
} from '../records/index.ts';
import {
  findRelationshipEvents,
  findRelationshipsOfCustomers,
  findRelationshipsOfPartner,
  standingOf,
  stateAsOf,
  type Relationship,
} from '../relationships/index.ts';
import type { Cell } from './frame.ts';

type Row = Readonly<Record<string, Cell>>;

/**
 * Relationships as rows for people, in the order of the customers' keys: as they are, or as they were
 * at a moment by what was known at another.
 */
export async function rowsOfRelationships(
  db: Database,
  partner: Partner,
  relationships: readonly Relationship[],
  asOf?: { at: Date; knownAt: Date },
): Promise<Row[]> {
  const services = await serviceKeys(db);
  const customerIds = [...new Set(relationships.map(({ customerId }) => customerId))];
  const customers = await findCustomerKeys(db, customerIds);
  const events = await findRelationshipEvents(db, customerIds);
  const rows = relationships.flatMap((one) => {
    const booked = events.get(one.id) ?? [];
    const state = asOf ? stateAsOf(booked, asOf) : { ...one, standing: standingOf(one, booked) };
    if (!state) return [];
    return {
      partner: partner.key,
      customer: customers.get(one.customerId) ?? '',
      service: services.get(one.serviceId) ?? '',
      status: state.standing,
      attributed: state.attributedAt.toISOString(),
      activated: state.activatedAt?.toISOString() ?? '',
      ended: state.endedAt?.toISOString() ?? '',
    };
  });
  return rows.sort((a, b) => byText(a.customer, b.customer) || byText(a.service, b.service));
}

/** The ledger's events of a customer with a partner, about one service or all of them. */
export async function rowsOfHistory(
  db: Database,
  partner: Partner,
  { customer, service }: { customer: string; service?: string | undefined },
): Promise<Row[]> {
  const customerId = customerIdOf(customer);
  const services = await serviceKeys(db);
  const all = await findRelationshipsOfPartner(db, partner.id);
  const events = await findRelationshipEvents(db, [customerId]);
  const named = await paymentNames(db, customerId);
  return all
    .filter((one) => one.customerId === customerId)
    .map((one) => ({ key: services.get(one.serviceId) ?? '', booked: events.get(one.id) ?? [] }))
    .filter(({ key }) => service === undefined || key === service)
    .flatMap(({ key, booked }) =>
      booked.map(({ event, at, evidence, actor, bookedAt }) => ({
        service: key,
        event,
        at: at?.toISOString() ?? 'withdrawn',
        booked: bookedAt.toISOString(),
        evidence: named(evidence),
        actor,
      })),
    );
}

/** What was booked of a customer with a partner for a service, from the attribution on. */
export async function rowsOfLedger(
  db: Database,
  {
    customerId,
    partnerId,
    serviceId,
  }: Pick<Relationship, 'customerId' | 'partnerId' | 'serviceId'>,
): Promise<Row[]> {
  const all = await findRelationshipsOfCustomers(db, [customerId]);
  const events = await findRelationshipEvents(db, [customerId]);
  const named = await paymentNames(db, customerId);
  return all
    .filter((one) => one.partnerId === partnerId && one.serviceId === serviceId)
    .flatMap(({ id }) => events.get(id) ?? [])
    .map(({ event, at, evidence, actor }) => ({
      ...{ event, at: at?.toISOString() ?? 'withdrawn', evidence: named(evidence), actor },
    }));
}

async function serviceKeys(db: Database): Promise<Map<string, string>> {
  return new Map((await findServices(db)).map(({ id, key }) => [id, key]));
}

/** Writes the source's key of a payment where the ledger has our id of it. */
async function paymentNames(db: Database, customerId: CustomerId) {
  const payments = await findCurrentRecords(db, { customerIds: [customerId], types: ['payment'] });
  const keys = new Map(payments.map(({ recordId, key }) => [`payment ${recordId}`, key]));
  return (evidence: string): string => {
    const key = keys.get(evidence);
    return key === undefined ? evidence : `payment ${key}`;
  };
}

function byText(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
