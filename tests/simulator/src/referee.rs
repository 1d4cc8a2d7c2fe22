//! A judge who knows the networks' rules by heart and nothing of the core: written from the rules
//! themselves, so that one mistake is not made twice.
//!
//! Sources (read 2026-11): Visa and Mastercard limits
//! <https://developers.tabapay.com/docs/excessive-retry-rules>; Mastercard's advice
//! <https://developers.tabapay.com/docs/merchant-advice-code>, 72 hours after 02
//! <https://docs.everonet.com>; Stripe's codes that are not sent again
//! <https://docs.stripe.com/billing/revenue-recovery/smart-retries>.

use crate::codes::Codes;
use crate::issuer::Card;
use reprieve_core::network::Network;
use reprieve_core::time::{DAY_MS, HOUR_MS, Timestamp};

/// One rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    DoubleCharge,
    ClosedInvoice,
    EndedSubscription,
    AfterStop,
    VisaCategory1,
    Visa20In30Days,
    Mastercard10In24Hours,
    Mastercard35In30Days,
    MastercardStop,
    MastercardTooEarly,
    Other20In30Days,
}

impl Rule {
    pub(crate) const ALL: [Self; 11] = [
        Self::DoubleCharge,
        Self::ClosedInvoice,
        Self::EndedSubscription,
        Self::AfterStop,
        Self::VisaCategory1,
        Self::Visa20In30Days,
        Self::Mastercard10In24Hours,
        Self::Mastercard35In30Days,
        Self::MastercardStop,
        Self::MastercardTooEarly,
        Self::Other20In30Days,
    ];

    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::DoubleCharge => "captured more than was due",
            Self::ClosedInvoice => "charge on an invoice known to be closed",
            Self::EndedSubscription => "charge after the subscription was known to be over",
            Self::AfterStop => "automatic attempt after a stop decline without a new card",
            Self::VisaCategory1 => "Visa category 1 tried again",
            Self::Visa20In30Days => "Visa: more than 20 in 30 days",
            Self::Mastercard10In24Hours => "Mastercard: more than 10 in 24 hours",
            Self::Mastercard35In30Days => "Mastercard: more than 35 in 30 days",
            Self::MastercardStop => "Mastercard: tried again after advice to stop",
            Self::MastercardTooEarly => "Mastercard: tried again before the advised time",
            Self::Other20In30Days => "other networks: more than 20 in 30 days",
        }
    }
}

/// How often each rule was broken.
pub(crate) type Broken = [u64; Rule::ALL.len()];

/// One attempt that reached a bank.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line {
    pub(crate) at: Timestamp,
    pub(crate) card: Card,
    /// Which renewal's invoice.
    pub(crate) renewal: u64,
    pub(crate) amount_minor: i64,
    pub(crate) on_session: bool,
    /// `None`: it succeeded.
    pub(crate) codes: Option<Codes>,
}

/// The ledger of one customer, and what was wrong with it.
#[derive(Clone, Debug)]
pub(crate) struct Referee {
    network: Network,
    lines: Vec<Line>,
    pub(crate) broken: Broken,
}

const VISA_CATEGORY_1: [&str; 12] =
    ["04", "07", "12", "14", "15", "41", "43", "46", "57", "R0", "R1", "R3"];
/// A revocation binds the merchant, not the customer.
const VISA_REVOKED: [&str; 3] = ["R0", "R1", "R3"];
const MAC_STOP: [&str; 5] = ["03", "04", "21", "22", "42"];
const MAC_WAIT_HOURS: [(&str, i64); 8] = [
    ("02", 72),
    ("24", 1),
    ("25", 24),
    ("26", 48),
    ("27", 96),
    ("28", 144),
    ("29", 192),
    ("30", 240),
];
/// Stripe does not send them again, and neither may we, without a new method.
const STRIPE_NEVER: [&str; 9] = [
    "incorrect_number",
    "lost_card",
    "pickup_card",
    "stolen_card",
    "revocation_of_authorization",
    "revocation_of_all_authorizations",
    "authentication_required",
    "highest_risk_level",
    "transaction_not_allowed",
];

