import type { AgreementVersion } from '../agreements/index.ts';
import type { Partner } from '../partners/index.ts';
import { ScopeInsufficient, type RefusalKind } from '../platform/refusal.ts';
import type { DataClass, Policy, PolicyVersion, PromiseId, Purpose } from '../policy/index.ts';
import type { ServiceId } from '../records/index.ts';
import { PartnerSuspended } from '../tokens/index.ts';
import type { View } from '../views/index.ts';

/** Everything that bears on what one partner may see, read under one epoch of its log. */
export interface Grant {
  readonly epoch: bigint;
  readonly partner: Partner;
  readonly policies: readonly PolicyVersion[];
  readonly agreements: readonly AgreementVersion[];
  /** Every version; which of them is served, the clock says at the read. */
  readonly views: readonly View[];
}

/** May this partner see records of this type, and which classes of them? */
export type Decision =
  | {
      readonly allowed: true;
      readonly classes: readonly DataClass[];
      /** The token's purposes that the agreement names too. */
      readonly purposes: readonly Purpose[];
      /** The services that the agreement covers; null: all. */
      readonly services: readonly ServiceId[] | null;
      /** The policy in force. */
      readonly policy: Policy;
      readonly agreement: AgreementVersion;
      readonly view: View;
    }
  | { readonly allowed: false; readonly because: Denial };

export interface Denial {
  readonly kind: RefusalKind;
  readonly promise: PromiseId;
  readonly detail: string;
  /** The scope that the token would have to carry, where that is what is missing. */
  readonly scope?: string;
}

export const NoPolicy = {
  code: 'no-policy',
  status: 403,
  title: 'No privacy policy is in force.',
} as const satisfies RefusalKind;

export const NoAgreement = {
  code: 'no-agreement',
  status: 403,
  title: 'No agreement with you is in force.',
} as const satisfies RefusalKind;

export const NoView = {
  code: 'no-view',
  status: 403,
  title: 'No view is published for you.',
} as const satisfies RefusalKind;

export const ViewNotServed = {
  code: 'view-not-served',
  status: 406,
  title: 'That version of your view is not served now.',
} as const satisfies RefusalKind;

export const ClassNotShared = {
  code: 'class-not-shared',
  status: 403,
  title: 'Nothing of this kind is shared with you.',
} as const satisfies RefusalKind;

export const CursorInvalid = {
  code: 'cursor-invalid',
  status: 400,
  title: 'The cursor is not one that was given to you for this list.',
} as const satisfies RefusalKind;

export const RightsChanging = {
  code: 'rights-changing',
  status: 503,
  title: 'What you may see was changed while the answer was made. Ask again.',
} as const satisfies RefusalKind;

/** With what a decision, and what follows it, refuses. */
export const sharingRefusals = [
  ClassNotShared,
  NoAgreement,
  NoView,
  PartnerSuspended,
  ScopeInsufficient,
  RightsChanging,
] as const;
