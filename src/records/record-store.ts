import {
  queryNamed,
  type Database,
  type Statement,
  type Transaction,
} from '../platform/database.ts';
import { uuidBytes } from '../platform/uuid.ts';
import type { CheckedRecord, CustomerId, HeldRecord, RecordId } from './record.ts';
import type { StandingRecord } from './storage-rules.ts';

/**
 * The records of these customers as they are now, by customer, type and id; only of the types or ids
 * named, where some are.
 */
export async function findCurrentRecords(
  db: Database | Transaction,
  of: {
    customerIds: readonly CustomerId[];
    types?: readonly string[];
    recordIds?: readonly RecordId[];
  },
): Promise<HeldRecord[]> {
  const { customerIds, types, recordIds } = of;
  if (customerIds.length === 0) return [];
  const statement = currentRecords({
    hasTypes: types !== undefined,
    hasIds: recordIds !== undefined,
  });
  const rows = await queryNamed<RecordRow>(db, statement, [
    customerIds,
    ...(types ? [types] : []),
    ...(recordIds ? [recordIds] : []),
  ]);
  return rows.map(heldRecordOf);
}

/**
 * The version of a record that we held at that reading of the clock: of several that began within its
 * millisecond, the last.
 */
export async function findRecordVersion(
  db: Database | Transaction,
  { customerId, type, recordId }: Pick<HeldRecord, 'customerId' | 'type' | 'recordId'>,
  at: Date,
): Promise<HeldRecord | undefined> {
  const values = [customerId, type, recordId, at];
  const [row] = await queryNamed<RecordRow>(db, versionAt, values);
  return row && heldRecordOf(row);
}

/**
 * The versions of a customer's records of a type that we held at that reading of the clock, by id: of
 * all, or of one. Of several versions that began within its millisecond, the last.
 */
export async function findRecordsAt(
  db: Database | Transaction,
  {
    customerId,
    type,
    recordId = null,
  }: Pick<HeldRecord, 'customerId' | 'type'> & { recordId?: RecordId | null | undefined },
  at: Date,
): Promise<HeldRecord[]> {
  const values = [customerId, type, recordId, at];
  const rows = await queryNamed<RecordRow>(db, recordsAt, values);
  return rows.map(heldRecordOf);
}

/** Every version of a customer's records of a type, by id, the newest first. */
export async function findRecordVersions(
  db: Database | Transaction,
  { customerId, type }: Pick<HeldRecord, 'customerId' | 'type'>,
): Promise<HeldRecord[]> {
  const rows = await queryNamed<RecordRow>(db, allVersions, [customerId, type]);
  return rows.map(heldRecordOf);
}

/** What we hold of these records and of those they settle, by id, under whichever customer. */
export async function findStandingRecords(
  tx: Transaction,
  records: readonly CheckedRecord[],
): Promise<Map<RecordId, StandingRecord>> {
  const given = new Map<RecordId, string | null>();
  for (const { settles } of records) if (settles) given.set(settles.recordId, null);
  for (const { recordId, body } of records) given.set(recordId, JSON.stringify(body));
  if (given.size === 0) return new Map();
  const rows = await queryNamed<StandingRow>(tx, standing, [
    [...given.keys()],
    [...given.values()],
  ]);
  return new Map(
    rows.map(({ recordId, amount, ...row }) => [
      recordId,
      { ...row, amountMinor: amount === null ? null : BigInt(amount) },
    ]),
  );
}

interface StandingRow extends Omit<StandingRecord, 'amountMinor'> {
  readonly recordId: RecordId;
  readonly amount: string | null;
}

/**
 * Makes others wait who are about to store one of these keys for the first time, perhaps under
 * another customer, whose lock would not stop them. A few locks stand for all keys.
 */
export async function guardNewKeys(
  tx: Transaction,
  records: readonly CheckedRecord[],
): Promise<void> {
  const buckets = new Set(records.map(({ recordId }) => uuidBytes(recordId).readUInt8(15)));
  await queryNamed(tx, guard, [[...buckets].sort((a, b) => a - b)]);
}

/**
 * Ends the current versions of these records and answers when. A version lasts a microsecond at
 * least: what changes twice at one reading of the clock keeps both versions.
 */
export async function closeVersions(
  tx: Transaction,
  { now, records }: { now: Date; records: readonly CheckedRecord[] },
): Promise<Map<RecordId, string>> {
  if (records.length === 0) return new Map();
  const rows = await queryNamed<{ record_id: RecordId; closed_at: string }>(tx, close, [
    now,
    records.map(({ customerId }) => customerId),
    records.map(({ type }) => type),
    records.map(({ recordId }) => recordId),
  ]);
  return new Map(rows.map((row) => [row.record_id, row.closed_at]));
}

