import {
  dataClasses,
  type DataClass,
  type PartnerKind,
  type Policy,
  type PolicyVersion,
  type PromiseId,
  type Purpose,
} from './policy.ts';

/**
 * The version in force at a moment: the one that took effect last until then; before the first took
 * effect, the first, since nothing was promised before it. What is only announced counts for nothing.
 */
export function policyInForce(
  versions: readonly PolicyVersion[],
  now: Date,
): PolicyVersion | undefined {
  const activated = versions
    .flatMap((version) =>
      version.effectiveAt ? [{ version, at: version.effectiveAt.getTime() }] : [],
    )
    .sort((one, other) => one.at - other.at);
  return (activated.findLast(({ at }) => at <= now.getTime()) ?? activated[0])?.version;
}

/**
 * Versions read at a moment: what took effect in the database's time has taken effect, so a clock
 * that lags behind the database's does not put it off.
 */
export function asReadAt(versions: readonly PolicyVersion[], now: Date): PolicyVersion[] {
  return versions.map((version) =>
    version.effectiveAt && version.effectiveAt > now ? { ...version, effectiveAt: now } : version,
  );
}

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

/**
 * The promises that showing these classes relies on: the grounds of the partner's kind, and the one
 * behind each class among them that needs a clause.
 */
export function promisesFor(
  policy: Policy,
  kind: PartnerKind,
  classes: readonly DataClass[],
): PromiseId[] {
  const conditional = policy.conditions
    .filter((condition) => classes.includes(condition.class))
    .map(({ promise }) => promise);
  return [...new Set([...policy.grounds[kind], ...conditional])].sort();
}
