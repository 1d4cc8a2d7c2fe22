-- Declarations of the public page (/cancel, /withdraw), by people who proved nothing. Written once,
-- with the notice that hands it on. Whoever has dealt with one sets closed_at_ms.
CREATE TABLE declaration (
    id TEXT PRIMARY KEY,
    merchant TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('ordinary', 'extraordinary', 'withdrawal')),
    -- JSON: name, email, number, contract, cause, end_date (NULL: as early as possible).
    content TEXT NOT NULL,
    received_at_ms INTEGER NOT NULL,
    closed_at_ms INTEGER,
    -- What was done, in a word of the merchant's.
    outcome TEXT
) STRICT;
CREATE INDEX declaration_open ON declaration (merchant, received_at_ms) WHERE closed_at_ms IS NULL;
CREATE INDEX declaration_received ON declaration (merchant, received_at_ms);
CREATE INDEX declaration_closed ON declaration (closed_at_ms) WHERE closed_at_ms IS NOT NULL;
