//! D1: the inbox of events that name no customer, and the read model. Nothing here decides.

pub mod cancellation;
pub mod cursor;
pub mod declaration;
pub mod inbox;
pub mod link;
pub mod notice;
pub mod read_model;
pub mod timing;

use worker::{D1Database, D1PreparedStatement, Error, Result};

/// The binding's name in `wrangler.toml`.
pub const BINDING: &str = "DB";
/// The most statements in one batch, which is one transaction.
pub const STATEMENTS_MAX: usize = 100;

/// Runs statements that are harmless to repeat, a batch after the other.
pub async fn run_all(db: &D1Database, mut statements: Vec<D1PreparedStatement>) -> Result<()> {
    while !statements.is_empty() {
        let rest = statements.split_off(statements.len().min(STATEMENTS_MAX));
        run_at_once(db, statements).await?;
        statements = rest;
    }
    Ok(())
}

/// All statements or none; at most [`STATEMENTS_MAX`].
pub async fn run_at_once(db: &D1Database, statements: Vec<D1PreparedStatement>) -> Result<()> {
    for outcome in db.batch(statements).await? {
        if let Some(error) = outcome.error() {
            return Err(Error::RustError(error));
        }
    }
    Ok(())
}
