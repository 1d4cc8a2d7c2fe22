//! The tables of declines, and what they say together: one line a case.
#![cfg(test)]

use reprieve_core::api::status::{PayerReason, Remedy};
use reprieve_core::decline::reading::{READINGS_MAX, Reason, Word};
use reprieve_core::decline::stripe::{ADVICE, CODES, classify, readings};
use reprieve_core::decline::{Category, Decline, RAW_CODE_BYTES_MAX, RawDecline, Reuse};
use reprieve_core::decline::{advice, iso, visa};
use reprieve_core::network::Network;
use reprieve_core::time::Timestamp;
use std::collections::BTreeSet;

/// 2026-11-01T00:00:00Z.
const NOW: Timestamp = Timestamp::from_seconds(1_793_491_200);

const CATEGORIES: [Category; 10] = [
    Category::InsufficientFunds,
    Category::IssuerUnavailable,
    Category::Generic,
    Category::Expired,
    Category::InvalidDetails,
    Category::NotSupported,
    Category::AuthenticationRequired,
    Category::Blocked,
    Category::Revoked,
    Category::Technical,
];

const NETWORKS: [Network; 5] =
    [Network::Visa, Network::Mastercard, Network::Amex, Network::Discover, Network::Other];

/// The four words, an empty text for none; the provider's `code` is the envelope.
fn said(advice: &str, network: &str, provider_advice: &str, decline_code: &str) -> RawDecline {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    RawDecline {
        code: None,
        decline_code: some(decline_code),
        advice_code: some(provider_advice),
        network_advice_code: some(advice),
        network_decline_code: some(network),
        charge: None,
    }
}

/// Every row of every table: its table, code, reason, date and source.
fn rows() -> Vec<(&'static str, &'static str, Category, Timestamp, &'static str)> {
    let mut all = Vec::new();
    all.extend(CODES.iter().map(|r| ("code", r.code, r.category, r.effective_from, r.source)));
    all.extend(
        ADVICE
            .iter()
            .map(|r| ("advice_code", r.code, r.reason.category(), r.effective_from, r.source)),
    );
    all.extend(
        advice::MASTERCARD
            .iter()
            .map(|r| ("mac", r.code, r.reason.category(), r.effective_from, r.source)),
    );
    all.extend(visa::CODES.iter().map(|r| ("visa", r.code, r.reason, r.effective_from, r.source)));
    for (name, table) in [("mastercard", iso::MASTERCARD), ("common", iso::COMMON)] {
        all.extend(table.iter().map(|r| (name, r.code, r.reason, r.effective_from, r.source)));
    }
    all
}

#[test]
fn every_table_is_sorted_and_says_nothing_twice() {
    let rows = rows();
    for table in ["code", "advice_code", "mac", "visa", "mastercard", "common"] {
        let keys: Vec<_> =
            rows.iter().filter(|row| row.0 == table).map(|row| (row.1, row.3)).collect();
        let sorted: BTreeSet<_> = keys.iter().copied().collect();
        assert!(!keys.is_empty(), "{table}");
        assert_eq!(keys, sorted.into_iter().collect::<Vec<_>>(), "{table}");
    }
}

#[test]
fn every_row_has_a_source_with_a_date_and_a_known_reason() {
    for (table, code, reason, effective_from, source) in rows() {
        assert!(source.contains("(read 2026-") && source.len() > 20, "{table} {code}: {source}");
        assert!((1..=RAW_CODE_BYTES_MAX).contains(&code.len()), "{table} {code}");
        assert!(effective_from <= NOW, "{table} {code}");
        assert_ne!(reason, Category::Unknown, "{table} {code}");
    }
    for row in visa::CODES {
        assert!((1..=4).contains(&row.category), "{}", row.code);
        assert_eq!(row.code.len(), 2, "{}", row.code);
    }
    for code in iso::MASTERCARD.iter().chain(iso::COMMON).map(|row| row.code) {
        assert!(code.len() == 2 && code.bytes().all(|b| b.is_ascii_digit()), "{code}");
    }
}

