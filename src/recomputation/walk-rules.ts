import { dayOf, daysFrom } from './day-rules.ts';
import type { GivenRefund } from './given.ts';
import { nominalsOf } from './nominal-rules.ts';
import { rounded } from './number-rules.ts';
import { minorOf, momentOf, pairOf, type Paid } from './world-rules.ts';

/** A fee that follows from the records. Positive: the operator owes it. */
export interface Recomputed {
  readonly payment: string;
  readonly refund: string | null;
  readonly currency: string;
  readonly minor: bigint;
  readonly availableOn: string;
  /** Of payments that settled in one moment only the sum is certain: its name; null: this one is. */
  readonly tie: string | null;
}

export interface WalkOrder {
  readonly payments: readonly Paid[];
  readonly refunds: readonly GivenRefund[];
  readonly tierOf: (paid: Paid) => string | undefined;
  /** What payments of one moment earned, where it is known otherwise; before the sign. */
  readonly stated: ReadonlyMap<string, bigint>;
}

interface State {
  readonly paid: Paid;
  /** What it earned after caps; undefined: no line. */
  earned: bigint | undefined;
  availableOn: string;
  refunded: bigint;
  reversed: bigint;
}

/** What one customer paid for one service, by currency, and what reaching a threshold earned. */
interface Spending {
  readonly sums: Map<string, bigint>;
  earnedBy: State | undefined;
  isReversed: boolean;
  /** What settled and what was taken of it, in order; "since" the fee was earned, from there on. */
  readonly told: Told[];
  since: number;
  readonly won: Set<string>;
}

type Told = readonly [state: State, refund: string | null, minor: bigint];

/** Goes through payments, refunds and won disputes in the order in which they happened. */
export function walk(order: WalkOrder): Recomputed[] {
  const { payments, refunds, stated } = order;
  const nominals = nominalsOf(payments, order.tierOf);
  const states = new Map<string, State>();
  /** By customer and service, the oldest first. */
  const histories = new Map<string, State[]>();
  const nets = new Map<string, bigint>();
  const spendings = new Map<string, Spending>();
  const takings = new Map<string, readonly (readonly [State, bigint])[]>();
  const lines: Recomputed[] = [];

  const add = (state: State, minor: bigint, at: string, refund: string | null) => {
    const { paid } = state;
    for (const name of capNames(paid)) nets.set(name, (nets.get(name) ?? 0n) + minor);
    const day = dayOf(at, paid.agreement.terms.timeZone);
    const availableOn = day > state.availableOn ? day : state.availableOn;
    if (refund === null) state.availableOn = availableOn;
    const isShared = (nominals.get(paid.given.id)?.group ?? null) !== null || hasCap(paid);
    lines.push({
      payment: paid.given.id,
      refund,
      currency: paid.given.amount.currency,
      minor: paid.agreement.terms.direction === 'payable' ? minor : -minor,
      availableOn,
      tie: isShared ? `${paid.day.slice(0, 7)} ${paid.given.settledAt}` : null,
    });
  };
  const earn = (state: State, nominal: bigint, at: string) => {
    const { paid } = state;
    const left = stated.get(paid.given.id) ?? capped(paid, nominal, nets);
    state.earned = left;
    add(state, left, at, null);
  };
  const reverse = (state: State, to: bigint, at: string, refund: string) => {
    const change = to - state.reversed;
    state.reversed = to;
    if (change !== 0n) add(state, -change, at, refund);
  };
  const look = (
    state: State,
    at: string,
    cause: 'paid' | 'taken' | 'won',
    refund: string | null,
    { minor, baseBefore }: { minor: bigint; baseBefore: bigint },
  ) => {
    const { fee, pair, given } = state.paid;
    const { currency } = given.amount;
    const spending: Spending = spendings.get(pair) ?? {
      sums: new Map<string, bigint>(),
      earnedBy: undefined,
      isReversed: false,
      ...{ told: [], since: 0, won: new Set() },
    };
    spendings.set(pair, spending);
    if (cause === 'won' && refund !== null) spending.won.add(refund);
    else spending.told.push([state, refund, minor]);
    const sum = (spending.sums.get(currency) ?? 0n) + baseLeft(state) - baseBefore;
    spending.sums.set(currency, sum);
    const earner = spending.earnedBy;
    const bound = thresholdOf((earner ?? state).paid);
    if (bound === undefined || (earner ?? state).paid.given.amount.currency !== currency) return;
    const isReached = sum >= BigInt(bound);
    if (!earner) {
      if (!isReached || cause === 'taken') return;
      spending.earnedBy = state;
      spending.since = spending.told.length;
      earn(state, BigInt(fee.flat?.amounts[currency] ?? 0), at);
    } else if (cause === 'taken' && !isReached && !spending.isReversed && refund !== null) {
      spending.isReversed = true;
      reverse(earner, earner.earned ?? 0n, at, refund);
    } else if (cause === 'won' && spending.isReversed && refund !== null) {
      if (lowestSince(spending, currency) < BigInt(bound)) return;
      spending.isReversed = false;
      reverse(earner, 0n, at, refund);
    }
  };
  const take = (state: State, minor: bigint, at: string, refund: string) => {
    const before = baseLeft(state);
    state.refunded += minor;
    const isThreshold = state.paid.fee.flat?.per === 'threshold';
    if (state.earned !== undefined && !isThreshold) reverse(state, reversedOf(state), at, refund);
    look(state, at, minor > 0n ? 'taken' : 'won', refund, { minor, baseBefore: before });
  };

  for (const event of eventsOf(payments, refunds)) {
    if (event.kind === 'paid') {
      const { paid } = event;
      const state: State = { paid, earned: undefined, availableOn: paid.availableOn, refunded: 0n, reversed: 0n }; // prettier-ignore
      states.set(paid.given.id, state);
      const history = histories.get(paid.pair);
      if (history) history.push(state);
      else histories.set(paid.pair, [state]);
      const nominal = nominals.get(paid.given.id);
      if (nominal) earn(state, nominal.minor, paid.given.settledAt);
      look(state, paid.given.settledAt, 'paid', null, { minor: 0n, baseBefore: 0n });
      continue;
    }
    const { refund } = event;
    if (event.kind === 'won') {
      for (const [state, minor] of takings.get(refund.id) ?? []) take(state, -minor, refund.wonAt ?? '', refund.id); // prettier-ignore
      continue;
    }
    const taking = takingOf(refund, states, histories.get(pairOf(refund)) ?? []);
    takings.set(refund.id, taking);
    for (const [state, minor] of taking) take(state, minor, refund.refundedAt, refund.id);
  }
  return lines;
}

