//! Every row of every table of declines as text, with its date and its source, beside the tables
//! themselves: what a row says is reviewed here as one line, and no row changes unseen.
#![cfg(test)]

use core::fmt::Write as _;
use reprieve_core::decline::advice::{self, Advice};
use reprieve_core::decline::stripe::{ADVICE, CODES};
use reprieve_core::decline::{iso, visa};
use reprieve_core::time::{HOUR_MS, Timestamp};

const TABLES: &str = include_str!("golden/declines.txt");

/// A day: `2025-04-11`; `always` for the beginning of time.
fn day(at: Timestamp) -> String {
    if at == Timestamp::from_ms(0) {
        return "always".to_owned();
    }
    let moment = jiff::Timestamp::from_millisecond(at.as_ms()).unwrap();
    assert_eq!(at.as_ms() % (24 * HOUR_MS), 0, "a rule begins at midnight");
    moment.to_string()[..10].to_owned()
}

/// The source without the part that is the same everywhere.
fn source(text: &str) -> &str {
    text.trim_end_matches(" (read 2026-11)")
}

fn what(advice: Advice) -> String {
    match advice {
        Advice::Stop { rule, binds_customer: true } => format!("{rule} stop, the customer too"),
        Advice::Stop { rule, binds_customer: false } => format!("{rule} stop"),
        Advice::Wait { rule, delay_ms } => {
            assert_eq!(delay_ms % HOUR_MS, 0, "full hours");
            format!("{rule} wait {} h", delay_ms / HOUR_MS)
        }
        Advice::NewDetails { rule } => format!("{rule} new details"),
        Advice::AskCustomer { rule } => format!("{rule} another card"),
    }
}

fn tables() -> String {
    let mut text = String::from("Mastercard's advice\n");
    for row in advice::MASTERCARD {
        let (code, what, from) = (row.code, what(row.advice), day(row.effective_from));
        let (reason, sent_by) = (row.reason, row.sent_by);
        let source = source(row.source);
        let _ = writeln!(text, "{code} {what}, {reason:?}, {sent_by:?}, {from}, {source}");
    }
    text.push_str("\nVisa's response codes\n");
    for row in visa::CODES {
        let (code, category, reason) = (row.code, row.category, row.reason);
        let pay = if row.customer_may_pay { "customer may pay" } else { "never" };
        let (from, source) = (day(row.effective_from), source(row.source));
        let _ = writeln!(text, "{code} category {category}, {reason:?}, {pay}, {from}, {source}");
    }
    for (name, table) in [("Mastercard's", iso::MASTERCARD), ("Everybody's", iso::COMMON)] {
        let _ = writeln!(text, "\n{name} response codes");
        for row in table {
            let (code, reason, bucket) = (row.code, row.reason, row.bucket);
            let (from, source) = (day(row.effective_from), source(row.source));
            let _ = writeln!(text, "{code} {reason:?}, {bucket:?}, {from}, {source}");
        }
    }
    text.push_str("\nStripe's decline codes\n");
    for row in CODES {
        let (code, category, word) = (row.code, row.category, row.word);
        let (from, source) = (day(row.effective_from), source(row.source));
        let _ = writeln!(text, "{code} {category:?}, {word:?}, {from}, {source}");
    }
    text.push_str("\nStripe's advice codes\n");
    for row in ADVICE {
        let (code, reason, word) = (row.code, row.reason, row.word);
        let (from, source) = (day(row.effective_from), source(row.source));
        let _ = writeln!(text, "{code} {reason:?}, {word:?}, {from}, {source}");
    }
    text
}

#[test]
fn every_row_is_as_written() {
    let tables = tables();
    for (at, (ours, written)) in tables.lines().zip(TABLES.lines()).enumerate() {
        assert_eq!(ours, written, "line {}", at + 1);
    }
    assert!(tables == TABLES, "the tables are now:\n{tables}");
}
