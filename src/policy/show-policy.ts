import { countWorkingDays, findCalendarDays, findEarliestDay } from '../calendar/index.ts';
import type { Database } from '../platform/database.ts';
import { localDay } from '../platform/local-days.ts';
import type { Tools } from '../platform/tools.ts';
import { asReadAt, policyInForce } from './policy-rules.ts';
import { findPolicyVersions } from './policy-store.ts';
import type { Policy, PolicyVersion, Reading } from './policy.ts';

/** A version as anybody may read it. Instants are RFC 3339, days YYYY-MM-DD. */
export interface ShownVersion {
  readonly version: string;
  readonly digest: string;
  readonly publishedAt: string;
  readonly effectiveAt: string | null;
  readonly notice: {
    readonly text: string;
    readonly responseDirections: string;
    readonly workingDays: number;
    readonly reading: Reading;
    readonly country: string;
    readonly timeZone: string;
    /** Whole working days that have passed, and the first day on which it may take effect. */
    readonly workingDaysPassed: number | null;
    readonly earliestDay: string | null;
  };
  readonly document: Policy;
}

/** The policy in force, and what is announced to follow it. */
export interface ShownPolicy {
  readonly inForce: ShownVersion;
  readonly announced: readonly ShownVersion[];
}

/** Shows the policy to anybody: in force, and announced with notice and earliest day (P01, P03). */
export async function showPolicy({ db, clock }: Tools): Promise<ShownPolicy> {
  const now = clock.now();
  const versions = asReadAt(await findPolicyVersions(db), now);
  const inForce = policyInForce(versions, now);
  if (!inForce) throw new Error('The database has no policy in force.');
  const last = versions.findLastIndex(({ effectiveAt }) => effectiveAt !== null);
  const announced: ShownVersion[] = [];
  for (const version of versions.slice(last + 1)) announced.push(await shown(db, version, now));
  return { inForce: await shown(db, inForce, now), announced };
}

/** One version, whether in force, announced or past; undefined where there is none of the name. */
export async function showPolicyVersion(
  { db, clock }: Tools,
  version: string,
): Promise<ShownVersion | undefined> {
  const versions = await findPolicyVersions(db);
  const found = versions.find((one) => one.version === version);
  return found && shown(db, found, clock.now());
}

/** Every version in the order in which they were announced. */
export async function showPolicyVersions({ db, clock }: Tools): Promise<ShownVersion[]> {
  const versions: ShownVersion[] = [];
  for (const one of await findPolicyVersions(db)) versions.push(await shown(db, one, clock.now()));
  return versions;
}

async function shown(db: Database, one: PolicyVersion, now: Date): Promise<ShownVersion> {
  const { version, digest, publishedAt, effectiveAt, document, country, timeZone } = one;
  const published = localDay(publishedAt, timeZone);
  const today = localDay(now, timeZone);
  const earliest = await findEarliestDay(db, { ...one, published });
  const days = await findCalendarDays(db, { country, after: published, limit: 1000 });
  return {
    version,
    digest,
    publishedAt: publishedAt.toISOString(),
    effectiveAt: effectiveAt?.toISOString() ?? null,
    notice: {
      text: one.notice,
      responseDirections: one.responseDirections,
      workingDays: one.noticeDays,
      reading: one.reading,
      country,
      timeZone,
      workingDaysPassed: countWorkingDays(days, { published, today }) ?? null,
      earliestDay: earliest ?? null,
    },
    document,
  };
}
