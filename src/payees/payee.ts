import type { PartnerId } from '../partners/index.ts';
import type { Named } from '../people/index.ts';
import type { RefusalKind } from '../platform/refusal.ts';

/** Where a partner is paid in one currency. */
export interface PayeeAccount {
  /** As the bank knows the account’s holder. */
  readonly name: string;
  /** An IBAN, or what a bank of another country calls the account; capital letters and digits. */
  readonly account: string;
  readonly bic: string | null;
}

/** An account that two persons named. The latest version counts. */
export interface Payee extends PayeeAccount {
  readonly partnerId: PartnerId;
  readonly currency: string;
  /** From 1. */
  readonly version: number;
  readonly proposedBy: Named;
  readonly approvedBy: Named;
  readonly approvedAt: Date;
}

export const InvalidPayee = {
  code: 'invalid-payee',
  status: 422,
  title: 'The account is not described as it must be.',
} as const satisfies RefusalKind;

export const PayeeMoved = {
  code: 'payee-moved',
  status: 409,
  title: 'The account was changed since this was proposed: propose it again.',
} as const satisfies RefusalKind;
