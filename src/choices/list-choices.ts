import { findPartners } from '../partners/index.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { isKnownCustomer, UnknownCustomer, type CustomerId } from '../records/index.ts';
import { standingChoices } from './choice-rules.ts';
import { findChoices } from './choice-store.ts';
import type { StandingChoice, ToldChoice } from './choice.ts';

/**
 * What a customer chose: what stands now, for all partners and for each that a choice names, and
 * the history in the order of booking. Refuses a customer that we do not know.
 */
export async function listChoices(
  { db }: Pick<Tools, 'db'>,
  { customerId }: { customerId: CustomerId },
): Promise<{ standing: StandingChoice[]; history: ToldChoice[] }> {
  if (!(await isKnownCustomer(db, customerId))) throw new Refusal(UnknownCustomer);
  const choices = await findChoices(db, [customerId]);
  const named = (await findPartners(db)).filter(({ id }) =>
    choices.some(({ partnerId }) => partnerId === id),
  );
  const keys = new Map(named.map(({ id, key }) => [id, key]));
  return {
    standing: standingChoices(choices, named),
    history: choices.map(({ sequence, partnerId, sharing, at, evidence, actor, bookedAt }) => ({
      sequence,
      partner: partnerId === null ? null : (keys.get(partnerId) ?? null),
      sharing,
      at,
      evidence,
      actor,
      bookedAt,
    })),
  };
}
