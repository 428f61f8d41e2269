import type { RecordType } from '../catalogue/index.ts';
import type { JointRecord } from '../joint/index.ts';
import { isSame, type Narrowed } from './narrowing-rules.ts';
import type { JsonSchema } from './document.ts';

/**
 * One joint record through a narrowed view: the very text that the compiled statement gives, for what
 * has no table to read from (previews, pages made again); undefined when nothing of it is shown. It
 * shares the narrowing with the statement and nothing else, so that each can be held to the other.
 */
export function projectRecord(
  type: RecordType,
  { schema, classes }: Narrowed,
  { reference, texts }: Pick<JointRecord, 'reference' | 'texts'>,
): string | undefined {
  const membersOf = (one: string) => type.members.filter(({ dataClass }) => dataClass === one);
  const piecesOf = (one: string, fields: Readonly<Record<string, string>>) =>
    membersOf(one).flatMap(({ name }) => {
      const part = schema.properties?.[name];
      const known = type.schema.properties[name];
      return part && known ? fieldPieces(fields, { known, shown: part, path: name }) : [];
    });
  const data = classes.flatMap((one) => piecesOf(one, texts[one] ?? {}));
  if (data.length === 0) return undefined;
  return `{${[...piecesOf('reference', reference), ...data].join(',')}}`;
}

interface Place {
  readonly known: JsonSchema;
  readonly shown: JsonSchema;
  readonly path: string;
}

/** `"name":value` of the field or object at a place, or nothing where the record has none. */
function fieldPieces(
  fields: Readonly<Record<string, string>>,
  { known, shown, path }: Place,
): string[] {
  const name = path.slice(path.lastIndexOf('.') + 1);
  if (shown.type === 'object') {
    const inner = Object.entries(shown.properties ?? {}).flatMap(([part, below]) => {
      const place = {
        known: known.properties?.[part] ?? {},
        shown: below,
        path: `${path}.${part}`,
      };
      return fieldPieces(fields, place);
    });
    return inner.length > 0 ? [`${JSON.stringify(name)}:{${inner.join(',')}}`] : [];
  }
  const text = Object.hasOwn(fields, path) ? fields[path] : undefined;
  if (text === undefined) return [];
  if (isSame(known, shown)) return [text];
  const list = (JSON.parse(`{${text}}`) as Record<string, unknown>)[name];
  return [`${JSON.stringify(name)}:${JSON.stringify(partOf(list, known, shown))}`];
}

/** What is kept of a value inside a list, built up by naming it. */
function partOf(value: unknown, known: JsonSchema, shown: JsonSchema): unknown {
  if (Array.isArray(value)) {
    return value.map((item: unknown) => partOf(item, known.items ?? {}, shown.items ?? {}));
  }
  if (typeof value !== 'object' || value === null) return value;
  const given = value as Readonly<Record<string, unknown>>;
  const kept = Object.entries(shown.properties ?? {}).flatMap(([name, below]) => {
    if (!Object.hasOwn(given, name)) return [];
    const part = partOf(given[name], known.properties?.[name] ?? {}, below);
    const isHollow = below.type === 'object' && !isSame(known.properties?.[name], below);
    return isHollow && Object.keys(part as object).length === 0 ? [] : [[name, part] as const];
  });
  return Object.fromEntries(kept);
}
