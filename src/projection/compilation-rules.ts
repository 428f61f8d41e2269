import { createHash } from 'node:crypto';
import type { ReadStatement } from '../platform/database.ts';
import { columnOf } from '../joint/index.ts';
import { classesOfKind, type DataClass, type PartnerKind, type Policy } from '../policy/index.ts';
import type { RecordType } from '../catalogue/index.ts';
import { isSame, narrowType, type Narrowed } from './narrowing-rules.ts';
import type { JsonSchema, ViewDocument } from './document.ts';

/** What the rows of a page can be narrowed by, beside its position. */
export interface PageFilter {
  readonly customer: boolean;
  readonly date: boolean;
}

/** A view of one record type, ready to run: permitted fields only, and the form they must have. */
export interface CompiledView {
  readonly recordType: string;
  /** The classes that the statement can show. */
  readonly classes: readonly DataClass[];
  /** Names of the leaves shown, in the catalogue's order: "contact.address.city", "lines.*.amount". */
  readonly fields: readonly string[];
  /** Whether the fields are all that the view lists for this type. */
  readonly isWhole: boolean;
  /** Whether records can be asked for by customer: only where the reader sees whose they are. */
  readonly isByCustomer: boolean;
  /** How the records are dated, where the reader sees the date. */
  readonly datedBy: 'date' | 'instant' | undefined;
  /** $1 recipient, $2 position to go on after, $3 how many, $4 services or null for all. */
  readonly page: ReadStatement;
  /**
   * The page narrowed by customer (first and last position, pairwise id), by date (from, to; for
   * instants each as whole seconds and nine digits of fraction), or both: after the page's values.
   */
  readonly filteredPage: (filter: PageFilter) => ReadStatement;
  /** $1 recipient, $2 record id, $3 services or null for all. */
  readonly single: ReadStatement;
  /** The JSON Schema of one record as it is sent. */
  readonly wire: Record<string, unknown>;
}

/**
 * Compiles what a view shows of a record type, narrowed to some classes and fields, to SQL over the
 * joint records: the text of each field that is shown is picked by its name. Undefined when nothing
 * is left to show. Narrowed to fields, which callers choose as they like, its statements are not
 * kept by the database. Throws when a class is asked for that the partner's kind may never have (P14).
 */
export function compileView(
  { document, kind, policy }: { document: ViewDocument; kind: PartnerKind; policy: Policy },
  type: RecordType,
  classes: readonly DataClass[],
  fields?: readonly string[],
): CompiledView | undefined {
  const barred = classes.find((one) => !classesOfKind(policy, kind).includes(one));
  if (barred !== undefined) throw new Error(`A ${kind} partner never receives class ${barred}.`);
  const visible = narrowType(document, type, { classes });
  const narrowed = fields ? narrowType(document, type, { classes, fields }) : visible;
  if (!visible || !narrowed) return undefined;
  const { record, condition } = recordSql(type, narrowed);
  const row = `select j.position, j.subject_number, j.subject_id, ${record} as record`;
  const where = `from joint_records j where j.recipient_id = $1::uuid and j.record_type = ${literal(type.name)}${condition}`;
  const statement = fields ? unnamed : named;
  const pageOf = (filter: string) =>
    statement(
      `${row} ${where} and j.position > $2::uuid and ${covered('$4')}${filter} order by j.position limit $3`,
    );
  return {
    recordType: type.name,
    classes: narrowed.classes,
    fields: narrowed.fields,
    isWhole: narrowed.isWhole,
    isByCustomer: visible.fields.includes(customerFieldOf(type)),
    datedBy: dateOf(type, visible)?.kind,
    page: pageOf(''),
    filteredPage: (filter) => pageOf(filterSql(type, visible, filter)),
    single: statement(`${row} ${where} and j.record_id = $2::uuid and ${covered('$3')}`),
    wire: wireOf(narrowed.schema),
  };
}

function customerFieldOf(type: RecordType): string {
  return type.name === 'customer' ? 'id' : 'customer';
}

/** The member that says when, where it is shown. */
function dateOf(type: RecordType, visible: Narrowed): RecordType['datedBy'] {
  const dated = type.datedBy;
  return dated && visible.fields.includes(dated.member) ? dated : null;
}

function filterSql(type: RecordType, visible: Narrowed, { customer, date }: PageFilter): string {
  const byCustomer =
    ' and j.position >= $5::uuid and j.position <= $6::uuid and j.subject_id = $7::text';
  return `${customer ? byCustomer : ''}${date ? dateSql(type, visible, customer ? 8 : 5) : ''}`;
}

/** Instants may be written with different offsets and lengths of fraction: they are compared exactly. */
function dateSql(type: RecordType, visible: Narrowed, first: number): string {
  const dated = dateOf(type, visible);
  const dataClass = type.members.find(({ name }) => name === dated?.member)?.dataClass;
  if (!dated || dataClass === undefined || dataClass === 'reference' || dataClass === 'never') {
    throw new Error(`The date of a ${type.name} is not shown.`);
  }
  const field = `(j.${columnOf(dataClass)} ->> ${literal(dated.member)})`;
  const start = JSON.stringify(dated.member).length + 3;
  const parameter = (n: number) => `$${String(first + n)}`;
  if (dated.kind === 'date') {
    const day = `substr(${field}, ${String(start)}, 10) collate "C"`;
    return ` and ${day} >= ${parameter(0)}::text and ${day} < ${parameter(1)}::text`;
  }
  const value = `rtrim(substr(${field}, ${String(start)}), '"')`;
  const seconds = `(left(${value}, 19) || substring(${value} from '(?:Z|[+-][0-9:]{5})$'))::timestamptz`;
  const fraction = `rpad(coalesce(substring(${value} from '[.]([0-9]+)'), ''), 9, '0') collate "C"`;
  const bound = (n: number) => `(${parameter(n)}::timestamptz, ${parameter(n + 1)}::text)`;
  return ` and (${seconds}, ${fraction}) >= ${bound(0)} and (${seconds}, ${fraction}) < ${bound(2)}`;
}

/** Rows of services that the agreement covers; all of them where the parameter is null. */
function covered(parameter: string): string {
  return `(${parameter}::uuid[] is null or j.services && ${parameter}::uuid[])`;
}

/**
 * All rows in two lists, with the epoch of the recipient's log: there is a line without rows too,
 * the epoch is read once, and two long texts cost both sides less than many short ones.
 */
function unnamed(rows: string): ReadStatement {
  const listed = (value: string) => `string_agg(${value}, ',' order by p.position)`;
  const about = ['octet_length(p.record)', 'p.position', 'p.subject_number', 'p.subject_id']
    .map((value) => `${value}::text`)
    .join(" || ' ' || ");
  const text = `select log_epoch($1::uuid)::text as epoch,
  ${listed('p.record')} as records, ${listed(about)} as abouts
from (${rows}) p`;
  return { text };
}

/** The same, planned once for each connection. */
function named(rows: string): ReadStatement {
  const { text } = unnamed(rows);
  return { name: `v_${createHash('sha256').update(text).digest('hex').slice(0, 24)}`, text };
}

function recordSql(
  type: RecordType,
  { schema: shown, classes }: Narrowed,
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
