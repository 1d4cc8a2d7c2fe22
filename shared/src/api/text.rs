//! Sentences in one language: found by key, with values filled in.
//!
//! The Worker says with them what the page shows first, the widget everything after that. Both read
//! the same locale files (`widget/locale`).

/// Names one sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key(pub &'static str);

/// Names sentences that differ by number; each language has one for each of its plural categories.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plural(pub &'static str);

/// Who is spoken to. A sentence that a tone says in its own way stands in the locale file once
/// more, with the tone's prefix; all others are said to everybody alike.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// Somebody who pays for themselves.
    #[default]
    Consumer,
    /// Somebody at work, who pays for a team, perhaps with a card that is not theirs.
    B2b,
    /// A player.
    Game,
}

impl Tone {
    /// By the element's attributes. What looks like a game speaks like one, unless `tone` says
    /// otherwise; without a word that is known it is the default.
    #[must_use]
    pub fn of(tone: Option<&str>, skin: Option<&str>) -> Self {
        let known = tone.and_then(Self::named).or_else(|| skin.and_then(Self::named));
        known.unwrap_or_default()
    }

    /// The tone of this name.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        match word {
            "consumer" => Some(Self::Consumer),
            "b2b" => Some(Self::B2b),
            "game" => Some(Self::Game),
            _ => None,
        }
    }

    /// What stands before the keys of its own sentences.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Consumer => "",
            Self::B2b => "b2b.",
            Self::Game => "game.",
        }
    }
}

/// The sentences of one language.
#[derive(Clone, Debug, Default)]
pub struct Texts {
    entries: Vec<(String, String)>,
    is_rtl: bool,
    tone: Tone,
}

impl Texts {
    /// Takes the entries of a locale file in any order.
    #[must_use]
    pub fn new(entries: Vec<(String, String)>, tone: Tone) -> Self {
        let mut texts = Self { entries, is_rtl: false, tone };
        texts.is_rtl = texts.find(&["direction"]) == Some("rtl");
        texts
    }

    /// Finds the sentence whose key is these parts in a row.
    fn find(&self, parts: &[&str]) -> Option<&str> {
        let is_it = |name: &str| {
            let rest = parts.iter().try_fold(name, |rest, part| rest.strip_prefix(part));
            rest == Some("")
        };
        self.entries.iter().find(|(name, _)| is_it(name)).map(|(_, text)| text.as_str())
    }

    /// The sentence: the tone's, else the common one. A sentence that is
    /// missing shows as its key, which is ugly but tells where to look.
    #[must_use]
    pub fn get(&self, key: Key) -> &str {
        let toned = self.find(&[self.tone.prefix(), key.0]);
        toned.or_else(|| self.find(&[key.0])).unwrap_or(key.0)
    }

    /// A sentence that the server names. What is not known here shows as its name.
    #[must_use]
    pub fn named<'a>(&'a self, name: &'a str) -> &'a str {
        self.known(name).unwrap_or(name)
    }

    /// A sentence that the server names, if it is known here.
    #[must_use]
    pub fn known(&self, name: &str) -> Option<&str> {
        self.find(&[name])
    }

    /// The sentence for a plural category of `Intl.PluralRules`, such as `one`; `other` is the
    /// category that every language has.
    #[must_use]
    pub fn plural(&self, key: Plural, category: &str) -> &str {
        let exact = self.find(&[key.0, ".", category]);
        exact.or_else(|| self.find(&[key.0, ".other"])).unwrap_or(key.0)
    }

    /// Puts values in place of `{name}`.
    ///
    /// In a right-to-left language each value is isolated, or an amount would tear its sentence
    /// apart (Unicode UAX #9, FSI and PDI).
    #[must_use]
    pub fn fill(&self, template: &str, values: &[(&str, &str)]) -> String {
        let mut filled = String::with_capacity(template.len());
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            filled.push_str(before);
            let Some((name, tail)) = after.split_once('}') else { return filled };
            if let Some((_, value)) = values.iter().find(|(known, _)| *known == name) {
                if self.is_rtl {
                    filled.push('\u{2068}');
                }
                filled.push_str(value);
                if self.is_rtl {
                    filled.push('\u{2069}');
                }
            }
            rest = tail;
        }
        filled.push_str(rest);
        filled
    }
}
