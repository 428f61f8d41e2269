import type { PartnerId } from '../partners/index.ts';
import type { Database, Transaction } from '../platform/database.ts';
import type { View, ViewDocument } from './view.ts';

interface ViewRow {
  readonly version: number;
  readonly document: ViewDocument;
  readonly digest: string;
}

/** The version of a partner's view that is published now, if any. */
export async function findView(
  db: Database | Transaction,
  partnerId: PartnerId,
): Promise<View | undefined> {
  const row = await db('views')
    .select<ViewRow[]>('views.version', 'views.document', 'views.digest')
    .where('views.partner_id', partnerId)
    .orderBy('views.version', 'desc')
    .first();
  return row && { partnerId, ...row };
}

export async function insertView(tx: Transaction, view: View, publishedAt: Date): Promise<void> {
  await tx('views').insert({
    partner_id: view.partnerId,
    version: view.version,
    document: JSON.stringify(view.document),
    digest: view.digest,
    published_at: publishedAt,
  });
}
