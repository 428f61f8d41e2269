import type { RefusalKind } from '../platform/refusal.ts';

/** The kinds of data the policy speaks of; e-mail and additional details are named apart by it. */
export const dataClasses = [
  'contact',
  'contact.email',
  'contact.additional',
  'account',
  'financial',
  'billing',
  'business',
] as const;
export type DataClass = (typeof dataClasses)[number];

/** Kinds of partners: a closed list (P20). */
export const partnerKinds = ['referral', 'integration'] as const;
export type PartnerKind = (typeof partnerKinds)[number];

/** What sharing may serve. There is no purpose `marketing` (P08). */
export const purposes = ['identity', 'billing', 'fees', 'integration'] as const;
export type Purpose = (typeof purposes)[number];

/** One numbered sentence of the policy: "P14". */
export type PromiseId = `P${string}`;

export interface PolicyPromise {
  readonly id: PromiseId;
  readonly title: string;
  readonly text: string;
}

/** The text of one version of the privacy policy, as data. */
export interface Policy {
  readonly version: string;
  readonly promises: readonly PolicyPromise[];
  /** What is gathered, in words, by class. */
  readonly gathered: readonly { readonly class: DataClass; readonly text: string }[];
  /** Who may get which classes for which purpose; what is not listed is denied (P09). */
  readonly allows: readonly {
    readonly purpose: Purpose;
    readonly kinds: readonly PartnerKind[];
    readonly classes: readonly DataClass[];
  }[];
  /** Classes that leave only under a clause of the terms that the agreement names. */
  readonly conditions: readonly {
    readonly class: DataClass;
    readonly termsClause: 'email' | 'additional';
    readonly promise: PromiseId;
  }[];
  /** The promises a disclosure to a partner of this kind relies on. */
  readonly grounds: Readonly<Record<PartnerKind, readonly PromiseId[]>>;
  /** The promise that denies a class, where one speaks of it; otherwise P09. */
  readonly denials: Readonly<Partial<Record<DataClass, PromiseId>>>;
}

/** How "thirty (10) business days" is read: by the first figure, by the second, or more strictly. */
export type Reading = 'thirty' | 'ten' | 'other';

/** A version as it was announced. It never changes; it is in force from its activation on. */
export interface PolicyVersion {
  readonly version: string;
  readonly document: Policy;
  /** SHA-256 of the document's canonical JSON, hexadecimal. */
  readonly digest: string;
  readonly notice: string;
  /** How whoever reads the notice can respond. */
  readonly responseDirections: string;
  /** Working days between the notice and the first day in force. */
  readonly noticeDays: number;
  readonly reading: Reading;
  /** Whose working days count, and where a day begins. */
  readonly country: string;
  readonly timeZone: string;
  readonly actor: string;
  readonly publishedAt: Date;
  /** Null: announced only, and counts for nothing. */
  readonly effectiveAt: Date | null;
}

/** What is wrong with a draft: the place (a JSON Pointer), why, and the promise it would break. */
export interface PolicyProblem {
  readonly field: string;
  readonly detail: string;
  readonly promise?: PromiseId;
}

export const InvalidPolicy = {
  code: 'policy-invalid',
  status: 422,
  title: 'The policy is not one that can be announced.',
} as const satisfies RefusalKind;

export const UnknownPolicyVersion = {
  code: 'policy-version-unknown',
  status: 404,
  title: 'There is no such version of the policy.',
} as const satisfies RefusalKind;

export const PolicyVersionTaken = {
  code: 'policy-version-taken',
  status: 409,
  title: 'A version of this name was announced before, and none is ever changed.',
} as const satisfies RefusalKind;

export const PolicySuperseded = {
  code: 'policy-superseded',
  status: 409,
  title: 'This version, or a later one, has taken effect already.',
} as const satisfies RefusalKind;

export const NoticeRunning = {
  code: 'notice-running',
  status: 409,
  title: 'The notice still runs.',
} as const satisfies RefusalKind;
