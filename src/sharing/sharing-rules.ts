import type { PageFilters } from '../logs/index.ts';
import { agreementInForce } from '../agreements/index.ts';
import { ScopeInsufficient } from '../platform/refusal.ts';
import {
  classesFor,
  policyInForce,
  promiseAgainst,
  promiseOfMissingClause,
  type DataClass,
  type Policy,
  type Purpose,
} from '../policy/index.ts';
import { serviceIdOf } from '../records/index.ts';
import { PartnerSuspended } from '../tokens/index.ts';
import { viewServed } from '../views/index.ts';
import {
  ClassNotShared,
  NoAgreement,
  NoPolicy,
  NoView,
  ViewNotServed,
  type Decision,
  type Denial,
  type Grant,
} from './sharing.ts';

export interface Question {
  readonly grant: Grant;
  /** What the token carries. */
  readonly scopes: readonly string[];
  readonly purposes: readonly Purpose[];
  /** The classes that the catalogue has for what is asked. */
  readonly asked: readonly DataClass[];
  /** The version of the view that was asked for. */
  readonly view?: number | undefined;
  readonly now: Date;
}

/**
 * Policy ∩ agreement ∩ token (scope and purpose): the classes of what is asked that may leave, and
 * the promises relied on. Which records, is decided by the joint records; which fields, by the view.
 * Whatever is unknown, missing or over denies, naming the promise that does.
 */
export function decideSharing(question: Question): Decision {
  const { grant, now } = question;
  if (grant.partner.status !== 'active') {
    return deny({ kind: PartnerSuspended, promise: 'P09', detail: PartnerSuspended.title });
  }
  const policy = policyInForce(grant.policies, now)?.document;
  if (!policy) return deny({ kind: NoPolicy, promise: 'P09', detail: NoPolicy.title });
  const agreement = agreementInForce(grant.agreements, now);
  if (!agreement) return deny({ kind: NoAgreement, promise: 'P09', detail: NoAgreement.title });
  const view = viewServed(grant.views, { now, asked: question.view });
  if (!view) {
    const kind = viewServed(grant.views, { now }) ? ViewNotServed : NoView;
    return deny({ kind, promise: 'P09', detail: kind.title });
  }
  const purposes = question.purposes.filter((one) => agreement.terms.purposes.includes(one));
  const allowed = classesFor(policy, grant.partner.kind, purposes);
  const agreed = question.asked.filter(
    (one) =>
      allowed.includes(one) &&
      agreement.terms.classes.includes(one) &&
      promiseOfMissingClause(policy, one, agreement.terms.termsClauses) === undefined,
  );
  if (agreed.length === 0) return denyClasses(policy, question.asked);
  const classes = agreed.filter((one) => question.scopes.includes(one));
  const missing = agreed[0];
  if (classes.length === 0 && missing !== undefined) {
    const detail = `The token does not carry the scope ${missing}.`;
    return deny({ kind: ScopeInsufficient, promise: 'P09', detail, scope: missing });
  }
  const services =
    agreement.terms.services === 'all' ? null : agreement.terms.services.map(serviceIdOf);
  return { allowed: true, classes, purposes, services, policy, agreement, view };
}

function denyClasses(policy: Policy, asked: readonly DataClass[]): Decision {
  const only = asked.length === 1 ? asked[0] : undefined;
  const promise = only ? promiseAgainst(policy, only) : 'P09';
  return deny({ kind: ClassNotShared, promise, detail: ClassNotShared.title });
}

function deny(because: Denial): Decision {
  return { allowed: false, because };
}

/**
 * What a cursor is bound to: it opens for the same list, through the same view, for the same
 * purposes and narrowed in the same way, and for no other.
 */
export function cursorContext({
  partnerId,
  recordType,
  view,
  purposes,
  fields,
  filters: { customer = '', from = '', to = '' } = {},
}: {
  partnerId: string;
  recordType: string;
  view: { readonly version: number; readonly digest: string };
  /** The token's. */
  purposes: readonly string[];
  /** The fields that are shown, in the view's order. */
  fields: readonly string[];
  filters?: PageFilters | undefined;
}): string[] {
  return [
    'records',
    partnerId,
    recordType,
    String(view.version),
    view.digest,
    [...purposes].sort().join(' '),
    fields.join(','),
    customer,
    from,
    to,
  ];
}
