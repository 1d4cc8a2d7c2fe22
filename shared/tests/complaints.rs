//! A complaint is written down once and handed on once, and it decides nothing.
#![cfg(test)]

mod support;

use reprieve_core::account::Account;
use reprieve_core::case::{ApplyError, Event, JournalEntry, Transition, apply};
use reprieve_core::complaint::{
    self, COMPLAINTS_MAX, ComplaintCategory, TEXT_BYTES_MAX, WINDOW_MS,
};
use reprieve_core::policy::RetryDriver;
use reprieve_core::time::{HOUR_MS, Timestamp};
use support::{DAY_0, account, complaint as complains, policy};

fn tell(account: &mut Account, event: &Event, at: Timestamp) -> Result<Transition, ApplyError> {
    apply(account, event, at, &policy(RetryDriver::Provider))
}

#[test]
fn the_same_one_again_is_the_same_one() {
    let mut account = account();
    let event = complains("key-00000001");
    let Event::ComplaintMade { complaint } = &event else { panic!("a complaint") };
    let first = tell(&mut account, &event, DAY_0).unwrap();
    assert_eq!(first.journal, [JournalEntry::Complaint(complaint.clone())]);
    assert!(first.effects.is_empty() && account.next_wake().is_none(), "it decides nothing");
    let before = account.clone();
    let again = tell(&mut account, &event, DAY_0.plus_ms(HOUR_MS)).unwrap();
    assert_eq!((again, account), (Transition::default(), before));
}

#[test]
fn there_is_an_end_of_complaints_in_a_day() {
    let mut account = account();
    for number in 0..COMPLAINTS_MAX {
        tell(&mut account, &complains(&format!("key-{number:08}")), DAY_0).unwrap();
    }
    let one_more = complains("key-one-more");
    let at = DAY_0.plus_ms(HOUR_MS);
    let error = tell(&mut account, &one_more, at).unwrap_err();
    assert_eq!(error, ApplyError::TooManyAttempts { retry_after_ms: WINDOW_MS - HOUR_MS });
    tell(&mut account, &one_more, DAY_0.plus_ms(WINDOW_MS)).unwrap();
    assert_eq!(account.complaints.len(), COMPLAINTS_MAX, "the oldest is forgotten");
    let last = account.complaints.last().unwrap();
    assert_eq!(Some(&last.id), complaint::name(&account, "key-one-more").as_ref());
}

#[test]
fn names_and_texts_have_bounds() {
    let account = account();
    for key in ["1234567", "", "with space", "s/lash123", &"x".repeat(65), "ümlaut-1"] {
        assert_eq!(complaint::name(&account, key), None, "{key}");
    }
    let one = complaint::name(&account, "12345678").unwrap();
    assert!(one.as_str().starts_with("cpl_") && complaint::name(&account, "12345679") != Some(one));
    assert!(complaint::name(&account, &"x".repeat(64)).is_some());
    assert_eq!(complaint::text(" \n "), None);
    assert_eq!(complaint::text(" twice! ").as_deref(), Some("twice!"));
    let long = "é".repeat(TEXT_BYTES_MAX);
    assert_eq!(complaint::text(&long).unwrap().len(), TEXT_BYTES_MAX);
    let odd = format!("x{long}");
    assert_eq!(complaint::text(&odd).unwrap().len(), TEXT_BYTES_MAX - 1, "no half of a letter");
    for category in ComplaintCategory::ALL {
        assert_eq!(ComplaintCategory::parse(category.as_str()), Some(category));
        assert_eq!(serde_json::to_value(category).unwrap(), category.as_str());
    }
    assert_eq!(ComplaintCategory::parse("love"), None);
}
