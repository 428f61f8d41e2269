import type { ViewDocument } from '../projection/index.ts';
import { compareViews, isWidening, latestView, viewServed, type View } from '../views/index.ts';
import type { OfferBase } from './offer.ts';

/** On what an offer made now is made. `versions` are all of the partner's, oldest first. */
export function baseOf(
  versions: readonly View[],
  under: Pick<OfferBase, 'agreement' | 'newestAgreement' | 'policy'> & { now: Date },
): OfferBase {
  const { now, ...rest } = under;
  return {
    ...rest,
    newest: versions.at(-1)?.version ?? null,
    latest: latestView(versions)?.version ?? null,
    served: viewServed(versions, { now })?.version ?? null,
  };
}

export function isSameBase(one: OfferBase, other: OfferBase): boolean {
  const parts = ['newest', 'latest', 'served', 'agreement', 'newestAgreement', 'policy'] as const;
  return parts.every((part) => one[part] === other[part]);
}

/**
 * Whether a document that takes effect at `begin` shows anything that the partner would not see
 * without it: then, or when all that is published has taken effect. A first view does.
 */
export function widens(versions: readonly View[], document: ViewDocument, begin: Date): boolean {
  return [viewServed(versions, { now: begin }), latestView(versions)].some((version) =>
    isWidening(compareViews(version?.document, document)),
  );
}
