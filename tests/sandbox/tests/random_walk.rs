//! Random lives of a subscription, by seed: whatever is done to it, the books agree.
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

use common::story::{DAY_S, Story, begin, id};
use common::{Answer, Sandbox};
use serde_json::{Value, json};

const STEP_COUNT: usize = 20;
/// Lives in an ordinary run, and in a long one (`-- --ignored`).
const WALK_COUNT: u64 = 3;
const LONG_WALK_COUNT: u64 = 200;
const PARALLEL_COUNT: usize = 4;

/// A small generator of its own, so that a walk can be repeated.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    fn one_of<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[usize::try_from(self.below(list.len() as u64)).unwrap()]
    }
}

/// Does one thing; whether Stripe would allow it is its own affair, but it never breaks.
fn step(story: &Story<'_>, dice: &mut Dice) -> String {
    let sandbox = story.sandbox;
    let path = story.path();
    let update = |form: &[(&str, &str)]| sandbox.post(&path, form);
    let (name, answer): (&str, Answer) = match dice.below(14) {
        0 => {
            let from = dice.one_of(&["now", "none", "item_current_period_start"]);
            let how = dice.one_of(&["invoice", "pending_invoice_item"]);
            let form = [("bill_for[unused_time_from][type]", from), ("invoicing_behavior", how)];
            ("pause", sandbox.post(&format!("{path}/pause"), &form))
        }
        1 | 2 => {
            let how = ["resume_on_payment_success", "resume_on_payment_attempt"];
            let form = [
                ("payment_behavior", dice.one_of(&how)),
                ("billing_cycle_anchor[type]", dice.one_of(&["now", "unchanged"])),
                ("proration_behavior", dice.one_of(&["none", "always_invoice"])),
            ];
            ("resume", sandbox.post(&format!("{path}/resume"), &form))
        }
        3 => {
            let duration = dice.one_of(&["once", "forever"]);
            let form = [("percent_off", dice.one_of(&["33.33", "100"])), ("duration", duration)];
            let coupon = id(&sandbox.post("/v1/coupons", &form).ok());
            ("discount", update(&[("discounts[0][coupon]", &coupon)]))
        }
        4 => ("no discount", update(&[("discounts", "")])),
        5 => {
            let quantity = dice.one_of(&["1", "2", "5"]);
            let item = id(&story.subscription()["items"]["data"][0]);
            let how = dice.one_of(&["none", "create_prorations", "always_invoice"]);
            let form = [
                ("items[0][id]", item.as_str()),
                ("items[0][quantity]", quantity),
                ("proration_behavior", how),
            ];
            ("quantity", update(&form))
        }
        6 => {
            let amount = dice.one_of(&["-777", "250"]);
            let to = format!("/v1/customers/{}/balance_transactions", story.customer);
            ("balance", sandbox.post(&to, &[("amount", amount), ("currency", "eur")]))
        }
        7 => ("leave", update(&[("cancel_at_period_end", dice.one_of(&["true", "false"]))])),
        8 => {
            let behavior = dice.one_of(&["void", "keep_as_draft", "mark_uncollectible"]);
            ("collection off", update(&[("pause_collection[behavior]", behavior)]))
        }
        9 => ("collection on", update(&[("pause_collection", "")])),
        10 => {
            let order = json!({"customer": story.customer, "decline_code": "insufficient_funds",
                "times": 1 + dice.below(3)});
            sandbox.control("POST", "declines", &order);
            ("declines", sandbox.get(&path))
        }
        11 => {
            let invoice = story.latest_invoice();
            let verb = dice.one_of(&["pay", "void", "finalize", "mark_uncollectible"]);
            ("invoice", sandbox.post(&format!("/v1/invoices/{}/{verb}", id(&invoice)), &[]))
        }
        12 => {
            let clock = sandbox.get(&format!("/v1/test_helpers/test_clocks/{}", story.clock)).ok();
            let to = clock["frozen_time"].as_i64().unwrap() + 9 * DAY_S;
            ("trial", update(&[("trial_end", &to.to_string())]))
        }
        _ => ("trial ends", update(&[("trial_end", "now")])),
    };
    assert!(answer.status < 500, "{name}: {}", answer.text);
    format!("{name} {}", answer.status)
}

