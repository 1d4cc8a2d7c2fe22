//! Payments that the bank takes days for: they wait, nothing is paid twice, and a late no is a no.
#![cfg(test)]

mod support;

use reprieve_core::account::Account;
use reprieve_core::api::status::{AccessLevel, RecoveryState, Remedy};
use reprieve_core::case::{
    ApplyError, CaseState, Effect, Event, PROCESSING_CHECK_MS, Transition, Trigger, apply,
};
use reprieve_core::decline::{Category, Decline};
use reprieve_core::policy::RetryDriver;
use reprieve_core::provider::{ChargeOutcome, InvoiceFact, InvoiceStatus, MethodFact, Observed};
use reprieve_core::status;
use reprieve_core::time::{DAY_MS, MINUTE_MS, SECOND_MS, Timestamp};
use support::{DAY_0, account, decline, failed_invoice, invoice_id, method_id, policy, setup_id};

const DRIVERS: [RetryDriver; 2] = [RetryDriver::Provider, RetryDriver::Ours];

/// One account, told of things one after the other.
struct Story {
    account: Account,
    driver: RetryDriver,
    now: Timestamp,
}

impl Story {
    /// `in_1` was declined for an empty balance, and that was read.
    fn of(driver: RetryDriver) -> Self {
        let mut story = Self { account: account(), driver, now: DAY_0 };
        story.tell(&live(declined("ch_1")));
        story
    }

    fn tell(&mut self, event: &Event) -> Transition {
        let policy = policy(self.driver);
        apply(&mut self.account, event, self.now, &policy).expect("it is this customer's")
    }

    fn wait(&mut self, ms: i64) -> &mut Self {
        self.now = self.now.plus_ms(ms);
        self
    }

    /// A new method is the default now; the charge with it is on its way at the bank.
    fn pays_by_debit(&mut self) {
        let (setup, method) = (setup_id("seti_1"), method_id("pm_debit"));
        self.tell(&Event::MethodCollected { setup: setup.clone(), method, card: None });
        let sent = self.tell(&Event::DefaultsSet { setup });
        assert!(matches!(sent.effects.as_slice(), [Effect::Charge { .. }]), "{sent:?}");
        self.tell(&finished(1, ChargeOutcome::Processing));
    }

    fn state(&self) -> CaseState {
        self.account.cases[&invoice_id("in_1")].state
    }

    fn status(&self) -> reprieve_core::api::status::Status {
        status::of(&self.account, self.now, &policy(self.driver))
    }

    /// Rings the alarm every hour for so many days; says what was wanted.
    fn days_pass(&mut self, days: i64) -> Vec<Effect> {
        let mut wanted = Vec::new();
        for _ in 0..days * 24 {
            self.wait(60 * MINUTE_MS);
            let effects = self.tell(&Event::WakeReached).effects;
            for effect in &effects {
                if let Effect::ReadInvoice { .. } = effect {
                    self.tell(&live(on_its_way()));
                }
            }
            wanted.extend(effects);
        }
        wanted
    }
}

fn live(fact: InvoiceFact) -> Event {
    Event::InvoiceObserved { fact, observed: Observed::Live }
}

fn told(fact: InvoiceFact) -> Event {
    Event::InvoiceObserved { fact, observed: Observed::ByEvent }
}

fn declined(charge: &str) -> InvoiceFact {
    let mut no = decline("insufficient_funds");
    no.raw.charge = Some(charge.to_owned());
    InvoiceFact {
        decline: Some(no),
        method: Some(MethodFact::bare(method_id("pm_old"))),
        ..failed_invoice("in_1")
    }
}

fn on_its_way() -> InvoiceFact {
    InvoiceFact {
        is_processing: true,
        method: Some(MethodFact::bare(method_id("pm_debit"))),
        ..failed_invoice("in_1")
    }
}

fn finished(number: u32, outcome: ChargeOutcome) -> Event {
    Event::AttemptFinished { invoice: invoice_id("in_1"), number, outcome }
}

fn became(status: InvoiceStatus) -> InvoiceFact {
    InvoiceFact { status, ..failed_invoice("in_1") }
}

#[test]
fn two_weeks_at_the_bank_are_waited_for_and_only_read() {
    for driver in DRIVERS {
        let mut story = Story::of(driver);
        story.pays_by_debit();
        let wanted = story.days_pass(14);
        let reads = wanted.iter().filter(|it| matches!(it, Effect::ReadInvoice { .. })).count();
        assert_eq!(reads, wanted.len(), "nothing is sent: {wanted:?}");
        let most = 14 * DAY_MS / PROCESSING_CHECK_MS;
        assert!((10..=most).contains(&i64::try_from(reads).unwrap()), "{reads} readings");
        assert_eq!(story.state(), CaseState::Attempting);
        story.tell(&told(became(InvoiceStatus::Paid)));
        assert_eq!(story.state(), CaseState::Recovered);
        let case = &story.account.cases[&invoice_id("in_1")];
        assert_eq!(case.recovered_by, Some(reprieve_core::case::RecoveredBy::MethodUpdate));
    }
}

#[test]
fn the_customer_is_told_that_it_is_on_its_way_and_keeps_what_they_had() {
    let mut story = Story::of(RetryDriver::Provider);
    let before = story.status();
    assert_eq!((before.state, before.access), (RecoveryState::ActionNeeded, AccessLevel::Warn));
    story.pays_by_debit();
    story.days_pass(20);
    let status = story.status();
    assert_eq!((status.state, status.remedy), (RecoveryState::Processing, Some(Remedy::Wait)));
    assert_eq!(status.access, AccessLevel::Warn, "the bank's days are not the customer's");
    assert!(!status.can_retry);
    assert_eq!(status.invoices.len(), 1);
}

