import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import {
  partnerKinds,
  purposes,
  type Policy,
  type PolicyProblem,
  type PromiseId,
} from './policy.ts';

/** The promises that every version makes: it may word them anew, but drop none. */
export const promiseIds: readonly PromiseId[] = Array.from(
  { length: 33 },
  (_, index): PromiseId => `P${String(index + 1).padStart(2, '0')}`,
);

/**
 * Every way in which a version would break what no version may: each promise stands in it once,
 * kinds and purposes are closed lists, a referral partner gets no business data, and e-mail and
 * additional details leave only under a clause. Its shape was checked before.
 */
export function problemsOfDocument(document: Policy): PolicyProblem[] {
  return [
    ...problemsOfPromises(document),
    ...document.allows.flatMap(problemsOfRule),
    ...problemsOfConditions(document),
  ];
}

function problemsOfPromises({ promises, gathered }: Policy): PolicyProblem[] {
  const missing = promiseIds
    .filter((promise) => !promises.some(({ id }) => id === promise))
    .map((promise) => ({
      field: '/promises',
      promise,
      detail: `The promise ${promise} is missing: it can be worded anew, but not dropped.`,
    }));
  const named = gathered.map((one) => one.class);
  const repeated = named.filter((one, index) => named.indexOf(one) !== index);
  return [
    ...missing,
    ...repeated.map((one) => ({
      field: '/gathered',
      promise: 'P05' as const,
      detail: `Class ${one} is named twice.`,
    })),
  ];
}

/** The document is typed by what it should be; here it is not yet known to be. */
function problemsOfRule(rule: Policy['allows'][number], index: number): PolicyProblem[] {
  const at = `/allows/${String(index)}`;
  const problems: PolicyProblem[] = [];
  const purpose: string = rule.purpose;
  if (purpose === 'marketing') {
    const detail = 'There is no purpose marketing for partners.';
    problems.push({ field: `${at}/purpose`, promise: 'P08', detail });
  } else if (!purposes.some((one) => one === purpose)) {
    const detail = `A purpose is one of ${purposes.join(', ')}.`;
    problems.push({ field: `${at}/purpose`, promise: 'P09', detail });
  }
  if (rule.kinds.some((kind) => !partnerKinds.includes(kind))) {
    const detail = `A kind of partner is one of ${partnerKinds.join(', ')}.`;
    problems.push({ field: `${at}/kinds`, promise: 'P20', detail });
  }
  if (rule.kinds.includes('referral') && rule.classes.includes('business')) {
    const detail = 'A referral partner never receives class business.';
    problems.push({ field: `${at}/classes`, promise: 'P14', detail });
  }
  return problems;
}

const clauses = [
  { class: 'contact.email', termsClause: 'email', promise: 'P07' },
  { class: 'contact.additional', termsClause: 'additional', promise: 'P06' },
] as const;

function problemsOfConditions({ allows, conditions }: Policy): PolicyProblem[] {
  return clauses
    .filter(
      (needed) =>
        allows.some(({ classes }) => classes.includes(needed.class)) &&
        !conditions.some(
          (one) => one.class === needed.class && one.termsClause === needed.termsClause,
        ),
    )
    .map(({ class: dataClass, promise }) => ({
      field: '/conditions',
      promise,
      detail: `Class ${dataClass} leaves only under a clause of the terms.`,
    }));
}

/** SHA-256 of a document's canonical JSON (RFC 8785), hexadecimal. */
export function digestOf(document: Policy): string {
  return createHash('sha256')
    .update(canonicalize(document) ?? '')
    .digest('hex');
}
