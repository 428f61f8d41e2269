import { currencyDecimals } from '../platform/currencies.ts';
import { minorText } from '../platform/money.ts';
import { roundFraction } from '../platform/rounding.ts';
import type { Explanation, FeeRefund } from './accrual.ts';
import type { Earning } from './earning-rules.ts';
import { parseRate } from './fee-rules.ts';

/** Says how a payment's fee came about; `feeMinor` null: its currency is not agreed. */
export function explainAccrual(earning: Earning, feeMinor: bigint | null): Explanation {
  const { payment, agreement, terms, baseMinor } = earning;
  const { currency } = payment;
  const money = (minor: bigint) => `${minorText(minor, currency)} ${currency}`;
  const exact = percentText(baseMinor, terms.ratePercent, 0);
  const exactMoney = percentText(baseMinor, terms.ratePercent, currencyDecimals(currency) ?? 0);
  const earned =
    feeMinor === null
      ? `The agreement names ${terms.currencies.join(', ')} and not ${currency}: nothing is earned.`
      : `${terms.ratePercent} % of it is ${exactMoney} ${currency}, rounded ${terms.rounding} to ` +
        `${money(feeMinor < 0n ? -feeMinor : feeMinor)}, which ${debtorOf(earning)}.`;
  return {
    text:
      `Payment of ${money(payment.amountMinor)} less ${money(payment.taxMinor)} tax: base ` +
      `${money(baseMinor)}. ${earned} ${sourceOf(earning)}`,
    formula: 'fee = round((payment − tax) × rate ÷ 100)',
    exact: feeMinor === null ? null : exact,
    inputs: {
      ...inputsOf(earning),
      rounding: terms.rounding,
      agreementVersion: String(agreement.version),
    },
  };
}

/** A refund, the day on which it was made, and how far the payment is refunded with it. */
export interface RefundStep {
  readonly refund: FeeRefund;
  readonly refundedOn: string;
  /** Local days from the settlement. */
  readonly days: number;
  /** Null where the refund speaks another currency than its payment. */
  readonly share: {
    readonly feeMinor: bigint;
    readonly paidMinor: bigint;
    readonly refundedMinor: bigint;
    readonly reversedMinor: bigint;
  } | null;
}

/** Says how much of a line a refund takes back. */
export function explainReversal(earning: Earning, step: RefundStep): Explanation {
  const { terms, agreement } = earning;
  const { refund, refundedOn, days, share } = step;
  const money = (minor: bigint) => `${minorText(minor, refund.currency)} ${refund.currency}`;
  const name = refund.kind === 'dispute' ? 'Dispute' : 'Refund';
  const made =
    `${name} of ${money(refund.amountMinor)} less ${money(refund.taxMinor)} tax on ` +
    `${refundedOn}, ${String(days)} days after the payment settled.`;
  return {
    text: `${made} ${reversedText(earning, step, money)} ${sourceOf(earning)}`,
    formula: 'reversed = round(fee × min(1, refunded to date ÷ (payment − tax))) − reversed before',
    exact: share && fractionText(share),
    inputs: {
      ...inputsOf(earning),
      refundMinor: String(refund.amountMinor),
      refundTaxMinor: String(refund.taxMinor),
      refundedOn,
      ...(terms.clawbackDays === undefined ? {} : { clawbackDays: String(terms.clawbackDays) }),
      ...(share && {
        lineFeeMinor: String(share.feeMinor),
        refundedToDateMinor: String(share.refundedMinor),
        reversedBeforeMinor: String(share.reversedMinor),
      }),
      rounding: terms.rounding,
      agreementVersion: String(agreement.version),
    },
  };
}

function reversedText(
  { payment, terms }: Earning,
  { share }: RefundStep,
  money: (minor: bigint) => string,
): string {
  if (!share) return `The payment is in ${payment.currency}: nothing is reversed.`;
  const { feeMinor, paidMinor, refundedMinor, reversedMinor } = share;
  const toDateMinor = roundFraction(feeMinor * cappedRefund(share), paidMinor, terms.rounding);
  return (
    `Refunded to date ${money(refundedMinor)} of ${money(paidMinor)}; of the fee of ` +
    `${money(feeMinor)}, earned at ${terms.ratePercent} %, that reverses ${money(toDateMinor)}, ` +
    `rounded ${terms.rounding}; ${money(reversedMinor)} was reversed before, so ` +
    `${money(toDateMinor - reversedMinor)} now.`
  );
}

function fractionText(share: NonNullable<RefundStep['share']>): string {
  const { feeMinor, paidMinor } = share;
  return `${String(feeMinor)} × ${String(cappedRefund(share))} ÷ ${String(paidMinor)}`;
}

function cappedRefund(share: { refundedMinor: bigint; paidMinor: bigint }): bigint {
  return share.refundedMinor < share.paidMinor ? share.refundedMinor : share.paidMinor;
}

function debtorOf({ agreement }: Earning): string {
  return agreement.terms.direction === 'payable' ? 'we owe the partner' : 'the partner owes us';
}

function sourceOf({ agreement, settledOn, startedOn, endsOn }: Earning): string {
  const until = endsOn === null ? '' : `, earning before ${endsOn}`;
  return (
    `Agreement version ${String(agreement.version)} of ${agreement.validFrom}; settled on ` +
    `${settledOn}, customer since ${startedOn}${until} (days of ${agreement.terms.timeZone}).`
  );
}

function inputsOf({ payment, baseMinor, terms, ...earning }: Earning): Record<string, string> {
  return {
    currency: payment.currency,
    paymentMinor: String(payment.amountMinor),
    taxMinor: String(payment.taxMinor),
    baseMinor: String(baseMinor),
    ratePercent: terms.ratePercent,
    settledOn: earning.settledOn,
    startedOn: earning.startedOn,
    ...(earning.endsOn === null ? {} : { endsOn: earning.endsOn }),
    timeZone: earning.agreement.terms.timeZone,
  };
}

/** base × rate ÷ 100 as an exact decimal text, the point moved `decimals` places to the left. */
function percentText(baseMinor: bigint, ratePercent: string, decimals: number): string {
  const { numerator, denominator } = parseRate(ratePercent);
  const places = String(denominator * 100n).length - 1 + decimals;
  const digits = String(baseMinor * numerator).padStart(places + 1, '0');
  const part = digits.slice(-places).replace(/0+$/, '');
  return digits.slice(0, -places) + (part === '' ? '' : `.${part}`);
}
