import { currencyDecimals } from '../platform/currencies.ts';
import type { AmountByCurrency, FeeTerms, TierStep } from './fee.ts';

/** What is wrong with fee terms: the place under the agreement's terms (a JSON Pointer), and why. */
export interface FeeProblem {
  readonly field: string;
  readonly detail: string;
}

/**
 * Every way in which fee terms contradict themselves or leave open what a fee would be. Their shape
 * is that of the schema; `services` are those that the agreement covers.
 */
export function problemsOfFee(
  fee: FeeTerms,
  services: 'all' | readonly string[],
): readonly FeeProblem[] {
  return [
    ...problemsOfCurrencies(fee),
    ...problemsOfKind(fee),
    ...problemsOfServiceRates(fee, services),
    ...problemsOfFlat(fee),
    ...problemsOfTiers(fee),
    ...problemsOfHold(fee),
    ...problemsOfTax(fee),
    ...amounts(fee, '/fee/capPerCustomer', fee.capPerCustomer),
    ...amounts(fee, '/fee/capPerPeriod', fee.capPerPeriod),
    ...amounts(fee, '/fee/minimumPayout', fee.minimumPayout),
  ];
}

function problemsOfCurrencies({ currencies }: FeeTerms): FeeProblem[] {
  return currencies.flatMap((currency, index) =>
    currencyDecimals(currency) === undefined
      ? [problem(`/fee/currencies/${String(index)}`, 'This is no ISO 4217 currency with minor units.')] // prettier-ignore
      : [],
  );
}

const membersOf = {
  percent: { needs: ['ratePercent'], bars: ['flat', 'tiers'] },
  flat: { needs: ['flat'], bars: ['ratePercent', 'of', 'serviceRates', 'tiers', 'roundingLevel'] },
  tiers: { needs: ['tiers'], bars: ['ratePercent', 'of', 'serviceRates', 'flat', 'roundingLevel'] },
} as const;

function problemsOfKind(fee: FeeTerms): FeeProblem[] {
  const { needs, bars } = membersOf[fee.kind];
  const missing = needs.filter((member) => fee[member] === undefined);
  const surplus = bars.filter((member) => fee[member] !== undefined);
  return [
    ...missing.map((member) => problem(`/fee/${member}`, `A fee of kind ${fee.kind} needs it.`)),
    ...surplus.map((member) =>
      problem(`/fee/${member}`, `It means nothing in a fee of kind ${fee.kind}.`),
    ),
  ];
}

function problemsOfServiceRates(
  { serviceRates = {} }: FeeTerms,
  services: 'all' | readonly string[],
): FeeProblem[] {
  if (services === 'all') return [];
  return Object.keys(serviceRates)
    .filter((service) => !services.includes(service))
    .map((service) =>
      problem(
        `/fee/serviceRates/${pointer(service)}`,
        'The agreement does not cover this service.',
      ),
    );
}

function problemsOfFlat(fee: FeeTerms): FeeProblem[] {
  if (!fee.flat) return [];
  const { per, amounts: flat, thresholds } = fee.flat;
  const problems = amounts(fee, '/fee/flat/amounts', flat);
  if (per === 'threshold' && !thresholds) {
    return [...problems, problem('/fee/flat/thresholds', 'A fee per threshold needs it.')];
  }
  if (per !== 'threshold' && thresholds) {
    const detail = `It means nothing in a fee per ${per}.`;
    return [...problems, problem('/fee/flat/thresholds', detail)];
  }
  return [...problems, ...amounts(fee, '/fee/flat/thresholds', thresholds)];
}

function problemsOfTiers(fee: FeeTerms): FeeProblem[] {
  if (!fee.tiers) return [];
  const { mode, by, steps } = fee.tiers;
  const problems: FeeProblem[] = [];
  if (by === 'active-relationships' && mode !== 'volume') {
    const detail = 'Only tiers of mode volume go by the number of active relationships.';
    problems.push(problem('/fee/tiers/by', detail));
  }
  if (fee.period === 'half-month') {
    const detail = 'Tiers count whole months: a shorter period cannot be closed.';
    problems.push(problem('/fee/period', detail));
  }
  const bounds = by === 'base' ? fee.currencies : ['active'];
  steps.forEach((step, index) => {
    const place = `/fee/tiers/steps/${String(index)}`;
    problems.push(...problemsOfStep(fee, step, place));
    for (const bound of bounds) {
      const from = boundOf(step, bound);
      const before = steps[index - 1];
      const field = `${place}/${by === 'base' ? `from/${bound}` : 'fromActive'}`;
      if (from === undefined) continue;
      if (index === 0 && from !== 0) {
        problems.push(problem(field, 'The first tier begins at 0.'));
      }
      const least = before && boundOf(before, bound);
      if (least !== undefined && from <= least) {
        problems.push(problem(field, 'A tier begins above the one before it.'));
      }
    }
  });
  return problems;
}

