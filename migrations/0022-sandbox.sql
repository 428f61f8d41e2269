-- A client of the sandbox gets made-up records in the forms of the real ones, and never a real one. It
-- is one from its beginning to its end, so that no token changes what it opens.
-- Owner of this table: clients.

alter table clients add column is_sandbox boolean not null default false;
