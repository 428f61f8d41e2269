import { areCapsDoubtful, capped, countTowardsCaps, doubtCaps, hasCap } from './cap-rules.ts';
import { dayOf, daysFrom, lastOfMonth, rounded } from './measure-rules.ts';
import { minorOf, type GivenRefund } from './given.ts';
import { groupOf, nominalsOf, type Nominal } from './nominal-rules.ts';
import { keyOf, type Stated, type StatedFee, type StatedRate } from './stated-rules.ts';
import { availableFrom, isOfFirst, isOfThreshold, isUnstated, momentOf, pairOf, type Paid } from './world-rules.ts'; // prettier-ignore

/**
 * How a fee that follows from the records stands to what is stated: it is; it is not; it is within
 * what may be, and what it hangs on is not all shown; no line states it, as if it was not known yet;
 * or it stands among the lines that show no records, or on no statement so far.
 */
export type Standing = 'agrees' | 'differs' | 'uncertain' | 'unstated' | 'elsewhere';

/** A fee, held against what is stated of it. Positive: the operator owes it. */
export interface Judged {
  readonly payment: string;
  readonly refund: string | null;
  readonly standing: Standing;
  readonly lines: readonly StatedFee[];
  readonly recomputedMinor: bigint;
  /** Null where it hangs on what is not all shown. */
  readonly availableOn: string | null;
}

export interface WalkOrder {
  readonly payments: readonly Paid[];
  readonly refunds: readonly GivenRefund[];
  readonly stated: Stated;
}

/** A payment as it stands after the events so far. Amounts before the sign of the direction. */
interface State {
  readonly paid: Paid;
  /** What it earned after caps, as it is stated; undefined: no line. */
  earned: bigint | undefined;
  availableOn: string;
  refunded: bigint;
  reversed: bigint;
  /** Whether something may have been taken of it that is not shown, or not stated. */
  isDoubtful: boolean;
  /** Of one whose line is not shown, but a later one names it: what it earned at most. */
  mayHaveEarned?: bigint;
}

/** What one customer paid for one service, by currency, and what reaching a threshold earned. */
interface Spending {
  readonly sums: Map<string, bigint>;
  earnedBy: State | undefined;
  isReversed: boolean;
  /** It was stated otherwise than what is shown adds up to: nothing is expected any more. */
  isDoubtful: boolean;
  /** What settled and what was taken of it, in order; "since" the fee was earned, from there on. */
  readonly told: Told[];
  since: number;
  readonly won: Set<string>;
}

type Told = readonly [state: State, refund: string | null, minor: bigint];
type Taking = readonly [state: State, minor: bigint];
type Taken = 'taken' | 'won';

const ever = '9999-12-31';

/**
 * Goes through payments, refunds and won disputes in the order in which they happened, and holds each
 * fee against what is stated of it. What is stated is gone on with: each difference stands for itself.
 */
