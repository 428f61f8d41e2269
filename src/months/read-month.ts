import { listAttributions } from '../attribution/index.ts';
import { findClaims, statusOf, type Claim, type ClaimId } from '../claims/index.ts';
import { findComputedAt, sumHeldLines } from '../fees/index.ts';
import { readAgeing, readTrialBalance } from '../ledger/index.ts';
import { findPartner, findPartners, UnknownPartner, type Partner } from '../partners/index.ts';
import type { PartnerId } from '../partners/index.ts';
import { listPayouts } from '../payouts/index.ts';
import { addMonths } from '../platform/calendar-days.ts';
import { inTransaction, type Transaction } from '../platform/database.ts';
import { localDay, startOfLocalDay } from '../platform/local-days.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { findClosedStatements, statementIdOf } from '../settlements/index.ts';
import { findDisputed } from './find-disputed.ts';
import { accountsOf, closedOf, endOf, endOfNamed, inOrder, owedOf, payoutsOf, totalsOf } from './month-rules.ts'; // prettier-ignore
import type { DisputedSum, FinanceMonth, HeldSignUps, MonthStatement, OpenClaim } from './month.ts';
import { stateDrafts } from './state-drafts.ts';

interface Asked {
  /** YYYY-MM */
  readonly month: string;
  /** All partners where none is named. */
  readonly partnerId?: PartnerId | undefined;
}

/**
 * Finance's month, of all partners or of one: its statements, what is held and disputed, payouts, and
 * what the ledger holds, all of one snapshot of the database. It computes no lines and stores nothing.
 */
export async function readMonth(tools: Tools, asked: Asked): Promise<FinanceMonth> {
  return inTransaction(tools.db, async (tx) => {
    await tx.raw('set transaction isolation level repeatable read, read only');
    const partners = await partnersOf(tx, asked.partnerId);
    return drawMonth(tools, tx, { ...asked, partners });
  });
}

interface Drawing extends Asked {
  readonly partners: readonly Partner[];
}

async function drawMonth(world: Tools, tx: Transaction, asked: Drawing): Promise<FinanceMonth> {
  // Whoever is asked below reads the same snapshot.
  const tools = { ...world, db: tx };
  const { month, partnerId, partners } = asked;
  const now = tools.clock.now();
  const batches = await listPayouts(tools);
  const only = partnerId === undefined ? undefined : partners[0]?.key;
  const statements: MonthStatement[] = [];
  const held: FinanceMonth['held'][number][] = [];
  const disputed: DisputedSum[] = [];
  let computedAt: Date | null = null;
  for (const partner of partners) {
    const of = { partnerId: partner.id, month };
    const partnerKey = partner.key;
    const closed = await findClosedStatements(tx, { partnerId: partner.id });
    const due = closed.filter((one) => endOf(one) === month);
    const drafts = await stateDrafts(tx, { partner, month, now, closed });
    const its = [...due.map((one) => closedOf(one, { partnerKey, batches })), ...drafts];
    statements.push(...inOrder(its));
    held.push(...(await sumHeldLines(tx, of)).map((sum) => ({ partnerKey, ...sum })));
    disputed.push(...(await sumDisputed(tx, partner, month)));
    const at = await findComputedAt(tx, partner.id);
    if (at && (computedAt === null || at < computedAt)) computedAt = at;
  }
  const balance = await readTrialBalance(tools, { at: now, partnerId });
  return {
    ...{ month, asOf: now, computedAt, statements, totals: totalsOf(statements), held, disputed },
    signUps: await countSignUps(tools, { month, only }),
    claims: await findOpenClaims(tx, { ...asked, now }),
    payouts: payoutsOf(batches, { month, partnerKey: only }),
    accounts: accountsOf(balance.accounts),
    owed: owedOf(await readAgeing(tools, { at: now, partnerId })),
    balances: balance.totals.map(({ currency, totalMinor }) => {
      return { currency, isBalanced: totalMinor === 0n };
    }),
  };
}

async function partnersOf(tx: Transaction, partnerId: PartnerId | undefined): Promise<Partner[]> {
  if (partnerId === undefined) return findPartners(tx);
  const partner = await findPartner(tx, partnerId);
  if (!partner) throw new Refusal(UnknownPartner);
  return [partner];
}

async function sumDisputed(
  tx: Transaction,
  { id: partnerId, key: partnerKey }: Partner,
  month: string,
): Promise<DisputedSum[]> {
  const sums = new Map<string, DisputedSum>();
  for (const { currency, feeMinor } of await findDisputed(tx, { partnerId, month })) {
    const { lineCount = 0, feeMinor: before = 0n } = sums.get(currency) ?? {};
    const sum = { lineCount: lineCount + 1, feeMinor: before + feeMinor };
    sums.set(currency, { partnerKey, currency, ...sum });
  }
  return [...sums.values()].sort((one, other) => (one.currency < other.currency ? -1 : 1));
}

/** Who signed up before the month was over, in the operator's zone, and waits for a person. */
async function countSignUps(
  tools: Tools,
  { month, only }: { month: string; only: string | undefined },
): Promise<HeldSignUps[]> {
  const end = startOfLocalDay(addMonths(`${month}-01`, 1), tools.settings.timeZone);
  const counts = new Map<string | null, HeldSignUps>();
  for (let cursor: string | undefined; ;) {
    const page = await listAttributions(tools, { status: 'held', limit: 1000, cursor });
    for (const { partner, signedUpAt } of page.attributions) {
      if (signedUpAt >= end || (only ?? partner) !== partner) continue;
      const { count = 0, since = signedUpAt } = counts.get(partner) ?? {};
      const earliest = signedUpAt < since ? signedUpAt : since;
      counts.set(partner, { partnerKey: partner, count: count + 1, since: earliest });
    }
    if (page.next === null) break;
    cursor = page.next;
  }
  return [...counts.values()].sort((one, other) =>
    (one.partnerKey ?? '') < (other.partnerKey ?? '') ? -1 : 1,
  );
}

/** Claims for periods that end in the month or before it, and are not settled. */
async function findOpenClaims(
  tx: Transaction,
  { month, partnerId, partners, now }: Drawing & { readonly now: Date },
): Promise<OpenClaim[]> {
  const keys = new Map(partners.map(({ id, key }) => [id, key]));
  const limit = 1000;
  const found: Claim[] = [];
  for (let after: ClaimId | undefined; ;) {
    const page = await findClaims(tx, { partnerId, after, limit });
    found.push(...page);
    if (page.length < limit) break;
    after = page.at(-1)?.id;
  }
  return found.toReversed().flatMap((claim): OpenClaim[] => {
    const status = statusOf(claim);
    if (status !== 'open' && status !== 'disputed') return [];
    if ((endOfNamed(claim.period) ?? month) > month) return [];
    const { decision, currency } = claim;
    const dueOn = decision?.dueOn ?? null;
    return [
      {
        ...{ partnerKey: keys.get(claim.partnerId) ?? '', claimId: claim.id, status, currency },
        ...{ statement: statementIdOf(claim), claimedMinor: claim.totalMinor },
        ...{ oursMinor: decision?.oursMinor ?? null, dueOn },
        isOverdue: dueOn !== null && dueOn < localDay(now, 'UTC'),
      },
    ];
  });
}
