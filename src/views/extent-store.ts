import type { RecordType } from '../catalogue/index.ts';
import { columnOf } from '../joint/index.ts';
import type { PartnerId } from '../partners/index.ts';
import type { Database } from '../platform/database.ts';
import type { CustomerId, RecordId, ServiceId } from '../records/index.ts';

/** Whose joint records, and of which services: those that the agreement covers, null for all. */
export interface Reach {
  readonly partnerId: PartnerId;
  readonly services: readonly ServiceId[] | null;
}

/** What a change of fields gives and takes of one field: in records, and in customers. */
export interface FieldExtent {
  readonly field: string;
  readonly recordsGained: number;
  readonly customersGained: number;
  readonly recordsLost: number;
  readonly customersLost: number;
}

export interface Extent {
  readonly fields: readonly FieldExtent[];
  /** The customers of whom anything at all is gained, or lost. */
  readonly gaining: readonly CustomerId[];
  readonly losing: readonly CustomerId[];
}

/**
 * Counts what changes among a partner's joint records of a type when other fields are shown. A field
 * counts where a record holds a value there and is shown at all: a record of which only references
 * would be left is not.
 */
export async function countExtent(
  db: Database,
  { partnerId, services }: Reach,
  type: RecordType,
  { before, after }: { before: readonly string[]; after: readonly string[] },
): Promise<Extent> {
  const fields = [...new Set([...before, ...after])];
  const changing = fields.map((field) => {
    const was = before.includes(field) ? 'j.was_shown' : 'false';
    const is = after.includes(field) ? 'j.is_shown' : 'false';
    const held = holds(type, field);
    return { gained: `${held} and ${is} and not ${was}`, lost: `${held} and ${was} and not ${is}` };
  });
  if (changing.length === 0) return { fields: [], gaining: [], losing: [] };
  const all = changing.flatMap(({ gained, lost }) => [gained, lost]);
  const counted = all.map((what, i) => `count(*) filter (where ${what}) as n${String(i)}`);
  const summed = all.map((_, i) => {
    const n = `c.n${String(i)}`;
    return `coalesce(sum(${n}), 0)::text as r${String(i)}, count(*) filter (where ${n} > 0)::text as c${String(i)}`;
  });
  const some = (rest: 0 | 1) =>
    all.flatMap((_, i) => (i % 2 === rest ? [`c.n${String(i)} > 0`] : [])).join(' or ');
  const columns = [...new Set(type.members.flatMap(({ dataClass }) => columnFor(dataClass)))];
  const { rows } = await db.raw<{ rows: ExtentRow[] }>(
    `select ${summed.join(', ')},
       coalesce(array_agg(c.customer_id order by c.customer_id) filter (where ${some(0)}), '{}') as gaining,
       coalesce(array_agg(c.customer_id order by c.customer_id) filter (where ${some(1)}), '{}') as losing
     from (
       select j.customer_id, ${counted.join(', ')}
       from (
         select j.customer_id, ${columns.map((column) => `j.${column}`).join(', ')},
           ${isShown(type, before)} as was_shown, ${isShown(type, after)} as is_shown
         from joint_records j
         where j.recipient_id = ?::uuid and j.record_type = ?
           and (?::uuid[] is null or j.services && ?::uuid[])
       ) j
       group by j.customer_id
     ) c`,
    [partnerId, type.name, services, services] as never,
  );
  const [row] = rows;
  const numberOf = (name: string) => Number(row?.[name] ?? 0);
  return {
    fields: fields.map((field, i) => ({
      field,
      recordsGained: numberOf(`r${String(2 * i)}`),
      customersGained: numberOf(`c${String(2 * i)}`),
      recordsLost: numberOf(`r${String(2 * i + 1)}`),
      customersLost: numberOf(`c${String(2 * i + 1)}`),
    })),
    gaining: row?.gaining ?? [],
    losing: row?.losing ?? [],
  };
}

/** The records of one customer that a partner's reads can reach, by type, in the order of its pages. */
export async function findReachedRecords(
  db: Database,
  { partnerId, services }: Reach,
  customerId: CustomerId,
  recordType: string,
): Promise<RecordId[]> {
  const { rows } = await db.raw<{ rows: { record_id: RecordId }[] }>(
    `select j.record_id from joint_records j
     where j.recipient_id = ?::uuid and j.customer_id = ?::uuid and j.record_type = ?
       and (?::uuid[] is null or j.services && ?::uuid[])
     order by j.position`,
    [partnerId, customerId, recordType, services, services] as never,
  );
  return rows.map((row) => row.record_id);
}

type ExtentRow = Readonly<Record<string, string>> & {
  readonly gaining: readonly CustomerId[];
  readonly losing: readonly CustomerId[];
};

/** Where the joint records keep a field: the column of its member's class, and the text's name. */
function placeOf(type: RecordType, field: string) {
  const steps = field.split('.');
  const member = type.members.find(({ name }) => name === steps[0]);
  const [column] = member ? columnFor(member.dataClass) : [];
  if (member === undefined || column === undefined) throw new Error('There is no such field.');
  const list = steps.indexOf('*');
  const own = list < 0 ? steps : steps.slice(0, list);
  return {
    text: `(j.${column} ->> ${literal(own.join('.'))})`,
    isReference: member.dataClass === 'reference',
    /** Within the text of a list: the way to the field in any of the items. */
    within: list < 0 ? undefined : [own.at(-1) ?? '', ...steps.slice(list)],
  };
}

function columnFor(dataClass: RecordType['members'][number]['dataClass']): string[] {
  if (dataClass === 'never') return [];
  return [dataClass === 'reference' ? dataClass : columnOf(dataClass)];
}

function holds(type: RecordType, field: string): string {
  const { text, within } = placeOf(type, field);
  if (!within) return `${text} is not null`;
  const path = within.map((step) => (step === '*' ? '[*]' : `."${step}"`)).join('');
  const list = `('{' || ${text} || '}')::jsonb`;
  return `coalesce(jsonb_path_exists(${list}, ${literal(`$${path}`)}), false)`;
}

/** References leave only together with something of a class. */
function isShown(type: RecordType, fields: readonly string[]): string {
  const places = fields.map((field) => placeOf(type, field));
  const texts = new Set(places.filter((one) => !one.isReference).map(({ text }) => text));
  return texts.size === 0 ? 'false' : `coalesce(${[...texts].join(', ')}) is not null`;
}

/** A text literal of SQL; names come from the catalogue, and still nothing is trusted. */
function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