export function walk({ payments, refunds, stated }: WalkOrder): Judged[] {
  const { withheld } = stated;
  const judged: Judged[] = [];
  const seen = new Set<string>();
  const doubted = new Set<string>();
  /** Customers of whom a payment may or may not have been known. */
  const doubtedPairs = new Set<string>();
  const states = new Map<string, State>();
  /** By customer and service, the oldest first. */
  const histories = new Map<string, State[]>();
  const nets = new Map<string, bigint>();
  const spendings = new Map<string, Spending>();
  const takings = new Map<string, readonly Taking[]>();
  const ties = tiesOf(payments, refunds);
  const openAnyway = new Set<string | null>();
  const tierOf = (group: readonly Paid[]) => {
    const tier = tierAsStated(stated, group);
    if (tier === undefined && group[0]) openAnyway.add(groupOf(group[0]));
    return tier;
  };
  const isDue = ({ given }: Paid, availableOn: string) =>
    given.amount.currency === stated.currency && availableOn < stated.until;

  const isMissing = (paid: Paid) =>
    isUnstated(paid, stated) ||
    (isOfFirst(paid.fee) &&
      paid.isFirst &&
      isDue(paid, paid.availableOn) &&
      !stated.named.has(paid.given.id));
  const missing = new Set(
    payments
      .filter((paid) => groupOf(paid) !== null && isMissing(paid))
      .map(({ given }) => given.id),
  );
  const nominals = nominalsOf(
    payments.filter(({ given }) => !missing.has(given.id)),
    tierOf,
  );
  const wholes = missing.size > 0 ? nominalsOf(payments, tierOf) : nominals;
  // A late line of nothing is not stated: whether such a payment was known cannot be told.
  const mayBeKnown = (paid: Paid) =>
    missing.has(paid.given.id) && (hasCap(paid) || wholes.get(paid.given.id)?.least === 0n);
  for (const paid of payments) {
    const isWhole = paid.fee.tiers?.mode === 'volume' && paid.availableOn >= stated.until;
    if (isWhole || mayBeKnown(paid)) openAnyway.add(groupOf(paid));
  }
  const openGroups = new Map<string, boolean>();
  const isGroupOpen = ({ fee, day }: Paid, group: string | null): boolean => {
    if (group === null) return false;
    const known = openGroups.get(group);
    if (known !== undefined) return known;
    const [first, last] = [`${day.slice(0, 7)}-01`, lastOfMonth(day)];
    const isOpen =
      openAnyway.has(group) ||
      withheld.mayStand('earned', availableFrom(fee, first), availableFrom(fee, last));
    openGroups.set(group, isOpen);
    return isOpen;
  };
  const fees = [...new Set(payments.map(({ fee }) => fee))];
  const spans = new Map<string, boolean>();
  const mayCount = (of: 'customer' | 'period', first: string, last: string): boolean => {
    const name = `${of} ${first} ${last}`;
    const known = spans.get(name);
    if (known !== undefined) return known;
    const may = fees.some((fee) => {
      const from = availableFrom(fee, first);
      const to = isOfThreshold(fee) ? ever : availableFrom(fee, last);
      const isEarned = of === 'period' && withheld.mayStand('earned', from, to);
      return isEarned || withheld.mayStand('reversed', from, ever);
    });
    spans.set(name, may);
    return may;
  };
  const areCapsOpen = (paid: Paid) => areCapsDoubtful(paid, doubted, mayCount);

  const judge = (
    { paid }: { paid: Paid },
    refund: string | null,
    standing: Standing,
    made: { lines?: readonly StatedFee[] | undefined; minor: bigint; availableOn?: string },
  ) => {
    const { lines = [], minor, availableOn = null } = made;
    for (const { id } of lines) seen.add(id);
    const [payment, recomputedMinor] = [paid.given.id, signed(paid, minor)];
    judged.push({ payment, refund, standing, lines, recomputedMinor, availableOn });
  };

  interface Made {
    readonly state: State;
    readonly nominal: Nominal;
    readonly expected: bigint;
    readonly lines: readonly StatedFee[] | undefined;
  }
  const earn = (state: State, nominal: Nominal): Made => {
    const { paid } = state;
    const expected = capped(paid, nominal.minor, nets);
    state.earned = expected;
    countTowardsCaps(nets, paid, expected);
    if (!isDue(paid, state.availableOn)) doubtCaps(doubted, paid);
    return { state, nominal, expected, lines: stated.fees.get(keyOf(paid.given.id, null)) };
  };
  /** What payments of one moment earned: where they share a total or a cap, their sum alone is certain. */
  const settle = (made: readonly Made[]) => {
    const shared = made.filter(
      ({ state: { paid }, nominal, lines }) => lines && (nominal.group !== null || hasCap(paid)),
    );
    const [due, told] = [
      shared.reduce((sum, { expected, state }) => sum + signed(state.paid, expected), 0n),
      shared.reduce((sum, { lines }) => sum + sumOf(lines), 0n),
    ];
    const tied = new Set(due === told ? shared : []);
    for (const one of made) {
      const { state, lines, expected } = one;
      if (!lines) continue;
      const minor = signed(state.paid, sumOf(lines));
      const { availableOn } = state;
      judge(state, null, tied.has(one) ? 'agrees' : standingOf(one, minor), {
        lines,
        minor: tied.has(one) ? minor : expected,
        ...(!isOfThreshold(state.paid.fee) && { availableOn }),
      });
      state.earned = minor;
      countTowardsCaps(nets, state.paid, minor - expected);
    }
  };
  const standingOf = (
    { state: { paid }, nominal, expected, lines = [] }: Made,
    minor: bigint,
  ): Standing => {
    if (minor === expected) return paid.isDoubtful ? 'uncertain' : 'agrees';
    // What became late may be of a payment that is not shown, and whose own line of nothing is not stated.
    const isLate = nominal.group !== null && lines.some(({ isAdjusted }) => isAdjusted);
    const isOpen = isLate || isGroupOpen(paid, nominal.group);
    const areOpen = areCapsOpen(paid);
    if (!isOpen && !areOpen) return 'differs';
    const least = hasCap(paid) ? 0n : nominal.least;
    const most = isOpen ? nominal.most : nominal.minor;
    const left = areOpen ? most : capped(paid, most, new Map());
    return least <= minor && minor <= left ? 'uncertain' : 'differs';
  };

  /** Of an accrual that no line states: whether it is gone on with. */
  const isKnownElsewhere = (state: State, nominal: Nominal, minor: bigint): boolean => {
    const { paid, availableOn } = state;
    if (!isDue(paid, availableOn) || stated.fees.has(keyOf(paid.given.id, null))) return true;
    const isGrouped = missing.has(paid.given.id);
    if (isGrouped ? mayBeKnown(paid) : minor === 0n || areCapsOpen(paid)) doubtedPairs.add(paid.pair); // prettier-ignore
    const isMatched = !isGrouped && withheld.match('earned', signed(paid, minor), availableOn);
    const may = isMatched || withheld.mayStand('earned', availableOn, availableOn);
    if (may) doubtCaps(doubted, paid);
    const isNamed = stated.named.has(paid.given.id);
    const standing = isMatched ? 'elsewhere' : may || isNamed || isOfFirst(paid.fee) ? 'uncertain' : 'unstated'; // prettier-ignore
    judge(state, null, standing, { minor: isGrouped ? nominal.minor : minor });
    if (isNamed) {
      state.isDoubtful = true;
      state.mayHaveEarned = nominal.most;
    }
    return isMatched || isNamed || (minor === 0n && !isGrouped);
  };

  /** What stands reversed more after a refund, or less after a win; what is stated of it. */
  const stepOf = (state: State, minor: bigint, refund: GivenRefund, cause: Taken) => {
    const { paid } = state;
    const to = reversedOf({ ...state, refunded: state.refunded + minor });
    const isAny = state.earned !== undefined && !isOfThreshold(paid.fee);
    const lines = partOf(stated.fees.get(keyOf(paid.given.id, refund.id)), refund, paid, cause);
    const day = dayOf(momentIn(refund, cause), paid.agreement.terms.timeZone);
    const availableOn = day > state.availableOn ? day : state.availableOn;
    return { change: isAny ? state.reversed - to : 0n, lines, availableOn };
  };
  const mayBeTaken = ({ paid }: State) => withheld.mayStand('reversed', paid.day, ever);
  /** Whether in which order, or whether at all, it came is not told. */
  const isTold = ({ paid: { pair, given } }: State, refund: GivenRefund, at: string) => {
    const tie = (moment: string) => ties.has(`${pair} ${String(momentOf(moment))}`);
    const isCredit = refund.payment === undefined;
    return !tie(at) && !(isCredit && (tie(given.settledAt) || doubtedPairs.has(pair)));
  };
  const reverse = (state: State, minor: bigint, refund: GivenRefund, cause: Taken) => {
    const { paid, earned = 0n } = state;
    const { change, lines, availableOn } = stepOf(state, minor, refund, cause);
    state.reversed -= change;
    if (!isTold(state, refund, momentIn(refund, cause))) state.isDoubtful = true;
    if (lines) {
      const told = signed(paid, sumOf(lines));
      const standing =
        told === change ? 'agrees' : standingOfTaken(state, told, { minor, cause, refund });
      judge(state, refund.id, standing, { lines, minor: change, availableOn });
      countTowardsCaps(nets, paid, told);
      return;
    }
    countTowardsCaps(nets, paid, change);
    if (change === 0n) {
      // Nobody can tell whether it was known.
      if (minor !== 0n && earned !== 0n) state.isDoubtful = true;
      return;
    }
    if (!isDue(paid, availableOn)) {
      doubtCaps(doubted, paid);
      return;
    }
    const isMatched = withheld.match('reversed', signed(paid, change), availableOn);
    const isDoubtful = state.isDoubtful || mayBeTaken(state);
    judge(state, refund.id, isMatched ? 'elsewhere' : isDoubtful ? 'uncertain' : 'differs', { minor: change }); // prettier-ignore
    state.isDoubtful ||= isMatched || isDoubtful;
  };
  const standingOfTaken = (
    state: State,
    told: bigint,
    { minor, cause, refund }: { minor: bigint; cause: Taken; refund: GivenRefund },
  ): Standing => {
    const { paid } = state;
    // A threshold may have been reached with payments that are not shown.
    const own = stated.fees.get(keyOf(paid.given.id, null));
    const known = state.earned ?? (own ? signed(paid, sumOf(own)) : 0n);
    const { mayHaveEarned = known } = state;
    const earned = known > mayHaveEarned ? known : mayHaveEarned;
    // Of a credit any part may have fallen on the payment.
    const whole =
      refund.payment === undefined ? minorOf(refund.amount) - minorOf(refund.tax) : minor;
    const size = whole < 0n ? -whole : whole;
    const isWhole = paid.fee.kind === 'flat' && paid.fee.flat?.per !== 'payment';
    const share = isWhole || size >= paid.paid ? earned : (earned * size) / paid.paid + 1n;
    const most = share > earned ? earned : share;
    const given = cause === 'taken' ? -told : told;
    const isOpen = isWhole
      ? told === 0n || given === earned
      : state.isDoubtful || mayBeTaken(state);
    return isOpen && given >= 0n && given <= most ? 'uncertain' : 'differs';
  };

  const look = (
    state: State,
    at: string,
    cause: 'paid' | Taken,
    refund: GivenRefund | null,
    { minor, baseBefore }: { minor: bigint; baseBefore: bigint },
  ): Made | undefined => {
    const { fee, pair, given } = state.paid;
    const { currency } = given.amount;
    const spending = spendings.get(pair) ?? newSpending();
    spendings.set(pair, spending);
    if (cause === 'won' && refund) spending.won.add(refund.id);
    else spending.told.push([state, refund?.id ?? null, minor]);
    const sum = (spending.sums.get(currency) ?? 0n) + baseLeft(state) - baseBefore;
    spending.sums.set(currency, sum);
    const earner = spending.earnedBy;
    const bound = thresholdOf((earner ?? state).paid);
    if (bound === undefined || (earner ?? state).paid.given.amount.currency !== currency) return;
    const isReached = sum >= BigInt(bound);
    if (!earner) {
      if (!isReached || cause === 'taken' || spending.isDoubtful) return;
      const amount = BigInt(fee.flat?.amounts[currency] ?? 0);
      return reach(state, spending, at, {
        minor: amount,
        group: null,
        least: amount,
        most: amount,
      });
    }
    const earned = earner.earned ?? 0n;
    if (cause === 'taken' && !isReached && !spending.isReversed && refund) {
      turn(earner, spending, -earned, { refund, cause });
    } else if (cause === 'won' && spending.isReversed && refund) {
      if (lowestSince(spending, currency) < BigInt(bound)) return;
      turn(earner, spending, earned, { refund, cause });
    }
    return;
  };
  /** A threshold is reached, as far as it is shown: a line of another payment says that it was not. */
  const reach = (
    state: State,
    spending: Spending,
    at: string,
    nominal: Nominal,
  ): Made | undefined => {
    const { paid } = state;
    const lines = stated.fees.get(keyOf(paid.given.id, null));
    const day = dayOf(at, paid.agreement.terms.timeZone);
    state.availableOn = day > state.availableOn ? day : state.availableOn;
    if (!lines && isDue(paid, state.availableOn)) {
      const minor = capped(paid, nominal.minor, nets);
      const isMatched = withheld.match('earned', signed(paid, minor), state.availableOn);
      judge(state, null, isMatched ? 'elsewhere' : 'uncertain', { minor });
      spending.isDoubtful = !isMatched;
      doubtCaps(doubted, paid);
      if (!isMatched) return;
    }
    spending.earnedBy = state;
    spending.since = spending.told.length;
    return earn(state, nominal);
  };
  /** A threshold is missed after all, or reached again. */
  const turn = (
    state: State,
    spending: Spending,
    change: bigint,
    { refund, cause }: { refund: GivenRefund; cause: Taken },
  ) => {
    if (spending.isDoubtful) return;
    const { paid } = state;
    const { lines, availableOn } = stepOf(state, 0n, refund, cause);
    const told = lines && signed(paid, sumOf(lines));
    if (told === undefined && isDue(paid, availableOn) && change !== 0n) {
      const isMatched = withheld.match('reversed', signed(paid, change), availableOn);
      judge(state, refund.id, isMatched ? 'elsewhere' : 'uncertain', { minor: change });
      spending.isDoubtful = !isMatched;
      doubtCaps(doubted, paid);
      if (!isMatched) return;
    }
    if (lines) judge(state, refund.id, told === change ? 'agrees' : 'differs', { lines, minor: change }); // prettier-ignore
    spending.isReversed = cause === 'taken';
    countTowardsCaps(nets, paid, told ?? change);
    if (!isDue(paid, availableOn)) doubtCaps(doubted, paid);
  };

  const pay = (paid: Paid): Made[] => {
    const { given } = paid;
    const state: State = { paid, earned: undefined, availableOn: paid.availableOn, refunded: 0n, reversed: 0n, isDoubtful: false }; // prettier-ignore
    const nominal = missing.has(given.id) ? wholes.get(given.id) : nominals.get(given.id);
    if (nominal && !isKnownElsewhere(state, nominal, capped(paid, nominal.minor, nets))) return [];
    states.set(given.id, state);
    const history = histories.get(paid.pair);
    if (history) history.push(state);
    else histories.set(paid.pair, [state]);
    const made = nominal && earn(state, nominal);
    const reached = look(state, given.settledAt, 'paid', null, { minor: 0n, baseBefore: 0n });
    return [made, reached].filter((one) => one !== undefined);
  };
  /** Whether a refund, or a win, was known when the last statement was closed, as far as that shows. */
  const isKnown = (refund: GivenRefund, taking: readonly Taking[], cause: Taken): boolean => {
    const steps = taking.map(([state, minor]) => ({
      state,
      ...stepOf(state, minor, refund, cause),
    }));
    const isNamed = cause === 'taken' ? stated.named.has(refund.id) : steps.some(({ lines }) => lines); // prettier-ignore
    const due = steps.filter(
      ({ state, change, availableOn }) => change !== 0n && isDue(state.paid, availableOn),
    );
    if (isNamed || due.length === 0) return true;
    if (due.some(({ availableOn }) => withheld.mayStand('reversed', availableOn, availableOn))) return true; // prettier-ignore
    for (const { state, change } of due) judge(state, refund.id, 'unstated', { minor: change });
    return false;
  };
  const take = (taking: readonly Taking[], refund: GivenRefund, cause: Taken) => {
    for (const [state, minor] of taking) {
      const baseBefore = baseLeft(state);
      reverse(state, minor, refund, cause);
      state.refunded += minor;
      const at = momentIn(refund, cause);
      const made = look(state, at, minor > 0n ? 'taken' : 'won', refund, { minor, baseBefore });
      if (made) settle([made]);
    }
  };

  const events = eventsOf(payments, refunds);
  for (let i = 0; i < events.length;) {
    const made: Made[] = [];
    const [at] = events[i] ?? [];
    for (let next = events[i]; next?.[0] === at && next?.[1].kind === 'paid'; next = events[i]) {
      made.push(...pay(next[1].paid));
      i += 1;
    }
    settle(made);
    const event = events[i]?.[1];
    if (!event || event.kind === 'paid') continue;
    i += 1;
    const { refund } = event;
    if (event.kind === 'taken') {
      const taking = takingOf(refund, states, histories.get(pairOf(refund)) ?? []);
      if (!isKnown(refund, taking, 'taken')) continue;
      takings.set(refund.id, taking);
      take(taking, refund, 'taken');
    } else {
      const given = (takings.get(refund.id) ?? []).map(
        ([state, minor]) => [state, -minor] as const,
      );
      if (isKnown(refund, given, 'won')) take(given, refund, 'won');
    }
  }
  return [
    ...judged,
    ...leftOver({
      stated,
      seen,
      states,
      spendings,
      refunds,
      isOpen: (state) => state.isDoubtful || doubtedPairs.has(state.paid.pair) || mayBeTaken(state),
    }),
  ];
}

