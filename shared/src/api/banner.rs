//! What the banner says: decided here and nowhere else.
//!
//! The Worker puts it into the answer to `GET /v1/status`, so that the loader can paint the banner
//! before any Wasm is there; the widget says it again when it takes over, and after every change.
//! Both ask this file, so they cannot say different things. Money, dates and plural rules come from
//! `Intl` on both sides, through [`Speaker`].

use super::status::{
    AccessLevel, Amount, CardNewsKind, MethodSummary, PayerReason, RecoveryState, Remedy, Status,
};
use super::text::{Key, Plural};

/// The banner as finished texts, in one language.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Banner {
    /// The language of the texts, by its file's name: `de`.
    pub language: String,
    /// `ltr` or `rtl`.
    pub direction: String,
    /// What a screen reader calls the banner.
    pub label: String,
    /// What happened.
    pub title: String,
    /// Why, and what happens next.
    pub message: String,
    /// How much, and for what; empty when nothing is owed.
    pub due: String,
    /// The card; may be empty.
    pub method: String,
    /// The button that charges the same card again, where that may be tried.
    pub retry: Option<String>,
    /// The main button: update the card, or confirm the payment.
    pub update: Option<String>,
    /// What a screen reader calls the cross, where the banner may be hidden.
    pub dismiss: Option<String>,
}

/// Says sentences in one language, with values by `Intl`.
pub trait Speaker {
    /// A sentence without values.
    fn text(&self, key: Key) -> String;
    /// A sentence with values.
    fn fill(&self, key: Key, values: &[(&str, &str)]) -> String;
    /// A sentence about a number of things; `{count}` is filled in.
    fn plural(&self, key: Plural, count: usize, amount: &str) -> String;
    /// An amount with its currency.
    fn money(&self, amount: &Amount) -> String;
    /// A moment, with its time of day when it is near.
    fn moment(&self, moment: Moment) -> String;
}

const REGION_LABEL: Key = Key("region.label");
const BANNER_TITLE: Key = Key("banner.title");
const REASON_CARD_EXPIRED: Key = Key("reason.card_expired");
const REASON_INSUFFICIENT_FUNDS: Key = Key("reason.insufficient_funds");
const REASON_CARD_DETAILS_WRONG: Key = Key("reason.card_details_wrong");
const REASON_CARD_NOT_SUPPORTED: Key = Key("reason.card_not_supported");
const REASON_AUTHENTICATION_NEEDED: Key = Key("reason.authentication_needed");
const REASON_CARD_DECLINED: Key = Key("reason.card_declined");
const REASON_TRY_LATER: Key = Key("reason.try_later");
const REASON_UNKNOWN: Key = Key("reason.unknown");
const NEWS_UPDATED_TITLE: Key = Key("news.updated_title");
const NEWS_UPDATED: Key = Key("news.updated");
const NEWS_EXPIRES_TITLE: Key = Key("news.expires_title");
const NEWS_EXPIRES: Key = Key("news.expires");
const DUE_PLAIN: Key = Key("due.plain");
const DUE_NAMED: Key = Key("due.named");
const NEXT_GRACE: Key = Key("next.grace");
const NEXT_ATTEMPT: Key = Key("next.attempt");
const NEXT_RESTRICTED: Key = Key("next.restricted");
const NEXT_ENDED: Key = Key("next.ended");
const ACTION_UPDATE: Key = Key("action.update");
const ACTION_CONFIRM: Key = Key("action.confirm");
const ACTION_RETRY: Key = Key("action.retry");
const ACTION_DISMISS: Key = Key("action.dismiss");
const DUE_COUNT: Plural = Plural("due.count");
const DUE_SEVERAL: Plural = Plural("due.several");

/// The banner for a status. `None` when there is nothing to show, or a payment is under way: that
/// is over before a banner would be read.
#[must_use]
pub fn banner(status: &Status, by: &dyn Speaker) -> Option<Banner> {
    let is_news = status.state == RecoveryState::Clear && status.card_news.is_some();
    if status.state != RecoveryState::ActionNeeded && !is_news {
        return None;
    }
    let shown = Shown { status, is_news };
    Some(Banner {
        label: by.text(REGION_LABEL),
        title: shown.title(by),
        message: shown.message(by),
        due: shown.due(by),
        method: shown.method(),
        retry: shown.can_retry().then(|| by.text(ACTION_RETRY)),
        update: shown.can_update().then(|| by.text(shown.update())),
        dismiss: shown.can_dismiss().then(|| by.text(ACTION_DISMISS)),
        ..Banner::default()
    })
}

