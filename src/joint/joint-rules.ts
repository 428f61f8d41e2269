import { localDay } from '../platform/local-days.ts';
import type { DataClass } from '../policy/index.ts';
import type { RecordType, SchemaNode } from '../catalogue/index.ts';
import { personIdOf, recordIdOf, type HeldRecord, type ServiceId } from '../records/index.ts';
import { isOpenAt, type Relationship } from '../relationships/index.ts';
import type { JointRecord } from './joint.ts';
import type { Pairwise } from './pairwise-rules.ts';

/**
 * The services through which a partner's relationships with a customer let a record be seen; none,
 * when it is not visible. The customer's own record is while a relationship is active; any other
 * while the one for its service is, and its date lies in an open part. A day lies in a part that
 * begins with the relationship on it, and in no other that begins or ends on it.
 */
export function servicesShowing(
  relationships: readonly Relationship[],
  record: Pick<HeldRecord, 'type' | 'serviceId' | 'datedAt' | 'datedOn'>,
  timeZone: string,
): ServiceId[] {
  const showing = relationships.filter((relationship) => shows(relationship, record, timeZone));
  return [...new Set(showing.map(({ serviceId }) => serviceId))].sort();
}

function shows(
  { isActive, serviceId, openParts, attributedAt }: Relationship,
  { type, serviceId: ofService, datedAt, datedOn }: Parameters<typeof servicesShowing>[1],
  timeZone: string,
): boolean {
  if (!isActive) return false;
  if (type === 'customer') return true;
  if (ofService !== null && ofService !== serviceId) return false;
  if (datedAt) return isOpenAt(openParts, datedAt);
  if (datedOn === null) return false;
  return openParts.some(
    ({ from, until }) =>
      isWithin(datedOn, localDay(from, timeZone), from <= attributedAt) &&
      (until === null || datedOn < localDay(until, timeZone)),
  );
}

/** The day on which sharing begins counts; the day on which it begins again was partly closed. */
function isWithin(day: string, firstDay: string, isBeginning: boolean): boolean {
  return isBeginning ? firstDay <= day : firstDay < day;
}

/** Cuts a record to the classes given; what the schema does not name never exists. */
export function cutRecord({
  record,
  type,
  classes,
  pairwise,
  relationship,
  services,
}: {
  record: HeldRecord;
  services: readonly ServiceId[];
  type: RecordType;
  classes: readonly DataClass[];
  pairwise: Pairwise;
  relationship: Pick<Relationship, 'partnerId' | 'kind'>;
}): JointRecord {
  const customerKey = record.body[type.name === 'customer' ? 'id' : 'customer'];
  if (typeof customerKey !== 'string') throw new Error('A record names no customer.');
  const build = builderOf(pairwise, customerKey);
  const texts: Partial<Record<DataClass, Record<string, string>>> = {};
  const reference: Record<string, string> = {};
  for (const { name, dataClass } of type.members) {
    const schema = type.schema.properties[name];
    const value = record.body[name];
    if (schema === undefined || value === undefined) continue;
    if (dataClass === 'never') continue;
    if (dataClass !== 'reference' && !classes.includes(dataClass)) continue;
    for (const [path, text] of fieldTexts(name, schema, build(schema, value))) {
      if (dataClass === 'reference') reference[path] = text;
      else (texts[dataClass] ??= {})[path] = text;
    }
  }
  return {
    recipientId: relationship.partnerId,
    kind: relationship.kind,
    services,
    recordType: type.name,
    recordId: record.recordId,
    customerId: record.customerId,
    subjectId: pairwise.idOf('customer', record.customerId),
    position: pairwise.positionOf(record.customerId, record.recordId),
    reference,
    texts,
  };
}

/** The fields of a built value, each by its path; a list is one field. */
function fieldTexts(path: string, schema: SchemaNode, value: unknown): [string, string][] {
  if (schema.type === 'object' && isPlain(value)) {
    return Object.entries(value).flatMap(([name, inner]) => {
      const node = schema.properties[name];
      return node === undefined ? [] : fieldTexts(`${path}.${name}`, node, inner);
    });
  }
  const name = path.slice(path.lastIndexOf('.') + 1);
  return [[path, `${JSON.stringify(name)}:${JSON.stringify(value)}`]];
}

/** Builds a value up from its schema, in the schema's order, with every reference made pairwise. */
function builderOf(pairwise: Pairwise, customerKey: string) {
  const build = (schema: SchemaNode, value: unknown): unknown => {
    if (schema.type === 'array') {
      return Array.isArray(value) ? value.map((item: unknown) => build(schema.items, item)) : [];
    }
    if (schema.type === 'object') {
      if (!isPlain(value)) return {};
      return Object.fromEntries(
        Object.entries(schema.properties)
          .filter(([name]) => Object.hasOwn(value, name))
          .map(([name, inner]) => [name, build(inner, value[name])]),
      );
    }
    const target = schema['x-refers-to'];
    return target === undefined ? value : pairwise.idOf(target, idBehind(target, String(value)));
  };
  /** A contact person's key is the customer's own; every other key is its type's. */
  const idBehind = (type: string, key: string): string =>
    type === 'person' ? personIdOf(customerKey, key) : recordIdOf(type, key);
  return build;
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
