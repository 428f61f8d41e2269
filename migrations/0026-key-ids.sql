-- A key can come back under another name (kid): its thumbprint, which is the key, does not tell.
grant update (jwk) on client_keys to sluice_app;
