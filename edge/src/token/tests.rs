use super::*;

const KEY: &str = "a key that has more than 32 bytes in it";
const OLD_KEY: &str = "the key of last month, also long enough";
const HEADER: &str = r#"{"alg":"HS256","typ":"JWT"}"#;
const ORIGIN: &str = "https://app.example";
const NOW: i64 = 1_800_000_000;

fn claims(change: impl FnOnce(&mut serde_json::Value)) -> String {
    let mut claims = serde_json::json!({
        "sub": "cus_1", "aud": "demo", "iat": NOW, "exp": NOW + 600, "origin": ORIGIN,
    });
    change(&mut claims);
    claims.to_string()
}

fn verify_at(token: &str, now_s: i64) -> Result<CustomerToken, TokenError> {
    let keys = TokenKeys::new(KEY, Some(OLD_KEY)).unwrap();
    let merchant = MerchantId::parse("demo").unwrap();
    verify(token, &keys, &merchant, ORIGIN, Timestamp::from_seconds(now_s))
}

fn good() -> String {
    mint(HEADER, &claims(|_| {}), KEY)
}

#[test]
fn a_good_token_names_its_customer() {
    let token = verify_at(&good(), NOW).unwrap();
    assert_eq!(token.customer.as_str(), "cus_1");
    assert_eq!(token.expires_at, Timestamp::from_seconds(NOW + 600));
}

#[test]
fn a_token_of_another_implementation_is_read() {
    // Made with Python: hmac.new(key, header + b"." + claims, "sha256"), base64url without padding.
    let token = concat!(
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.",
        "eyJzdWIiOiAiY3VzXzEiLCAiYXVkIjogImRlbW8iLCAiaWF0IjogMTgwMDAwMDAwMCwgImV4cCI6IDE4",
        "MDAwMDA2MDAsICJvcmlnaW4iOiAiaHR0cHM6Ly9hcHAuZXhhbXBsZSJ9",
        ".6I-Kuwc3Y37qLs41ASyz-akECKqChBCEj1veSRXrKSs",
    );
    assert_eq!(verify_at(token, NOW).unwrap().customer.as_str(), "cus_1");
}

type Change<'a> = &'a dyn Fn(&mut serde_json::Value);

