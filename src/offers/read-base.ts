import { agreementInForce, findAgreementVersions } from '../agreements/index.ts';
import { type PartnerId } from '../partners/index.ts';
import type { Database, Transaction } from '../platform/database.ts';
import { readPolicy } from '../policy/index.ts';
import { findViews, type View } from '../views/index.ts';
import { baseOf } from './offer-rules.ts';
import type { OfferBase } from './offer.ts';

/** On what an offer to a partner stands now, with every version of its view, oldest first. */
export async function readBase(
  db: Database | Transaction,
  partnerId: PartnerId,
  now: Date,
): Promise<{ base: OfferBase; versions: View[] }> {
  const versions = await findViews(db, partnerId);
  const agreements = await findAgreementVersions(db, partnerId);
  const policy = await readPolicy(db);
  const under = {
    now,
    agreement: agreementInForce(agreements, now)?.version ?? null,
    newestAgreement: agreements.at(-1)?.version ?? null,
    policy: policy.version,
  };
  return { base: baseOf(versions, under), versions };
}
