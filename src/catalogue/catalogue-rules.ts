import { classesIn, leavesOf, mixedMembers, placeOf, requiredExtras } from './member-rules.ts';
import type { CatalogueProblem, Member, ObjectNode, RecordType } from './record-type.ts';
import { isObject, nodeProblems, problem, type Json } from './schema-rules.ts';

/** A record type as its file says it, before anything is known about it. */
export interface Declaration {
  readonly name: string;
  readonly isBusiness: boolean;
  readonly schema: unknown;
}

/**
 * The record type a file declares, or everything that is wrong with it. Promise P05: what is
 * gathered is named, each field with its class, required or optional.
 */
export function readDeclaration(
  { name, isBusiness, schema }: Declaration,
  typeNames: ReadonlySet<string>,
): { type: RecordType } | { problems: CatalogueProblem[] } {
  if (!isObject(schema) || schema['type'] !== 'object') {
    return { problems: [problem('', 'not-a-record', 'a record type is a schema of an object')] };
  }
  const headProblems = [...nameProblems(name), ...headOf(schema, { name, isBusiness })];
  const body = Object.fromEntries(Object.entries(schema).filter(([word]) => !headWords.has(word)));
  const shapeProblems = nodeProblems(body, '');
  if (shapeProblems.length > 0) return { problems: [...headProblems, ...shapeProblems] };
  // Everything that SchemaNode asks for has been looked at.
  const root = schema as unknown as ObjectNode;
  const problems = [
    ...headProblems,
    ...keyProblems(root, { name, isBusiness, typeNames }),
    ...mixedMembers(root),
    ...requiredExtras(root, ''),
    ...datedByProblems(schema, root, isBusiness),
  ];
  return problems.length > 0 ? { problems } : { type: typeOf(name, isBusiness, root) };
}

const headWords = new Set(['$schema', '$id', 'x-dated-by', 'x-class']);

function nameProblems(name: string): CatalogueProblem[] {
  return /^[a-z][a-z0-9-]{0,39}$/.test(name) && name !== 'person'
    ? []
    : [problem('', 'wrong-name', 'a type has up to 40 small letters, digits and -, not "person"')];
}

function headOf(schema: Json, declared: { name: string; isBusiness: boolean }): CatalogueProblem[] {
  const problems: CatalogueProblem[] = [];
  const { $schema: dialect = draft, $id: id = `records/${declared.name}` } = schema;
  if (dialect !== draft) {
    problems.push(problem('/$schema', 'unknown-dialect', 'the dialect is JSON Schema 2020-12'));
  }
  if (id !== `records/${declared.name}`) {
    problems.push(problem('/$id', 'wrong-id', `"$id" is records/${declared.name}`));
  }
  const expected = declared.isBusiness ? 'business' : undefined;
  if (schema['x-class'] !== expected) {
    problems.push(
      declared.isBusiness
        ? problem('', 'not-business', 'a declared type says "x-class": "business" at the top')
        : problem('/x-class', 'class-above-leaf', 'only a business type has a class at the top'),
    );
  }
  return problems;
}

const draft = 'https://json-schema.org/draft/2020-12/schema';

/** The members that tie a record to the others: `id`, `customer`, `service`. */
function keyProblems(
  root: ObjectNode,
  context: { name: string; isBusiness: boolean; typeNames: ReadonlySet<string> },
): CatalogueProblem[] {
  const { name, isBusiness, typeNames } = context;
  const problems = leavesOf(root)
    .filter(({ refersTo }) => refersTo !== undefined)
    .filter(({ refersTo = '' }) => refersTo !== 'person' && !typeNames.has(refersTo))
    .map(({ path }) => problem(placeOf(path), 'unknown-reference', 'it refers to no record type'));
  const isApart = !isBusiness && (name === 'customer' || name === 'service');
  const needed = isApart ? [['id', name]] : [['id', name], ['customer', 'customer']]; // prettier-ignore
  for (const [member = '', refersTo] of needed) {
    if (!refers(root, member, refersTo) || root.required?.includes(member) !== true) {
      const sentence = `"${member}" is a required reference to ${String(refersTo)}`;
      problems.push(problem('', `no-${member}`, sentence));
    }
  }
  if (!isApart && root.properties['service'] && !refers(root, 'service', 'service')) {
    problems.push(problem('/properties/service', 'no-service', '"service" refers to service'));
  }
  return problems;
}

function refers(root: ObjectNode, member: string, refersTo: string | undefined): boolean {
  const node = root.properties[member];
  return node?.type === 'string' && node['x-refers-to'] === refersTo;
}

function datedByProblems(schema: Json, root: ObjectNode, isBusiness: boolean): CatalogueProblem[] {
  const member = schema['x-dated-by'];
  if (member === undefined) {
    return isBusiness
      ? [problem('', 'not-dated', 'a business type says "x-dated-by" which member it is dated')]
      : [];
  }
  const name = typeof member === 'string' ? member : '';
  const node = root.properties[name];
  const isDated = node?.type === 'string' && node.format !== undefined;
  return isDated && root.required?.includes(name) === true
    ? []
    : [
        problem(
          '/x-dated-by',
          'not-dated',
          'it names a required top-level member of format date or date-time',
        ),
      ];
}

function typeOf(name: string, isBusiness: boolean, root: ObjectNode): RecordType {
  const dated = (root as unknown as Json)['x-dated-by'];
  const node = typeof dated === 'string' ? root.properties[dated] : undefined;
  const isInstant = node?.type === 'string' && node.format === 'date-time';
  return {
    name,
    schema: root,
    isBusiness,
    datedBy:
      typeof dated === 'string' ? { member: dated, kind: isInstant ? 'instant' : 'date' } : null,
    members: Object.entries(root.properties).map(([member, part]): Member => ({
      name: member,
      dataClass: classesIn(part)[0] ?? 'reference',
      required: root.required?.includes(member) ?? false,
    })),
    leaves: leavesOf(root),
  };
}
