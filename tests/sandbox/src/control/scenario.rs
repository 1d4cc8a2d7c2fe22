//! `POST /_sandbox/scenario`: plays a story up to the point where a test begins.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use crate::app::App;
use crate::context::{Ctx, Origin};
use crate::control::read;
use crate::engine::cards::TestCard;
use crate::engine::timers::{self, Timer};
use crate::engine::{calendar, methods};
use crate::error::ApiError;
use crate::http::inside;
use crate::json::Json;
use crate::kind::Kind;
use crate::store::Query;
use crate::webhook::delivery;

/// Cards that a renewal may be declined with, by their last four digits.
const CARDS: [&str; 10] =
    ["0341", "0002", "9995", "0069", "9987", "9979", "4242", "3155", "3184", "3178"];
const AMOUNT_MINOR_MAX: i64 = 99_999_999;
const SUBSCRIPTION_COUNT_MAX: i64 = 5;
/// Between the renewal and the moment that the clock is moved to: an hour until the invoice is
/// finalized, and a little.
const AFTER_RENEWAL_S: i64 = 3_600 + 60;
const WAIT_MS_MAX: u64 = 20_000;
const POLL_MS: u64 = 20;

/// What a test may choose.
struct Story {
    card: TestCard,
    amount_minor: i64,
    currency: String,
    test_clock: bool,
    subscriptions: i64,
    product: String,
    email: String,
    name: String,
    /// The customer's country, two letters.
    country: Option<String>,
    /// Whether each subscription has a card of its own.
    own_cards: bool,
}

/// What came into being.
#[derive(Clone, Debug)]
struct Cast {
    customer: String,
    subscriptions: Vec<String>,
    methods: Vec<String>,
    clock: Option<String>,
}

impl Story {
    fn read(body: &Value) -> Result<Self, ApiError> {
        if body.text("name") != "declined_renewal" {
            return Err(ApiError::invalid("name: declined_renewal"));
        }
        let last4 = body.text_opt("card").unwrap_or_else(|| "0341".to_owned());
        let card = TestCard::by_last4(&last4).filter(|card| CARDS.contains(&card.last4()));
        let card =
            card.ok_or_else(|| ApiError::invalid(format!("card: one of {}", CARDS.join(", "))))?;
        let amount_minor = body.at("amount_minor").as_i64().unwrap_or(1_900);
        let subscriptions = body.at("subscriptions").as_i64().unwrap_or(1);
        if !(1..=AMOUNT_MINOR_MAX).contains(&amount_minor)
            || !(1..=SUBSCRIPTION_COUNT_MAX).contains(&subscriptions)
        {
            return Err(ApiError::invalid("amount_minor or subscriptions is out of range."));
        }
        let text =
            |name: &str, default: &str| body.text_opt(name).unwrap_or_else(|| default.to_owned());
        Ok(Self {
            card,
            amount_minor,
            currency: text("currency", "eur"),
            test_clock: body.at("test_clock").as_bool().unwrap_or(true),
            subscriptions,
            product: text("product", "Pro plan"),
            email: text("email", "mara@example.com"),
            name: text("customer_name", "Mara Lindqvist"),
            country: read::word(body, "country", 2)?,
            own_cards: body.flag("own_cards"),
        })
    }
}

fn form(pairs: &[(&str, &str)]) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(pairs);
    form.finish()
}

/// Plays the story and waits until its webhooks were sent.
pub(crate) async fn play(app: &Arc<App>, body: &Value) -> Result<Value, ApiError> {
    let story = Story::read(body)?;
    let cast = app.transact(Origin::default(), |ctx| begin(ctx, &story))?;
    renew(app, &story, &cast).await?;
    let invoices = settled(app, &cast).await?;
    let sent = wait_for_webhooks(app, &cast.customer).await?;
    Ok(json!({
        "customer": cast.customer,
        "subscription": cast.subscriptions.first(),
        "subscriptions": cast.subscriptions,
        "invoice": invoices.first(),
        "invoices": invoices,
        "payment_method": cast.methods.first(),
        "payment_methods": cast.methods,
        "test_clock": cast.clock,
        "webhooks_sent": sent,
    }))
}

