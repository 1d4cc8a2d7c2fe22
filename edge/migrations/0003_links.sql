-- Links to the hosted page. Of a link's secret only the hash is here, and of the browser that used
-- it first only the hash of what that browser drew.
CREATE TABLE link (
    id TEXT PRIMARY KEY,
    secret_hash TEXT NOT NULL UNIQUE,
    merchant TEXT NOT NULL,
    customer TEXT NOT NULL,
    mode TEXT NOT NULL CHECK (mode IN ('widget', 'provider')),
    -- fresh: nobody continued yet · opened: belongs to one browser · used: gave all its tokens
    state TEXT NOT NULL CHECK (state IN ('fresh', 'opened', 'used', 'revoked')),
    created_at_ms INTEGER NOT NULL,
    expires_at_ms INTEGER NOT NULL,
    opened_at_ms INTEGER,
    browser_hash TEXT,
    exchanges INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX link_customer ON link (merchant, customer, created_at_ms);
CREATE INDEX link_expires ON link (expires_at_ms);
