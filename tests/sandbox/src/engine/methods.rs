//! Payment methods: making, attaching and detaching them, and which one an invoice is paid with.

use serde_json::{Value, json};

use crate::context::Ctx;
use crate::engine::cards::{self, CheckedCard, TestCard};
use crate::engine::decline::Decline;
use crate::engine::orders::{self, Moment, Ordered};
use crate::engine::refusal::Refusal;
use crate::error::ApiError;
use crate::json::{Json, changed_fields};
use crate::kind::Kind;
use crate::store::{Place, Record};

/// Makes a payment method of a checked card. No bank is asked.
pub(crate) fn create(ctx: &mut Ctx<'_>, checked: &CheckedCard) -> Result<Record, ApiError> {
    let id = ctx.id(Kind::PaymentMethod);
    let body = crate::shape::customer::payment_method(&id, ctx.wall_s(), checked);
    let private = checked.card.behavior();
    ctx.store.insert(Kind::PaymentMethod, Place::default(), &body, &private)?;
    Ok(Record { body, private })
}

/// The payment method of a request: a `pm_…` id, or a test id such as `pm_card_visa`, which makes
/// a new payment method each time.
pub(crate) fn resolve(ctx: &mut Ctx<'_>, id: &str, param: &str) -> Result<Record, ApiError> {
    match TestCard::by_token(id) {
        Some(card) => create(ctx, &test_expiry(ctx, card)),
        None => ctx.store.get_param(Kind::PaymentMethod, id, param),
    }
}

/// A test id carries an expiry one year ahead, as at Stripe.
pub(crate) fn test_expiry(ctx: &Ctx<'_>, card: TestCard) -> CheckedCard {
    let today = jiff::Timestamp::from_second(ctx.wall_s())
        .unwrap_or_default()
        .to_zoned(jiff::tz::TimeZone::UTC);
    CheckedCard {
        card,
        exp_month: i64::from(today.month()),
        exp_year: i64::from(today.year()) + 1,
        has_cvc: true,
    }
}

/// How the bank answers when this method is set up (`on_setup`) or charged (`on_charge`).
pub(crate) fn behavior(method: &Record, on: &str) -> Option<Decline> {
    method.private.get(on).and_then(Value::as_str).and_then(Decline::from_name)
}

/// Whether the bank wants to see the customer before it takes a payment with this method.
pub(crate) fn wants_authentication(method: &Record) -> bool {
    match method.private.text("authentication") {
        "always" => true,
        "unless_set_up" => !method.private.flag("authenticated"),
        _ => false,
    }
}

/// Attaches a method to a customer after asking the bank.
pub(crate) fn attach(
    ctx: &mut Ctx<'_>,
    method: &mut Record,
    customer: &str,
) -> Result<(), ApiError> {
    match method.body.text("customer") {
        "" => {}
        same if same == customer => return Ok(()),
        _ => {
            return Err(ApiError::invalid(
                "The payment method you provided has already been attached to a customer.",
            ));
        }
    }
    if method.private.flag("detached") {
        return Err(ApiError::invalid(
            "This PaymentMethod was previously used and detached from a Customer, and may not \
             be used again.",
        ));
    }
    if let Some(refusal) = refused_at_setup(ctx, method, customer)? {
        return Err(cards::declined(&refusal));
    }
    attach_unasked(ctx, method, customer)
}

/// The bank's refusal to let the customer set this card up, `None` when it agrees.
pub(crate) fn refused_at_setup(
    ctx: &Ctx<'_>,
    method: &Record,
    customer: &str,
) -> Result<Option<Refusal>, ApiError> {
    Ok(match orders::take(ctx, Moment::Setup, customer, method, false)? {
        Some(Ordered::Approve) => None,
        Some(Ordered::Refuse(refusal)) => Some(refusal),
        None => behavior(method, "on_setup").map(Refusal::from),
    })
}

/// Attaches a method without asking the bank: it agreed earlier, or (in a scenario) it agreed
/// first and declines now.
pub(crate) fn attach_unasked(
    ctx: &mut Ctx<'_>,
    method: &mut Record,
    customer: &str,
) -> Result<(), ApiError> {
    method.body.set("customer", customer);
    let id = method.body.text("id").to_owned();
    ctx.store.put(method)?;
    ctx.store.set_customer(&id, Some(customer))?;
    ctx.emit("payment_method.attached", &method.body);
    Ok(())
}

/// Detaches a method from its customer, wherever it was the default.
pub(crate) fn detach(ctx: &mut Ctx<'_>, id: &str) -> Result<Value, ApiError> {
    let mut method = ctx.store.get(Kind::PaymentMethod, id)?;
    let Some(customer_id) = method.body.text_opt("customer") else {
        return Err(ApiError::invalid(
            "The payment method you provided is not attached to a customer so detachment is \
             impossible.",
        ));
    };
    let mut customer = ctx.store.get(Kind::Customer, &customer_id)?;
    if customer.body.text("invoice_settings/default_payment_method") == id {
        let before = customer.body.clone();
        customer.body.set("invoice_settings/default_payment_method", Value::Null);
        ctx.store.put(&customer)?;
        let changed = changed_fields(&before, &customer.body);
        ctx.emit_change("customer.updated", &customer.body, Some(changed));
    }
    method.body.set("customer", Value::Null);
    method.private.set("detached", true);
    ctx.store.put(&method)?;
    ctx.store.set_customer(id, None)?;
    let previous = json!({"customer": customer_id});
    ctx.emit_change("payment_method.detached", &method.body, Some(previous));
    Ok(method.body)
}

/// The method that an invoice is paid with when the request names none: the invoice's own, the
/// subscription's, then the customer's default.
pub(crate) fn default_for(
    ctx: &Ctx<'_>,
    invoice: &Value,
    subscription: Option<&Value>,
    customer: &Value,
) -> Result<Option<Record>, ApiError> {
    let candidates = [
        invoice.text("default_payment_method"),
        subscription.map_or("", |subscription| subscription.text("default_payment_method")),
        customer.text("invoice_settings/default_payment_method"),
    ];
    for id in candidates {
        // A detached method may still be named on a subscription; it cannot be charged.
        if let Some(method) = ctx.store.find(Kind::PaymentMethod, id)?
            && method.body.text("customer") == customer.text("id")
        {
            return Ok(Some(method));
        }
    }
    Ok(None)
}

/// A method that must already belong to `customer`.
pub(crate) fn owned(
    ctx: &mut Ctx<'_>,
    id: &str,
    customer: &str,
    param: &str,
) -> Result<Record, ApiError> {
    let method = resolve(ctx, id, param)?;
    if method.body.text("customer") != customer {
        let id = method.body.text("id").to_owned();
        return Err(ApiError::invalid(format!(
            "The customer does not have a payment method with the ID {id}. The payment method \
             must be attached to the customer."
        ))
        .with("code", "resource_missing")
        .with("param", param));
    }
    Ok(method)
}
