import { findAgreementVersions } from '../agreements/index.ts';
import { ClaimForgotten, linesOf, type Claim } from '../claims/index.ts';
import { findLinesAbout } from '../fees/index.ts';
import { pairwiseOf } from '../joint/index.ts';
import { inTransaction, type Transaction } from '../platform/database.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { findServices, findSettledPayments, type CustomerId } from '../records/index.ts';
import {
  findRelationshipsNamed,
  findRelationshipsOfCustomers,
  type Relationship,
} from '../relationships/index.ts';
import type { Allowed } from '../sharing/index.ts';
import { match } from './match-rules.ts';
import { customersNamed, nameLines, namesIn, notAmong } from './name-rules.ts';
import { nothingEarned } from './nothing-rules.ts';
import { findStated, ownLine, type Stated } from './own-lines.ts';
import { totalsOf, type Row, type Totals } from './reconciliation.ts';
import { seenBy } from './sight-rules.ts';

/** A claim compared with our statement, as one of the two sides may see it. */
export interface Reconciliation {
  readonly statement: Pick<Stated, 'id' | 'status'>;
  readonly rows: readonly Row[];
  readonly totals: Totals;
  readonly toleranceMinor: bigint;
}

/**
 * Compares a claim with the statement of its period, in one snapshot. Under a partner's decision it
 * knows only what the partner may see now: what is not to be seen is never read, and how many
 * statements are run depends on the claim's and the statement's length alone. Without one it knows
 * all, for finance. Refuses a claim whose bytes are gone.
 */
export async function compareClaim(
  tools: Tools,
  { claim, decision }: { claim: Claim; decision: Allowed | null },
): Promise<Reconciliation> {
  return inTransaction(tools.db, async (tx) => {
    await tx.raw('set transaction isolation level repeatable read, read only');
    return compareClaimIn(tx, tools, { claim, decision });
  });
}

/** The same inside a transaction. */
export async function compareClaimIn(
  tx: Transaction,
  { settings }: Pick<Tools, 'settings'>,
  { claim, decision }: { claim: Claim; decision: Allowed | null },
): Promise<Reconciliation> {
  const { content } = claim;
  if (!content) throw new Refusal(ClaimForgotten);
  const { partnerId, currency } = claim;
  const pairwise = pairwiseOf(settings.keys.pairwise, partnerId);
  const stated = await findStated(tx, claim);
  const lines = linesOf({ ...claim, content });
  const names = namesIn(lines, pairwise);
  const isIts = (one: Relationship) =>
    one.partnerId === partnerId && (decision?.services?.includes(one.serviceId) ?? true);
  const isActiveOnly = decision !== null;
  const named = (await findRelationshipsNamed(tx, { ...names, partnerId, isActiveOnly })).filter(
    isIts,
  );
  const relationshipsOf = async (customerIds: readonly (CustomerId | null)[]) => {
    const known = customerIds.filter((id) => id !== null);
    return (await findRelationshipsOfCustomers(tx, [...new Set(known)])).filter(isIts);
  };
  const customersOf = (of: readonly { customerId: CustomerId | null }[]) =>
    of.map(({ customerId }) => customerId);
  const ofStatement = await relationshipsOf(customersOf([...stated.lines, ...named]));
  const here = seenBy({ decision, partnerId, relationships: ofStatement });
  const ours = stated.lines.map(here.cut);
  const customerOf = here.isBlind ? () => undefined : customersNamed(named, pairwise);
  const missing = notAmong(ours, lines, { pairwise, customerOf });
  const about = await findLinesAbout(tx, partnerId, missing);
  const relationships = [...ofStatement, ...(await relationshipsOf(customersOf(about)))];
  const sight = seenBy({ decision, partnerId, relationships });
  const onStatement = new Set(stated.lines.map(({ lineId }) => lineId));
  const others = about
    .filter((line) => !onStatement.has(line.lineId) && sight.isLineSeen(line))
    .map((line) => ({ ...line, ...ownLine(line) }));
  const customerIds = missing.allCustomerIds;
  const payments = (await findSettledPayments(tx, { customerIds })).filter(sight.isPaymentSeen);
  const payers = new Map(payments.map(({ recordId, customerId }) => [recordId, customerId]));
  for (const { paymentId, customerId } of [...ours, ...others]) {
    if (paymentId && customerId) payers.set(paymentId, customerId);
  }
  const services = await findServices(tx);
  const toleranceMinor = settings.claimToleranceMinor;
  const rows = match({
    claimed: nameLines(lines, { pairwise, customerOf, payers }),
    ...{ ours, others, currency, toleranceMinor },
    ...{ fromDay: stated.fromDay, untilDay: stated.untilDay },
    whyNothing: nothingEarned({
      ...{ payments, relationships, ...stated },
      agreements: await findAgreementVersions(tx, partnerId),
      serviceKeys: new Map(services.map(({ id, key }) => [id, key])),
    }),
  });
  const { id, status } = stated;
  return { statement: { id, status }, rows, totals: totalsOf(rows), toleranceMinor };
}
