-- Money that moved between a partner and us beside payouts: what it collected of our customers (it
-- owes us that), and what it remitted to us. Each is booked once and stated once, on a statement that
-- closes with it. Family: recipient (a partner's id is its recipient id).
create table transfers (
  partner_id uuid not null,
  kind text not null check (kind in ('collected', 'remitted')),
  -- Of a collection the partner's own, of a remittance what the bank calls it.
  reference text not null check (length(reference) between 1 and 200),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  -- Below nothing: a collection that was taken back.
  amount_minor bigint not null check (amount_minor <> 0),
  on_day date not null check (isfinite(on_day)),
  booked_at timestamptz not null,
  created_at timestamptz not null default now(),
  constraint transfers_key primary key (partner_id, kind, reference),
  constraint a_transfer_is_of_one_amount unique (partner_id, kind, reference, currency, amount_minor),
  constraint a_remittance_is_above_nothing check (kind <> 'remitted' or amount_minor > 0)
);
create index transfers_of_statement on transfers (partner_id, currency, on_day);

create table stated_transfers (
  partner_id uuid not null,
  kind text not null,
  reference text not null,
  currency text not null,
  -- The statement's.
  number integer not null check (number > 0),
  amount_minor bigint not null,
  created_at timestamptz not null default now(),
  constraint stated_transfers_key primary key (partner_id, kind, reference),
  constraint stated_is_booked foreign key (partner_id, kind, reference, currency, amount_minor)
    references transfers (partner_id, kind, reference, currency, amount_minor)
);
create index stated_transfers_of_statement on stated_transfers (partner_id, currency, number);
create index stated_transfers_booked
  on stated_transfers (partner_id, kind, reference, currency, amount_minor);

create trigger closed_is_closed after insert on stated_transfers
  referencing new table as added for each statement execute function refuse_line_of_closed();
create trigger refuse_change before update or delete on transfers
  for each row execute function refuse_change();
create trigger refuse_truncate before truncate on transfers
  for each statement execute function refuse_change();
create trigger refuse_change before update or delete on stated_transfers
  for each row execute function refuse_change();
create trigger refuse_truncate before truncate on stated_transfers
  for each statement execute function refuse_change();

alter table closed_statements add column collected_minor bigint not null default 0;
alter table closed_statements add column remitted_minor bigint not null default 0;
alter table closed_statements drop constraint statement_adds_up;
alter table closed_statements add constraint statement_adds_up check
  (closing_minor = opening_minor + accrued_minor + reversed_minor + adjusted_minor + tax_minor
     - collected_minor + remitted_minor);

create function keep_statement_transfers() returns trigger language plpgsql
  set search_path = pg_catalog, pg_temp as $$
declare
  stated record;
begin
  select coalesce(sum(stated_transfers.amount_minor) filter (where kind = 'collected'), 0) as collected,
      coalesce(sum(stated_transfers.amount_minor) filter (where kind = 'remitted'), 0) as remitted
    into stated from public.stated_transfers
    where stated_transfers.partner_id = new.partner_id
      and stated_transfers.currency = new.currency and stated_transfers.number = new.number;
  if new.collected_minor <> stated.collected or new.remitted_minor <> stated.remitted then
    raise exception 'statements: it states what its transfers add up to' using errcode = 'check_violation';
  end if;
  return new;
end
$$;
create trigger transfers_add_up before insert on closed_statements
  for each row execute function keep_statement_transfers();

-- What partners collected for us is a credit, as long as it is not taken back; what they remitted a
-- debit.
alter table ledger_accounts drop constraint ledger_accounts_account_check;
alter table ledger_accounts add constraint ledger_accounts_account_check check (account in
  ('referral-expense', 'partner-payable', 'referral-income', 'partner-receivable', 'fee-tax',
   'collections', 'remittances', 'clearing'));
alter table ledger_accounts add constraint collections_have_a_floor
  check (account <> 'collections' or balance_minor <= 0);
alter table ledger_accounts add constraint remittances_have_a_floor
  check (account <> 'remittances' or balance_minor >= 0);

grant select, insert on transfers, stated_transfers to sluice_app;
