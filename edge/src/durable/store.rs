//! The Account's SQLite: the record, the events seen, the attempts made, notes, the outbox.
//!
//! Everything that belongs to one event is one [`Commit`] and one synchronous transaction.

mod history;

use reprieve_core::account::Account;
use reprieve_core::calendar::Zone;
use reprieve_core::case::JournalEntry;
use reprieve_core::id::EventId;
use reprieve_core::record::{AccountRecord, RecordVersion};
use reprieve_core::time::{DAY_MS, Timestamp};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::prelude::{Closure, wasm_bindgen};
use wasm_bindgen::{JsCast, JsValue};
use worker::{SqlStorage, SqlStorageValue as Value, State};

/// How long an event is kept, for the question "was this seen?" and for people who look into a
/// case.
pub const EVENT_KEPT_MS: i64 = 30 * DAY_MS;
/// The most messages taken from the outbox at once; a queue takes 100.
pub const OUTBOX_BATCH_MAX: usize = 50;

const SCHEMA: &[&str] = &[
    "CREATE TABLE IF NOT EXISTS account (
        id INTEGER PRIMARY KEY CHECK (id = 1), version INTEGER NOT NULL, record TEXT NOT NULL
    ) STRICT",
    "CREATE TABLE IF NOT EXISTS event (
        id TEXT PRIMARY KEY, kind TEXT NOT NULL, received_at_ms INTEGER NOT NULL, raw TEXT NOT NULL
    ) STRICT",
    "CREATE INDEX IF NOT EXISTS event_received ON event (received_at_ms)",
    "CREATE TABLE IF NOT EXISTS attempt (
        seq INTEGER PRIMARY KEY, invoice TEXT NOT NULL, number INTEGER NOT NULL,
        step TEXT NOT NULL CHECK (step IN ('started', 'ended')), key TEXT, method TEXT, detail TEXT,
        at_ms INTEGER NOT NULL
    ) STRICT",
    // Why an automatic attempt was made when it was: the core's `RetryDecision` as JSON, and one
    // sentence for people.
    "CREATE TABLE IF NOT EXISTS decision (
        key TEXT PRIMARY KEY, invoice TEXT NOT NULL, number INTEGER NOT NULL,
        decision TEXT NOT NULL, sentence TEXT NOT NULL, at_ms INTEGER NOT NULL
    ) STRICT",
    // What the customer is to be told of, or was led to: `method_renewed` with the method,
    // `page_opened` without anything.
    "CREATE TABLE IF NOT EXISTS note (
        seq INTEGER PRIMARY KEY, kind TEXT NOT NULL, subject TEXT, at_ms INTEGER NOT NULL
    ) STRICT",
    // Cancellations and pauses: every step, with what was shown and how likely that was.
    "CREATE TABLE IF NOT EXISTS leaving (
        seq INTEGER PRIMARY KEY, cancellation TEXT NOT NULL, entry TEXT NOT NULL, detail TEXT,
        at_ms INTEGER NOT NULL
    ) STRICT",
    "CREATE TABLE IF NOT EXISTS complaint (
        id TEXT PRIMARY KEY, category TEXT NOT NULL, text TEXT NOT NULL, invoice TEXT,
        cancellation TEXT, at_ms INTEGER NOT NULL
    ) STRICT",
    "CREATE TABLE IF NOT EXISTS outbox (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, payload TEXT NOT NULL
    ) STRICT",
];

/// Storage did not do what was asked; nothing of it was kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("account storage: {0}")]
pub struct StoreError(pub String);

/// An event as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenEvent {
    /// The provider's id.
    pub id: EventId,
    /// The provider's name for its kind.
    pub kind: String,
    /// The body.
    pub raw: String,
}

/// Everything that one event changes.
#[derive(Clone, Debug)]
pub struct Commit {
    /// The new state; `None`: as it was.
    pub account: Option<Account>,
    /// The event that is now seen.
    pub seen: Option<SeenEvent>,
    /// Lines of history.
    pub journal: Vec<JournalEntry>,
    /// A message for the read model.
    pub outbox: Option<String>,
    /// When the object is to be called again. Set in the same turn as the writes, so that no crash
    /// leaves work behind that nobody comes back to.
    pub alarm: Option<Timestamp>,
    /// When.
    pub at: Timestamp,
}

/// One message that waits.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct OutboxRow {
    /// Its place.
    pub seq: i64,
    /// JSON.
    pub payload: String,
}

/// What the service needs of storage. The tests have one that forgets and fails on demand.
pub trait AccountStore {
    /// The account; `None` before its first commit.
    fn load(&self) -> Result<Option<Account>, StoreError>;
    /// Whether an event was committed before.
    fn is_seen(&self, event: &EventId) -> Result<bool, StoreError>;
    /// All or nothing.
    fn commit(&self, commit: Commit) -> Result<(), StoreError>;
    /// When the customer was last led to the provider's own page.
    fn page_opened_at(&self) -> Result<Option<Timestamp>, StoreError>;
    /// Writes down that the customer is led there now.
    fn note_page_opened(&self, at: Timestamp) -> Result<(), StoreError>;
    /// Whether a message waits.
    fn has_outbox(&self) -> Result<bool, StoreError>;
}

