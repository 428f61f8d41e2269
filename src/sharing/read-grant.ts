import { readEpoch } from '../logs/index.ts';
import { agreementsAsReadAt, findAgreementVersions } from '../agreements/index.ts';
import { findPartner, type PartnerId } from '../partners/index.ts';
import type { Database } from '../platform/database.ts';
import type { Tools } from '../platform/tools.ts';
import { asReadAt, findPolicyVersions } from '../policy/index.ts';
import { findViews, viewsAsReadAt } from '../views/index.ts';
import type { Grant } from './sharing.ts';

/** Grants by partner. One is good as long as the log's epoch is the one it was read under. */
const known = new WeakMap<Database, Map<PartnerId, Grant>>();

/**
 * What bears on a partner's decisions. Everything that changes it raises the epoch of the partner's
 * log in its own transaction; the epoch is read first, so that a grant can be newer than its epoch
 * but never older. Who uses a grant compares its epoch with the one of the page and of the log. What
 * was said to hold at once holds from the read on, also where this clock lags behind the sayer's.
 */
export async function readGrant(
  tools: Tools,
  partnerId: PartnerId,
): Promise<{ grant: Grant; isFresh: boolean }> {
  const grants = grantsOf(tools.db);
  const cached = grants.get(partnerId);
  if (cached) return { grant: cached, isFresh: false };
  const epoch = await readEpoch(tools.db, partnerId);
  const partner = await findPartner(tools.db, partnerId);
  if (!partner) throw new Error('A token names a partner that does not exist.');
  const policies = await findPolicyVersions(tools.db);
  const agreements = await findAgreementVersions(tools.db, partnerId);
  const views = await findViews(tools.db, partnerId);
  const now = tools.clock.now();
  const grant: Grant = {
    epoch,
    partner,
    policies: asReadAt(policies, now),
    agreements: agreementsAsReadAt(agreements, now),
    views: viewsAsReadAt(views, now),
  };
  grants.set(partnerId, grant);
  return { grant, isFresh: true };
}

/** Forgets a partner's grant, so that the next decision reads it anew. */
export function forgetGrant(tools: Tools, partnerId: PartnerId): void {
  grantsOf(tools.db).delete(partnerId);
}

function grantsOf(db: Database): Map<PartnerId, Grant> {
  const grants = known.get(db) ?? new Map<PartnerId, Grant>();
  known.set(db, grants);
  return grants;
}