#[test]
fn every_category_is_reached_and_has_a_remedy_and_words_for_the_payer() {
    let named: Vec<_> = rows().iter().map(|row| row.2).collect();
    for category in CATEGORIES {
        assert!(named.contains(&category), "{category:?}");
    }
    let meaning = "
InsufficientFunds      Wait                InsufficientFunds    Automatic
IssuerUnavailable      Wait                TryLater             Automatic
Generic                ContactIssuer       CardDeclined         Automatic
Expired                UpdatePaymentMethod CardExpired          Never
InvalidDetails         UpdatePaymentMethod CardDetailsWrong     Never
NotSupported           UpdatePaymentMethod CardNotSupported     Never
AuthenticationRequired Authenticate        AuthenticationNeeded Never
Blocked                UpdatePaymentMethod CardDeclined         Never
Revoked                Stop                CardDeclined         CustomerOnly
Technical              Wait                TryLater             Automatic
Unknown                ContactIssuer       CardDeclined         Automatic
";
    let words = meaning.split_whitespace().collect::<Vec<_>>();
    let found = CATEGORIES.into_iter().chain([Category::Unknown]).flat_map(|category| {
        let of = (category.remedy(), category.payer_reason(), category.reuse());
        let of = format!("{category:?} {:?} {:?} {:?}", of.0, of.1, of.2);
        of.split(' ').map(str::to_owned).collect::<Vec<_>>()
    });
    assert_eq!(found.collect::<Vec<_>>(), words);
}

/// Stripe sends nothing more for these until there is a new method
/// (<https://docs.stripe.com/billing/revenue-recovery/smart-retries#non-retryable-decline-codes>).
#[test]
fn what_stripe_does_not_send_again_is_not_retried() {
    for code in [
        "authentication_required",
        "highest_risk_level",
        "incorrect_number",
        "lost_card",
        "pickup_card",
        "revocation_of_all_authorizations",
        "revocation_of_authorization",
        "stolen_card",
        "transaction_not_allowed",
    ] {
        for network in NETWORKS {
            let decline = classify(said("", "", "", code), network, NOW);
            assert_ne!(decline.reuse(), Reuse::Automatic, "{code} {network:?}");
        }
    }
}

/// The provider's advice in the tables below.
const ADVICE_NAMES: [(&str, &str); 3] =
    [("stop", "do_not_try_again"), ("later", "try_again_later"), ("check", "confirm_card_data")];

/// Reads a table of cases: one a line, columns apart by spaces, `-` for nothing, `#` a remark.
fn holds(table: &str) {
    let lines = table.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    for line in lines.skip(1) {
        let or_nothing = |column| if column == "-" { "" } else { column };
        let columns: Vec<_> = line.split_whitespace().map(or_nothing).collect();
        let [network, mac, code, advice, decline_code, category, reuse] = columns[..] else {
            panic!("seven columns: {line}");
        };
        let named = ADVICE_NAMES.iter().find(|(short, _)| *short == advice);
        let advice = named.map_or(advice, |(_, name)| name);
        let raw = said(mac, code, advice, decline_code);
        let decline = classify(raw, Network::of_brand(network), NOW);
        let found = format!("{:?} {:?}", decline.category, decline.reuse());
        assert_eq!(found, format!("{category} {reuse}"), "{line}");
    }
}

const ONE_SOURCE: &str = "
network    mac code advice decline code                category               reuse
other      -   -    -      insufficient_funds          InsufficientFunds      Automatic
other      -   -    -      do_not_try_again            Generic                CustomerOnly
other      -   -    stop   -                           Generic                CustomerOnly
other      -   -    later  -                           IssuerUnavailable      Automatic
other      -   -    check  -                           InvalidDetails         Never
visa       -   51   -      -                           InsufficientFunds      Automatic
visa       -   41   -      -                           Blocked                Never
visa       -   R1   -      -                           Revoked                CustomerOnly
visa       -   r1   -      -                           Revoked                CustomerOnly
visa       -   1A   -      -                           AuthenticationRequired Never
visa       -   12   -      -                           NotSupported           Never
mastercard -   12   -      -                           Generic                Automatic
mastercard -   54   -      -                           Expired                Never
amex       -   54   -      -                           Expired                Never
amex       -   05   -      -                           Generic                Automatic
other      -   41   -      -                           Blocked                Never
mastercard 02  -    -      -                           IssuerUnavailable      Automatic
mastercard 03  -    -      -                           Generic                CustomerOnly
mastercard 04  -    -      -                           Technical              CustomerOnly
mastercard 21  -    -      -                           Revoked                CustomerOnly
mastercard 22  -    -      -                           NotSupported           Never
mastercard 40  -    -      -                           NotSupported           Never
mastercard 42  -    -      -                           Blocked                Never
mastercard 43  51   -      -                           InsufficientFunds      Automatic
# Words that no table knows: nothing is guessed.
other      -   -    -      -                           Unknown                Automatic
other      -   -    -      a_code_of_tomorrow          Unknown                Automatic
other      -   -    maybe  -                           Unknown                Automatic
mastercard 98  98   -      -                           Unknown                Automatic
visa       -   99   -      expired_card                Expired                Never
# A code means what its own network means: 79 and 83 are Mastercard's, R1 is Visa's.
other      -   79   -      -                           Unknown                Automatic
mastercard -   R1   -      -                           Unknown                Automatic
visa       21  -    -      -                           Unknown                Automatic
visa       03  -    -      -                           Generic                CustomerOnly
amex       03  -    -      -                           Unknown                Automatic
visa       02  -    -      -                           Unknown                Automatic
";

