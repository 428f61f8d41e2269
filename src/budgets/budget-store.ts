import type { PartnerId } from '../partners/index.ts';
import { queryNamed, type Database, type Transaction } from '../platform/database.ts';
import type { LimitName, Limits } from './budget.ts';

interface Row {
  readonly calls_per_day: number | null;
  readonly calls_per_month: number | null;
  readonly records_per_day: number | null;
  readonly records_per_month: number | null;
}

/** The limits that are in force; empty without a budget. */
export async function findLimits(db: Database, partnerId: PartnerId): Promise<Limits> {
  const [row] = await queryNamed<Row>(
    db,
    {
      name: 'find-limits',
      text: `select b.calls_per_day, b.calls_per_month, b.records_per_day, b.records_per_month
        from partner_budgets b where b.partner_id = $1 order by b.id desc limit 1`,
    },
    [partnerId],
  );
  const found: readonly (readonly [LimitName, number | null | undefined])[] = [
    ['calls-per-day', row?.calls_per_day],
    ['calls-per-month', row?.calls_per_month],
    ['records-per-day', row?.records_per_day],
    ['records-per-month', row?.records_per_month],
  ];
  return Object.fromEntries(found.filter(([, limit]) => typeof limit === 'number'));
}

/** Clears away the counts of windows that are long over. */
export async function deleteOldCounts(db: Database, now: Date): Promise<void> {
  const text = 'delete from budget_counts c where c.expire < $1';
  await queryNamed(db, { name: 'delete-old-counts', text }, [now.getTime()]);
}

/** Adds a line to the history; it is in force from its commit on. */
export async function appendLimits(
  tx: Transaction,
  partnerId: PartnerId,
  { limits, setBy, setAt }: { limits: Limits; setBy: string; setAt: Date },
): Promise<void> {
  await tx('partner_budgets').insert({
    partner_id: partnerId,
    calls_per_day: limits['calls-per-day'] ?? null,
    calls_per_month: limits['calls-per-month'] ?? null,
    records_per_day: limits['records-per-day'] ?? null,
    records_per_month: limits['records-per-month'] ?? null,
    set_by: setBy,
    set_at: setAt,
  });
}
