import type { PartnerId } from '../partners/index.ts';
import type { Database, Transaction } from '../platform/database.ts';
import type { Acceptance, AgreementTerms, AgreementVersion, Retirement } from './agreement.ts';

interface AgreementRow {
  readonly partner_id: string;
  readonly version: number;
  readonly valid_from: string;
  readonly valid_until: string | null;
  readonly published_at: Date;
  readonly terms: AgreementTerms;
}

const agreementColumns = [
  'partner_id',
  'version',
  'valid_from',
  'valid_until',
  'published_at',
  'terms',
].map((column) => `agreement_versions.${column}`);

/** Every version of the agreement with a partner, oldest first. */
export async function findAgreementVersions(
  db: Database | Transaction,
  partnerId: PartnerId,
): Promise<AgreementVersion[]> {
  const rows = await db('agreement_versions')
    .select<AgreementRow[]>(agreementColumns)
    .where('agreement_versions.partner_id', partnerId)
    .orderBy('agreement_versions.version');
  const retirements = rows.length === 0 ? [] : await findRetirements(db, partnerId);
  return rows.map((row) => ({
    partnerId,
    version: row.version,
    validFrom: row.valid_from,
    validUntil: row.valid_until,
    publishedAt: row.published_at,
    terms: row.terms,
    retirement: firstEnd(row.version, retirements),
  }));
}

export async function insertAgreementVersion(
  tx: Transaction,
  agreement: AgreementVersion,
): Promise<void> {
  await tx('agreement_versions').insert({
    partner_id: agreement.partnerId,
    version: agreement.version,
    valid_from: agreement.validFrom,
    valid_until: agreement.validUntil,
    published_at: agreement.publishedAt,
    terms: JSON.stringify(agreement.terms),
  });
}

export async function endAgreementVersion(
  tx: Transaction,
  agreement: AgreementVersion,
  validUntil: string,
): Promise<void> {
  await tx('agreement_versions')
    .where({ partner_id: agreement.partnerId, version: agreement.version })
    .update({ valid_until: validUntil });
}

/** Of what was said of a version, that which ends it first. */
function firstEnd(ended: number, retirements: readonly Retirement[]): Retirement | null {
  return retirements
    .filter(({ version }) => version >= ended)
    .reduce<Retirement | null>(
      (first, one) => (first && first.endsAt <= one.endsAt ? first : one),
      null,
    );
}

async function findRetirements(
  db: Database | Transaction,
  partnerId: PartnerId,
): Promise<Retirement[]> {
  return db('agreement_retirements')
    .select<Retirement[]>({
      version: 'agreement_retirements.version',
      side: 'agreement_retirements.side',
      saidAt: 'agreement_retirements.said_at',
      endsAt: 'agreement_retirements.ends_at',
      by: 'agreement_retirements.said_by',
      reason: 'agreement_retirements.reason',
    })
    .where('agreement_retirements.partner_id', partnerId)
    .orderBy('agreement_retirements.sequence');
}

export async function insertRetirement(
  tx: Transaction,
  partnerId: PartnerId,
  { version, side, saidAt, endsAt, by, reason }: Retirement,
): Promise<void> {
  await tx.raw(
    `insert into agreement_retirements (partner_id, sequence, version, side, said_at, ends_at, said_by, reason)
     select ?::uuid, coalesce(max(agreement_retirements.sequence), 0) + 1, ?, ?, ?, ?, ?, ?
     from agreement_retirements where agreement_retirements.partner_id = ?::uuid`,
    [partnerId, version, side, saidAt, endsAt, by, reason, partnerId],
  );
}

export async function insertAcceptance(
  tx: Transaction,
  { partnerId, version, publishedAt }: AgreementVersion,
  { side, by, evidence }: Acceptance,
): Promise<void> {
  await tx('agreement_acceptances').insert({
    partner_id: partnerId,
    version,
    side,
    accepted_by: by,
    evidence,
    accepted_at: publishedAt,
  });
}

/** Who accepted each version, both sides. */
export async function findAcceptances(
  db: Database | Transaction,
  partnerId: PartnerId,
): Promise<(Acceptance & { readonly version: number; readonly at: Date })[]> {
  return db('agreement_acceptances')
    .select<(Acceptance & { version: number; at: Date })[]>({
      version: 'agreement_acceptances.version',
      side: 'agreement_acceptances.side',
      by: 'agreement_acceptances.accepted_by',
      evidence: 'agreement_acceptances.evidence',
      at: 'agreement_acceptances.accepted_at',
    })
    .where('agreement_acceptances.partner_id', partnerId)
    .orderBy(['agreement_acceptances.version', 'agreement_acceptances.side']);
}
