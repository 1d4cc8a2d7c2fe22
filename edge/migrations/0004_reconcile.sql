-- Why an event is kept and not acted on, and of which connected account it is.
ALTER TABLE inbox ADD COLUMN account TEXT;
ALTER TABLE inbox ADD COLUMN note TEXT;

-- When the janitor knocked last at an account that should have woken by itself.
ALTER TABLE account_view ADD COLUMN knocked_at_ms INTEGER;
CREATE INDEX account_view_lost ON account_view (projected_at_ms)
    WHERE wake_at_ms IS NULL AND open_cases > 0;

-- How far the janitor has come with what it works off over many runs.
CREATE TABLE cursor (
    merchant TEXT NOT NULL,
    name TEXT NOT NULL,
    -- JSON, of one of the types in `reconcile/sweep.rs`.
    record TEXT NOT NULL,
    updated_at_ms INTEGER NOT NULL,
    PRIMARY KEY (merchant, name)
) STRICT;
