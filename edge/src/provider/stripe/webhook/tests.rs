use super::*;

const SECRET: &str = "whsec_test_secret";
const RAW: &[u8] = br#"{"id":"evt_1","type":"invoice.paid"}"#;
const NOW_S: i64 = 1_800_000_000;
// Computed with Python: hmac.new(secret, b"1800000000." + raw, "sha256").hexdigest().
const V1: &str = "f19b688b6c808f2a3c035f501cb82562fd2eb237fd8c2e2df4503a54f42345fb";

fn secrets(list: &[&str]) -> Vec<Secret> {
    list.iter().copied().map(Secret::new).collect()
}

fn verify_at(header: &str, raw: &[u8], now_s: i64) -> Result<(), SignatureError> {
    verify(Some(header), raw, &secrets(&[SECRET]), Timestamp::from_seconds(now_s))
}

#[test]
fn headers_read_as_a_table() {
    use SignatureError as E;
    let zeros = "0".repeat(64);
    let upper = V1.to_uppercase();
    #[rustfmt::skip]
    let rows = [
        (format!("t={NOW_S},v1={V1}"),                       Ok(())),
        (format!("v1={V1},t={NOW_S}"),                       Ok(())),
        (format!("t={NOW_S}, v1={V1}"),                      Ok(())),
        (format!("t={NOW_S},v1={upper}"),                    Ok(())),
        (format!("t={NOW_S},v1={zeros},v1={V1},v0={zeros}"), Ok(())),
        (format!("t={NOW_S},v1=nonsense,v1={V1}"),           Ok(())),
        (format!("t={NOW_S},v1={zeros}"),                    Err(E::Mismatch)),
        (format!("t={},v1={V1}", NOW_S + 1),                 Err(E::Mismatch)),
        (format!("t=0{NOW_S},v1={V1}"),                      Err(E::Mismatch)),
        (format!("t={NOW_S},v0={V1}"),                       Err(E::Malformed)),
        (format!("t={NOW_S},t={NOW_S},v1={V1}"),             Err(E::Malformed)),
        (format!("t=-{NOW_S},v1={V1}"),                      Err(E::Malformed)),
        (format!("t=,v1={V1}"),                              Err(E::Malformed)),
        (format!("t=99999999999999999999,v1={V1}"),          Err(E::Malformed)),
        (format!("v1={V1}"),                                 Err(E::Malformed)),
        (format!("t={NOW_S}"),                               Err(E::Malformed)),
        (format!("t={NOW_S},v1={}", &V1[..62]),              Err(E::Malformed)),
        (format!("t={NOW_S},v1={V1}00"),                     Err(E::Malformed)),
        (format!("t={NOW_S},v1={V1},"),                      Err(E::Malformed)),
        (String::new(),                                      Err(E::Malformed)),
        (format!("t={NOW_S}{}", format!(",v1={V1}").repeat(SIGNATURES_MAX + 1)), Err(E::Malformed)),
        (format!("t={NOW_S},v1={V1},x={}", "y".repeat(HEADER_BYTES_MAX)), Err(E::Malformed)),
    ];
    for (header, result) in rows {
        assert_eq!(verify_at(&header, RAW, NOW_S), result, "{header}");
    }
    assert_eq!(verify(None, RAW, &secrets(&[SECRET]), Timestamp::from_ms(0)), Err(E::Missing));
}

#[test]
fn a_signature_lives_for_five_minutes() {
    let header = format!("t={NOW_S},v1={V1}");
    for (now_s, result) in [
        (NOW_S + 300, Ok(())),
        (NOW_S + 301, Err(SignatureError::TooOld)),
        (NOW_S - 300, Ok(())),
        (NOW_S - 301, Err(SignatureError::FromTheFuture)),
        (i64::MAX / 1_000, Err(SignatureError::TooOld)),
        (i64::MIN / 1_000, Err(SignatureError::FromTheFuture)),
    ] {
        assert_eq!(verify_at(&header, RAW, now_s), result, "{now_s}");
    }
    let far = format!("t={},v1={V1}", i64::MAX);
    assert_eq!(verify_at(&far, RAW, NOW_S), Err(SignatureError::Mismatch));
}

#[test]
fn the_time_of_a_forgery_is_not_looked_at() {
    let header = format!("t=1,v1={}", "0".repeat(64));
    assert_eq!(verify_at(&header, RAW, NOW_S), Err(SignatureError::Mismatch));
}

#[test]
fn every_byte_of_the_body_counts() {
    let header = format!("t={NOW_S},v1={V1}");
    for at in 0..RAW.len() {
        let mut raw = RAW.to_vec();
        raw[at] ^= 1;
        assert_eq!(verify_at(&header, &raw, NOW_S), Err(SignatureError::Mismatch), "{at}");
    }
    let longer = [RAW, b"\n"].concat();
    assert_eq!(verify_at(&header, &longer, NOW_S), Err(SignatureError::Mismatch));
}

#[test]
fn secrets_rotate() {
    let now = Timestamp::from_seconds(NOW_S);
    let header = sign(RAW, "whsec_old", now);
    let check = |list: &[&str]| verify(Some(&header), RAW, &secrets(list), now);
    assert_eq!(check(&["whsec_new", "whsec_old"]), Ok(()));
    assert_eq!(check(&["whsec_new"]), Err(SignatureError::Mismatch));
    assert_eq!(check(&[]), Err(SignatureError::Mismatch));
}

#[test]
fn an_empty_secret_fits_nothing() {
    let now = Timestamp::from_seconds(NOW_S);
    let header = sign(RAW, "", now);
    let result = verify(Some(&header), RAW, &secrets(&["", SECRET]), now);
    assert_eq!(result, Err(SignatureError::Mismatch));
}

#[test]
fn our_signer_agrees_with_the_vector() {
    let header = sign(RAW, SECRET, Timestamp::from_seconds(NOW_S));
    assert_eq!(header, format!("t={NOW_S},v1={V1}"));
}

proptest::proptest! {
    #[test]
    fn any_header_is_refused_without_a_panic(header in "\\PC{0,120}") {
        proptest::prop_assert!(verify_at(&header, RAW, NOW_S).is_err());
    }

    #[test]
    fn any_likely_header_is_refused_without_a_panic(header in "(t=|v1=|,|[0-9a-f]|é){0,90}") {
        proptest::prop_assert!(verify_at(&header, RAW, NOW_S).is_err());
    }

    #[test]
    fn what_was_signed_is_accepted(raw: Vec<u8>, secret in "[!-~]{1,80}") {
        let now = Timestamp::from_seconds(NOW_S);
        let header = sign(&raw, &secret, now);
        proptest::prop_assert_eq!(verify(Some(&header), &raw, &secrets(&[&secret]), now), Ok(()));
    }
}
