//! Idempotency keys, by Stripe's rules (<https://docs.stripe.com/api/idempotent_requests>): the
//! first answer of a key is kept for 24 hours, successes and failures alike, once execution has
//! begun. Answers to requests that were refused before that are not kept.

use std::collections::HashSet;
use std::sync::Mutex;

use rusqlite::{OptionalExtension, params};
use sha2::{Digest, Sha256};

use crate::error::ApiError;
use crate::store::Store;

const LIFETIME_S: i64 = 24 * 3_600;
const KEY_LENGTH_MAX: usize = 255;

/// A kept answer.
pub(crate) struct Kept {
    pub(crate) status: u16,
    pub(crate) body: String,
    /// The request that was answered first.
    pub(crate) request: String,
}

/// A request with its key.
#[derive(Clone, Debug)]
pub(crate) struct Keyed {
    pub(crate) key: String,
    fingerprint: String,
    path: String,
}

impl Keyed {
    /// Reads the key; `body` is the raw form, compared as it was sent.
    pub(crate) fn new(key: &str, method: &str, path: &str, body: &[u8]) -> Result<Self, ApiError> {
        if key.is_empty() || key.chars().count() > KEY_LENGTH_MAX {
            return Err(ApiError::idempotency(
                400,
                format!("The idempotency key must have 1 to {KEY_LENGTH_MAX} characters."),
            ));
        }
        let mut hash = Sha256::new();
        for part in [method.as_bytes(), b"\n", path.as_bytes(), b"\n", body] {
            hash.update(part);
        }
        let hex: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { key: key.to_owned(), fingerprint: hex, path: path.to_owned() })
    }
}

/// The kept answer for this key; an error when the key was used for another request.
pub(crate) fn find(store: &Store<'_>, keyed: &Keyed, now_s: i64) -> Result<Option<Kept>, ApiError> {
    let row: Option<(String, u16, String, String, i64)> = store
        .tx
        .prepare_cached(
            "SELECT fingerprint, status, body, request, created_s FROM idempotency WHERE key = ?1",
        )?
        .query_row([&keyed.key], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
        })
        .optional()?;
    let Some((fingerprint, status, body, request, created_s)) = row else {
        return Ok(None);
    };
    if created_s.saturating_add(LIFETIME_S) <= now_s {
        store.tx.execute("DELETE FROM idempotency WHERE key = ?1", [&keyed.key])?;
        return Ok(None);
    }
    if fingerprint != keyed.fingerprint {
        return Err(ApiError::idempotency(
            400,
            format!(
                "Keys for idempotent requests can only be used with the same parameters they \
                 were first used with. Try using a key other than '{}' if you meant to execute \
                 a different request.",
                keyed.key
            ),
        ));
    }
    Ok(Some(Kept { status, body, request }))
}

/// Keeps the answer, in the transaction of its effects.
pub(crate) fn keep(
    store: &Store<'_>,
    keyed: &Keyed,
    kept: &Kept,
    now_s: i64,
) -> Result<(), ApiError> {
    store
        .tx
        .prepare_cached(
            "INSERT OR REPLACE INTO idempotency
             (key, fingerprint, created_s, status, body, request) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            keyed.key,
            keyed.fingerprint,
            now_s,
            kept.status,
            kept.body,
            kept.request
        ])?;
    Ok(())
}

/// Forgets the answers that are too old to be given.
pub(crate) fn purge(store: &Store<'_>, now_s: i64) -> Result<(), ApiError> {
    let oldest_s = now_s.saturating_sub(LIFETIME_S);
    store.tx.execute("DELETE FROM idempotency WHERE created_s <= ?1", [oldest_s])?;
    Ok(())
}

/// The keys whose requests are being executed right now.
#[derive(Default)]
pub(crate) struct InFlight(Mutex<HashSet<String>>);

/// Holds a key until it is dropped.
pub(crate) struct Hold<'a> {
    keys: &'a InFlight,
    key: String,
}

impl InFlight {
    /// Takes the key, or answers 409 while another request holds it.
    pub(crate) fn hold(&self, keyed: &Keyed) -> Result<Hold<'_>, ApiError> {
        let fresh = self.lock().insert(keyed.key.clone());
        if fresh {
            return Ok(Hold { keys: self, key: keyed.key.clone() });
        }
        Err(ApiError::idempotency(
            409,
            format!(
                "There is currently another in-progress request using this Idempotent Key \
                 (that probably means you submitted twice, and the other request is still \
                 going through): {}. Please try again later. The request is for {}.",
                keyed.key, keyed.path
            ),
        )
        .with("code", "idempotency_key_in_use"))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashSet<String>> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Drop for Hold<'_> {
    fn drop(&mut self) {
        self.keys.lock().remove(&self.key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keyed(key: &str, body: &str) -> Keyed {
        Keyed::new(key, "POST", "/v1/customers", body.as_bytes()).unwrap()
    }

    fn kept(body: &str) -> Kept {
        Kept { status: 200, body: body.to_owned(), request: "req_1".to_owned() }
    }

    #[test]
    fn the_first_answer_is_kept_for_a_day() {
        let mut connection = crate::store::open(None).unwrap();
        let store = Store { tx: connection.transaction().unwrap() };
        let (first, other) = (keyed("k", "email=a"), keyed("k", "email=b"));
        assert!(find(&store, &first, 100).unwrap().is_none());
        keep(&store, &first, &kept("{}"), 100).unwrap();
        assert_eq!(find(&store, &first, 100).unwrap().unwrap().body, "{}");
        assert_eq!(find(&store, &other, 100).err().unwrap().status, 400);
        assert!(find(&store, &first, 100 + LIFETIME_S).unwrap().is_none());
    }

    #[test]
    fn a_key_is_held_by_one_request_at_a_time() {
        let keys = InFlight::default();
        let hold = keys.hold(&keyed("k", "")).unwrap();
        assert_eq!(keys.hold(&keyed("k", "")).err().unwrap().status, 409);
        drop(hold);
        assert!(keys.hold(&keyed("k", "")).is_ok());
    }

    #[test]
    fn keys_have_a_length() {
        assert!(Keyed::new("", "POST", "/", b"").is_err());
        assert!(Keyed::new(&"k".repeat(256), "POST", "/", b"").is_err());
    }
}
