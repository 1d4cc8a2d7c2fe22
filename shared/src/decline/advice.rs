//! What networks advise after a no: Mastercard's merchant advice codes.
//!
//! Sources: TabaPay (merchant-advice-code), Everon (docs.everonet.com), CyberSource (mandates of
//! April 2023 and April 2024), Braintree (merchant-advice-codes), Peach Payments (payment
//! excellence best practices, for Visa), all read 2026-11. A date is a mandate of CyberSource's;
//! other acquirers may have been later. Codes that only some processors send (00, 08, 99) mean
//! nothing here, and nothing is guessed from them.

use super::Category;
use super::reading::{Reason, Word};
use crate::network::{Network, RuleId};
use crate::time::{DAY_MS, HOUR_MS, Timestamp};

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

impl Advice {
    /// Whether the advice speaks for or against another automatic attempt.
    #[must_use]
    pub const fn word(self) -> Word {
        match self {
            Self::Stop { .. } => Word::Stop,
            Self::Wait { .. } => Word::Later,
            Self::NewDetails { .. } | Self::AskCustomer { .. } => Word::Silent,
        }
    }
}

/// Which networks send a code in this meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SentBy {
    /// Mastercard alone.
    Mastercard,
    /// Mastercard, and processors for Visa.
    VisaToo,
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct AdviceRow {
    /// Two digits.
    pub code: &'static str,
    /// What it means for us.
    pub advice: Advice,
    /// The reason behind it.
    pub reason: Reason,
    /// Which networks send it.
    pub sent_by: SentBy,
    /// From when.
    pub effective_from: Timestamp,
    /// Where it was read.
    pub source: &'static str,
}

const TABAPAY: &str = "https://developers.tabapay.com/docs/merchant-advice-code (read 2026-11)";
const EVERON: &str = "https://docs.everonet.com (read 2026-11)";
const CYBERSOURCE: &str = "https://developer.cybersource.com, mandate of April 2024 (read 2026-11)";
const BRAINTREE: &str = "https://developer.paypal.com/braintree/docs/reference/general/\
     merchant-responses/merchant-advice-codes (read 2026-11)";

/// No date is given: it has always been so.
const ALWAYS: Timestamp = Timestamp::from_ms(0);
/// 2023-04-14T00:00:00Z, CyberSource's mandate.
const APRIL_2023: Timestamp = Timestamp::from_seconds(1_681_430_400);
/// 2024-04-12T00:00:00Z, CyberSource's mandate.
const APRIL_2024: Timestamp = Timestamp::from_seconds(1_712_880_000);

const fn row(code: &'static str, advice: Advice, reason: Reason) -> AdviceRow {
    let (sent_by, effective_from, source) = (SentBy::Mastercard, ALWAYS, TABAPAY);
    AdviceRow { code, advice, reason, sent_by, effective_from, source }
}

/// Peach Payments: sent for Visa as well.
const fn both(row: AdviceRow) -> AdviceRow {
    AdviceRow { sent_by: SentBy::VisaToo, ..row }
}

const fn since(row: AdviceRow, effective_from: Timestamp, source: &'static str) -> AdviceRow {
    AdviceRow { effective_from, source, ..row }
}

const fn wait(code: &'static str, rule: &'static str, delay_ms: i64) -> AdviceRow {
    let advice = Advice::Wait { rule: RuleId(rule), delay_ms };
    row(code, advice, Reason::Suggests(Category::IssuerUnavailable))
}

const fn wait_2023(code: &'static str, rule: &'static str, delay_ms: i64) -> AdviceRow {
    since(wait(code, rule, delay_ms), APRIL_2023, TABAPAY)
}

const fn stop(code: &'static str, rule: &'static str, reason: Reason) -> AdviceRow {
    row(code, Advice::Stop { rule: RuleId(rule), binds_customer: false }, reason)
}

