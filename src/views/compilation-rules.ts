import { createHash } from 'node:crypto';
import type { Statement } from '../platform/database.ts';
import { columnOf } from '../joint/index.ts';
import {
  classesOfKind,
  dataClasses,
  type DataClass,
  type PartnerKind,
  type Policy,
} from '../policy/index.ts';
import type { RecordType } from '../catalogue/index.ts';
import type { JsonSchema, ViewDocument } from './view.ts';

/** A view of one record type, ready to run: permitted fields only, and the form they must have. */
export interface CompiledView {
  readonly recordType: string;
  /** The classes that the statement can show. */
  readonly classes: readonly DataClass[];
  /** Names of the leaves shown, in the catalogue's order: "contact.address.city", "lines.*.amount". */
  readonly fields: readonly string[];
  /** Whether the fields are all that the view lists for this type. */
  readonly isWhole: boolean;
  /** $1 recipient, $2 position to go on after, $3 how many, $4 services or null for all. */
  readonly page: Statement;
  /** $1 recipient, $2 record id, $3 services or null for all. */
  readonly single: Statement;
  /** The JSON Schema of one record as it is sent. */
  readonly wire: Record<string, unknown>;
}

/**
 * Compiles what a view shows of a record type, narrowed to some classes, to SQL over the joint
 * records: the text of each field that is shown is picked by its name. Undefined when nothing is
 * left to show: ids leave only together with a field of a class that may. Throws when a class is
 * asked for that the partner's kind may never have (P14).
 */
export function compileView(
  { document, kind, policy }: { document: ViewDocument; kind: PartnerKind; policy: Policy },
  type: RecordType,
  classes: readonly DataClass[],
): CompiledView | undefined {
  const barred = classes.find((one) => !classesOfKind(policy, kind).includes(one));
  if (barred !== undefined) throw new Error(`A ${kind} partner never receives class ${barred}.`);
  const shown = document.properties[type.name];
  if (!shown) return undefined;
  const narrowed = narrowRecord(type, shown, classes);
  const fields = narrowed ? leavesOf(narrowed) : [];
  const shownClasses = classes.filter((one) => fields.some(({ dataClass }) => dataClass === one));
  if (!narrowed || shownClasses.length === 0) return undefined;
  const { record, condition } = recordSql(type, narrowed, shownClasses);
  const row = `select j.position, j.subject_number, j.subject_id, ${record} as record`;
  const where = `from joint_records j where j.recipient_id = $1::uuid and j.record_type = ${literal(type.name)}${condition}`;
  const names = fields.map(({ path }) => path.join('.'));
  return {
    recordType: type.name,
    classes: shownClasses,
    fields: names,
    isWhole: names.length === leavesOf(narrowRecord(type, shown, dataClasses) ?? {}).length,
    page: statement(
      `${row} ${where} and j.position > $2::uuid and ${covered('$4')} order by j.position limit $3`,
    ),
    single: statement(`${row} ${where} and j.record_id = $2::uuid and ${covered('$3')}`),
    wire: wireOf(narrowed),
  };
}

/** Whether a view shows all of these fields of a record type, named as in `CompiledView.fields`. */
export function showsFields(
  document: ViewDocument,
  recordType: string,
  fields: readonly string[],
): boolean {
  const names = fieldsShown(document)[recordType] ?? [];
  return fields.every((field) => names.includes(field));
}

/** For each record type of a view the fields that it shows, named as in `CompiledView.fields`. */
export function fieldsShown(document: ViewDocument): Record<string, readonly string[]> {
  const types = Object.entries(document.properties);
  return Object.fromEntries(
    types.map(([type, shown]) => [type, leavesOf(shown).map(({ path }) => path.join('.'))]),
  );
}

/** Rows of services that the agreement covers; all of them where the parameter is null. */
function covered(parameter: string): string {
  return `(${parameter}::uuid[] is null or j.services && ${parameter}::uuid[])`;
}

