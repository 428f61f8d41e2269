import { findAgreementVersions } from '../agreements/index.ts';
import {
  ClaimDecided,
  ClaimReplaced,
  findClaim,
  insertDecision,
  lockClaims,
  statusOf,
  UnknownClaim,
  type Claim,
  type ClaimId,
  type Decision,
} from '../claims/index.ts';
import type { PartnerId } from '../partners/index.ts';
import {
  checkRole,
  lockRoles,
  proposeChange,
  type ProposalId,
  type ProposalKind,
  type StaffId,
} from '../people/index.ts';
import { addDays, monthOf } from '../platform/calendar-days.ts';
import { isDate } from '../platform/calendar.ts';
import { inTransaction, type Transaction } from '../platform/database.ts';
import { localDay } from '../platform/local-days.ts';
import { isPrintable } from '../platform/printable.ts';
import { Refusal, type RefusalKind } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import {
  findClosedStatement,
  insertAgreedAdjustment,
  periodNamed,
  statementIdOf,
  versionOn,
} from '../settlements/index.ts';
import { compareClaimIn, totalsOf } from '../reconciliation/index.ts';

const finance = ['finance'] as const;

const wrong = (code: string, title: string) => ({ code, status: 422, title }) as const;
export const DecisionInvalid = wrong(
  'decision-invalid',
  'A decision has a reason of 1 to 500 printable characters; a dispute a day that is to come.',
);
const StatementStillOpen = {
  code: 'statement-open',
  status: 409,
  title: 'The statement is not closed yet: what is wrong with it is put right in its records.',
} as const satisfies RefusalKind;
const ClaimMoved = {
  code: 'claim-moved',
  status: 409,
  title: 'Both sides differ by another amount than when it was proposed: propose it again.',
} as const satisfies RefusalKind;
const NothingDiffers = {
  code: 'nothing-differs',
  status: 409,
  title: 'Both sides come to the same: there is nothing to pay beside the statement.',
} as const satisfies RefusalKind;

/** What came of it: a decision, or a proposal that a second person has to approve. */
export type Decided =
  { readonly claim: Claim } | { readonly proposalId: ProposalId; readonly expiresAt: Date };

interface Asked {
  readonly partnerId: PartnerId;
  readonly id: ClaimId;
  readonly reason: string;
  readonly by: StaffId;
}

/**
 * Opens a dispute of a claim, to be resolved by a day: `accept ours` and `accept theirs` resolve it,
 * and until then another day may be given. Refusals: `role-missing`, `unknown-claim`,
 * `claim-replaced`, `claim-decided`, `decision-invalid`.
 */
export async function disputeClaim(
  tools: Tools,
  { dueOn, ...asked }: Asked & { dueOn: string },
): Promise<Claim> {
  const today = localDay(tools.clock.now(), tools.settings.timeZone);
  if (!isDate(dueOn) || dueOn < today) {
    throw new Refusal(DecisionInvalid, DecisionInvalid.title, { field: 'dueOn' });
  }
  return decide(tools, asked, { decision: 'disputed', dueOn, approvedBy: null });
}

/** Keeps to our statement. Asked again it changes nothing. Refuses as `disputeClaim` does. */
export async function acceptOurs(tools: Tools, asked: Asked): Promise<Claim> {
  return decide(tools, asked, { decision: 'accepted-ours', dueOn: null, approvedBy: null });
}

/** What carries an acceptance out, once it is approved. */
interface AboutClaim {
  readonly partnerId: PartnerId;
  readonly claimId: ClaimId;
  readonly lines: readonly number[] | null;
  readonly adjustmentMinor: string;
  readonly reason: string;
}

/**
 * Accepts what the partner claims, all of it or some of its lines: what that differs from our closed
 * statement is an adjustment on the next one, once. Above what one person decides alone it is
 * proposed to a second one. Refusals: those of `disputeClaim`, `statement-open`, `nothing-differs`.
 */
export async function acceptTheirs(
  tools: Tools,
  { lines, ...asked }: Asked & { lines: readonly number[] | null },
): Promise<Decided> {
  const { partnerId, id, reason, by } = asked;
  checkReason(reason);
  return inTransaction(tools.db, async (tx): Promise<Decided> => {
    checkRole(await lockRoles(tx, by), finance);
    const claim = await readClaim(tx, asked);
    if (claim.decision?.decision === 'accepted-theirs') return { claim };
    checkOpen(claim);
    const { adjustmentMinor, oursMinor } = await differenceIn(tx, tools, { claim, lines });
    const size = adjustmentMinor < 0n ? -adjustmentMinor : adjustmentMinor;
    if (size <= tools.settings.claimAloneMinor) {
      return { claim: await decideIn(tx, tools, { asked, made: acceptance, lines }) };
    }
    const about = { partnerId, claimId: id, lines, reason, adjustmentMinor: String(adjustmentMinor) }; // prettier-ignore
    const diff = {
      statement: statementIdOf(claim),
      ours: String(oursMinor),
      theirs: String(claim.totalMinor),
      lines: lines ?? 'all',
      adjustment: String(adjustmentMinor),
      reason,
    };
    const proposal = { tools, kind: claimAcceptance, about: about satisfies AboutClaim, diff, by };
    const proposed = await proposeChange(tx, proposal);
    return { proposalId: proposed.id, expiresAt: proposed.expiresAt };
  });
}

const acceptance = { decision: 'accepted-theirs', dueOn: null, approvedBy: null } as const;

