-- Where partners are paid, and the batches in which approved statements are paid out. An account is
-- named by two persons, since whoever changes it takes the money; a statement stands in one batch at
-- a time, at the amount that it closed with; and what was written for the bank stays as it is.
-- Family: recipient (a partner's id is its recipient id).

create table payees (
  partner_id uuid not null,
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  -- The latest counts.
  version integer not null check (version > 0),
  name text not null check (length(name) between 1 and 70),
  account text not null check (account ~ '^[0-9A-Z]{4,34}$'),
  bic text check (bic ~ '^[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?$'),
  proposed_by text not null references staff (id),
  approved_by text not null references staff (id),
  approved_at timestamptz not null,
  created_at timestamptz not null default now(),
  constraint payees_key primary key (partner_id, currency, version),
  constraint two_persons_name_an_account check (proposed_by <> approved_by)
);
create index payees_proposed_by on payees (proposed_by);
create index payees_approved_by on payees (approved_by);

create table payout_batches (
  number integer not null check (number > 0),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  execute_on date not null,
  made_by text not null references staff (id),
  made_at timestamptz not null,
  statement_count integer not null check (statement_count > 0),
  total_minor bigint not null check (total_minor > 0),
  -- What is handed to the bank, byte for byte; pain.001 in euros where the payer is set.
  csv bytea not null,
  csv_sha256 bytea not null,
  pain001 bytea,
  pain001_sha256 bytea,
  created_at timestamptz not null default now(),
  constraint payout_batches_key primary key (number),
  constraint csv_is_what_was_written check (csv_sha256 = sha256(csv)),
  constraint pain001_is_what_was_written check (
    (pain001 is null) = (pain001_sha256 is null)
    and (pain001 is null or pain001_sha256 = sha256(pain001)))
);
create index payout_batches_made_by on payout_batches (made_by);

create table payout_items (
  batch_number integer not null references payout_batches (number),
  position integer not null check (position > 0),
  partner_id uuid not null,
  currency text not null,
  number integer not null,
  amount_minor bigint not null check (amount_minor > 0),
  payee_version integer,
  end_to_end_id text not null check (length(end_to_end_id) between 1 and 35),
  -- Taken out of the batch again: the bank sent it back, or it is paid in another way.
  released_at timestamptz,
  released_by text references staff (id),
  reason text check (length(reason) between 1 and 1000),
  created_at timestamptz not null default now(),
  constraint payout_items_key primary key (partner_id, batch_number, position),
  constraint a_bank_tells_items_apart unique (partner_id, end_to_end_id),
  constraint only_approved_is_paid_out foreign key (partner_id, currency, number)
    references approved_statements (partner_id, currency, number),
  constraint item_has_its_payee foreign key (partner_id, currency, payee_version)
    references payees (partner_id, currency, version),
  constraint released_by_a_person check (
    (released_at is null) = (released_by is null) and (released_at is null) = (reason is null))
);
create unique index a_statement_is_in_one_batch on payout_items (partner_id, currency, number)
  where released_at is null;
create index payout_items_batch on payout_items (batch_number, position);
create index payout_items_of_statement on payout_items (partner_id, currency, number);
create index payout_items_payee on payout_items (partner_id, currency, payee_version);
create index payout_items_released_by on payout_items (released_by);

create function keep_payout_items() returns trigger language plpgsql
  set search_path = pg_catalog, pg_temp as $$
begin
  if tg_op = 'UPDATE' then
    if old.released_at is not null
       or to_jsonb(new) - array['released_at', 'released_by', 'reason']
          <> to_jsonb(old) - array['released_at', 'released_by', 'reason'] then
      raise exception 'payouts: of an item nothing changes but its release, once'
        using errcode = 'insufficient_privilege';
    end if;
  elsif not exists (
    select 1 from public.closed_statements
      join public.payout_batches on payout_batches.number = new.batch_number
        and payout_batches.currency = new.currency
    where closed_statements.partner_id = new.partner_id and closed_statements.currency = new.currency
      and closed_statements.number = new.number and closed_statements.payout_minor = new.amount_minor
  ) then
    raise exception 'payouts: a statement is paid out at the amount that it closed with'
      using errcode = 'check_violation';
  end if;
  if exists (
    select 1 from public.paid_statements
    where paid_statements.partner_id = new.partner_id and paid_statements.currency = new.currency
      and paid_statements.number = new.number
  ) then
    raise exception 'payouts: what is paid goes into no batch and out of none'
      using errcode = 'check_violation';
  end if;
  return new;
end
$$;
create trigger payout_items_are_kept before insert or update on payout_items
  for each row execute function keep_payout_items();

create trigger refuse_change before update or delete on payees
  for each row execute function refuse_change();
create trigger refuse_truncate before truncate on payees
  for each statement execute function refuse_change();
create trigger refuse_change before update or delete on payout_batches
  for each row execute function refuse_change();
create trigger refuse_truncate before truncate on payout_batches
  for each statement execute function refuse_change();
create trigger refuse_change before delete on payout_items
  for each row execute function refuse_change();
create trigger refuse_truncate before truncate on payout_items
  for each statement execute function refuse_change();

grant select, insert on payees, payout_batches, payout_items to sluice_app;
grant update (released_at, released_by, reason) on payout_items to sluice_app;