#[test]
fn claims_read_as_a_table() {
    use TokenError as E;
    let elsewhere = Some(E::OriginMismatch);
    let times = |c: &mut serde_json::Value, iat: i64, exp: i64| {
        (c["iat"], c["exp"]) = (iat.into(), exp.into());
    };
    let origin = |c: &mut serde_json::Value, origin: &str| c["origin"] = origin.into();
    let remove = |c: &mut serde_json::Value, name: &str| {
        c.as_object_mut().unwrap().remove(name);
    };
    #[rustfmt::skip]
    let rows: &[(&str, Change<'_>, Option<E>)] = &[
        ("as it should be",       &|_| {},                                      None),
        ("further claims",        &|c| c["jti"] = "x".into(),                   None),
        ("a full 15 minutes",     &|c| c["exp"] = (NOW + 900).into(),           None),
        ("longer",                &|c| c["exp"] = (NOW + 901).into(),           Some(E::Invalid)),
        ("a clock ahead",         &|c| c["iat"] = (NOW + 60).into(),            None),
        ("from the future",       &|c| c["iat"] = (NOW + 61).into(),            Some(E::Invalid)),
        ("not yet",               &|c| c["nbf"] = (NOW + 61).into(),            Some(E::Invalid)),
        ("just expired",          &|c| times(c, NOW - 9, NOW),                  Some(E::Expired)),
        ("long expired",          &|c| times(c, 0, 600),                        Some(E::Expired)),
        ("ends before it begins", &|c| c["exp"] = (NOW - 1).into(),  Some(E::Invalid)),
        ("no life at all",        &|c| c["exp"] = NOW.into(),                   Some(E::Invalid)),
        ("huge times",            &|c| times(c, i64::MIN, i64::MAX),            Some(E::Invalid)),
        ("times as text",         &|c| c["exp"] = "1800000600".into(),          Some(E::Invalid)),
        ("times as fraction",     &|c| c["exp"] = 1_800_000_600.5.into(),       Some(E::Invalid)),
        ("no exp",                &|c| remove(c, "exp"),                        Some(E::Invalid)),
        ("no iat",                &|c| remove(c, "iat"),                        Some(E::Invalid)),
        ("no aud",                &|c| remove(c, "aud"),                        Some(E::Invalid)),
        ("no sub",                &|c| remove(c, "sub"),                        Some(E::Invalid)),
        ("no origin",             &|c| remove(c, "origin"),                     Some(E::Invalid)),
        ("another merchant",      &|c| c["aud"] = "demo2".into(),               Some(E::Invalid)),
        ("merchant's case",       &|c| c["aud"] = "Demo".into(),                Some(E::Invalid)),
        ("several merchants",     &|c| c["aud"] = serde_json::json!(["demo"]),  Some(E::Invalid)),
        ("a path as customer",    &|c| c["sub"] = "../admin".into(),            Some(E::Invalid)),
        ("empty customer",        &|c| c["sub"] = "".into(),                    Some(E::Invalid)),
        ("a longer host",         &|c| origin(c, "https://app.example.evil"),  elsewhere),
        ("another scheme",        &|c| origin(c, "http://app.example"),        elsewhere),
        ("origin with a path",    &|c| origin(c, "https://app.example/"),      elsewhere),
    ];
    for (name, change, error) in rows {
        let result = verify_at(&mint(HEADER, &claims(change), KEY), NOW);
        assert_eq!(result.err(), *error, "{name}");
    }
}

#[test]
fn only_one_algorithm_is_accepted() {
    for header in [
        r#"{"alg":"none"}"#,
        r#"{"alg":"hs256"}"#,
        r#"{"alg":"HS384"}"#,
        r#"{"alg":"HS512"}"#,
        r#"{"alg":"RS256"}"#,
        r#"{"alg":"ES256"}"#,
        r#"{"alg":"HS256 "}"#,
        r#"{"alg":["HS256"]}"#,
        r#"{"alg":"HS256","alg":"none"}"#,
        r#"{"alg":"HS256","crit":["b64"],"b64":false}"#,
        r#"{"typ":"JWT"}"#,
        r#"[]"#,
        r#""HS256""#,
        "",
    ] {
        let token = mint(header, &claims(|_| {}), KEY);
        assert_eq!(verify_at(&token, NOW), Err(TokenError::Invalid), "{header}");
    }
    // Without a signature, as attacks with `none` send it.
    let unsigned = mint(r#"{"alg":"none"}"#, &claims(|_| {}), KEY);
    let (signed, _) = unsigned.rsplit_once('.').unwrap();
    assert_eq!(verify_at(&format!("{signed}."), NOW), Err(TokenError::Invalid));
    assert_eq!(verify_at(signed, NOW), Err(TokenError::Invalid));
}

#[test]
fn a_changed_token_is_refused() {
    let token = good();
    for at in 0..token.len() {
        for other in ["A", "B", ".", "=", "é"] {
            if &token[at..=at] != other {
                let changed = format!("{}{other}{}", &token[..at], &token[at + 1..]);
                assert_eq!(verify_at(&changed, NOW), Err(TokenError::Invalid), "{at} {other}");
            }
        }
        let cut_off = verify_at(&token[..at], NOW);
        assert!(cut_off.is_err(), "{at}");
    }
    for text in ["=", "==", ".", ".x", " "] {
        assert_eq!(verify_at(&format!("{token}{text}"), NOW), Err(TokenError::Invalid));
        assert_eq!(verify_at(&format!("{text}{token}"), NOW), Err(TokenError::Invalid));
    }
}

#[test]
fn keys_rotate() {
    let merchant = MerchantId::parse("demo").unwrap();
    let now = Timestamp::from_seconds(NOW);
    let old = mint(HEADER, &claims(|_| {}), OLD_KEY);
    let check = |keys: &TokenKeys, token: &str| verify(token, keys, &merchant, ORIGIN, now).is_ok();
    let rotating = TokenKeys::new(KEY, Some(OLD_KEY)).unwrap();
    let rotated = TokenKeys::new(KEY, None).unwrap();
    assert!(check(&rotating, &good()) && check(&rotating, &old));
    assert!(check(&rotated, &good()) && !check(&rotated, &old));
}

#[test]
fn our_own_token_is_one_like_a_merchant_s() {
    let keys = TokenKeys::new(KEY, Some(OLD_KEY)).unwrap();
    let merchant = MerchantId::parse("demo").unwrap();
    let customer = CustomerId::parse("cus_42").unwrap();
    let own = issue(&keys, (&merchant, &customer), ORIGIN, Timestamp::from_seconds(NOW));
    let good = verify_at(&own, NOW).unwrap();
    assert_eq!(good.customer, customer);
    assert_eq!(good.expires_at, Timestamp::from_seconds(NOW + OWN_LIFETIME_S));
    assert_eq!(verify_at(&own, NOW + OWN_LIFETIME_S), Err(TokenError::Expired));
    let elsewhere = Timestamp::from_seconds(NOW);
    let other = verify(&own, &keys, &merchant, "https://other.example", elsewhere);
    assert_eq!(other, Err(TokenError::OriginMismatch));
}

#[test]
fn limits_hold() {
    assert_eq!(verify_at("", NOW), Err(TokenError::Missing));
    let padding = "x".repeat(TOKEN_BYTES_MAX);
    let long = mint(HEADER, &claims(|c| c["jti"] = padding.into()), KEY);
    assert_eq!(verify_at(&long, NOW), Err(TokenError::Invalid));
    assert_eq!(TokenKeys::new("x".repeat(31).as_str(), None).err(), Some(TokenKeyError));
    assert_eq!(TokenKeys::new(KEY, Some("short")).err(), Some(TokenKeyError));
    assert!(TokenKeys::new(&"é".repeat(16), None).is_ok());
    assert!(TokenKeys::new(&"x".repeat(1_000), None).is_ok());
}

#[test]
fn keys_are_not_printed() {
    let keys = TokenKeys::new(KEY, Some(OLD_KEY)).unwrap();
    assert_eq!(format!("{keys:?}"), "TokenKeys(…)");
}

proptest::proptest! {
    #[test]
    fn any_text_is_refused_without_a_panic(text in "\\PC{0,200}") {
        proptest::prop_assert!(verify_at(&text, NOW).is_err());
    }

    #[test]
    fn any_signed_json_is_read_without_a_panic(header in "\\PC{0,60}", claims in "\\PC{0,60}") {
        proptest::prop_assert!(verify_at(&mint(&header, &claims, KEY), NOW).is_err());
    }
}
