import type { PartnerId } from '../partners/index.ts';
import type { Named } from '../people/index.ts';
import type { RefusalKind } from '../platform/refusal.ts';
import type { ClosedStatement } from '../settlements/index.ts';

/** How far a batch is: open until each of its statements is paid or was taken out of it. */
export type BatchStatus = 'open' | 'paid' | 'released';

/** One statement in a batch. */
export interface PayoutItem {
  /** From 1. */
  readonly position: number;
  readonly partnerId: PartnerId;
  readonly partnerKey: string;
  /** "2026-10" */
  readonly period: string;
  readonly amountMinor: bigint;
  /** Whom it is paid to; null where no account was named, and finance pays by hand. */
  readonly payee: {
    readonly version: number;
    readonly name: string;
    readonly account: string;
    readonly bic: string | null;
    /** Whether it is the account that counts now. */
    readonly isLatest: boolean;
  } | null;
  readonly endToEndId: string;
  readonly released: { readonly by: Named; readonly at: Date; readonly reason: string } | null;
  readonly paid: { readonly reference: string; readonly by: Named; readonly at: Date } | null;
}

/** An item before it is in a batch. */
export type DraftItem = Pick<
  PayoutItem,
  'position' | 'partnerId' | 'partnerKey' | 'period' | 'amountMinor' | 'endToEndId'
> & { readonly payee: Omit<NonNullable<PayoutItem['payee']>, 'isLatest'> | null };

/** Approved statements of one currency that are paid together. Nothing of it changes but its items' fate. */
export interface PayoutBatch {
  /** From 1, over all currencies. */
  readonly number: number;
  readonly currency: string;
  readonly status: BatchStatus;
  /** The day on which the bank is to carry it out (YYYY-MM-DD). */
  readonly executeOn: string;
  readonly madeBy: Named;
  readonly madeAt: Date;
  readonly statementCount: number;
  readonly totalMinor: bigint;
  readonly csvSha256: Buffer;
  /** Null: no pain.001 was written. */
  readonly pain001Sha256: Buffer | null;
  readonly items: readonly PayoutItem[];
}

/** An approved statement that a batch left out, and why. */
export interface LeftOut {
  readonly partnerKey: string;
  readonly statement: ClosedStatement;
  readonly because: 'no-payee' | 'next-batch';
}

export const payoutFormats = ['csv', 'pain.001'] as const;
export type PayoutFormat = (typeof payoutFormats)[number];

/** How many statements one batch holds at most. */
export const longestBatch = 5000;

const conflict = (code: string, title: string) => ({ code, status: 409, title }) as const;

export const UnknownPayout = {
  code: 'unknown-payout',
  status: 404,
  title: 'There is no such payout batch, or no such statement in it.',
} as const satisfies RefusalKind;
export const InvalidPayout = {
  code: 'invalid-payout',
  status: 422,
  title: 'The payout is not described as it must be.',
} as const satisfies RefusalKind;
export const NothingToPayOut = conflict(
  'nothing-to-pay-out',
  'No approved statement of this currency waits to be paid out.',
);
export const PayoutChanged = conflict(
  'payout-changed',
  'The batch is not what was written for the bank any more: release what is left of it and make another.',
);
export const PayoutPaid = conflict('payout-paid', 'It is paid already.');
export const PayoutReleased = conflict('payout-released', 'It was taken out of the batch already.');
export const NotInFormat = conflict(
  'not-in-format',
  'The batch was not written in this format: pain.001 is for euros, where SLUICE_PAYER is set.',
);
