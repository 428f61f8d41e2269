import { isTimeZone, localDay } from '../platform/local-days.ts';
import {
  classesFor,
  classesOfKind,
  promiseAgainst,
  promiseOfMissingClause,
  purposes,
  type DataClass,
  type PartnerKind,
  type Policy,
  type PromiseId,
} from '../policy/index.ts';
import type { AgreementTerms, AgreementVersion } from './agreement.ts';
import { problemsOfFee } from './fee-terms-rules.ts';

/** What is wrong with an agreement: the place (a JSON Pointer), why, and the promise it would break. */
export interface AgreementProblem {
  readonly field: string;
  readonly detail: string;
  readonly promise?: PromiseId;
}

/**
 * The version in force at a moment, on the local day of each version's own zone. Each holds until the
 * next begins: where zones differ, neither a moment between them nor one of both is left open.
 */
export function agreementInForce(
  versions: readonly AgreementVersion[],
  now: Date,
): AgreementVersion | undefined {
  const hasBegun = ({ validFrom, terms }: AgreementVersion) =>
    validFrom <= localDay(now, terms.timeZone);
  return versions.findLast((version, place) => {
    const { validUntil, terms, retirement } = version;
    if (!hasBegun(version) || (retirement && retirement.endsAt <= now)) return false;
    const next = versions[place + 1];
    const isFollowed = next?.validFrom === validUntil;
    return validUntil === null || (isFollowed ? !hasBegun(next) : localDay(now, terms.timeZone) < validUntil); // prettier-ignore
  });
}

/**
 * Versions read at a moment: what was in force on the day on which it was published is in force, so
 * a clock that lags behind that of who published it, on the day before, does not put it off. What was
 * ended at once is over, whatever the clock says.
 */
export function agreementsAsReadAt(
  versions: readonly AgreementVersion[],
  now: Date,
): AgreementVersion[] {
  return versions.map((version) => {
    const { validFrom, publishedAt, terms, retirement } = version;
    if (retirement && retirement.endsAt <= retirement.saidAt && retirement.endsAt > now) {
      return { ...version, retirement: { ...retirement, endsAt: now } };
    }
    const day = localDay(now, terms.timeZone);
    const isAtOnce = validFrom <= localDay(publishedAt, terms.timeZone);
    return isAtOnce && day < validFrom ? { ...version, validFrom: day } : version;
  });
}

/** The classes that terms let out, for all of their purposes together and under their clauses. */
export function classesAgreed(
  policy: Policy,
  kind: PartnerKind,
  terms: AgreementTerms,
): DataClass[] {
  return classesFor(policy, kind, terms.purposes).filter(
    (one) =>
      terms.classes.includes(one) &&
      promiseOfMissingClause(policy, one, terms.termsClauses) === undefined,
  );
}

/** Every way in which terms go beyond what the policy allows this kind of partner. */
export function problemsOfTerms(
  policy: Policy,
  kind: PartnerKind,
  terms: AgreementTerms,
): AgreementProblem[] {
  return [
    ...terms.classes.flatMap((dataClass, i) => problemsOfClass(policy, kind, terms, dataClass, i)),
    ...problemsOfPurposes(policy, kind, terms.purposes),
    ...problemsOfZoneAndFee(terms),
  ];
}

function problemsOfClass(
  policy: Policy,
  kind: PartnerKind,
  terms: AgreementTerms,
  dataClass: DataClass,
  index: number,
): AgreementProblem[] {
  const field = `/classes/${String(index)}`;
  if (!classesOfKind(policy, kind).includes(dataClass)) {
    const promise = promiseAgainst(policy, dataClass);
    return [{ field, promise, detail: `A ${kind} partner never receives class ${dataClass}.` }];
  }
  const promise = promiseOfMissingClause(policy, dataClass, terms.termsClauses);
  if (!promise) return [];
  const detail = `Class ${dataClass} needs the clause of the terms that allows it.`;
  return [{ field, promise, detail }];
}

function problemsOfPurposes(
  policy: Policy,
  kind: PartnerKind,
  agreed: readonly string[],
): AgreementProblem[] {
  return agreed.flatMap((purpose, index): AgreementProblem[] => {
    const field = `/purposes/${String(index)}`;
    if (purpose === 'marketing') {
      return [{ field, promise: 'P08', detail: 'There is no purpose marketing for partners.' }];
    }
    const known = purposes.find((one) => one === purpose);
    const allowed = policy.allows.some(
      (rule) => rule.purpose === known && rule.kinds.includes(kind),
    );
    return allowed
      ? []
      : [{ field, promise: 'P09', detail: `No purpose ${purpose} exists for a ${kind} partner.` }];
  });
}

function problemsOfZoneAndFee({ timeZone, fee, services }: AgreementTerms): AgreementProblem[] {
  const problems: AgreementProblem[] = [];
  if (!isTimeZone(timeZone)) {
    problems.push({ field: '/timeZone', detail: 'This is no IANA time zone.' });
  }
  if (fee) problems.push(...problemsOfFee(fee, services));
  return problems;
}

/** Whether an agreement covers a service, named by its key. */
export function serviceIsCovered(terms: AgreementTerms, serviceKey: string): boolean {
  return terms.services === 'all' || terms.services.includes(serviceKey);
}

/**
 * The versions that were published by a moment, oldest first, as they stood then: the one that is
 * ended by a version published later had not ended yet.
 */
export function agreementsKnownAt(
  versions: readonly AgreementVersion[],
  moment: Date,
): AgreementVersion[] {
  const known = versions
    .filter(({ publishedAt }) => publishedAt <= moment)
    .map((one) =>
      one.retirement && one.retirement.saidAt > moment ? { ...one, retirement: null } : one,
    );
  const isLater = known.length < versions.length;
  return known.map((one, i) =>
    isLater && i === known.length - 1 ? { ...one, validUntil: null } : one,
  );
}
