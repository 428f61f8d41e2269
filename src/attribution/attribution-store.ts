import type { PartnerId } from '../partners/index.ts';
import type { StaffId } from '../people/index.ts';
import type { Database, Transaction } from '../platform/database.ts';
import type { CustomerId, ServiceId } from '../records/index.ts';
import type { RelationshipId } from '../relationships/index.ts';
import type { PromotionId } from '../promotions/index.ts';
import type {
  Attribution,
  AttributionId,
  AttributionStatus,
  ClickFault,
  Evidence,
  Finding,
  Likeness,
} from './attribution.ts';

/** How a sign-up is found again: by the operator's id of it, or without one by what it is about. */
export interface SignUpKey {
  readonly customerId: CustomerId;
  readonly serviceId: ServiceId;
  readonly signUpId: string | null;
}

interface AttributionRow {
  readonly attribution_id: AttributionId;
  readonly customer_id: CustomerId;
  readonly service_id: ServiceId;
  readonly sign_up_id: string | null;
  readonly request_sha256: Buffer | null;
  readonly signed_up_at: Date;
  readonly status: AttributionStatus;
  readonly partner_id: PartnerId | null;
  readonly relationship_id: RelationshipId | null;
  readonly findings: readonly Finding[];
  readonly evidence: EvidenceRow;
  readonly rule_version: number;
  readonly told_by: string;
  readonly decided_at: Date;
  readonly for_partner_id: PartnerId | null;
  readonly in_relationship_id: RelationshipId | null;
  readonly proposed_by: StaffId | null;
  readonly approved_by: StaffId | null;
  readonly reason: string | null;
  readonly resolved_at: Date | null;
}

interface EvidenceRow {
  readonly clicks: readonly {
    readonly promotionId: PromotionId;
    readonly partnerId: PartnerId | null;
    readonly firstAt: string;
    readonly lastAt: string;
    readonly fault: ClickFault | null;
    readonly likeness: Likeness | null;
  }[];
  readonly knownSince: string | null;
  readonly firstPaidAt: string | null;
  readonly firstRelatedAt: string | null;
}

/** Makes others wait who tell of a sign-up with the same id, perhaps of another customer. */
export async function guardSignUp(tx: Transaction, signUpId: string): Promise<void> {
  await tx.raw('select pg_advisory_xact_lock(7714, hashtext(?))', [signUpId]);
}

/** What was decided about a sign-up that was told, and the digest of how it was told. */
export async function findSignUp(
  tx: Transaction,
  { customerId, serviceId, signUpId }: SignUpKey,
): Promise<{ attribution: Attribution; digest: Buffer } | undefined> {
  const told = rows(tx).whereNotNull('attributions.request_sha256');
  const row = await (
    signUpId === null
      ? told
          .where({ 'attributions.customer_id': customerId, 'attributions.service_id': serviceId })
          .whereNull('attributions.sign_up_id')
      : told.where('attributions.sign_up_id', signUpId)
  ).first();
  const digest = row?.request_sha256;
  return row && digest ? { attribution: attributionOf(row), digest } : undefined;
}

export async function findAttribution(
  db: Database | Transaction,
  id: AttributionId,
): Promise<Attribution | undefined> {
  const row = await rows(db).where('attributions.attribution_id', id).first();
  return row && attributionOf(row);
}

/** Attributions as they stand, the newest first: of one status or of all. */
export async function findAttributions(
  db: Database | Transaction,
  {
    status,
    before,
    limit,
  }: { status?: AttributionStatus | undefined; before?: string | undefined; limit: number },
): Promise<Attribution[]> {
  const found = rows(db).orderBy('attributions.attribution_id', 'desc').limit(limit);
  if (before !== undefined) void found.where('attributions.attribution_id', '<', before);
  if (status !== undefined) {
    // What was held can have become anything since; the first condition is one of an index.
    void found.whereIn('attributions.status', [status, 'held']).whereRaw(
      `case when attribution_decisions.attribution_id is null then attributions.status
        when attribution_decisions.partner_id is null then 'direct' else 'attributed' end = ?`,
      [status],
    );
  }
  return (await found).map(attributionOf);
}

