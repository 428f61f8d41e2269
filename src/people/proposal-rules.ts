import { Refusal } from '../platform/refusal.ts';
import {
  InvalidProposal,
  ProposalDecided,
  ProposalExpired,
  ProposerOnly,
  SecondPersonNeeded,
  type Proposal,
  type ProposalKind,
  type ProposalStatus,
} from './proposal.ts';
import { checkRole, type Role, type StaffId } from './staff.ts';

const dayMs = 24 * 3600 * 1000;
const longestLifetimeDays = 90;
const longestReason = 1000;
const longestText = 1_000_000;

/** What may become of an open proposal. */
export type Verdict = 'approved' | 'rejected' | 'withdrawn';

/** The status at a moment: an open proposal is expired from `expiresAt` on, whoever asks. */
export function statusAt(
  { status, expiresAt }: Pick<Proposal, 'status' | 'expiresAt'>,
  now: Date,
): ProposalStatus {
  return status === 'open' && now >= expiresAt ? 'expired' : status;
}

/** When a proposal of this lifetime expires. Refuses other than 1 to 90 whole days of 24 hours. */
export function expiryOf(proposedAt: Date, lifetimeDays: number): Date {
  if (!Number.isInteger(lifetimeDays) || lifetimeDays < 1 || lifetimeDays > longestLifetimeDays) {
    throw new Refusal(InvalidProposal, 'A proposal lives 1 to 90 whole days.', {
      field: 'lifetimeDays',
    });
  }
  return new Date(proposedAt.getTime() + lifetimeDays * dayMs);
}

/** The text of a part of a proposal as it is stored. Refuses what is no JSON value, or too long. */
export function storedText(field: 'about' | 'diff', value: unknown): string {
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) throw new Refusal(InvalidProposal, `/${field} is missing.`, { field });
  // JSON.stringify writes them like this; PostgreSQL's jsonb has no place for them.
  if (/\\u(0000|d[89a-f][0-9a-f]{2})/.test(text)) {
    throw new Refusal(InvalidProposal, `/${field} holds a character that can’t be stored.`, {
      field,
    });
  }
  // PostgreSQL writes a blank after each colon and comma.
  const written = text.length + (text.match(/[,:]/g)?.length ?? 0);
  if (written > longestText) {
    throw new Refusal(InvalidProposal, `/${field} is longer than a million characters.`, { field });
  }
  return text;
}

/** Refuses a reason that is none, or longer than 1,000 characters. */
export function checkReason(reason: string): void {
  if (reason.trim() !== '' && reason.length <= longestReason && !/\p{C}/u.test(reason)) return;
  throw new Refusal(InvalidProposal, 'A reason has 1 to 1,000 printable characters.', {
    field: 'reason',
  });
}

/**
 * Throws the refusal that stands against this verdict of this person now: `role-missing`,
 * `second-person-needed`, `proposer-only`, `proposal-expired`, `proposal-decided`.
 */
export function checkVerdict(
  proposal: Proposal,
  kind: Pick<ProposalKind, 'roles'>,
  decision: { verdict: Verdict; by: StaffId; roles: readonly Role[]; now: Date },
): void {
  const { verdict, by, roles, now } = decision;
  checkRole(roles, kind.roles);
  const isOwn = by === proposal.proposedBy.id;
  if (verdict === 'withdrawn' && !isOwn) throw new Refusal(ProposerOnly);
  if (verdict !== 'withdrawn' && isOwn) throw new Refusal(SecondPersonNeeded);
  const status = statusAt(proposal, now);
  if (status === 'expired') throw new Refusal(ProposalExpired);
  if (status !== 'open') throw new Refusal(ProposalDecided, `It is ${status} already.`);
}
