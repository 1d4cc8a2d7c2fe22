//! Visa's response codes: their category, and what they mean for us.
//!
//! Visa's category says how often a merchant may try again; 1: never, the issuer will never
//! approve; 2: the issuer cannot approve now; 3: data are wrong; 4: generic. Whatever stands in no
//! row is category 4 to Visa and no reason to us. Sources, all read 2026-11: Checkout.com
//! (visa-response-codes), TabaPay (visa-response-code-updates, changelog 112724), Forte and Bill1st
//! (response code rules), Visa's own table of field 39 as public code repeats it, Kushki (ISO
//! errors: the meanings). Where they differ the stricter reading stands and the row says so.

use super::Category;
use crate::time::Timestamp;

/// One row, from a date on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VisaRow {
    /// Two characters.
    pub code: &'static str,
    /// 1 to 4.
    pub category: u8,
    /// What kind of no it is.
    pub reason: Category,
    /// From when; a later row of the same code replaces it.
    pub effective_from: Timestamp,
    /// A revocation binds the merchant only: the customer may still pay by hand.
    pub customer_may_pay: bool,
    /// Where the category was read.
    pub source: &'static str,
}

const CHECKOUT: &str =
    "https://www.checkout.com/docs/developer-resources/codes/visa-response-codes (read 2026-11)";
const VIP: &str = "Visa V.I.P. specification, field 39, table 66, as public code repeats it \
     (read 2026-11)";
const TABAPAY: &str =
    "https://developers.tabapay.com/docs/visa-response-code-updates (read 2026-11)";
const TABAPAY_2025: &str = "https://developers.tabapay.com, changelog 112724 (read 2026-11)";
const FORTE: &str =
    "https://support.forte.net/support/solutions/articles/11000097635 (read 2026-11)";
const BILL1ST: &str = "https://docs.bill1st.com/docs/mac-response-codes (read 2026-11)";
const KUSHKI: &str = "Kushki Acquiring, ISO errors, Visa (read 2026-11)";

const ALWAYS: Timestamp = Timestamp::from_ms(0);
/// 2025-04-11T00:00:00Z.
const APRIL_2025: Timestamp = Timestamp::from_seconds(1_744_329_600);
/// 2026-10-25T00:00:00Z.
const OCTOBER_2026: Timestamp = Timestamp::from_seconds(1_792_886_400);

const fn row(code: &'static str, category: u8, reason: Category, source: &'static str) -> VisaRow {
    let customer_may_pay = category != 1;
    VisaRow { code, category, reason, effective_from: ALWAYS, customer_may_pay, source }
}

/// As in Checkout.com's table.
const fn listed(code: &'static str, category: u8, reason: Category) -> VisaRow {
    row(code, category, reason, CHECKOUT)
}

/// In nobody's list of categories: generic. The meaning is Visa's.
const fn generic(code: &'static str, reason: Category) -> VisaRow {
    row(code, 4, reason, KUSHKI)
}

const fn revoked(code: &'static str, source: &'static str) -> VisaRow {
    VisaRow { customer_may_pay: true, ..row(code, 1, Category::Revoked, source) }
}

const fn since(effective_from: Timestamp, row: VisaRow) -> VisaRow {
    VisaRow { effective_from, ..row }
}

use Category as C;

