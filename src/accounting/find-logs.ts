import { findHead, findNumbersOfCustomer, type LogHead } from '../logs/index.ts';
import type { Database } from '../platform/database.ts';

/** A log in which a customer has a number. */
export interface LogOfCustomer {
  readonly head: LogHead;
  readonly number: number;
}

/** The logs of the recipients with whom a customer has had a relationship, the oldest first. */
export async function findLogs(db: Database, customerId: string): Promise<LogOfCustomer[]> {
  const logs: LogOfCustomer[] = [];
  for (const { recipientId, number } of await findNumbersOfCustomer(db, customerId)) {
    const head = await findHead(db, recipientId);
    if (!head) throw new Error(`There is no disclosure log of recipient ${recipientId}.`);
    logs.push({ head, number });
  }
  return logs;
}
