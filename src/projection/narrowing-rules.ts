import { dataClasses, type DataClass } from '../policy/index.ts';
import type { RecordType } from '../catalogue/index.ts';
import type { JsonSchema, ViewDocument } from './document.ts';

/** What is left of a record type when a view, the classes allowed and the fields asked for meet. */
export interface Narrowed {
  /** The catalogue's schema of the type, of which only what is shown is left. */
  readonly schema: JsonSchema;
  /** The classes of which something is shown, in the order in which they were allowed. */
  readonly classes: readonly DataClass[];
  /** Names of the leaves shown, in the catalogue's order: "contact.address.city", "lines.*.amount". */
  readonly fields: readonly string[];
  /** Whether the fields are all that the view lists for this type. */
  readonly isWhole: boolean;
}

/**
 * Narrows a record type to what a view shows of it, to some classes and, where they are given, to
 * some fields, named as in `Narrowed.fields`; the record's own id stays in any case. A member whose
 * class shows nothing but references is left out, and where that is all, nothing is shown: ids leave
 * only together with a field of a class that may. Of a business type nothing is shown without the
 * class: that such a record exists is business data already.
 */
export function narrowType(
  document: ViewDocument,
  type: RecordType,
  { classes, fields }: { classes: readonly DataClass[]; fields?: readonly string[] | undefined },
): Narrowed | undefined {
  const shown = document.properties[type.name];
  if (!shown || (type.isBusiness && !classes.includes('business'))) return undefined;
  const within = narrowRecord(type, shown, classes, fields && new Set(['id', ...fields]));
  const found = new Set(leavesOf(within ?? {}).map(({ dataClass }) => dataClass));
  const shownClasses = classes.filter((one) => found.has(one));
  const schema = within && narrowRecord(type, within, shownClasses);
  if (!schema || shownClasses.length === 0) return undefined;
  const names = namesOf(schema);
  return {
    schema,
    classes: shownClasses,
    fields: names,
    isWhole: names.length === namesOf(narrowRecord(type, shown, dataClasses) ?? {}).length,
  };
}

/** For each record type of a view the fields that it shows, named as in `Narrowed.fields`. */
export function fieldsShown(document: ViewDocument): Record<string, readonly string[]> {
  const types = Object.entries(document.properties);
  return Object.fromEntries(types.map(([type, shown]) => [type, namesOf(shown)]));
}

/** Whether a view shows all of these fields of a record type, named as in `Narrowed.fields`. */
export function showsFields(
  document: ViewDocument,
  recordType: string,
  fields: readonly string[],
): boolean {
  const names = fieldsShown(document)[recordType] ?? [];
  return fields.every((field) => names.includes(field));
}

/** Whether a narrowed part, which is never more than the catalogue has there, is all of it. */
export function isSame(known: JsonSchema | undefined, shown: JsonSchema | undefined): boolean {
  if (!known || !shown) return false;
  return leavesOf(known).length === leavesOf(shown).length;
}

/** The members of these classes, and the record's own references; each cut to the fields given. */
function narrowRecord(
  type: RecordType,
  shown: JsonSchema,
  classes: readonly DataClass[],
  fields?: ReadonlySet<string>,
): JsonSchema | undefined {
  const allowed = new Set<string>([...classes, 'reference']);
  const names = type.members
    .filter(({ dataClass }) => allowed.has(dataClass))
    .map(({ name }) => name);
  const members = Object.entries(shown.properties ?? {}).filter(([name]) => names.includes(name));
  const isKept = ({ path, dataClass }: Leaf) =>
    allowed.has(dataClass ?? '') && (fields?.has(path.join('.')) ?? true);
  return narrow(type.schema, { ...shown, properties: Object.fromEntries(members) }, isKept);
}

/**
 * The part of the catalogue's schema that the view shows and whose leaves are kept, in the
 * catalogue's order; undefined when nothing is.
 */
function narrow(
  known: JsonSchema,
  shown: JsonSchema,
  isKept: (leaf: Leaf) => boolean,
  path: readonly string[] = [],
): JsonSchema | undefined {
  if (known.type === 'object') {
    const kept = Object.entries(known.properties ?? {}).flatMap(([name, inner]) => {
      const listed = shown.properties?.[name];
      const part = listed && narrow(inner, listed, isKept, [...path, name]);
      return part ? [[name, part] as const] : [];
    });
    return kept.length > 0 ? { ...known, properties: Object.fromEntries(kept) } : undefined;
  }
  if (known.type === 'array') {
    const items =
      known.items && shown.items && narrow(known.items, shown.items, isKept, [...path, '*']);
    return items && { ...known, items };
  }
  return isKept({ path, dataClass: known['x-class'] }) ? known : undefined;
}

interface Leaf {
  readonly path: readonly string[];
  readonly dataClass: string | undefined;
}

export function leavesOf(schema: JsonSchema, path: readonly string[] = []): Leaf[] {
  if (schema.type === 'object') {
    return Object.entries(schema.properties ?? {}).flatMap(([name, inner]) =>
      leavesOf(inner, [...path, name]),
    );
  }
  if (schema.type === 'array') return schema.items ? leavesOf(schema.items, [...path, '*']) : [];
  return [{ path, dataClass: schema['x-class'] }];
}

function namesOf(schema: JsonSchema): string[] {
  return leavesOf(schema).map(({ path }) => path.join('.'));
}
