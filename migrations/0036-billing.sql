-- Consolidated billing: since when a customer agreed that a partner bills our invoices to it, and what
-- the partner reported of each.

-- A relationship's billing mode from a day on: `direct` before its first row. Family: customer.
create table billing_modes (
  customer_id uuid not null,
  relationship_id uuid not null,
  sequence integer not null check (sequence > 0),
  partner_id uuid not null,
  service_id uuid not null,
  mode text not null check (mode in ('direct', 'consolidated')),
  from_day date not null check (isfinite(from_day)),
  -- How the customer said so.
  evidence text not null check (length(evidence) between 1 and 1000),
  actor text not null check (length(actor) between 1 and 200),
  booked_at timestamptz not null,
  created_at timestamptz not null default now(),
  constraint billing_modes_key primary key (customer_id, relationship_id, sequence),
  constraint mode_of_a_relationship foreign key (customer_id, relationship_id)
    references relationships (customer_id, relationship_id)
);
create index billing_modes_of_partner on billing_modes (partner_id, customer_id);

-- What a partner reported of an invoice, once under each of its references. Family: recipient (a
-- partner's id is its recipient id).
create table collection_reports (
  partner_id uuid not null,
  reference text not null check (length(reference) between 1 and 100),
  -- Its place among the partner's reports.
  number bigint not null check (number > 0),
  customer_id uuid not null,
  service_id uuid not null,
  invoice_id uuid not null,
  status text not null check (status in ('billed', 'collected', 'failed')),
  -- Minor units; null of a failure that takes nothing back.
  amount_minor bigint check (amount_minor > 0),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  at timestamptz not null check (isfinite(at)),
  -- Of a failure: why, and the reference of the collection that is taken back.
  -- `taken-back`: we took the invoice back.
  reason text check
    (reason in ('declined', 'returned', 'uncollectible', 'disputed', 'other', 'taken-back')),
  takes_back text,
  booked_at timestamptz not null,
  created_at timestamptz not null default now(),
  constraint collection_reports_key primary key (partner_id, reference),
  constraint reports_follow_each_other unique (partner_id, number),
  constraint only_a_failure_has_a_reason check ((status = 'failed') = (reason is not null)),
  constraint only_a_failure_takes_back check (takes_back is null or status = 'failed'),
  constraint an_amount_but_of_a_failure check
    ((amount_minor is null) = (status = 'failed' and takes_back is null)),
  constraint a_collection_is_taken_back_once unique (partner_id, takes_back),
  constraint what_is_taken_back_was_reported foreign key (partner_id, takes_back)
    references collection_reports (partner_id, reference)
);
create index collection_reports_of_invoice on collection_reports (partner_id, invoice_id);
create index collection_reports_of_customer on collection_reports (customer_id);

create trigger refuse_change before update or delete on billing_modes
  for each row execute function refuse_change();
create trigger refuse_truncate before truncate on billing_modes
  for each statement execute function refuse_change();
create trigger refuse_change before update or delete on collection_reports
  for each row execute function refuse_change();
create trigger refuse_truncate before truncate on collection_reports
  for each statement execute function refuse_change();

grant select, insert on billing_modes, collection_reports to sluice_app;
