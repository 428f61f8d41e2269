import type { Explanation, FeeRefund } from './accrual.ts';
import type { Earning } from './earning-rules.ts';
import { inputsOf, moneyIn, sourceOf } from './explanation-rules.ts';
import { between, isWhole } from './reversal-rules.ts';

/** Something that was taken back, or given back, and what that did to a line. */
export interface ReversalStep {
  readonly refund: FeeRefund;
  readonly event: 'refund' | 'dispute' | 'credit' | 'won';
  readonly at: Date;
  /** The local day of it, and how many such days after the settlement. */
  readonly on: string;
  readonly days: number;
  /** What of it falls on the payment, less tax; negative where it is given back. */
  readonly minor: bigint;
  /** Null where the refund speaks another currency than its payment. */
  readonly share:
    | {
        readonly by: 'share';
        readonly feeMinor: bigint;
        readonly refundedMinor: bigint;
        readonly reversedBefore: bigint;
        readonly reversedNow: bigint;
      }
    | {
        readonly by: 'threshold';
        readonly feeMinor: bigint;
        readonly sumMinor: bigint;
        readonly thresholdMinor: bigint;
      }
    | null;
}

/** Says how much of a line a refund takes back, or a dispute that is won gives back. */
export function explainReversal(earning: Earning, step: ReversalStep): Explanation {
  const { terms, agreement, rounding } = earning;
  const { refund, on, share, event } = step;
  return {
    text: `${eventText(step)} ${changeText(earning, step)} ${sourceOf(earning)}`,
    told: `${eventText(step)} ${toldChange(earning, step)} ${sourceOf(earning)}`,
    formula: formulaOf(earning, step),
    exact: exactOf(earning, step),
    inputs: {
      ...inputsOf(earning),
      refundMinor: String(refund.amountMinor),
      refundTaxMinor: String(refund.taxMinor),
      ...(event === 'credit' && { creditedHereMinor: String(step.minor) }),
      [event === 'won' ? 'wonOn' : 'refundedOn']: on,
      ...(terms.clawbackDays === undefined ? {} : { clawbackDays: String(terms.clawbackDays) }),
      ...(share && { lineFeeMinor: String(share.feeMinor) }),
      ...(share?.by === 'share' && {
        refundedToDateMinor: String(between(share.refundedMinor, earning.paidMinor)),
        reversedBeforeMinor: String(share.reversedBefore),
      }),
      ...(share?.by === 'threshold' && {
        paymentsLessRefundsMinor: String(share.sumMinor),
        thresholdMinor: String(share.thresholdMinor),
      }),
      rounding,
      agreementVersion: String(agreement.version),
    },
  };
}

function eventText({ refund, event, on, days, minor }: ReversalStep): string {
  const money = moneyIn(refund.currency);
  const amount = `${money(refund.amountMinor)} less ${money(refund.taxMinor)} tax`;
  const after = `${String(days)} days after the payment settled`;
  if (event === 'won') return `Dispute of ${amount}, won on ${on}, ${after}.`;
  if (event === 'credit') {
    return (
      `Credit of ${amount} on ${on} that names no payment; ${money(minor)} of it falls on this ` +
      `payment, the latest that still earned, ${after}.`
    );
  }
  return `${event === 'dispute' ? 'Dispute' : 'Refund'} of ${amount} on ${on}, ${after}.`;
}

function changeText(earning: Earning, { share, refund, event }: ReversalStep): string {
  const money = moneyIn(refund.currency);
  if (!share) return `The payment is in ${earning.payment.currency}: nothing is reversed.`;
  const { feeMinor } = share;
  if (share.by === 'threshold') {
    const sum = `The customer’s payments, less what was refunded, now add up to ${money(share.sumMinor)}`;
    return event === 'won'
      ? `${sum} and reach the threshold of ${money(share.thresholdMinor)} again: the fee of ${money(feeMinor)} is restored.`
      : `${sum}, below the threshold of ${money(share.thresholdMinor)}: the fee of ${money(feeMinor)} is reversed.`;
  }
  const { paidMinor, rounding } = earning;
  const { reversedBefore, reversedNow } = share;
  const refunded = between(share.refundedMinor, paidMinor);
  const { serviceRates, ratePercent } = earning.terms;
  const rate = serviceRates?.[earning.serviceKey] ?? ratePercent;
  const isOnlyWhole = isWhole(earning);
  const earned = rate === undefined ? '' : `, earned at ${rate} %,`;
  const how = isOnlyWhole ? ', which only a full refund reverses,' : earned;
  const rounded = isOnlyWhole ? '' : `, rounded ${rounding}`;
  return (
    `Refunded to date ${money(refunded)} of ${money(paidMinor)}; of the fee of ` +
    `${money(feeMinor)}${how} that reverses ${money(reversedNow)}${rounded}; ${money(reversedBefore)} was ` +
    `reversed before, so ${money(reversedNow - reversedBefore)} now.`
  );
}

/** The same without the sum of the customer’s payments: some may be none of the partner’s to see. */
function toldChange(earning: Earning, step: ReversalStep): string {
  const { share, event, refund } = step;
  if (share?.by !== 'threshold') return changeText(earning, step);
  const money = moneyIn(refund.currency);
  const [fee, threshold] = [money(share.feeMinor), money(share.thresholdMinor)];
  const sum = 'The customer’s payments, less what was refunded,';
  return event === 'won'
    ? `${sum} reach the threshold of ${threshold} again: the fee of ${fee} is restored.`
    : `${sum} are below the threshold of ${threshold} now: the fee of ${fee} is reversed.`;
}

function formulaOf(earning: Earning, { share, event }: ReversalStep): string {
  if (share?.by === 'threshold') {
    return event === 'won'
      ? 'restored = fee, once payments − refunds ≥ threshold again'
      : 'reversed = fee, once payments − refunds < threshold';
  }
  return isWhole(earning)
    ? 'reversed = fee, once refunded to date ≥ payment − tax; less what was reversed before'
    : 'reversed = round(fee × min(1, refunded to date ÷ (payment − tax))) − reversed before';
}

function exactOf(earning: Earning, { share }: ReversalStep): string | null {
  if (!share) return null;
  const { feeMinor } = share;
  if (share.by === 'threshold' || isWhole(earning)) return String(feeMinor);
  const refunded = between(share.refundedMinor, earning.paidMinor);
  return `${String(feeMinor)} × ${String(refunded)} ÷ ${String(earning.paidMinor)}`;
}
