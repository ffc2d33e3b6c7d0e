-- Who may call. The key itself is shown once and never stored: only its SHA-256.
CREATE TABLE api_key (
    key_id       text PRIMARY KEY,                      -- the public part, which finds the row
    secret_hash  bytea NOT NULL,                        -- SHA-256 of the secret part (256 random bits: no slow hash needed)
    tenant       text NOT NULL,
    name         text NOT NULL,
    scopes       text[] NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    expires_at   timestamptz,
    revoked_at   timestamptz,
    last_used_at timestamptz
);
