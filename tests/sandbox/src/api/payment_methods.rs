//! `/v1/payment_methods`

use serde_json::{Value, json};

use crate::api::{Call, customers, listing};
use crate::context::Ctx;
use crate::engine::cards::{self, TestCard, TypedCard};
use crate::engine::{debits, methods};
use crate::error::ApiError;
use crate::json::Json;
use crate::kind::Kind;
use crate::params::Params;
use crate::store::{Query, Record};

/// What describes a payment method.
pub(crate) const DATA_PARAMS: [&str; 8] = [
    "type",
    "card",
    "sepa_debit",
    "ideal",
    "bancontact",
    "billing_details",
    "metadata",
    "allow_redisplay",
];

/// `POST /v1/payment_methods` with a typed card or account.
pub(crate) fn create(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    call.params.allow(&DATA_PARAMS)?;
    Ok(from_data(ctx, &call.params)?.body)
}

/// Makes a payment method of `type`, `card[…]` and `billing_details[…]`, the shape of
/// `payment_method_data` too.
pub(crate) fn from_data(ctx: &mut Ctx<'_>, data: &Params) -> Result<Record, ApiError> {
    let kind = data.required("type")?;
    let mut record = match kind.as_str() {
        "card" => from_card(ctx, data)?,
        debits::DEBIT => from_account(ctx, data)?,
        once if debits::ONCE.contains(&once) => debits::create_once(ctx, once)?,
        _ => {
            let message =
                format!("The payment method type `{kind}` is not supported by the sandbox.");
            return Err(ApiError::invalid(message).with("param", "type"));
        }
    };
    if let Some(details) = data.nested("billing_details")? {
        apply_details(&details, &mut record.body)?;
    }
    let metadata = data.metadata(record.body.at("metadata"))?;
    record.body.set("metadata", metadata);
    if let Some(allow) = data.choice("allow_redisplay", &["always", "limited", "unspecified"])? {
        record.body.set("allow_redisplay", allow);
    }
    ctx.store.put(&record)?;
    Ok(record)
}

/// A debit needs the holder's name and address for mail (docs.stripe.com/payments/sepa-debit).
fn from_account(ctx: &mut Ctx<'_>, data: &Params) -> Result<Record, ApiError> {
    let missing = |name: &str| {
        ApiError::param("parameter_missing", name, format!("Missing required param: {name}."))
    };
    let account = data.nested("sepa_debit")?.ok_or_else(|| missing("sepa_debit"))?;
    account.allow(&["iban"])?;
    let iban = debits::check_iban(&account.required("iban")?)?;
    let details = data.nested("billing_details")?.ok_or_else(|| missing("billing_details"))?;
    for name in ["name", "email"] {
        details.text(name)?.ok_or_else(|| missing(&format!("billing_details[{name}]")))?;
    }
    debits::create(ctx, &iban, None)
}

/// A typed card, or the one that a wallet hands over as a token. The tokens are the sandbox's own:
/// those of real wallets are made by their devices.
fn from_card(ctx: &mut Ctx<'_>, data: &Params) -> Result<Record, ApiError> {
    let Some(card) = data.nested("card")? else {
        return Err(ApiError::param("parameter_missing", "card", "Missing required param: card."));
    };
    if let Some(token) = card.text("token")? {
        card.allow(&["token"])?;
        return from_wallet(ctx, &token);
    }
    card.allow(&["number", "exp_month", "exp_year", "cvc"])?;
    let typed = TypedCard {
        number: card.required("number")?,
        exp_month: card.int("exp_month")?,
        exp_year: card.int("exp_year")?,
        cvc: card.text("cvc")?,
    };
    let checked = cards::check(&typed, ctx.wall_s())?;
    methods::create(ctx, &checked)
}

fn from_wallet(ctx: &mut Ctx<'_>, token: &str) -> Result<Record, ApiError> {
    let wallet = match token {
        "tok_sandbox_google_pay" => "google_pay",
        "tok_sandbox_apple_pay" => "apple_pay",
        _ => return Err(ApiError::missing("token", token).with("param", "card[token]")),
    };
    let card = TestCard::by_token("pm_card_visa")
        .ok_or_else(|| ApiError::internal("the test cards have no Visa"))?;
    let mut record = methods::create(ctx, &methods::test_expiry(ctx, card))?;
    let held = json!({"dynamic_last4": "4242", "type": wallet, wallet: {}});
    record.body.set("card/wallet", held);
    Ok(record)
}

fn apply_details(details: &Params, body: &mut Value) -> Result<(), ApiError> {
    details.allow(&["name", "email", "phone", "address"])?;
    for name in ["name", "email", "phone"] {
        body.set(&format!("billing_details/{name}"), details.text(name)?);
    }
    if let Some(address) = details.nested("address")? {
        let names = ["city", "country", "line1", "line2", "postal_code", "state"];
        address.allow(&names)?;
        for name in names {
            body.set(&format!("billing_details/address/{name}"), address.text(name)?);
        }
    }
    Ok(())
}

/// `GET /v1/payment_methods/:id`
pub(crate) fn retrieve(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    call.params.allow(&[])?;
    Ok(ctx.store.get(Kind::PaymentMethod, call.id)?.body)
}

/// `GET /v1/payment_methods?customer=…`
pub(crate) fn list(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    listing::allow(&call.params, &["customer", "type"])?;
    let customer = call.params.required("customer")?;
    customers::living(ctx, &customer, "customer")?;
    page(ctx, call, &customer)
}

/// `GET /v1/customers/:id/payment_methods`
pub(crate) fn list_of_customer(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    listing::allow(&call.params, &["type", "allow_redisplay"])?;
    customers::living(ctx, call.id, "customer")?;
    page(ctx, call, call.id)
}

fn page(ctx: &Ctx<'_>, call: &Call<'_>, customer: &str) -> Result<Value, ApiError> {
    let kind = call.params.text("type")?;
    let redisplay = call.params.text("allow_redisplay")?;
    let query = Query { customer: Some(customer), ..Query::default() };
    listing::page(ctx, call, Kind::PaymentMethod, query, |method| {
        kind.as_deref().is_none_or(|kind| method.text("type") == kind)
            && redisplay.as_deref().is_none_or(|allow| method.text("allow_redisplay") == allow)
    })
}

/// `POST /v1/payment_methods/:id/attach`
pub(crate) fn attach(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    call.params.allow(&["customer"])?;
    let customer = call.params.required("customer")?;
    customers::living(ctx, &customer, "customer")?;
    let mut method = methods::resolve(ctx, call.id, "payment_method")?;
    methods::attach(ctx, &mut method, &customer)?;
    Ok(method.body)
}

/// `POST /v1/payment_methods/:id/detach`
pub(crate) fn detach(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    call.params.allow(&[])?;
    methods::detach(ctx, call.id)
}
