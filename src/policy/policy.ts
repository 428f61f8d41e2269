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

/** One version of the privacy policy, as data. */
export interface Policy {
  readonly version: string;
  readonly promises: readonly PolicyPromise[];
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