/// A customer with a paid subscription that began one period ago, and then a card that fails.
fn begin(ctx: &mut Ctx<'_>, story: &Story) -> Result<Cast, ApiError> {
    let renewal_s = ctx.wall_s() - AFTER_RENEWAL_S;
    let start_s = calendar::one_period_before(renewal_s, "month", 1)
        .ok_or_else(|| ApiError::internal("the calendar has no last month"))?;
    let clock = if story.test_clock {
        let form = form(&[("frozen_time", &start_s.to_string()), ("name", "declined_renewal")]);
        let clock = inside(ctx, "POST", "/v1/test_helpers/test_clocks", &form)?;
        clock.text_opt("id")
    } else {
        None
    };
    let mut pairs = vec![
        ("email", story.email.as_str()),
        ("name", story.name.as_str()),
        ("payment_method", "pm_card_visa"),
    ];
    if let Some(clock) = &clock {
        pairs.push(("test_clock", clock));
    }
    if let Some(country) = &story.country {
        pairs.push(("address[country]", country));
    }
    let customer = inside(ctx, "POST", "/v1/customers", &form(&pairs))?;
    let customer = customer.text("id").to_owned();
    let good = first_method(ctx, &customer)?;
    set_default(ctx, &customer, &good)?;
    let subscriptions = subscribe(ctx, story, &customer, &good, start_s)?;
    let methods = exchange_card(ctx, story, &customer, &good, &subscriptions)?;
    Ok(Cast { customer, subscriptions, methods, clock })
}

fn first_method(ctx: &Ctx<'_>, customer: &str) -> Result<String, ApiError> {
    let query = Query { customer: Some(customer), ..Query::default() };
    let methods = ctx.store.all(Kind::PaymentMethod, query)?;
    Ok(methods.first().map(|method| method.text("id").to_owned()).unwrap_or_default())
}

fn set_default(ctx: &mut Ctx<'_>, customer: &str, method: &str) -> Result<(), ApiError> {
    let form = form(&[("invoice_settings[default_payment_method]", method)]);
    inside(ctx, "POST", &format!("/v1/customers/{customer}"), &form)?;
    Ok(())
}

fn subscribe(
    ctx: &mut Ctx<'_>,
    story: &Story,
    customer: &str,
    method: &str,
    start_s: i64,
) -> Result<Vec<String>, ApiError> {
    let product = inside(ctx, "POST", "/v1/products", &form(&[("name", &story.product)]))?;
    let price = inside(
        ctx,
        "POST",
        "/v1/prices",
        &form(&[
            ("product", product.text("id")),
            ("currency", &story.currency),
            ("unit_amount", &story.amount_minor.to_string()),
            ("recurring[interval]", "month"),
        ]),
    )?;
    let mut subscriptions = Vec::new();
    for _ in 0..story.subscriptions {
        let form = form(&[
            ("customer", customer),
            ("items[0][price]", price.text("id")),
            ("default_payment_method", method),
        ]);
        let subscription = inside(ctx, "POST", "/v1/subscriptions", &form)?;
        let id = subscription.text("id").to_owned();
        if !story.test_clock {
            backdate(ctx, &id, start_s)?;
        }
        subscriptions.push(id);
    }
    Ok(subscriptions)
}

/// Without a test clock the subscription is made to have begun a month ago, so that its renewal
/// falls due now. The API has no way to do this; it is the scenario's own.
fn backdate(ctx: &mut Ctx<'_>, id: &str, start_s: i64) -> Result<(), ApiError> {
    let mut subscription = ctx.store.get(Kind::Subscription, id)?;
    let end_s = calendar::period_end(start_s, "month", 1, start_s)
        .ok_or_else(|| ApiError::internal("the calendar has no next month"))?;
    for field in ["billing_cycle_anchor", "start_date", "created"] {
        subscription.body.set(field, start_s);
    }
    subscription.body.set("items/data/0/current_period_start", start_s);
    subscription.body.set("items/data/0/current_period_end", end_s);
    ctx.store.put(&subscription)?;
    timers::set(ctx, Timer::Renew, id, "", end_s)
}

/// Puts the failing card in the place of the good one. Cards that no bank would let anybody set
/// up (0002, 9995, 0069, 9987) get there only this way: the bank agreed first and declines later.
fn exchange_card(
    ctx: &mut Ctx<'_>,
    story: &Story,
    customer: &str,
    good: &str,
    subscriptions: &[String],
) -> Result<Vec<String>, ApiError> {
    let mut methods = vec![failing_card(ctx, story, customer)?];
    set_default(ctx, customer, methods.first().map_or("", String::as_str))?;
    for (place, subscription) in subscriptions.iter().enumerate() {
        if story.own_cards && place > 0 {
            methods.push(failing_card(ctx, story, customer)?);
        }
        let card = methods.last().map_or("", String::as_str);
        let form = form(&[("default_payment_method", card)]);
        inside(ctx, "POST", &format!("/v1/subscriptions/{subscription}"), &form)?;
    }
    inside(ctx, "POST", &format!("/v1/payment_methods/{good}/detach"), "")?;
    Ok(methods)
}

