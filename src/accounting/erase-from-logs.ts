import { keepErased } from '../completeness/index.ts';
import { keptSalts } from '../disclosures/index.ts';
import { pairwiseOf } from '../joint/index.ts';
import {
  appendEvent,
  composeEvent,
  findFirstOrigin,
  findStoredEvidenceAt,
  findNumbersOfCustomer,
  lockLog,
  raiseEpoch,
  type StoredKeptEntry,
} from '../logs/index.ts';
import { byPlace, decodeAscending, encodeAscending } from '../platform/ascending.ts';
import { inTransaction, type Transaction } from '../platform/database.ts';
import { erasePostings, findShown, lockSubjects } from '../postings/index.ts';
import { Refusal } from '../platform/refusal.ts';
import type { Tools } from '../platform/tools.ts';
import { newUuid } from '../platform/uuid.ts';
import { lockCustomers, type CustomerId } from '../records/index.ts';
import { findRelationshipsOfCustomers } from '../relationships/index.ts';
import { CustomerShared } from './accounting.ts';
import { eraseEntries, eraseLogSecret, eraseNumber, type ErasedEntry } from './erasure-store.ts';

const entriesAtOnce = 500;

export interface ErasedFromLogs {
  readonly logs: number;
  readonly entries: number;
}

/** The act of its own: erases a customer from all logs in one transaction. */
export async function eraseFromLogs(
  tools: Tools,
  { customerId, reason }: { customerId: CustomerId; reason: string },
): Promise<ErasedFromLogs> {
  const erased = await inTransaction(tools.db, async (tx) => {
    await lockCustomers(tx, [customerId]);
    return eraseCustomerFromLogs(tx, tools, customerId);
  });
  tools.log.info({ ...erased, reason }, 'a customer was erased from the logs');
  return erased;
}

/**
 * Erases a customer from every log that shows it, and each such log says so. The entries stay as they
 * are; what opened the customer's own leaves goes, and with it what opened the bodies they stood in.
 * Everybody else's leaves are opened as before. Refuses `customer-shared` while a partner may still
 * see the customer. The caller holds the customer's lock.
 */
export async function eraseCustomerFromLogs(
  tx: Transaction,
  tools: Pick<Tools, 'clock' | 'random' | 'settings'>,
  customerId: CustomerId,
): Promise<ErasedFromLogs> {
  const relationships = await findRelationshipsOfCustomers(tx, [customerId]);
  if (relationships.some(({ isActive }) => isActive)) throw new Refusal(CustomerShared);
  const logs = await findNumbersOfCustomer(tx, customerId);
  let entries = 0;
  // In order of the ids, as all who lock several heads do.
  for (const log of logs.toSorted((one, other) => (one.recipientId < other.recipientId ? -1 : 1))) {
    entries += await eraseFromLog(tx, tools, { ...log, customerId });
  }
  await eraseLogSecret(tx, customerId);
  return { logs: logs.length, entries };
}

/** What is disclosed from now on under an earlier decision would bring the number back: the epoch rises. */
async function eraseFromLog(
  tx: Transaction,
  tools: Pick<Tools, 'clock' | 'random' | 'settings'>,
  {
    recipientId,
    number,
    customerId,
  }: { recipientId: string; number: number; customerId: CustomerId },
): Promise<number> {
  await lockSubjects(tx, recipientId);
  await raiseEpoch(tx, [recipientId]);
  const head = await lockLog(tx, recipientId);
  if (!head) throw new Error(`There is no disclosure log of recipient ${recipientId}.`);
  const { size } = head;
  const origin = await findFirstOrigin(tx, head);
  const shown = await findShown(tx, { recipientId, number, size });
  const indices = [...new Set(shown)];
  for (let from = 0; from < indices.length; from += entriesAtOnce) {
    const some = indices.slice(from, from + entriesAtOnce);
    const kept = await findStoredEvidenceAt(tx, recipientId, some);
    await eraseEntries(
      tx,
      recipientId,
      kept.map((entry) => withoutNumber(entry, number)),
    );
  }
  await keepErased(tx, tools, { recipientId, origin, customerId, shown });
  await erasePostings(tx, { recipientId, number });
  const pairwise = pairwiseOf(tools.settings.keys.pairwise, recipientId);
  const subject = pairwise.idOf('customer', customerId);
  await eraseNumber(tx, { recipientId, customerId, subject });
  const facts = { event: 'erasure', count: indices.length };
  const entryId = newUuid(tools);
  const made = { entryId, at: tools.clock.now(), secret: tools.random.bytes(32) };
  await appendEvent(tx, head, composeEvent(recipientId, facts, made));
  return indices.length;
}

function withoutNumber(entry: StoredKeptEntry, number: number): ErasedEntry {
  const before = decodeAscending(entry.erased ?? Buffer.alloc(0));
  const numbers = byPlace(decodeAscending(entry.numbers), before);
  const own = numbers.flatMap((one, place) => (one === number ? [place] : []));
  const left = numbers.filter((one) => one !== undefined && one !== number);
  const erased = [...before, ...own].sort((one, other) => one - other);
  return {
    index: entry.index,
    numbers: encodeAscending(left as number[]),
    erased: encodeAscending(erased),
    salts: keptSalts(entry, { leaves: numbers.length, erased }),
  };
}
