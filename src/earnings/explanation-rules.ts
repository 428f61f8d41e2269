import { currencyDecimals } from '../platform/currencies.ts';
import { minorText } from '../platform/money.ts';
import type { Explanation } from './accrual.ts';
import type { Cut } from './cap-rules.ts';
import type { Earning } from './earning-rules.ts';
import { exactText, roundExact } from './fee-rules.ts';
import type { Basis, Nominal } from './nominal-rules.ts';

/** What a payment earned: before its caps, and after them. */
export interface Earned {
  readonly nominal: Nominal;
  readonly feeMinor: bigint;
  readonly cut: Cut | null;
}

/** Says how a payment's fee came about; null: its currency is not agreed. */
export function explainAccrual(earning: Earning, earned: Earned | null): Explanation {
  const { payment, agreement, terms, rounding, baseMinor } = earning;
  const { currency } = payment;
  const money = moneyIn(currency);
  const parts = (terms.less ?? []).map((part) => [part, payment.parts[part] ?? 0n] as const);
  const less = [
    `${money(payment.taxMinor)} tax`,
    ...parts.map(([part, minor]) => `${money(minor)} ${partNames[part]}`),
  ].join(' and ');
  const nothing = `The agreement names ${terms.currencies.join(', ')} and not ${currency}: nothing is earned.`;
  const sentence = (words: readonly string[]) =>
    `Payment of ${money(payment.amountMinor)} less ${less}: base ${money(baseMinor)}. ` +
    [...words.filter((text) => text !== ''), sourceOf(earning)].join(' ');
  return {
    text: sentence(earned ? [earnedText(earning, earned), cutText(earning, earned)] : [nothing]),
    told: sentence(earned ? [toldText(earning, earned), toldCut(earning, earned)] : [nothing]),
    formula: formulaOf(earning, earned?.nominal.basis.by ?? 'percent'),
    exact: earned && exactOf(earned.nominal),
    inputs: {
      ...inputsOf(earning),
      ...(earned && basisInputs(earned.nominal.basis)),
      ...(earned?.cut && {
        nominalMinor: String(earned.nominal.feeMinor),
        capMinor: String(earned.cut.capMinor),
        capRoomMinor: String(earned.cut.roomMinor),
      }),
      rounding,
      agreementVersion: String(agreement.version),
    },
  };
}

const partNames = {
  processorFee: 'processor fee',
  shipping: 'shipping',
  discount: 'discount',
} as const;

const formulas: Readonly<Record<Basis['by'], string>> = {
  percent: 'fee = round((payment − tax) × rate ÷ 100)',
  level: 'fee = round(exact fees with it) − round(exact fees before it)',
  flat: 'fee = the flat amount',
  threshold: 'fee = the flat amount, once payments − refunds ≥ threshold',
  graduated:
    'fee = round(F(base with it)) − round(F(base before it)), F: each tier’s part at its rate',
  volume: 'fee = round(base with it × rate ÷ 100) − round(base before it × rate ÷ 100)',
};

function formulaOf({ terms }: Earning, by: Basis['by']): string {
  const formula = formulas[by];
  return terms.less ? formula.replace('(payment − tax)', '(payment − tax − parts)') : formula;
}

function earnedText(earning: Earning, { nominal }: Earned): string {
  const { rounding, terms } = earning;
  const { currency } = earning.payment;
  const { basis, feeMinor } = nominal;
  const money = moneyIn(currency);
  const exact = (value: bigint) =>
    `${exactText(value, currencyDecimals(currency) ?? 0)} ${currency}`;
  const owed = `which ${debtorOf(earning)}.`;
  const step = ({ exactBefore, exactAfter }: { exactBefore: bigint; exactAfter: bigint }) =>
    `${exact(exactBefore)} before it and ${exact(exactAfter)} with it, rounded ${rounding} to ` +
    `${money(roundExact(exactBefore, rounding))} and ${money(roundExact(exactAfter, rounding))}: ` +
    `${money(feeMinor)}, ${owed}`;
  if (basis.by === 'percent') {
    return (
      `${basis.ratePercent} % of it is ${exact(basis.exact)}, rounded ${rounding} to ` +
      `${money(feeMinor)}, ${owed}`
    );
  }
  if (basis.by === 'level') {
    const whose = terms.roundingLevel === 'customer-month' ? 'customer’s' : 'partner’s';
    return (
      `${basis.ratePercent} % of it is ${exact(basis.exact)}. The ${whose} exact fees of the month ` +
      `add up to ${step(basis)}`
    );
  }
  if (basis.by === 'flat') {
    const per = terms.flat?.per;
    const of =
      per === 'payment'
        ? 'each payment'
        : per === 'activation'
          ? 'the activation'
          : 'the first payment';
    return `The agreement gives ${money(feeMinor)} for ${of}, ${owed}`;
  }
  if (basis.by === 'threshold') {
    return (
      `With it the customer’s payments, less what was refunded, add up to ` +
      `${money(basis.reachedMinor)} and reach ${money(basis.thresholdMinor)}: that earns ` +
      `${money(feeMinor)} once, ${owed}`
    );
  }
  const bases = `${money(basis.baseBefore)} before it and ${money(basis.baseAfter)} with it`;
  if (basis.by === 'graduated') {
    return `The month’s base is ${bases}. Each part at the rate of its tier, that is ${step(basis)}`;
  }
  const { tier, measure } = basis;
  const isCount = terms.tiers?.by === 'active-relationships';
  const tierText = isCount
    ? `At the month’s end ${String(measure)} relationships were active: the tier from ${String(tier.from)} on`
    : `The month’s base is ${money(measure)}: the tier from ${money(tier.from)} on`;
  return (
    `${tierText}, ${tier.ratePercent} %, applies to all of it. Of the base, ${bases}, that is ` +
    step(basis)
  );
}

