-- Tokens bound to a client's key (RFC 9449). Owners of these tables: clients and tokens.

-- Whether a client gets no other tokens.
alter table clients add column dpop_required boolean not null default false;

-- SHA-256 thumbprint (RFC 7638) of the key that must sign for each use of the token, base64url.
alter table tokens add column jkt text check (jkt ~ '^[A-Za-z0-9_-]{43}$');
