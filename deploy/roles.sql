-- The roles of Sluice on a PostgreSQL (15 or later) of your own. Run it once as a superuser or as a
-- role with CREATEROLE; running it again changes nothing. The embedded database runs it by itself.
--
--   sluice_owner     owns every table; nobody logs in as it
--   sluice_migrator  DATABASE_MIGRATE_URL, used by `sluice migrate` alone: may become sluice_owner
--   sluice_app       DATABASE_URL: the gateway and the commands; owns nothing, has what migrations grant
--   sluice_reader    DATABASE_READER_URL: reads joint records, one recipient at a time, and nothing else
--
-- Afterwards, in psql:
--
--   \password sluice_migrator
--   \password sluice_app
--   \password sluice_reader
--   create database sluice owner sluice_owner encoding 'UTF8' template template0;
--   revoke all on database sluice from public;
--   grant connect on database sluice to sluice_migrator, sluice_app, sluice_reader;
--
-- A server upgraded from PostgreSQL 14 or older also needs, in that database:
--   alter schema public owner to pg_database_owner;

do $$
declare
  wanted text;
begin
  -- Two programs may run this at once.
  perform pg_advisory_xact_lock(7710);
  if not exists (select from pg_roles where rolname = 'sluice_owner') then
    create role sluice_owner nologin;
  end if;
  foreach wanted in array array['sluice_migrator', 'sluice_app', 'sluice_reader'] loop
    if not exists (select from pg_roles where rolname = wanted) then
      execute format('create role %I login', wanted);
    end if;
  end loop;
  if not pg_has_role('sluice_migrator', 'sluice_owner', 'member') then
    grant sluice_owner to sluice_migrator;
  end if;
  alter role sluice_reader set default_transaction_read_only = on;
end
$$;
