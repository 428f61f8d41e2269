-- The policy as data: versions that never change, announced with a notice, in force only after the
-- notice has run (P03). The gate stands here and not in the program, so that no configuration, no
-- role of the gateway and no statement of the application can shorten a notice that runs.

-- The working days of a country. Written by the owner alone, when the database is brought up to
-- date; a day once written stays as it is, so a notice is counted by the days it began with.
create table calendar_days (
  country text not null check (country ~ '^[A-Z]{2}$'),
  day date not null,
  is_working boolean not null,
  -- The holiday, or null.
  name text check (length(name) between 1 and 200),
  primary key (country, day)
);

create table policy_versions (
  version text primary key check (version ~ '^[a-z0-9][a-z0-9.-]{0,39}$'),
  -- In the order in which they were announced.
  number bigint not null generated always as identity unique,
  document jsonb not null check (document ->> 'version' = version),
  -- SHA-256 of the document's canonical JSON (RFC 8785), hexadecimal
  digest text not null check (digest ~ '^[0-9a-f]{64}$'),
  notice text not null check (notice ~ '\S' and length(notice) <= 20000),
  -- How whoever reads the notice can respond to it.
  response_directions text not null
    check (response_directions ~ '\S' and length(response_directions) <= 2000),
  notice_days integer not null check (notice_days between 10 and 365),
  -- How "thirty (10) business days" is read.
  reading text not null generated always as
    (case notice_days when 30 then 'thirty' when 10 then 'ten' else 'other' end) stored,
  -- Whose working days count, and where a day begins: kept, whatever is configured later.
  country text not null check (country ~ '^[A-Z]{2}$'),
  time_zone text not null check (length(time_zone) between 1 and 100),
  actor text not null check (length(actor) between 1 and 200),
  -- The database's own word, see policy_version_is_published.
  published_at timestamptz not null
);

create table policy_activations (
  version text primary key references policy_versions (version),
  actor text not null check (length(actor) between 1 and 200),
  -- The database's own word, see policy_version_takes_effect.
  effective_at timestamptz not null
);

-- How many whole working days of a notice have passed: the working days after the local day on
-- which it was published and before the local day of `at`. Neither the day of the notice counts nor
-- the one that has only begun, so of all readings none is longer. Null where the calendar does not
-- know every one of these days: what is unknown has not passed.
create function notice_days_run(country text, time_zone text, published_at timestamptz, at timestamptz)
  returns integer stable language sql set search_path = pg_catalog, pg_temp as $$
  select case
    when count(known.day) = greatest(span.until - span.since - 1, 0)
      then (count(known.day) filter (where known.is_working))::integer
  end
  from (select (published_at at time zone time_zone)::date as since,
               (at at time zone time_zone)::date as until) as span
  left join public.calendar_days as known
    on known.country = notice_days_run.country and known.day > span.since and known.day < span.until
  group by span.since, span.until
$$;

-- Serialises announcements and activations, each of which looks at what stands.
create function lock_policy() returns void volatile language sql set search_path = pg_catalog, pg_temp as $$
  select pg_advisory_xact_lock(7712)
$$;

create function policy_version_is_published() returns trigger language plpgsql
  set search_path = pg_catalog, pg_temp as $$
begin
  perform public.lock_policy();
  new.published_at := clock_timestamp();
  if not exists (select from pg_timezone_names where lower(name) = lower(new.time_zone)) then
    raise exception 'policy: the database does not know the time zone' using errcode = 'SL034';
  end if;
  if not exists (
    select from public.calendar_days
     where calendar_days.country = new.country
       and calendar_days.day = (new.published_at at time zone new.time_zone)::date
  ) then
    raise exception 'policy: the calendar does not have the country' using errcode = 'SL032';
  end if;
  return new;
end
$$;

-- The gate. The very first version is put in force by the owner of the tables, who brings the
-- database up to date: nothing was promised before it, so no notice runs.
create function policy_version_takes_effect() returns trigger language plpgsql
  set search_path = pg_catalog, pg_temp as $$
declare
  announced public.policy_versions;
  passed integer;
begin
  perform public.lock_policy();
  new.effective_at := clock_timestamp();
  select * into announced from public.policy_versions where policy_versions.version = new.version;
  if not found then
    raise exception 'policy: there is no such version' using errcode = 'foreign_key_violation';
  end if;
  if not exists (select from public.policy_activations) then
    if current_user = (select pg_get_userbyid(relowner) from pg_class where oid = tg_relid) then
      return new;
    end if;
    raise exception 'policy: the first version is installed, not activated' using errcode = 'SL033';
  end if;
  if exists (
    select from public.policy_activations
      join public.policy_versions on policy_versions.version = policy_activations.version
     where policy_versions.number > announced.number
  ) then
    raise exception 'policy: a later version is in force' using errcode = 'SL033';
  end if;
  passed := public.notice_days_run(
    announced.country, announced.time_zone, announced.published_at, new.effective_at);
  if passed is null then
    raise exception 'policy: the calendar does not cover the notice' using errcode = 'SL032';
  end if;
  if passed < announced.notice_days then
    raise exception 'policy: the notice runs, % of % working days have passed', passed, announced.notice_days
      using errcode = 'SL031';
  end if;
  return new;
end
$$;

-- A new policy bears on everybody's rights: no answer under way is logged under the old one. As the
-- tables' owner, because whoever activates a version must not be able to leave this out. The lock
-- waits for logs that are being opened, whose rights are being read, and keeps others out.
create function policy_change_raises_epochs() returns trigger language plpgsql security definer
  set search_path = pg_catalog, pg_temp as $$
begin
  lock table public.log_heads in share row exclusive mode;
  update public.log_heads set epoch = log_heads.epoch + 1;
  return null;
end
$$;

create trigger published before insert on policy_versions
  for each row execute function policy_version_is_published();
create trigger takes_effect before insert on policy_activations
  for each row execute function policy_version_takes_effect();
create trigger raises_epochs after insert on policy_activations
  for each statement execute function policy_change_raises_epochs();

create trigger refuse_change before update or delete on calendar_days
  for each row execute function refuse_change();
create trigger refuse_truncate before truncate on calendar_days
  for each statement execute function refuse_change();
create trigger refuse_change before update or delete on policy_versions
  for each row execute function refuse_change();
create trigger refuse_truncate before truncate on policy_versions
  for each statement execute function refuse_change();
create trigger refuse_change before update or delete on policy_activations
  for each row execute function refuse_change();
create trigger refuse_truncate before truncate on policy_activations
  for each statement execute function refuse_change();

revoke all on function notice_days_run(text, text, timestamptz, timestamptz), lock_policy(),
  policy_version_is_published(), policy_version_takes_effect(), policy_change_raises_epochs() from public;
grant execute on function notice_days_run(text, text, timestamptz, timestamptz), lock_policy() to sluice_app;

grant select on calendar_days to sluice_app;
grant select, insert (version, document, digest, notice, response_directions, notice_days, country,
  time_zone, actor) on policy_versions to sluice_app;
grant select, insert (version, actor) on policy_activations to sluice_app;