#[test]
fn whoever_begins_it_nothing_else_is_charged_meanwhile() {
    for driver in DRIVERS {
        // The provider's own attempt, or a payment on its page: no attempt of ours is under way.
        let mut story = Story::of(driver);
        story.tell(&live(on_its_way()));
        assert_eq!(story.status().state, RecoveryState::Processing);
        let wanted = story.days_pass(10);
        assert!(wanted.iter().all(|it| matches!(it, Effect::ReadInvoice { .. })), "{wanted:?}");
        let asked = apply(&mut story.account, &Event::RetryRequested, story.now, &policy(driver));
        assert_eq!(asked, Err(ApplyError::NothingToRetry));
        // Another card: for the other invoice, and for this one should the bank say no.
        story.tell(&live(InvoiceFact {
            decline: Some(decline("do_not_honor")),
            ..failed_invoice("in_2")
        }));
        let (setup, method) = (setup_id("seti_2"), method_id("pm_new"));
        story.tell(&Event::MethodCollected { setup: setup.clone(), method, card: None });
        let effects = story.tell(&Event::DefaultsSet { setup }).effects;
        let charged: Vec<&str> = effects
            .iter()
            .filter_map(|effect| match effect {
                Effect::Charge { invoice, .. } => Some(invoice.as_str()),
                _ => None,
            })
            .collect();
        assert_eq!(charged, ["in_2"]);
    }
}

#[test]
fn a_late_no_opens_the_case_again() {
    for driver in DRIVERS {
        let mut story = Story::of(driver);
        story.pays_by_debit();
        story.days_pass(5);
        story.tell(&told(failed_invoice("in_1")));
        let asked = story.wait(SECOND_MS).tell(&Event::WakeReached).effects;
        assert!(matches!(asked.as_slice(), [Effect::ReadInvoice { .. }]), "{asked:?}");
        story.tell(&live(InvoiceFact {
            method: Some(MethodFact::bare(method_id("pm_debit"))),
            ..declined("py_2")
        }));
        let case = &story.account.cases[&invoice_id("in_1")];
        assert!(case.attempt.is_none() && !case.is_processing());
        let category = case.decline.as_ref().map(|no: &Decline| no.category);
        assert_eq!(category, Some(Category::InsufficientFunds));
        assert_eq!(story.status().state, RecoveryState::ActionNeeded);
        assert!(!story.state().is_terminal());
    }
}

#[test]
fn a_reading_from_before_the_payment_changes_nothing() {
    let mut story = Story::of(RetryDriver::Provider);
    story.pays_by_debit();
    story.wait(SECOND_MS).tell(&live(declined("ch_1")));
    assert_eq!(story.state(), CaseState::Attempting);
    assert_eq!(story.status().state, RecoveryState::Processing);
    // It is read again soon, and then believed.
    let asked = story.wait(MINUTE_MS).tell(&Event::WakeReached).effects;
    assert!(matches!(asked.as_slice(), [Effect::ReadInvoice { .. }]), "{asked:?}");
    story.tell(&live(declined("ch_1")));
    assert_eq!(story.status().state, RecoveryState::ActionNeeded);
}

#[test]
fn a_card_given_meanwhile_is_charged_after_the_no_and_not_before() {
    let mut story = Story::of(RetryDriver::Provider);
    story.pays_by_debit();
    let (setup, method) = (setup_id("seti_2"), method_id("pm_card"));
    story.tell(&Event::MethodCollected { setup: setup.clone(), method, card: None });
    let effects = story.tell(&Event::DefaultsSet { setup }).effects;
    assert!(!effects.iter().any(|it| matches!(it, Effect::Charge { .. })), "{effects:?}");
    let after = story.wait(DAY_MS).tell(&live(declined("py_2"))).effects;
    let [Effect::Charge { attempt, .. }] = after.as_slice() else { panic!("{after:?}") };
    assert_eq!(attempt.method, Some(method_id("pm_card")));
    assert_eq!(attempt.trigger, Trigger::MethodUpdate);
}

#[test]
fn a_renewal_that_is_on_its_way_has_not_failed() {
    let mut story = Story { account: account(), driver: RetryDriver::Provider, now: DAY_0 };
    story.tell(&live(on_its_way()));
    assert!(story.account.cases.is_empty());
    assert_eq!(story.status().state, RecoveryState::Clear);
}

#[test]
fn the_method_that_a_redirect_made_takes_the_place_of_the_one_that_made_it() {
    let mut story = Story::of(RetryDriver::Provider);
    let setup = setup_id("seti_1");
    let collected = |method: &str| Event::MethodCollected {
        setup: setup.clone(),
        method: method_id(method),
        card: None,
    };
    story.tell(&collected("pm_ideal"));
    let effects = story.tell(&collected("pm_debit")).effects;
    let [Effect::SetDefaults { method, .. }] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!(*method, method_id("pm_debit"));
    assert!(story.tell(&collected("pm_debit")).effects.is_empty());
    let effects = story.tell(&Event::DefaultsSet { setup: setup.clone() }).effects;
    let [Effect::Charge { attempt, .. }] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!(attempt.method, Some(method_id("pm_debit")));
    assert!(story.tell(&collected("pm_ideal")).effects.is_empty(), "it is finished");
}
