//! `/v1/invoices`

use serde_json::Value;

use crate::api::{Call, listing};
use crate::context::Ctx;
use crate::engine::charging::Presence;
use crate::engine::collection::{self, Attempted};
use crate::engine::timers::{self, Timer};
use crate::engine::{cards, challenge, invoicing, methods, standing};
use crate::error::ApiError;
use crate::json::Json;
use crate::kind::Kind;
use crate::store::{Query, Record};

const STATUSES: [&str; 5] = ["draft", "open", "paid", "uncollectible", "void"];

/// `GET /v1/invoices/:id`
pub(crate) fn retrieve(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    call.params.allow(&[])?;
    Ok(ctx.store.get(Kind::Invoice, call.id)?.body)
}

/// `GET /v1/invoices`
pub(crate) fn list(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    let filters = ["customer", "status", "subscription", "collection_method", "created"];
    listing::allow(&call.params, &filters)?;
    let customer = call.params.text("customer")?;
    if let Some(id) = &customer {
        ctx.store.get_param(Kind::Customer, id, "customer")?;
    }
    let subscription = call.params.text("subscription")?;
    if let Some(id) = &subscription {
        ctx.store.get_param(Kind::Subscription, id, "subscription")?;
    }
    let status = call.params.choice("status", &STATUSES)?;
    call.params.choice("collection_method", &["charge_automatically"])?;
    let created = listing::CreatedFilter::read(&call.params)?;
    let query = Query {
        customer: customer.as_deref(),
        parent: subscription.as_deref(),
        ..Query::default()
    };
    listing::page(ctx, call, Kind::Invoice, query, |invoice| {
        status.as_deref().is_none_or(|status| invoice.text("status") == status)
            && created.keeps(invoice)
    })
}

/// `POST /v1/invoices/:id`
pub(crate) fn update(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    call.params.allow(&["auto_advance", "metadata", "default_payment_method"])?;
    let mut invoice = ctx.store.get(Kind::Invoice, call.id)?;
    if matches!(invoice.body.text("status"), "paid" | "void") && call.params.has("auto_advance") {
        return Err(not_possible("This invoice is no longer editable", "invoice_not_editable"));
    }
    let before = invoice.body.clone();
    let metadata = call.params.metadata(before.at("metadata"))?;
    invoice.body.set("metadata", metadata);
    if let Some(id) = call.params.text("default_payment_method")? {
        let customer = before.text("customer");
        let method = methods::owned(ctx, &id, customer, "default_payment_method")?;
        invoice.body.set("default_payment_method", method.body.text("id"));
    }
    if invoice.body != before {
        ctx.store.put(&invoice)?;
        let changed = crate::json::changed_fields(&before, &invoice.body);
        ctx.emit_change("invoice.updated", &invoice.body, Some(changed));
    }
    if let Some(on) = call.params.flag("auto_advance")? {
        invoicing::set_auto_advance(ctx, &mut invoice, on)?;
        if on {
            resume(ctx, &mut invoice)?;
        }
    }
    Ok(invoice.body)
}

/// Automatic collection begins again about an hour after it was turned on.
fn resume(ctx: &mut Ctx<'_>, invoice: &mut Record) -> Result<(), ApiError> {
    const RESUME_DELAY_S: i64 = 3_600;
    let clock = invoice.body.text("test_clock").to_owned();
    let due_s = ctx.clock_s(Some(&clock))? + RESUME_DELAY_S;
    let id = invoice.body.text("id").to_owned();
    match invoice.body.text("status") {
        "draft" => {
            invoice.body.set("automatically_finalizes_at", due_s);
            invoice.body.set("next_payment_attempt", due_s);
            timers::set(ctx, Timer::Finalize, &id, &clock, due_s)?;
        }
        "open" => {
            invoice.body.set("next_payment_attempt", due_s);
            timers::set(ctx, Timer::Retry, &id, &clock, due_s)?;
        }
        _ => {}
    }
    ctx.store.put(invoice)
}

fn not_possible(message: &str, code: &str) -> ApiError {
    ApiError::wrong_state(message).with("code", code)
}

