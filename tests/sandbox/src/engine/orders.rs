//! Answers that a test orders from the bank: declines with any codes, or an approval, for the
//! next charges or set-ups of a customer or card.

use rusqlite::{OptionalExtension, params};
use serde_json::{Value, json};

use crate::context::Ctx;
use crate::engine::refusal::Refusal;
use crate::error::ApiError;
use crate::json::Json;
use crate::store::Record;

/// When the bank is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    Charge,
    Setup,
}

impl Moment {
    /// The name in the control API.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Charge => "charge",
            Self::Setup => "setup",
        }
    }
}

/// The answer that was ordered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ordered {
    Approve,
    Refuse(Refusal),
}

/// An order; `None` fits everybody.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    pub(crate) customer: Option<String>,
    /// A PaymentMethod id, a fingerprint, or four last digits.
    pub(crate) card: Option<String>,
    pub(crate) moment: Moment,
    pub(crate) answer: Ordered,
    pub(crate) times: u32,
}

fn to_json(answer: &Ordered) -> Value {
    match answer {
        Ordered::Approve => json!({"outcome": "approve"}),
        Ordered::Refuse(refusal) => json!({
            "outcome": "decline",
            "reason": refusal.reason,
            "code": refusal.code,
            "decline_code": refusal.decline_code,
            "message": refusal.message,
            "advice_code": refusal.advice_code,
            "network_advice_code": refusal.network_advice_code,
            "network_decline_code": refusal.network_decline_code,
        }),
    }
}

fn from_json(body: &Value) -> Ordered {
    if body.text("outcome") == "approve" {
        return Ordered::Approve;
    }
    Ordered::Refuse(Refusal {
        reason: body.text("reason").to_owned(),
        code: body.text("code").to_owned(),
        decline_code: body.text_opt("decline_code"),
        message: body.text("message").to_owned(),
        advice_code: body.text_opt("advice_code"),
        network_advice_code: body.text_opt("network_advice_code"),
        network_decline_code: body.text_opt("network_decline_code"),
    })
}

/// Adds an order.
pub(crate) fn add(ctx: &Ctx<'_>, order: &Order) -> Result<(), ApiError> {
    ctx.store.tx.execute(
        "INSERT INTO bank_order (customer, card, moment, answer, times_left)
         VALUES (?1, ?2, ?3, ?4, ?5)",
        params![
            order.customer,
            order.card,
            order.moment.name(),
            to_json(&order.answer).to_string(),
            order.times
        ],
    )?;
    Ok(())
}

/// Forgets every order.
pub(crate) fn clear(ctx: &Ctx<'_>) -> Result<(), ApiError> {
    ctx.store.tx.execute("DELETE FROM bank_order", [])?;
    Ok(())
}

/// The orders that are still to be carried out, oldest first.
pub(crate) fn waiting(ctx: &Ctx<'_>) -> Result<Vec<Value>, ApiError> {
    let mut statement = ctx.store.tx.prepare_cached(
        "SELECT customer, card, moment, answer, times_left FROM bank_order ORDER BY id",
    )?;
    let rows = statement.query_map([], |row| {
        let answer: String = row.get(3)?;
        let mut shown: Value = serde_json::from_str(&answer).unwrap_or_default();
        shown.set("customer", row.get::<_, Option<String>>(0)?);
        shown.set("card", row.get::<_, Option<String>>(1)?);
        shown.set("at", row.get::<_, String>(2)?);
        shown.set("times", row.get::<_, u32>(4)?);
        Ok(shown)
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Takes the oldest order that fits. `authenticated`: the bank has seen the customer, so an
/// order to ask for that does not fit any more.
pub(crate) fn take(
    ctx: &Ctx<'_>,
    moment: Moment,
    customer: &str,
    method: &Record,
    authenticated: bool,
) -> Result<Option<Ordered>, ApiError> {
    let body = &method.body;
    let row: Option<(i64, String)> = ctx
        .store
        .tx
        .prepare_cached(
            "SELECT id, answer FROM bank_order
             WHERE moment = ?1 AND (customer IS NULL OR customer = ?2)
               AND (card IS NULL OR card IN (?3, ?4, ?5))
               AND (?6 = 0 OR COALESCE(json_extract(answer, '$.reason'), '')
                 <> 'authentication_required')
             ORDER BY id LIMIT 1",
        )?
        .query_row(
            params![
                moment.name(),
                customer,
                body.text("id"),
                body.text("card/fingerprint"),
                body.text("card/last4"),
                authenticated
            ],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?;
    let Some((id, answer)) = row else {
        return Ok(None);
    };
    ctx.store
        .tx
        .execute("UPDATE bank_order SET times_left = times_left - 1 WHERE id = ?1", [id])?;
    ctx.store.tx.execute("DELETE FROM bank_order WHERE times_left <= 0", [])?;
    Ok(Some(from_json(&serde_json::from_str(&answer)?)))
}
