//! Whatever a provider says: it is classified, cut, and never guessed at.
//!
//! The sequence is the same in every run; `PROPTEST_RNG_SEED=7` takes another one.
#![cfg(test)]

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::RngSeed;
use reprieve_core::decline::stripe::{ADVICE, CODES, classify, readings};
use reprieve_core::decline::{Category, RAW_CODE_BYTES_MAX, RawDecline, advice, iso, visa};
use reprieve_core::network::Network;
use reprieve_core::time::Timestamp;

fn config(cases: u32) -> ProptestConfig {
    let mut config =
        ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    if config.rng_seed == RngSeed::Random {
        config.rng_seed = RngSeed::Fixed(2026);
    }
    config
}

/// Codes of every table in the wrong places too.
fn word() -> impl Strategy<Value = Option<String>> {
    let mut known: Vec<&'static str> = Vec::new();
    known.extend(CODES.iter().map(|row| row.code));
    known.extend(ADVICE.iter().map(|row| row.code));
    known.extend(advice::MASTERCARD.iter().map(|row| row.code));
    known.extend(visa::CODES.iter().map(|row| row.code));
    known.extend(iso::MASTERCARD.iter().map(|row| row.code));
    option::of(prop_oneof![select(known).prop_map(str::to_owned), ".{0,80}"])
}

fn networks() -> impl Strategy<Value = Network> {
    let all =
        [Network::Visa, Network::Mastercard, Network::Amex, Network::Discover, Network::Other];
    select(all.to_vec())
}

proptest! {
    #![proptest_config(config(4_000))]

    #[test]
    fn any_words_are_classified_and_cut(
        words in vec(word(), 5),
        network in networks(),
        at_ms in any::<i64>(),
    ) {
        let mut words = words.into_iter();
        let mut next = || words.next().flatten();
        let raw = RawDecline {
            code: next(),
            decline_code: next(),
            advice_code: next(),
            network_advice_code: next(),
            network_decline_code: next(),
            charge: None,
        };
        let at = Timestamp::from_ms(at_ms);
        let decline = classify(raw, network, at);
        let heard = readings(&decline.raw, network, at);
        prop_assert_eq!(heard.is_empty(), decline.category == Category::Unknown);
        prop_assert_eq!(&classify(decline.raw.clone(), network, at), &decline);
        let kept = [
            &decline.raw.code,
            &decline.raw.decline_code,
            &decline.raw.advice_code,
            &decline.raw.network_advice_code,
            &decline.raw.network_decline_code,
        ];
        prop_assert!(kept.into_iter().flatten().all(|text| text.len() <= RAW_CODE_BYTES_MAX));
    }
}
