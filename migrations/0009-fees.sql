-- Fees: what each payment earned for a partner and what refunds took back, with the explanation of
-- each line. Until a statement is closed every line is a draft: it follows from relationships,
-- payments, refunds and agreements, and is replaced when they say otherwise. Family: recipient
-- (a partner's id is its recipient id).

-- One row a partner: locked while its lines are computed, and the memory of when they were.
create table fee_computations (
  partner_id uuid not null primary key,
  computed_at timestamptz not null
);

create table fee_accruals (
  partner_id uuid not null,
  line_id uuid not null,
  kind text not null check (kind in ('accrual', 'reversal')),
  customer_id uuid not null,
  service_id uuid not null,
  payment_id uuid not null,
  refund_id uuid,
  reverses_line_id uuid,
  settled_at timestamptz not null,
  occurred_at timestamptz not null,
  month text not null check (month ~ '^[0-9]{4}-(0[1-9]|1[0-2])$'),
  available_on date not null,
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  base_minor bigint not null,
  fee_minor bigint not null,
  rate_percent text not null check (rate_percent ~ '^(0|[1-9][0-9]*)([.][0-9]{1,6})?$'),
  rounding text not null check (rounding in ('half-even', 'half-up', 'down')),
  agreement_version integer not null check (agreement_version > 0),
  because text check (because in ('currency-not-agreed', 'refund-currency-differs')),
  -- kept as the text it was made as, so that the same computation has the same bytes
  explanation json not null,
  -- SHA-256 of the whole line: a changed computation is found without reading its columns
  fingerprint bytea not null check (length(fingerprint) = 32),
  created_at timestamptz not null default now(),
  constraint fee_accruals_key primary key (partner_id, line_id),
  constraint reversal_names_its_line
    check ((kind = 'reversal') = (refund_id is not null and reverses_line_id is not null)),
  constraint no_fee_with_a_reason check (because is null or fee_minor = 0)
);
create index fee_accruals_of_customer on fee_accruals (partner_id, customer_id);
create index fee_accruals_of_month on fee_accruals (partner_id, month, line_id);
create index fee_accruals_of_statement on fee_accruals (partner_id, currency, available_on, line_id);
create index fee_accruals_by_line on fee_accruals (line_id);

grant select, insert, update on fee_computations to sluice_app;
grant select, insert, update, delete on fee_accruals to sluice_app;
