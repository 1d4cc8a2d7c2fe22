//! What networks and providers advise after a no.

use crate::network::RuleId;
use crate::time::{DAY_MS, HOUR_MS};

/// One piece of advice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Advice {
    /// Do not try again without the customer.
    Stop {
        /// Its name.
        rule: RuleId,
        /// Whether the customer may not pay with this card either.
        binds_customer: bool,
    },
    /// Come back later.
    Wait {
        /// Its name.
        rule: RuleId,
        /// How much later, in milliseconds.
        delay_ms: i64,
    },
    /// The card's data changed: the same data will not do.
    NewDetails {
        /// Its name.
        rule: RuleId,
    },
    /// This kind of card does not last: ask for another.
    AskCustomer {
        /// Its name.
        rule: RuleId,
    },
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct AdviceRow {
    /// Two digits.
    pub code: &'static str,
    /// What it means for us.
    pub advice: Advice,
    /// Where it was read.
    pub source: &'static str,
}

const TABAPAY: &str = "https://developers.tabapay.com/docs/merchant-advice-code (read 2026-11)";
const EVERON: &str = "https://docs.everonet.com (read 2026-11)";
const CYBERSOURCE: &str = "https://developer.cybersource.com, mandate of April 2024 (read 2026-11)";

const fn row(code: &'static str, advice: Advice, source: &'static str) -> AdviceRow {
    AdviceRow { code, advice, source }
}

const fn wait(rule: &'static str, delay_ms: i64) -> Advice {
    Advice::Wait { rule: RuleId(rule), delay_ms }
}

const fn stop(rule: &'static str) -> Advice {
    Advice::Stop { rule: RuleId(rule), binds_customer: false }
}

/// Mastercard's merchant advice codes.
pub const MASTERCARD: &[AdviceRow] = &[
    row("01", Advice::NewDetails { rule: RuleId("mastercard.mac.01") }, TABAPAY),
    row("02", wait("mastercard.mac.02", 72 * HOUR_MS), EVERON),
    row("03", stop("mastercard.mac.03"), TABAPAY),
    // The merchant's own set-up is at fault; trying again changes nothing.
    row("04", stop("mastercard.mac.04"), TABAPAY),
    row("21", stop("mastercard.mac.21"), TABAPAY),
    row("22", stop("mastercard.mac.22"), TABAPAY),
    row("24", wait("mastercard.mac.24", HOUR_MS), TABAPAY),
    row("25", wait("mastercard.mac.25", DAY_MS), TABAPAY),
    row("26", wait("mastercard.mac.26", 2 * DAY_MS), TABAPAY),
    row("27", wait("mastercard.mac.27", 4 * DAY_MS), TABAPAY),
    row("28", wait("mastercard.mac.28", 6 * DAY_MS), TABAPAY),
    row("29", wait("mastercard.mac.29", 8 * DAY_MS), TABAPAY),
    row("30", wait("mastercard.mac.30", 10 * DAY_MS), TABAPAY),
    row("40", Advice::AskCustomer { rule: RuleId("mastercard.mac.40") }, TABAPAY),
    row("41", Advice::AskCustomer { rule: RuleId("mastercard.mac.41") }, TABAPAY),
    row(
        "42",
        Advice::Stop { rule: RuleId("mastercard.mac.42"), binds_customer: true },
        CYBERSOURCE,
    ),
    row("43", Advice::AskCustomer { rule: RuleId("mastercard.mac.43") }, CYBERSOURCE),
];

/// The advice behind a merchant advice code; `None`: no table knows it.
#[must_use]
pub fn mastercard(code: &str) -> Option<Advice> {
    MASTERCARD.iter().find(|row| row.code == code).map(|row| row.advice)
}
