//! The queue's consumer: projections from Accounts into the read model.

use crate::db::{cancellation, notice, read_model, timing};
use crate::durable::projection::AccountProjection;
use crate::log::{Level, line};
use worker::{Env, MessageBatch, MessageExt, Result};

/// Writes a batch. What cannot be read is logged and let go, because sending it again cannot help;
/// if D1 does not take it, the whole batch comes again and, after `max_retries`, goes to the dead
/// letters.
pub async fn consume(batch: &MessageBatch<String>, env: &Env) -> Result<()> {
    let mut projections = Vec::new();
    for message in batch.messages()? {
        match serde_json::from_str::<AccountProjection>(message.body()) {
            Ok(projection) => projections.push(projection),
            Err(error) => {
                let fields = [("message", message.id()), ("error", error.to_string())];
                let fields = fields.each_ref().map(|(name, text)| (*name, text.as_str()));
                line(Level::Error, "a projection cannot be read", &fields);
            }
        }
    }
    match write(env, &projections).await {
        Ok(()) => batch.ack_all(),
        Err(error) => {
            line(Level::Error, "the read model did not answer", &[("error", &error.to_string())]);
            batch.retry_all();
        }
    }
    Ok(())
}

/// Each of the four may be repeated.
async fn write(env: &Env, projections: &[AccountProjection]) -> Result<()> {
    read_model::write(env, projections).await?;
    timing::keep(env, projections).await?;
    notice::keep(env, projections).await?;
    cancellation::write(env, projections).await
}