/** The same without totals over other payments: what they are, the partner may not be shown. */
function toldText(earning: Earning, earned: Earned): string {
  const { terms } = earning;
  const { basis, feeMinor } = earned.nominal;
  const money = moneyIn(earning.payment.currency);
  const so = `that makes ${money(feeMinor)} of it, which ${debtorOf(earning)}.`;
  switch (basis.by) {
    case 'percent':
    case 'flat':
      return earnedText(earning, earned);
    case 'level': {
      const whose = terms.roundingLevel === 'customer-month' ? 'customer’s' : 'partner’s';
      return `At ${basis.ratePercent} %, the ${whose} exact fees of the month added up and rounded once, ${so}`;
    }
    case 'threshold':
      return (
        `With it the customer’s payments, less what was refunded, reach ${money(basis.thresholdMinor)}: ` +
        `that earns ${money(feeMinor)} once, which ${debtorOf(earning)}.`
      );
    case 'graduated':
      return `In the order of the month’s payments, each part at the rate of its tier, ${so}`;
    case 'volume':
      return `At ${basis.tier.ratePercent} %, the rate of the month’s tier, for all of its payments together, ${so}`;
  }
}

function toldCut({ payment }: Earning, { cut, feeMinor }: Earned): string {
  if (!cut) return '';
  const money = moneyIn(payment.currency);
  const of = cut.of === 'customer' ? 'the customer' : `the period ${cut.period ?? ''}`;
  return `The cap of ${money(cut.capMinor)} for ${of} cuts the fee to ${money(feeMinor)}.`;
}

function cutText({ payment }: Earning, { cut, feeMinor }: Earned): string {
  if (!cut) return '';
  const money = moneyIn(payment.currency);
  const of = cut.of === 'customer' ? 'the customer' : `the period ${cut.period ?? ''}`;
  return (
    `The cap of ${money(cut.capMinor)} for ${of} leaves ${money(cut.roomMinor)}: the fee is cut to ` +
    `${money(feeMinor)}.`
  );
}

/** Before rounding: a decimal, a difference, or the flat amount. */
function exactOf({ basis, feeMinor }: Nominal): string {
  if (basis.by === 'percent') return exactText(basis.exact);
  if (basis.by === 'flat' || basis.by === 'threshold') return String(feeMinor);
  return `${exactText(basis.exactAfter)} − ${exactText(basis.exactBefore)}`;
}

function basisInputs(basis: Basis): Record<string, string> {
  if (basis.by === 'flat') return {};
  if (basis.by === 'percent') return { ratePercent: basis.ratePercent };
  if (basis.by === 'threshold') {
    const { reachedMinor, thresholdMinor } = basis;
    return { reachedMinor: String(reachedMinor), thresholdMinor: String(thresholdMinor) };
  }
  const exact = {
    exactBefore: exactText(basis.exactBefore),
    exactWithIt: exactText(basis.exactAfter),
  };
  if (basis.by === 'level') return { ratePercent: basis.ratePercent, ...exact };
  const base = {
    baseBeforeMinor: String(basis.baseBefore),
    baseWithItMinor: String(basis.baseAfter),
  };
  if (basis.by === 'graduated') return { ...base, ...exact };
  const { tier, measure } = basis;
  return {
    ...{ ratePercent: tier.ratePercent, tierFrom: String(tier.from), tierBy: String(measure) },
    ...base,
    ...exact,
  };
}

/** Who owes a fee. */
function debtorOf({ agreement }: Earning): string {
  return agreement.terms.direction === 'payable' ? 'we owe the partner' : 'the partner owes us';
}

/** Under which agreement a payment earned, and on which days. */
export function sourceOf({ agreement, settledOn, startedOn, endsOn }: Earning): string {
  const until = endsOn === null ? '' : `, earning before ${endsOn}`;
  return (
    `Agreement version ${String(agreement.version)} of ${agreement.validFrom}; settled on ` +
    `${settledOn}, customer since ${startedOn}${until} (days of ${agreement.terms.timeZone}).`
  );
}

/** What every formula reads of a payment. */
export function inputsOf({
  payment,
  baseMinor,
  terms,
  ...earning
}: Earning): Record<string, string> {
  const parts = (terms.less ?? []).map(
    (part) => [`${part}Minor`, String(payment.parts[part] ?? 0n)] as const,
  );
  return {
    currency: payment.currency,
    paymentMinor: String(payment.amountMinor),
    taxMinor: String(payment.taxMinor),
    ...Object.fromEntries(parts),
    baseMinor: String(baseMinor),
    settledOn: earning.settledOn,
    startedOn: earning.startedOn,
    ...(earning.endsOn === null ? {} : { endsOn: earning.endsOn }),
    timeZone: earning.agreement.terms.timeZone,
  };
}

/** Amounts of a currency as people read them. */
export function moneyIn(currency: string): (minor: bigint) => string {
  return (minor) => `${minorText(minor, currency)} ${currency}`;
}
