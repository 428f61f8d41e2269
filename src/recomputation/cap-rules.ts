import { lastOfMonth } from './measure-rules.ts';
import type { Paid } from './world-rules.ts';

type Period = 'month' | 'half-month' | 'quarter';
const periods = ['month', 'half-month', 'quarter'] as const;

/** What was earned less what was reversed so far, under each name that a cap can count by. */
export type Nets = Map<string, bigint>;

/** Under which names a fee counts: its customer's, and its period's of every length. */
function capNames({ pair, given, agreement, day }: Paid): readonly string[] {
  const what = `${given.amount.currency} ${agreement.terms.direction}`;
  return [`${pair} ${what}`, ...periods.map((period) => `${periodOf(day, period).name} ${what}`)];
}

export function countTowardsCaps(nets: Nets, paid: Paid, minor: bigint): void {
  for (const name of capNames(paid)) nets.set(name, (nets.get(name) ?? 0n) + minor);
}

/** Marks what a payment counts towards as not certain. */
export function doubtCaps(doubted: Set<string>, paid: Paid): void {
  for (const name of capNames(paid)) doubted.add(name);
}

/** The caps of a payment in its currency: the customer's, and its period's, each with its name. */
function capsOf(paid: Paid): { cap: bigint; name: string; of: 'customer' | 'period' }[] {
  const { fee, given } = paid;
  const [customer = '', ...byPeriod] = capNames(paid);
  const period = byPeriod[periods.indexOf(fee.period ?? 'month')] ?? '';
  const caps = [
    [fee.capPerCustomer, customer, 'customer'],
    [fee.capPerPeriod, period, 'period'],
  ] as const;
  return caps.flatMap(([amounts, name, of]) => {
    const cap = amounts?.[given.amount.currency];
    return cap === undefined ? [] : [{ cap: BigInt(cap), name, of }];
  });
}

export const hasCap = ({ fee }: Paid): boolean =>
  fee.capPerCustomer !== undefined || fee.capPerPeriod !== undefined;

/** What the caps leave of a fee: the customer's first, then the period's. */
export function capped(paid: Paid, minor: bigint, nets: ReadonlyMap<string, bigint>): bigint {
  return capsOf(paid).reduce((left, { cap, name }) => {
    const room = cap - (nets.get(name) ?? 0n);
    return room <= 0n ? 0n : left < room ? left : room;
  }, minor);
}

const everSince = '1000-01-01';

/** Whether what a cap of the payment counts is not certain, as far as anything says so of its name or its days. */
export function areCapsDoubtful(
  paid: Paid,
  doubted: ReadonlySet<string>,
  mayCount: (of: 'customer' | 'period', first: string, last: string) => boolean,
): boolean {
  return capsOf(paid).some(({ name, of }) => {
    const { first, last } = periodOf(paid.day, paid.fee.period ?? 'month');
    // A customer's cap counts all that was taken back of it since it came.
    return doubted.has(name) || mayCount(of, of === 'customer' ? everSince : first, last);
  });
}

/** A period, and its first and last day. */
function periodOf(day: string, period: Period): { name: string; first: string; last: string } {
  const month = day.slice(0, 7);
  if (period === 'quarter') {
    const quarter = Math.ceil(Number(day.slice(5, 7)) / 3);
    const monthAt = (of: number) => `${day.slice(0, 4)}-${String(of).padStart(2, '0')}-01`;
    return {
      name: `${day.slice(0, 4)} quarter ${String(quarter)}`,
      first: monthAt(quarter * 3 - 2),
      last: lastOfMonth(monthAt(quarter * 3)),
    };
  }
  const whole = { name: month, first: `${month}-01`, last: lastOfMonth(day) };
  if (period === 'month') return whole;
  return day.slice(8) > '15'
    ? { ...whole, name: `${month} b`, first: `${month}-16` }
    : { ...whole, name: `${month} a`, last: `${month}-15` };
}