/** Begins a version of each record: now, or where the one before it was closed. */
export async function insertVersions(
  tx: Transaction,
  facts: {
    now: Date;
    closedAt: ReadonlyMap<RecordId, string>;
    records: readonly CheckedRecord[];
  },
): Promise<void> {
  const { now, closedAt, records } = facts;
  if (records.length === 0) return;
  await queryNamed(tx, insert, [
    records.map(({ customerId }) => customerId),
    records.map(({ type }) => type),
    records.map(({ recordId }) => recordId),
    records.map(({ key }) => key),
    records.map(({ serviceId }) => serviceId),
    records.map(({ datedAt }) => datedAt),
    records.map(({ datedOn }) => datedOn),
    records.map(({ body }) => JSON.stringify(body)),
    records.map(({ recordId }) => closedAt.get(recordId) ?? now.toISOString()),
  ]);
}

interface RecordRow extends Omit<HeldRecord, 'type' | 'key'> {
  readonly record_type: string;
  readonly source_key: string;
}

function heldRecordOf({ record_type: type, source_key: key, ...row }: RecordRow): HeldRecord {
  return { ...row, type, key };
}

const columns = `records.customer_id as "customerId", records.record_type, records.record_id as "recordId",
  records.source_key, records.service_id as "serviceId", records.dated_at as "datedAt",
  records.dated_on as "datedOn", records.body, records.valid_from as "validFrom",
  records.valid_to as "validTo"`;

/** One statement for each set of conditions, so that each is an index range. */
function currentRecords({ hasTypes = false, hasIds = false }): Statement {
  const types = hasTypes ? 'and records.record_type = any($2::text[])' : '';
  const ids = hasIds ? `and records.record_id = any(${hasTypes ? '$3' : '$2'}::uuid[])` : '';
  return {
    name: `current-records${hasTypes ? '-of-types' : ''}${hasIds ? '-of-ids' : ''}`,
    text: `
      select ${columns} from records
      where records.customer_id = any($1::uuid[]) and records.valid_to is null ${types} ${ids}
      order by records.customer_id, records.record_type, records.record_id`,
  };
}

const versionAt = {
  name: 'record-version',
  text: `
    select ${columns} from records
    where records.customer_id = $1 and records.record_type = $2 and records.record_id = $3
      and records.valid_from < $4::timestamptz + interval '1 millisecond'
      and (records.valid_to is null or records.valid_to >= $4::timestamptz + interval '1 millisecond')
    order by records.valid_from desc limit 1`,
};

const recordsAt = {
  name: 'records-at',
  text: `
    select ${columns} from records
    where records.customer_id = $1 and records.record_type = $2
      and ($3::uuid is null or records.record_id = $3)
      and records.valid_from < $4::timestamptz + interval '1 millisecond'
      and (records.valid_to is null or records.valid_to >= $4::timestamptz + interval '1 millisecond')
    order by records.record_id`,
};

const allVersions = {
  name: 'record-versions',
  text: `
    select ${columns} from records
    where records.customer_id = $1 and records.record_type = $2
    order by records.record_id, records.valid_from desc`,
};

const standing = {
  name: 'standing-records',
  text: `
    select records.record_id as "recordId", records.customer_id as "customerId",
      records.service_id as "serviceId",
      coalesce(records.body #>> '{amount,currency}', records.body #>> '{total,currency}') as currency,
      records.body #>> '{amount,amount}' as amount, records.dated_at as "datedAt",
      coalesce(records.body = given.body::jsonb, false) as "isSame"
    from unnest($1::uuid[], $2::text[]) as given (id, body)
    join records on records.record_id = given.id and records.valid_to is null`,
};

const guard = {
  name: 'guard-new-keys',
  text: 'select pg_advisory_xact_lock(7712, given.bucket) from unnest($1::int[]) as given (bucket)',
};

const close = {
  name: 'close-versions',
  text: `
    update records
    set valid_to = greatest($1::timestamptz, records.valid_from + interval '1 microsecond')
    from unnest($2::uuid[], $3::text[], $4::uuid[]) as given (customer_id, record_type, record_id)
    where records.customer_id = given.customer_id and records.record_type = given.record_type
      and records.record_id = given.record_id and records.valid_to is null
    returning records.record_id,
      to_char(records.valid_to at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as closed_at`,
};

const insert = {
  name: 'insert-versions',
  text: `
    insert into records (customer_id, record_type, record_id, source_key, service_id, dated_at,
      dated_on, body, valid_from)
    select given.* from unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::uuid[],
      $6::timestamptz[], $7::date[], $8::jsonb[], $9::timestamptz[]) as given`,
};