function problemsOfStep(fee: FeeTerms, step: TierStep, place: string): FeeProblem[] {
  if (fee.tiers?.by === 'active-relationships') {
    if (step.from) {
      return [problem(`${place}/from`, 'Tiers by active relationships begin at fromActive.')];
    }
    return step.fromActive === undefined
      ? [problem(`${place}/fromActive`, 'Tiers by active relationships begin at it.')]
      : [];
  }
  if (step.fromActive !== undefined) {
    return [problem(`${place}/fromActive`, 'Tiers by base begin at from.')];
  }
  return step.from
    ? amounts(fee, `${place}/from`, step.from)
    : [problem(`${place}/from`, 'Tiers by base begin at it.')];
}

function boundOf({ from, fromActive }: TierStep, bound: string): number | undefined {
  return bound === 'active' ? fromActive : from?.[bound];
}

function problemsOfHold({ holdDays, holdToMonthEnd }: FeeTerms): FeeProblem[] {
  return holdToMonthEnd && holdDays === undefined
    ? [problem('/fee/holdDays', 'A hold to the month’s end says after how many days; 0 will do.')]
    : [];
}

function problemsOfTax({ tax }: FeeTerms): FeeProblem[] {
  const field = '/fee/tax/ratePercent';
  if (tax?.kind === 'rate' && tax.ratePercent === undefined) {
    return [problem(field, 'A tax at a rate needs it.')];
  }
  return tax && tax.kind !== 'rate' && tax.ratePercent !== undefined
    ? [problem(field, `It means nothing in a tax of kind ${tax.kind}.`)]
    : [];
}

/** An amount is said for each currency of the terms, and for no other. */
function amounts(
  { currencies }: FeeTerms,
  field: string,
  given: AmountByCurrency | undefined,
): FeeProblem[] {
  if (!given) return [];
  const surplus = Object.keys(given).filter((currency) => !currencies.includes(currency));
  const missing = currencies.filter((currency) => given[currency] === undefined);
  return [
    ...surplus.map((currency) =>
      problem(`${field}/${currency}`, 'The currencies of the terms do not name it.'),
    ),
    ...missing.map((currency) =>
      problem(`${field}/${currency}`, `It is missing: the currencies name ${currency}.`),
    ),
  ];
}

/**
 * The fields of payments and refunds that the formula of fee terms reads, by record type; without
 * them in its view a partner could not compute its own fees again.
 */
export function fieldsRead(
  fee: FeeTerms,
): Readonly<Record<'payment' | 'refund', readonly string[]>> {
  const money = ['amount.amount', 'amount.currency', 'tax.amount'];
  const parts = (fee.less ?? []).map((part) => `parts.${part}.amount`);
  return {
    payment: ['customer', 'service', 'settledAt', ...money, ...parts],
    refund: ['customer', 'service', 'payment', 'refundedAt', 'kind', 'wonAt', ...money],
  };
}

/** Fee terms in a few words. */
export function feeText(fee: FeeTerms): string {
  return earningText(fee) + taxText(fee);
}

function taxText({ tax }: FeeTerms): string {
  if (tax?.kind === 'reverse-charge') return ', reverse charge';
  return tax?.kind === 'rate' ? `, plus ${tax.ratePercent ?? ''} % tax` : '';
}

function earningText(fee: FeeTerms): string {
  const rounding = fee.rounding ?? 'half-even';
  if (fee.kind === 'flat') return `flat per ${fee.flat?.per ?? ''}`;
  if (fee.kind === 'tiers') return `${fee.tiers?.mode ?? ''} tiers ${rounding}`;
  const first = fee.of === 'first-payment' ? ' of the first payment' : '';
  return `${fee.ratePercent ?? ''} %${first} ${rounding}`;
}

function problem(field: string, detail: string): FeeProblem {
  return { field, detail };
}

/** One step of a JSON Pointer (RFC 6901, section 3). */
function pointer(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
