-- The events by which payment processors tell of payments: every verified one by its id, so that none
-- is lost and none counts twice. Owner: processors.

create table processor_events (
  processor text not null check (processor in ('stripe')),
  event_id text not null check (length(event_id) between 1 and 255),
  type text not null check (length(type) between 1 and 255),
  occurred_at timestamptz not null check (isfinite(occurred_at)),
  received_at timestamptz not null,
  -- Of all that the event says: the same id with other words is not the same event.
  sha256 bytea not null check (length(sha256) = 32),
  state text not null check (state in ('applied', 'waiting', 'kept', 'rejected')),
  -- Why it made no record.
  reason text check (length(reason) between 1 and 200),
  -- Ids of the processor's by which the events of one payment find each other.
  links text[] not null,
  -- The event without a word about a person, while it can still be read anew.
  skeleton jsonb,
  -- What was made of it, once it is applied: ids, amounts and instants.
  facts jsonb,
  -- "payment in_1:store"
  record_keys text[] not null default '{}',
  changed_at timestamptz not null,
  created_at timestamptz not null default now(),
  constraint processor_events_key primary key (processor, event_id),
  constraint applied_is_read check ((state = 'applied') = (facts is not null)),
  constraint what_is_not_applied_can_be check ((state = 'applied') = (skeleton is null))
);
create index processor_events_links on processor_events using gin (links);
create index processor_events_by_state on processor_events (state, received_at);
create index processor_events_by_time on processor_events (received_at, event_id);

grant select, insert on processor_events to sluice_app;
grant update (state, reason, links, skeleton, facts, record_keys, changed_at)
  on processor_events to sluice_app;
