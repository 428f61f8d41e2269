import { catalogueOf, type RecordType } from '../catalogue/index.ts';
import { refuseParameter } from '../platform/http/query.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import type { DataClass } from '../policy/index.ts';
import type { Caller } from '../tokens/index.ts';
import { compileView, type CompiledView } from '../projection/index.ts';
import { type View } from '../views/index.ts';
import { decideFor, type Allowed } from './decide-for.ts';
import { forgetGrant } from './read-grant.ts';
import { ClassNotShared } from './sharing.ts';

const compiled = new WeakMap<View, Map<string, CompiledView | undefined>>();
const narrowed = new WeakMap<View, Map<string, CompiledView | undefined>>();

/** Callers choose the fields, so that there can be more of these than anybody wants to keep. */
const mostNarrowed = 64;

/**
 * What a decision lets a caller see of a record type, compiled once for each view, policy, type and
 * set of classes. Refuses where the view shows nothing of it.
 */
export function compiledFor(type: RecordType, decision: Allowed): CompiledView {
  const { view, classes, grant, policy } = decision;
  const forView = compiled.get(view) ?? new Map<string, CompiledView | undefined>();
  compiled.set(view, forView);
  const key = `${policy.version} ${type.name} ${classes.join(' ')}`;
  if (!forView.has(key)) forView.set(key, compile(type, decision));
  const found = forView.get(key);
  if (found) return found;
  const promise = type.isBusiness && grant.partner.kind === 'referral' ? 'P14' : 'P09';
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
  const view = fields.length === whole.fields.length ? whole : recalled(type, decision, fields);
  const isShown = (name: string) => view?.fields.some((field) => isWithin(field, name)) ?? false;
  if (!view || !asked.every(isShown)) refuseHidden('fields');
  return view;
}

/** Refuses what names a field that is hidden, or none: which of the two, is not told. */
export function refuseHidden(parameter: string): never {
  refuseParameter(parameter, 'asks for something that is not shown to you here');
}

/** The classes of data that a record type has. */
export function classesOf(type: RecordType): DataClass[] {
  const classes = type.members.map(({ dataClass }) => dataClass);
  return [...new Set(classes)].filter((one) => one !== 'reference' && one !== 'never');
}

/**
 * Every record type that a caller can read now, in the catalogue's order. Rights that were read
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
      if (!(error instanceof Refusal)) throw error;
    }
  }
  return views;
}

function compile(
  type: RecordType,
  { view, classes, grant, policy }: Allowed,
  fields?: readonly string[],
): CompiledView | undefined {
  const { kind } = grant.partner;
  const { document } = view;
  return compileView({ document, kind, policy }, type, classes, fields);
}

/** The least recently used are forgotten. */
function recalled(
  type: RecordType,
  decision: Allowed,
  fields: readonly string[],
): CompiledView | undefined {
  const forView = narrowed.get(decision.view) ?? new Map<string, CompiledView | undefined>();
  narrowed.set(decision.view, forView);
  const key = [decision.policy.version, type.name, ...decision.classes, '', ...fields].join(' ');
  const view = forView.has(key) ? forView.get(key) : compile(type, decision, fields);
  forView.delete(key);
  forView.set(key, view);
  for (const oldest of forView.keys()) {
    if (forView.size <= mostNarrowed) break;
    forView.delete(oldest);
  }
  return view;
}

function isWithin(field: string, name: string): boolean {
  return field === name || field.startsWith(`${name}.`);
}
