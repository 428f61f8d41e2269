-- Joint records: for each partner the records of its joint customers, already cut to the widest view
-- its kind may ever have. They are written in the transaction that changes a record or a relationship
-- and are all that a partner's reads can touch. Family: recipient.
--
-- One column per class. It holds for each field, by its path, the text that the field has on the
-- wire: {"billing.address.city": "\"city\":\"Springfield\""}. A view picks texts by name and joins
-- them; nothing is parsed and nothing is cut out.

create table joint_records (
  recipient_id uuid not null,
  record_type text not null,
  -- made of the customer's and the record's pairwise ids: meaningless, never changes
  position uuid not null,
  record_id uuid not null,
  customer_id uuid not null,
  subject_number integer not null,
  -- the customer's pairwise id for this recipient
  subject_id text not null,
  kind text not null check (kind in ('referral', 'integration')),
  -- the services whose relationships show the record; which of them the agreement covers is decided
  -- at the read
  services uuid[] not null check (cardinality(services) > 0),
  -- ids and keys, as pairwise ids
  reference jsonb not null,
  -- null where the record has nothing of the class
  contact jsonb,
  contact_email jsonb,
  contact_additional jsonb,
  account jsonb,
  financial jsonb,
  billing jsonb,
  business jsonb,
  primary key (recipient_id, record_type, position),
  unique (recipient_id, record_type, record_id),
  -- promise P14: a referral partner's rows hold no business data at all, and its kind is the
  -- partner's own
  foreign key (recipient_id, kind) references partners (id, kind),
  constraint no_business_for_referral_partners check (kind <> 'referral' or business is null)
);
-- A compressed column would be unpacked anew for each field that is picked: up to 8 KB stay as they are.
alter table joint_records set (toast_tuple_target = 8160);
create index joint_records_of_customer on joint_records (recipient_id, customer_id);

-- The second line: without a recipient set for the transaction, no row exists for the reader.
alter table joint_records enable row level security;
create policy reader_sees_its_recipient on joint_records for select to sluice_reader
  using (recipient_id = nullif(current_setting('app.recipient', true), '')::uuid);
create policy app_keeps_them_right on joint_records for all to sluice_app using (true) with check (true);

grant select, insert, update, delete on joint_records to sluice_app;
-- The internal customer id is not among them.
grant select (recipient_id, record_type, position, record_id, subject_number, subject_id, services, reference,
  contact, contact_email, contact_additional, account, financial, billing, business)
  on joint_records to sluice_reader;
