import { queryNamed, type Database, type Transaction } from '../platform/database.ts';
import type { PartnerId } from '../partners/index.ts';
import type { TermsAcceptance, TermsVersion } from './terms.ts';

const columns = {
  version: 'terms_versions.version',
  document: 'terms_versions.document',
  digest: 'terms_versions.digest',
  effectiveAt: 'terms_versions.effective_at',
  publishedAt: 'terms_versions.published_at',
  actor: 'terms_versions.actor',
};

/** Every version of the terms, in the order in which they take effect. */
export async function findTermsVersions(db: Database | Transaction): Promise<TermsVersion[]> {
  return db('terms_versions')
    .select<TermsVersion[]>(columns)
    .orderBy('terms_versions.effective_at');
}

/** False: there is a version of that name, or one that takes effect at the same moment. */
export async function insertTermsVersion(tx: Transaction, one: TermsVersion): Promise<boolean> {
  const rows = await tx('terms_versions')
    .insert({
      version: one.version,
      document: one.document,
      digest: one.digest,
      effective_at: one.effectiveAt,
      published_at: one.publishedAt,
      actor: one.actor,
    })
    .onConflict()
    .ignore()
    .returning('terms_versions.version');
  return rows.length === 1;
}

/** False: the partner accepted this version before. */
export async function insertTermsAcceptance(
  tx: Transaction,
  partnerId: PartnerId,
  one: TermsAcceptance,
): Promise<boolean> {
  const rows = await tx('terms_acceptances')
    .insert({
      partner_id: partnerId,
      version: one.version,
      accepted_by: one.acceptedBy,
      evidence: one.evidence,
      accepted_at: one.acceptedAt,
      actor: one.actor,
    })
    .onConflict()
    .ignore()
    .returning('terms_acceptances.version');
  return rows.length === 1;
}

/** What a partner accepted, in the order of acceptance. */
export async function findTermsAcceptances(
  db: Database | Transaction,
  partnerId: PartnerId,
): Promise<TermsAcceptance[]> {
  return db('terms_acceptances')
    .select<TermsAcceptance[]>({
      version: 'terms_acceptances.version',
      acceptedBy: 'terms_acceptances.accepted_by',
      evidence: 'terms_acceptances.evidence',
      acceptedAt: 'terms_acceptances.accepted_at',
      actor: 'terms_acceptances.actor',
    })
    .where('terms_acceptances.partner_id', partnerId)
    .orderBy(['terms_acceptances.accepted_at', 'terms_acceptances.version']);
}

const standing = {
  name: 'terms-standing',
  text: `
    select in_force.version as "version", terms_acceptances.version is not null as "isAccepted"
      from (select terms_versions.version
              from terms_versions
             where terms_versions.effective_at <= $2
             order by terms_versions.effective_at desc
             limit 1) as in_force
      left join terms_acceptances
        on terms_acceptances.version = in_force.version and terms_acceptances.partner_id = $1`,
};

/** The terms in force at a moment, and whether a partner has accepted them; undefined without any. */
export async function findTermsStanding(
  db: Database,
  partnerId: PartnerId,
  now: Date,
): Promise<{ readonly version: string; readonly isAccepted: boolean } | undefined> {
  const rows = await queryNamed<{ version: string; isAccepted: boolean }>(db, standing, [
    partnerId,
    now,
  ]);
  return rows[0];
}
