import { inTransaction } from '../platform/database.ts';
import type { Tools } from '../platform/tools.ts';
import { findCustomerIds, lockCustomers, type CustomerId } from '../records/index.ts';
import { refreshJoint } from './refresh-joint.ts';

/**
 * Recomputes every joint record from its sources and rights what differs, beside the traffic: a few
 * customers at a time, each under its lock. Tells how many customers are done. Returns how many rows
 * were written or removed.
 */
export async function mendJoint(
  tools: Tools,
  tell: (customersDone: number) => void = () => undefined,
): Promise<number> {
  let mended = 0;
  let done = 0;
  let after: CustomerId | undefined;
  for (;;) {
    const customerIds = await findCustomerIds(tools.db, { after, limit: 100 });
    if (customerIds.length === 0) return mended;
    mended += await inTransaction(tools.db, async (tx) => {
      await lockCustomers(tx, customerIds);
      return refreshJoint(tx, tools, [{ customerIds }]);
    });
    done += customerIds.length;
    tell(done);
    after = customerIds.at(-1);
  }
}
