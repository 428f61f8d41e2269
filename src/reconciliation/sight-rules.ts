import type { AccrualLine } from '../fees/index.ts';
import type { PartnerId } from '../partners/index.ts';
import { groupBy } from '../platform/group.ts';
import type { CustomerId, ServiceId } from '../records/index.ts';
import type { Relationship } from '../relationships/index.ts';
import { isShownInFull } from '../settlements/index.ts';
import type { Allowed } from '../sharing/index.ts';
import { isEvidenceShown } from '../statements/index.ts';
import type { StatedLine } from './own-lines.ts';
import type { OwnLine } from './reconciliation.ts';

interface Sighted {
  readonly decision: Allowed | null;
  readonly partnerId: PartnerId;
  /** The partner's, of every customer that is looked at. */
  readonly relationships: readonly Relationship[];
}

interface Moments {
  readonly customerId: CustomerId;
  readonly serviceId: ServiceId;
  readonly settledAt: Date;
  readonly occurredAt: Date;
}

/** What may be seen of lines and payments. */
export interface Sight {
  /** Whether nothing at all of fees may be traced to anybody. */
  readonly isBlind: boolean;
  readonly isLineSeen: (line: AccrualLine) => boolean;
  readonly isPaymentSeen: (payment: Omit<Moments, 'occurredAt'>) => boolean;
  /** A line as it may be seen: of one that may not, nothing tells of whom it is, or why. */
  readonly cut: (line: StatedLine) => OwnLine;
}

/** What of lines and payments may be seen: by finance all, by a partner what its statements show it. */
export function seenBy({ decision, partnerId, relationships }: Sighted): Sight {
  const ofCustomer = groupBy(relationships, ({ customerId }) => customerId);
  const document = decision?.view.document;
  const isSeen = (moments: Moments) =>
    !document || isShownInFull({ ...moments, partnerId }, ofCustomer.get(moments.customerId) ?? []);
  const isLineSeen = (line: AccrualLine) =>
    !document || (isSeen(line) && isEvidenceShown(line, document));
  return {
    isBlind: document !== undefined && !isEvidenceShown(plainAccrual, document),
    isLineSeen,
    isPaymentSeen: ({ settledAt, ...payment }: Omit<Moments, 'occurredAt'>) =>
      !document ||
      (isEvidenceShown(plainAccrual, document) &&
        isSeen({ ...payment, settledAt, occurredAt: settledAt })),
    cut: (line: StatedLine): OwnLine => {
      const { lineId, kind, isAdjustment, amountMinor } = line;
      const told = { lineId, kind, isAdjustment, amountMinor };
      if (!document || isStatedSeen(line, isSeen, isLineSeen)) {
        const { customerId, paymentId, cutMinor, because } = line;
        return { ...told, customerId, paymentId, cutMinor, because };
      }
      return { ...told, customerId: null, paymentId: null, cutMinor: 0n, because: null };
    },
  };
}

const plainAccrual = {
  kind: 'accrual',
  explanation: { text: '', told: '', formula: '', exact: null, inputs: {} },
} as const;

function isStatedSeen(
  { customerId, serviceId, settledAt, occurredAt, computed }: StatedLine,
  isSeen: (moments: Moments) => boolean,
  isLineSeen: (line: AccrualLine) => boolean,
): boolean {
  if (!customerId || !serviceId || !settledAt || !occurredAt || !computed) return false;
  return isSeen({ customerId, serviceId, settledAt, occurredAt }) && isLineSeen(computed);
}
