-- The read model: what people look at. Decisions never read it. A row is only replaced by a newer
-- one.
CREATE TABLE account_view (
    merchant TEXT NOT NULL,
    customer TEXT NOT NULL,
    version INTEGER NOT NULL,
    state TEXT NOT NULL,
    access TEXT NOT NULL,
    open_cases INTEGER NOT NULL,
    -- When the account wants to be looked at next, milliseconds since the epoch; NULL: it rests.
    wake_at_ms INTEGER,
    projected_at_ms INTEGER NOT NULL,
    PRIMARY KEY (merchant, customer)
) STRICT;
CREATE INDEX account_view_wake ON account_view (wake_at_ms) WHERE wake_at_ms IS NOT NULL;

CREATE TABLE recovery (
    merchant TEXT NOT NULL,
    customer TEXT NOT NULL,
    invoice TEXT NOT NULL,
    version INTEGER NOT NULL,
    state TEXT NOT NULL,
    amount_due_minor INTEGER NOT NULL,
    currency TEXT NOT NULL,
    decline TEXT,
    attempts INTEGER NOT NULL,
    opened_at_ms INTEGER NOT NULL,
    closed_at_ms INTEGER,
    recovered_by TEXT,
    PRIMARY KEY (merchant, invoice)
) STRICT;
CREATE INDEX recovery_open ON recovery (merchant, opened_at_ms);

-- Events that name no customer. The janitor finds out whose they are.
CREATE TABLE inbox (
    event TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    raw TEXT NOT NULL,
    received_at_ms INTEGER NOT NULL,
    -- waiting: has a charge to look up · done: routed · recorded: nothing to do · failed: given up
    status TEXT NOT NULL CHECK (status IN ('waiting', 'done', 'recorded', 'failed')),
    tries INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX inbox_waiting ON inbox (received_at_ms) WHERE status = 'waiting';
