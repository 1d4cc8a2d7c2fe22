//! Identifiers. Seedable, so that a run can be repeated with the same ids.

use std::hash::{BuildHasher, Hasher, RandomState};

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// Letters after the prefix: as long as today's Stripe ids, so that column widths get tested.
const ID_LENGTH: usize = 24;

/// A SplitMix64 generator. Ids need to be unlike each other, not secret: the program holds no
/// real money and listens on the loopback interface.
pub(crate) struct Random {
    state: u64,
}

impl Random {
    /// A generator that yields the same sequence for the same seed.
    pub(crate) fn from_seed(seed: u64) -> Self {
        Self { state: seed }
    }

    /// A generator seeded by the operating system (through the hasher's random keys).
    pub(crate) fn from_os() -> Self {
        let mut hasher = RandomState::new().build_hasher();
        hasher.write_u64(0x5265_7072_6965_7665);
        Self::from_seed(hasher.finish())
    }

    /// What a generator that goes on from here is seeded with.
    pub(crate) fn state(&self) -> u64 {
        self.state
    }

    /// The next 64 bits.
    pub(crate) fn next_u64(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number in `0..bound`; 0 when `bound` is 0.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound).unwrap_or(u64::MAX);
        if bound == 0 {
            return 0;
        }
        usize::try_from(self.next_u64() % bound).unwrap_or(0)
    }

    /// `length` letters and digits.
    pub(crate) fn letters(&mut self, length: usize) -> String {
        (0..length)
            .map(|_| char::from(ALPHABET.get(self.below(ALPHABET.len())).copied().unwrap_or(b'0')))
            .collect()
    }

    /// A new id such as `cus_4fQ…`.
    pub(crate) fn id(&mut self, prefix: &str) -> String {
        format!("{prefix}_{}", self.letters(ID_LENGTH))
    }

    /// Puts `items` in a random order (Fisher and Yates).
    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = self.below(last + 1);
            items.swap(last, other);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_ids() {
        let (mut a, mut b) = (Random::from_seed(7), Random::from_seed(7));
        assert_eq!(a.id("cus"), b.id("cus"));
        assert_ne!(a.id("cus"), a.id("cus"));
    }

    #[test]
    fn a_shuffle_loses_nothing() {
        let mut items: Vec<u32> = (0..100).collect();
        Random::from_seed(1).shuffle(&mut items);
        assert_ne!(items, (0..100).collect::<Vec<_>>());
        items.sort_unstable();
        assert_eq!(items, (0..100).collect::<Vec<_>>());
    }
}
