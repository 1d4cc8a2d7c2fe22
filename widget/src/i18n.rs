//! Texts: a flat list of keys and sentences for one language.
//!
//! A key that is not declared here cannot be used, and a test compares the declarations with every
//! locale file, so a missing sentence is found before a customer finds it.

/// Names one sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key(pub &'static str);

/// Names sentences that differ by number; each language has one for each of its plural categories.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plural(pub &'static str);

macro_rules! keys {
    ($($name:ident = $text:literal,)*) => {
        $(#[doc = concat!("`", $text, "`")] pub const $name: Key = Key($text);)*
        /// Every sentence the widget uses.
        pub const KEYS: &[Key] = &[$($name,)*];
    };
}

macro_rules! plurals {
    ($($name:ident = $text:literal,)*) => {
        $(#[doc = concat!("`", $text, "`")] pub const $name: Plural = Plural($text);)*
        /// Every sentence that differs by number.
        pub const PLURALS: &[Plural] = &[$($name,)*];
    };
}

pub mod cancel;
pub mod own;

keys! {
    REGION_LABEL = "region.label",
    BANNER_TITLE = "banner.title",
    REASON_CARD_EXPIRED = "reason.card_expired",
    REASON_INSUFFICIENT_FUNDS = "reason.insufficient_funds",
    REASON_CARD_DETAILS_WRONG = "reason.card_details_wrong",
    REASON_CARD_NOT_SUPPORTED = "reason.card_not_supported",
    REASON_AUTHENTICATION_NEEDED = "reason.authentication_needed",
    REASON_CARD_DECLINED = "reason.card_declined",
    REASON_TRY_LATER = "reason.try_later",
    REASON_UNKNOWN = "reason.unknown",
    NEWS_UPDATED_TITLE = "news.updated_title",
    NEWS_UPDATED = "news.updated",
    NEWS_EXPIRES_TITLE = "news.expires_title",
    NEWS_EXPIRES = "news.expires",
    DUE_PLAIN = "due.plain",
    DUE_NAMED = "due.named",
    NEXT_GRACE = "next.grace",
    NEXT_ATTEMPT = "next.attempt",
    NEXT_RESTRICTED = "next.restricted",
    NEXT_ENDED = "next.ended",
    ACTION_UPDATE = "action.update",
    ACTION_RETRY = "action.retry",
    ACTION_RETRYING = "action.retrying",
    ACTION_DISMISS = "action.dismiss",
    ACTION_CLOSE = "action.close",
    ACTION_CANCEL = "action.cancel",
    ACTION_PAY = "action.pay",
    ACTION_PAY_PLAIN = "action.pay_plain",
    ACTION_PAYING = "action.paying",
    ACTION_CONFIRM = "action.confirm",
    ACTION_CONFIRM_PAY = "action.confirm_pay",
    ACTION_CONFIRMING = "action.confirming",
    ACTION_OTHER_CARD = "action.other_card",
    ACTION_SAVE = "action.save",
    ACTION_SAVING = "action.saving",
    ACTION_AGAIN = "action.again",
    ACTION_DONE = "action.done",
    ACTION_LEAVE = "action.leave",
    PANEL_TITLE = "panel.title",
    PANEL_LEAD = "panel.lead",
    PANEL_LEAD_SAVE = "panel.lead_save",
    PANEL_DUE = "panel.due",
    PANEL_INVOICE = "panel.invoice",
    PANEL_INVOICE_PLAIN = "panel.invoice_plain",
    PANEL_TOTAL = "panel.total",
    PANEL_LOADING = "panel.loading",
    PANEL_SAFE = "panel.safe",
    CONFIRM_TITLE = "confirm.title",
    CONFIRM_LEAD = "confirm.lead",
    CONFIRM_FAILED = "confirm.failed",
    CONFIRM_CLOSED = "confirm.closed",
    DECLINED_CARD_EXPIRED = "declined.card_expired",
    DECLINED_INSUFFICIENT_FUNDS = "declined.insufficient_funds",
    DECLINED_CARD_DETAILS_WRONG = "declined.card_details_wrong",
    DECLINED_CARD_NOT_SUPPORTED = "declined.card_not_supported",
    DECLINED_AUTHENTICATION_NEEDED = "declined.authentication_needed",
    DECLINED_CARD_DECLINED = "declined.card_declined",
    DECLINED_TRY_LATER = "declined.try_later",
    DECLINED_CHECK = "declined.check",
    PENDING_TITLE = "pending.title",
    PENDING_MESSAGE = "pending.message",
    PENDING_LATE_TITLE = "pending.late_title",
    PENDING_LATE = "pending.late",
    PENDING_DAYS_TITLE = "pending.days_title",
    PENDING_DAYS = "pending.days",
    RECOVERED_TITLE = "recovered.title",
    RECOVERED_MESSAGE = "recovered.message",
    RECOVERED_PLAIN = "recovered.plain",
    RECOVERED_SAVED = "recovered.saved",
    ERROR_TITLE = "error.title",
    ERROR_MESSAGE = "error.message",
    ERROR_PROVIDER = "error.provider",
    ERROR_BUSY = "error.busy",
    ERROR_FIELDS = "error.fields",
    ERROR_REFERENCE = "error.reference",
    OFFLINE_TITLE = "offline.title",
    OFFLINE_MESSAGE = "offline.message",
    SESSION_EXPIRED_TITLE = "session_expired.title",
    SESSION_EXPIRED_MESSAGE = "session_expired.message",
}

plurals! {
    DUE_COUNT = "due.count",
    DUE_SEVERAL = "due.several",
    PANEL_MORE = "panel.more",
}

/// Keys that only the loader reads.
pub const LOADER_KEYS: &[&str] = &["direction", "fallback.message"];

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
    /// otherwise; a word that is not known is the default.
    #[must_use]
    pub fn of(tone: Option<&str>, skin: Option<&str>) -> Self {
        match (tone, skin) {
            (Some("b2b"), _) => Self::B2b,
            (Some("game"), _) | (None, Some("game")) => Self::Game,
            _ => Self::Consumer,
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
    own: Vec<(String, String)>,
    is_rtl: bool,
    tone: Tone,
}

impl Texts {
    /// Takes the entries of a locale file in any order.
    #[must_use]
    pub fn new(entries: Vec<(String, String)>, tone: Tone) -> Self {
        let mut texts = Self { entries, own: Vec::new(), is_rtl: false, tone };
        texts.is_rtl = texts.find(&["direction"]) == Some("rtl");
        texts
    }

    /// Finds the sentence whose key is these parts in a row: the merchant's, else ours.
    fn find(&self, parts: &[&str]) -> Option<&str> {
        find_in(&self.own, parts).or_else(|| find_in(&self.entries, parts))
    }

    /// The sentence: the merchant's, else the tone's, else the common one. A sentence that is
    /// missing shows as its key, which is ugly but tells where to look.
    #[must_use]
    pub fn get(&self, key: Key) -> &str {
        find_in(&self.own, &[key.0])
            .or_else(|| self.find(&[self.tone.prefix(), key.0]))
            .or_else(|| self.find(&[key.0]))
            .unwrap_or(key.0)
    }

    /// A sentence that the server names. What is not known here shows as its name.
    #[must_use]
    pub fn named(&self, name: &str) -> String {
        self.find(&[name]).unwrap_or(name).to_owned()
    }

    /// Whether there is a sentence of that name.
    #[must_use]
    pub fn knows(&self, name: &str) -> bool {
        self.find(&[name]).is_some()
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

fn find_in<'a>(entries: &'a [(String, String)], parts: &[&str]) -> Option<&'a str> {
    let is_it = |name: &str| {
        let rest = parts.iter().try_fold(name, |rest, part| rest.strip_prefix(part));
        rest == Some("")
    };
    entries.iter().find(|(name, _)| is_it(name)).map(|(_, text)| text.as_str())
}

#[cfg(test)]
mod tests;
