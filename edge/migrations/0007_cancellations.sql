-- Everybody who wanted to leave, what they were shown and what became of it, so that the effect of
-- offers can be seen beside those who were held out. Decisions never read it.
CREATE TABLE cancellation (
    merchant TEXT NOT NULL,
    customer TEXT NOT NULL,
    id TEXT NOT NULL,
    subscription TEXT NOT NULL,
    version INTEGER NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    jurisdiction TEXT NOT NULL,
    segment TEXT NOT NULL,
    reason TEXT,
    policy_version INTEGER NOT NULL,
    -- There was an offer, and this customer is one of those who never see one.
    held_out INTEGER NOT NULL CHECK (held_out IN (0, 1)),
    -- JSON: what was shown, each with how likely that was, in millionths.
    offers TEXT NOT NULL,
    accepted TEXT,
    failed_offer TEXT,
    started_at_ms INTEGER NOT NULL,
    shown_at_ms INTEGER,
    confirmed_at_ms INTEGER,
    closed_at_ms INTEGER,
    -- When the subscription was seen to be over, for whatever reason.
    subscription_ended_at_ms INTEGER,
    PRIMARY KEY (merchant, id)
) STRICT;
CREATE INDEX cancellation_started ON cancellation (merchant, started_at_ms);