/// What a banner is about.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// How things stand.
    pub status: &'a Status,
    /// Nothing is owed: it is about the card alone.
    pub is_news: bool,
}

impl Shown<'_> {
    /// What there is to be known of the card, where that is all there is.
    #[must_use]
    pub fn news(&self) -> Option<CardNewsKind> {
        self.status.card_news.as_ref().filter(|_| self.is_news).map(|news| news.kind)
    }

    /// "Try this card again" is offered.
    #[must_use]
    pub fn can_retry(&self) -> bool {
        self.status.can_retry
    }

    /// "Update card" is offered.
    #[must_use]
    pub fn can_update(&self) -> bool {
        self.news() != Some(CardNewsKind::Updated)
    }

    /// The banner may be hidden: not once access is affected.
    #[must_use]
    pub fn can_dismiss(&self) -> bool {
        matches!(self.status.access, AccessLevel::Full | AccessLevel::Warn)
    }

    /// The main button's label.
    #[must_use]
    pub fn update(&self) -> Key {
        let is_bank = self.status.remedy == Some(Remedy::Authenticate);
        if is_bank { ACTION_CONFIRM } else { ACTION_UPDATE }
    }

    /// What happened.
    #[must_use]
    pub fn title(&self, by: &dyn Speaker) -> String {
        by.text(news(self.news()).map_or(BANNER_TITLE, |(title, _)| title))
    }

    /// Why, and what happens next.
    #[must_use]
    pub fn message(&self, by: &dyn Speaker) -> String {
        if let Some((_, sentence)) = news(self.news()) {
            let expires_at = self.status.card_news.as_ref().and_then(|news| news.expires_at_ms);
            let date = expires_at.map(|at| by.moment(last_day(at))).unwrap_or_default();
            return by.fill(sentence, &[("date", &date)]);
        }
        let mut text = by.text(reason(self.status.reason));
        if let Some((key, moment)) = next(self.status) {
            let date = moment.map(|moment| by.moment(moment)).unwrap_or_default();
            // Full-width punctuation brings its own room.
            if !text.ends_with('。') {
                text.push(' ');
            }
            text.push_str(&by.fill(key, &[("date", &date)]));
        }
        text
    }

    /// How much, and for what.
    #[must_use]
    pub fn due(&self, by: &dyn Speaker) -> String {
        let invoices = &self.status.invoices;
        let Some(amount) = &self.status.amount_due else {
            // Several currencies have no honest sum.
            let several = || by.plural(DUE_SEVERAL, invoices.len(), "");
            return if invoices.is_empty() { String::new() } else { several() };
        };
        let amount = by.money(amount);
        match invoices.as_slice() {
            [only] => match &only.description {
                Some(what) => by.fill(DUE_NAMED, &[("amount", &amount), ("what", what)]),
                None => by.fill(DUE_PLAIN, &[("amount", &amount)]),
            },
            [] => by.fill(DUE_PLAIN, &[("amount", &amount)]),
            more => by.plural(DUE_COUNT, more.len(), &amount),
        }
    }

    /// The card that it is about; empty when that is not known.
    #[must_use]
    pub fn method(&self) -> String {
        let news = || self.status.card_news.as_ref().filter(|_| self.is_news)?.method.as_ref();
        self.status.method.as_ref().or_else(news).map(card_name).unwrap_or_default()
    }
}

/// Under this distance a date is told with its time of day, in milliseconds.
const NEAR_MS: i64 = 48 * 60 * 60 * 1000;

/// Names of card brands that are not just their provider's word with a capital letter.
const BRANDS: &[(&str, &str)] = &[
    ("amex", "American Express"),
    ("cartes_bancaires", "Cartes Bancaires"),
    ("diners", "Diners Club"),
    ("eftpos_au", "Eftpos"),
    ("jcb", "JCB"),
    ("sepa_debit", "SEPA"),
    ("unionpay", "UnionPay"),
];

