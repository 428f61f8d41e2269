-- The life of a view's version: published by somebody, effective from a moment on, and over from
-- another. Rows stay as they are: when a version will be over is a row of its own, so that what was
-- known at any moment can be told later. Of several such rows the earliest moment counts: an end is
-- only ever brought forward. Where there is none, a version is over when its successor takes effect.

alter table views add column effective_at timestamptz, add column actor text;
alter table views disable trigger views_stay;
update views set effective_at = published_at, actor = 'operator';
alter table views enable trigger views_stay;
alter table views
  alter column effective_at set not null,
  alter column actor set not null,
  add constraint views_begin_no_earlier_than_published check (effective_at >= published_at),
  add constraint views_name_their_actor check (actor <> '' and length(actor) <= 200);

create table view_retirements (
  partner_id uuid not null,
  version integer not null,
  retires_at timestamptz not null,
  decided_at timestamptz not null,
  actor text not null check (actor <> '' and length(actor) <= 200),
  primary key (partner_id, version, retires_at),
  foreign key (partner_id, version) references views (partner_id, version),
  constraint no_view_is_retired_for_the_past check (retires_at >= decided_at)
);

create trigger view_retirements_stay before update or delete on view_retirements
  for each row execute function refuse_change();
create trigger view_retirements_are_not_emptied before truncate on view_retirements
  for each statement execute function refuse_change();

grant select, insert on view_retirements to sluice_app;
