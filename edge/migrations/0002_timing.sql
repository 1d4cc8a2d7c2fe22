-- What automatic attempts teach about their times, until the janitor has learned it.
CREATE TABLE timing_lesson (
    merchant TEXT NOT NULL,
    invoice TEXT NOT NULL,
    number INTEGER NOT NULL,
    -- The core's `TimingChoice` as JSON: what was seen, which arm, how likely the choice was.
    timing TEXT NOT NULL,
    is_success INTEGER NOT NULL CHECK (is_success IN (0, 1)),
    ended_at_ms INTEGER NOT NULL,
    -- Kept after learning, for comparisons between the arms.
    is_learned INTEGER NOT NULL DEFAULT 0 CHECK (is_learned IN (0, 1)),
    PRIMARY KEY (merchant, invoice, number)
) STRICT;
CREATE INDEX timing_lesson_waiting ON timing_lesson (merchant, ended_at_ms) WHERE is_learned = 0;

-- The model of each merchant: the core's `TimingRecord` as JSON.
CREATE TABLE timing_model (
    merchant TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    record TEXT NOT NULL
) STRICT;
