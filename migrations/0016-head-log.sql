-- The head log: the log of logs. At each beat it gets one entry, the root of a tree in which every log
-- has one place. It is a log like the others (of the recipient 0000…, which nobody is), so it has its
-- rows in log_heads and disclosure_entries; the secret of a beat is its entry's secret.

-- How far a log had come at a beat. A row only where that changed: the last one up to a beat counts.
create table log_places (
  recipient_id uuid not null,
  -- The index of the beat's entry in the head log.
  beat bigint not null,
  origin text not null,
  size bigint not null,
  root bytea not null,
  created_at timestamptz not null default now(),
  constraint log_places_pkey primary key (recipient_id, beat),
  constraint log_places_beat_check check (beat >= 0),
  constraint log_places_size_check check (size >= 0),
  constraint log_places_root_check check (octet_length(root) = 32)
);

-- What witnesses said of a checkpoint of the head log: signature lines (C2SP tlog-cosignature).
create table log_cosignatures (
  recipient_id uuid not null,
  size bigint not null,
  -- The witness's verifier key.
  witness text not null,
  line text not null,
  created_at timestamptz not null default now(),
  constraint log_cosignatures_pkey primary key (recipient_id, size, witness),
  constraint log_cosignatures_size_check check (size > 0),
  constraint log_cosignatures_line_check check (line like '— %' and length(line) <= 1000)
);

create trigger refuse_change before update or delete on log_places
  for each row execute function refuse_change();
create trigger refuse_truncate before truncate on log_places
  for each statement execute function refuse_change();
create trigger refuse_change before update or delete on log_cosignatures
  for each row execute function refuse_change();
create trigger refuse_truncate before truncate on log_cosignatures
  for each statement execute function refuse_change();

grant select, insert (recipient_id, beat, origin, size, root) on log_places to sluice_app;
grant select, insert (recipient_id, size, witness, line) on log_cosignatures to sluice_app;