/**
 * All rows in one line, with the epoch of the recipient's log: there is a line without rows too,
 * the epoch is read once, and one long text costs the driver less than many short ones.
 */
function statement(rows: string): Statement {
  const listed = (value: string) => `string_agg(${value}, ',' order by p.position)`;
  const text = `select log_epoch($1::uuid)::text as epoch,
  ${listed('p.record')} as records, ${listed('octet_length(p.record)::text')} as bytes,
  ${listed('p.position::text')} as positions, ${listed('p.subject_number::text')} as subject_numbers,
  ${listed('p.subject_id')} as subject_ids
from (${rows}) p`;
  const name = `v_${createHash('sha256').update(text).digest('hex').slice(0, 24)}`;
  return { name, text };
}

/**
 * What is shown of a record: the members of these classes, and the record's own references. A
 * reference inside a member goes with the member's class. Of a business type nothing is shown
 * without the class: that such a record exists is business data already.
 */
function narrowRecord(
  type: RecordType,
  shown: JsonSchema,
  classes: readonly DataClass[],
): JsonSchema | undefined {
  if (type.isBusiness && !classes.includes('business')) return undefined;
  const allowed = new Set<string>([...classes, 'reference']);
  const names = type.members
    .filter(({ dataClass }) => allowed.has(dataClass))
    .map(({ name }) => name);
  const members = Object.entries(shown.properties ?? {}).filter(([name]) => names.includes(name));
  return narrow(type.schema, { ...shown, properties: Object.fromEntries(members) }, allowed);
}

/**
 * The part of the catalogue's schema that the view shows and whose leaves are of these classes, in
 * the catalogue's order; undefined when nothing is.
 */
function narrow(
  known: JsonSchema,
  shown: JsonSchema,
  classes: ReadonlySet<string>,
): JsonSchema | undefined {
  if (known.type === 'object') {
    const kept = Object.entries(known.properties ?? {}).flatMap(([name, inner]) => {
      const listed = shown.properties?.[name];
      const part = listed && narrow(inner, listed, classes);
      return part ? [[name, part] as const] : [];
    });
    return kept.length > 0 ? { ...known, properties: Object.fromEntries(kept) } : undefined;
  }
  if (known.type === 'array') {
    const items = known.items && shown.items && narrow(known.items, shown.items, classes);
    return items && { ...known, items };
  }
  return classes.has(known['x-class'] ?? '') ? known : undefined;
}

interface Leaf {
  readonly path: readonly string[];
  readonly dataClass: string | undefined;
}

/** Every field below a node of a view; `*` stands for the items of a list. */
export function leavesOf(schema: JsonSchema, path: readonly string[] = []): Leaf[] {
  if (schema.type === 'object') {
    return Object.entries(schema.properties ?? {}).flatMap(([name, inner]) =>
      leavesOf(inner, [...path, name]),
    );
  }
  if (schema.type === 'array') return schema.items ? leavesOf(schema.items, [...path, '*']) : [];
  return [{ path, dataClass: schema['x-class'] }];
}

function recordSql(
  type: RecordType,
  shown: JsonSchema,
  classes: readonly DataClass[],
): { record: string; condition: string } {
  const piecesFor = (one: DataClass | 'reference'): string[] => {
    const kept = type.members.filter(({ dataClass }) => dataClass === one);
    const properties = kept.flatMap(({ name }) => {
      const part = shown.properties?.[name];
      return part ? [[name, part] as const] : [];
    });
    const column = `j.${one === 'reference' ? one : columnOf(one)}`;
    return piecesOf(column, type.schema, { properties: Object.fromEntries(properties) });
  };
  const data = classes.flatMap(piecesFor);
  const isCertainly = type.members.some(
    ({ name, dataClass, required }) =>
      required && dataClass !== 'reference' && isCertain(type.schema, shown, name),
  );
  return {
    record: `'{' || ${joined([...piecesFor('reference'), ...data])} || '}'`,
    condition: isCertainly ? '' : ` and ${joined(data)} <> ''`,
  };
}

