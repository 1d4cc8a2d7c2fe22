-- Storage of the sandbox. Objects are kept as the JSON that the API answers, plus what the
-- program must remember and never shows (`private`).
CREATE TABLE IF NOT EXISTS object (
  seq      INTEGER PRIMARY KEY AUTOINCREMENT,
  id       TEXT NOT NULL UNIQUE,
  kind     TEXT NOT NULL,
  customer TEXT,
  parent   TEXT,
  created  INTEGER NOT NULL,
  body     TEXT NOT NULL,
  private  TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS object_by_kind ON object (kind, seq);
CREATE INDEX IF NOT EXISTS object_by_customer ON object (kind, customer, seq);
CREATE INDEX IF NOT EXISTS object_by_parent ON object (kind, parent, seq);

-- At most one row an invoice: a second successful charge violates the key, so it cannot commit.
CREATE TABLE IF NOT EXISTS paid_invoice (
  invoice TEXT PRIMARY KEY,
  charge  TEXT NOT NULL
) STRICT;

-- Work that falls due: on a test clock, or (clock = '') on the wall clock.
CREATE TABLE IF NOT EXISTS timer (
  kind   TEXT NOT NULL,
  object TEXT NOT NULL,
  clock  TEXT NOT NULL,
  due_s  INTEGER NOT NULL,
  PRIMARY KEY (kind, object)
) STRICT;
CREATE INDEX IF NOT EXISTS timer_by_time ON timer (clock, due_s);

CREATE TABLE IF NOT EXISTS idempotency (
  key         TEXT PRIMARY KEY,
  fingerprint TEXT NOT NULL,
  created_s   INTEGER NOT NULL,
  status      INTEGER NOT NULL,
  body        TEXT NOT NULL,
  request     TEXT NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS delivery (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  event      TEXT NOT NULL,
  endpoint   TEXT NOT NULL,
  customer   TEXT,
  state      TEXT NOT NULL CHECK (state IN ('pending', 'delivered', 'failed')),
  attempts   INTEGER NOT NULL DEFAULT 0,
  next_at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS delivery_due ON delivery (state, next_at_ms);
CREATE INDEX IF NOT EXISTS delivery_by_event ON delivery (event);

CREATE TABLE IF NOT EXISTS delivery_attempt (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  event       TEXT NOT NULL,
  type        TEXT NOT NULL,
  endpoint    TEXT NOT NULL,
  customer    TEXT,
  at_ms       INTEGER NOT NULL,
  duration_ms INTEGER NOT NULL,
  status      INTEGER,
  error       TEXT,
  cause       TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS delivery_attempt_by_customer ON delivery_attempt (customer, id);

CREATE TABLE IF NOT EXISTS fault (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  method      TEXT NOT NULL,
  path_prefix TEXT NOT NULL,
  mode        TEXT NOT NULL,
  ms          INTEGER NOT NULL,
  times_left  INTEGER NOT NULL
) STRICT;

-- Answers that a test ordered from the bank. A column without a value fits everybody.
CREATE TABLE IF NOT EXISTS bank_order (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  customer   TEXT,
  card       TEXT,
  moment     TEXT NOT NULL CHECK (moment IN ('charge', 'setup')),
  answer     TEXT NOT NULL,
  times_left INTEGER NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
