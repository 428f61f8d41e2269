import type { PartnerId } from '../partners/index.ts';
import type { RefusalKind } from '../platform/refusal.ts';
import type { CustomerId, RecordId, ServiceId } from '../records/index.ts';
import type { RelationshipId } from '../relationships/index.ts';

/** Who bills a customer of both: we do, or the partner does, together with its own. */
export const billingModes = ['direct', 'consolidated'] as const;
export type BillingMode = (typeof billingModes)[number];

/** From a day on a relationship is billed in another mode. */
export interface ModeChange {
  readonly customerId: CustomerId;
  readonly relationshipId: RelationshipId;
  readonly partnerId: PartnerId;
  readonly serviceId: ServiceId;
  readonly sequence: number;
  readonly mode: BillingMode;
  /** The first local day: YYYY-MM-DD. */
  readonly fromDay: string;
  /** How the customer said so. */
  readonly evidence: string;
  readonly actor: string;
  readonly bookedAt: Date;
}

export const reportStatuses = ['billed', 'collected', 'failed'] as const;
export type ReportStatus = (typeof reportStatuses)[number];

export const failureReasons = [
  'declined',
  'returned',
  'uncollectible',
  'disputed',
  'other',
] as const;
export type FailureReason = (typeof failureReasons)[number];
/** Why an invoice is ours again: a partner's reason, or that we took it back. */
export type ReturnReason = FailureReason | 'taken-back';

/** What a partner says of one invoice. */
export interface Reported {
  /** The partner's own: one report stands under it. */
  readonly reference: string;
  readonly status: ReportStatus;
  /** Minor units; of a failure that takes nothing back there is none. */
  readonly amountMinor: bigint | null;
  readonly currency: string;
  readonly at: Date;
  readonly reason: ReturnReason | null;
  /** The reference of the collection that a failure takes back. */
  readonly takesBack: string | null;
}

/** A report as it is kept. */
export interface CollectionReport extends Reported {
  readonly partnerId: PartnerId;
  /** Its place among the partner's, from 1. */
  readonly number: number;
  readonly customerId: CustomerId;
  readonly serviceId: ServiceId;
  readonly invoiceId: RecordId;
  readonly bookedAt: Date;
}

/** Why a report was not taken. */
export const rejections = {
  'not-bill-ready': 'It is no invoice that you bill now.',
  'reference-used': 'Another report stands under this reference.',
  'currency-differs': 'The invoice is in another currency.',
  'amount-missing': 'What was billed or collected has an amount.',
  'amount-unexpected': 'A failure has no amount: the collection that it takes back has one.',
  'more-than-open': 'Less than that is open.',
  'reason-missing': 'A failure has a reason.',
  'reason-unexpected': 'Only a failure has a reason, or takes something back.',
  'moment-invalid':
    'It is no moment, in the future, or before the invoice was issued or the collection made.',
  'unknown-collection': 'No collection of this invoice that counts stands under that reference.',
} as const;
export type Rejection = keyof typeof rejections;

export const InvalidMode = {
  code: 'invalid-billing-mode',
  status: 422,
  title: 'The billing mode cannot be changed so.',
} as const satisfies RefusalKind;

export const AlreadyConsolidated = {
  code: 'already-consolidated',
  status: 409,
  title: 'Another partner bills this customer for the service then.',
} as const satisfies RefusalKind;

export const PeriodBilled = {
  code: 'period-billed',
  status: 409,
  title: 'A period that goes on after that day is billed already.',
} as const satisfies RefusalKind;

export const NotBilled = {
  code: 'not-billed',
  status: 409,
  title: 'No partner has billed the invoice, it was given back, or nothing is left of it.',
} as const satisfies RefusalKind;

export const UnknownInvoice = {
  code: 'unknown-invoice',
  status: 404,
  title: 'There is no such invoice.',
} as const satisfies RefusalKind;
