import { findAgreementVersions, type AgreementVersion } from '../agreements/index.ts';
import {
  accrue,
  countsWholePartner,
  type AccrualLine,
  type FeeSources,
} from '../earnings/index.ts';
import { type PartnerId } from '../partners/index.ts';
import type { Transaction } from '../platform/database.ts';
import { groupBy } from '../platform/group.ts';
import {
  findRefundsOf,
  findServices,
  findSettledPayments,
  type CustomerId,
} from '../records/index.ts';
import { findRelationshipsOfPartner } from '../relationships/index.ts';
import { findLineCustomers } from './accrual-store.ts';

/** The lines of some customers, complete for each of them. */
export interface ComputedLines {
  readonly customerIds: readonly CustomerId[];
  readonly lines: readonly AccrualLine[];
}

const customersAtOnce = 500;

/**
 * Computes a partner's lines from relationships, payments, refunds and agreements, some hundred
 * customers at a time, so that memory stays flat; where the terms count over all of a partner's
 * customers (tiers, a cap for each period, rounding of its month) they are computed together, and
 * handed out in the same portions. Customers of whom only old lines are left come too, with none.
 * Give it a transaction with one snapshot. `agreements` stand in for those of the partner.
 */
export async function* computeLines(
  tx: Transaction,
  partnerId: PartnerId,
  { agreements: given }: { agreements?: readonly AgreementVersion[] | undefined } = {},
): AsyncGenerator<ComputedLines> {
  const relationships = await findRelationshipsOfPartner(tx, partnerId);
  const agreements = given ?? (await findAgreementVersions(tx, partnerId));
  const services = await findServices(tx);
  const serviceKeys = new Map(services.map(({ id, key }) => [id, key]));
  const known = await findLineCustomers(tx, partnerId);
  const everyone = [...new Set([...relationships.map((one) => one.customerId), ...known])].sort();
  const world = { partnerId, relationships, agreements, serviceKeys };
  const isWhole = agreements.some(({ terms }) => terms.fee && countsWholePartner(terms.fee));
  const together = isWhole ? groupBy(await linesOf(tx, world, everyone), customerOf) : undefined;
  for (let from = 0; from < everyone.length; from += customersAtOnce) {
    const customerIds = everyone.slice(from, from + customersAtOnce);
    const lines = together
      ? customerIds.flatMap((id) => together.get(id) ?? [])
      : await linesOf(tx, world, customerIds);
    yield { customerIds, lines };
  }
}

const customerOf = ({ customerId }: AccrualLine): CustomerId => customerId;

async function linesOf(
  tx: Transaction,
  world: Omit<FeeSources, 'payments' | 'refunds'>,
  customerIds: readonly CustomerId[],
): Promise<AccrualLine[]> {
  const chosen = new Set(customerIds);
  const relationships = world.relationships.filter(({ customerId }) => chosen.has(customerId));
  const payments = await findSettledPayments(tx, { customerIds });
  const refunds = await findRefundsOf(tx, { customerIds });
  return accrue({ ...world, relationships, payments, refunds });
}
