import type { Database, Transaction } from '../platform/database.ts';
import type { PartnerId } from '../partners/index.ts';
import { dataClasses, type DataClass } from '../policy/index.ts';
import type { CustomerId, RecordId, ServiceId } from '../records/index.ts';
import { columnOf, type FieldTexts, type JointRecord } from './joint.ts';

/** A joint record as it stands, with the customer's number in the recipient's log. */
export type StoredJointRecord = JointRecord & { readonly subjectNumber: number };

const classColumns = dataClasses.map((dataClass) => columnOf(dataClass));
const columns = [
  'recipient_id',
  'record_type',
  'position',
  'record_id',
  'customer_id',
  'subject_number',
  'subject_id',
  'kind',
  'services',
  'reference',
  ...classColumns,
];

type JointRow = Readonly<Record<string, unknown>> & {
  readonly recipient_id: PartnerId;
  readonly record_id: RecordId;
  readonly customer_id: CustomerId;
  readonly record_type: string;
  readonly position: string;
  readonly subject_number: number;
  readonly subject_id: string;
  readonly kind: JointRecord['kind'];
  readonly services: readonly ServiceId[];
  readonly reference: FieldTexts;
};

/** What stands for these customers at any of these recipients; of all records or of those given. */
export async function findJointRecords(
  db: Database | Transaction,
  where: {
    recipientIds?: readonly PartnerId[];
    customerIds: readonly CustomerId[];
    recordIds?: readonly RecordId[];
  },
): Promise<StoredJointRecord[]> {
  const query = db('joint_records')
    .select<JointRow[]>(columns.map((column) => `joint_records.${column}`))
    .whereRaw('joint_records.customer_id = any(?::uuid[])', [[...where.customerIds]]);
  if (where.recipientIds) {
    void query.whereRaw('joint_records.recipient_id = any(?::uuid[])', [[...where.recipientIds]]);
  }
  if (where.recordIds) {
    void query.whereRaw('joint_records.record_id = any(?::uuid[])', [[...where.recordIds]]);
  }
  return (await query).map(jointRecordOf);
}

/** Writes joint records that are new or whose text changed: one statement for all. */
export async function upsertJointRecords(
  tx: Transaction,
  records: readonly StoredJointRecord[],
): Promise<void> {
  if (records.length === 0) return;
  const changeable = [
    'services',
    'position',
    'subject_number',
    'subject_id',
    'reference',
    ...classColumns,
  ];
  await tx.raw(
    `insert into joint_records (${columns.join(', ')})
     select ${columns.join(', ')}
     from jsonb_to_recordset(?::jsonb) as j(recipient_id uuid, record_type text, position uuid,
       record_id uuid, customer_id uuid, subject_number integer, subject_id text, kind text, services uuid[], reference jsonb,
       ${classColumns.map((column) => `${column} jsonb`).join(', ')})
     order by recipient_id, record_type, position
     on conflict (recipient_id, record_type, record_id) do update
     set ${changeable.map((column) => `${column} = excluded.${column}`).join(', ')}`,
    [JSON.stringify(records.map(rowOf))],
  );
}

/** Removes joint records: one statement for all. */
export async function deleteJointRecords(
  tx: Transaction,
  records: readonly JointRecord[],
): Promise<void> {
  if (records.length === 0) return;
  await tx.raw(
    `delete from joint_records
     using unnest(?::uuid[], ?::text[], ?::uuid[]) as gone(recipient_id, record_type, position)
     where joint_records.recipient_id = gone.recipient_id
       and joint_records.record_type = gone.record_type
       and joint_records.position = gone.position`,
    [
      records.map(({ recipientId }) => recipientId),
      records.map(({ recordType }) => recordType),
      records.map(({ position }) => position),
    ],
  );
}

function rowOf(record: StoredJointRecord): Record<string, unknown> {
  return {
    recipient_id: record.recipientId,
    record_type: record.recordType,
    position: record.position,
    record_id: record.recordId,
    customer_id: record.customerId,
    subject_number: record.subjectNumber,
    subject_id: record.subjectId,
    kind: record.kind,
    services: record.services,
    reference: record.reference,
    ...Object.fromEntries(dataClasses.map((one) => [columnOf(one), record.texts[one] ?? null])),
  };
}

function jointRecordOf(row: JointRow): StoredJointRecord {
  const texts: Partial<Record<DataClass, FieldTexts>> = {};
  for (const dataClass of dataClasses) {
    const fields = row[columnOf(dataClass)] as FieldTexts | null;
    if (fields !== null) texts[dataClass] = fields;
  }
  return {
    recipientId: row.recipient_id,
    recordType: row.record_type,
    position: row.position,
    recordId: row.record_id,
    customerId: row.customer_id,
    subjectNumber: row.subject_number,
    subjectId: row.subject_id,
    kind: row.kind,
    services: row.services,
    reference: row.reference,
    texts,
  };
}