const fn ask(code: &'static str, rule: &'static str, reason: Reason) -> AdviceRow {
    row(code, Advice::AskCustomer { rule: RuleId(rule) }, reason)
}

const SANCTIONS: AdviceRow = row(
    "42",
    Advice::Stop { rule: RuleId("mastercard.mac.42"), binds_customer: true },
    Reason::Says(Category::Blocked),
);
const NEW_DETAILS: AdviceRow = row(
    "01",
    Advice::NewDetails { rule: RuleId("mastercard.mac.01") },
    Reason::Suggests(Category::InvalidDetails),
);

/// Mastercard's merchant advice codes.
pub const MASTERCARD: &[AdviceRow] = &[
    both(NEW_DETAILS),
    // Sent for Visa too, but nobody says how much later that would be.
    since(wait("02", "mastercard.mac.02", 72 * HOUR_MS), ALWAYS, EVERON),
    both(stop("03", "mastercard.mac.03", Reason::Suggests(Category::Generic))),
    // The merchant's own set-up is at fault; trying again changes nothing.
    stop("04", "mastercard.mac.04", Reason::Suggests(Category::Technical)),
    stop("21", "mastercard.mac.21", Reason::Says(Category::Revoked)),
    // This merchant does not get this card product approved; another card may do.
    stop("22", "mastercard.mac.22", Reason::Says(Category::NotSupported)),
    wait_2023("24", "mastercard.mac.24", HOUR_MS),
    wait_2023("25", "mastercard.mac.25", DAY_MS),
    wait_2023("26", "mastercard.mac.26", 2 * DAY_MS),
    wait_2023("27", "mastercard.mac.27", 4 * DAY_MS),
    wait_2023("28", "mastercard.mac.28", 6 * DAY_MS),
    wait_2023("29", "mastercard.mac.29", 8 * DAY_MS),
    wait_2023("30", "mastercard.mac.30", 10 * DAY_MS),
    // A prepaid card that nobody can load again, and a number that is good for one payment: they
    // will not pay a second time. Sources differ on 41 (CyberSource: prepaid as well); both
    // readings ask for another card.
    since(
        ask("40", "mastercard.mac.40", Reason::Says(Category::NotSupported)),
        APRIL_2024,
        CYBERSOURCE,
    ),
    since(
        ask("41", "mastercard.mac.41", Reason::Says(Category::NotSupported)),
        APRIL_2024,
        CYBERSOURCE,
    ),
    since(SANCTIONS, APRIL_2024, CYBERSOURCE),
    // A virtual number that may be charged several times: it may pay yet.
    since(ask("43", "mastercard.mac.43", Reason::Suggests(Category::Generic)), ALWAYS, BRAINTREE),
];

/// The row of an advice code on a card of `network` that holds at a point in time; `None`: no table
/// knows it there. Where the network is not known, only Mastercard can have sent it. American
/// Express and Discover send none.
#[must_use]
pub fn row_of(network: Network, code: &str, at: Timestamp) -> Option<&'static AdviceRow> {
    let row = MASTERCARD.iter().find(|row| row.code == code && row.effective_from <= at)?;
    let sent = match network {
        Network::Mastercard | Network::Other => true,
        Network::Visa => row.sent_by == SentBy::VisaToo,
        Network::Amex | Network::Discover => false,
    };
    sent.then_some(row)
}

/// The advice behind an advice code on a card of `network`; `None`: no table knows it there.
#[must_use]
pub fn advice_of(network: Network, code: &str, at: Timestamp) -> Option<Advice> {
    row_of(network, code, at).map(|row| row.advice)
}

/// Every rule that some advice names.
pub(crate) fn rules() -> impl Iterator<Item = RuleId> {
    MASTERCARD.iter().map(|row| match row.advice {
        Advice::Stop { rule, .. }
        | Advice::Wait { rule, .. }
        | Advice::NewDetails { rule }
        | Advice::AskCustomer { rule } => rule,
    })
}
