import { createHash } from 'node:crypto';
import { findAgreementVersions } from '../agreements/index.ts';
import { checkRole, lockRoles, type StaffId } from '../people/index.ts';
import { addDays } from '../platform/calendar-days.ts';
import { currencyDecimals } from '../platform/currencies.ts';
import { inTransaction } from '../platform/database.ts';
import { localDay } from '../platform/local-days.ts';
import { UnknownCurrency } from '../platform/money.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { newUuid } from '../platform/uuid.ts';
import { periodAt, periodKindAt, periodNamed, zoneAt } from '../settlements/index.ts';
import { findLastClaim, insertClaim, lockClaims } from './claim-store.ts';
import {
  ClaimDecided,
  ClaimTooLong,
  longestClaim,
  statusOf,
  UnknownPeriod,
  type Claim,
  type ClaimedLine,
  type ClaimId,
  type ClaimMedia,
  type ClaimName,
} from './claim.ts';
import { readCsvClaim } from './csv-rules.ts';
import { readJsonClaim } from './json-rules.ts';

/**
 * Takes in what a partner claims for a period and currency, whole or not at all. The same bytes again
 * are the same claim; others take the place of what was claimed before, as long as nothing is decided
 * about it. What it says is compared with nothing here: whether its lines name anybody is not looked
 * up. Refusals: `unknown-currency`, `unknown-period`, `claim-invalid`, `claim-too-long`,
 * `claim-decided`, `role-missing`.
 */
export async function takeClaim(
  tools: Tools,
  given: ClaimName & { media: ClaimMedia; content: Buffer; broughtBy: StaffId | null },
): Promise<Claim> {
  const { partnerId, period, currency, media, content, broughtBy } = given;
  if (currencyDecimals(currency) === undefined) {
    throw new Refusal(UnknownCurrency, UnknownCurrency.title, { field: 'currency' });
  }
  await checkPeriod(tools, given);
  if (content.length > longestClaim.bytes) throw new Refusal(ClaimTooLong);
  const lines = linesOf({ media, content, currency });
  const sha256 = createHash('sha256').update(content).digest();
  return inTransaction(tools.db, async (tx) => {
    if (broughtBy !== null) checkRole(await lockRoles(tx, broughtBy), ['finance']);
    await lockClaims(tx, given);
    const last = await findLastClaim(tx, given);
    if (last?.sha256.equals(sha256)) return last;
    if (last && statusOf(last).startsWith('accepted')) throw new Refusal(ClaimDecided);
    const receivedAt = tools.clock.now();
    const keptMs = tools.settings.claimKeptDays * 86_400_000;
    const claim = {
      ...{ partnerId, period, currency, media, content, sha256, broughtBy, receivedAt },
      id: newUuid(tools) as ClaimId,
      number: (last?.number ?? 0) + 1,
      lineCount: lines.length,
      totalMinor: lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0n),
      keptUntil: new Date(receivedAt.getTime() + keptMs),
    };
    await insertClaim(tx, claim);
    return { ...claim, isLast: true, decision: null };
  });
}

/** The lines of a claim, as they were read when it came. */
export function linesOf(claim: {
  readonly media: ClaimMedia;
  readonly content: Buffer;
  readonly currency: string;
}): ClaimedLine[] {
  return claim.media === 'text/csv'
    ? readCsvClaim(claim.content, claim.currency)
    : readJsonClaim(claim.content);
}

/** The period must have begun; that something is owed for it is not asked. */
async function checkPeriod({ db, clock }: Tools, { partnerId, period }: ClaimName): Promise<void> {
  const named = periodNamed(period);
  const versions = await findAgreementVersions(db, partnerId);
  if (named) {
    const { fromDay, untilDay } = named;
    const isAgreed = periodAt(fromDay, periodKindAt(versions, fromDay)).period === period;
    const today = localDay(clock.now(), zoneAt(versions, addDays(untilDay, -1)));
    if (isAgreed && today >= fromDay) return;
  }
  throw new Refusal(UnknownPeriod, UnknownPeriod.title, { field: 'period' });
}