/// `POST /v1/invoices/:id/pay`: the paid invoice, or 402 with the decline.
pub(crate) fn pay(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    let params = &call.params;
    params.allow(&["payment_method", "off_session", "paid_out_of_band", "forgive", "mandate"])?;
    let presence = match params.flag("off_session")? {
        Some(false) => Presence::OnSession,
        Some(true) | None => Presence::OffSession,
    };
    params.flag("forgive")?;
    let outside = params.flag("paid_out_of_band")?.unwrap_or(false);
    let mut invoice = ctx.store.get(Kind::Invoice, call.id)?;
    let now_s = ctx.clock_s(invoice.body.at("test_clock").as_str())?;
    match invoice.body.text("status") {
        "paid" => return Err(not_possible("Invoice is already paid", "invoice_already_paid")),
        "void" => {
            return Err(not_possible("This invoice can no longer be paid", "invoice_not_payable"));
        }
        "draft" => invoicing::finalize(ctx, &mut invoice, now_s)?,
        _ => {}
    }
    if outside || invoice.body.int("amount_remaining") == 0 {
        invoicing::mark_paid(ctx, &mut invoice, now_s)?;
        standing::settled(ctx, &invoice.body)?;
        return Ok(invoice.body);
    }
    let method = chosen_method(ctx, call, &invoice.body)?;
    if let Some(mut intent) = invoicing::intent_of(ctx, call.id)? {
        // Here the customer's page goes on with Stripe.js, whatever an earlier try asked for.
        challenge::set_return_url(&mut intent, None);
        ctx.store.put(&intent)?;
    }
    match collection::manual(ctx, &mut invoice, &method, presence, now_s)? {
        Attempted::Paid | Attempted::Processing => Ok(invoice.body),
        Attempted::Declined(refusal, intent) => Err(cards::declined(&refusal)
            .with("charge", intent.at("latest_charge").clone())
            .with("payment_method", method.body)
            .with("payment_intent", *intent)),
        Attempted::RequiresAction(intent) => Err(ApiError::card(
            "This payment requires additional user action before it can be completed \
             successfully. Payment can be completed using the PaymentIntent associated with the \
             invoice.",
        )
        .with("code", "invoice_payment_intent_requires_action")
        .with("payment_intent", *intent)),
        Attempted::NotSent => Err(ApiError::internal("the attempt was not sent")),
    }
}

fn chosen_method(ctx: &mut Ctx<'_>, call: &Call<'_>, invoice: &Value) -> Result<Record, ApiError> {
    let customer_id = invoice.text("customer");
    if let Some(id) = call.params.text("payment_method")? {
        return methods::owned(ctx, &id, customer_id, "payment_method");
    }
    let customer = ctx.store.get(Kind::Customer, customer_id)?;
    let subscription = standing::subscription_of(ctx, invoice)?;
    let subscription = subscription.as_ref().map(|subscription| &subscription.body);
    methods::default_for(ctx, invoice, subscription, &customer.body)?.ok_or_else(|| {
        ApiError::invalid(
            "There is no default_payment_method set on this Customer or Invoice. Please set a \
             default payment method before paying this invoice.",
        )
        .with("code", "resource_missing")
    })
}

/// `POST /v1/invoices/:id/finalize`
pub(crate) fn finalize(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    call.params.allow(&["auto_advance"])?;
    let mut invoice = ctx.store.get(Kind::Invoice, call.id)?;
    if invoice.body.text("status") != "draft" {
        return Err(not_possible(
            "This invoice is already finalized, you can't re-finalize a non-draft invoice.",
            "invoice_not_editable",
        ));
    }
    let now_s = ctx.clock_s(invoice.body.at("test_clock").as_str())?;
    if let Some(on) = call.params.flag("auto_advance")? {
        invoice.body.set("auto_advance", on);
    }
    invoicing::finalize(ctx, &mut invoice, now_s)?;
    if invoice.body.flag("auto_advance") {
        resume(ctx, &mut invoice)?;
    }
    Ok(invoice.body)
}

/// `POST /v1/invoices/:id/void`
pub(crate) fn void(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    close(ctx, call, "void", &["open", "uncollectible"])
}

/// `POST /v1/invoices/:id/mark_uncollectible`
pub(crate) fn mark_uncollectible(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    close(ctx, call, "uncollectible", &["open"])
}

fn close(
    ctx: &mut Ctx<'_>,
    call: &Call<'_>,
    status: &'static str,
    from: &[&str],
) -> Result<Value, ApiError> {
    call.params.allow(&[])?;
    let mut invoice = ctx.store.get(Kind::Invoice, call.id)?;
    if !from.contains(&invoice.body.text("status")) {
        let message = format!(
            "You can only pass in {} invoices. This invoice is {}.",
            from.join(" or "),
            invoice.body.text("status")
        );
        return Err(ApiError::wrong_state(message).with("param", "invoice"));
    }
    if collection::is_processing(ctx, call.id)? {
        return Err(not_possible(
            "A payment for this invoice is still processing.",
            "payment_intent_unexpected_state",
        ));
    }
    let now_s = ctx.clock_s(invoice.body.at("test_clock").as_str())?;
    invoicing::close(ctx, &mut invoice, status, now_s)?;
    standing::settled(ctx, &invoice.body)?;
    Ok(invoice.body)
}
