-- Keys that a client hosts itself, and when its credentials were last used. Owner of these tables:
-- clients.

-- The JWK Set of the client; its keys are kept in client_keys as they were last found there.
alter table clients add column jwks_uri text
  check (jwks_uri is null
    or (jwks_uri ~ '^https://' and length(jwks_uri) <= 2000 and auth_method = 'private_key_jwt'));
alter table clients add column keys_fetched_at timestamptz;
alter table clients add column keys_tried_at timestamptz;

-- By the hour: it tells which credential is still in use.
alter table client_secrets add column used_at timestamptz;
alter table client_keys add column used_at timestamptz;

grant update (keys_fetched_at, keys_tried_at) on clients to sluice_app;
grant update (used_at) on client_secrets, client_keys to sluice_app;