fn list(sandbox: &Sandbox, path: &str) -> Vec<Value> {
    let answer = sandbox.get(path).ok();
    assert_eq!(answer["has_more"], false, "{path}");
    answer["data"].as_array().unwrap().clone()
}

fn int(value: &Value) -> i64 {
    value.as_i64().unwrap()
}

/// Everything that must hold at any moment.
fn audit(story: &Story<'_>, told: &str) {
    let sandbox = story.sandbox;
    let invoices = list(sandbox, &format!("/v1/invoices?limit=100&customer={}", story.customer));
    let mut paid = 0;
    for invoice in &invoices {
        let off = invoice["total_discount_amounts"].as_array().unwrap();
        let off: i64 = off.iter().map(|entry| int(&entry["amount"])).sum();
        let lines = invoice["lines"]["data"].as_array().unwrap();
        let sum: i64 = lines.iter().map(|line| int(&line["amount"])).sum();
        assert_eq!(int(&invoice["subtotal"]), sum, "{told}: {invoice}");
        assert_eq!(int(&invoice["total"]), sum - off, "{told}: {invoice}");
        if invoice["status"] != "draft" {
            let due = (int(&invoice["total"]) + int(&invoice["starting_balance"])).max(0);
            assert_eq!(int(&invoice["amount_due"]), due, "{told}: {invoice}");
        }
        let (successes, _) = sandbox.ledger(&id(invoice));
        assert!(successes <= 1, "{told}: paid twice: {invoice}");
        if invoice["status"] == "paid" {
            assert_eq!(int(&invoice["amount_paid"]), int(&invoice["amount_due"]), "{told}");
            assert_eq!(successes, usize::from(int(&invoice["amount_paid"]) > 0), "{told}");
            paid += int(&invoice["amount_paid"]);
        } else {
            assert_eq!(successes, 0, "{told}: {invoice}");
        }
    }
    assert_eq!(story.taken_minor(), paid, "{told}");
    let path = format!("/v1/customers/{}/balance_transactions?limit=100", story.customer);
    let moved: i64 = list(sandbox, &path).iter().map(|entry| int(&entry["amount"])).sum();
    let customer = sandbox.get(&format!("/v1/customers/{}", story.customer)).ok();
    assert_eq!(int(&customer["balance"]), moved, "{told}");
}

fn walk(seed: u64) {
    let sandbox = Sandbox::start(&["--seed", &seed.to_string()]);
    let story = begin(&sandbox, "2026-05-10", "pm_card_visa");
    let mut dice = Dice(seed);
    let mut told = format!("seed {seed}");
    for _ in 0..STEP_COUNT {
        let stands = story.subscription()["status"].clone();
        let count = story.invoice_count();
        let clock = sandbox.get(&format!("/v1/test_helpers/test_clocks/{}", story.clock)).ok();
        let days = 1 + i64::try_from(dice.below(20)).unwrap();
        story.advance(int(&clock["frozen_time"]) + days * DAY_S);
        if stands == "paused" || stands == "canceled" {
            assert_eq!(story.invoice_count(), count, "{told}: an invoice while {stands}");
        }
        audit(&story, &told);
        told = format!("{told}, {}", step(&story, &mut dice));
        audit(&story, &told);
    }
}

fn walk_all(count: u64) {
    let seeds: Vec<u64> = (1..=count).collect();
    for group in seeds.chunks(PARALLEL_COUNT) {
        std::thread::scope(|scope| {
            for seed in group {
                scope.spawn(move || walk(*seed));
            }
        });
    }
}

#[test]
fn the_books_agree_in_every_life() {
    walk_all(WALK_COUNT);
}

#[test]
#[ignore = "a long run, for whoever changed the billing: cargo test … -- --ignored"]
fn the_books_agree_in_many_lives() {
    walk_all(LONG_WALK_COUNT);
}
