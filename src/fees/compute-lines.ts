import { findAgreementVersions, type AgreementVersion } from '../agreements/index.ts';
import {
  accrueEach,
  countsWholePartner,
  type AccrualLine,
  type FeeSources,
} from '../earnings/index.ts';
import { type PartnerId } from '../partners/index.ts';
import type { Transaction } from '../platform/database.ts';
import {
  findRefundsOf,
  findServices,
  findSettledPayments,
  type CustomerId,
} from '../records/index.ts';
import { findRelationshipsOfPartner } from '../relationships/index.ts';

const customersAtOnce = 500;
const linesAtOnce = 2_000;

/**
 * Computes a partner's lines from relationships, payments, refunds and agreements, some hundred
 * customers at a time, so that memory stays flat; where the terms count over all of a partner's
 * customers (tiers, a cap for each period, rounding of its month) their payments are held together.
 * The lines are handed out in portions, in no order. Give it a transaction with one snapshot.
 * `agreements` stand in for those of the partner.
 */
export async function* computeLines(
  tx: Transaction,
  partnerId: PartnerId,
  { agreements: given }: { agreements?: readonly AgreementVersion[] | undefined } = {},
): AsyncGenerator<readonly AccrualLine[]> {
  const relationships = await findRelationshipsOfPartner(tx, partnerId);
  const agreements = given ?? (await findAgreementVersions(tx, partnerId));
  const services = await findServices(tx);
  const serviceKeys = new Map(services.map(({ id, key }) => [id, key]));
  const everyone = [...new Set(relationships.map(({ customerId }) => customerId))].sort();
  const world = { partnerId, relationships, agreements, serviceKeys };
  const isWhole = agreements.some(({ terms }) => terms.fee && countsWholePartner(terms.fee));
  const atOnce = isWhole ? everyone.length : customersAtOnce;
  for (let from = 0; from < everyone.length; from += atOnce) {
    const lines = await linesOf(tx, world, everyone.slice(from, from + atOnce));
    yield* inPortions(lines, linesAtOnce);
  }
}

function* inPortions<One>(all: Iterable<One>, size: number): Generator<readonly One[]> {
  let portion: One[] = [];
  for (const one of all) {
    portion.push(one);
    if (portion.length < size) continue;
    yield portion;
    portion = [];
  }
  if (portion.length > 0) yield portion;
}

async function linesOf(
  tx: Transaction,
  world: Omit<FeeSources, 'payments' | 'refunds'>,
  customerIds: readonly CustomerId[],
): Promise<Iterable<AccrualLine>> {
  const chosen = new Set(customerIds);
  const relationships = world.relationships.filter(({ customerId }) => chosen.has(customerId));
  const payments = await findSettledPayments(tx, { customerIds });
  const refunds = await findRefundsOf(tx, { customerIds });
  return accrueEach({ ...world, relationships, payments, refunds });
}
