import {
  dataClasses,
  type DataClass,
  type PartnerKind,
  type Policy,
  type PromiseId,
  type Purpose,
} from './policy.ts';

/** The classes a partner of this kind may ever get, for any purpose: the widest its view can be. */
export function classesOfKind(policy: Policy, kind: PartnerKind): DataClass[] {
  return dataClasses.filter((dataClass) =>
    policy.allows.some(({ kinds, classes }) => kinds.includes(kind) && classes.includes(dataClass)),
  );
}

/** The classes a partner of this kind may get for at least one of these purposes. */
export function classesFor(
  policy: Policy,
  kind: PartnerKind,
  purposes: readonly Purpose[],
): DataClass[] {
  return dataClasses.filter((dataClass) =>
    policy.allows.some(
      (rule) =>
        purposes.includes(rule.purpose) &&
        rule.kinds.includes(kind) &&
        rule.classes.includes(dataClass),
    ),
  );
}

/** The promise that keeps a class from leaving where nothing allows it. */
export function promiseAgainst(policy: Policy, dataClass: DataClass): PromiseId {
  return policy.denials[dataClass] ?? 'P09';
}

/** The promise behind a class whose terms clause the agreement does not name, if it needs one. */
export function promiseOfMissingClause(
  policy: Policy,
  dataClass: DataClass,
  termsClauses: Readonly<Partial<Record<'email' | 'additional', string>>>,
): PromiseId | undefined {
  const condition = policy.conditions.find((one) => one.class === dataClass);
  return condition && termsClauses[condition.termsClause] === undefined
    ? condition.promise
    : undefined;
}
