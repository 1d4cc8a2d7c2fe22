//! Draws by name instead of one after the other: the same customer, question and index always give
//! the same number, whatever else was asked before. So every contestant meets the same people, the
//! same banks and the same luck, and the order of threads changes nothing.

/// What is drawn for. Two different uses never share numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stream {
    Zone,
    Plan,
    Interval,
    Network,
    RenewalDay,
    RenewalHour,
    RenewalMinute,
    Issuer,
    Fragile,
    PayKind,
    Disposable,
    Lasting,
    PeriodPay,
    PeriodLasting,
    Death,
    DeathAt,
    DeathCause,
    Updated,
    UpdatedAt,
    Sca,
    Generic,
    GenericForever,
    GenericUntil,
    Noise,
    FlatFails,
    FlatCause,
    FlatTries,
    Responds,
    ReactionKind,
    ReactionDelay,
    CardWorks,
    Seen,
    SeenDelay,
    Acts,
    Session,
    Annoyed,
    Cancels,
    CancelsAt,
    Elsewhere,
    ElsewhereAt,
    LostAnswer,
    Webhook,
    Advice,
    Consent,
    OutageGap,
    OutageLength,
}

/// The finalizer of SplitMix64 (public domain, <https://prng.di.unimi.it>).
const fn mixed(hash: u64) -> u64 {
    let hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

/// All draws of one customer, or of one world.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Draws {
    key: u64,
}

impl Draws {
    /// Those of one thing with a number in a world with a name.
    pub(crate) fn of(seed: u64, world: &str, number: u64) -> Self {
        let name = world.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        let key = mixed(seed.wrapping_add(0x9e37_79b9_7f4a_7c15) ^ mixed(name));
        Self { key: mixed(key ^ mixed(number.wrapping_mul(0xd134_2543_de82_ef95))) }
    }

    /// 64 bits.
    pub(crate) fn bits(self, stream: Stream, index: u64) -> u64 {
        let stream = (stream as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        mixed(mixed(self.key ^ stream).wrapping_add(index.wrapping_mul(0xd6e8_feb8_6659_fd93)))
    }

    /// From 0 to below `end`; 0 where `end` is 0.
    pub(crate) fn below(self, stream: Stream, index: u64, end: u64) -> u64 {
        let wide = u128::from(self.bits(stream, index)) * u128::from(end);
        u64::try_from(wide >> 64).unwrap_or(0)
    }

    /// True so many times of a thousand.
    pub(crate) fn permille(self, stream: Stream, index: u64, share: u32) -> bool {
        self.below(stream, index, 1_000) < u64::from(share)
    }

    /// From `low` to below `high`; `low` where there is nothing between.
    pub(crate) fn between(self, stream: Stream, index: u64, (low, high): (i64, i64)) -> i64 {
        let span = u64::try_from(high.saturating_sub(low)).unwrap_or(0);
        low + i64::try_from(self.below(stream, index, span)).unwrap_or(0)
    }

    /// One of these by weight; `None` where there is none with a weight.
    pub(crate) fn weighted<T: Copy>(
        self,
        stream: Stream,
        index: u64,
        of: &[(T, u32)],
    ) -> Option<T> {
        let all = of.iter().map(|(_, weight)| u64::from(*weight)).sum();
        let mut left = self.below(stream, index, all);
        for (one, weight) in of {
            let weight = u64::from(*weight);
            if left < weight {
                return Some(*one);
            }
            left -= weight;
        }
        None
    }

    /// Exponentially distributed with this mean, in the mean's unit; at most about 36 times of it.
    pub(crate) fn exponential(self, stream: Stream, index: u64, mean: i64) -> i64 {
        minus_ln_milli(self.bits(stream, index)).saturating_mul(mean) / 1_000
    }
}

/// −ln of a uniform draw in (0, 1], in thousandths and in integers, so that every machine draws the
/// same: the logarithm to base 2 by the leading bit, the rest by a parabola (error below 0.01).
fn minus_ln_milli(bits: u64) -> i64 {
    let uniform = (bits >> 11) | 1;
    let top = i64::from(63 - uniform.leading_zeros());
    let fraction = i64::try_from((u128::from(uniform) * 1_000) >> top).unwrap_or(1_000) - 1_000;
    let log2_milli = top * 1_000 + fraction + 344 * fraction * (1_000 - fraction) / 1_000_000;
    (53_000 - log2_milli).max(0) * 693 / 1_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_depend_on_what_they_are_for_and_on_nothing_else() {
        let one = Draws::of(1, "flat", 7);
        assert_eq!(one.bits(Stream::Noise, 3), Draws::of(1, "flat", 7).bits(Stream::Noise, 3));
        let others = [
            one.bits(Stream::Noise, 4),
            one.bits(Stream::Sca, 3),
            Draws::of(2, "flat", 7).bits(Stream::Noise, 3),
            Draws::of(1, "mixed", 7).bits(Stream::Noise, 3),
            Draws::of(1, "flat", 8).bits(Stream::Noise, 3),
        ];
        assert!(others.iter().all(|other| *other != one.bits(Stream::Noise, 3)));
    }

    #[test]
    fn shares_means_and_weights_come_out() {
        const DRAWS: u64 = 20_000;
        let draws = Draws::of(11, "test", 0);
        let tenth = (0..DRAWS).filter(|i| draws.permille(Stream::Sca, *i, 100)).count();
        assert!((1_800..2_200).contains(&tenth), "{tenth}");
        let sum: i64 = (0..DRAWS).map(|i| draws.exponential(Stream::Seen, i, 1_000)).sum();
        assert!((970..1_030).contains(&(sum / 20_000)), "{sum}");
        let of = [('a', 3), ('b', 1), ('c', 0)];
        let drawn = |i| draws.weighted(Stream::Plan, i, &of).unwrap();
        let bs = (0..DRAWS).filter(|i| drawn(*i) == 'b').count();
        assert!((4_700..5_300).contains(&bs), "{bs}");
        assert!((0..DRAWS).all(|i| drawn(i) != 'c'));
        assert_eq!(draws.weighted::<char>(Stream::Plan, 0, &[]), None);
        assert_eq!(draws.between(Stream::Plan, 0, (5, 5)), 5);
    }
}
