//! What a customer is to know of their card before any payment fails: it was replaced for them, or
//! it is about to expire.

use super::Account;
use crate::api::status::MethodSummary;
use crate::id::PaymentMethodId;
use crate::provider::CardExpiry;
use crate::time::{DAY_MS, Timestamp};
use serde::{Deserialize, Serialize};

/// How long a replaced card is told of.
pub const RENEWED_SHOWN_MS: i64 = 7 * DAY_MS;
/// How long before its end a card is told of.
pub const EXPIRY_SHOWN_MS: i64 = 30 * DAY_MS;

/// News of one card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardNews {
    /// The method.
    pub method: PaymentMethodId,
    /// As its owner knows it.
    pub summary: Option<MethodSummary>,
    /// What happened.
    pub what: CardChange,
}

/// What happened to a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CardChange {
    /// Its network replaced it, and the provider took the new data over.
    Renewed {
        /// When we heard of it.
        at: Timestamp,
    },
    /// It is about to expire, and would be charged next.
    Expires {
        /// At the end of which month.
        expiry: CardExpiry,
    },
}

/// Whether a card that would be charged next is to be told of.
#[must_use]
pub fn expires_soon(expiry: CardExpiry, now: Timestamp) -> bool {
    let left_ms = expiry.ends_at().map(|end| end.since_ms(now));
    left_ms.is_some_and(|left_ms| (0..=EXPIRY_SHOWN_MS).contains(&left_ms))
}

impl CardNews {
    /// Whether it is still worth a word.
    #[must_use]
    pub fn is_shown(&self, now: Timestamp) -> bool {
        match self.what {
            CardChange::Renewed { at } => now.since_ms(at) < RENEWED_SHOWN_MS,
            CardChange::Expires { expiry } => expires_soon(expiry, now),
        }
    }
}

impl Account {
    /// A card that would be charged next was seen; says whether that is news. One that was replaced
    /// a few days ago is not warned of: whoever saw the old date saw it before.
    pub(crate) fn card_expires(&mut self, news: CardNews, now: Timestamp) -> bool {
        let renewed = |known: &CardNews| {
            matches!(known.what, CardChange::Renewed { .. }) && known.method == news.method
        };
        let was_renewed = self.card_news.as_ref().is_some_and(|k| renewed(k) && k.is_shown(now));
        let is_told = news.is_shown(now) && !was_renewed && self.deleted_at.is_none();
        let is_new = is_told && self.card_news.as_ref() != Some(&news);
        if is_told {
            self.card_news = Some(news);
        }
        is_new
    }

    /// What the customer has on file changed: whether a card is still about to expire is seen by
    /// the next round through the subscriptions.
    pub(crate) fn forget_expiry(&mut self) {
        let expires = |news: &mut CardNews| matches!(news.what, CardChange::Expires { .. });
        drop(self.card_news.take_if(expires));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{CustomerId, MerchantId};

    const DECEMBER: CardExpiry = CardExpiry { year: 2026, month: 12 };

    /// So many days before the first moment of 2027.
    fn before_2027(days: i64) -> Timestamp {
        Timestamp::from_seconds(1_798_761_600).plus_ms(-days * DAY_MS)
    }

    fn news(what: CardChange) -> CardNews {
        CardNews { method: PaymentMethodId::parse("pm_1").unwrap(), summary: None, what }
    }

    fn account() -> Account {
        let customer = CustomerId::parse("cus_1").unwrap();
        Account::new(MerchantId::parse("demo").unwrap(), customer)
    }

    #[test]
    fn a_card_is_told_of_in_its_last_thirty_days() {
        #[rustfmt::skip]
        let rows = [(31, false), (30, true), (1, true), (0, false), (-1, false)];
        for (days, is_told) in rows {
            assert_eq!(expires_soon(DECEMBER, before_2027(days)), is_told, "{days} days before");
        }
        for (year, month) in [(2026, 0), (2026, 13), (i16::MAX, 1)] {
            assert!(!expires_soon(CardExpiry { year, month }, before_2027(3)), "{year}-{month}");
        }
    }

    #[test]
    fn a_replaced_card_is_told_of_for_a_week_and_not_warned_of() {
        let (mut account, now) = (account(), before_2027(20));
        account.card_news = Some(news(CardChange::Renewed { at: now }));
        account.card_expires(news(CardChange::Expires { expiry: DECEMBER }), now);
        let shown = |account: &Account, at| account.card_news.as_ref().unwrap().is_shown(at);
        assert!(matches!(account.card_news.as_ref().unwrap().what, CardChange::Renewed { .. }));
        assert!(shown(&account, before_2027(14)) && !shown(&account, before_2027(13)));
        account.card_expires(news(CardChange::Expires { expiry: DECEMBER }), before_2027(13));
        assert!(shown(&account, before_2027(13)), "a week later the date on it counts again");
    }

    #[test]
    fn what_changes_takes_a_warning_back_and_leaves_good_news() {
        let (mut account, now) = (account(), before_2027(20));
        account.card_expires(news(CardChange::Expires { expiry: DECEMBER }), now);
        account.forget_expiry();
        assert_eq!(account.card_news, None);
        account.card_news = Some(news(CardChange::Renewed { at: now }));
        account.forget_expiry();
        assert!(account.card_news.is_some());
    }
}
