-- What customers are to be told about their cancellations and pauses. One row for each, written
-- once. Whoever sends it sets sent_at_ms.
CREATE TABLE notice (
    merchant TEXT NOT NULL,
    customer TEXT NOT NULL,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    -- JSON; of a receipt all its lines.
    content TEXT NOT NULL,
    due_at_ms INTEGER NOT NULL,
    sent_at_ms INTEGER,
    PRIMARY KEY (merchant, id)
) STRICT;
CREATE INDEX notice_waiting ON notice (merchant, due_at_ms) WHERE sent_at_ms IS NULL;
