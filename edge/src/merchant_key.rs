//! The key by which a merchant's own servers are known.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The shortest key, in bytes.
pub const KEY_BYTES_MIN: usize = 32;
/// The longest key, in bytes; a longer one in a request is not compared at all.
pub const KEY_BYTES_MAX: usize = 200;

/// The keys that are accepted: one, or several while rotating; none, and nobody is let in. Never
/// printed.
#[derive(Clone)]
pub struct MerchantKeys(Vec<(Hmac<Sha256>, Vec<u8>)>);

/// A key is too short or too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a merchant key has from {KEY_BYTES_MIN} to {KEY_BYTES_MAX} bytes")]
pub struct MerchantKeyError;

impl MerchantKeys {
    /// Takes the keys as text; their UTF-8 bytes count.
    pub fn new(keys: &[String]) -> Result<Self, MerchantKeyError> {
        keys.iter().map(|key| kept(key)).collect::<Result<_, _>>().map(Self)
    }

    /// Whether a text is one of the keys. It takes the same time for every key and every text of a
    /// length: hashes are compared, all of each, and every key is looked at.
    #[must_use]
    pub fn accept(&self, presented: &str) -> bool {
        let length = presented.len();
        if !(KEY_BYTES_MIN..=KEY_BYTES_MAX).contains(&length) {
            return false;
        }
        let same = |(keyed, own): &(Hmac<Sha256>, Vec<u8>)| {
            keyed.clone().chain_update(presented).verify_slice(own).is_ok()
        };
        self.0.iter().fold(false, |found, key| found | same(key))
    }

    /// 32 bytes that only who has the newest key can make, for a purpose and a name; the same each
    /// time. `None` without a key.
    #[must_use]
    pub fn derive(&self, purpose: &str, name: &str) -> Option<[u8; 32]> {
        let (keyed, _) = self.0.first()?;
        // A byte that no purpose has, so that no two pairs are the same text.
        let mac = keyed.clone().chain_update(purpose).chain_update([0]).chain_update(name);
        Some(mac.finalize().into_bytes().into())
    }
}

fn kept(key: &str) -> Result<(Hmac<Sha256>, Vec<u8>), MerchantKeyError> {
    if !(KEY_BYTES_MIN..=KEY_BYTES_MAX).contains(&key.len()) {
        return Err(MerchantKeyError);
    }
    let keyed = Hmac::<Sha256>::new_from_slice(key.as_bytes()).map_err(|_| MerchantKeyError)?;
    let own = keyed.clone().chain_update(key).finalize().into_bytes().to_vec();
    Ok((keyed, own))
}

impl core::fmt::Debug for MerchantKeys {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("MerchantKeys(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "one-merchant-key-of-32-bytes-at-least";
    const TWO: &str = "two-merchant-key-of-32-bytes-at-least";

    fn keys(keys: &[&str]) -> Result<MerchantKeys, MerchantKeyError> {
        MerchantKeys::new(&keys.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn both_keys_are_good_while_rotating_and_nothing_else_is() {
        let both = keys(&[ONE, TWO]).unwrap();
        assert!(both.accept(ONE) && both.accept(TWO));
        let other = ONE.replace("one", "eno");
        for bad in ["", &ONE[..36], &format!("{ONE} "), &other, &"x".repeat(10_000)] {
            assert!(!both.accept(bad), "{bad:.40}");
        }
        assert!(!keys(&[TWO]).unwrap().accept(ONE));
        assert!(!keys(&[]).unwrap().accept(ONE), "without a key nobody is let in");
        assert_eq!(format!("{both:?}"), "MerchantKeys(…)");
    }

    #[test]
    fn what_is_derived_differs_by_key_purpose_and_name_and_is_the_same_again() {
        let keys = [keys(&[ONE, TWO]).unwrap(), keys(&[TWO]).unwrap()];
        let of = |keys: &MerchantKeys, purpose, name| keys.derive(purpose, name).unwrap();
        let all = [
            of(&keys[0], "way back", "n1"),
            of(&keys[0], "way back", "n2"),
            of(&keys[0], "other", "n1"),
            of(&keys[1], "way back", "n1"),
        ];
        for (at, one) in all.iter().enumerate() {
            assert!(all[at + 1..].iter().all(|other| one != other));
        }
        assert_eq!(all[0], of(&keys[0], "way back", "n1"));
        assert_eq!(MerchantKeys::new(&[]).unwrap().derive("way back", "n1"), None);
    }

    #[test]
    fn a_key_that_could_be_guessed_is_refused() {
        assert!(keys(&["short"]).is_err());
        assert!(keys(&[ONE, &"x".repeat(KEY_BYTES_MAX + 1)]).is_err());
    }
}
