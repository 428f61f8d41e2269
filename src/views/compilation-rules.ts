import { createHash } from 'node:crypto';
import type { Statement } from '../platform/database.ts';
import { columnOf } from '../joint/index.ts';
import { dataClasses, type DataClass } from '../policy/index.ts';
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
  /** $1 recipient, $2 position to go on after, $3 how many. */
  readonly page: Statement;
  /** $1 recipient, $2 record id. */
  readonly single: Statement;
  /** The JSON Schema of one record as it is sent. */
  readonly wire: Record<string, unknown>;
}

/**
 * Compiles what a view shows of a record type, narrowed to some classes, to SQL over the joint
 * records. A class that is shown whole is its text as it stands; one that is shown in part is
 * taken apart by naming what is kept. Undefined when nothing is left to show: ids leave only
 * together with a field of a class that may.
 */
export function compileView(
  document: ViewDocument,
  type: RecordType,
  classes: readonly DataClass[],
): CompiledView | undefined {
  const shown = document.properties[type.name];
  if (!shown) return undefined;
  const narrowed = narrow(type.schema, shown, new Set<string>([...classes, 'reference']));
  const fields = narrowed ? leavesOf(narrowed) : [];
  const shownClasses = classes.filter((one) => fields.some(({ dataClass }) => dataClass === one));
  if (!narrowed || shownClasses.length === 0) return undefined;
  const { record, laterals, condition } = recordSql(type, narrowed, shownClasses);
  const from = `from joint_records j${laterals}`;
  const row = `j.position, j.subject_number, j.subject_id, ${record} as record`;
  const where = `where j.recipient_id = $1::uuid and j.record_type = ${literal(type.name)}${condition}`;
  const names = fields.map(({ path }) => path.join('.'));
  return {
    recordType: type.name,
    classes: shownClasses,
    fields: names,
    isWhole: names.length === leavesOf(narrow(type.schema, shown, everyClass) ?? {}).length,
    page: statement(
      `select log_epoch($1::uuid)::text as epoch, p.* from (select) s left join lateral (
  select ${row} ${from} ${where} and j.position > $2::uuid order by j.position limit $3
) p on true order by p.position`,
    ),
    single: statement(
      `select log_epoch($1::uuid)::text as epoch, p.* from (select) s left join lateral (
  select ${row} ${from} ${where} and j.record_id = $2::uuid
) p on true`,
    ),
    wire: wireOf(narrowed),
  };
}

const everyClass = new Set<string>([...dataClasses, 'reference']);

function statement(text: string): Statement {
  const name = `v_${createHash('sha256').update(text).digest('hex').slice(0, 24)}`;
  return { name, text };
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

function leavesOf(schema: JsonSchema, path: readonly string[] = []): Leaf[] {
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
): { record: string; laterals: string; condition: string } {
  const apart: string[] = [];
  const columns = (['reference', ...classes] as const).flatMap((one) => {
    const column = one === 'reference' ? one : columnOf(one);
    const members = type.members.filter(({ dataClass }) => dataClass === one);
    const kept = members.filter(({ name }) => shown.properties?.[name]);
    if (kept.length === 0) return [];
    const isWhole =
      kept.length === members.length &&
      kept.every(({ name }) => isSame(type.schema.properties?.[name], shown.properties?.[name]));
    if (isWhole) return [`j.${column}`];
    apart.push(column);
    return piecesOf(`apart.${column}`, type.schema, {
      type: 'object',
      properties: Object.fromEntries(
        kept.map(({ name }) => [name, shown.properties?.[name] ?? {}]),
      ),
    });
  });
  const laterals =
    apart.length === 0
      ? ''
      : ` cross join lateral (select ${apart
          .map((column) => `('{' || j.${column} || '}')::json as ${column}`)
          .join(', ')} offset 0) apart`;
  const certain = type.members.some(
    ({ name, dataClass, required }) =>
      required && dataClass !== 'reference' && isCertain(type.schema, shown, name),
  );
  const references = columns.filter((text) => text.includes('reference'));
  const data = columns.filter((text) => !references.includes(text));
  return {
    record: `'{' || concat_ws(',', ${columns.join(', ')}) || '}'`,
    laterals,
    condition: certain ? '' : ` and concat_ws(',', ${data.join(', ')}) <> ''`,
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

/** One SQL text per kept member of an object: `"name":value`, or null where the record has none. */
function piecesOf(object: string, known: JsonSchema, shown: JsonSchema): string[] {
  return Object.entries(shown.properties ?? {}).map(([name, kept]) => {
    const schema = known.properties?.[name];
    const value = `(${object} -> ${literal(name)})`;
    const label = literal(`${JSON.stringify(name)}:`);
    if (!schema || isSame(schema, kept)) return `${label} || ${value}::text`;
    return `${label} || ${partOf(value, schema, kept)}`;
  });
}

function partOf(value: string, known: JsonSchema, shown: JsonSchema): string {
  if (known.type === 'array' && known.items && shown.items) {
    const item = objectOf(piecesOf('i.item', known.items, shown.items), true);
    return `case when ${value} is not null then '[' || coalesce((select string_agg(${item}, ',' order by i.n)
      from json_array_elements(${value}) with ordinality as i(item, n)), '') || ']' end`;
  }
  return objectOf(piecesOf(value, known, shown), false);
}

function objectOf(pieces: readonly string[], mayBeEmpty: boolean): string {
  const joined = `concat_ws(',', ${pieces.join(', ')})`;
  return `'{' || ${mayBeEmpty ? joined : `nullif(${joined}, '')`} || '}'`;
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
