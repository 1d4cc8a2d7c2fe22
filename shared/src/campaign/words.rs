//! Words of the policy file for types that have no written form of their own.

use crate::policy::segment::{Country, Sector};

/// A value with a word in the file.
pub(super) trait Word: Sized {
    /// What may be written, for the error.
    const EXPECTED: &'static str;
    /// Its word.
    fn word(&self) -> &str;
    /// The value of a word.
    fn from_word(word: &str) -> Option<Self>;
}

impl Word for Sector {
    const EXPECTED: &'static str = "one of b2b, consumer, game";
    fn word(&self) -> &str {
        self.as_str()
    }
    fn from_word(word: &str) -> Option<Self> {
        [Self::B2b, Self::Consumer, Self::Game].into_iter().find(|known| known.as_str() == word)
    }
}

impl Word for Country {
    const EXPECTED: &'static str = "a country code of ISO 3166-1 such as DE";
    fn word(&self) -> &str {
        self.as_str()
    }
    fn from_word(word: &str) -> Option<Self> {
        Self::parse(word)
    }
}

/// One value, for `#[serde(with = "words::one")]`.
pub(super) mod one {
    use super::Word;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(in crate::campaign) fn serialize<T: Word, S: Serializer>(
        value: &T,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.serialize_str(value.word())
    }

    pub(in crate::campaign) fn deserialize<'de, T: Word, D: Deserializer<'de>>(
        from: D,
    ) -> Result<T, D::Error> {
        let word = String::deserialize(from)?;
        let unknown = || D::Error::custom(format!("{word:?} is not {}", T::EXPECTED));
        T::from_word(&word).ok_or_else(unknown)
    }
}

/// A list of values, for `#[serde(with = "words::list")]`.
pub(super) mod list {
    use super::Word;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(in crate::campaign) fn serialize<T: Word, S: Serializer>(
        values: &[T],
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.collect_seq(values.iter().map(Word::word))
    }

    pub(in crate::campaign) fn deserialize<'de, T: Word, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Vec<T>, D::Error> {
        let words = Vec::<String>::deserialize(from)?;
        let value = |word: &String| {
            let unknown = || D::Error::custom(format!("{word:?} is not {}", T::EXPECTED));
            T::from_word(word).ok_or_else(unknown)
        };
        words.iter().map(value).collect()
    }
}
