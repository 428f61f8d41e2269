import type { Database } from '../../src/platform/database.ts';
import { bookkeeping } from './families.ts';

/** Tables, views and sequences of the schema, but the migrations' own, and partitions: those depend on the day. */
const relations = `
  select c.oid, c.relname, c.relkind, c.relowner, c.relacl, c.relrowsecurity, c.relforcerowsecurity,
         c.reloptions
    from pg_class c
   where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'S')
     and c.relname <> all (:bookkeeping) and c.relname not like 'migrations%_seq'
     and not c.relispartition`;

/** Functions of the schema that no extension brought. */
const routines = `
  select p.oid, p.proname, p.proowner, p.proacl, p.prosecdef
    from pg_proc p
   where p.pronamespace = 'public'::regnamespace
     and not exists (select from pg_depend d
                      where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e')`;

/**
 * Each section is a query for lines. They ask the catalogue for what PostgreSQL 15 and 18 say in the
 * same words: not-null comes from the columns (18 lists it among the constraints too), and what an
 * owner may do is left out (17 added a privilege).
 */
const sections: readonly (readonly [heading: string, sql: string])[] = [
  [
    'tables',
    `select format('%s %s owner %s%s%s%s',
              case r.relkind when 'r' then 'table' when 'p' then 'partitioned table' when 'v' then 'view'
                             when 'm' then 'materialized view' else 'sequence' end,
              r.relname, pg_get_userbyid(r.relowner),
              case when r.relkind = 'p' then ' by ' || pg_get_partkeydef(r.oid) end,
              case when r.relrowsecurity then ' row security' || case when r.relforcerowsecurity then ' forced' else '' end end,
              ' with ' || array_to_string(r.reloptions, ', ')) as line
       from (${relations}) r`,
  ],
  [
    'columns',
    `select format('%s %s %s %s%s%s%s', r.relname, to_char(a.attnum, 'FM000'), a.attname,
              format_type(a.atttypid, a.atttypmod),
              case when a.attnotnull then ' not null' end,
              case when a.attidentity <> '' then ' identity ' || a.attidentity::text end,
              case when a.attgenerated <> '' then ' generated ' else ' default ' end || pg_get_expr(d.adbin, d.adrelid)) as line
       from (${relations}) r
       join pg_attribute a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
       left join pg_attrdef d on d.adrelid = r.oid and d.adnum = a.attnum
      where r.relkind <> 'S'`,
  ],
  [
    'constraints',
    `select format('%s %s %s', r.relname, k.conname, pg_get_constraintdef(k.oid)) as line
       from (${relations}) r
       join pg_constraint k on k.conrelid = r.oid and k.contype in ('p', 'u', 'f', 'c', 'x')`,
  ],
  [
    'indices',
    `select pg_get_indexdef(i.indexrelid) as line
       from (${relations}) r
       join pg_index i on i.indrelid = r.oid
      where not exists (select from pg_constraint k where k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x'))`,
  ],
  [
    'triggers',
    `select pg_get_triggerdef(t.oid) as line
       from (${relations}) r
       join pg_trigger t on t.tgrelid = r.oid and not t.tgisinternal`,
  ],
  [
    'policies',
    `select format('%s %s for %s to %s using %s check %s', r.relname, y.polname, y.polcmd,
              (select string_agg(case u.role when 0 then 'public' else pg_get_userbyid(u.role)::text end, ', '
                                 order by case u.role when 0 then 'public' else pg_get_userbyid(u.role)::text end collate "C")
                 from unnest(y.polroles) as u (role)),
              coalesce(pg_get_expr(y.polqual, y.polrelid), '-'),
              coalesce(pg_get_expr(y.polwithcheck, y.polrelid), '-')) as line
       from (${relations}) r
       join pg_policy y on y.polrelid = r.oid`,
  ],
  [
    'views',
    `select format('%s %s', r.relname, pg_get_viewdef(r.oid)) as line
       from (${relations}) r
      where r.relkind in ('v', 'm')`,
  ],
  [
    'types',
    `select format('%s %s', t.typname,
              coalesce((select string_agg(e.enumlabel, ', ' order by e.enumsortorder) from pg_enum e where e.enumtypid = t.oid),
                       format_type(t.typbasetype, t.typtypmod))) as line
       from pg_type t
      where t.typnamespace = 'public'::regnamespace and t.typtype in ('e', 'd')`,
  ],
  [
    'functions',
    `select format('%s owner %s', pg_get_functiondef(r.oid), pg_get_userbyid(r.proowner)) as line
       from (${routines}) r`,
  ],
  [
    'grants',
    `with granted as (
       select 'schema public' as what, n.nspowner as owner, (aclexplode(n.nspacl)).*
         from pg_namespace n where n.nspname = 'public'
       union all
       select r.relname, r.relowner, (aclexplode(r.relacl)).* from (${relations}) r
       union all
       select format('%s(%s)', r.relname, a.attname), r.relowner, (aclexplode(a.attacl)).*
         from (${relations}) r join pg_attribute a on a.attrelid = r.oid and a.attacl is not null and not a.attisdropped
       union all
       select r.oid::regprocedure::text, r.proowner, (aclexplode(coalesce(r.proacl, acldefault('f', r.proowner)))).*
         from (${routines}) r
     )
     select format('%s to %s: %s%s', what,
              case grantee when 0 then 'public' else pg_get_userbyid(grantee)::text end,
              privilege_type, case when is_grantable then ' with grant option' end) as line
       from granted where grantee <> owner`,
  ],
];

/** The migrated schema as text, in an order of its own: equal schemas give equal texts. */
export async function dumpSchema(admin: Database): Promise<string> {
  const parts: string[] = [];
  for (const [heading, sql] of sections) {
    const { rows } = await admin.raw<{ rows: { line: string }[] }>(sql, { bookkeeping });
    const lines = rows.map(({ line }) => line.trimEnd()).sort();
    parts.push(`-- ${heading}\n${lines.join('\n')}\n`);
  }
  return parts.join('\n');
}
