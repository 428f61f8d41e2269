import { inTransaction } from '../platform/database.ts';
import { faultFacts } from '../platform/fault-facts.ts';
import type { Tools } from '../platform/tools.ts';
import { lockCustomers } from '../records/index.ts';
import { findClosures, removeClosed, type Closure } from './closure-store.ts';

/** How many joint records one transaction removes. */
const batch = 2000;

/**
 * Removes the joint records of the customers that are closed, some at a time. Nobody sees them any
 * more, so a fault here takes nothing back: it is logged, and the next sweep or `sluice joint mend`
 * goes on.
 */
export async function sweepClosures(tools: Tools): Promise<void> {
  try {
    for (const closure of await findClosures(tools.db)) {
      while (await removeSome(tools, closure)) {
        // the next batch has a transaction of its own
      }
    }
  } catch (error) {
    tools.log.error(faultFacts(error), 'closed customers were not swept');
  }
}

async function removeSome(tools: Tools, closure: Closure): Promise<boolean> {
  return inTransaction(tools.db, async (tx) => {
    await lockCustomers(tx, [closure.customerId]);
    return removeClosed(tx, closure, batch);
  });
}