const CONTRADICTIONS: &str = "
network    mac code advice decline code                category               reuse
# Network advice before all, network code before the provider's.
mastercard 21  51   later  insufficient_funds          Revoked                CustomerOnly
mastercard 22  54   -      expired_card                NotSupported           Never
visa       -   51   -      generic_decline             InsufficientFunds      Automatic
visa       -   05   -      insufficient_funds          Generic                Automatic
visa       -   54   check  incorrect_cvc               Expired                Never
# The network's advice outranks the provider's, in both directions.
mastercard 02  05   stop   generic_decline             Generic                Automatic
mastercard 24  51   -      do_not_try_again            InsufficientFunds      Automatic
mastercard 03  05   later  generic_decline             Generic                CustomerOnly
mastercard 43  05   stop   generic_decline             Generic                CustomerOnly
# Advice names what to do; a reason that somebody names is kept.
mastercard 01  54   -      expired_card                Expired                Never
mastercard 01  05   -      generic_decline             InvalidDetails         Never
other      -   -    check  expired_card                Expired                Never
other      -   -    check  generic_decline             InvalidDetails         Never
# Fraud, loss and theft are never softened, whoever says later or revoked.
mastercard 02  43   later  stolen_card                 Blocked                Never
mastercard 02  -    -      stolen_card                 Blocked                Never
mastercard 24  41   -      generic_decline             Blocked                Never
visa       02  59   later  insufficient_funds          Blocked                Never
mastercard 21  51   -      fraudulent                  Blocked                Never
visa       -   51   -      highest_risk_level          Blocked                Never
# Nor is what Visa's issuer will never approve.
visa       02  57   later  -                           NotSupported           Never
visa       02  R0   later  insufficient_funds          Revoked                CustomerOnly
# A customer who told the bank to stop is not asked for a new card.
mastercard 21  54   -      expired_card                Revoked                CustomerOnly
visa       -   05   -      revocation_of_authorization Revoked                CustomerOnly
# The bank wants to see the customer: the provider knows, whatever the code is.
visa       -   05   later  authentication_required     AuthenticationRequired Never
mastercard 01  65   -      authentication_required     AuthenticationRequired Never
mastercard 02  65   -      -                           InsufficientFunds      Automatic
# Mastercard's buckets: the advice beside them decides.
mastercard -   79   -      -                           InvalidDetails         Never
mastercard 01  79   -      -                           InvalidDetails         Never
mastercard 03  79   -      -                           InvalidDetails         Never
mastercard 02  79   -      -                           Generic                Automatic
mastercard -   82   -      -                           Generic                Automatic
mastercard 03  82   -      -                           Generic                CustomerOnly
mastercard -   83   -      -                           Generic                CustomerOnly
mastercard 03  83   -      -                           Generic                CustomerOnly
mastercard 02  83   -      -                           Generic                Automatic
mastercard 30  83   later  generic_decline             Generic                Automatic
mastercard 02  83   later  fraudulent                  Blocked                Never
";

#[test]
fn one_source_alone_reads_as_a_table() {
    holds(ONE_SOURCE);
}

#[test]
fn contradictions_end_as_a_table() {
    holds(CONTRADICTIONS);
}

#[test]
fn the_envelope_counts_only_where_nothing_is_inside() {
    let of = |code: &str, decline_code: &str| {
        let raw = RawDecline { code: Some(code.to_owned()), ..said("", "", "", decline_code) };
        classify(raw, Network::Other, NOW).category
    };
    assert_eq!(of("card_declined", "stolen_card"), Category::Blocked);
    assert_eq!(of("card_declined", "a_code_of_tomorrow"), Category::Generic);
    assert_eq!(of("expired_card", ""), Category::Expired);
}

