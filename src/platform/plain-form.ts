/** Whether a body is plainly of a form: true is certain, false means that it must be looked at closely. */
export type PlainForm = (body: Buffer) => boolean;

interface Schema {
  readonly type?: string;
  readonly additionalProperties?: false;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly pattern?: string;
  readonly anyOf?: readonly Schema[];
}

/**
 * Compiles a closed JSON Schema to regular expressions over the bytes as we write them: members in
 * the schema's order, nothing between tokens, no \u escape. They accept nothing that the schema
 * would not, without building a single object. Undefined for a schema with anything else in it.
 */
export function plainFormOf(schema: unknown): PlainForm | undefined {
  const page = schema as Schema;
  const { data, next } = page.properties ?? {};
  const isPage = Object.keys(page.properties ?? {}).join() === 'data,next' && isClosed(page);
  const item = patternOf(isPage ? data?.items : page);
  const last = isPage ? patternOf(next) : undefined;
  if (item === undefined || (isPage && last === undefined)) return undefined;
  if (!isPage) {
    const whole = new RegExp(`^${item}$`);
    return (body) => whole.test(body.toString('latin1'));
  }
  // Record by record: one expression over a long page would keep a way back for each character.
  const record = new RegExp(`${item}(?:,(?=\\{)|(?=\\]))`, 'y');
  const end = new RegExp(`\\],"next":${last ?? ''}\\}$`, 'y');
  return (body) => {
    const bytes = body.toString('latin1');
    const begin = '{"data":[';
    if (!bytes.startsWith(begin)) return false;
    let at = begin.length;
    for (record.lastIndex = at; record.test(bytes); at = record.lastIndex);
    end.lastIndex = at;
    return end.test(bytes);
  };
}

function isClosed(page: Schema): boolean {
  const isList = page.properties?.['data']?.type === 'array';
  return isList && isKnown(page) && page.type === 'object' && page.additionalProperties === false;
}

function isKnown(schema: Schema): boolean {
  return Object.keys(schema).every((keyword) => known.has(keyword));
}

const known = new Set([
  'type',
  'additionalProperties',
  'properties',
  'required',
  'items',
  'pattern',
  'anyOf',
]);
const text = String.raw`"[^"\\\x00-\x1f]*(?:\\["\\/bfnrt][^"\\\x00-\x1f]*)*"`;
const leaves: Readonly<Record<string, string>> = {
  string: text,
  // Longer ones lose digits in a double.
  integer: '-?(?:0|[1-9][0-9]{0,14})',
  boolean: '(?:true|false)',
  null: 'null',
};

function patternOf(schema: Schema | undefined): string | undefined {
  if (!schema || !isKnown(schema)) return undefined;
  if (schema.anyOf) return joined(schema.anyOf.map(patternOf), (all) => `(?:${all.join('|')})`);
  if (schema.type === 'object') return objectOf(schema);
  if (schema.type === 'array') {
    return joined([patternOf(schema.items)], ([item = '']) => {
      return String.raw`\[(?:${item}(?:,(?!\])|(?=\])))*\]`;
    });
  }
  // The one pattern there is: of ids, whose characters need no escape.
  const inner = /^\^([[\]{}A-Za-z0-9_-]+)\$$/.exec(schema.pattern ?? '')?.[1];
  if (schema.pattern !== undefined) return inner === undefined ? undefined : `"${inner}"`;
  return leaves[schema.type ?? ''];
}

/** Members in their order, each at most once; only the first may be one that must be there. */
function objectOf({ properties = {}, required = [], ...rest }: Schema): string | undefined {
  const names = Object.keys(properties);
  const isFirst = required.every((name) => name === names[0]);
  const isPlain = names.every((name) => /^[A-Za-z][A-Za-z0-9_-]*$/.test(name));
  if (rest.additionalProperties !== false || !isFirst || !isPlain) return undefined;
  return joined(Object.values(properties).map(patternOf), (values) => {
    const members = names.map((name, i) => {
      const member = String.raw`(?:"${name}":${values[i] ?? ''}(?:,(?=")|(?=\})))`;
      return required.includes(name) ? member : `${member}?`;
    });
    return String.raw`\{${members.join('')}\}`;
  });
}

function joined(
  patterns: readonly (string | undefined)[],
  join: (all: readonly string[]) => string,
): string | undefined {
  const all = patterns.filter((one) => one !== undefined);
  return all.length === patterns.length ? join(all) : undefined;
}
