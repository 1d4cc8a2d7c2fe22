//! Stripe's words for a no, as literal tables, and the answer from all words together.
//!
//! Source of the names: <https://docs.stripe.com/declines/codes> and
//! <https://docs.stripe.com/declines/card> (advice codes), read 2026-11. The categories are ours.
//! An unknown code is no reason; without any reason a decline is [`Category::Unknown`]. Nothing is
//! guessed from message texts.

use super::advice::{self, Advice};
use super::iso::{self, Bucket};
use super::reading::{self, Origin, Reading, Reason, Word};
use super::visa;
use super::{Category, Decline, RAW_CODE_BYTES_MAX, RawDecline};
use crate::network::Network;
use crate::time::Timestamp;

/// One row of Stripe's codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodeRow {
    /// Stripe's `decline_code` or, where there is none, `code`.
    pub code: &'static str,
    /// What kind of no it is.
    pub category: Category,
    /// Whether the code itself asks not to try again.
    pub word: Word,
    /// From when.
    pub effective_from: Timestamp,
    /// Where it was read.
    pub source: &'static str,
}

/// One row of Stripe's advice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AdviceCodeRow {
    /// Stripe's `advice_code`.
    pub code: &'static str,
    /// The reason behind it.
    pub reason: Reason,
    /// Whether to try again.
    pub word: Word,
    /// From when.
    pub effective_from: Timestamp,
    /// Where it was read.
    pub source: &'static str,
}

const DECLINE_CODES: &str = "https://docs.stripe.com/declines/codes (read 2026-11)";
const ADVICE_CODES: &str =
    "https://docs.stripe.com/declines/card, stripe-node 17.6.0 (read 2026-11)";
/// No date is given: it has always been so.
const ALWAYS: Timestamp = Timestamp::from_ms(0);
/// 2025-01-27T00:00:00Z, the first SDK with `advice_code`.
const JANUARY_2025: Timestamp = Timestamp::from_seconds(1_737_936_000);

const fn code(code: &'static str, category: Category) -> CodeRow {
    let (word, effective_from, source) = (Word::Silent, ALWAYS, DECLINE_CODES);
    CodeRow { code, category, word, effective_from, source }
}

/// An advice that is a decline code in older answers.
const fn stop(name: &'static str, category: Category) -> CodeRow {
    CodeRow { word: Word::Stop, ..code(name, category) }
}

const fn advised(code: &'static str, reason: Reason, word: Word) -> AdviceCodeRow {
    let (effective_from, source) = (JANUARY_2025, ADVICE_CODES);
    AdviceCodeRow { code, reason, word, effective_from, source }
}

use Category as C;

/// Stripe's decline codes, sorted.
pub const CODES: &[CodeRow] = &[
    code("approve_with_id", C::IssuerUnavailable),
    code("authentication_not_handled", C::AuthenticationRequired),
    code("authentication_required", C::AuthenticationRequired),
    code("call_issuer", C::Generic),
    code("card_declined", C::Generic),
    code("card_not_supported", C::NotSupported),
    code("card_velocity_exceeded", C::InsufficientFunds),
    code("currency_not_supported", C::NotSupported),
    code("do_not_honor", C::Generic),
    stop("do_not_try_again", C::Generic),
    code("duplicate_transaction", C::Technical),
    code("expired_card", C::Expired),
    code("fraudulent", C::Blocked),
    code("generic_decline", C::Generic),
    code("highest_risk_level", C::Blocked),
    code("incorrect_address", C::InvalidDetails),
    code("incorrect_cvc", C::InvalidDetails),
    code("incorrect_number", C::InvalidDetails),
    code("incorrect_pin", C::InvalidDetails),
    code("incorrect_zip", C::InvalidDetails),
    code("insufficient_funds", C::InsufficientFunds),
    code("invalid_account", C::InvalidDetails),
    code("invalid_amount", C::Technical),
    code("invalid_cvc", C::InvalidDetails),
    code("invalid_expiry_month", C::InvalidDetails),
    code("invalid_expiry_year", C::InvalidDetails),
    code("invalid_number", C::InvalidDetails),
    code("invalid_pin", C::InvalidDetails),
    code("issuer_not_available", C::IssuerUnavailable),
    code("lost_card", C::Blocked),
    code("merchant_blacklist", C::Blocked),
    code("new_account_information_available", C::InvalidDetails),
    code("no_action_taken", C::Generic),
    code("not_permitted", C::NotSupported),
    code("offline_pin_required", C::NotSupported),
    code("online_or_offline_pin_required", C::NotSupported),
    code("payment_intent_authentication_failure", C::AuthenticationRequired),
    code("pickup_card", C::Blocked),
    code("pin_try_exceeded", C::InvalidDetails),
    code("processing_error", C::IssuerUnavailable),
    code("reenter_transaction", C::IssuerUnavailable),
    code("restricted_card", C::Blocked),
    code("revocation_of_all_authorizations", C::Revoked),
    code("revocation_of_authorization", C::Revoked),
    code("security_violation", C::Blocked),
    code("service_not_allowed", C::NotSupported),
    code("stolen_card", C::Blocked),
    code("stop_payment_order", C::Revoked),
    code("testmode_decline", C::Technical),
    code("transaction_not_allowed", C::NotSupported),
    code("try_again_later", C::IssuerUnavailable),
    code("withdrawal_count_limit_exceeded", C::InsufficientFunds),
];

