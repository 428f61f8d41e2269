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

-- Who is closed for a recipient while its joint records still stand: a customer with very many is
-- hidden by one row, in the transaction of the choice, and its records are removed after. Family:
-- recipient.
create table joint_closures (
  recipient_id uuid not null,
  customer_id uuid not null,
  -- the customer's number in the recipient's log, by which the reader knows it
  subject_number integer not null,
  primary key (recipient_id, customer_id)
);
create index joint_closures_of_customer on joint_closures (customer_id);

alter table joint_closures enable row level security;
create policy reader_sees_its_recipient on joint_closures for select to sluice_reader
  using (recipient_id = nullif(current_setting('app.recipient', true), '')::uuid);
create policy app_keeps_them_right on joint_closures for all to sluice_app using (true) with check (true);

grant select, insert, delete on joint_closures to sluice_app;
grant select (recipient_id, subject_number) on joint_closures to sluice_reader;

-- Whatever the reader asks, a closed customer's records do not exist for it. The list is read once a
-- statement, and is empty but for the seconds in which records are removed.
alter policy reader_sees_its_recipient on joint_records
  using (recipient_id = nullif(current_setting('app.recipient', true), '')::uuid
    and subject_number <> all (array(select joint_closures.subject_number from joint_closures
      where joint_closures.recipient_id = nullif(current_setting('app.recipient', true), '')::uuid)));
