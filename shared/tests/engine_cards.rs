//! Which card an attempt counts against when the card is told late, and what is asked before a
//! charge is sent for the second time.
#![cfg(test)]

mod support;

use reprieve_core::account::Account;
use reprieve_core::case::{Event, apply};
use reprieve_core::network::{LimitOverride, Network};
use reprieve_core::policy::settings::{Acquirer, Rung, Settings};
use reprieve_core::policy::{Policy, RetryDriver};
use reprieve_core::provider::{
    CardFact, InvoiceFact, InvoiceStatus, MethodFact, Observed, SubscriptionFact,
    SubscriptionStatus,
};
use reprieve_core::time::DAY_MS;
use support::diary::Diary;
use support::provider::Verdict::{Approve, Decline};
use support::shell::Wire;
use support::{DAY_0, account, customer, failed_invoice, method_id, policy, subscription_id};

fn tell(account: &mut Account, event: &Event) {
    apply(account, event, DAY_0, &policy(RetryDriver::Ours)).expect("it is this customer's");
}

fn told(status: InvoiceStatus) -> Event {
    let fact = InvoiceFact { status, ..failed_invoice("in_1") };
    Event::InvoiceObserved { fact, observed: Observed::ByEvent }
}

fn subscribed_with(method: &str) -> Event {
    let fact = SubscriptionFact {
        id: subscription_id("sub_1"),
        customer: customer(),
        status: SubscriptionStatus::Active,
        end_reason: None,
        default_method: Some(method_id(method)),
        interval: None,
        plan: None,
        sector: None,
        life: None,
        seen_at: DAY_0,
    };
    Event::SubscriptionObserved { fact }
}

fn on_file(method: &str, fingerprint: &str) -> Event {
    let card = CardFact { fingerprint: fingerprint.to_owned(), network: Network::Visa };
    let method = MethodFact { card: Some(card), ..MethodFact::bare(method_id(method)) };
    Event::MethodsObserved { methods: vec![method] }
}

fn cards(account: &Account) -> Vec<(&str, Network)> {
    account.card_attempts.iter().map(|tried| (tried.card.as_str(), tried.network)).collect()
}

#[test]
fn an_attempt_moves_from_the_method_s_name_to_its_card_once_that_is_told() {
    let mut account = account();
    tell(&mut account, &subscribed_with("pm_old"));
    // Given up before any reading told with which card it was tried.
    tell(&mut account, &told(InvoiceStatus::Open));
    tell(&mut account, &told(InvoiceStatus::Uncollectible));
    assert_eq!(cards(&account), [("pm_old", Network::Other)]);
    tell(&mut account, &on_file("pm_other", "fp_2"));
    assert_eq!(cards(&account), [("pm_old", Network::Other)], "another method's card is another");
    tell(&mut account, &on_file("pm_old", "fp_1"));
    assert_eq!(cards(&account), [("fp_1", Network::Visa)]);
}

#[test]
fn an_attempt_on_nobody_knows_what_stays_one() {
    let mut account = account();
    tell(&mut account, &told(InvoiceStatus::Open));
    tell(&mut account, &told(InvoiceStatus::Uncollectible));
    tell(&mut account, &on_file("pm_old", "fp_1"));
    assert_eq!(cards(&account), [("", Network::Other)]);
}

/// A rung a day, and an acquirer that allows so many declines of one amount.
fn ladder(declines_max: u32) -> Diary {
    let mut d = Diary::of(RetryDriver::Ours);
    let mut settings = Settings::default();
    settings.retry.rungs = [1, 1, 1].map(|days| Rung::after_ms(days * DAY_MS)).to_vec();
    let rule = "visa.reattempts.30d".to_owned();
    let limits = vec![LimitOverride { rule, declines_max }];
    settings.acquirer = Some(Acquirer { name: "strict".to_owned(), limits });
    d.policy = Policy::uniform(RetryDriver::Ours, settings);
    d.provider.is_card("pm_old", "fp_old", Network::Visa);
    d.card("pm_old", &[Decline("insufficient_funds")]);
    d
}

#[test]
fn a_charge_that_never_arrived_is_not_sent_again_after_declines_that_used_the_budget_up() {
    let mut d = ladder(3);
    d.also_owes("in_2", 1_900, "eur").also_owes("in_3", 1_900, "eur");
    d.on(0, "09:00").the_provider_tries("in_1");
    d.next_charges(&[Wire::CrashBefore]).on(1, "09:00");
    d.the_provider_tries("in_2").the_provider_tries("in_3");
    let saw = "in_1 pm_old* no, in_2 pm_old* no, in_3 pm_old* no";
    d.on(9, "00:00").the_bank_saw(saw);
}

#[test]
fn what_happened_meanwhile_is_read_before_a_charge_is_sent_again() {
    let mut d = ladder(4);
    d.also_owes("in_2", 1_900, "eur");
    d.on(0, "09:00").the_provider_tries("in_1").on(0, "20:00").the_provider_tries("in_2");
    d.next_charges(&[Wire::LostBefore; 3]).on(1, "09:06");
    // Nobody tells of these two; ten minutes later it is asked how the charge ended.
    d.the_post_is_held().the_provider_tries("in_2").the_provider_tries("in_2");
    d.the_post_is_lost();
    let saw = "in_1 pm_old* no, in_2 pm_old* no, in_2 pm_old* no, in_2 pm_old* no";
    d.on(9, "00:00").the_bank_saw(saw);
    // And where the budget leaves room, it is sent after that reading.
    let mut d = ladder(4);
    d.card("pm_old", &[Decline("insufficient_funds"), Decline("insufficient_funds"), Approve]);
    d.also_owes("in_2", 1_900, "eur");
    d.on(0, "09:00").the_provider_tries("in_1").on(0, "20:00").the_provider_tries("in_2");
    d.next_charges(&[Wire::CrashBefore]).on(1, "09:05");
    d.the_bank_saw("in_1 pm_old* no, in_2 pm_old* no, in_1 pm_old yes");
}