/** The least that the sum came to since the fee was earned, as if no dispute that is won had been. */
function lowestSince({ told, since, won }: Spending, currency: string): bigint {
  const gone = new Map<State, bigint>();
  let [sum, lowest]: [bigint, bigint | undefined] = [0n, undefined];
  for (const [i, [state, refund, minor]] of told.entries()) {
    if (state.paid.given.amount.currency !== currency) continue;
    if (refund !== null && won.has(refund)) continue;
    const before = gone.get(state);
    const after = (before ?? 0n) + minor;
    gone.set(state, after);
    sum += baseLeft({ ...state, refunded: after });
    if (before !== undefined) sum -= baseLeft({ ...state, refunded: before });
    if (i >= since && refund !== null && (lowest === undefined || sum < lowest)) lowest = sum;
  }
  return lowest ?? sum;
}

type Event =
  | { readonly kind: 'paid'; readonly paid: Paid }
  | { readonly kind: 'taken' | 'won'; readonly refund: GivenRefund };

function eventsOf(payments: readonly Paid[], refunds: readonly GivenRefund[]): Event[] {
  const settled = new Map(payments.map(({ given }) => [given.id, momentOf(given.settledAt)]));
  const placed: (readonly [at: number, rank: number, own: number, id: string, event: Event])[] = [
    ...payments.map((paid) => {
      const at = momentOf(paid.given.settledAt);
      return [at, 0, 0, paid.given.id, { kind: 'paid', paid }] as const;
    }),
    ...refunds.flatMap((refund) => {
      const own = momentOf(refund.refundedAt);
      const at = Math.max(own, settled.get(refund.payment ?? '') ?? own);
      const taken = [at, 1, own, refund.id, { kind: 'taken', refund }] as const;
      if (refund.kind !== 'dispute' || refund.wonAt === undefined) return [taken];
      const won = momentOf(refund.wonAt);
      return [taken, [Math.max(at, won), 2, won, refund.id, { kind: 'won', refund }] as const];
    }),
  ];
  return placed
    .sort((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2] || (a[3] < b[3] ? -1 : 1))
    .map(([, , , , event]) => event);
}

