//! What a customer may be offered: discounts, another plan, more trial, credit; and the ways out.
#![allow(
    missing_docs,
    unreachable_pub,
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests stop where they break; each test file uses its own part of the helpers"
)]

mod common;

use common::Sandbox;
use common::story::{DAY_S, HOUR_S, begin, begin_with, id, noon};
use serde_json::{Value, json};

/// A coupon's parameters, and what the renewals after it are to cost.
type Case<'a> = (&'a [(&'a str, &'a str)], [i64; 5]);

fn coupon(sandbox: &Sandbox, form: &[(&str, &str)]) -> String {
    id(&sandbox.post("/v1/coupons", form).ok())
}

/// Renews month by month; the totals of the renewal invoices.
fn renewals(story: &common::story::Story<'_>, days: &[&str]) -> Vec<i64> {
    days.iter()
        .map(|day| {
            story.advance(noon(day) + 2 * HOUR_S);
            let invoice = story.latest_invoice();
            assert_eq!(invoice["status"], "paid", "{day}: {invoice}");
            assert_eq!(invoice["amount_paid"], invoice["amount_due"]);
            invoice["total"].as_i64().unwrap()
        })
        .collect()
}

const MONTHS: [&str; 5] = ["2026-06-10", "2026-07-10", "2026-08-10", "2026-09-10", "2026-10-10"];

#[test]
fn a_discount_lasts_exactly_as_long_as_it_says() {
    let sandbox = Sandbox::start(&[]);
    let cases: [Case<'_>; 4] = [
        (&[("percent_off", "25.5"), ("duration", "once")], [1_415, 1_900, 1_900, 1_900, 1_900]),
        (
            &[("percent_off", "50"), ("duration", "repeating"), ("duration_in_months", "3")],
            [950, 950, 950, 1_900, 1_900],
        ),
        (
            &[("amount_off", "700"), ("currency", "eur"), ("duration", "forever")],
            [1_200, 1_200, 1_200, 1_200, 1_200],
        ),
        (
            &[
                ("amount_off", "9900"),
                ("currency", "eur"),
                ("duration", "repeating"),
                ("duration_in_months", "2"),
            ],
            [0, 0, 1_900, 1_900, 1_900],
        ),
    ];
    for (form, expected) in cases {
        let story = begin(&sandbox, "2026-05-10", "pm_card_visa");
        story.advance(noon("2026-05-20"));
        let coupon = coupon(&sandbox, form);
        let updated = story.update(&[("discounts[0][coupon]", &coupon)]);
        assert_eq!(updated["discounts"].as_array().unwrap().len(), 1);
        assert_eq!(renewals(&story, &MONTHS), expected, "{form:?}");
        assert_eq!(story.taken_minor(), 1_900 + expected.iter().sum::<i64>());
        assert_eq!(story.events("customer.discount.created"), 1);
        let ended = usize::from(form.iter().all(|(_, value)| *value != "forever"));
        assert_eq!(story.events("customer.discount.deleted"), ended);
    }
}

