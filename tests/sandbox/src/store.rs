//! Storage of objects in SQLite. Everything that one request changes commits in one transaction.

use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};
use serde_json::Value;

use crate::error::ApiError;
use crate::kind::Kind;

/// Most rows that one internal scan reads; more is a defect or a misuse of a test program.
pub(crate) const SCAN_ROWS_MAX: usize = 10_000;

/// Opens the database at `path`, or one in memory, and creates what is missing.
pub(crate) fn open(path: Option<&std::path::Path>) -> rusqlite::Result<Connection> {
    let connection = match path {
        Some(path) => Connection::open(path)?,
        None => Connection::open_in_memory()?,
    };
    // Write-ahead logging survives the end of the process at any moment; only a crash of the
    // machine may lose the last commits, which is good enough for a simulator.
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.execute_batch(include_str!("schema.sql"))?;
    for (table, column, kind) in LATER_COLUMNS {
        add_column(&connection, table, column, kind)?;
    }
    Ok(connection)
}

/// Columns that came after the first version; a directory of an older program gets them.
const LATER_COLUMNS: [(&str, &str, &str); 2] = [
    ("delivery", "loose", "INTEGER NOT NULL DEFAULT 0"),
    ("fault", "headers", "TEXT NOT NULL DEFAULT '{}'"),
];

fn add_column(
    connection: &Connection,
    table: &str,
    column: &str,
    kind: &str,
) -> rusqlite::Result<()> {
    let known: bool = connection.query_row(
        "SELECT EXISTS (SELECT 1 FROM pragma_table_info(?1) WHERE name = ?2)",
        [table, column],
        |row| row.get(0),
    )?;
    if known {
        return Ok(());
    }
    connection.execute_batch(&format!("ALTER TABLE {table} ADD COLUMN {column} {kind}"))
}

/// One stored object.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    /// What the API answers.
    pub(crate) body: Value,
    /// What the sandbox remembers about it and never shows.
    pub(crate) private: Value,
}

/// A new object's place in the lists.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Place<'a> {
    /// The customer that it belongs to.
    pub(crate) customer: Option<&'a str>,
    /// The object that it hangs on: an invoice's subscription, a charge's PaymentIntent.
    pub(crate) parent: Option<&'a str>,
}

/// A page of a list, newest first.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Query<'a> {
    pub(crate) customer: Option<&'a str>,
    pub(crate) parent: Option<&'a str>,
    /// Only objects older than this id.
    pub(crate) after: Option<&'a str>,
    /// Only objects newer than this id; the page is the one next to it.
    pub(crate) before: Option<&'a str>,
}

/// Access to the objects inside one transaction.
pub(crate) struct Store<'a> {
    /// The transaction, for the modules that own their table.
    pub(crate) tx: Transaction<'a>,
}

fn record(row: &Row<'_>) -> rusqlite::Result<(String, String)> {
    Ok((row.get(0)?, row.get(1)?))
}

fn parse((body, private): (String, String)) -> Result<Record, ApiError> {
    Ok(Record { body: serde_json::from_str(&body)?, private: serde_json::from_str(&private)? })
}

