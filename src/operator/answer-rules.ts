import type { listChoices } from '../choices/index.ts';
import type { Outcome } from '../offers/index.ts';
import type { Partner } from '../partners/index.ts';
import { isInstant } from '../platform/calendar.ts';
import { Refusal, type RefusalKind } from '../platform/refusal.ts';
import type { ShownVersion } from '../policy/index.ts';
import { endOf, stageOf, type View, type ViewProblem } from '../views/index.ts';

type OnWire = Readonly<Record<string, unknown>>;

const InvalidMoment = {
  code: 'invalid-moment',
  status: 422,
  title: 'A moment is written as 2026-01-31T12:00:00Z, with its offset.',
} as const satisfies RefusalKind;

/** A moment of a body, RFC 3339 with its offset; undefined where nothing is said. */
export function readMoment(field: string, text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  if (isInstant(text)) return new Date(text);
  throw new Refusal(InvalidMoment, undefined, { field: `/${field}` });
}

/** A version of the policy without its document, which /policy shows. */
export function policyVersionOnWire({ document, ...shown }: ShownVersion): OnWire {
  return { ...shown, promises: document.promises.length };
}

/** A partner as lists show it (schemas/operator/list-partners.gives.json). */
export function partnerOnWire({ key, kind, name, status }: Partner): OnWire {
  return { key, kind, name, status };
}

/** The versions of a partner's view and where each stands (schemas/operator/list-views.gives.json). */
export function viewsOnWire(versions: readonly View[], now: Date): OnWire[] {
  return versions.map((view) => ({
    version: view.version,
    stage: stageOf(view, versions, now),
    digest: view.digest,
    actor: view.actor,
    publishedAt: view.publishedAt.toISOString(),
    effectiveAt: view.effectiveAt.toISOString(),
    sunset: endOf(view, versions)?.retiresAt.toISOString() ?? null,
  }));
}

/** What is wrong with a draft (schemas/operator/check-view.gives.json). */
export function problemOnWire({ field, detail, promise }: ViewProblem): OnWire {
  return { field, detail, promise: promise ?? null };
}

/** What became of an offer (schemas/operator/offer-view.gives.json). */
export function outcomeOnWire(outcome: Outcome): OnWire {
  if ('published' in outcome) {
    const { version, digest, effectiveAt } = outcome.published;
    const view = { version, digest, effectiveAt: effectiveAt.toISOString() };
    return { outcome: 'published', view, proposal: null };
  }
  const { id, expiresAt, diff } = outcome.proposed;
  const proposal = { id, expiresAt: expiresAt.toISOString(), diff };
  return { outcome: 'proposed', view: null, proposal };
}

/**
 * A customer's choices. What was written down as evidence stays behind: it is free text, and can
 * hold what the customer said of itself.
 */
export function choicesOnWire({
  standing,
  history,
}: Awaited<ReturnType<typeof listChoices>>): OnWire {
  const told = history.map(({ sequence, partner, sharing, at, actor, bookedAt }) => ({
    sequence,
    partner,
    sharing,
    at: at.toISOString(),
    actor,
    bookedAt: bookedAt.toISOString(),
  }));
  return { standing, history: told };
}