/** On which payments a refund falls, and with how much. */
function takingOf(
  refund: GivenRefund,
  states: ReadonlyMap<string, State>,
  history: readonly State[],
): (readonly [State, bigint])[] {
  const minor = minorOf(refund.amount) - minorOf(refund.tax);
  const isOpen = ({ paid }: State) =>
    paid.given.amount.currency === refund.amount.currency &&
    daysFrom(paid.day, dayOf(refund.refundedAt, paid.agreement.terms.timeZone)) <=
      (paid.fee.clawbackDays ?? Infinity);
  if (refund.payment !== undefined) {
    const state = states.get(refund.payment);
    return state && isOpen(state) ? [[state, minor]] : [];
  }
  let left = minor;
  const taken: (readonly [State, bigint])[] = [];
  for (let i = history.length - 1; i >= 0 && left > 0n; i -= 1) {
    const state = history[i];
    if (!state) continue;
    const { paid, earned, refunded } = state;
    const canEarn = earned !== undefined || paid.fee.flat?.per === 'threshold';
    if (!canEarn || !isOpen(state)) continue;
    const open = paid.paid - within(refunded, paid.paid);
    const part = open < left ? open : left;
    if (part <= 0n) continue;
    taken.push([state, part]);
    left -= part;
  }
  return taken;
}

const within = (refunded: bigint, paid: bigint) =>
  refunded < 0n ? 0n : refunded > paid ? paid : refunded;

function thresholdOf({ fee, given }: Paid): number | undefined {
  if (fee.kind !== 'flat' || fee.flat?.per !== 'threshold') return undefined;
  return fee.flat.thresholds?.[given.amount.currency];
}

/** What must stand reversed of what a payment earned. */
function reversedOf({ paid, earned = 0n, refunded }: State): bigint {
  const share = within(refunded, paid.paid);
  if (paid.fee.kind === 'flat' && paid.fee.flat?.per !== 'payment') {
    return share === paid.paid ? earned : 0n;
  }
  return rounded(earned * share, paid.paid, paid.fee.rounding ?? 'half-even');
}

function baseLeft({ paid, refunded }: State): bigint {
  const gone = paid.base * within(refunded, paid.paid);
  return paid.base - rounded(gone, paid.paid, paid.fee.rounding ?? 'half-even');
}

const hasCap = ({ fee }: Paid) =>
  fee.capPerCustomer !== undefined || fee.capPerPeriod !== undefined;

/** Under which names a fee counts: its customer's, and its period's of every length. */
function capNames({ pair, given, agreement, day }: Paid): readonly string[] {
  const what = `${given.amount.currency} ${agreement.terms.direction}`;
  return [`${pair} ${what}`, ...periods.map((period) => `${periodOf(day, period)} ${what}`)];
}

const periods = ['month', 'half-month', 'quarter'] as const;

/** What the caps leave of a fee: the customer's first, then the period's. */
function capped(paid: Paid, minor: bigint, nets: ReadonlyMap<string, bigint>): bigint {
  const { fee, given } = paid;
  const [customer = '', ...byPeriod] = capNames(paid);
  const period = byPeriod[periods.indexOf(fee.period ?? 'month')] ?? '';
  const caps = [
    [fee.capPerCustomer, customer],
    [fee.capPerPeriod, period],
  ] as const;
  return caps.reduce((left, [amounts, name]) => {
    const cap = amounts?.[given.amount.currency];
    if (cap === undefined) return left;
    const room = BigInt(cap) - (nets.get(name) ?? 0n);
    return room <= 0n ? 0n : left < room ? left : room;
  }, minor);
}

function periodOf(day: string, period: 'month' | 'half-month' | 'quarter'): string {
  const month = Number(day.slice(5, 7));
  if (period === 'quarter') return `${day.slice(0, 4)} quarter ${String(Math.ceil(month / 3))}`;
  return period === 'month'
    ? day.slice(0, 7)
    : `${day.slice(0, 7)} ${day.slice(8) > '15' ? 'b' : 'a'}`;
}
