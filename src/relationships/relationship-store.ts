import type { PartnerId } from '../partners/index.ts';
import type { Database, Transaction } from '../platform/database.ts';
import type { CustomerId, ServiceId } from '../records/index.ts';
import type { RelationshipState } from './relationship-rules.ts';
import type {
  Relationship,
  RelationshipEvent,
  RelationshipEventKind,
  RelationshipId,
} from './relationship.ts';

interface RelationshipRow {
  readonly customer_id: CustomerId;
  readonly relationship_id: RelationshipId;
  readonly partner_id: PartnerId;
  readonly service_id: ServiceId;
  readonly kind: Relationship['kind'];
  readonly reference: string | null;
  readonly attributed_at: Date;
  readonly activated_at: Date | null;
  readonly ended_at: Date | null;
  readonly open_parts: readonly { from: string; until: string | null }[];
  readonly is_active: boolean;
}

const columns = [
  'customer_id',
  'relationship_id',
  'partner_id',
  'service_id',
  'kind',
  'reference',
  'attributed_at',
  'activated_at',
  'ended_at',
  'open_parts',
  'is_active',
].map((column) => `relationships.${column}`);

/** Every relationship of these customers, ended ones too, in a fixed order. */
export async function findRelationshipsOfCustomers(
  db: Database | Transaction,
  customerIds: readonly CustomerId[],
): Promise<Relationship[]> {
  const rows = await db('relationships')
    .select<RelationshipRow[]>(columns)
    .whereRaw('relationships.customer_id = any(?::uuid[])', [[...customerIds]])
    .orderBy(['relationships.customer_id', 'relationships.relationship_id']);
  return rows.map(relationshipOf);
}

/** Every relationship of a partner, ended ones too, in a fixed order. */
export async function findRelationshipsOfPartner(
  db: Database | Transaction,
  partnerId: PartnerId,
): Promise<Relationship[]> {
  const rows = await db('relationships')
    .select<RelationshipRow[]>(columns)
    .where('relationships.partner_id', partnerId)
    .orderBy(['relationships.customer_id', 'relationships.relationship_id']);
  return rows.map(relationshipOf);
}

/**
 * A partner's relationships with customers that it names: by their ids or by its own references, all
 * in one statement; only those that are active, where nothing else may tell of itself.
 */
export async function findRelationshipsNamed(
  db: Database | Transaction,
  named: {
    partnerId: PartnerId;
    customerIds: readonly CustomerId[];
    references: readonly string[];
    isActiveOnly: boolean;
  },
): Promise<Relationship[]> {
  const rows = await db('relationships')
    .select<RelationshipRow[]>(columns)
    .where('relationships.partner_id', named.partnerId)
    .whereRaw(
      '(relationships.customer_id = any(?::uuid[]) or relationships.reference = any(?::text[]))',
      [[...named.customerIds], [...named.references]],
    )
    .whereRaw('(relationships.is_active or not cast(? as boolean))', [named.isActiveOnly])
    .orderBy(['relationships.customer_id', 'relationships.relationship_id']);
  return rows.map(relationshipOf);
}

/** The relationship of a partner, customer and service that has not ended. */
export async function findOpenRelationship(
  tx: Transaction,
  key: { customerId: CustomerId; partnerId: PartnerId; serviceId: ServiceId },
): Promise<Relationship | undefined> {
  const row = await tx('relationships')
    .select<RelationshipRow[]>(columns)
    .where({
      'relationships.customer_id': key.customerId,
      'relationships.partner_id': key.partnerId,
      'relationships.service_id': key.serviceId,
    })
    .whereNull('relationships.ended_at')
    .first();
  return row && relationshipOf(row);
}

/** Adds a relationship; false where one of its kind stands for this customer and service. */
export async function insertRelationship(
  tx: Transaction,
  relationship: Relationship,
): Promise<boolean> {
  const rows = await tx('relationships')
    .insert({
      customer_id: relationship.customerId,
      relationship_id: relationship.id,
      partner_id: relationship.partnerId,
      service_id: relationship.serviceId,
      kind: relationship.kind,
      reference: relationship.reference,
      ...stateColumns(relationship),
    })
    .onConflict()
    .ignore()
    .returning<{ relationship_id: string }[]>('relationship_id');
  return rows.length === 1;
}

export async function updateRelationshipState(
  tx: Transaction,
  { customerId, id }: Pick<Relationship, 'customerId' | 'id'>,
  state: RelationshipState,
): Promise<void> {
  await tx('relationships')
    .where({ customer_id: customerId, relationship_id: id })
    .update(stateColumns(state));
}

interface EventRow {
  readonly relationship_id: RelationshipId;
  readonly event: RelationshipEventKind;
  readonly at: Date | null;
  readonly evidence: string;
  readonly actor: string;
  readonly booked_at: Date;
}

/** The events of these customers' relationships, each relationship's in the order of booking. */
export async function findRelationshipEvents(
  db: Database | Transaction,
  customerIds: readonly CustomerId[],
): Promise<Map<RelationshipId, RelationshipEvent[]>> {
  const rows = await db('relationship_events')
    .select<EventRow[]>('relationship_id', 'event', 'at', 'evidence', 'actor', 'booked_at')
    .whereRaw('relationship_events.customer_id = any(?::uuid[])', [[...customerIds]])
    .orderBy(['relationship_events.relationship_id', 'relationship_events.sequence']);
  const events = new Map<RelationshipId, RelationshipEvent[]>();
  for (const { relationship_id: id, booked_at: bookedAt, ...row } of rows) {
    const known = events.get(id) ?? [];
    known.push({ ...row, bookedAt });
    events.set(id, known);
  }
  return events;
}

export async function appendRelationshipEvent(
  tx: Transaction,
  { customerId, id }: Pick<Relationship, 'customerId' | 'id'>,
  { sequence, event }: { sequence: number; event: RelationshipEvent },
): Promise<void> {
  await tx('relationship_events').insert({
    customer_id: customerId,
    relationship_id: id,
    sequence,
    event: event.event,
    at: event.at,
    evidence: event.evidence,
    actor: event.actor,
    booked_at: event.bookedAt,
  });
}

function stateColumns(state: RelationshipState): Record<string, unknown> {
  return {
    attributed_at: state.attributedAt,
    activated_at: state.activatedAt,
    ended_at: state.endedAt,
    open_parts: JSON.stringify(state.openParts),
    is_active: state.isActive,
  };
}

function relationshipOf(row: RelationshipRow): Relationship {
  return {
    id: row.relationship_id,
    partnerId: row.partner_id,
    customerId: row.customer_id,
    serviceId: row.service_id,
    kind: row.kind,
    reference: row.reference,
    attributedAt: row.attributed_at,
    activatedAt: row.activated_at,
    endedAt: row.ended_at,
    openParts: row.open_parts.map(({ from, until }) => ({
      from: new Date(from),
      until: until === null ? null : new Date(until),
    })),
    isActive: row.is_active,
  };
}