#[test]
fn an_invoice_says_what_was_taken_off() {
    let sandbox = Sandbox::start(&[]);
    let first = coupon(&sandbox, &[("percent_off", "50"), ("duration", "forever")]);
    let more = [("discounts[0][coupon]", first.as_str())];
    let story = begin_with(&sandbox, "2026-05-10", "pm_card_visa", &more);
    let invoice = story.latest_invoice();
    assert_eq!((&invoice["subtotal"], &invoice["total"]), (&json!(1_900), &json!(950)));
    assert_eq!(invoice["total_discount_amounts"][0]["amount"], 950);
    assert_eq!(invoice["discounts"][0], invoice["total_discount_amounts"][0]["discount"]);
    let line = &invoice["lines"]["data"][0];
    assert_eq!(
        (&line["amount"], &line["discount_amounts"][0]["amount"]),
        (&json!(1_900), &json!(950))
    );
    assert_eq!(
        line["pricing"]["price_details"]["price"],
        story.subscription()["items"]["data"][0]["price"]["id"]
    );
    let path = format!("{}?expand[]=discounts.source.coupon", story.path());
    let expanded = sandbox.get(&path).ok();
    assert_eq!(expanded["discounts"][0]["source"]["coupon"]["percent_off"], 50);
    // A promotion code on top, the old one kept by its own id; then all taken away.
    let second =
        coupon(&sandbox, &[("amount_off", "100"), ("currency", "eur"), ("duration", "forever")]);
    let form =
        [("promotion[type]", "coupon"), ("promotion[coupon]", second.as_str()), ("code", "STAY")];
    let code = id(&sandbox.post("/v1/promotion_codes", &form).ok());
    let kept = id(&expanded["discounts"][0]);
    story.update(&[("discounts[0][discount]", &kept), ("discounts[1][promotion_code]", &code)]);
    assert_eq!(renewals(&story, &MONTHS[..1]), [850]);
    story.update(&[("discounts", "")]);
    assert_eq!(renewals(&story, &MONTHS[1..2]), [1_900]);
}

#[test]
fn a_coupon_that_is_used_up_gone_or_foreign_is_refused() {
    let sandbox = Sandbox::start(&[]);
    let (one, other) = (
        begin(&sandbox, "2026-05-10", "pm_card_visa"),
        begin(&sandbox, "2026-05-10", "pm_card_visa"),
    );
    let single = coupon(&sandbox, &[("percent_off", "10"), ("max_redemptions", "1")]);
    one.update(&[("discounts[0][coupon]", &single)]);
    assert_eq!(sandbox.get(&format!("/v1/coupons/{single}")).ok()["valid"], false);
    let refused = sandbox.post(&other.path(), &[("discounts[0][coupon]", &single)]).error(400);
    assert_eq!(refused["code"], "coupon_expired");
    let dollars = coupon(&sandbox, &[("amount_off", "100"), ("currency", "usd")]);
    sandbox.post(&other.path(), &[("discounts[0][coupon]", &dollars)]).error(400);
    sandbox.post(&other.path(), &[("discounts[0][coupon]", "none")]).error(400);
    for form in [
        &[("percent_off", "0")][..],
        &[("percent_off", "10"), ("amount_off", "5")],
        &[("percent_off", "10"), ("duration", "repeating")],
        &[("percent_off", "10"), ("duration", "once"), ("duration_in_months", "2")],
    ] {
        sandbox.post("/v1/coupons", form).error(400);
    }
    // A coupon that is deleted afterwards is still what was given.
    sandbox.send("DELETE", &format!("/v1/coupons/{single}"), &[], "").ok();
    assert_eq!(renewals(&one, &MONTHS[..1]), [1_710]);
}

fn price(sandbox: &Sandbox, product: &str, amount: &str, interval: &str) -> String {
    let form = [
        ("currency", "eur"),
        ("unit_amount", amount),
        ("recurring[interval]", interval),
        ("product", product),
    ];
    id(&sandbox.post("/v1/prices", &form).ok())
}

#[test]
fn a_plan_change_prorates_by_the_second_or_not_at_all() {
    let sandbox = Sandbox::start(&[]);
    // 10 to 25 June: half of a period of 30 days is left.
    let changed = |behavior: &str| {
        let story = begin(&sandbox, "2026-06-10", "pm_card_visa");
        story.advance(noon("2026-06-25"));
        let item = story.subscription()["items"]["data"][0].clone();
        let small = price(&sandbox, item["price"]["product"].as_str().unwrap(), "900", "month");
        let form = [
            ("items[0][id]", item["id"].as_str().unwrap()),
            ("items[0][price]", small.as_str()),
            ("proration_behavior", behavior),
        ];
        let updated = story.update(&form);
        let now = &updated["items"]["data"][0];
        assert_eq!((&now["id"], &now["price"]["unit_amount"]), (&item["id"], &json!(900)));
        assert_eq!(now["price"]["recurring"]["interval"], "month");
        assert_eq!(now["current_period_end"], item["current_period_end"]);
        let waiting =
            sandbox.get(&format!("/v1/invoiceitems?pending=true&customer={}", story.customer));
        let waiting = waiting.ok()["data"].as_array().unwrap().len();
        (waiting, story.invoice_count(), renewals(&story, &["2026-07-10"])[0], story.taken_minor())
    };
    assert_eq!(changed("none"), (0, 1, 900, 2_800));
    // 950 back, 450 for the rest: 500 less on the next invoice.
    assert_eq!(changed("create_prorations"), (2, 1, 400, 2_300));
    // At once: a negative invoice becomes credit, which the renewal uses up.
    assert_eq!(changed("always_invoice"), (0, 2, 900, 2_300));
}

