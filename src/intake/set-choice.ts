import {
  findChoices,
  insertChoice,
  InvalidChoice,
  isSharing,
  objectionToChoice,
  type Choice,
} from '../choices/index.ts';
import { refreshOrClose, sweepClosures } from '../joint/index.ts';
import type { Partner } from '../partners/index.ts';
import { inTransaction } from '../platform/database.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { lockCustomers, UnknownCustomer, type CustomerId } from '../records/index.ts';
import { activateRelationships, applyChoice } from '../relationships/index.ts';

/**
 * Books what a customer chose: no sharing at all (no partner given) or not with this partner, or
 * that it may be again (P32). Its effect on what partners see has the same commit, and the epoch of
 * each partner that it touches rises in it. Refuses what stands already, a moment in the future or
 * before the customer's last choice, and a customer that we do not know.
 */
export async function setChoice(
  tools: Tools,
  made: {
    customerId: CustomerId;
    partner: Pick<Partner, 'id'> | undefined;
    /** `refused` or `allowed`; anything else is refused. */
    sharing: string;
    at: Date;
    evidence: string;
    actor: string;
  },
): Promise<Choice> {
  const { customerId, partner, sharing, at, evidence, actor } = made;
  const booked = await inTransaction(tools.db, async (tx) => {
    const known = await lockCustomers(tx, [customerId]);
    if (!known.has(customerId)) throw new Refusal(UnknownCustomer);
    const earlier = await findChoices(tx, [customerId]);
    const bookedAt = tools.clock.now();
    const sequence = earlier.length + 1;
    const partnerId = partner?.id ?? null;
    const said = { customerId, sequence, partnerId, sharing, at, evidence, actor, bookedAt };
    const objection = objectionToChoice(said, earlier);
    if (objection || !isSharing(sharing)) {
      throw new Refusal(InvalidChoice, objection?.detail, { field: objection?.field ?? 'sharing' });
    }
    const choice: Choice = { ...said, sharing };
    await insertChoice(tx, choice);
    const touched = await applyChoice(tx, choice, [...earlier, choice]);
    await activateRelationships(tx, { now: bookedAt, customerIds: [customerId] });
    await refreshOrClose(tx, tools, { customerId, touched });
    return choice;
  });
  await sweepClosures(tools);
  return booked;
}