/** What is stated although nothing that is shown makes it. */
function leftOver(left: {
  stated: Stated;
  seen: ReadonlySet<string>;
  states: ReadonlyMap<string, State>;
  spendings: ReadonlyMap<string, Spending>;
  isOpen: (state: State) => boolean;
  refunds: readonly GivenRefund[];
}): Judged[] {
  const { stated, seen, states, spendings, isOpen } = left;
  const refunds = new Set(left.refunds.map(({ id }) => id));
  /** Customers whose threshold is stated to be reached otherwise: once. */
  const reached = new Map<string, bigint>();
  const mayBe = (state: State | undefined, refund: string, minor: bigint): boolean => {
    if (!state) return false;
    const { paid } = state;
    const told = signed(paid, minor);
    const isOfOne = isOfThreshold(paid.fee);
    if (refund === '') {
      const earner = spendings.get(paid.pair)?.earnedBy?.paid;
      const isEarned = earner?.given.amount.currency === stated.currency;
      if (!isOfOne || reached.has(paid.pair) || isEarned) return false;
      const amount = BigInt(paid.fee.flat?.amounts[paid.given.amount.currency] ?? 0);
      if (told !== amount && !(hasCap(paid) && told >= 0n && told <= amount)) return false;
      reached.set(paid.pair, told);
      return true;
    }
    if (!refunds.has(refund)) return false;
    const earned = state.earned ?? reached.get(paid.pair) ?? 0n;
    if (isOfOne) return told === earned || told === -earned;
    const isWhole = paid.fee.kind === 'flat' && paid.fee.flat?.per !== 'payment';
    return (isWhole || isOpen(state)) && told <= earned && told >= -earned;
  };
  // Accruals first: what takes them back is held against them.
  const keys = [...stated.fees].sort(([a], [b]) => Number(!a.endsWith(' ')) - Number(!b.endsWith(' '))); // prettier-ignore
  return keys.flatMap(([key, all]): Judged[] => {
    const lines = all.filter(({ id }) => !seen.has(id));
    if (lines.length === 0) return [];
    const [payment = '', refund = ''] = key.split(' ');
    const minor = sumOf(lines);
    const standing = minor === 0n ? 'agrees' : mayBe(states.get(payment), refund, minor) ? 'uncertain' : 'differs'; // prettier-ignore
    const recomputedMinor = 0n;
    return [{ payment, refund: refund || null, standing, lines, recomputedMinor, availableOn: null }]; // prettier-ignore
  });
}

