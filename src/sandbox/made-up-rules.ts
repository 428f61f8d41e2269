import { createHash } from 'node:crypto';

/** What of JSON Schema (2020-12) the catalogue and the answers use. */
export interface Shape {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Shape[];
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly items?: Shape;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly format?: string;
  readonly pattern?: string;
  readonly 'x-class'?: string;
  readonly 'x-refers-to'?: string;
}

/** Which value of its kind is made, and what ids look like. */
export interface Making {
  /** From 0 on: equal numbers make equal values. */
  readonly n: number;
  /** The name of the member that it is for. */
  readonly name: string;
  /** The three letters before the ids of a record type. */
  readonly prefixOf: (recordType: string) => string;
}

/** Customers that there are; records of every other type: two for each. */
export const madeUpCustomers = 25;

/**
 * A value that a schema allows, made up: the same each time, of no source but the schema. Texts say
 * that they are of the sandbox. Undefined where it knows no text for a pattern: JSON leaves it out.
 */
export function madeUp(schema: Shape, making: Making): unknown {
  const { n, name } = making;
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[n % schema.enum.length];
  if (schema.anyOf) {
    const nothing = schema.anyOf.find(({ type }) => type === 'null');
    return madeUp(nothing ?? schema.anyOf[0] ?? {}, making);
  }
  if (schema.type === 'null') return null;
  if (schema.type === 'boolean') return n % 2 === 0;
  if (schema.type === 'integer' || schema.type === 'number') {
    const { minimum = 0, maximum = Number.MAX_SAFE_INTEGER } = schema;
    return Math.min(maximum, Math.max(minimum, 1000 + 100 * n));
  }
  if (schema.type === 'array') {
    const length = Math.max(schema.minItems ?? 0, Math.min(2, schema.maxItems ?? 2));
    const items = schema.items ?? {};
    return Array.from({ length }, (_, i) => madeUp(items, { ...making, n: 2 * n + i, name }));
  }
  if (schema.type === 'object') {
    const members = Object.entries(schema.properties ?? {});
    return Object.fromEntries(members.map(([key, inner]) => [key, madeUp(inner, { ...making, name: key })])); // prettier-ignore
  }
  return textFor(schema, making);
}

function textFor(schema: Shape, { n, name, prefixOf }: Making): string | undefined {
  const target = schema['x-refers-to'];
  if (target !== undefined) return madeUpId(prefixOf(target), numberOf(target, n));
  if (schema.format === 'date') return dayOf(n);
  if (schema.format === 'date-time') return `${dayOf(n)}T12:00:00Z`;
  if (schema.format === 'email' || schema['x-class'] === 'contact.email') {
    return `sandbox-${String(n)}@sandbox.example`;
  }
  if (schema.pattern !== undefined) return matching(schema.pattern, n);
  const { minLength = 0, maxLength = 200 } = schema;
  return `Sandbox ${name} ${String(n)}`.slice(0, maxLength).padEnd(minLength, '.');
}

/** Of which customer, or which record, the n-th one tells. */
const numberOf = (recordType: string, n: number): number =>
  recordType === 'customer' ? n % madeUpCustomers : n;

/** An id as the real ones look, of nothing that there is. */
export function madeUpId(prefix: string, n: number): string {
  const hash = createHash('sha256')
    .update(`sandbox ${prefix} ${String(n)}`)
    .digest();
  return `${prefix}_${hash.subarray(0, 16).toString('base64url')}`;
}

const dayOf = (n: number) =>
  new Date(Date.UTC(2026, 0, 1) + (n % 300) * 86_400_000).toISOString().slice(0, 10);

const digits = ['1', '0.5', '2026', '2026-01', '2026-01-31', '2026-01.EUR', '00000000', '1234'];
const letters = ['EUR', 'US', 'A', 'a', 'AB', 'ABC', 'abc', 'A1', 'a-1', 'x'];

/** A text of the usual ones that a pattern takes; ids are made by their prefix. */
function matching(pattern: string, n: number): string | undefined {
  const [, prefix] = /^\^\(?([a-z]{3})(?:\|[a-z]{3})?\)?_\[/.exec(pattern) ?? [];
  if (prefix !== undefined) return madeUpId(prefix, prefix === 'cus' ? n % madeUpCustomers : n);
  const fits = new RegExp(pattern, 'u');
  return [...digits, ...letters].find((one) => fits.test(one));
}
