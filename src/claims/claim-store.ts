import type { PartnerId } from '../partners/index.ts';
import type { StaffId } from '../people/index.ts';
import type { Database, Transaction } from '../platform/database.ts';
import type { Claim, ClaimId, ClaimMedia, ClaimName, Decision, DecisionKind } from './claim.ts';

/** Waits for who else brings in or decides a claim for the same period, until the transaction ends. */
export async function lockClaims(tx: Transaction, name: ClaimName): Promise<void> {
  await tx.raw('select pg_advisory_xact_lock(hashtextextended(?, 0))', [
    `claim ${name.partnerId} ${name.period} ${name.currency}`,
  ]);
}

const selected = (content: string) => `
  select claims.partner_id, claims.claim_id, claims.period, claims.currency, claims.number,
    claims.media, ${content} as content, claims.sha256, claims.line_count, claims.total_minor,
    claims.brought_by, claims.received_at, claims.kept_until,
    not exists (select 1 from claims as later where later.partner_id = claims.partner_id
      and later.period = claims.period and later.currency = claims.currency
      and later.number > claims.number) as is_last,
    decided.number as decision_number, decided.decision, decided.due_on, decided.reason,
    decided.ours_minor, decided.theirs_minor, decided.tolerance_minor, decided.decided_by,
    decided.approved_by, decided.decided_at
  from claims
    left join lateral (
      select claim_decisions.* from claim_decisions
      where claim_decisions.partner_id = claims.partner_id
        and claim_decisions.claim_id = claims.claim_id
      order by claim_decisions.number desc limit 1
    ) as decided on true`;

/** One claim with its bytes, as far as they are still kept. */
export async function findClaim(
  db: Database | Transaction,
  { partnerId, id }: { partnerId: PartnerId; id: ClaimId },
): Promise<Claim | undefined> {
  const { rows } = await db.raw<{ rows: ClaimRow[] }>(
    `${selected('claims.content')}
     where claims.partner_id = :partnerId and claims.claim_id = :id`,
    { partnerId, id },
  );
  return rows[0] && claimOf(rows[0]);
}

/** The claim that counts for a period and currency. */
export async function findLastClaim(
  db: Database | Transaction,
  { partnerId, period, currency }: ClaimName,
): Promise<Claim | undefined> {
  const { rows } = await db.raw<{ rows: ClaimRow[] }>(
    `${selected('claims.content')}
     where claims.partner_id = :partnerId and claims.period = :period
       and claims.currency = :currency
     order by claims.number desc limit 1`,
    { partnerId, period, currency },
  );
  return rows[0] && claimOf(rows[0]);
}

/** Claims without their bytes, of all partners or one, the latest first, the next after one. */
export async function findClaims(
  db: Database | Transaction,
  { partnerId, after, limit }: { partnerId?: PartnerId | undefined; after?: ClaimId | undefined; limit: number }, // prettier-ignore
): Promise<Claim[]> {
  const { rows } = await db.raw<{ rows: ClaimRow[] }>(
    `${selected('cast(null as bytea)')}
     where (cast(:partnerId as uuid) is null or claims.partner_id = :partnerId)
       and (cast(:after as uuid) is null or claims.claim_id < :after)
     order by claims.claim_id desc limit :limit`,
    { partnerId: partnerId ?? null, after: after ?? null, limit },
  );
  return rows.map(claimOf);
}

export async function insertClaim(
  tx: Transaction,
  claim: Omit<Claim, 'isLast' | 'decision'>,
): Promise<void> {
  await tx('claims').insert({
    partner_id: claim.partnerId,
    claim_id: claim.id,
    period: claim.period,
    currency: claim.currency,
    number: claim.number,
    media: claim.media,
    content: claim.content,
    sha256: claim.sha256,
    line_count: claim.lineCount,
    total_minor: String(claim.totalMinor),
    brought_by: claim.broughtBy,
    received_at: claim.receivedAt,
    kept_until: claim.keptUntil,
  });
}

export async function insertDecision(
  tx: Transaction,
  { partnerId, id }: Pick<Claim, 'partnerId' | 'id'>,
  decision: Decision,
): Promise<void> {
  await tx('claim_decisions').insert({
    partner_id: partnerId,
    claim_id: id,
    number: decision.number,
    decision: decision.decision,
    due_on: decision.dueOn,
    reason: decision.reason,
    ours_minor: String(decision.oursMinor),
    theirs_minor: String(decision.theirsMinor),
    tolerance_minor: String(decision.toleranceMinor),
    decided_by: decision.decidedBy,
    approved_by: decision.approvedBy,
    decided_at: decision.decidedAt,
  });
}

/** Lets go of the bytes of claims whose time is over; answers how many. */
export async function deleteContents(tx: Transaction, now: Date): Promise<number> {
  return tx('claims')
    .whereNotNull('claims.content')
    .where('claims.kept_until', '<=', now)
    .update({ content: null });
}

interface ClaimRow {
  readonly partner_id: PartnerId;
  readonly claim_id: ClaimId;
  readonly period: string;
  readonly currency: string;
  readonly number: number;
  readonly media: ClaimMedia;
  readonly content: Buffer | null;
  readonly sha256: Buffer;
  readonly line_count: number;
  readonly total_minor: string;
  readonly brought_by: StaffId | null;
  readonly received_at: Date;
  readonly kept_until: Date;
  readonly is_last: boolean;
  readonly decision_number: number | null;
  readonly decision: DecisionKind;
  readonly due_on: string | null;
  readonly reason: string;
  readonly ours_minor: string;
  readonly theirs_minor: string;
  readonly tolerance_minor: string;
  readonly decided_by: StaffId;
  readonly approved_by: StaffId | null;
  readonly decided_at: Date;
}

function claimOf(row: ClaimRow): Claim {
  return {
    partnerId: row.partner_id,
    id: row.claim_id,
    period: row.period,
    currency: row.currency,
    number: row.number,
    isLast: row.is_last,
    media: row.media,
    content: row.content,
    sha256: row.sha256,
    lineCount: row.line_count,
    totalMinor: BigInt(row.total_minor),
    broughtBy: row.brought_by,
    receivedAt: row.received_at,
    keptUntil: row.kept_until,
    decision: row.decision_number === null ? null : decisionOf(row, row.decision_number),
  };
}

function decisionOf(row: ClaimRow, number: number): Decision {
  return {
    number,
    decision: row.decision,
    dueOn: row.due_on,
    reason: row.reason,
    oursMinor: BigInt(row.ours_minor),
    theirsMinor: BigInt(row.theirs_minor),
    toleranceMinor: BigInt(row.tolerance_minor),
    decidedBy: row.decided_by,
    approvedBy: row.approved_by,
    decidedAt: row.decided_at,
  };
}