/** That a partner's claim is accepted beyond what one person of finance decides alone. */
export const claimAcceptance: ProposalKind = {
  kind: 'claim-acceptance',
  roles: finance,
  carryOut: async (tx, tools, about, { proposedBy, approvedBy }) => {
    const { partnerId, claimId, lines, adjustmentMinor, reason } = about as AboutClaim;
    const asked = { partnerId, id: claimId, reason, by: proposedBy };
    const made = { ...acceptance, approvedBy };
    return decideIn(tx, tools, { asked, made, lines, expectedMinor: BigInt(adjustmentMinor) });
  },
};

type Made = Pick<Decision, 'decision' | 'dueOn' | 'approvedBy'>;

async function decide(tools: Tools, asked: Asked, made: Made): Promise<Claim> {
  checkReason(asked.reason);
  return inTransaction(tools.db, async (tx) => {
    checkRole(await lockRoles(tx, asked.by), finance);
    return decideIn(tx, tools, { asked, made, lines: null });
  });
}

/** Writes the decision down, and the adjustment that follows from it, once. */
async function decideIn(
  tx: Transaction,
  tools: Pick<Tools, 'clock' | 'settings'>,
  {
    asked,
    made,
    lines,
    expectedMinor,
  }: {
    asked: Asked;
    made: Made;
    lines: readonly number[] | null;
    /** What it was proposed with. */
    expectedMinor?: bigint;
  },
): Promise<Claim> {
  const claim = await readClaim(tx, asked);
  if (made.decision !== 'disputed' && claim.decision?.decision === made.decision) return claim;
  checkOpen(claim);
  const { adjustmentMinor, oursMinor } =
    made.decision === 'accepted-theirs'
      ? await differenceIn(tx, tools, { claim, lines })
      : { ...(await compareClaimIn(tx, tools, { claim, decision: null })).totals, adjustmentMinor: 0n }; // prettier-ignore
  if (expectedMinor !== undefined && expectedMinor !== adjustmentMinor) throw new Refusal(ClaimMoved); // prettier-ignore
  const decidedAt = tools.clock.now();
  if (made.decision === 'accepted-theirs') await agree(tx, { claim, adjustmentMinor, decidedAt });
  await insertDecision(tx, claim, {
    ...{ ...made, number: (claim.decision?.number ?? 0) + 1, reason: asked.reason },
    ...{ oursMinor, theirsMinor: claim.totalMinor },
    ...{ toleranceMinor: tools.settings.claimToleranceMinor, decidedBy: asked.by, decidedAt },
  });
  return again(tx, claim);
}

async function agree(
  tx: Transaction,
  made: { claim: Claim; adjustmentMinor: bigint; decidedAt: Date },
): Promise<void> {
  const { partnerId, id: claimId, currency, period } = made.claim;
  const days = periodNamed(period);
  const versions = await findAgreementVersions(tx, partnerId);
  const version = days && versionOn(versions, addDays(days.untilDay, -1));
  if (!days || !version) throw new Error('A closed statement has an agreement.');
  await insertAgreedAdjustment(tx, {
    ...{ partnerId, claimId, currency, amountMinor: made.adjustmentMinor },
    ...{ month: monthOf(days.fromDay), agreementVersion: version.version },
    agreedAt: made.decidedAt,
  });
}

/** By how much the chosen lines of a claim, or all of it, differ from our closed statement. */
async function differenceIn(
  tx: Transaction,
  tools: Pick<Tools, 'settings'>,
  { claim, lines }: { claim: Claim; lines: readonly number[] | null },
): Promise<{ adjustmentMinor: bigint; oursMinor: bigint }> {
  if (!(await findClosedStatement(tx, claim))) throw new Refusal(StatementStillOpen);
  const { rows, totals } = await compareClaimIn(tx, tools, { claim, decision: null });
  const chosen = lines && new Set(lines);
  const known = new Set(rows.flatMap(({ claimed }) => claimed));
  if (lines && (lines.length === 0 || !lines.every((line) => known.has(line)))) {
    throw new Refusal(DecisionInvalid, 'The lines are lines of the claim.', { field: 'lines' });
  }
  const { differenceMinor } = totalsOf(
    rows.filter(({ claimed }) => !chosen || claimed.some((line) => chosen.has(line))),
  );
  if (differenceMinor === 0n) throw new Refusal(NothingDiffers);
  return { adjustmentMinor: differenceMinor, oursMinor: totals.oursMinor };
}

/** The claim as nobody else decides or replaces it until the transaction ends. */
async function readClaim(
  tx: Transaction,
  { partnerId, id }: Pick<Asked, 'partnerId' | 'id'>,
): Promise<Claim> {
  const named = await findClaim(tx, { partnerId, id });
  if (!named) throw new Refusal(UnknownClaim);
  await lockClaims(tx, named);
  return again(tx, named);
}

async function again(tx: Transaction, { partnerId, id }: Claim): Promise<Claim> {
  const claim = await findClaim(tx, { partnerId, id });
  if (!claim) throw new Error('A claim is never deleted.');
  return claim;
}

function checkOpen(claim: Claim): void {
  const status = statusOf(claim);
  if (status === 'replaced') throw new Refusal(ClaimReplaced);
  if (status === 'accepted-ours' || status === 'accepted-theirs') throw new Refusal(ClaimDecided);
}

function checkReason(reason: string): void {
  if (isPrintable(reason, 500)) return;
  throw new Refusal(DecisionInvalid, DecisionInvalid.title, { field: 'reason' });
}
