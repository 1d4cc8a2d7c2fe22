//! A customer's balance: credit (below zero) or debt (above) that the next invoice takes up
//! (<https://docs.stripe.com/billing/customer/balance>).

use serde_json::{Value, json};

use crate::context::Ctx;
use crate::error::ApiError;
use crate::json::{Json, changed_fields};
use crate::kind::Kind;
use crate::store::{Place, Record};

/// One movement of the balance.
#[derive(Clone, Debug)]
pub(crate) struct Movement<'a> {
    pub(crate) amount_minor: i64,
    pub(crate) currency: &'a str,
    /// `adjustment`, `applied_to_invoice` or `unapplied_from_invoice`.
    pub(crate) kind: &'a str,
    pub(crate) description: Option<&'a str>,
    pub(crate) invoice: Option<&'a str>,
    pub(crate) metadata: Option<Value>,
}

/// Books a movement and tells the customer's change.
pub(crate) fn book(
    ctx: &mut Ctx<'_>,
    customer: &str,
    movement: Movement<'_>,
) -> Result<Value, ApiError> {
    let mut customer = ctx.store.get(Kind::Customer, customer)?;
    let before = customer.body.clone();
    let ending = before.int("balance").saturating_add(movement.amount_minor);
    customer.body.set("balance", ending);
    if before.at("currency").is_null() {
        customer.body.set("currency", movement.currency);
    }
    ctx.store.put(&customer)?;
    let id = ctx.id(Kind::BalanceTransaction);
    let created = ctx.clock_s(before.at("test_clock").as_str())?;
    let body = json!({
        "id": id,
        "object": "customer_balance_transaction",
        "amount": movement.amount_minor,
        "checkout_session": null,
        "created": created,
        "credit_note": null,
        "currency": movement.currency,
        "customer": before.at("id"),
        "customer_account": null,
        "description": movement.description,
        "ending_balance": ending,
        "invoice": movement.invoice,
        "livemode": false,
        "metadata": movement.metadata.unwrap_or_else(|| json!({})),
        "type": movement.kind,
    });
    let place = Place { customer: Some(before.text("id")), parent: movement.invoice };
    ctx.store.insert(Kind::BalanceTransaction, place, &body, &json!({}))?;
    let changed = changed_fields(&before, &customer.body);
    ctx.emit_change("customer.updated", &customer.body, Some(changed));
    Ok(body)
}

/// Settles an invoice against the balance when it is finalized; the caller stores the invoice.
pub(crate) fn apply(ctx: &mut Ctx<'_>, invoice: &mut Record) -> Result<(), ApiError> {
    let customer_id = invoice.body.text("customer").to_owned();
    let customer = ctx.store.get(Kind::Customer, &customer_id)?;
    let starting = customer.body.int("balance");
    let sum = invoice.body.int("total").saturating_add(starting);
    // What is negative stays as credit; nothing is paid out.
    let (due, ending) = (sum.max(0), sum.min(0));
    invoice.body.set("starting_balance", starting);
    invoice.body.set("ending_balance", ending);
    invoice.body.set("amount_due", due);
    invoice.body.set("amount_remaining", due);
    if starting == ending {
        return Ok(());
    }
    let movement = Movement {
        amount_minor: ending.saturating_sub(starting),
        currency: invoice.body.text("currency"),
        kind: "applied_to_invoice",
        description: None,
        invoice: Some(invoice.body.text("id")),
        metadata: None,
    };
    book(ctx, &customer_id, movement)?;
    Ok(())
}

/// Gives back what a voided invoice had taken.
pub(crate) fn give_back(ctx: &mut Ctx<'_>, invoice: &Value) -> Result<(), ApiError> {
    let taken = invoice.int("starting_balance").saturating_sub(invoice.int("ending_balance"));
    if taken == 0 || invoice.at("ending_balance").is_null() {
        return Ok(());
    }
    let movement = Movement {
        amount_minor: taken,
        currency: invoice.text("currency"),
        kind: "unapplied_from_invoice",
        description: None,
        invoice: Some(invoice.text("id")),
        metadata: None,
    };
    book(ctx, invoice.text("customer"), movement)?;
    Ok(())
}
