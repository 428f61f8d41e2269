import type { Database, Transaction } from '../platform/database.ts';
import type { Policy, PolicyVersion, Reading } from './policy.ts';

interface VersionRow {
  readonly version: string;
  readonly document: Policy;
  readonly digest: string;
  readonly notice: string;
  readonly response_directions: string;
  readonly notice_days: number;
  readonly reading: Reading;
  readonly country: string;
  readonly time_zone: string;
  readonly actor: string;
  readonly published_at: Date;
  readonly effective_at: Date | null;
}

/** Every version, in the order in which they were announced. */
export async function findPolicyVersions(db: Database | Transaction): Promise<PolicyVersion[]> {
  const rows = await versions(db).orderBy('policy_versions.number');
  return rows.map(versionOf);
}

export async function findPolicyVersion(
  db: Database | Transaction,
  version: string,
): Promise<PolicyVersion | undefined> {
  const row = await versions(db).where('policy_versions.version', version).first();
  return row && versionOf(row);
}

/** The version that took effect last. */
export async function findLastActivated(
  db: Database | Transaction,
): Promise<PolicyVersion | undefined> {
  const row = await versions(db)
    .whereNotNull('policy_activations.effective_at')
    .orderBy('policy_activations.effective_at', 'desc')
    .first();
  return row && versionOf(row);
}

/** Whether any version has taken effect. */
export async function hasActivation(db: Database | Transaction): Promise<boolean> {
  return (await db('policy_activations').select('policy_activations.version').limit(1)).length > 0;
}

/** Announces a version; the database writes down when. False: there is one of that name. */
export async function insertPolicyVersion(
  tx: Transaction,
  one: Omit<PolicyVersion, 'reading' | 'publishedAt' | 'effectiveAt'>,
): Promise<boolean> {
  const rows = await tx('policy_versions')
    .insert({
      version: one.version,
      document: JSON.stringify(one.document),
      digest: one.digest,
      notice: one.notice,
      response_directions: one.responseDirections,
      notice_days: one.noticeDays,
      country: one.country,
      time_zone: one.timeZone,
      actor: one.actor,
    })
    .onConflict('version')
    .ignore()
    .returning<{ version: string }[]>('version');
  return rows.length === 1;
}

/** Puts a version in force, if the database lets it: see policy_version_takes_effect. */
export async function insertPolicyActivation(
  tx: Transaction,
  activation: { version: string; actor: string },
): Promise<void> {
  await tx('policy_activations').insert(activation);
}

/** Goes on as the owner of the tables, until the transaction ends; one program at a time. */
export async function becomeOwner(tx: Transaction): Promise<void> {
  await tx.raw('set local role sluice_owner');
  await tx.raw('select lock_policy()');
}

function versions(db: Database | Transaction) {
  return db('policy_versions')
    .leftJoin('policy_activations', 'policy_activations.version', 'policy_versions.version')
    .select<VersionRow[]>('policy_versions.*', 'policy_activations.effective_at');
}

function versionOf(row: VersionRow): PolicyVersion {
  return {
    version: row.version,
    document: row.document,
    digest: row.digest,
    notice: row.notice,
    responseDirections: row.response_directions,
    noticeDays: row.notice_days,
    reading: row.reading,
    country: row.country,
    timeZone: row.time_zone,
    actor: row.actor,
    publishedAt: row.published_at,
    effectiveAt: row.effective_at,
  };
}
