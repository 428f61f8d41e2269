import type { PartnerId } from '../partners/index.ts';
import type { RefusalKind } from '../platform/refusal.ts';

/** `collected`: the partner took it of our customers and owes it to us. `remitted`: it paid it to us. */
export type TransferKind = 'collected' | 'remitted';

/** Money that moved between a partner and us beside payouts. */
export interface Transfer {
  readonly partnerId: PartnerId;
  readonly kind: TransferKind;
  /** Of a collection the partner's own; of a remittance what the bank calls it. Once for each kind. */
  readonly reference: string;
  readonly currency: string;
  /** Minor units; below nothing where a collection is taken back. */
  readonly amountMinor: bigint;
  /** The local day on which it moved: YYYY-MM-DD. */
  readonly onDay: string;
  readonly bookedAt: Date;
}

/** What transfers add up to, by kind, in minor units of one currency. */
export interface TransferSums {
  readonly collectedMinor: bigint;
  readonly remittedMinor: bigint;
  readonly transferCount: number;
}

export const MoreThanOwed = {
  code: 'more-than-owed',
  status: 409,
  title: 'The partner owes less than that on its closed statements.',
} as const satisfies RefusalKind;

export const TransferConflict = {
  code: 'transfer-conflict',
  status: 409,
  title: 'Something else is booked under this reference.',
} as const satisfies RefusalKind;

export const InvalidRemittance = {
  code: 'invalid-remittance',
  status: 422,
  title: 'The remittance is not one that can be booked.',
} as const satisfies RefusalKind;
