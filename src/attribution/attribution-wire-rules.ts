import type { ToldAttribution } from './read-attributions.ts';

type OnWire = Readonly<Record<string, unknown>>;

/** An attribution for the operator (schemas/attribution/attribution.gives.json): keys, codes, instants. */
export function attributionOnWire(told: ToldAttribution): OnWire {
  const { evidence, decision } = told;
  const instant = (at: Date | null) => at?.toISOString() ?? null;
  return {
    id: told.id,
    customer: told.customer,
    service: told.service,
    signUpId: told.signUpId,
    signedUpAt: told.signedUpAt.toISOString(),
    status: told.status,
    partner: told.partner,
    relationship: told.relationshipId,
    findings: told.findings,
    evidence: {
      clicks: evidence.clicks.map(({ firstAt, lastAt, ...click }) => ({
        ...click,
        firstAt: firstAt.toISOString(),
        lastAt: lastAt.toISOString(),
      })),
      knownSince: instant(evidence.knownSince),
      firstPaidAt: instant(evidence.firstPaidAt),
      firstRelatedAt: instant(evidence.firstRelatedAt),
    },
    ruleVersion: told.ruleVersion,
    toldBy: told.toldBy,
    decidedAt: told.decidedAt.toISOString(),
    decision: decision && { ...decision, decidedAt: decision.decidedAt.toISOString() },
  };
}
