import {
  classesOfKind,
  promiseAgainst,
  type DataClass,
  type PartnerKind,
  type Policy,
} from '../policy/index.ts';
import type { Catalogue } from '../catalogue/index.ts';
import type { JsonSchema, ViewDocument } from '../projection/index.ts';
import type { ViewProblem } from './view.ts';

/** Against what a view is proven before it is published. */
export interface ViewBounds {
  readonly catalogue: Catalogue;
  readonly policy: Policy;
  readonly kind: PartnerKind;
  /** The classes that the agreement in force names: none, where none is in force. */
  readonly agreed: readonly DataClass[];
}

const documentKeywords = [
  '$schema',
  '$id',
  'title',
  'description',
  'type',
  'additionalProperties',
  'properties',
];
const leafKeywords = ['title', 'description', 'type'];

/**
 * Spells a view out and proves that it stays inside the catalogue, the kind, the agreement and the
 * policy. In the draft `true` stands for everything that the catalogue has at that place today;
 * what the catalogue gets later stays out until it is listed. Returns every problem, each naming
 * the promise it would break.
 */
export function spellOut(
  draft: unknown,
  bounds: ViewBounds,
): { document: ViewDocument; problems: ViewProblem[] } {
  const problems: ViewProblem[] = [];
  const properties: Record<string, JsonSchema> = {};
  if (!isPlain(draft) || !isPlain(draft['properties'])) {
    problems.push({
      field: '',
      detail: 'A view is a JSON Schema with properties, one per record type.',
    });
    return { document: documentOf(properties), problems };
  }
  problems.push(...surplusKeywords(draft, documentKeywords, ''));
  for (const [name, node] of Object.entries(draft['properties'])) {
    const field = `/properties/${pointer(name)}`;
    const type = bounds.catalogue.types.get(name);
    if (!type) {
      problems.push({ field, promise: 'P09', detail: 'The catalogue has no such record type.' });
      continue;
    }
    if (type.isBusiness) problems.push(...barredClass(bounds, 'business', field));
    const spelt = spellNode(type.schema, node, { bounds, field, problems });
    if (!spelt) continue;
    const id = type.schema.properties['id'];
    properties[name] = id ? { ...spelt, properties: { id, ...spelt.properties } } : spelt;
  }
  if (Object.keys(draft['properties']).length === 0) {
    problems.push({ field: '/properties', detail: 'A view names at least one record type.' });
  }
  return { document: documentOf(properties), problems };
}

interface Walk {
  readonly bounds: ViewBounds;
  readonly field: string;
  readonly problems: ViewProblem[];
}

/** One place of the catalogue beside the same place of the draft. */
function spellNode(known: JsonSchema, draft: unknown, walk: Walk): JsonSchema | undefined {
  if (draft !== true && !isPlain(draft)) {
    walk.problems.push({ field: walk.field, detail: 'Here stands true or a JSON Schema.' });
    return undefined;
  }
  if (draft !== true && draft['type'] !== undefined && draft['type'] !== known.type) {
    walk.problems.push({
      field: `${walk.field}/type`,
      detail: 'The catalogue has another type here.',
    });
  }
  if (known.type === 'object') return spellObject(known, draft, walk);
  if (known.type === 'array') return spellArray(known, draft, walk);
  if (draft !== true) walk.problems.push(...surplusKeywords(draft, leafKeywords, walk.field));
  walk.problems.push(...problemsOfLeaf(known, walk));
  return known;
}

function spellObject(known: JsonSchema, draft: Draft, walk: Walk): JsonSchema {
  const members = known.properties ?? {};
  const listed = draft === true ? allTrue(members) : draft['properties'];
  if (draft !== true) walk.problems.push(...surplusKeywords(draft, documentKeywords, walk.field));
  const properties: Record<string, JsonSchema> = {};
  for (const [name, node] of Object.entries(isPlain(listed) ? listed : {})) {
    const field = `${walk.field}/properties/${pointer(name)}`;
    const member = Object.hasOwn(members, name) ? members[name] : undefined;
    if (!member) {
      walk.problems.push({ field, promise: 'P09', detail: 'The catalogue has no such field.' });
      continue;
    }
    const spelt = spellNode(member, node, { ...walk, field });
    if (spelt) properties[name] = spelt;
  }
  if (!isPlain(listed) || Object.keys(listed).length === 0) {
    walk.problems.push({ field: walk.field, detail: 'An object lists the fields that are shown.' });
  }
  return { type: 'object', additionalProperties: false, properties };
}

function spellArray(known: JsonSchema, draft: Draft, walk: Walk): JsonSchema {
  const items = known.items;
  if (!items) return known;
  if (draft !== true) {
    walk.problems.push(
      ...surplusKeywords(draft, ['title', 'description', 'type', 'items'], walk.field),
    );
  }
  const inner = draft === true ? true : draft['items'];
  const spelt = spellNode(items, inner, { ...walk, field: `${walk.field}/items` });
  const { maxItems } = known;
  return {
    type: 'array',
    ...(maxItems !== undefined && { maxItems }),
    ...(spelt && { items: spelt }),
  };
}

function problemsOfLeaf(known: JsonSchema, { bounds, field }: Walk): ViewProblem[] {
  const dataClass = known['x-class'];
  if (dataClass === 'reference') return [];
  if (dataClass === undefined || dataClass === 'never') {
    return [{ field, promise: 'P09', detail: 'This field never leaves.' }];
  }
  return barredClass(bounds, dataClass, field);
}

function barredClass(
  { policy, kind, agreed }: ViewBounds,
  dataClass: DataClass,
  field: string,
): ViewProblem[] {
  if (!classesOfKind(policy, kind).includes(dataClass)) {
    const detail = `A ${kind} partner never receives class ${dataClass}.`;
    return [{ field, promise: promiseAgainst(policy, dataClass), detail }];
  }
  if (!agreed.includes(dataClass)) {
    const detail = `No agreement in force names class ${dataClass}.`;
    return [{ field, promise: policy.denials[dataClass] ?? 'P09', detail }];
  }
  return [];
}

type Draft = true | Readonly<Record<string, unknown>>;

function surplusKeywords(
  draft: Readonly<Record<string, unknown>>,
  allowed: readonly string[],
  field: string,
): ViewProblem[] {
  const surplus = Object.keys(draft)
    .filter((keyword) => !allowed.includes(keyword))
    .map((keyword) => ({
      field: `${field}/${pointer(keyword)}`,
      promise: 'P09' as const,
      detail: 'A view may not use this keyword.',
    }));
  const isOpen =
    draft['additionalProperties'] !== undefined && draft['additionalProperties'] !== false;
  return isOpen
    ? [
        ...surplus,
        {
          field: `${field}/additionalProperties`,
          promise: 'P09' as const,
          detail: 'A view is closed.',
        },
      ]
    : surplus;
}

function documentOf(properties: Record<string, JsonSchema>): ViewDocument {
  return { type: 'object', additionalProperties: false, properties };
}

function allTrue(members: Readonly<Record<string, JsonSchema>>): Record<string, true> {
  return Object.fromEntries(Object.keys(members).map((name) => [name, true as const]));
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** One step of a JSON Pointer (RFC 6901, section 3). */
function pointer(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
