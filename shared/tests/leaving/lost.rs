//! Answers that are lost: what can be given twice is given once.

use super::*;

#[test]
fn a_credit_is_never_given_twice() {
    let mut s = Story::of(RetryDriver::Provider);
    let gift = offer("gift", 1, OfferKind::Credit { amount: money(500, "eur") });
    s.d.policy = s.d.policy.clone().letting_go(settings(vec![gift]));
    s.d.provider.counter.down.insert("credit");
    s.comes_to_the_offers().takes("gift").then("accepting offer");
    // Nobody knows for three days. It is not believed, and not given a second time.
    s.on(3, "00:00").then("accepting offer").asked(&[]);
    s.d.provider.counter.down.clear();
    s.on(3, "02:00").then("kept kept").asked(&["credit balance"]);
    // The same, but it arrived and only the answers were lost until the key was forgotten.
    let mut s = Story::of(RetryDriver::Provider);
    let gift = offer("gift", 1, OfferKind::Credit { amount: money(500, "eur") });
    s.d.policy = s.d.policy.clone().letting_go(settings(vec![gift]));
    s.d.provider.counter.mute.insert("credit");
    s.comes_to_the_offers().takes("gift").then("accepting offer");
    s.on(0, "22:30").then("accepting offer").asked(&["credit balance"]);
    s.d.provider.forget_keys();
    s.on(1, "00:00").then("kept kept").asked(&["credit balance"]);
    assert_eq!(s.d.provider.counter.asked, 1, "it was looked for where it was given");
    assert_eq!(s.d.account.next_wake(), None);
}

/// A renewal used it up before anybody knew that it was given, so it is to be seen nowhere.
#[test]
fn a_discount_whose_answer_is_lost_is_not_given_again_after_the_renewal() {
    let mut s = Story::of(RetryDriver::Provider);
    let once = OfferKind::Discount { off: Off::Percent(50), periods: 1 };
    s.d.policy = s.d.policy.clone().letting_go(settings(vec![offer("once", 1, once)]));
    s.d.provider.counter.mute.insert("discount");
    s.on(28, "23:00").comes_to_the_offers().takes("once").then("accepting offer");
    s.d.provider.counter.discounts.clear();
    s.on(29, "00:00").the_period_ends("in_2", at(60, "00:00")).then("accepting offer");
    s.on(29, "21:30").d.provider.forget_keys();
    s.on(30, "00:00").then("kept kept").asked(&["discount sub_1"]);
    assert_eq!(s.d.provider.counter.asked, 1, "it was looked for by its key");
    assert_eq!(s.d.provider.counter.discounts.len(), 0, "and nothing runs again");
}
