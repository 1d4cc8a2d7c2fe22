//! Setting up a card for later use.

use serde_json::{Value, json};

use crate::context::Ctx;
use crate::engine::{cards, challenge, debits, methods};
use crate::error::ApiError;
use crate::json::Json;
use crate::kind::Kind;
use crate::shape::setup;
use crate::store::{Place, Record};

/// Confirms a SetupIntent with `method`: asks the bank, attaches the method to the intent's
/// customer on success, and answers 402 with the intent inside when the bank says no.
pub(crate) fn confirm(
    ctx: &mut Ctx<'_>,
    intent: &mut Record,
    method: Record,
) -> Result<(), ApiError> {
    let status = intent.body.text("status").to_owned();
    if !matches!(
        status.as_str(),
        "requires_payment_method" | "requires_confirmation" | "requires_action"
    ) {
        return Err(ApiError::wrong_state(format!(
            "You cannot confirm this SetupIntent because it has already {status}."
        ))
        .with("code", "setup_intent_unexpected_state")
        .with("setup_intent", setup::intent_public(&intent.body)));
    }
    let kind = method.body.at("type").clone();
    let types = intent.body.at("payment_method_types").as_array();
    if !types.is_some_and(|types| types.contains(&kind)) {
        return Err(ApiError::invalid(
            "The PaymentMethod's type is not allowed for this SetupIntent.",
        )
        .with("param", "payment_method"));
    }
    let customer = intent.body.text("customer").to_owned();
    if let Some(refusal) = methods::refused_at_setup(ctx, &method, &customer)? {
        let mut fields = refusal.error_fields();
        fields.set("payment_method", method.body.clone());
        fail(ctx, intent, &method, fields.clone())?;
        let shown = setup::intent_public(&intent.body);
        return Err(cards::declined(&refusal)
            .with("payment_method", method.body.clone())
            .with("setup_intent", shown));
    }
    if methods::wants_authentication(&method) || debits::leads_away(&method) {
        intent.body.set("last_setup_error", Value::Null);
        challenge::begin(ctx, intent, &method)?;
        ctx.emit("setup_intent.requires_action", &intent.body);
        return Ok(());
    }
    succeed(ctx, intent, method)
}

/// The customer answered the bank's challenge.
pub(crate) fn authenticated(
    ctx: &mut Ctx<'_>,
    intent: &mut Record,
    mut method: Record,
) -> Result<(), ApiError> {
    method.private.set("authenticated", true);
    ctx.store.put(&method)?;
    succeed(ctx, intent, method)
}

/// The customer failed the bank's challenge.
pub(crate) fn not_authenticated(
    ctx: &mut Ctx<'_>,
    intent: &mut Record,
    method: &Record,
) -> Result<(), ApiError> {
    let mut error = json!({
        "type": "invalid_request_error",
        "code": "setup_intent_authentication_failure",
        "doc_url": "https://docs.stripe.com/error-codes/setup-intent-authentication-failure",
        "message": "The latest attempt to set up the payment method has failed because \
                    authentication failed.",
    });
    error.set("payment_method", method.body.clone());
    fail(ctx, intent, method, error)
}

fn succeed(ctx: &mut Ctx<'_>, intent: &mut Record, mut method: Record) -> Result<(), ApiError> {
    let customer = intent.body.text("customer").to_owned();
    // What is good for one payment belongs to nobody; what it leaves behind does.
    let is_once = debits::leads_away(&method);
    if !customer.is_empty() && !is_once && method.body.text("customer") != customer {
        if !method.body.text("customer").is_empty() {
            return Err(ApiError::invalid(
                "The provided PaymentMethod is attached to another customer.",
            )
            .with("param", "payment_method"));
        }
        methods::attach_unasked(ctx, &mut method, &customer)?;
    }
    note_attempt(ctx, intent, &method, None)?;
    if is_once {
        leave_debit(ctx, intent, &customer)?;
    }
    challenge::end(ctx, intent)?;
    intent.body.set("status", "succeeded");
    intent.body.set("payment_method", method.body.text("id"));
    intent.body.set("last_setup_error", Value::Null);
    ctx.store.put(intent)?;
    ctx.emit("setup_intent.succeeded", &intent.body);
    Ok(())
}

/// The direct debit of the account from which an iDEAL or Bancontact was paid. It stands in the
/// attempt, not in the intent.
fn leave_debit(ctx: &mut Ctx<'_>, intent: &Record, customer: &str) -> Result<(), ApiError> {
    let mut attempt = ctx.store.get(Kind::SetupAttempt, intent.body.text("latest_attempt"))?;
    let mut left = debits::leave_behind(ctx, attempt.body.text("id"))?;
    if !customer.is_empty() {
        methods::attach_unasked(ctx, &mut left, customer)?;
    }
    let kind = attempt.body.text("payment_method_details/type").to_owned();
    let at = format!("payment_method_details/{kind}");
    attempt.body.set(&format!("{at}/generated_sepa_debit"), left.body.text("id"));
    attempt.body.set(&format!("{at}/iban_last4"), left.body.text("sepa_debit/last4"));
    ctx.store.put(&attempt)
}

fn fail(
    ctx: &mut Ctx<'_>,
    intent: &mut Record,
    method: &Record,
    error: Value,
) -> Result<(), ApiError> {
    note_attempt(ctx, intent, method, Some(&error))?;
    challenge::end(ctx, intent)?;
    intent.body.set("status", "requires_payment_method");
    intent.body.set("payment_method", Value::Null);
    intent.body.set("last_setup_error", error);
    ctx.store.put(intent)?;
    ctx.emit("setup_intent.setup_failed", &intent.body);
    Ok(())
}

fn note_attempt(
    ctx: &mut Ctx<'_>,
    intent: &mut Record,
    method: &Record,
    error: Option<&Value>,
) -> Result<(), ApiError> {
    let id = ctx.id(Kind::SetupAttempt);
    let body = setup::setup_attempt(&id, ctx.wall_s(), &intent.body, &method.body, error);
    let place =
        Place { customer: body.at("customer").as_str(), parent: Some(intent.body.text("id")) };
    ctx.store.insert(Kind::SetupAttempt, place, &body, &json!({}))?;
    intent.body.set("latest_attempt", id);
    Ok(())
}