/// Every code with a meaning, sorted; within a code by date.
#[rustfmt::skip]
pub const CODES: &[VisaRow] = &[
    generic("01", C::Generic),               // refer to card issuer
    generic("02", C::Generic),               // refer to card issuer, special condition
    listed("03", 2, C::Technical),           // invalid merchant; category 1 at Forte
    listed("04", 1, C::Blocked),             // pick up card
    generic("05", C::Generic),               // do not honor
    generic("06", C::IssuerUnavailable),     // error
    listed("07", 1, C::Blocked),             // pick up card, fraud account
    listed("12", 1, C::NotSupported),        // invalid transaction
    generic("13", C::Technical),             // invalid amount
    // Category 1 at Checkout.com, TabaPay and Bill1st, 3 at Forte: the stricter.
    listed("14", 1, C::InvalidDetails),      // invalid account number
    listed("15", 1, C::InvalidDetails),      // no such issuer
    listed("19", 2, C::IssuerUnavailable),   // re-enter transaction
    row("1A", 3, C::AuthenticationRequired, FORTE), // customer authentication required
    generic("21", C::IssuerUnavailable),     // no action taken
    generic("28", C::IssuerUnavailable),     // file temporarily unavailable
    row("39", 2, C::NotSupported, BILL1ST),  // no credit account
    listed("41", 1, C::Blocked),             // lost card
    listed("43", 1, C::Blocked),             // stolen card
    listed("46", 1, C::InvalidDetails),      // closed account; since October 2026 a dead token
    listed("51", 2, C::InsufficientFunds),   // not sufficient funds
    row("52", 2, C::NotSupported, BILL1ST),  // no checking account
    row("53", 2, C::NotSupported, BILL1ST),  // no savings account
    listed("54", 3, C::Expired),             // expired card
    listed("55", 3, C::InvalidDetails),      // PIN incorrect
    // Category 1 in most lists already; in all of them from October 2026 on.
    listed("57", 1, C::NotSupported),        // not permitted to cardholder
    since(OCTOBER_2026, row("57", 1, C::NotSupported, TABAPAY)),
    generic("58", C::Technical),             // not allowed at terminal: the merchant's set-up
    // Visa lets the merchant try again; a card that its bank suspects is not one to try unseen.
    listed("59", 2, C::Blocked),             // suspected fraud
    since(APRIL_2025, row("5C", 2, C::NotSupported, TABAPAY_2025)), // blocked by the issuer
    listed("61", 2, C::InsufficientFunds),   // exceeds amount limit
    // Visa lets the merchant try again; the card stays barred for this country. 1 at Forte.
    listed("62", 2, C::Blocked),             // restricted card
    generic("63", C::Blocked),               // security violation
    generic("64", C::Blocked),               // does not fulfil AML requirement
    listed("65", 2, C::InsufficientFunds),   // exceeds frequency limit
    listed("6P", 3, C::InvalidDetails),      // verification data failed
    row("70", 3, C::AuthenticationRequired, VIP), // PIN required
    listed("75", 2, C::InvalidDetails),      // PIN tries exceeded
    listed("78", 2, C::Generic),             // blocked, first use: only the bank can free it
    generic("81", C::IssuerUnavailable),     // cryptographic error
    listed("82", 3, C::InvalidDetails),      // negative CVV or CAVV result
    since(OCTOBER_2026, row("83", 2, C::IssuerUnavailable, TABAPAY)), // stand-in cannot approve
    row("86", 2, C::NotSupported, FORTE),    // cannot verify PIN
    listed("91", 2, C::IssuerUnavailable),   // issuer or switch inoperative
    generic("92", C::IssuerUnavailable),     // no route to the issuer
    // Category 1 at Forte, 2 at Checkout.com: the stricter.
    row("93", 1, C::Blocked, FORTE),         // violation of law
    generic("94", C::Technical),             // duplicate transmission
    listed("96", 2, C::IssuerUnavailable),   // system malfunction
    // The customer turned it off in the bank's app: who can turn it on again is the customer.
    since(APRIL_2025, row("9G", 2, C::Generic, TABAPAY_2025)),
    generic("N0", C::IssuerUnavailable),     // force stand-in
    row("N3", 2, C::NotSupported, FORTE),    // cash service not available
    row("N4", 2, C::InsufficientFunds, FORTE), // cash request exceeds limit
    row("N7", 3, C::InvalidDetails, FORTE),  // CVV2 failure
    generic("N8", C::InsufficientFunds),     // amount exceeds what was pre-authorized
    revoked("R0", FORTE),                    // stop this payment
    revoked("R1", CHECKOUT),                 // stop this merchant
    revoked("R3", CHECKOUT),                 // stop all merchants
    row("Z5", 4, C::InsufficientFunds, VIP), // valid account, amount not supported
    row("Z6", 2, C::Technical, VIP),         // wrong merchant category code
];

/// The row of a code that holds at a point in time, in upper or lower case; `None`: category 4, and
/// no reason.
#[must_use]
pub fn row_at(code: &str, at: Timestamp) -> Option<&'static VisaRow> {
    let code: [u8; 2] = code.as_bytes().try_into().ok()?;
    let code = code.map(|letter| letter.to_ascii_uppercase());
    // Asked for every attempt in a history whenever a case is planned, so not row by row.
    let key = |row: &VisaRow| row.code.as_bytes().first_chunk::<2>().copied();
    let end = CODES.partition_point(|row| key(row) <= Some(code));
    let mut of_this = CODES.get(..end)?.iter().rev().take_while(|row| key(row) == Some(code));
    of_this.find(|row| row.effective_from <= at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_found_as_if_row_by_row() {
        let days = [ALWAYS, APRIL_2025.plus_ms(-1), APRIL_2025, OCTOBER_2026.plus_ms(-1)];
        for at in days.into_iter().chain([OCTOBER_2026, Timestamp::from_ms(i64::MAX)]) {
            for first in 0..=u8::MAX {
                let second = [b'0', b'1', b'7', b'A', b'c', b'G', b'p', b'Z', 0xFF];
                for code in second.map(|second| [first, second]) {
                    let Ok(code) = core::str::from_utf8(&code) else { continue };
                    let holds = |row: &&VisaRow| {
                        row.code.eq_ignore_ascii_case(code) && row.effective_from <= at
                    };
                    let slowly = CODES.iter().filter(holds).max_by_key(|row| row.effective_from);
                    assert_eq!(row_at(code, at), slowly, "{code}");
                }
            }
            for row in CODES {
                let found = row_at(&row.code.to_lowercase(), at);
                assert_eq!(
                    found.is_some(),
                    CODES.iter().any(|r| r.code == row.code && r.effective_from <= at)
                );
                assert!(found.is_none_or(|found| found.code == row.code));
            }
        }
        assert_eq!(row_at("", ALWAYS), None);
        assert_eq!(row_at("510", ALWAYS), None);
    }
}
