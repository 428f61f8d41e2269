-- The ground: what every later migration leans on.
-- The roles exist before (the embedded database makes them; deploy/roles.sql elsewhere). Nothing is
-- granted by default, so that a table nobody granted stays closed.

revoke all on schema public from public;
grant usage on schema public to sluice_app, sluice_reader;

-- Append-only tables refuse a change even to their owner, who could otherwise make it by accident.
create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'append-only: % on % is refused', tg_op, tg_table_name using errcode = 'insufficient_privilege';
end
$$;