const sumOf = (lines: readonly StatedFee[] | undefined): bigint =>
  (lines ?? []).reduce((sum, { minor }) => sum + minor, 0n);

const signed = ({ agreement }: Paid, minor: bigint): bigint =>
  agreement.terms.direction === 'payable' ? minor : -minor;

/** Of the lines of a dispute that was won those that took, or those that gave back. */
function partOf(
  lines: readonly StatedFee[] | undefined,
  { wonAt }: GivenRefund,
  paid: Paid,
  cause: Taken,
): readonly StatedFee[] | undefined {
  if (!lines || wonAt === undefined) return cause === 'taken' ? lines : undefined;
  const inOrder = [...lines].sort((a, b) => (signed(paid, a.minor - b.minor) < 0n ? -1 : 1));
  const [first] = inOrder;
  const isGiven = inOrder.length === 1 && first !== undefined && signed(paid, first.minor) > 0n;
  const [taken, given] = isGiven ? [[], inOrder] : [inOrder.slice(0, 1), inOrder.slice(1)];
  const part = cause === 'taken' ? taken : given;
  return part.length > 0 ? part : undefined;
}

const momentIn = ({ refundedAt, wonAt }: GivenRefund, cause: Taken): string =>
  cause === 'won' ? (wonAt ?? refundedAt) : refundedAt;

