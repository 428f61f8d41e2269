import type { Database, Transaction } from '../platform/database.ts';
import { statusAt, type Verdict } from './proposal-rules.ts';
import type { Proposal, ProposalId, ProposalStatus } from './proposal.ts';
import type { StaffId } from './staff.ts';

interface ProposalRow {
  readonly id: ProposalId;
  readonly kind: string;
  readonly about: unknown;
  readonly diff: unknown;
  readonly proposedById: StaffId;
  readonly proposedByName: string;
  readonly proposedAt: Date;
  readonly expiresAt: Date;
  readonly status: Exclude<ProposalStatus, 'expired'>;
  readonly decidedById: StaffId | null;
  readonly decidedByName: string | null;
  readonly decidedAt: Date | null;
  readonly reason: string | null;
}

const outlineColumns = {
  id: 'proposals.id',
  kind: 'proposals.kind',
  proposedById: 'proposals.proposed_by',
  proposedByName: 'proposer.name',
  proposedAt: 'proposals.proposed_at',
  expiresAt: 'proposals.expires_at',
  status: 'proposals.status',
  decidedById: 'proposals.decided_by',
  decidedByName: 'decider.name',
  decidedAt: 'proposals.decided_at',
  reason: 'proposals.reason',
};
const columns = { ...outlineColumns, about: 'proposals.about', diff: 'proposals.diff' };

/** A proposal without what it is about and its diff, as lists show it. */
export type ProposalOutline = Omit<Proposal, 'about' | 'diff'>;

const joined = (db: Database | Transaction) =>
  db('proposals')
    .join('staff as proposer', 'proposer.id', 'proposals.proposed_by')
    .leftJoin('staff as decider', 'decider.id', 'proposals.decided_by');

export async function insertProposal(
  tx: Transaction,
  proposal: Pick<Proposal, 'id' | 'kind' | 'proposedAt' | 'expiresAt'> & {
    readonly proposedBy: StaffId;
    /** JSON texts. */
    readonly about: string;
    readonly diff: string;
  },
): Promise<void> {
  await tx('proposals').insert({
    id: proposal.id,
    kind: proposal.kind,
    about: proposal.about,
    diff: proposal.diff,
    proposed_by: proposal.proposedBy,
    proposed_at: proposal.proposedAt,
    expires_at: proposal.expiresAt,
  });
}

/** One proposal with its status at `now`. */
export async function findProposal(
  db: Database | Transaction,
  id: ProposalId,
  now: Date,
): Promise<Proposal | undefined> {
  const row = await joined(db).select<ProposalRow[]>(columns).where('proposals.id', id).first();
  return row && { ...outlineOf(row, now), about: row.about, diff: row.diff };
}

/** One proposal, locked, so that only one decision is made about it. */
export async function lockProposal(
  tx: Transaction,
  id: ProposalId,
  now: Date,
): Promise<Proposal | undefined> {
  await tx('proposals').select('proposals.id').where('proposals.id', id).forUpdate();
  return findProposal(tx, id, now);
}

/** At most `limit` proposals, the newest first, those before the one named; of one status or all. */
export async function findProposals(
  db: Database | Transaction,
  page: {
    status?: ProposalStatus | undefined;
    before?: string | undefined;
    limit: number;
    now: Date;
  },
): Promise<ProposalOutline[]> {
  const { status, before, limit, now } = page;
  const query = joined(db)
    .select<Omit<ProposalRow, 'about' | 'diff'>[]>(outlineColumns)
    .orderBy('proposals.id', 'desc')
    .limit(limit);
  if (before !== undefined) void query.where('proposals.id', '<', before);
  if (status !== undefined) {
    void query.where('proposals.status', status === 'expired' ? 'open' : status);
  }
  if (status === 'open') void query.where('proposals.expires_at', '>', now);
  if (status === 'expired') void query.where('proposals.expires_at', '<=', now);
  return (await query).map((row) => outlineOf(row, now));
}

export async function updateProposalDecided(
  tx: Transaction,
  id: ProposalId,
  decision: { verdict: Verdict; by: StaffId; at: Date; reason: string | null },
): Promise<void> {
  await tx('proposals').where('proposals.id', id).update({
    status: decision.verdict,
    decided_by: decision.by,
    decided_at: decision.at,
    reason: decision.reason,
  });
}

function outlineOf(row: Omit<ProposalRow, 'about' | 'diff'>, now: Date): ProposalOutline {
  const { proposedById, proposedByName, decidedById, decidedByName } = row;
  return {
    id: row.id,
    kind: row.kind,
    proposedBy: { id: proposedById, name: proposedByName },
    proposedAt: row.proposedAt,
    expiresAt: row.expiresAt,
    status: statusAt(row, now),
    decidedBy: decidedById === null ? null : { id: decidedById, name: decidedByName ?? '' },
    decidedAt: row.decidedAt,
    reason: row.reason,
  };
}
