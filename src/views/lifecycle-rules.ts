import type { Retirement, View, ViewStage } from './view.ts';

/** Since when it is known that a version will be over, and when. */
export type ViewEnd = Retirement;

/**
 * When a version is over: at the moment that was decided, otherwise when the first of its successors
 * takes effect. Null while neither is known. `versions` are all of the partner's.
 */
export function endOf(view: View, versions: readonly View[]): ViewEnd | null {
  if (view.retirement) return view.retirement;
  const successors = versions.filter(
    (other) => other.version > view.version && !isWithdrawn(other),
  );
  const [first] = successors.sort((a, b) => a.effectiveAt.getTime() - b.effectiveAt.getTime());
  return first ? { retiresAt: first.effectiveAt, decidedAt: first.publishedAt } : null;
}

/** Where a version stands at a moment. */
export function stageOf(view: View, versions: readonly View[], now: Date): ViewStage {
  const end = endOf(view, versions);
  if (end && end.retiresAt <= view.effectiveAt) return 'withdrawn';
  if (view.effectiveAt > now) return 'waiting';
  if (end === null) return 'in force';
  if (end.retiresAt <= now) return 'retired';
  return viewServed(versions, { now })?.version === view.version ? 'in force' : 'being retired';
}

/** The versions that are served at a moment, oldest first. */
export function viewsServed(versions: readonly View[], now: Date): View[] {
  return versions.filter((view) => {
    const end = endOf(view, versions);
    return view.effectiveAt <= now && (end === null || now < end.retiresAt);
  });
}

/**
 * The version through which an answer is given: the one that was asked for, if it is served;
 * otherwise the newest that is. Undefined: none.
 */
export function viewServed(
  versions: readonly View[],
  { now, asked }: { now: Date; asked?: number | undefined },
): View | undefined {
  const served = viewsServed(versions, now);
  return asked === undefined ? served.at(-1) : served.find(({ version }) => version === asked);
}

/**
 * The version that will hold when all that is published has taken effect: what the next one is
 * compared with. Undefined where every version is over or will be.
 */
export function latestView(versions: readonly View[]): View | undefined {
  return versions.findLast((view) => endOf(view, versions) === null);
}

/**
 * The headers that tell through which version of a view an answer was given and, where its end is
 * known, until when it is served (RFC 8594) and since when that is known (RFC 9745).
 */
export function versionHeaders(view: View, versions: readonly View[]): Record<string, string> {
  const end = endOf(view, versions);
  const version = { 'Sluice-View': String(view.version) };
  if (!end) return version;
  const deprecation = `@${String(Math.floor(end.decidedAt.getTime() / 1000))}`;
  return { ...version, Deprecation: deprecation, Sunset: end.retiresAt.toUTCString() };
}

/**
 * Versions read at a moment: what was said to begin or to end at once has begun or ended, so a clock
 * that lags behind that of who said it does not put it off. What was said for a moment to come waits
 * for it by the clock.
 */
export function viewsAsReadAt(versions: readonly View[], now: Date): View[] {
  const asRead = (at: Date, saidAt: Date) => (at <= saidAt && now < at ? now : at);
  return versions.map((view) => {
    // By the moments as they were said: among what counts as now their order is lost.
    const end = endOf(view, versions);
    if (end && end.retiresAt <= view.effectiveAt) return { ...view, retirement: end };
    return {
      ...view,
      effectiveAt: asRead(view.effectiveAt, view.publishedAt),
      retirement: end && { ...end, retiresAt: asRead(end.retiresAt, end.decidedAt) },
    };
  });
}

function isWithdrawn({ effectiveAt, retirement }: View): boolean {
  return retirement !== null && retirement.retiresAt <= effectiveAt;
}