/// Stripe's advice codes, sorted.
pub const ADVICE: &[AdviceCodeRow] = &[
    advised("confirm_card_data", Reason::Suggests(C::InvalidDetails), Word::Silent),
    advised("do_not_try_again", Reason::Suggests(C::Generic), Word::Stop),
    advised("try_again_later", Reason::Suggests(C::IssuerUnavailable), Word::Later),
];

/// Classifies what Stripe said of a card of `network`; `at` chooses the rows of dated tables, a
/// few minutes more or less do not matter. How contradictions end: [`reading`].
///
/// Where the network is not known ([`Network::Other`]) its code is read as far as all networks read
/// it alike.
#[must_use]
pub fn classify(raw: RawDecline, network: Network, at: Timestamp) -> Decline {
    let raw = cut(raw);
    let readings = readings(&raw, network, at);
    let category = reading::category(&readings);
    Decline { category, do_not_retry: reading::is_stopped(&readings), raw }
}

/// What each word says that some table knows, the highest source first; at most
/// [`reading::READINGS_MAX`].
#[must_use]
pub fn readings(raw: &RawDecline, network: Network, at: Timestamp) -> Vec<Reading> {
    let advice = raw.network_advice_code.as_deref().and_then(|c| advice::row_of(network, c, at));
    let waits = advice.is_some_and(|row| matches!(row.advice, Advice::Wait { .. }));
    let code = raw.network_decline_code.as_deref();
    let known = |code: &Option<String>| code.as_deref().and_then(|name| row_of(name, at));
    let of = |origin| move |(reason, word)| Reading { origin, reason, word };
    [
        advice.map(|row| (row.reason, row.advice.word())).map(of(Origin::NetworkAdvice)),
        code.and_then(|c| network_code(network, c, at, waits)).map(of(Origin::NetworkCode)),
        raw.advice_code
            .as_deref()
            .and_then(|name| ADVICE.iter().find(|row| row.code == name))
            .map(|row| (row.reason, row.word))
            .map(of(Origin::ProviderAdvice)),
        // `card_declined` is only the envelope; the decline code inside says why.
        known(&raw.decline_code)
            .or_else(|| known(&raw.code))
            .map(|row| (Reason::Says(row.category), row.word))
            .map(of(Origin::ProviderCode)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn network_code(
    network: Network,
    code: &str,
    at: Timestamp,
    advice_waits: bool,
) -> Option<(Reason, Word)> {
    if network == Network::Visa {
        let row = visa::row_at(code, at)?;
        let word = if row.category == 1 { Word::Stop } else { Word::Silent };
        return Some((Reason::Says(row.reason), word));
    }
    let row = iso::row_at(network, code, at)?;
    let plain = (Reason::Says(row.reason), Word::Silent);
    Some(match (row.bucket, advice_waits) {
        (Bucket::No, _) | (Bucket::AdviceDecides, false) => plain,
        (Bucket::StopsWithoutAdvice, false) => (Reason::Says(row.reason), Word::Stop),
        (_, true) => (Reason::Says(Category::Generic), Word::Silent),
    })
}

/// The row of a decline code that holds at a point in time.
#[must_use]
pub fn row_of(code: &str, at: Timestamp) -> Option<&'static CodeRow> {
    CODES.iter().find(|row| row.code == code && row.effective_from <= at)
}

fn cut(mut raw: RawDecline) -> RawDecline {
    let fields = [
        &mut raw.code,
        &mut raw.decline_code,
        &mut raw.advice_code,
        &mut raw.network_advice_code,
        &mut raw.network_decline_code,
        &mut raw.charge,
    ];
    for text in fields.into_iter().flatten() {
        let end = (0..=RAW_CODE_BYTES_MAX.min(text.len()))
            .rev()
            .find(|end| text.is_char_boundary(*end))
            .unwrap_or(0);
        text.truncate(end);
    }
    raw
}
