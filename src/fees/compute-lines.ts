import { findAgreementVersions } from '../agreements/index.ts';
import { type PartnerId } from '../partners/index.ts';
import type { Transaction } from '../platform/database.ts';
import {
  findRefundsOf,
  findServices,
  findSettledPayments,
  type CustomerId,
} from '../records/index.ts';
import { findRelationshipsOfPartner } from '../relationships/index.ts';
import { accrue } from './accrual-rules.ts';
import { findLineCustomers } from './accrual-store.ts';
import type { AccrualLine } from './accrual.ts';

/** The lines of some customers, complete for each of them. */
export interface ComputedLines {
  readonly customerIds: readonly CustomerId[];
  readonly lines: readonly AccrualLine[];
}

const customersAtOnce = 500;

/**
 * Computes a partner's lines from relationships, payments, refunds and agreements, some hundred
 * customers at a time, so that memory stays flat. Customers of whom only old lines are left come
 * too, with none. Give it a transaction with one snapshot.
 */
export async function* computeLines(
  tx: Transaction,
  partnerId: PartnerId,
): AsyncGenerator<ComputedLines> {
  const all = await findRelationshipsOfPartner(tx, partnerId);
  const agreements = await findAgreementVersions(tx, partnerId);
  const services = await findServices(tx);
  const serviceKeys = new Map(services.map(({ id, key }) => [id, key]));
  const known = await findLineCustomers(tx, partnerId);
  const everyone = [...new Set([...all.map((one) => one.customerId), ...known])].sort();
  for (let from = 0; from < everyone.length; from += customersAtOnce) {
    const customerIds = everyone.slice(from, from + customersAtOnce);
    const chosen = new Set(customerIds);
    const relationships = all.filter(({ customerId }) => chosen.has(customerId));
    const payments = await findSettledPayments(tx, { customerIds });
    const refunds = await findRefundsOf(tx, { customerIds });
    const sources = { partnerId, relationships, payments, refunds, agreements, serviceKeys };
    yield { customerIds, lines: accrue(sources) };
  }
}
