//! Who stays on the fixed ladder, so that there is something to compare with.
//!
//! The hash is FNV-1a (public domain, <http://www.isthe.com/chongo/tech/comp/fnv/>) with a final
//! mixing. It is stable for ever and spreads well; it is **not** cryptographic: whoever can choose
//! identifiers can choose the arm. Nothing secret depends on it.

use crate::id::{CustomerId, MerchantId};
use serde::{Deserialize, Serialize};

/// The share of customers held out, in ppm, unless the merchant decides otherwise: one in ten.
pub const HOLD_OUT_PPM: u32 = 100_000;

/// Changes who is held out when it changes: never.
const SALT: &str = "timing";

/// Between parts, so that ("ab", "c") and ("a", "bc") differ. In no UTF-8 text.
const SEPARATOR: u8 = 0xFF;

/// Which way of choosing a customer is in. Stored with each attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Arm {
    /// The model chooses.
    Learned,
    /// The fixed ladder, for comparison.
    HeldOut,
}

impl Arm {
    /// The arm of a customer, always the same one. A larger share keeps those already held out.
    #[must_use]
    pub fn of(merchant: &MerchantId, customer: &CustomerId, hold_out_ppm: u32) -> Self {
        let draw = stable_draw(&[SALT, merchant.as_str(), customer.as_str()]);
        let place = (u64::from(draw) * 1_000_000) >> 32;
        if place < u64::from(hold_out_ppm) { Self::HeldOut } else { Self::Learned }
    }
}

/// A number that these texts always give, uniform over all of `u32` for different texts: a draw for
/// [`super::TimingModel::choose`] that a replay repeats. Name what is drawn for in the first part,
/// so that two uses are independent.
#[must_use]
pub fn stable_draw(parts: &[&str]) -> u32 {
    u32::try_from(stable_hash(parts) >> 32).unwrap_or(0)
}

/// 64 bits that these texts always give: FNV-1a over the parts and a separator after each, its bits
/// mixed at the end (FNV alone leaves the upper bits of similar texts similar).
#[must_use]
pub fn stable_hash(parts: &[&str]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for part in parts {
        for byte in part.bytes().chain([SEPARATOR]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
    mixed(hash)
}

/// The finalizer of SplitMix64 (public domain, <https://prng.di.unimi.it>).
const fn mixed(hash: u64) -> u64 {
    let hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held_out(merchant: &str, customers: u32, share_ppm: u32) -> Vec<bool> {
        let merchant = MerchantId::parse(merchant).unwrap();
        let arm = |n| {
            let customer = CustomerId::parse(&format!("cus_{n:06}")).unwrap();
            Arm::of(&merchant, &customer, share_ppm)
        };
        (0..customers).map(|n| arm(n) == Arm::HeldOut).collect()
    }

    fn count(held_out: &[bool]) -> usize {
        held_out.iter().filter(|held_out| **held_out).count()
    }

    #[test]
    fn the_hash_never_changes() {
        // Computed once by another program.
        assert_eq!(stable_hash(&[]), mixed(0xcbf2_9ce4_8422_2325));
        assert_eq!(stable_hash(&["timing", "demo", "cus_1"]), 0xa077_5399_6740_c183);
        assert_ne!(stable_hash(&["ab", "c"]), stable_hash(&["a", "bc"]));
        assert_ne!(stable_hash(&["a"]), stable_hash(&["a", ""]));
    }

    #[test]
    fn the_share_is_right_and_does_not_depend_on_the_merchant() {
        let (one, other) = (held_out("one", 100_000, 100_000), held_out("two", 100_000, 100_000));
        // 10,000 expected, standard deviation 95.
        for found in [count(&one), count(&other)] {
            assert!((9_600..10_400).contains(&found), "{found}");
        }
        let both = one.iter().zip(&other).filter(|(one, other)| **one && **other).count();
        assert!((850..1_150).contains(&both), "{both}: independent of each other");
        let pairs = one.windows(2).filter(|pair| pair[0] && pair[1]).count();
        assert!((850..1_150).contains(&pairs), "{pairs}: neighbours are independent");
    }

    #[test]
    fn a_larger_share_keeps_those_held_out() {
        let (small, large) = (held_out("m", 20_000, 50_000), held_out("m", 20_000, 100_000));
        assert!(small.iter().zip(&large).all(|(small, large)| !small || *large));
        assert_eq!(count(&held_out("m", 1_000, 0)), 0);
        assert_eq!(count(&held_out("m", 1_000, 1_000_000)), 1_000);
    }

    #[test]
    fn draws_are_uniform() {
        let mut buckets = [0_u32; 16];
        for n in 0..64_000 {
            let draw = stable_draw(&["attempt", &format!("in_{n}"), "1"]);
            buckets[usize::try_from(draw >> 28).unwrap()] += 1;
        }
        // 4,000 expected in each, standard deviation 61.
        assert!(buckets.iter().all(|found| (3_700..4_300).contains(found)), "{buckets:?}");
    }
}
