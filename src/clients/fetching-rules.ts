/** Keys are fetched again after an hour, and for one that is not known at once; never within a minute. */
const freshMs = 3_600_000;
export const againMs = 60_000;
/** Keys that were fetched count for a day where their host can't be reached; then for nothing. */
const lastMs = 24 * 3_600_000;

/** When the keys of a client were last fetched; null: it has no URL. */
export interface Fetched {
  readonly jwksUri: string | null;
  readonly keysFetchedAt: Date | null;
}

const ageOf = ({ keysFetchedAt }: Fetched, now: Date): number =>
  keysFetchedAt === null ? Infinity : Math.abs(now.getTime() - keysFetchedAt.getTime());

/** Whether a client's keys are to be fetched before one of them is relied on. */
export function isToBeFetched(fetched: Fetched, now: Date, isKnown: boolean): boolean {
  return fetched.jwksUri !== null && (!isKnown || ageOf(fetched, now) > freshMs);
}

/** Whether the keys that a client has still count. */
export function areStillGood(fetched: Fetched, now: Date): boolean {
  return fetched.jwksUri === null || ageOf(fetched, now) <= lastMs;
}
