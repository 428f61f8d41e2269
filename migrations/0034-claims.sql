-- What partners claim for a period, as it came, with what was decided about it; and what finance
-- agreed to pay beside what the rules give: the next statement that is closed states it. Family:
-- recipient (a partner's id is its recipient id).

create table claims (
  partner_id uuid not null,
  claim_id uuid not null,
  period text not null check (period ~ '^[0-9]{4}-((0[1-9]|1[0-2])(-[12])?|Q[1-4])$'),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  -- Its place among the partner's claims for this period and currency: the last one counts.
  number integer not null check (number > 0),
  media text not null check (media in ('application/json', 'text/csv')),
  -- The bytes as they came; null once their time is over: the hash is left.
  content bytea,
  sha256 bytea not null check (length(sha256) = 32),
  line_count integer not null check (line_count > 0),
  total_minor bigint not null,
  -- Who of the operator's people brought it in; null: the partner itself did.
  brought_by text references staff (id),
  received_at timestamptz not null,
  kept_until timestamptz not null check (kept_until > received_at),
  created_at timestamptz not null default now(),
  constraint claims_key primary key (partner_id, claim_id),
  constraint claims_follow_each_other unique (partner_id, period, currency, number),
  constraint claim_has_one_currency unique (partner_id, claim_id, currency),
  constraint claim_hash_is_of_its_bytes check (content is null or sha256 = sha256(content))
);
create index claims_brought_by on claims (brought_by);
create index claims_to_forget on claims (kept_until) where content is not null;

-- A claim stays as it came, but that its bytes go when their time is over.
create function keep_claim() returns trigger language plpgsql
  set search_path = pg_catalog, pg_temp as $$
begin
  if tg_op = 'DELETE' or new.content is not null
     or (to_jsonb(new) - 'content') <> (to_jsonb(old) - 'content') then
    raise exception 'claims: a claim stays as it came' using errcode = 'insufficient_privilege';
  end if;
  return new;
end
$$;
create trigger claims_stay before update or delete on claims
  for each row execute function keep_claim();
create trigger refuse_truncate before truncate on claims
  for each statement execute function refuse_change();

-- What was decided about a claim, one after the other: the last one holds.
create table claim_decisions (
  partner_id uuid not null,
  claim_id uuid not null,
  number integer not null check (number > 0),
  decision text not null check (decision in ('disputed', 'accepted-ours', 'accepted-theirs')),
  -- The day until which a dispute is to be resolved.
  due_on date,
  reason text not null check (length(reason) between 1 and 500),
  -- What both sides came to when it was decided, and what differed no more than this was let pass.
  ours_minor bigint not null,
  theirs_minor bigint not null,
  tolerance_minor bigint not null check (tolerance_minor >= 0),
  decided_by text not null references staff (id),
  -- Where it took a second person.
  approved_by text references staff (id),
  decided_at timestamptz not null,
  created_at timestamptz not null default now(),
  constraint claim_decisions_key primary key (partner_id, claim_id, number),
  constraint decided_is_a_claim foreign key (partner_id, claim_id) references claims (partner_id, claim_id),
  constraint a_dispute_has_a_day check ((decision = 'disputed') = (due_on is not null)),
  constraint two_persons_are_two check (approved_by <> decided_by)
);
create index claim_decisions_decided_by on claim_decisions (decided_by);
create index claim_decisions_approved_by on claim_decisions (approved_by);
create unique index a_claim_is_accepted_once on claim_decisions (partner_id, claim_id)
  where decision <> 'disputed';

-- What finance agreed to pay beside what the rules give, because of a claim: once for each.
create table agreed_adjustments (
  partner_id uuid not null,
  -- The claim's.
  claim_id uuid not null,
  currency text not null,
  amount_minor bigint not null check (amount_minor <> 0),
  month text not null check (month ~ '^[0-9]{4}-(0[1-9]|1[0-2])$'),
  agreement_version integer not null check (agreement_version > 0),
  agreed_at timestamptz not null,
  created_at timestamptz not null default now(),
  constraint agreed_adjustments_key primary key (partner_id, claim_id),
  constraint agreed_because_of_a_claim foreign key (partner_id, claim_id, currency)
    references claims (partner_id, claim_id, currency)
);
create index agreed_adjustments_of_statement on agreed_adjustments (partner_id, currency);
create index agreed_adjustments_claim on agreed_adjustments (partner_id, claim_id, currency);

alter table closed_lines drop constraint closed_lines_adjustment_check;
alter table closed_lines add constraint closed_lines_adjustment_check
  check (adjustment in ('late', 'changed', 'withdrawn', 'claim'));
alter table closed_lines add constraint claims_are_adjustments
  check ((kind = 'claim') = (adjustment is not distinct from 'claim'));

create trigger refuse_change before update or delete on claim_decisions
  for each row execute function refuse_change();
create trigger refuse_truncate before truncate on claim_decisions
  for each statement execute function refuse_change();
create trigger refuse_change before update or delete on agreed_adjustments
  for each row execute function refuse_change();
create trigger refuse_truncate before truncate on agreed_adjustments
  for each statement execute function refuse_change();

-- A claim names customers by the partner's own reference.
create index relationships_by_reference on relationships (partner_id, reference)
  where reference is not null;
-- And payments, of which a fee may stand on another statement.
create index fee_accruals_of_payment on fee_accruals (partner_id, payment_id);
create index fee_accruals_of_customer on fee_accruals (partner_id, customer_id);

grant select, insert on claims, claim_decisions, agreed_adjustments to sluice_app;
grant update (content) on claims to sluice_app;