impl Store<'_> {
    /// Adds an object; its id is read from the body.
    pub(crate) fn insert(
        &self,
        kind: Kind,
        place: Place<'_>,
        body: &Value,
        private: &Value,
    ) -> Result<(), ApiError> {
        self.tx
            .prepare_cached(
                "INSERT INTO object (id, kind, customer, parent, created, body, private)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )?
            .execute(params![
                body.get("id").and_then(Value::as_str),
                kind.object(),
                place.customer,
                place.parent,
                body.get("created").and_then(Value::as_i64).unwrap_or(0),
                body.to_string(),
                private.to_string(),
            ])?;
        Ok(())
    }

    /// The object with this id and kind.
    pub(crate) fn find(&self, kind: Kind, id: &str) -> Result<Option<Record>, ApiError> {
        self.tx
            .prepare_cached("SELECT body, private FROM object WHERE id = ?1 AND kind = ?2")?
            .query_row(params![id, kind.object()], record)
            .optional()?
            .map(parse)
            .transpose()
    }

    /// The object named in the path, or Stripe's 404.
    pub(crate) fn get(&self, kind: Kind, id: &str) -> Result<Record, ApiError> {
        self.find(kind, id)?.ok_or_else(|| ApiError::missing(kind.noun(), id))
    }

    /// The object named by a parameter, or Stripe's 400.
    pub(crate) fn get_param(&self, kind: Kind, id: &str, param: &str) -> Result<Record, ApiError> {
        self.find(kind, id)?.ok_or_else(|| ApiError::missing_param(kind.noun(), id, param))
    }

    /// The body of an object of any kind.
    pub(crate) fn find_any(&self, id: &str) -> Result<Option<Value>, ApiError> {
        let found = self
            .tx
            .prepare_cached("SELECT body, private FROM object WHERE id = ?1")?
            .query_row([id], record)
            .optional()?;
        Ok(found.map(parse).transpose()?.map(|record| record.body))
    }

    /// The object that this one hangs on.
    pub(crate) fn parent(&self, id: &str) -> Result<Option<String>, ApiError> {
        let parent: Option<Option<String>> = self
            .tx
            .prepare_cached("SELECT parent FROM object WHERE id = ?1")?
            .query_row([id], |row| row.get(0))
            .optional()?;
        Ok(parent.flatten())
    }

    /// Replaces an object's body and private part.
    pub(crate) fn put(&self, record: &Record) -> Result<(), ApiError> {
        self.tx
            .prepare_cached("UPDATE object SET body = ?2, private = ?3 WHERE id = ?1")?
            .execute(params![
                record.body.get("id").and_then(Value::as_str),
                record.body.to_string(),
                record.private.to_string(),
            ])?;
        Ok(())
    }

    /// Moves an object to another customer, or to none.
    pub(crate) fn set_customer(&self, id: &str, customer: Option<&str>) -> Result<(), ApiError> {
        self.tx
            .prepare_cached("UPDATE object SET customer = ?2 WHERE id = ?1")?
            .execute(params![id, customer])?;
        Ok(())
    }

    /// Removes an object for good.
    pub(crate) fn remove(&self, id: &str) -> Result<(), ApiError> {
        self.tx.prepare_cached("DELETE FROM object WHERE id = ?1")?.execute([id])?;
        Ok(())
    }

    /// Objects of one kind, newest first, up to `limit` that satisfy `keep`. With
    /// `query.before` the page nearest to that object is returned, still newest first.
    pub(crate) fn list(
        &self,
        kind: Kind,
        query: Query<'_>,
        limit: usize,
        keep: impl Fn(&Value) -> bool,
    ) -> Result<Vec<Record>, ApiError> {
        let (order, newest_first) =
            if query.before.is_some() { ("ASC", false) } else { ("DESC", true) };
        let sql = format!(
            "SELECT body, private FROM object WHERE kind = ?1
               AND (?2 IS NULL OR customer = ?2) AND (?3 IS NULL OR parent = ?3)
               AND (?4 IS NULL OR seq < (SELECT seq FROM object WHERE id = ?4))
               AND (?5 IS NULL OR seq > (SELECT seq FROM object WHERE id = ?5))
             ORDER BY seq {order}"
        );
        let mut statement = self.tx.prepare_cached(&sql)?;
        let mut rows = statement.query(params![
            kind.object(),
            query.customer,
            query.parent,
            query.after,
            query.before
        ])?;
        let mut found = Vec::new();
        let mut scanned = 0;
        while let Some(row) = rows.next()? {
            scanned += 1;
            if found.len() >= limit || scanned > SCAN_ROWS_MAX {
                break;
            }
            let item = parse(record(row)?)?;
            if keep(&item.body) {
                found.push(item);
            }
        }
        if !newest_first {
            found.reverse();
        }
        Ok(found)
    }

    /// All objects of one kind for a query, oldest first, bodies only.
    pub(crate) fn all(&self, kind: Kind, query: Query<'_>) -> Result<Vec<Value>, ApiError> {
        let mut found = self.list(kind, query, SCAN_ROWS_MAX, |_| true)?;
        found.reverse();
        Ok(found.into_iter().map(|record| record.body).collect())
    }

    /// A setting of the program, such as `webhooks_paused`.
    pub(crate) fn setting(&self, name: &str) -> Result<Option<String>, ApiError> {
        Ok(self
            .tx
            .prepare_cached("SELECT value FROM setting WHERE name = ?1")?
            .query_row([name], |row| row.get(0))
            .optional()?)
    }

    /// Writes a setting of the program.
    pub(crate) fn set_setting(&self, name: &str, value: &str) -> Result<(), ApiError> {
        self.tx
            .prepare_cached("INSERT OR REPLACE INTO setting (name, value) VALUES (?1, ?2)")?
            .execute([name, value])?;
        Ok(())
    }
}
