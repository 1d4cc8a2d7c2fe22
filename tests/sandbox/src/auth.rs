//! API keys. Any `sk_test_…` is a secret key and any `pk_test_…` a publishable one: the sandbox
//! has one account and protects nothing.

use axum::http::HeaderMap;

use crate::error::ApiError;

/// What a key may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyKind {
    Secret,
    /// May only see and confirm an object whose client secret it names.
    Publishable,
}

/// The key of a request: `Authorization: Bearer`, HTTP basic with the key as the user name, or
/// (as Stripe.js sends it) the parameter `key`.
pub(crate) fn key(headers: &HeaderMap, param: Option<&str>) -> Result<KeyKind, ApiError> {
    let header = headers.get("authorization").and_then(|value| value.to_str().ok());
    let key = match header {
        Some(header) => from_header(header),
        None => param.map(str::to_owned),
    };
    let Some(key) = key else {
        return Err(ApiError::unauthorized(
            "You did not provide an API key. You need to provide your API key in the \
             Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_KEY').",
        ));
    };
    let named = |prefix: &str| key.strip_prefix(prefix).is_some_and(|rest| !rest.is_empty());
    if named("sk_test_") || named("rk_test_") {
        Ok(KeyKind::Secret)
    } else if named("pk_test_") {
        Ok(KeyKind::Publishable)
    } else {
        let hidden: String = key.chars().take(8).collect();
        Err(ApiError::unauthorized(format!("Invalid API Key provided: {hidden}****")))
    }
}

fn from_header(header: &str) -> Option<String> {
    let (scheme, value) = header.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(value.trim().to_owned());
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = base64(value.trim())?;
    let user = decoded.split(':').next()?;
    Some(user.to_owned())
}

/// Standard base64 to text, for HTTP basic only.
fn base64(text: &str) -> Option<String> {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bits: u32 = 0;
    let mut count = 0;
    let mut bytes = Vec::with_capacity(text.len());
    for letter in text.trim_end_matches('=').bytes() {
        let value = ALPHABET.iter().position(|known| *known == letter)?;
        bits = (bits << 6) | u32::try_from(value).ok()?;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from((bits >> count) & 0xff).ok()?);
        }
    }
    String::from_utf8(bytes).ok()
}

/// Refuses what a publishable key may not do.
pub(crate) fn require_secret() -> ApiError {
    ApiError::unauthorized(
        "This API call cannot be made with a publishable API key. Please use a secret API key. \
         You can find a list of your API keys at https://dashboard.stripe.com/account/apikeys.",
    )
    .with("code", "secret_key_required")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(header: &str) -> Result<KeyKind, ApiError> {
        let mut headers = HeaderMap::new();
        headers.insert("authorization", header.parse().unwrap());
        key(&headers, None)
    }

    #[test]
    fn keys_are_told_apart() {
        assert_eq!(with("Bearer sk_test_1").unwrap(), KeyKind::Secret);
        assert_eq!(with("Bearer pk_test_1").unwrap(), KeyKind::Publishable);
        // "sk_test_1:" in base64.
        assert_eq!(with("Basic c2tfdGVzdF8xOg==").unwrap(), KeyKind::Secret);
        assert_eq!(key(&HeaderMap::new(), Some("pk_test_1")).unwrap(), KeyKind::Publishable);
        for bad in ["Bearer sk_live_1", "Bearer sk_test_", "Digest x", "Bearer"] {
            assert_eq!(with(bad).unwrap_err().status, 401, "{bad}");
        }
    }
}
