import type { CatalogueProblem, FieldClass, Leaf, ObjectNode, SchemaNode } from './record-type.ts';
import { pointerStep, problem, type Json } from './schema-rules.ts';

/** A top-level member is what a view takes or leaves whole, so it is of one class. */
export function mixedMembers(root: ObjectNode): CatalogueProblem[] {
  return Object.entries(root.properties)
    .filter(([, node]) => classesIn(node).length > 1)
    .map(([name, node]) =>
      problem(
        `/properties/${name}`,
        'mixed-classes',
        `a top-level member is of one class, not of ${classesIn(node).join(' and ')}`,
      ),
    );
}

/** P06: additional details may be left blank, so no schema asks for one. */
export function requiredExtras(node: SchemaNode, place: string): CatalogueProblem[] {
  if (!classesIn(node).includes('contact.additional')) return [];
  const promised = (at: string, sentence: string): CatalogueProblem => ({
    ...problem(at, 'required-additional', sentence),
    promise: 'P06',
  });
  if (node.type === 'object') {
    const parts = Object.entries(node.properties);
    return parts.flatMap(([name, part]) => [
      ...(node.required?.includes(name) === true && classesIn(part).includes('contact.additional')
        ? [promised(`${place}/required`, `"${name}" holds additional details: it stays optional`)]
        : []),
      ...requiredExtras(part, `${place}/properties/${name}`),
    ]);
  }
  if (node.type === 'array') {
    const asks = (node as unknown as Json)['minItems'] !== undefined;
    return [
      ...(asks ? [promised(`${place}/minItems`, 'additional details may be left out')] : []),
      ...requiredExtras(node.items, `${place}/items`),
    ];
  }
  return mayBeBlank(node as unknown as Json)
    ? []
    : [promised(place, 'an additional detail may be left blank')];
}

function mayBeBlank(leaf: Json): boolean {
  const { type, minLength = 0, pattern = '^$', format, const: only = '', enum: choices } = leaf;
  if (type !== 'string') return true;
  const isListed = choices === undefined || (Array.isArray(choices) && choices.includes(''));
  const fits = new RegExp(String(pattern), 'u').test('');
  return minLength === 0 && fits && format === undefined && only === '' && isListed;
}

/** Every field below a node; `*` stands for the items of a list. */
export function leavesOf(node: SchemaNode, path: readonly string[] = []): Leaf[] {
  if (node.type === 'object') {
    return Object.entries(node.properties).flatMap(([name, part]) =>
      leavesOf(part, [...path, name]),
    );
  }
  if (node.type === 'array') return leavesOf(node.items, [...path, '*']);
  const refersTo = node['x-refers-to'];
  return [{ path, dataClass: node['x-class'], ...(refersTo === undefined ? {} : { refersTo }) }];
}

/** The classes of the fields below, references apart. */
export function classesIn(node: SchemaNode): FieldClass[] {
  const classes = leavesOf(node).map(({ dataClass }) => dataClass);
  return [...new Set(classes)].filter((fieldClass) => fieldClass !== 'reference');
}

/** Where in the schema (JSON Pointer) the field with this path is declared. */
export const placeOf = (path: readonly string[]): string =>
  path.map((step) => (step === '*' ? '/items' : `/properties/${pointerStep(step)}`)).join('');
