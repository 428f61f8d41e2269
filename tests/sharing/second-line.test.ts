import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { catalogueOf } from '../../src/catalogue/index.ts';
import { openDatabase, type Database } from '../../src/platform/database.ts';
import { readPolicy } from '../../src/policy/index.ts';
import { compileView } from '../../src/projection/index.ts';
import { findViews } from '../../src/views/index.ts';
import { givenPartner, givenSharedCustomer, type GivenPartner } from '../support/given.ts';
import { openHouse, type House } from '../support/house.ts';

/** What the reader's role can reach when everything in front of it is gone. */

let house: House;
let reader: Database;
let bright: GivenPartner;
let rival: GivenPartner;

beforeAll(async () => {
  house = await openHouse();
  bright = await givenPartner(house.tools);
  rival = await givenPartner(house.tools, { key: 'rival' });
  await givenSharedCustomer(house.tools, bright.partner, 'ada');
  for (const id of ['ben', 'cyd']) await givenSharedCustomer(house.tools, rival.partner, id);
  reader = openDatabase(house.urls.reader, { max: 1 });
});
afterAll(async () => {
  await reader.destroy();
  await house.close();
});

const where = /where j\.recipient_id = \$1::uuid and j\.record_type = '[a-z]+'.* order by/;

test.each(['customer', 'invoice', 'payment'])(
  'promise P09: without its WHERE clause the page of %s records still shows nothing of another partner',
  async (recordType) => {
    const [view] = await findViews(house.tools.db, bright.partner.id);
    const compiled = compileView(
      { document: view!.document, kind: 'referral', policy: await readPolicy(house.tools.db) },
      catalogueOf(house.tools.settings).types.get(recordType)!,
      ['contact', 'account', 'financial', 'billing'],
    )!;
    // The parameters are still named, so that the statement takes the same values.
    const used = 'where $2::uuid is not null and ($4::uuid[] is null or true) order by';
    const text = compiled.page.text.replace(where, used);
    expect(text).not.toBe(compiled.page.text);
    const values = [bright.partner.id, '00000000-0000-0000-0000-000000000000', 100, null];
    const seenBy = async (recipientId: string) => {
      const rows = await house.tools.reader.read<{ abouts: string | null }>(
        recipientId,
        { text },
        values,
      );
      return (rows[0]?.abouts?.split(',') ?? []).map((about) => about.split(' ')[3]);
    };
    const ownOf = async (recipientId: string) =>
      (await house.admin('joint_records').where('recipient_id', recipientId)).map(
        ({ subject_id: id }: { subject_id: string }) => id,
      );
    const mine = await seenBy(bright.partner.id);
    expect(mine.sort()).toEqual((await ownOf(bright.partner.id)).sort());
    expect(mine.length).toBeGreaterThan(0);
    // The very same statement, run for another: the setting decides, and not what is asked.
    expect((await seenBy(rival.partner.id)).sort()).toEqual((await ownOf(rival.partner.id)).sort());
  },
);

test('promise P09: while no recipient is set, or an empty one, the reader sees no row at all', async () => {
  const count = async () => {
    const { rows } = await reader.raw<{ rows: { count: string }[] }>(
      'select count(joint_records.record_id) from joint_records',
    );
    return rows[0]?.count;
  };
  expect(await count()).toBe('0');
  await reader.raw("select set_config('app.recipient', '', false)");
  expect(await count()).toBe('0');
  await reader.raw("select set_config('app.recipient', ?, false)", [bright.partner.id]);
  expect(Number(await count())).toBeGreaterThan(0);
  await reader.raw("select set_config('app.recipient', '', false)");
});

test('the reader’s role can select the granted columns of joint records, and nothing else of ours', async () => {
  const { rows } = await house.admin.raw<{ rows: { relation: string; column: string }[] }>(`
    select c.relname as relation, a.attname as "column"
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'public'
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relkind in ('r', 'v', 'm', 'p', 'S', 'f')
      and has_column_privilege('sluice_reader', c.oid, a.attnum, 'select')
    order by c.relname, a.attname`);
  const relations = new Set(rows.map(({ relation }) => relation));
  const columns = rows
    .filter(({ relation }) => relation === 'joint_records')
    .map(({ column }) => column);
  expect(columns).toEqual(
    [
      'account',
      'billing',
      'business',
      'contact',
      'contact_additional',
      'contact_email',
      'financial',
      'position',
      'record_id',
      'record_type',
      'recipient_id',
      'reference',
      'services',
      'subject_id',
      'subject_number',
    ].sort(),
  );
  relations.delete('joint_records');
  // The epoch of a recipient's log, by its SQL function; and which customers are closed for it.
  const others = [...relations].sort().map((relation) => [
    relation,
    rows
      .filter((row) => row.relation === relation)
      .map(({ column }) => column)
      .sort(),
  ]);
  expect(others).toEqual([
    ['joint_closures', ['recipient_id', 'subject_number']],
    ['log_heads', ['epoch', 'recipient_id']],
  ]);
});
