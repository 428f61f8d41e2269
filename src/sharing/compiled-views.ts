import { Refusal } from '../platform/refusal.ts';
import type { DataClass } from '../policy/index.ts';
import type { RecordType } from '../catalogue/index.ts';
import { compileView, type CompiledView, type View } from '../views/index.ts';
import type { Allowed } from './decide-for.ts';
import { ClassNotShared } from './sharing.ts';

const compiled = new WeakMap<View, Map<string, CompiledView | undefined>>();

/**
 * What a decision lets a caller see of a record type, compiled once for each view, policy, type and
 * set of classes. Refuses where the view shows nothing of it.
 */
export function compiledFor(
  type: RecordType,
  { view, classes, grant, policy }: Allowed,
): CompiledView {
  const forView = compiled.get(view) ?? new Map<string, CompiledView | undefined>();
  compiled.set(view, forView);
  const key = `${policy.version} ${type.name} ${classes.join(' ')}`;
  if (!forView.has(key))
    forView.set(
      key,
      compileView({ document: view.document, kind: grant.partner.kind, policy }, type, classes),
    );
  const found = forView.get(key);
  if (found) return found;
  const promise = type.isBusiness && grant.partner.kind === 'referral' ? 'P14' : 'P09';
  throw new Refusal(ClassNotShared, ClassNotShared.title, { promise });
}

/** The classes of data that a record type has. */
export function classesOf(type: RecordType): DataClass[] {
  const classes = type.members.map(({ dataClass }) => dataClass);
  return [...new Set(classes)].filter((one) => one !== 'reference' && one !== 'never');
}