/// Why the payment failed, in plain words.
const fn reason(reason: Option<PayerReason>) -> Key {
    match reason {
        Some(PayerReason::CardExpired) => REASON_CARD_EXPIRED,
        Some(PayerReason::InsufficientFunds) => REASON_INSUFFICIENT_FUNDS,
        Some(PayerReason::CardDetailsWrong) => REASON_CARD_DETAILS_WRONG,
        Some(PayerReason::CardNotSupported) => REASON_CARD_NOT_SUPPORTED,
        Some(PayerReason::AuthenticationNeeded) => REASON_AUTHENTICATION_NEEDED,
        Some(PayerReason::CardDeclined) => REASON_CARD_DECLINED,
        Some(PayerReason::TryLater) => REASON_TRY_LATER,
        None => REASON_UNKNOWN,
    }
}

/// A moment to be put into a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Milliseconds since the epoch.
    pub at_ms: i64,
    /// So near that the time of day matters.
    pub is_near: bool,
}

/// A day, and a day with its time, as `Intl` has to be told.
const DAY: [(&str, &str); 3] = [("weekday", "long"), ("month", "long"), ("day", "numeric")];
const TIME: [(&str, &str); 5] =
    [DAY[0], DAY[1], DAY[2], ("hour", "numeric"), ("minute", "2-digit")];

impl Moment {
    /// What `Intl.DateTimeFormat` is told.
    #[must_use]
    pub const fn options(&self) -> &'static [(&'static str, &'static str)] {
        if self.is_near { &TIME } else { &DAY }
    }
}

/// Minor units as a decimal number, which `Intl` takes exactly: 1900 with 2 digits is `19.00`.
#[must_use]
pub fn decimal(minor: i64, digits: usize) -> String {
    let mut rest = minor.unsigned_abs();
    let mut places = 0;
    let mut text = String::new();
    // By hand: the machine behind `to_string` would be a fiftieth of the widget's download.
    while rest > 0 || places <= digits {
        if places == digits && digits > 0 {
            text.insert(0, '.');
        }
        text.insert(0, char::from(b'0' + (rest % 10) as u8));
        rest /= 10;
        places += 1;
    }
    if minor < 0 {
        text.insert(0, '-');
    }
    text
}

/// What happens next: a sentence, and the moment in it where it has one.
fn next(status: &Status) -> Option<(Key, Option<Moment>)> {
    let ahead = |at_ms: Option<i64>| {
        let at_ms = at_ms.filter(|&at_ms| at_ms > status.server_time_ms)?;
        let is_near = at_ms.saturating_sub(status.server_time_ms) < NEAR_MS;
        Some(Moment { at_ms, is_near })
    };
    match status.access {
        AccessLevel::Ended => Some((NEXT_ENDED, None)),
        AccessLevel::Restricted => Some((NEXT_RESTRICTED, None)),
        AccessLevel::Full | AccessLevel::Warn => {
            // Waiting is advice only where time itself helps, as with an empty balance.
            let planned = status.next_attempt_at_ms.filter(|_| status.remedy == Some(Remedy::Wait));
            let attempt = ahead(planned).map(|at| (NEXT_ATTEMPT, Some(at)));
            let grace = || ahead(status.grace_ends_at_ms).map(|at| (NEXT_GRACE, Some(at)));
            attempt.or_else(grace)
        }
    }
}

/// Title and message of a notice about the card alone.
const fn news(kind: Option<CardNewsKind>) -> Option<(Key, Key)> {
    match kind {
        Some(CardNewsKind::Updated) => Some((NEWS_UPDATED_TITLE, NEWS_UPDATED)),
        Some(CardNewsKind::ExpiresSoon) => Some((NEWS_EXPIRES_TITLE, NEWS_EXPIRES)),
        None => None,
    }
}

/// The day of which a card's month ends, told as a day. Noon in UTC is that day nearly everywhere;
/// its last moment is the next month's already in the eastern half of the world.
const fn last_day(expires_at_ms: i64) -> Moment {
    Moment { at_ms: expires_at_ms.saturating_sub(12 * 60 * 60 * 1000), is_near: false }
}

/// A card as its owner knows it: `Visa •••• 0341`.
fn card_name(method: &MethodSummary) -> String {
    let known = BRANDS.iter().find(|(brand, _)| *brand == method.brand).map(|(_, name)| *name);
    let mut text = String::new();
    match (known, method.brand.split_at_checked(1)) {
        (Some(name), _) => text.push_str(name),
        (None, Some((first, rest))) => {
            text.push_str(&first.to_ascii_uppercase());
            text.push_str(rest);
        }
        (None, None) => {}
    }
    text.push_str(" •••• ");
    text.push_str(&method.last4);
    text
}

#[cfg(test)]
mod tests;
