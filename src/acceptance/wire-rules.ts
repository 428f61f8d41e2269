import type { AgreementOffer, AgreementVersion } from '../agreements/index.ts';
import type { Pairwise } from '../joint/index.ts';
import { serviceIdOf } from '../records/index.ts';
import { termsInForce, type TermsAcceptance, type TermsVersion } from '../terms/index.ts';

/** The terms in force and those to come, with their texts (schemas/acceptance/terms.gives.json). */
export function publicTerms(versions: readonly TermsVersion[], now: Date): object {
  const told = ({ version, effectiveAt, digest, document }: TermsVersion) => ({
    ...{ version, effectiveAt: effectiveAt.toISOString(), sha256: digest, document },
  });
  const inForce = termsInForce(versions, now);
  return {
    inForce: inForce ? told(inForce) : null,
    announced: versions.filter(({ effectiveAt }) => effectiveAt > now).map(told),
  };
}

/** How each version stands with a partner (schemas/acceptance/own-terms.gives.json). */
export function ownTermsOnWire(
  versions: readonly TermsVersion[],
  acceptances: readonly TermsAcceptance[],
  now: Date,
): object {
  const inForce = termsInForce(versions, now);
  return {
    data: versions.map((one) => {
      const said = acceptances.find(({ version }) => version === one.version);
      return {
        version: one.version,
        standing: one.effectiveAt > now ? 'announced' : one === inForce ? 'in force' : 'over',
        effectiveAt: one.effectiveAt.toISOString(),
        sha256: one.digest,
        accepted: said ? { by: said.acceptedBy, at: said.acceptedAt.toISOString() } : null,
      };
    }),
  };
}

/**
 * What was agreed and what is offered, and by which id the partner's records name each service that
 * an agreement names by its key (schemas/acceptance/agreements.gives.json).
 */
export function agreementsOnWire(
  versions: readonly AgreementVersion[],
  offers: readonly AgreementOffer[],
  pairwise: Pairwise,
): object {
  const named = versions.flatMap(({ terms: { services, fee } }) => [
    ...(services === 'all' ? [] : services),
    ...Object.keys(fee?.serviceRates ?? {}),
  ]);
  return {
    services: [...new Set(named)]
      .sort()
      .map((key) => ({ key, id: pairwise.idOf('service', serviceIdOf(key)) })),
    data: versions.map(({ version, validFrom, validUntil, terms, retirement }) => ({
      ...{ version, validFrom, validUntil, terms },
      endsAt: retirement?.endsAt.toISOString() ?? null,
    })),
    offers: offers.map(({ number, validFrom, terms, outcome, offeredAt }) => ({
      ...{ number, validFrom, terms, outcome, offeredAt: offeredAt.toISOString() },
    })),
  };
}

/** The number of an offer in a path; what is no number is the number of no offer. */
export function offerNumber(text: string | undefined): number {
  return /^[1-9]\d{0,8}$/.test(text ?? '') ? Number(text) : 0;
}
