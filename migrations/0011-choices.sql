-- Choices: what a customer said of the sharing of its data, with all partners or with one, and when
-- it changed its mind. Rows are only ever added: the last of each scope stands. What a choice closes
-- and opens is booked on the customer's relationships in the choice's own transaction, as a reason of
-- its own beside the opt-out about one service. Family: customer.

create table choices (
  customer_id uuid not null references customers (customer_id),
  sequence integer not null check (sequence > 0),
  -- null: all partners
  partner_id uuid references partners (id),
  sharing text not null check (sharing in ('refused', 'allowed')),
  -- when it holds; booked_at says when it became known
  at timestamptz not null,
  evidence text not null check (length(evidence) between 1 and 1000),
  actor text not null check (length(actor) between 1 and 200),
  booked_at timestamptz not null,
  primary key (customer_id, sequence),
  check (at <= booked_at)
);
create index choices_of_partner on choices (partner_id, customer_id);

create trigger choices_stay before update or delete on choices
  for each row execute function refuse_change();
create trigger choices_are_not_emptied before truncate on choices
  for each statement execute function refuse_change();

grant select, insert on choices to sluice_app;

alter table relationship_events drop constraint relationship_events_event_check;
alter table relationship_events add constraint relationship_events_event_check
  check (event in ('attributed', 'activated', 'connected', 'disconnected', 'suspended', 'resumed',
    'opted-out', 'opted-in', 'sharing-refused', 'sharing-allowed', 'ended'));
