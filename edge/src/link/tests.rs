use super::*;
use proptest::prelude::*;

/// One row: state, who is remembered, exchanges so far, milliseconds left, who comes, and what
/// follows. `cookie+drawn` is a browser with a cookie of an earlier visit.
const TABLE: &str = "
    fresh    -      0   1   ada          opened ada 1
    fresh    -      0   1   ada+ben      opened ben 1
    fresh    -      0   0   ada          no
    fresh    -      0   1   -            no
    opened   ada    1   1   ada          opened ada 2
    opened   ada    1   1   ada+ben      opened ada 2
    opened   ada    1   1   ben          no
    opened   ada    1   1   -            no
    opened   ada    1   0   ada          no
    opened   ada    48  1   ada          opened ada 49
    opened   ada    49  1   ada          used ada 50
    opened   -      1   1   ada          no
    used     ada    50  1   ada          no
    used     ada    50  1   ben          no
    revoked  ada    1   1   ada          no
    revoked  -      0   1   ada          no
    revoked  -      0   0   ada          no
";

fn link(state: LinkState, browser: Option<&str>, exchanges: u32) -> Link {
    Link {
        id: "lnk_1".to_owned(),
        merchant: MerchantId::parse("demo").unwrap(),
        customer: CustomerId::parse("cus_1").unwrap(),
        mode: LinkMode::Widget,
        state,
        expires_at: Timestamp::from_ms(1_000),
        browser_hash: browser.map(str::to_owned),
        exchanges,
    }
}

#[test]
fn who_may_continue_reads_as_a_table() {
    let some = |word: &str| (word != "-").then(|| word.to_owned());
    let rows = TABLE.lines().map(str::trim).filter(|row| !row.is_empty());
    for row in rows {
        let words: Vec<&str> = row.split_whitespace().collect();
        let state = LinkState::parse(words[0]).unwrap();
        let before = link(state, some(words[1]).as_deref(), words[2].parse().unwrap());
        let now = Timestamp::from_ms(1_000 - words[3].parse::<i64>().unwrap());
        let browsers: Vec<String> = words[4].split('+').filter_map(some).collect();
        let after = continued(&before, &browsers, now);
        let said = after.as_ref().map_or_else(
            || "no".to_owned(),
            |link| {
                let browser = link.browser_hash.as_deref().unwrap_or("-");
                format!("{} {browser} {}", link.state.as_str(), link.exchanges)
            },
        );
        assert_eq!(said, words[5..].join(" "), "{row}");
    }
}

#[test]
fn a_secret_has_one_form() {
    let secret = Secret::new(&[7; SECRET_BYTES]);
    assert_eq!(secret.expose().len(), SECRET_CHARS);
    assert_eq!(Secret::parse(secret.expose()), Some(secret.clone()));
    assert_eq!(format!("{secret:?}"), "Secret(…)");
    assert_eq!(secret.hash().len(), 43);
    assert!(!secret.hash().contains(secret.expose()));
    assert!(!secret.cookie_name().contains(&secret.expose()[..8]));
    let long = "A".repeat(44);
    // The last character of 32 bytes has two bits to spare, which have to be zero.
    let spare = format!("{}B", "A".repeat(42));
    for bad in ["", "done", &long[..42], &long, &spare, &"ä".repeat(43), &"+".repeat(43)] {
        assert_eq!(Secret::parse(bad), None, "{bad}");
    }
}

#[test]
fn an_id_is_not_a_secret() {
    let id = id_of(&[9; SECRET_BYTES]);
    assert!(is_id(&id) && id.starts_with("lnk_"), "{id}");
    assert_eq!(Secret::parse(&id), None);
    for bad in ["", "lnk_", "lnk_!", "CQkJCQ", "lnk_CQkJCQ"] {
        assert!(!is_id(bad), "{bad}");
    }
}

proptest! {
    #[test]
    fn a_link_serves_one_browser_and_ends(visits in prop::collection::vec(0..3_usize, 0..200)) {
        let names = ["ada", "ben", "cleo"];
        let mut now = link(LinkState::Fresh, None, 0);
        let mut served = Vec::new();
        for visit in visits {
            if let Some(next) = continued(&now, &[names[visit].to_owned()], Timestamp::from_ms(0)) {
                served.push(visit);
                now = next;
            }
        }
        prop_assert!(served.iter().all(|visit| Some(visit) == served.first()));
        prop_assert!(served.len() <= EXCHANGES_MAX as usize);
    }

    #[test]
    fn any_text_is_taken_or_left(text: String) {
        prop_assert!(Secret::parse(&text).is_none_or(|secret| secret.expose() == text));
        let _ = is_id(&text);
    }
}