/// The object's own SQLite.
pub struct SqlStore {
    sql: SqlStorage,
    storage: JsValue,
    has_tables: Cell<bool>,
    /// Whether the tables are those of this program: an object of an older one gets the new ones
    /// with its first write.
    is_current: Cell<bool>,
}

#[wasm_bindgen]
extern "C" {
    /// Methods of `ctx.storage` that the `worker` crate does not bind, or not synchronously.
    type RawStorage;
    #[wasm_bindgen(method, catch, js_name = transactionSync)]
    fn transaction_sync(this: &RawStorage, work: &JsValue) -> Result<JsValue, JsValue>;
    /// Bound by the crate only as a future; here it has to happen in the same turn as the writes.
    /// The promise needs no awaiting: the runtime holds answers back until it is on disk.
    #[wasm_bindgen(method, catch, js_name = setAlarm)]
    fn set_alarm(this: &RawStorage, at_ms: f64) -> Result<JsValue, JsValue>;
}

impl SqlStore {
    /// Opens the object's database. Tables are made by the first write: whoever only asks about a
    /// customer of whom nothing is known leaves nothing on disk, and most customers are such.
    pub fn open(state: &State) -> Result<Self, StoreError> {
        let storage = state.storage();
        let raw: &JsValue = storage.as_raw().as_ref();
        let sql = storage.sql();
        let query = "SELECT 1 AS one FROM sqlite_master WHERE type = 'table' AND name = 'account'";
        let found: Vec<Found> = rows(&sql, query, Vec::new())?;
        let has_tables = Cell::new(!found.is_empty());
        Ok(Self { sql, storage: raw.clone(), has_tables, is_current: Cell::new(false) })
    }

    /// Rows of a query, none while there are no tables.
    fn rows<T: DeserializeOwned>(
        &self,
        query: &str,
        bindings: Vec<Value>,
    ) -> Result<Vec<T>, StoreError> {
        if self.has_tables.get() { rows(&self.sql, query, bindings) } else { Ok(Vec::new()) }
    }

    fn make_tables(&self) -> Result<(), StoreError> {
        if self.is_current.get() {
            return Ok(());
        }
        let sql = self.sql.clone();
        self.transaction(move || {
            SCHEMA.iter().try_for_each(|statement| exec(&sql, statement, Vec::new()))
        })?;
        self.has_tables.set(true);
        self.is_current.set(true);
        Ok(())
    }

    fn make_tables_if_any(&self) -> Result<(), StoreError> {
        if self.has_tables.get() { self.make_tables() } else { Ok(()) }
    }

    /// The oldest messages that wait.
    pub fn outbox(&self) -> Result<Vec<OutboxRow>, StoreError> {
        let limit = i64::try_from(OUTBOX_BATCH_MAX).unwrap_or(1);
        let query = "SELECT seq, payload FROM outbox ORDER BY seq LIMIT ?";
        self.rows(query, vec![Value::Integer(limit)])
    }

    /// Forgets messages that were handed over.
    pub fn delete_outbox(&self, up_to_seq: i64) -> Result<(), StoreError> {
        let bindings = vec![Value::Integer(up_to_seq)];
        exec(&self.sql, "DELETE FROM outbox WHERE seq <= ?", bindings)
    }

    /// Forgets events that are older than [`EVENT_KEPT_MS`].
    pub fn prune_events(&self, now: Timestamp) -> Result<(), StoreError> {
        let before = Value::Integer(now.plus_ms(-EVENT_KEPT_MS).as_ms());
        exec(&self.sql, "DELETE FROM event WHERE received_at_ms < ?", vec![before])
    }

    /// Runs `work` in one transaction: an error rolls everything back.
    fn transaction(
        &self,
        work: impl FnOnce() -> Result<(), StoreError> + 'static,
    ) -> Result<(), StoreError> {
        let outcome = Rc::new(RefCell::new(None));
        let slot = Rc::clone(&outcome);
        let callback = Closure::once_into_js(move || {
            let result = work();
            let rolled_back = result.as_ref().err().map(|error| JsValue::from_str(&error.0));
            *slot.borrow_mut() = Some(result);
            rolled_back.map_or(Ok(()), Err)
        });
        let raw: &RawStorage = self.storage.unchecked_ref();
        let committed = raw.transaction_sync(&callback);
        match (outcome.borrow_mut().take(), committed) {
            (Some(Err(error)), _) => Err(error),
            (_, Err(error)) => Err(StoreError(format!("{error:?}"))),
            (_, Ok(_)) => Ok(()),
        }
    }
}