fn failing_card(ctx: &mut Ctx<'_>, story: &Story, customer: &str) -> Result<String, ApiError> {
    let checked = methods::test_expiry(ctx, story.card);
    let mut method = methods::create(ctx, &checked)?;
    methods::attach_unasked(ctx, &mut method, customer)?;
    Ok(method.body.text("id").to_owned())
}

/// Lets the renewal happen.
async fn renew(app: &App, story: &Story, cast: &Cast) -> Result<(), ApiError> {
    if let (true, Some(clock)) = (story.test_clock, &cast.clock) {
        return app.transact(Origin::default(), |ctx| {
            let mut target_s = 0;
            for id in &cast.subscriptions {
                let subscription = ctx.store.get(Kind::Subscription, id)?.body;
                let end_s = subscription.int("items/data/0/current_period_end");
                target_s = target_s.max(end_s + AFTER_RENEWAL_S);
            }
            let path = format!("/v1/test_helpers/test_clocks/{clock}/advance");
            let form = form(&[("frozen_time", &target_s.to_string())]);
            inside(ctx, "POST", &path, &form).map(|_| ())
        });
    }
    app.clocks.notify_one();
    // The renewal invoice comes with the next tick; it is finalized without the usual hour.
    wait(app, |ctx| {
        let latest = latest_invoices(ctx, cast)?;
        let renewed: Vec<&Value> = latest
            .iter()
            .filter(|invoice| invoice.text("billing_reason") == "subscription_cycle")
            .collect();
        if renewed.len() < cast.subscriptions.len() {
            return Ok(None);
        }
        for invoice in renewed {
            if invoice.text("status") == "draft" {
                timers::set(ctx, Timer::Finalize, invoice.text("id"), "", ctx.wall_s())?;
            }
        }
        Ok(Some(()))
    })
    .await?;
    app.clocks.notify_one();
    Ok(())
}

fn latest_invoices(ctx: &Ctx<'_>, cast: &Cast) -> Result<Vec<Value>, ApiError> {
    let mut invoices = Vec::with_capacity(cast.subscriptions.len());
    for id in &cast.subscriptions {
        let subscription = ctx.store.get(Kind::Subscription, id)?.body;
        invoices.push(ctx.store.get(Kind::Invoice, subscription.text("latest_invoice"))?.body);
    }
    Ok(invoices)
}

/// Waits until each renewal invoice was attempted and the clock stands still.
async fn settled(app: &App, cast: &Cast) -> Result<Vec<String>, ApiError> {
    wait(app, |ctx| {
        if let Some(clock) = &cast.clock
            && ctx.store.get(Kind::Clock, clock)?.body.text("status") != "ready"
        {
            return Ok(None);
        }
        let invoices = latest_invoices(ctx, cast)?;
        let attempted = invoices.iter().all(|invoice| invoice.flag("attempted"));
        let ids = invoices.iter().map(|invoice| invoice.text("id").to_owned()).collect();
        Ok(attempted.then_some(ids))
    })
    .await
}

/// Waits for the first attempt of every event of the customer; false when deliveries are paused
/// or nobody listens in time.
async fn wait_for_webhooks(app: &App, customer: &str) -> Result<bool, ApiError> {
    if app.transact(Origin::default(), |ctx| delivery::is_paused(ctx))? {
        return Ok(false);
    }
    let waited = wait(app, |ctx| {
        let waits = delivery::waits(ctx, Some(customer))?;
        Ok((!waits).then_some(()))
    });
    Ok(waited.await.is_ok())
}

async fn wait<T>(
    app: &App,
    look: impl Fn(&mut Ctx<'_>) -> Result<Option<T>, ApiError>,
) -> Result<T, ApiError> {
    for _ in 0..WAIT_MS_MAX / POLL_MS {
        if let Some(found) = app.transact(Origin::default(), &look)? {
            return Ok(found);
        }
        tokio::time::sleep(Duration::from_millis(POLL_MS)).await;
    }
    Err(ApiError::internal(format!("The scenario was not done within {WAIT_MS_MAX} ms.")))
}
