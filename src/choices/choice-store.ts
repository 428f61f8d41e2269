import type { PartnerId } from '../partners/index.ts';
import type { Database, Transaction } from '../platform/database.ts';
import type { CustomerId } from '../records/index.ts';
import type { Choice, Sharing } from './choice.ts';

interface ChoiceRow {
  readonly customer_id: CustomerId;
  readonly sequence: number;
  readonly partner_id: PartnerId | null;
  readonly sharing: Sharing;
  readonly at: Date;
  readonly evidence: string;
  readonly actor: string;
  readonly booked_at: Date;
}

/** Every choice of these customers, each customer's in the order of booking. */
export async function findChoices(
  db: Database | Transaction,
  customerIds: readonly CustomerId[],
): Promise<Choice[]> {
  const rows = await db('choices')
    .select<ChoiceRow[]>(
      'choices.customer_id',
      'choices.sequence',
      'choices.partner_id',
      'choices.sharing',
      'choices.at',
      'choices.evidence',
      'choices.actor',
      'choices.booked_at',
    )
    .whereRaw('choices.customer_id = any(?::uuid[])', [[...customerIds]])
    .orderBy(['choices.customer_id', 'choices.sequence']);
  return rows.map(
    ({ customer_id: customerId, partner_id: partnerId, booked_at: bookedAt, ...row }) => ({
      ...row,
      customerId,
      partnerId,
      bookedAt,
    }),
  );
}

/** Adds a choice to the history. The caller holds the customer's lock. */
export async function insertChoice(tx: Transaction, choice: Choice): Promise<void> {
  await tx('choices').insert({
    customer_id: choice.customerId,
    sequence: choice.sequence,
    partner_id: choice.partnerId,
    sharing: choice.sharing,
    at: choice.at,
    evidence: choice.evidence,
    actor: choice.actor,
    booked_at: choice.bookedAt,
  });
}
