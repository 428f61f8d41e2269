-- What each partner may see, as versioned JSON Schemas. A published version is never edited, so that
-- a past disclosure can be understood by the view it went through.

create table views (
  partner_id uuid not null references partners (id),
  version integer not null check (version > 0),
  document jsonb not null,
  -- SHA-256 of the document's canonical JSON (RFC 8785), hexadecimal
  digest text not null check (digest ~ '^[0-9a-f]{64}$'),
  published_at timestamptz not null,
  primary key (partner_id, version)
);

create trigger views_stay before update or delete on views
  for each row execute function refuse_change();
create trigger views_are_not_emptied before truncate on views
  for each statement execute function refuse_change();

grant select, insert on views to sluice_app;