#[test]
fn dated_rows_hold_from_their_day_on() {
    let at = |seconds| Timestamp::from_seconds(seconds);
    // 2026-10-25: 83 becomes a code of category 2; before, it is nobody's.
    assert_eq!(visa::row_at("83", at(1_792_886_399)), None);
    assert_eq!(visa::row_at("83", at(1_792_886_400)).map(|row| row.category), Some(2));
    // 2025-04-11: 5C and 9G.
    assert_eq!(visa::row_at("5C", at(1_744_329_599)), None);
    assert_eq!(visa::row_at("9G", at(1_744_329_600)).map(|row| row.category), Some(2));
    // 57: the newest row that holds.
    let source = |seconds| visa::row_at("57", at(seconds)).map(|row| row.source);
    assert_ne!(source(1_792_886_399), source(1_792_886_400));
    // 2024-04-12: the advice codes 40 to 42.
    let advised = |seconds| advice::advice_of(Network::Mastercard, "42", at(seconds)).is_some();
    assert_eq!((advised(1_712_879_999), advised(1_712_880_000)), (false, true));
}

#[test]
fn a_thief_learns_nothing() {
    let thieves = [
        ("stolen_card", "43"),
        ("lost_card", "41"),
        ("pickup_card", "04"),
        ("restricted_card", "62"),
        ("fraudulent", "59"),
        ("merchant_blacklist", "07"),
        ("security_violation", "63"),
    ];
    for (decline_code, network_code) in thieves {
        for (code, network) in [("", Network::Other), (network_code, Network::Visa)] {
            let decline = classify(said("", code, "", decline_code), network, NOW);
            assert_eq!(decline.payer_reason(), PayerReason::CardDeclined, "{decline_code}");
            assert_eq!(decline.reuse(), Reuse::Never, "{decline_code}");
            assert_eq!(decline.remedy(), Remedy::UpdatePaymentMethod, "{decline_code}");
        }
    }
}

#[test]
fn nobody_is_told_to_wait_for_an_attempt_that_will_not_come() {
    let waits = Decline {
        category: Category::IssuerUnavailable,
        do_not_retry: false,
        raw: RawDecline::default(),
    };
    assert_eq!(waits.payer_reason(), PayerReason::TryLater);
    let stopped = Decline { do_not_retry: true, ..waits };
    assert_eq!(stopped.payer_reason(), PayerReason::CardDeclined);
    assert_eq!(stopped.remedy(), Remedy::UpdatePaymentMethod);
    let funds = Decline { category: Category::InsufficientFunds, ..stopped };
    assert_eq!(funds.payer_reason(), PayerReason::InsufficientFunds);
}

#[test]
fn a_long_code_is_cut_between_characters() {
    let decline = classify(said("", "", "", &"é".repeat(RAW_CODE_BYTES_MAX)), Network::Other, NOW);
    assert!(decline.raw.decline_code.is_some_and(|code| code.len() <= RAW_CODE_BYTES_MAX));
}

/// All network advice × all network codes × all provider advice × all provider codes, on every
/// network: whoever has the right to stop is heard.
#[test]
fn no_combination_softens_a_stop() {
    let mut seen = 0_u32;
    let macs = || advice::MASTERCARD.iter().map(|row| row.code).chain([""]);
    let codes: BTreeSet<_> = visa::CODES.iter().map(|row| row.code).collect();
    let codes: Vec<_> =
        codes.into_iter().chain(iso::MASTERCARD.iter().map(|row| row.code)).chain([""]).collect();
    let provider_codes = ["", "stolen_card", "insufficient_funds", "authentication_required"];
    for network in NETWORKS {
        for (mac, code) in macs().flat_map(|mac| codes.iter().map(move |code| (mac, *code))) {
            for provider_advice in ADVICE.iter().map(|row| row.code).chain([""]) {
                for decline_code in provider_codes {
                    let raw = said(mac, code, provider_advice, decline_code);
                    let words = readings(&raw, network, NOW);
                    assert!(words.len() <= READINGS_MAX && words.is_sorted_by_key(|w| w.origin));
                    let decline = classify(raw, network, NOW);
                    let named = words.iter().filter_map(|word| match word.reason {
                        Reason::Says(category) => Some(category),
                        Reason::Suggests(_) => None,
                    });
                    let forbids = named.clone().any(|c| c.reuse() != Reuse::Automatic);
                    let stops = words
                        .iter()
                        .find(|word| word.word != Word::Silent)
                        .is_some_and(|word| word.word == Word::Stop);
                    let category_1 = network == Network::Visa
                        && visa::row_at(code, NOW).is_some_and(|row| row.category == 1);
                    if forbids || stops || category_1 {
                        let case = (network, mac, code, provider_advice, decline_code);
                        assert_ne!(decline.reuse(), Reuse::Automatic, "{case:?}");
                    }
                    let blocked = named.clone().any(|c| c == Category::Blocked);
                    assert_eq!(blocked, decline.category == Category::Blocked);
                    seen += 1;
                }
            }
        }
    }
    assert!(seen > 100_000, "{seen}");
}