#[test]
fn another_interval_begins_a_new_period_at_once() {
    let sandbox = Sandbox::start(&[]);
    let story = begin(&sandbox, "2026-06-10", "pm_card_visa");
    story.advance(noon("2026-06-25"));
    let item = story.subscription()["items"]["data"][0].clone();
    let year = price(&sandbox, item["price"]["product"].as_str().unwrap(), "19000", "year");
    let form = [("items[0][id]", item["id"].as_str().unwrap()), ("items[0][price]", year.as_str())];
    let updated = story.update(&form);
    assert_eq!(updated["items"]["data"][0]["current_period_end"], noon("2027-06-25"));
    let invoice = story.latest_invoice();
    assert_eq!(
        (&invoice["billing_reason"], &invoice["total"]),
        (&json!("subscription_update"), &json!(18_050))
    );
    assert_eq!(invoice["status"], "paid");
    // More seats, fewer seats, and an item that is not there.
    let item = &updated["items"]["data"][0];
    let form = [("items[0][id]", item["id"].as_str().unwrap()), ("items[0][quantity]", "3")];
    assert_eq!(story.update(&form)["items"]["data"][0]["quantity"], 3);
    sandbox
        .post(&story.path(), &[("items[0][id]", "si_none"), ("items[0][quantity]", "3")])
        .error(400);
}

#[test]
fn a_trial_bills_nothing_and_can_be_prolonged() {
    let sandbox = Sandbox::start(&[]);
    let story = begin_with(&sandbox, "2026-06-01", "pm_card_visa", &[("trial_period_days", "14")]);
    let trial = story.subscription();
    assert_eq!(
        (&trial["status"], &trial["trial_end"]),
        (&json!("trialing"), &json!(noon("2026-06-15")))
    );
    assert_eq!(story.latest_invoice()["total"], 0);
    let later = noon("2026-06-22").to_string();
    assert_eq!(story.update(&[("trial_end", &later)])["trial_end"], noon("2026-06-22"));
    story.advance(noon("2026-06-18"));
    assert_eq!(story.events("customer.subscription.trial_will_end"), 0);
    story.advance(noon("2026-06-20"));
    assert_eq!(story.events("customer.subscription.trial_will_end"), 1);
    assert_eq!((story.taken_minor(), story.invoice_count()), (0, 1));
    story.advance(noon("2026-06-22") + 2 * HOUR_S);
    assert_eq!(story.subscription()["status"], "active");
    assert_eq!(story.taken_minor(), 1_900);
    assert_eq!(story.subscription()["items"]["data"][0]["current_period_end"], noon("2026-07-22"));
    // Free time for a paying customer: what was paid is credited, and used up later.
    story.update(&[("trial_end", &noon("2026-07-31").to_string())]);
    assert_eq!(story.subscription()["status"], "trialing");
    story.advance(noon("2026-07-31") + 2 * HOUR_S);
    let first = story.latest_invoice()["total"].as_i64().unwrap();
    assert!((0..20).contains(&first), "{first}: nearly a whole month was credited");
    sandbox.post(&story.path(), &[("trial_end", "now")]).error(400);
    let past = (noon("2026-07-31") - DAY_S).to_string();
    sandbox.post(&story.path(), &[("trial_end", &past)]).error(400);
}

