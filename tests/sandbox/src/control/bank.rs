//! What a test orders from the bank: declines and approvals, and reissued cards.

use serde_json::{Value, json};

use crate::app::App;
use crate::context::{Ctx, Origin};
use crate::control::read;
use crate::engine::cards::TestCard;
use crate::engine::debits;
use crate::engine::orders::{self, Moment, Order, Ordered};
use crate::engine::refusal::Refusal;
use crate::error::ApiError;
use crate::json::{Json, changed_fields};
use crate::kind::Kind;
use crate::store::{Query, SCAN_ROWS_MAX};

const TIMES_MAX: u64 = 1_000_000;
const WORD_LENGTH_MAX: usize = 64;
const ADVICE: [&str; 3] = ["confirm_card_data", "do_not_try_again", "try_again_later"];

/// `GET /_sandbox/declines`: orders not carried out yet.
pub(crate) fn waiting(app: &App) -> Result<Value, ApiError> {
    app.transact(Origin::default(), |ctx| Ok(json!({"declines": orders::waiting(ctx)?})))
}

/// `DELETE /_sandbox/declines`
pub(crate) fn clear(app: &App) -> Result<Value, ApiError> {
    app.transact(Origin::default(), |ctx| orders::clear(ctx))?;
    Ok(json!({"declines": []}))
}

/// `POST /_sandbox/declines`: the next `times` charges (or set-ups) of a customer or card are
/// refused with these codes, or approved.
pub(crate) fn order(app: &App, body: &Value) -> Result<Value, ApiError> {
    read::allow(
        body,
        &[
            "customer",
            "card",
            "at",
            "outcome",
            "decline_code",
            "code",
            "message",
            "advice_code",
            "network_advice_code",
            "network_decline_code",
            "times",
        ],
    )?;
    let moment = match body.text("at") {
        "" | "charge" => Moment::Charge,
        "setup" => Moment::Setup,
        _ => return Err(ApiError::invalid("at: charge or setup")),
    };
    let answer = match body.text("outcome") {
        "" | "decline" => Ordered::Refuse(refusal(body)?),
        "approve" => Ordered::Approve,
        _ => return Err(ApiError::invalid("outcome: decline or approve")),
    };
    let times = read::number(body, "times", 1, 1..=TIMES_MAX)?;
    let order = Order {
        customer: read::word(body, "customer", WORD_LENGTH_MAX)?,
        card: read::word(body, "card", WORD_LENGTH_MAX)?,
        moment,
        answer,
        times: u32::try_from(times).unwrap_or(u32::MAX),
    };
    app.transact(Origin::default(), |ctx| {
        if let Some(customer) = &order.customer {
            ctx.store.get(Kind::Customer, customer)?;
        }
        orders::add(ctx, &order)?;
        Ok(json!({"declines": orders::waiting(ctx)?}))
    })
}

fn refusal(body: &Value) -> Result<Refusal, ApiError> {
    let word = |name: &str| read::word(body, name, WORD_LENGTH_MAX);
    let code = word("decline_code")?.unwrap_or_else(|| "generic_decline".to_owned());
    let mut refusal = Refusal::with_code(&code);
    if let Some(code) = word("code")? {
        refusal.code = code;
    }
    if let Some(message) = body.text_opt("message") {
        refusal.message = message.chars().take(500).collect();
    }
    // What is named replaces what the code brings along; null takes it away.
    if body.get("advice_code").is_some() {
        refusal.advice_code = word("advice_code")?;
        if refusal.advice_code.as_deref().is_some_and(|advice| !ADVICE.contains(&advice)) {
            return Err(ApiError::invalid(format!("advice_code: one of {}", ADVICE.join(", "))));
        }
    }
    if body.get("network_advice_code").is_some() {
        refusal.network_advice_code = word("network_advice_code")?;
    }
    if body.get("network_decline_code").is_some() {
        refusal.network_decline_code = word("network_decline_code")?;
    }
    Ok(refusal)
}

/// `POST /_sandbox/debits/settle {"customer"}`: the bank answers now about every debit of a
/// customer that is on its way, as it was ordered or else as the account does.
pub(crate) fn settle(app: &App, body: &Value) -> Result<Value, ApiError> {
    read::allow(body, &["customer"])?;
    let Some(customer) = read::word(body, "customer", WORD_LENGTH_MAX)? else {
        return Err(ApiError::invalid("customer: name one"));
    };
    app.transact(Origin::default(), |ctx| {
        let query = Query { customer: Some(&customer), ..Query::default() };
        let waiting = ctx.store.list(Kind::PaymentIntent, query, SCAN_ROWS_MAX, |intent| {
            intent.text("status") == "processing"
        })?;
        for intent in &waiting {
            debits::settle(ctx, intent.body.text("id"))?;
        }
        Ok(json!({"settled": waiting.len()}))
    })
}

/// `POST /_sandbox/cards/reissue {"payment_method" | "customer", "exp_month", "exp_year", "card"}`:
/// the bank gives out new data for a card, and the network tells Stripe
/// (`payment_method.automatically_updated`). `card` names the test card, by its last four
/// digits, that it becomes; without it number and behaviour stay.
pub(crate) fn reissue(app: &App, body: &Value) -> Result<Value, ApiError> {
    read::allow(body, &["payment_method", "customer", "exp_month", "exp_year", "card"])?;
    let card = match read::word(body, "card", 4)? {
        None => None,
        Some(last4) => Some(
            TestCard::by_last4(&last4)
                .ok_or_else(|| ApiError::invalid("card: the last four digits of a test card"))?,
        ),
    };
    let month = read::number(body, "exp_month", 12, 1..=12)?;
    let year = read::number(body, "exp_year", 0, 0..=2_200)?;
    app.transact(Origin::default(), |ctx| {
        let id = named(ctx, body)?;
        let mut method = ctx.store.get(Kind::PaymentMethod, &id)?;
        let before = method.body.clone();
        let fallback = before.int("card/exp_year").saturating_add(4);
        let year = if year == 0 { fallback } else { i64::try_from(year).unwrap_or(fallback) };
        method.body.set("card/exp_month", month);
        method.body.set("card/exp_year", year);
        if let Some(card) = card {
            method.body.set("card/last4", card.last4());
            method.body.set("card/fingerprint", card.fingerprint());
            method.body.set("card/brand", card.brand);
            method.private = card.behavior();
        }
        ctx.store.put(&method)?;
        let changed = changed_fields(&before, &method.body);
        ctx.emit_change("payment_method.automatically_updated", &method.body, Some(changed));
        Ok(method.body)
    })
}

fn named(ctx: &Ctx<'_>, body: &Value) -> Result<String, ApiError> {
    if let Some(id) = body.text_opt("payment_method") {
        return Ok(id);
    }
    let customer = ctx.store.get(Kind::Customer, body.text("customer"))?;
    let default = customer.body.text("invoice_settings/default_payment_method").to_owned();
    if !default.is_empty() {
        return Ok(default);
    }
    let query = Query { customer: Some(body.text("customer")), ..Query::default() };
    let newest = ctx.store.list(Kind::PaymentMethod, query, 1, |_| true)?;
    let newest = newest.first().map(|method| method.body.text("id").to_owned());
    newest.ok_or_else(|| ApiError::invalid("The customer has no card."))
}
