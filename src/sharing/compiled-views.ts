import { catalogueOf, type RecordType } from '../catalogue/index.ts';
import { refuseParameter } from '../platform/http/query.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { classesOfKind, type DataClass } from '../policy/index.ts';
import type { Caller } from '../tokens/index.ts';
import { compileView, type CompiledView } from '../projection/index.ts';
import { decideFor, type Allowed } from './decide-for.ts';
import { forgetGrant } from './read-grant.ts';
import { ClassNotShared, ViewNotServed } from './sharing.ts';

type Kept = WeakMap<RecordType, Map<string, CompiledView | undefined>>;

/** Whole views, and apart from them those narrowed to fields, of which callers can make up many. */
const compiled: Kept = new WeakMap();
const narrowed: Kept = new WeakMap();

/** How many of each are kept of a record type; the least recently used are forgotten. */
const mostKept = 256;

/**
 * What a decision lets a caller see of a record type, compiled once for all that decide alike,
 * whenever and for whom they were read. Refuses where the view shows nothing of it.
 */
export function compiledFor(type: RecordType, decision: Allowed): CompiledView {
  const found = recalled(compiled, type, decision);
  if (found) return found;
  const promise = type.isBusiness && decision.grant.partner.kind === 'referral' ? 'P14' : 'P09';
  throw new Refusal(ClassNotShared, ClassNotShared.title, { promise });
}

/**
 * The same, narrowed to the fields asked for: names of fields, or of what holds them ("billing",
 * "lines"). Refuses `param-invalid`, in the same words whether a name is hidden or means nothing.
 */
export function narrowedFor(
  type: RecordType,
  decision: Allowed,
  asked: readonly string[] | undefined,
): CompiledView {
  const whole = compiledFor(type, decision);
  if (asked === undefined) return whole;
  const fields = whole.fields.filter(
    (field) => field === 'id' || asked.some((name) => isWithin(field, name)),
  );
  const view =
    fields.length === whole.fields.length ? whole : recalled(narrowed, type, decision, fields);
  const isShown = (name: string) => view?.fields.some((field) => isWithin(field, name)) ?? false;
  if (!view || !asked.every(isShown)) refuseHidden('fields');
  return view;
}

/** Refuses what names a field that is hidden, or none: which of the two, is not told. */
export function refuseHidden(parameter: string): never {
  refuseParameter(parameter, 'asks for something that is not shown to you here, or for keys alone');
}

/** The classes of data that a record type has. */
export function classesOf(type: RecordType): DataClass[] {
  const classes = type.members.map(({ dataClass }) => dataClass);
  return [...new Set(classes)].filter((one) => one !== 'reference' && one !== 'never');
}

/**
 * Every record type that a caller can read now, in the catalogue's order, through the version of its
 * view that it asks for (`view-not-served` where there is none) or else the newest. Rights that were read
 * earlier count for nothing: no log stands behind this to find out that they are over.
 */
export async function readableViews(
  tools: Tools,
  { caller, view }: { caller: Caller; view?: number | undefined },
): Promise<CompiledView[]> {
  forgetGrant(tools, caller.partnerId);
  const views: CompiledView[] = [];
  for (const type of catalogueOf(tools.settings).types.values()) {
    try {
      const decision = await decideFor(tools, { caller, asked: classesOf(type), view });
      views.push(compiledFor(type, decision));
    } catch (error) {
      if (!(error instanceof Refusal) || error.kind === ViewNotServed) throw error;
    }
  }
  return views;
}

/** All that a compiled view follows from is in its key: the view's own text is so by its digest. */
function recalled(
  kept: Kept,
  type: RecordType,
  { view, classes, grant, policy }: Allowed,
  fields?: readonly string[],
): CompiledView | undefined {
  const { kind } = grant.partner;
  const ofType = kept.get(type) ?? new Map<string, CompiledView | undefined>();
  kept.set(type, ofType);
  const key = JSON.stringify([view.digest, kind, classesOfKind(policy, kind), classes, fields]);
  const found = ofType.has(key)
    ? ofType.get(key)
    : compileView({ document: view.document, kind, policy }, type, classes, fields);
  ofType.delete(key);
  ofType.set(key, found);
  for (const oldest of ofType.keys()) {
    if (ofType.size <= mostKept) break;
    ofType.delete(oldest);
  }
  return found;
}

function isWithin(field: string, name: string): boolean {
  return field === name || field.startsWith(`${name}.`);
}
