import type { Database } from '../../src/platform/database.ts';
import { bookkeeping } from './families.ts';

/** A primary key, unique key, unique index or exclusion of a table. */
export interface Key {
  readonly table: string;
  readonly name: string;
  readonly isPrimary: boolean;
  readonly columns: readonly string[];
}

export interface ForeignKey {
  readonly table: string;
  readonly name: string;
  readonly target: string;
  readonly columns: readonly string[];
  readonly targetColumns: readonly string[];
}

/** An index without a condition, by the columns it begins with. */
export interface Index {
  readonly table: string;
  readonly columns: readonly string[];
}

async function rowsOf<Row>(admin: Database, sql: string): Promise<Row[]> {
  return (await admin.raw<{ rows: Row[] }>(sql, { bookkeeping })).rows;
}

const isOurs = `c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
  and not c.relispartition and c.relname <> all (:bookkeeping)`;

const namesOf = (table: string, numbers: string) => `
  (select coalesce(array_agg(a.attname::text order by n.place), '{}')
     from unnest(${numbers}) with ordinality as n (attnum, place)
     join pg_attribute a on a.attrelid = ${table} and a.attnum = n.attnum)`;

/** The tables of the schema; a partition counts as its parent. */
export async function tablesOf(admin: Database): Promise<string[]> {
  const rows = await rowsOf<{ name: string }>(
    admin,
    `select c.relname as name from pg_class c where ${isOurs} order by 1`,
  );
  return rows.map(({ name }) => name);
}

export function keysIn(admin: Database): Promise<Key[]> {
  return rowsOf<Key>(
    admin,
    `select c.relname as table, x.relname as name, i.indisprimary as "isPrimary",
            ${namesOf('c.oid', 'i.indkey::int2[]')} as columns
       from pg_index i
       join pg_class c on c.oid = i.indrelid
       join pg_class x on x.oid = i.indexrelid
      where ${isOurs} and (i.indisunique or i.indisexclusion)
      order by 1, 2`,
  );
}

export function foreignKeysIn(admin: Database): Promise<ForeignKey[]> {
  return rowsOf<ForeignKey>(
    admin,
    `select c.relname as table, k.conname as name, f.relname as target,
            ${namesOf('k.conrelid', 'k.conkey')} as columns,
            ${namesOf('k.confrelid', 'k.confkey')} as "targetColumns"
       from pg_constraint k
       join pg_class c on c.oid = k.conrelid
       join pg_class f on f.oid = k.confrelid
      where ${isOurs} and k.contype = 'f'
      order by 1, 2`,
  );
}

export function indicesIn(admin: Database): Promise<Index[]> {
  return rowsOf<Index>(
    admin,
    `select c.relname as table, ${namesOf('c.oid', 'i.indkey::int2[]')} as columns
       from pg_index i
       join pg_class c on c.oid = i.indrelid
      where ${isOurs} and i.indpred is null and i.indisvalid`,
  );
}

/** What the gateway's roles own: nothing, it should be. */
export async function ownedByTheGateway(admin: Database): Promise<string[]> {
  const rows = await rowsOf<{ name: string }>(
    admin,
    `with owned as (
       select c.oid::regclass::text as name, c.relowner as owner from pg_class c where c.relname <> all (:bookkeeping)
       union all select p.oid::regprocedure::text, p.proowner from pg_proc p
       union all select n.nspname::text, n.nspowner from pg_namespace n
       union all select t.oid::regtype::text, t.typowner from pg_type t
       union all select d.datname::text, d.datdba from pg_database d
     )
     select name from owned
      where owner in (select oid from pg_roles where rolname in ('sluice_app', 'sluice_reader'))`,
  );
  return rows.map(({ name }) => name);
}

/** Tables that the trigger function refuse_change() guards against this command. */
export async function guardedAgainst(
  admin: Database,
  command: 'update' | 'delete' | 'truncate',
): Promise<string[]> {
  const bit = { update: 16, delete: 8, truncate: 32 }[command];
  const rows = await rowsOf<{ name: string }>(
    admin,
    `select distinct c.relname as name
       from pg_trigger t
       join pg_class c on c.oid = t.tgrelid
      where ${isOurs} and t.tgfoid = 'refuse_change'::regproc and t.tgenabled in ('O', 'A')
        and (t.tgtype & 2) <> 0 and (t.tgtype & ${bit}) <> 0
      order by 1`,
  );
  return rows.map(({ name }) => name);
}

/** Tables of which the role may use this privilege, on the whole or on one column of them. */
export async function tablesThatMay(
  admin: Database,
  role: 'sluice_app' | 'sluice_reader',
  privilege: 'insert' | 'update' | 'delete' | 'truncate',
): Promise<string[]> {
  const onColumns = ['insert', 'update'].includes(privilege);
  const may = onColumns
    ? `has_any_column_privilege('${role}', c.oid, '${privilege}')`
    : `has_table_privilege('${role}', c.oid, '${privilege}')`;
  const rows = await rowsOf<{ name: string }>(
    admin,
    `select c.relname as name from pg_class c where ${isOurs} and ${may} order by 1`,
  );
  return rows.map(({ name }) => name);
}

/** The columns the role may select. */
export function columnsFor(
  admin: Database,
  role: 'sluice_app' | 'sluice_reader',
): Promise<{ table: string; column: string; hasRowSecurity: boolean }[]> {
  return rowsOf(
    admin,
    `select c.relname as table, a.attname as column, c.relrowsecurity as "hasRowSecurity"
       from pg_class c
       join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      where ${isOurs} and has_column_privilege('${role}', c.oid, a.attnum, 'select')
      order by 1, 2`,
  );
}
