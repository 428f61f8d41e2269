import type { Transaction } from '../platform/database.ts';
import { insertCustomers, lockCustomers } from './customer-store.ts';
import type { CheckedRecord, CustomerId, RecordId, ServiceId, StoredOutcome } from './record.ts';
import {
  closeVersions,
  findStandingRecords,
  guardNewKeys,
  insertVersions,
} from './record-store.ts';
import { findStandingServices, writeServices } from './service-store.ts';
import { decideStorage, type Standing, type StandingRecord } from './storage-rules.ts';

/**
 * Stores records and says what became of each, in their order. What is equal to what is held writes
 * nothing; what differs ends the version held and begins a further one; what is refused leaves the
 * others alone, so a caller that wants all or nothing rolls back. A record named twice counts twice,
 * in order. Locks the customers concerned. A handful of statements for any number of records; meant
 * for up to 1,000.
 */
export async function storeRecords(
  tx: Transaction,
  { now, records }: { now: Date; records: readonly CheckedRecord[] },
): Promise<StoredOutcome[]> {
  const customerIds = records.flatMap(({ customerId }) => customerId ?? []);
  const introduced = records.filter(({ type }) => type === 'customer');
  await insertCustomers(
    tx,
    introduced.flatMap(({ customerId }) => customerId ?? []),
  );
  const customers = await lockCustomers(tx, customerIds);
  const outcomes = new Map<CheckedRecord, StoredOutcome>();
  for (const round of roundsOf(records)) {
    const decided = await storeRound(tx, { now, records: round, customers });
    round.forEach((record, i) => outcomes.set(record, decided[i] ?? { outcome: 'unchanged' }));
  }
  return records.map((record) => outcomes.get(record) ?? { outcome: 'unchanged' });
}

/** Rounds in which no record is named twice: the second mention goes into the second round. */
function roundsOf(records: readonly CheckedRecord[]): CheckedRecord[][] {
  const rounds: CheckedRecord[][] = [];
  const mentions = new Map<RecordId, number>();
  for (const record of records) {
    const mention = mentions.get(record.recordId) ?? 0;
    mentions.set(record.recordId, mention + 1);
    (rounds[mention] ??= []).push(record);
  }
  return rounds;
}

interface Round {
  readonly now: Date;
  readonly records: readonly CheckedRecord[];
  readonly customers: ReadonlySet<CustomerId>;
}

async function storeRound(tx: Transaction, round: Round): Promise<StoredOutcome[]> {
  const { now, records, customers } = round;
  const kept = records.filter(({ type }) => type !== 'service');
  let held = await findStandingRecords(tx, kept);
  const fresh = kept.filter(({ recordId }) => !held.has(recordId));
  if (fresh.length > 0) {
    await guardNewKeys(tx, fresh);
    held = await findStandingRecords(tx, kept);
  }
  const services = await findStandingServices(tx, records);
  const outcomes = decideStorage(records, standingOf({ customers, services, held }));
  const having = (outcome: string) => records.filter((_, i) => outcomes[i]?.outcome === outcome);
  const isService = ({ type }: CheckedRecord) => type === 'service';
  await writeServices(tx, [...having('new'), ...having('changed')].filter(isService));
  const changed = having('changed').filter((record) => !isService(record));
  const added = having('new').filter((record) => !isService(record));
  const closedAt = await closeVersions(tx, { now, records: changed });
  await insertVersions(tx, { now, closedAt, records: [...added, ...changed] });
  return outcomes;
}

function standingOf(found: {
  customers: ReadonlySet<CustomerId>;
  services: ReadonlyMap<ServiceId, StandingRecord & { recordId: RecordId }>;
  held: ReadonlyMap<RecordId, StandingRecord>;
}): Standing {
  const services = [...found.services.values()].map((one) => [one.recordId, one] as const);
  return {
    customers: found.customers,
    services: new Set(found.services.keys()),
    records: new Map([...found.held, ...services]),
  };
}