impl Referee {
    /// Nothing happened yet.
    pub(crate) const fn new(network: Network) -> Self {
        Self { network, lines: Vec::new(), broken: [0; Rule::ALL.len()] }
    }

    pub(crate) fn found(&mut self, rule: Rule) {
        if let Some(count) = self.broken.get_mut(rule as usize) {
            *count += 1;
        }
    }

    /// An attempt of somebody else: it counts, but is not ours to answer for.
    pub(crate) fn note(&mut self, line: Line) {
        self.lines.push(line);
    }

    /// An attempt of ours: judged by what was known when it was sent, then noted.
    pub(crate) fn judge(&mut self, line: Line) {
        let mine: Vec<Line> =
            self.lines.iter().filter(|known| known.card == line.card).copied().collect();
        let stopped = |known: &Line| {
            known.codes.is_some_and(|codes| {
                // A bank that wants to see the customer says so of one invoice, and until it says
                // something else: Stripe goes by the last answer too.
                let asked = codes.decline == "authentication_required";
                let last = mine.iter().rfind(|other| other.renewal == line.renewal);
                STRIPE_NEVER.contains(&codes.decline)
                    && (!asked || last.is_some_and(|last| last.at == known.at))
            })
        };
        if !line.on_session && mine.iter().any(stopped) {
            self.found(Rule::AfterStop);
        }
        match self.network {
            Network::Visa => self.judge_visa(&mine, line),
            Network::Mastercard => self.judge_mastercard(&mine, line),
            Network::Amex | Network::Discover | Network::Other => {
                if declined(&mine, line, 30 * DAY_MS, same_amount(line)) >= 20 {
                    self.found(Rule::Other20In30Days);
                }
            }
        }
        self.lines.push(line);
    }

    fn judge_visa(&mut self, mine: &[Line], line: Line) {
        let forbidden = |known: &Line| {
            let code = known.codes.and_then(|codes| codes.network);
            code.is_some_and(|code| {
                let binds = !line.on_session || !VISA_REVOKED.contains(&code);
                VISA_CATEGORY_1.contains(&code) && binds
            })
        };
        if mine.iter().any(forbidden) {
            self.found(Rule::VisaCategory1);
        }
        // Counters of their own for the customer's attempts and the merchant's.
        let counts = |known: &Line| {
            known.on_session == line.on_session && known.amount_minor == line.amount_minor
        };
        if declined(mine, line, 30 * DAY_MS, counts) >= 20 {
            self.found(Rule::Visa20In30Days);
        }
    }

    fn judge_mastercard(&mut self, mine: &[Line], line: Line) {
        if declined(mine, line, DAY_MS, |_| true) >= 10 {
            self.found(Rule::Mastercard10In24Hours);
        }
        if declined(mine, line, 30 * DAY_MS, same_amount(line)) >= 35 {
            self.found(Rule::Mastercard35In30Days);
        }
        if line.on_session {
            return;
        }
        let mac = |known: &Line| known.codes.and_then(|codes| codes.mac);
        if mine.iter().any(|known| mac(known).is_some_and(|mac| MAC_STOP.contains(&mac))) {
            self.found(Rule::MastercardStop);
        }
        let Some(last) = mine.iter().max_by_key(|known| known.at) else { return };
        let wait = mac(last).and_then(|mac| MAC_WAIT_HOURS.iter().find(|(code, _)| *code == mac));
        if wait.is_some_and(|(_, hours)| line.at.since_ms(last.at) < hours * HOUR_MS) {
            self.found(Rule::MastercardTooEarly);
        }
    }
}

fn same_amount(line: Line) -> impl Fn(&Line) -> bool {
    move |known| known.amount_minor == line.amount_minor
}

fn declined(mine: &[Line], line: Line, window_ms: i64, counts: impl Fn(&Line) -> bool) -> usize {
    let within = |known: &&Line| {
        known.codes.is_some() && line.at.since_ms(known.at) < window_ms && counts(known)
    };
    mine.iter().filter(within).count()
}

#[cfg(test)]
#[path = "referee_tests.rs"]
mod tests;
