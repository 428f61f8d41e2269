-- What a partner may call and be shown, a day and a month, and what of it is used. Owner: budgets.

-- Append-only: the newest line of a partner is in force; one without a limit takes its budget away.
create table partner_budgets (
  id bigint generated always as identity primary key,
  partner_id uuid not null references partners (id),
  calls_per_day integer check (calls_per_day between 1 and 1000000000),
  calls_per_month integer check (calls_per_month between 1 and 1000000000),
  records_per_day integer check (records_per_day between 1 and 1000000000),
  records_per_month integer check (records_per_month between 1 and 1000000000),
  set_by text not null check (length(set_by) between 1 and 200),
  set_at timestamptz not null
);
create index partner_budgets_partner on partner_budgets (partner_id, id desc);

-- The table of rate-limiter-flexible, which names neither its columns nor their order: both are its.
create table budget_counts (
  key varchar(255) primary key,
  points integer not null default 0,
  expire bigint
);
create index budget_counts_expire on budget_counts (expire);

-- A count is committed without waiting for the disk: a crash of the server loses less than a second
-- of counts, and nothing else is ever written in the same transaction.
create function count_soon() returns trigger language plpgsql as $$
begin
  perform set_config('synchronous_commit', 'off', true);
  return null;
end $$;
create trigger budget_counts_soon before insert or update or delete on budget_counts
  for each statement execute function count_soon();

grant select, insert on partner_budgets to sluice_app;
grant select, insert, update, delete on budget_counts to sluice_app;
