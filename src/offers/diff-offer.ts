import type { Tools } from '../platform/tools.ts';
import { checkView, compareViews, diffView, findViews, latestView } from '../views/index.ts';
import { widens } from './offer-rules.ts';
import type { Offer, OfferDiff } from './offer.ts';

/**
 * What an offer would change, before anybody makes it: fields, and how many records and customers
 * gain or lose a value of them. Refuses a draft that cannot be published.
 */
export async function diffOffer(
  tools: Tools,
  { partner, draft, effectiveAt, sunset }: Omit<Offer, 'by' | 'actor'>,
): Promise<OfferDiff> {
  const diff = await diffView(tools, { partner, draft, at: effectiveAt });
  const { document } = await checkView(tools, { partner, draft, at: effectiveAt });
  const versions = await findViews(tools.db, partner.id);
  return {
    partner: partner.key,
    before: diff.before,
    isWidening: widens(versions, document, effectiveAt ?? tools.clock.now()),
    effectiveAt: effectiveAt?.toISOString() ?? null,
    sunset: sunset?.toISOString() ?? null,
    customersGaining: diff.gaining.length,
    customersLosing: diff.losing.length,
    ...compareViews(latestView(versions)?.document, document),
    changes: diff.changes,
  };
}