/** Whether every record of the type shows this member: it, or something in it, is required. */
function isCertain(schema: JsonSchema, shown: JsonSchema, name: string): boolean {
  const known = schema.properties?.[name];
  const kept = shown.properties?.[name];
  if (!known || !kept) return false;
  if (known.type !== 'object') return true;
  return (known.required ?? []).some((inner) => isCertain(known, kept, inner));
}

/**
 * One SQL text per kept member of an object: `"name":value`, or null where the record has none.
 * A column holds the texts of its fields by their paths.
 */
function piecesOf(
  column: string,
  known: JsonSchema,
  shown: JsonSchema,
  path: readonly string[] = [],
): string[] {
  return Object.entries(shown.properties ?? {}).map(([name, kept]) => {
    const schema = known.properties?.[name] ?? kept;
    const field = [...path, name];
    if (kept.type === 'object') {
      const inner = joined(piecesOf(column, schema, kept, field));
      return `${label(name)} || '{' || nullif(${inner}, '') || '}'`;
    }
    const text = `(${column} ->> ${literal(field.join('.'))})`;
    if (isSame(schema, kept)) return text;
    return listOf(name, `(('{' || ${text} || '}')::json -> ${literal(name)})`, schema, kept);
  });
}

/** A list whose items are shown in part: each is taken apart, and what is kept is named. */
function listOf(name: string, list: string, known: JsonSchema, shown: JsonSchema): string {
  const item = `'{' || ${joined(itemPieces('i.item', known.items ?? {}, shown.items ?? {}))} || '}'`;
  return `${label(name)} || case when ${list} is not null then '[' || coalesce(
    (select string_agg(${item}, ',' order by i.n)
     from json_array_elements(${list}) with ordinality as i(item, n)), '') || ']' end`;
}

function itemPieces(object: string, known: JsonSchema, shown: JsonSchema): string[] {
  return Object.entries(shown.properties ?? {}).map(([name, kept]) => {
    const schema = known.properties?.[name] ?? kept;
    const value = `(${object} -> ${literal(name)})`;
    if (isSame(schema, kept)) return `${label(name)} || ${value}::text`;
    if (kept.type === 'array') return listOf(name, value, schema, kept);
    const inner = joined(itemPieces(value, schema, kept));
    return `${label(name)} || '{' || nullif(${inner}, '') || '}'`;
  });
}

function label(name: string): string {
  return literal(`${JSON.stringify(name)}:`);
}

function joined(pieces: readonly string[]): string {
  return `concat_ws(',', ${pieces.join(', ')})`;
}

/** Whether a narrowed part, which is never more than the catalogue has there, is all of it. */
function isSame(known: JsonSchema | undefined, shown: JsonSchema | undefined): boolean {
  if (!known || !shown) return false;
  return leavesOf(known).length === leavesOf(shown).length;
}

/** The form on the wire: closed, ids as pairwise ids, nothing required but the record's own id. */
function wireOf(schema: JsonSchema, isRecord = true): Record<string, unknown> {
  if (schema.type === 'object') {
    const properties = Object.fromEntries(
      Object.entries(schema.properties ?? {}).map(([name, inner]) => [name, wireOf(inner, false)]),
    );
    const required = isRecord ? { required: ['id'] } : {};
    return { type: 'object', additionalProperties: false, properties, ...required };
  }
  if (schema.type === 'array') {
    return { type: 'array', ...(schema.items && { items: wireOf(schema.items, false) }) };
  }
  return schema['x-class'] === 'reference'
    ? { type: 'string', pattern: '^[a-z]{3}_[A-Za-z0-9_-]{22}$' }
    : { type: schema.type };
}

/** A text literal of SQL; names come from the catalogue, and still nothing is trusted. */
function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