/** Moments in which several things happened to a customer: in which order they came is not told. */
function tiesOf(payments: readonly Paid[], refunds: readonly GivenRefund[]): Set<string> {
  const [seen, tied] = [new Set<string>(), new Set<string>()];
  const add = (name: string) => (seen.has(name) ? tied : seen).add(name);
  for (const { pair, given } of payments) add(`${pair} ${String(momentOf(given.settledAt))}`);
  for (const refund of refunds) {
    add(`${pairOf(refund)} ${String(momentOf(refund.refundedAt))}`);
    if (refund.wonAt !== undefined) add(`${pairOf(refund)} ${String(momentOf(refund.wonAt))}`);
  }
  return tied;
}

/** The percentage at which a group is stated last, for tiers by relationships. */
function tierAsStated({ rates }: Stated, [first, ...more]: readonly Paid[]): string | undefined {
  if (!first) return undefined;
  const last = [first, ...more].reduce<StatedRate | undefined>((found, { given }) => {
    const own = rates.get(given.id);
    return own && (!found || own.at >= found.at) ? own : found;
  }, undefined);
  return first.fee.tiers?.steps.find(({ ratePercent }) => ratePercent === last?.percent)
    ?.ratePercent;
}

const newSpending = (): Spending => ({
  ...{ sums: new Map<string, bigint>(), earnedBy: undefined, isReversed: false },
  ...{ isDoubtful: false, told: [], since: 0, won: new Set<string>() },
});

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

function eventsOf(
  payments: readonly Paid[],
  refunds: readonly GivenRefund[],
): (readonly [at: number, event: Event])[] {
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
    .map(([at, , , , event]) => [at, event] as const);
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
