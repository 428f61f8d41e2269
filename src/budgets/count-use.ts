import { RateLimiterPostgres } from 'rate-limiter-flexible';
import type { PartnerId } from '../partners/index.ts';
import { shareOut } from '../platform/bulkhead.ts';
import type { Database } from '../platform/database.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import {
  BudgetUnreadable,
  limitNames,
  type Budget,
  type LimitName,
  type Limits,
} from './budget.ts';
import { deleteOldCounts } from './budget-store.ts';
import { windowOf } from './budget-rules.ts';

type Unit = 'calls' | 'records';
type Counting = Pick<Tools, 'db' | 'clock' | 'settings' | 'log'>;

/** Longer than any window: the key names the window, so that its end does not hang on this clock. */
const keptSeconds = 40 * 86_400;
const unlimited = 2 ** 31 - 1;

interface Counter {
  readonly limiter: RateLimiterPostgres;
  /** A partner that calls too much counts through two connections at the most. */
  readonly inTurn: ReturnType<typeof shareOut>;
}
const counters = new WeakMap<Database, Counter>();

/** Calls of windows that are used up, as long as the limits are remembered: they only ever grow. */
const usedUp = new WeakMap<Limits, Map<string, number>>();

/**
 * Adds `amount` (less than nothing: gives back) to what a partner has used in the windows that run,
 * and tells where that leaves it. Shared by all processes. Once calls are used up, a process counts
 * them once a second at the most, so that a partner that goes on calling costs the others nothing.
 * Throws Refusal `budget-unreadable` where the counts cannot be had: without them nothing may be
 * shown.
 */
export async function countUse(
  tools: Counting,
  asked: { partnerId: PartnerId; limits: Limits; unit: Unit; amount: number; now: Date },
): Promise<readonly Budget[]> {
  const { partnerId, limits, unit, amount, now } = asked;
  const known = usedUp.get(limits) ?? new Map<string, number>();
  usedUp.set(limits, known);
  const { inTurn } = counterOf(tools.db);
  const budgetOf = async (name: LimitName, limit: number): Promise<Budget> => {
    const window = windowOf(name, now, tools.settings.timeZone);
    const budget = { name, limit, endsAt: window.endsAt, windowSeconds: window.seconds };
    const key = `${partnerId}:${name}:${window.name}`;
    const used =
      known.get(key) ??
      (await inTurn(partnerId, () => changed(tools.db, key, { amount, now })).catch(
        (error: unknown) => refuseUnread(tools, error),
      ));
    if (unit === 'calls' && used > limit) known.set(key, used);
    return { ...budget, used: Math.max(0, used) };
  };
  return Promise.all(
    limitNames.flatMap((name) => {
      const limit = limits[name];
      return limit === undefined || !name.startsWith(unit) ? [] : [budgetOf(name, limit)];
    }),
  );
}

async function changed(
  db: Database,
  key: string,
  { amount, now }: { amount: number; now: Date },
): Promise<number> {
  const { limiter } = counterOf(db);
  if (amount === 0) return (await limiter.get(key))?.consumedPoints ?? 0;
  const result = await (amount > 0 ? limiter.penalty(key, amount) : limiter.reward(key, -amount));
  // The first of a window clears away what is long over.
  if (amount > 0 && result.consumedPoints === amount) await deleteOldCounts(db, now);
  return result.consumedPoints;
}

function refuseUnread({ log }: Counting, error: unknown): never {
  if (error instanceof Refusal) throw error;
  log.error({ cause: error instanceof Error ? error.message : 'unknown' }, 'budget unreadable');
  const refusal = new Refusal(BudgetUnreadable, undefined, { retryAfterSeconds: 1 });
  refusal.cause = error;
  throw refusal;
}

function counterOf(db: Database): Counter {
  const known = counters.get(db);
  if (known) return known;
  const limiter = new RateLimiterPostgres({
    storeClient: db,
    storeType: 'knex',
    tableName: 'budget_counts',
    tableCreated: true,
    clearExpiredByTimeout: false,
    keyPrefix: 'budget',
    points: unlimited,
    duration: keptSeconds,
  });
  const counter = { limiter, inTurn: shareOut({ atOnce: 2, waiting: 1024 }) };
  counters.set(db, counter);
  return counter;
}