impl AccountStore for SqlStore {
    fn load(&self) -> Result<Option<Account>, StoreError> {
        #[derive(Deserialize)]
        struct Row {
            record: String,
        }
        let found: Vec<Row> = self.rows("SELECT record FROM account", Vec::new())?;
        let Some(row) = found.first() else { return Ok(None) };
        read_record(&row.record).map(Some)
    }

    fn is_seen(&self, event: &EventId) -> Result<bool, StoreError> {
        let bindings = vec![Value::from(event.as_str())];
        let found: Vec<Found> = self.rows("SELECT 1 AS one FROM event WHERE id = ?", bindings)?;
        Ok(!found.is_empty())
    }

    fn commit(&self, commit: Commit) -> Result<(), StoreError> {
        self.make_tables()?;
        let (sql, alarm) = (self.sql.clone(), commit.alarm);
        self.transaction(move || write(&sql, commit))?;
        let Some(at) = alarm else { return Ok(()) };
        let raw: &RawStorage = self.storage.unchecked_ref();
        raw.set_alarm(at.as_ms() as f64)
            .map(|_| ())
            .map_err(|error| StoreError(format!("{error:?}")))
    }

    fn page_opened_at(&self) -> Result<Option<Timestamp>, StoreError> {
        #[derive(Deserialize)]
        struct Row {
            at_ms: i64,
        }
        // An object of an older program has no such table before its next write.
        self.make_tables_if_any()?;
        let query = "SELECT at_ms FROM note WHERE kind = 'page_opened' ORDER BY seq DESC LIMIT 1";
        let found: Vec<Row> = self.rows(query, Vec::new())?;
        Ok(found.first().map(|row| Timestamp::from_ms(row.at_ms)))
    }

    fn note_page_opened(&self, at: Timestamp) -> Result<(), StoreError> {
        self.make_tables()?;
        let query = "INSERT INTO note (kind, at_ms) VALUES ('page_opened', ?)";
        exec(&self.sql, query, vec![Value::Integer(at.as_ms())])
    }

    fn has_outbox(&self) -> Result<bool, StoreError> {
        let found: Vec<Found> = self.rows("SELECT 1 AS one FROM outbox LIMIT 1", Vec::new())?;
        Ok(!found.is_empty())
    }
}

/// The version first: a newer record may have any shape.
fn read_record(text: &str) -> Result<Account, StoreError> {
    let failed = |error: serde_json::Error| StoreError(error.to_string());
    let version: RecordVersion = serde_json::from_str(text).map_err(failed)?;
    version.check().map_err(|error| StoreError(error.to_string()))?;
    let record: AccountRecord = serde_json::from_str(text).map_err(failed)?;
    Account::try_from(record).map_err(|error| StoreError(error.to_string()))
}

#[derive(Deserialize)]
struct Found {
    #[expect(dead_code, reason = "that there is a row is the answer")]
    one: i64,
}

fn write(sql: &SqlStorage, commit: Commit) -> Result<(), StoreError> {
    let at = Value::Integer(commit.at.as_ms());
    if let Some(event) = commit.seen {
        // No `OR IGNORE`: a second one is a bug of the caller and must not pass silently.
        let query = "INSERT INTO event (id, kind, received_at_ms, raw) VALUES (?, ?, ?, ?)";
        let id = Value::from(event.id.as_str());
        exec(sql, query, vec![id, event.kind.into(), at.clone(), event.raw.into()])?;
    }
    // Sentences name the customer's local time.
    let zone = commit.account.as_ref().and_then(|account| account.zone.clone());
    let zone = zone.unwrap_or_else(Zone::utc);
    for entry in &commit.journal {
        history::write(sql, entry, &zone, &at)?;
    }
    if let Some(account) = commit.account {
        let version = i64::try_from(account.version).map_err(|e| StoreError(e.to_string()))?;
        let record = serde_json::to_string(&AccountRecord::from(account))
            .map_err(|error| StoreError(error.to_string()))?;
        let query = "INSERT INTO account (id, version, record) VALUES (1, ?, ?)
            ON CONFLICT (id) DO UPDATE SET version = excluded.version, record = excluded.record";
        exec(sql, query, vec![Value::Integer(version), record.into()])?;
    }
    if let Some(payload) = commit.outbox {
        exec(sql, "INSERT INTO outbox (payload) VALUES (?)", vec![payload.into()])?;
    }
    Ok(())
}

fn exec(sql: &SqlStorage, query: &str, bindings: Vec<Value>) -> Result<(), StoreError> {
    sql.exec(query, bindings).map(|_| ()).map_err(|error| StoreError(error.to_string()))
}

fn rows<T: DeserializeOwned>(
    sql: &SqlStorage,
    query: &str,
    bindings: Vec<Value>,
) -> Result<Vec<T>, StoreError> {
    let cursor = sql.exec(query, bindings).map_err(|error| StoreError(error.to_string()))?;
    cursor.to_array().map_err(|error| StoreError(error.to_string()))
}
