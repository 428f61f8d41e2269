-- The ledger of fees in double entry, and the statements that are closed over fee lines. What counts
-- is kept by the database itself: entries that add up to nothing, accounts that never fall below
-- their floor, statements that are what their lines add up to, each following the one before, and
-- approved by somebody else than who closed. Family: recipient (a partner's id is its recipient id).

-- Debits less credits of each account: moved by postings alone. An amount that we owe is a credit.
create table ledger_accounts (
  partner_id uuid not null,
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  account text not null check (account in
    ('referral-expense', 'partner-payable', 'referral-income', 'partner-receivable', 'clearing')),
  balance_minor bigint not null default 0,
  created_at timestamptz not null default now(),
  constraint ledger_accounts_key primary key (partner_id, currency, account),
  -- More cannot be paid than is owed, nor more be taken in than is due; and what went out through
  -- the bank comes back once.
  constraint payable_has_a_floor check (account <> 'partner-payable' or balance_minor <= 0),
  constraint receivable_has_a_floor check (account <> 'partner-receivable' or balance_minor >= 0),
  constraint clearing_has_a_floor check (account <> 'clearing' or balance_minor <= 0)
);

create table ledger_entries (
  partner_id uuid not null,
  entry_id uuid not null,
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  -- What it comes of, once: "statement 2026-10.EUR", "payout 2026-10.EUR", "reversal <entry>".
  source text not null check (length(source) between 1 and 200),
  reverses_entry_id uuid,
  booked_at timestamptz not null,
  created_at timestamptz not null default now(),
  constraint ledger_entries_key primary key (partner_id, entry_id),
  constraint an_entry_has_one_currency unique (partner_id, entry_id, currency),
  constraint a_source_posts_once unique (partner_id, currency, source),
  constraint an_entry_is_reversed_once unique (partner_id, reverses_entry_id, currency),
  constraint a_reversal_names_its_entry foreign key (partner_id, reverses_entry_id, currency)
    references ledger_entries (partner_id, entry_id, currency)
);
create index ledger_entries_by_time on ledger_entries (partner_id, currency, booked_at);

create table ledger_lines (
  partner_id uuid not null,
  entry_id uuid not null,
  account text not null,
  currency text not null,
  -- Positive: a debit; negative: a credit.
  amount_minor bigint not null check (amount_minor <> 0),
  created_at timestamptz not null default now(),
  constraint ledger_lines_key primary key (partner_id, entry_id, account),
  constraint a_line_is_of_an_entry foreign key (partner_id, entry_id, currency)
    references ledger_entries (partner_id, entry_id, currency)
);
create index ledger_lines_of_entry on ledger_lines (partner_id, entry_id, currency);

create function post_ledger_lines() returns trigger language plpgsql security definer
  set search_path = pg_catalog, pg_temp as $$
begin
  if exists (
    select 1 from posted group by posted.partner_id, posted.entry_id
    having sum(posted.amount_minor) <> 0 or count(*) < 2
  ) then
    raise exception 'ledger: the lines of an entry add up to nothing' using errcode = 'check_violation';
  end if;
  if exists (
    select 1 from posted
      join public.ledger_lines on ledger_lines.partner_id = posted.partner_id
        and ledger_lines.entry_id = posted.entry_id
    group by posted.partner_id, posted.entry_id
    having count(distinct ledger_lines.account) <> count(distinct posted.account)
  ) then
    raise exception 'ledger: all lines of an entry are posted at once' using errcode = 'check_violation';
  end if;
  if exists (
    select 1 from (select distinct posted.partner_id, posted.entry_id from posted) as fresh
      join public.ledger_entries on ledger_entries.partner_id = fresh.partner_id
        and ledger_entries.entry_id = fresh.entry_id
      join public.ledger_lines on ledger_lines.partner_id = fresh.partner_id
        and ledger_lines.entry_id in (ledger_entries.entry_id, ledger_entries.reverses_entry_id)
    where ledger_entries.reverses_entry_id is not null
    group by fresh.partner_id, fresh.entry_id, ledger_lines.account
    having sum(ledger_lines.amount_minor) <> 0
  ) then
    raise exception 'ledger: a reversal takes back what its entry posted' using errcode = 'check_violation';
  end if;
  insert into public.ledger_accounts (partner_id, currency, account)
    select distinct posted.partner_id, posted.currency, posted.account from posted
    order by posted.partner_id, posted.currency, posted.account
    on conflict on constraint ledger_accounts_key do nothing;
  -- In one order, so that two postings never wait for each other.
  perform 1 from public.ledger_accounts
    where (ledger_accounts.partner_id, ledger_accounts.currency, ledger_accounts.account)
      in (select posted.partner_id, posted.currency, posted.account from posted)
    order by ledger_accounts.partner_id, ledger_accounts.currency, ledger_accounts.account
    for update;
  update public.ledger_accounts set balance_minor = ledger_accounts.balance_minor + moved.minor
    from (
      select posted.partner_id, posted.currency, posted.account, sum(posted.amount_minor) as minor
      from posted group by posted.partner_id, posted.currency, posted.account
    ) as moved
    where ledger_accounts.partner_id = moved.partner_id
      and ledger_accounts.currency = moved.currency and ledger_accounts.account = moved.account;
  return null;
end
$$;
create trigger lines_are_posted after insert on ledger_lines
  referencing new table as posted for each statement execute function post_ledger_lines();

-- Lines come with their entry, in one statement: an entry without any would use up its source.
create function refuse_bare_entry() returns trigger language plpgsql
  set search_path = pg_catalog, pg_temp as $$
begin
  if exists (
    select 1 from fresh where not exists (
      select 1 from public.ledger_lines
      where ledger_lines.partner_id = fresh.partner_id and ledger_lines.entry_id = fresh.entry_id
    )
  ) then
    raise exception 'ledger: an entry comes with its lines' using errcode = 'check_violation';
  end if;
  return null;
end
$$;
create trigger entries_have_lines after insert on ledger_entries
  referencing new table as fresh for each statement execute function refuse_bare_entry();

-- What one statement states of each line: the fee as it was at its close, or as an adjustment the
-- difference to what closed statements stated before. All that closed statements ever stated of a
-- line adds up to its fee.
create table closed_lines (
  partner_id uuid not null,
  currency text not null,
  number integer not null,
  line_id uuid not null,
  -- Null: the line stands on the statement of its own period.
  adjustment text check (adjustment in ('late', 'changed', 'withdrawn')),
  kind text not null,
  direction text not null check (direction in ('payable', 'receivable')),
  amount_minor bigint not null,
  month text not null,
  agreement_version integer not null,
  -- Of whom and when the line is, to decide who may be shown what of it later.
  customer_id uuid,
  service_id uuid,
  settled_at timestamptz,
  occurred_at timestamptz,
  created_at timestamptz not null default now(),
  constraint closed_lines_key primary key (partner_id, currency, number, line_id)
);

-- The lines as the partner reads them, one JSON text each, a newline between: a thousand a page.
create table closed_pages (
  partner_id uuid not null,
  currency text not null,
  number integer not null,
  -- Place of its first line, from 0.
  first_line integer not null check (first_line >= 0),
  lines bytea not null,
  created_at timestamptz not null default now(),
  constraint closed_pages_key primary key (partner_id, currency, number, first_line)
);

create table closed_statements (
  partner_id uuid not null,
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  number integer not null check (number > 0),
  period text not null check (period ~ '^[0-9]{4}-((0[1-9]|1[0-2])(-[12])?|Q[1-4])$'),
  from_day date not null,
  until_day date not null check (until_day > from_day),
  opening_minor bigint not null,
  accrued_minor bigint not null,
  reversed_minor bigint not null,
  adjusted_minor bigint not null,
  closing_minor bigint not null,
  payout_minor bigint not null check (payout_minor >= 0),
  forfeited_minor bigint not null check (forfeited_minor >= 0),
  carried_minor bigint not null,
  line_count integer not null check (line_count >= 0),
  adjustment_count integer not null check (adjustment_count >= 0),
  agreement_versions integer[] not null,
  -- The document whose hash stands in the partner's disclosure log.
  document bytea not null,
  sha256 bytea not null,
  closed_by text not null references staff (id),
  closed_at timestamptz not null,
  created_at timestamptz not null default now(),
  constraint closed_statements_key primary key (partner_id, currency, number),
  constraint a_period_is_closed_once unique (partner_id, currency, period),
  constraint statement_adds_up
    check (closing_minor = opening_minor + accrued_minor + reversed_minor + adjusted_minor),
  constraint balance_goes_somewhere
    check (closing_minor = payout_minor + forfeited_minor + carried_minor),
  constraint all_is_paid_or_nothing
    check ((payout_minor = 0 and forfeited_minor = 0) or carried_minor = 0),
  constraint hash_is_of_the_document check (sha256 = sha256(document))
);
create index closed_statements_closed_by on closed_statements (closed_by);

create function keep_statement_chain() returns trigger language plpgsql
  set search_path = pg_catalog, pg_temp as $$
declare
  last record;
  stated record;
begin
  select closed_statements.number, closed_statements.until_day, closed_statements.carried_minor
    into last from public.closed_statements
    where closed_statements.partner_id = new.partner_id and closed_statements.currency = new.currency
    order by closed_statements.number desc limit 1;
  if new.number <> coalesce(last.number, 0) + 1 or new.from_day < last.until_day
     or new.opening_minor <> coalesce(last.carried_minor, 0) then
    raise exception 'statements: each follows the one before' using errcode = 'check_violation';
  end if;
  select coalesce(sum(closed_lines.amount_minor) filter (where adjustment is null), 0) as lines,
      coalesce(sum(closed_lines.amount_minor) filter (where adjustment is not null), 0) as adjusted,
      count(*) filter (where adjustment is null) as line_count,
      count(*) filter (where adjustment is not null) as adjustment_count
    into stated from public.closed_lines
    where closed_lines.partner_id = new.partner_id and closed_lines.currency = new.currency
      and closed_lines.number = new.number;
  if new.accrued_minor + new.reversed_minor <> stated.lines or new.adjusted_minor <> stated.adjusted
     or new.line_count <> stated.line_count or new.adjustment_count <> stated.adjustment_count then
    raise exception 'statements: it states what its lines add up to' using errcode = 'check_violation';
  end if;
  return new;
end
$$;
create trigger statements_follow before insert on closed_statements
  for each row execute function keep_statement_chain();

create function refuse_line_of_closed() returns trigger language plpgsql
  set search_path = pg_catalog, pg_temp as $$
begin
  if exists (
    select 1 from (select distinct partner_id, currency, number from added) as added
      join public.closed_statements on closed_statements.partner_id = added.partner_id
        and closed_statements.currency = added.currency and closed_statements.number = added.number
  ) then
    raise exception 'append-only: a closed statement gets no further line'
      using errcode = 'insufficient_privilege';
  end if;
  return null;
end
$$;
create trigger closed_is_closed after insert on closed_lines
  referencing new table as added for each statement execute function refuse_line_of_closed();
create trigger closed_is_closed after insert on closed_pages
  referencing new table as added for each statement execute function refuse_line_of_closed();

-- That its hash stands in the partner's log: before that nobody outside is shown the statement.
create table logged_statements (
  partner_id uuid not null,
  currency text not null,
  number integer not null,
  entry_id uuid not null,
  logged_at timestamptz not null,
  created_at timestamptz not null default now(),
  constraint logged_statements_key primary key (partner_id, currency, number),
  constraint logged_is_closed foreign key (partner_id, currency, number)
    references closed_statements (partner_id, currency, number)
);

create table approved_statements (
  partner_id uuid not null,
  currency text not null,
  number integer not null,
  approved_by text not null references staff (id),
  approved_at timestamptz not null,
  created_at timestamptz not null default now(),
  constraint approved_statements_key primary key (partner_id, currency, number),
  constraint approved_is_closed foreign key (partner_id, currency, number)
    references closed_statements (partner_id, currency, number)
);
create index approved_statements_approved_by on approved_statements (approved_by);

create function keep_second_person() returns trigger language plpgsql
  set search_path = pg_catalog, pg_temp as $$
begin
  if exists (
    select 1 from public.closed_statements
    where closed_statements.partner_id = new.partner_id and closed_statements.currency = new.currency
      and closed_statements.number = new.number and closed_statements.closed_by = new.approved_by
  ) then
    raise exception 'statements: a second person approves' using errcode = 'insufficient_privilege';
  end if;
  return new;
end
$$;
create trigger second_person_approves before insert on approved_statements
  for each row execute function keep_second_person();

-- Only what is approved is paid, once, and by an entry of the ledger.
create table paid_statements (
  partner_id uuid not null,
  currency text not null,
  number integer not null,
  -- What the bank or the payment run calls it.
  reference text not null check (length(reference) between 1 and 200),
  entry_id uuid not null,
  paid_by text not null references staff (id),
  paid_at timestamptz not null,
  created_at timestamptz not null default now(),
  constraint paid_statements_key primary key (partner_id, currency, number),
  constraint paid_is_approved foreign key (partner_id, currency, number)
    references approved_statements (partner_id, currency, number),
  constraint paid_is_posted foreign key (partner_id, entry_id)
    references ledger_entries (partner_id, entry_id)
);
create index paid_statements_paid_by on paid_statements (paid_by);
create index paid_statements_entry on paid_statements (partner_id, entry_id);

create trigger refuse_change before update or delete on ledger_entries
  for each row execute function refuse_change();
create trigger refuse_truncate before truncate on ledger_entries
  for each statement execute function refuse_change();
create trigger refuse_change before update or delete on ledger_lines
  for each row execute function refuse_change();
create trigger refuse_truncate before truncate on ledger_lines
  for each statement execute function refuse_change();
create trigger refuse_change before update or delete on closed_lines
  for each row execute function refuse_change();
create trigger refuse_truncate before truncate on closed_lines
  for each statement execute function refuse_change();
create trigger refuse_change before update or delete on closed_pages
  for each row execute function refuse_change();
create trigger refuse_truncate before truncate on closed_pages
  for each statement execute function refuse_change();
create trigger refuse_change before update or delete on closed_statements
  for each row execute function refuse_change();
create trigger refuse_truncate before truncate on closed_statements
  for each statement execute function refuse_change();
create trigger refuse_change before update or delete on logged_statements
  for each row execute function refuse_change();
create trigger refuse_truncate before truncate on logged_statements
  for each statement execute function refuse_change();
create trigger refuse_change before update or delete on approved_statements
  for each row execute function refuse_change();
create trigger refuse_truncate before truncate on approved_statements
  for each statement execute function refuse_change();
create trigger refuse_change before update or delete on paid_statements
  for each row execute function refuse_change();
create trigger refuse_truncate before truncate on paid_statements
  for each statement execute function refuse_change();

grant select on ledger_accounts to sluice_app;
grant select, insert on ledger_entries, ledger_lines to sluice_app;
grant select, insert on closed_lines, closed_pages, closed_statements to sluice_app;
grant select, insert on logged_statements, approved_statements, paid_statements to sluice_app;
