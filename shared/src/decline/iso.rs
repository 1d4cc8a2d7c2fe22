//! Response codes of Mastercard and of networks without a table of their own.
//!
//! The two digits are those of ISO 8583 (1987), field 39. Networks gave some of them meanings of
//! their own, so a code is read in its network's table only. Mastercard's meanings: Kushki
//! Acquiring (ISO errors, Mastercard), CyberSource (mandate of April 2023: 79, 82, 83), Kalixa
//! (decline reason code service), all read 2026-11. For the rest only those stand here that ISO,
//! Mastercard and Visa read alike.

use super::Category;
use crate::network::Network;
use crate::time::Timestamp;

/// One row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResponseRow {
    /// Two digits.
    pub code: &'static str,
    /// What kind of no it is.
    pub reason: Category,
    /// Who has to know more: a bucket of reasons, see [`Bucket`].
    pub bucket: Bucket,
    /// From when.
    pub effective_from: Timestamp,
    /// Where it was read.
    pub source: &'static str,
}

/// Since 2023 Mastercard's issuers answer many a no with one of three buckets (79, 82, 83) and put
/// what to do into the advice beside it. An advice to come back later is meant for exactly these
/// codes (Kalixa: "79 or 82 or 83" with 02), so it makes them a no without a reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bucket {
    /// The code stands for itself.
    No,
    /// The advice says more.
    AdviceDecides,
    /// The advice says more; without one nobody tries again unseen (CyberSource, merchant advice
    /// code: "the default is not to retry").
    StopsWithoutAdvice,
}

const KUSHKI: &str = "Kushki Acquiring, ISO errors, Mastercard (read 2026-11)";
const CYBERSOURCE: &str = "https://developer.cybersource.com, mandate of April 2023 (read 2026-11)";
const ISO: &str = "Kushki Acquiring, ISO errors: Mastercard, Visa and Prosa alike (read 2026-11)";
/// No date is given: it has always been so.
const ALWAYS: Timestamp = Timestamp::from_ms(0);
/// 2023-04-14T00:00:00Z.
const APRIL_2023: Timestamp = Timestamp::from_seconds(1_681_430_400);

const fn row(code: &'static str, reason: Category) -> ResponseRow {
    let (bucket, effective_from, source) = (Bucket::No, ALWAYS, KUSHKI);
    ResponseRow { code, reason, bucket, effective_from, source }
}

const fn iso(code: &'static str, reason: Category) -> ResponseRow {
    ResponseRow { source: ISO, ..row(code, reason) }
}

const fn bucket(code: &'static str, reason: Category, bucket: Bucket) -> ResponseRow {
    ResponseRow { bucket, effective_from: APRIL_2023, source: CYBERSOURCE, ..row(code, reason) }
}

use Category as C;

/// Mastercard's response codes, sorted.
#[rustfmt::skip]
pub const MASTERCARD: &[ResponseRow] = &[
    row("01", C::Generic),             // refer to card issuer
    row("03", C::Technical),           // invalid merchant
    row("04", C::Blocked),             // capture card
    row("05", C::Generic),             // do not honor
    iso("07", C::Blocked),             // pick up card, special condition
    // Final to Visa; Mastercard says no such thing.
    row("12", C::Generic),             // invalid transaction
    row("13", C::Technical),           // invalid amount
    row("14", C::InvalidDetails),      // invalid card number
    row("15", C::InvalidDetails),      // invalid issuer
    row("30", C::Technical),           // format error
    row("41", C::Blocked),             // lost card
    row("43", C::Blocked),             // stolen card
    row("51", C::InsufficientFunds),   // insufficient funds or over credit limit
    row("54", C::Expired),             // expired card
    row("55", C::InvalidDetails),      // invalid PIN
    row("57", C::NotSupported),        // not permitted to cardholder
    row("58", C::Technical),           // not permitted to terminal: the merchant's set-up
    row("61", C::InsufficientFunds),   // exceeds amount limit
    row("62", C::Blocked),             // restricted card
    row("63", C::Blocked),             // security violation
    // Also Mastercard's soft decline for authentication; only the provider knows which
    // (docs.thredd.com, Soft_Declines), and its authentication_required outweighs this row.
    row("65", C::InsufficientFunds),   // exceeds count limit
    row("70", C::Generic),             // contact card issuer
    row("71", C::InvalidDetails),      // PIN not changed
    row("75", C::InvalidDetails),      // PIN tries exceeded
    row("76", C::InvalidDetails),      // no such account
    row("77", C::InvalidDetails),      // no such account
    row("78", C::InvalidDetails),      // no such account
    bucket("79", C::InvalidDetails, Bucket::AdviceDecides), // life cycle: closed, re-issued
    row("81", C::NotSupported),        // domestic debit not allowed
    bucket("82", C::Generic, Bucket::AdviceDecides), // policy
    bucket("83", C::Generic, Bucket::StopsWithoutAdvice), // fraud or security
    row("84", C::Technical),           // invalid authorization life cycle
    row("86", C::NotSupported),        // PIN validation not possible
    row("87", C::NotSupported),        // purchase only, no cash back
    row("88", C::IssuerUnavailable),   // cryptographic failure
    row("89", C::InvalidDetails),      // unacceptable PIN
    row("91", C::IssuerUnavailable),   // issuer inoperative
    row("92", C::IssuerUnavailable),   // no route to the issuer
    row("94", C::Technical),           // duplicate transmission
    row("96", C::IssuerUnavailable),   // system error
];

/// What ISO 8583, Mastercard and Visa read alike, sorted: for cards whose network has no table or
/// is not known.
#[rustfmt::skip]
pub const COMMON: &[ResponseRow] = &[
    iso("01", C::Generic),             // refer to card issuer
    iso("03", C::Technical),           // invalid merchant
    iso("04", C::Blocked),             // pick up card
    iso("05", C::Generic),             // do not honor
    iso("07", C::Blocked),             // pick up card, special condition
    iso("12", C::Generic),             // invalid transaction
    iso("13", C::Technical),           // invalid amount
    iso("14", C::InvalidDetails),      // invalid card number
    iso("15", C::InvalidDetails),      // no such issuer
    iso("41", C::Blocked),             // lost card
    iso("43", C::Blocked),             // stolen card
    iso("51", C::InsufficientFunds),   // not sufficient funds
    iso("54", C::Expired),             // expired card
    iso("55", C::InvalidDetails),      // incorrect PIN
    iso("57", C::NotSupported),        // not permitted to cardholder
    iso("58", C::Technical),           // not permitted to terminal
    iso("61", C::InsufficientFunds),   // exceeds amount limit
    iso("62", C::Blocked),             // restricted card
    iso("63", C::Blocked),             // security violation
    iso("65", C::InsufficientFunds),   // exceeds frequency limit
    iso("75", C::InvalidDetails),      // PIN tries exceeded
    iso("91", C::IssuerUnavailable),   // issuer or switch inoperative
    iso("92", C::IssuerUnavailable),   // no route to the issuer
    iso("94", C::Technical),           // duplicate transmission
    iso("96", C::IssuerUnavailable),   // system malfunction
];

/// The row of a code on a card of `network` that holds at a point in time; `None`: no table knows
/// it there. Visa has its own table ([`super::visa`]).
#[must_use]
pub fn row_at(network: Network, code: &str, at: Timestamp) -> Option<&'static ResponseRow> {
    let table = match network {
        Network::Mastercard => MASTERCARD,
        Network::Amex | Network::Discover | Network::Other => COMMON,
        Network::Visa => return None,
    };
    table.iter().find(|row| row.code == code && row.effective_from <= at)
}
