//! A small Stripe in memory, on the level of HTTP: forms come in, JSON goes out, and the adapter is
//! the real one.
//!
//! It has what the adapter asks for and nothing else: an unknown path or parameter is a broken
//! test, never a shrug. `books` is the state, `bank` charges, `api` routes and answers, `changes`
//! does what a customer who leaves or stays wants, `shape` writes the objects of API version
//! `2026-10-28.endive`, `keys` remembers answers, and `wire` carries requests and loses them.
#![allow(dead_code, reason = "each test file uses its part of it")]

mod api;
pub(crate) mod bank;
pub(crate) mod books;
mod changes;
mod keys;
#[path = "../../../shared/tests/support/rng.rs"]
pub(crate) mod rng;
mod shape;
pub(crate) mod wire;

use reprieve_core::time::Timestamp;
use reprieve_edge::config::StripeConfig;
use reprieve_edge::provider::Secret;
use reprieve_edge::provider::stripe::MethodType;
use std::cell::Cell;

/// Where the adapter thinks that Stripe is.
pub(crate) const API_BASE: &str = "https://api.example";
/// What its events are signed with.
pub(crate) const WEBHOOK_SECRET: &str = "whsec_fault";
/// Whose invoices they are.
pub(crate) const CUSTOMER: &str = "cus_1";
/// 2027-01-15T08:00:00Z.
const BEGINNING_MS: i64 = 1_800_000_000_000;

thread_local! {
    static TRUE_MS: Cell<i64> = const { Cell::new(BEGINNING_MS) };
    static SKEW_MS: Cell<i64> = const { Cell::new(0) };
}

/// The time at Stripe.
pub(crate) fn true_now() -> Timestamp {
    Timestamp::from_ms(TRUE_MS.get())
}

/// The time as the process under test sees it.
pub(crate) fn our_now() -> Timestamp {
    true_now().plus_ms(SKEW_MS.get())
}

/// A new world, with a clock at its beginning.
pub(crate) fn reset_clock() {
    TRUE_MS.set(BEGINNING_MS);
    SKEW_MS.set(0);
}

/// By how much our clock is ahead.
pub(crate) fn set_skew_ms(skew_ms: i64) {
    SKEW_MS.set(skew_ms);
}

/// Time passes.
pub(crate) fn pass_ms(ms: i64) {
    TRUE_MS.set(TRUE_MS.get() + ms.max(0));
}

pub(crate) fn config() -> StripeConfig {
    StripeConfig {
        api_base: API_BASE.to_owned(),
        secret_key: Secret::new("sk_test_fault"),
        publishable_key: "pk_test_fault".to_owned(),
        js_url: String::new(),
        webhook_secrets: vec![Secret::new(WEBHOOK_SECRET)],
        method_types: vec![MethodType::Card],
    }
}