/** Those of a customer's sign-ups for a service that wait for a person. */
export async function findHeld(
  tx: Transaction,
  { customerId, serviceId }: Omit<SignUpKey, 'signUpId'>,
): Promise<Attribution[]> {
  const found = await rows(tx)
    .where({
      'attributions.customer_id': customerId,
      'attributions.service_id': serviceId,
      'attributions.status': 'held',
    })
    .whereNull('attribution_decisions.attribution_id')
    .orderBy('attributions.attribution_id');
  return found.map(attributionOf);
}

export async function insertAttribution(
  tx: Transaction,
  one: Omit<Attribution, 'decision'>,
  digest: Buffer | null,
): Promise<void> {
  await tx('attributions').insert({
    customer_id: one.customerId,
    attribution_id: one.id,
    service_id: one.serviceId,
    sign_up_id: one.signUpId,
    request_sha256: digest,
    signed_up_at: one.signedUpAt,
    status: one.status,
    partner_id: one.partnerId,
    findings: one.findings,
    evidence: JSON.stringify(one.evidence),
    rule_version: one.ruleVersion,
    relationship_id: one.relationshipId,
    told_by: one.toldBy,
    decided_at: one.decidedAt,
  });
}

export async function insertDecision(
  tx: Transaction,
  { customerId, id }: Pick<Attribution, 'customerId' | 'id'>,
  decision: NonNullable<Attribution['decision']> &
    Pick<Attribution, 'partnerId' | 'relationshipId'>,
): Promise<void> {
  await tx('attribution_decisions').insert({
    customer_id: customerId,
    attribution_id: id,
    partner_id: decision.partnerId,
    relationship_id: decision.relationshipId,
    proposed_by: decision.proposedBy,
    approved_by: decision.approvedBy,
    reason: decision.reason,
    decided_at: decision.decidedAt,
  });
}

function rows(db: Database | Transaction) {
  return db('attributions')
    .leftJoin('attribution_decisions', {
      'attribution_decisions.customer_id': 'attributions.customer_id',
      'attribution_decisions.attribution_id': 'attributions.attribution_id',
    })
    .select<AttributionRow[]>(
      ...[
        'attribution_id',
        'customer_id',
        'service_id',
        'sign_up_id',
        'request_sha256',
        'signed_up_at',
        'status',
        'partner_id',
        'relationship_id',
        'findings',
        'evidence',
        'rule_version',
        'told_by',
        'decided_at',
      ].map((column) => `attributions.${column}`),
      'attribution_decisions.partner_id as for_partner_id',
      'attribution_decisions.relationship_id as in_relationship_id',
      'attribution_decisions.proposed_by',
      'attribution_decisions.approved_by',
      'attribution_decisions.reason',
      'attribution_decisions.decided_at as resolved_at',
    );
}

function attributionOf(row: AttributionRow): Attribution {
  const { proposed_by: proposedBy, approved_by: approvedBy, reason, resolved_at: at } = row;
  const decision =
    proposedBy !== null && approvedBy !== null && reason !== null && at !== null
      ? { proposedBy, approvedBy, reason, decidedAt: at }
      : null;
  const resolved = row.for_partner_id === null ? 'direct' : 'attributed';
  return {
    id: row.attribution_id,
    customerId: row.customer_id,
    serviceId: row.service_id,
    signUpId: row.sign_up_id,
    signedUpAt: row.signed_up_at,
    status: decision ? resolved : row.status,
    partnerId: decision ? row.for_partner_id : row.partner_id,
    relationshipId: decision ? row.in_relationship_id : row.relationship_id,
    findings: row.findings,
    evidence: evidenceOf(row.evidence),
    ruleVersion: row.rule_version,
    toldBy: row.told_by,
    decidedAt: row.decided_at,
    decision,
  };
}

function evidenceOf({ clicks, knownSince, firstPaidAt, firstRelatedAt }: EvidenceRow): Evidence {
  const moment = (text: string | null) => (text === null ? null : new Date(text));
  return {
    clicks: clicks.map((click) => ({
      ...click,
      firstAt: new Date(click.firstAt),
      lastAt: new Date(click.lastAt),
    })),
    knownSince: moment(knownSince),
    firstPaidAt: moment(firstPaidAt),
    firstRelatedAt: moment(firstRelatedAt),
  };
}
