import type { PartnerId } from '../partners/index.ts';
import type { Database, Transaction } from '../platform/database.ts';
import type { ViewDocument } from '../projection/index.ts';
import type { View } from './view.ts';

interface ViewRow {
  readonly version: number;
  readonly document: ViewDocument;
  readonly digest: string;
  readonly published_at: Date;
  readonly effective_at: Date;
  readonly actor: string;
  readonly retires_at: Date | null;
  readonly decided_at: Date | null;
}

/**
 * Every version of a partner's view, oldest first, each with the earliest end that was decided. With
 * `knownAt` as it stood then: without what was published or decided later.
 */
export async function findViews(
  db: Database | Transaction,
  partnerId: PartnerId,
  { knownAt = null }: { knownAt?: Date | null } = {},
): Promise<View[]> {
  const { rows } = await db.raw<{ rows: ViewRow[] }>(
    `select views.version, views.document, views.digest, views.published_at, views.effective_at,
       views.actor, ends.retires_at, ends.decided_at
     from views
     left join lateral (
       select r.retires_at, r.decided_at from view_retirements r
       where r.partner_id = views.partner_id and r.version = views.version
         and (:knownAt::timestamptz is null or r.decided_at <= :knownAt)
       order by r.retires_at limit 1
     ) ends on true
     where views.partner_id = :partnerId
       and (:knownAt::timestamptz is null or views.published_at <= :knownAt)
     order by views.version`,
    { partnerId, knownAt },
  );
  return rows.map((row) => ({
    partnerId,
    version: row.version,
    document: row.document,
    digest: row.digest,
    publishedAt: row.published_at,
    effectiveAt: row.effective_at,
    actor: row.actor,
    retirement:
      row.retires_at && row.decided_at
        ? { retiresAt: row.retires_at, decidedAt: row.decided_at }
        : null,
  }));
}

export async function insertView(tx: Transaction, view: View): Promise<void> {
  await tx('views').insert({
    partner_id: view.partnerId,
    version: view.version,
    document: JSON.stringify(view.document),
    digest: view.digest,
    published_at: view.publishedAt,
    effective_at: view.effectiveAt,
    actor: view.actor,
  });
}

/** Writes down that a version will be over; its rows before stay. */
export async function insertRetirement(
  tx: Transaction,
  { partnerId, version }: Pick<View, 'partnerId' | 'version'>,
  decision: { retiresAt: Date; decidedAt: Date; actor: string },
): Promise<void> {
  await tx('view_retirements').insert({
    partner_id: partnerId,
    version,
    retires_at: decision.retiresAt,
    decided_at: decision.decidedAt,
    actor: decision.actor,
  });
}
