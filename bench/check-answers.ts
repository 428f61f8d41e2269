import { isDeepStrictEqual } from 'node:util';
import { pairwiseOf } from '../src/joint/index.ts';
import type { Database } from '../src/platform/database.ts';
import type { Tools } from '../src/platform/tools.ts';
import { customerIdOf, personIdOf } from '../src/records/index.ts';
import type { MeasuredPartner } from './world.ts';

type Customer = Readonly<Record<string, unknown>> & { readonly id: string };
type Records = ReadonlyMap<string, Customer>;

/** What a walk through all pages gave: the records, and the paths to ask for again. */
export interface Walk {
  readonly paths: readonly string[];
  readonly records: Records;
}

/** Walks a partner's whole list of customers, page by page. Throws where one comes twice. */
export async function walk(port: number, token: string): Promise<Walk> {
  const paths: string[] = [];
  const records = new Map<string, Customer>();
  for (let next: string | null = ''; next !== null;) {
    const path = `/v1/customers?limit=100${next === '' ? '' : `&cursor=${next}`}`;
    const headers = { authorization: `Bearer ${token}` };
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers });
    if (answer.status !== 200) throw new Error(`${path}: ${await answer.text()}`);
    const page = (await answer.json()) as { data: readonly Customer[]; next: string | null };
    for (const record of page.data) {
      if (records.has(record.id)) throw new Error(`${record.id} came twice.`);
      records.set(record.id, record);
    }
    // The last page is short; the measured ones are all full.
    if (page.data.length === 100) paths.push(path);
    next = page.next;
  }
  return { paths, records };
}

const narrowed = `records.body - '{email,additional}'::text[]
  #- '{contact,organisation}' #- '{contact,phone}' #- '{contact,people}'
  #- '{contact,address,street}' #- '{contact,address,region}'
  #- '{account,status}' #- '{financial,card,expiry}'
  #- '{billing,taxNumber}' #- '{billing,address,street}'`;
const whole = `records.body - '{email,additional}'::text[]`;

/** The records that a measured partner should get, by SQL that shares nothing with what is measured. */
export async function expectedRecords(
  admin: Database,
  { partner }: MeasuredPartner,
  view: 'narrow' | 'whole',
): Promise<Records> {
  const { rows } = await admin.raw<{ rows: { body: Customer }[] }>(
    `select ${view === 'narrow' ? narrowed : whole} as body from records
     where record_type = 'customer' and valid_to is null and customer_id in (
       select customer_id from relationships where partner_id = ? and is_active)`,
    [partner.id],
  );
  return new Map(rows.map(({ body }) => [body.id, body]));
}

/** The same records under the ids that the partner knows them by. */
export function pairwiseRecords(tools: Tools, { partner }: MeasuredPartner, records: Records) {
  const pairwise = pairwiseOf(tools.settings.keys.pairwise, partner.id);
  const idOf = (key: string) => pairwise.idOf('customer', customerIdOf(key));
  return new Map(
    [...records.values()].map((record) => {
      const contact = record['contact'] as { people?: readonly { id: string }[] };
      const people = contact.people?.map((person) => ({
        ...person,
        id: pairwise.idOf('person', personIdOf(record.id, person.id)),
      }));
      const shown = {
        ...record,
        id: idOf(record.id),
        contact: { ...contact, ...(people && { people }) },
      };
      return [shown.id, shown] as const;
    }),
  );
}

/** What is wrong with the answers; undefined when they are the records expected, all and no other. */
export function differenceOf(given: Records, expected: Records): string | undefined {
  if (given.size !== expected.size) return `${given.size} records instead of ${expected.size}`;
  for (const [id, record] of expected) {
    if (!isDeepStrictEqual(given.get(id), record)) return `another record ${id}`;
  }
  return undefined;
}
