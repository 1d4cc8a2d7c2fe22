//! What the banner says in which situation.

use super::*;
use crate::api::status::CardNews;

fn status() -> Status {
    Status {
        state: RecoveryState::ActionNeeded,
        access: AccessLevel::Warn,
        remedy: None,
        reason: Some(PayerReason::CardExpired),
        amount_due: Some(Amount { amount_minor: 1900, currency: "eur".to_owned() }),
        invoices: Vec::new(),
        method: None,
        can_retry: true,
        grace_ends_at_ms: None,
        next_attempt_at_ms: None,
        card_news: None,
        server_time_ms: 0,
    }
}

/// Says keys and plain values.
struct Plain;

impl Speaker for Plain {
    fn text(&self, key: Key) -> String {
        key.0.to_owned()
    }
    fn fill(&self, key: Key, values: &[(&str, &str)]) -> String {
        let values: Vec<_> = values.iter().map(|(name, value)| format!("{name}={value}")).collect();
        format!("{}({})", key.0, values.join(","))
    }
    fn plural(&self, key: Plural, count: usize, amount: &str) -> String {
        format!("{}({count},{amount})", key.0)
    }
    fn money(&self, amount: &Amount) -> String {
        format!("{} {}", amount.amount_minor, amount.currency)
    }
    fn moment(&self, moment: Moment) -> String {
        format!("{}{}", moment.at_ms, if moment.is_near { "!" } else { "" })
    }
}

#[test]
fn the_banner_says_what_how_much_and_what_can_be_done() {
    let said = banner(&status(), &Plain).unwrap();
    assert_eq!((said.title.as_str(), said.label.as_str()), ("banner.title", "region.label"));
    assert_eq!(said.message, "reason.card_expired");
    assert_eq!(said.due, "due.plain(amount=1900 eur)");
    assert_eq!(said.update.as_deref(), Some("action.update"));
    assert_eq!(said.retry.as_deref(), Some("action.retry"));
    assert_eq!(said.dismiss.as_deref(), Some("action.dismiss"));
}

#[test]
fn once_access_is_affected_it_cannot_be_hidden() {
    let restricted = Status { access: AccessLevel::Restricted, ..status() };
    assert_eq!(banner(&restricted, &Plain).unwrap().dismiss, None);
}

#[test]
fn a_payment_under_way_and_nothing_open_have_no_banner() {
    let of = |state| banner(&Status { state, ..status() }, &Plain);
    for state in [RecoveryState::Pending, RecoveryState::Clear, RecoveryState::Recovered] {
        assert_eq!(of(state), None, "{state:?}");
    }
}

#[test]
fn news_of_a_card_is_told_where_nothing_is_owed() {
    let told = |kind| {
        let news = CardNews { kind, method: None, expires_at_ms: Some(DAY_MS) };
        let state = RecoveryState::Clear;
        banner(&Status { state, card_news: Some(news), amount_due: None, ..status() }, &Plain)
    };
    let updated = told(CardNewsKind::Updated).unwrap();
    assert_eq!((updated.title.as_str(), updated.update), ("news.updated_title", None));
    let expires = told(CardNewsKind::ExpiresSoon).unwrap();
    assert_eq!(expires.message, format!("news.expires(date={})", DAY_MS / 2));
    assert!(expires.update.is_some());
}

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

#[test]
fn what_happens_next_follows_the_access_level() {
    let mut now = status();
    now.server_time_ms = 100 * DAY_MS;
    now.grace_ends_at_ms = Some(107 * DAY_MS);
    let at = Moment { at_ms: 107 * DAY_MS, is_near: false };
    assert_eq!(next(&now), Some((NEXT_GRACE, Some(at))));
    now.grace_ends_at_ms = Some(101 * DAY_MS);
    assert!(next(&now).unwrap().1.unwrap().is_near);
    now.access = AccessLevel::Restricted;
    assert_eq!(next(&now), Some((NEXT_RESTRICTED, None)));
    now.access = AccessLevel::Ended;
    assert_eq!(next(&now), Some((NEXT_ENDED, None)));
}

#[test]
fn a_date_that_has_passed_is_not_promised() {
    let mut now = status();
    now.server_time_ms = 100 * DAY_MS;
    now.grace_ends_at_ms = Some(99 * DAY_MS);
    assert_eq!(next(&now), None);
}

#[test]
fn waiting_is_advised_only_where_it_helps() {
    let mut now = status();
    now.server_time_ms = 100 * DAY_MS;
    now.grace_ends_at_ms = Some(107 * DAY_MS);
    now.next_attempt_at_ms = Some(103 * DAY_MS);
    assert_eq!(next(&now).unwrap().0, NEXT_GRACE);
    now.remedy = Some(Remedy::Wait);
    assert_eq!(next(&now).unwrap().0, NEXT_ATTEMPT);
}

#[test]
fn cards_are_named_as_on_the_card() {
    let named = |brand: &str| {
        card_name(&MethodSummary { brand: brand.to_owned(), last4: "0341".to_owned() })
    };
    assert_eq!(named("visa"), "Visa •••• 0341");
    assert_eq!(named("amex"), "American Express •••• 0341");
    assert_eq!(named(""), " •••• 0341");
    assert_eq!(named("é"), " •••• 0341");
}

#[test]
fn minor_units_become_decimals_without_a_float() {
    assert_eq!(decimal(1900, 2), "19.00");
    assert_eq!(decimal(5, 2), "0.05");
    assert_eq!(decimal(0, 2), "0.00");
    assert_eq!(decimal(1900, 0), "1900");
    assert_eq!(decimal(1900, 3), "1.900");
    assert_eq!(decimal(-1900, 2), "-19.00");
    assert_eq!(decimal(i64::MAX, 2), "92233720368547758.07");
    assert_eq!(decimal(i64::MIN, 0), "-9223372036854775808");
}