#[test]
fn credit_pays_the_next_invoices_first() {
    let sandbox = Sandbox::start(&[]);
    let story = begin(&sandbox, "2026-05-10", "pm_card_visa");
    let path = format!("/v1/customers/{}/balance_transactions", story.customer);
    let form = [("amount", "-2500"), ("currency", "eur"), ("description", "Sorry")];
    let booked = sandbox.post(&path, &form).ok();
    assert_eq!(
        (&booked["type"], &booked["ending_balance"]),
        (&json!("adjustment"), &json!(-2_500))
    );
    story.advance(noon("2026-06-10") + 2 * HOUR_S);
    let first = story.latest_invoice();
    assert_eq!((&first["total"], &first["amount_due"]), (&json!(1_900), &json!(0)));
    assert_eq!(
        (&first["starting_balance"], &first["ending_balance"]),
        (&json!(-2_500), &json!(-600))
    );
    story.advance(noon("2026-07-10") + 2 * HOUR_S);
    assert_eq!(story.latest_invoice()["amount_paid"], 1_300);
    let customer = sandbox.get(&format!("/v1/customers/{}", story.customer)).ok();
    assert_eq!(customer["balance"], 0);
    assert_eq!(story.taken_minor(), 1_900 + 1_300);
    assert_eq!(sandbox.get(&path).ok()["data"].as_array().unwrap().len(), 3);
    sandbox.post(&path, &[("amount", "-5"), ("currency", "usd")]).error(400);
}

#[test]
fn leaving_can_be_undone_until_it_has_happened() {
    let sandbox = Sandbox::start(&[]);
    let story = begin(&sandbox, "2026-05-10", "pm_card_visa");
    let form = [
        ("cancel_at_period_end", "true"),
        ("cancellation_details[feedback]", "too_expensive"),
        ("cancellation_details[comment]", "Too much for me"),
    ];
    let leaving = story.update(&form);
    assert_eq!(
        (&leaving["status"], &leaving["cancel_at"]),
        (&json!("active"), &json!(noon("2026-06-10")))
    );
    let staying = story.update(&[("cancel_at_period_end", "false")]);
    for field in ["cancel_at", "canceled_at"] {
        assert_eq!(staying[field], Value::Null, "{field}");
    }
    assert_eq!(staying["cancellation_details"]["reason"], Value::Null);
    assert_eq!(renewals(&story, &MONTHS[..1]), [1_900]);
    // At a time of its own, and then at once.
    let at = noon("2026-07-01").to_string();
    assert_eq!(story.update(&[("cancel_at", &at)])["cancel_at"], noon("2026-07-01"));
    story.advance(noon("2026-07-02"));
    let ended = story.subscription();
    assert_eq!(
        (&ended["status"], &ended["ended_at"]),
        (&json!("canceled"), &json!(noon("2026-07-01")))
    );
    story.advance(noon("2026-08-20"));
    assert_eq!(story.taken_minor(), 3_800, "nothing after the end");

    let other = begin(&sandbox, "2026-05-10", "pm_card_chargeCustomerFail");
    other.advance(noon("2026-06-10") + 2 * HOUR_S);
    assert_eq!(other.subscription()["status"], "past_due");
    let form = common::encode(&[("cancellation_details[feedback]", "unused")]);
    let gone = sandbox.send("DELETE", &other.path(), &[], &form).ok();
    assert_eq!(gone["cancellation_details"]["feedback"], "unused");
    let invoice = id(&other.latest_invoice());
    let voided = sandbox.post(&format!("/v1/invoices/{invoice}/void"), &[]).ok();
    assert_eq!((&voided["status"], &voided["amount_remaining"]), (&json!("void"), &json!(0)));
    let attempts = sandbox.ledger(&invoice);
    other.advance(noon("2026-07-20"));
    assert_eq!(sandbox.ledger(&invoice), attempts, "no attempt after the end");
}
