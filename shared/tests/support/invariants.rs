//! What must hold after every single event, whatever came before. Each rule has a name; a broken
//! rule is reported by it.

use super::judge;
use reprieve_core::account::{
    Account, CLOSED_CASES_MAX, FINISHED_SETUPS_MAX, OPEN_CASES_MAX, SETTLED_INVOICES_MAX,
    SUBSCRIPTIONS_MAX,
};
use reprieve_core::cancel::record::{ACTS_MAX, CANCELLATIONS_MAX, MEMORIES_MAX};
use reprieve_core::cancel::{CancelEvent, CancelNotice, CancelState, PauseState, Step as Screen};
use reprieve_core::case::{
    ApplyError, Attempt, CaseState, Effect, Event, JournalEntry, RecoveryCase, Transition, Trigger,
    apply,
};
use reprieve_core::decline::Reuse;
use reprieve_core::id::{InvoiceId, PaymentMethodId};
use reprieve_core::idempotency::KEY_LIFETIME_MS;
use reprieve_core::policy::{Policy, RetryDriver};
use reprieve_core::provider::{ChargeOutcome, InvoiceStatus, Observed, SubscriptionStatus};
use reprieve_core::time::Timestamp;
use std::collections::BTreeMap;

/// The provider's limit for a key (<https://docs.stripe.com/api/idempotent_requests>).
const KEY_CHARS_MAX: usize = 255;

/// Applies events and watches over them.
pub(crate) struct Watch {
    policy: Policy,
    attempts: BTreeMap<(InvoiceId, u32), (String, Option<PaymentMethodId>)>,
}

/// One event and what it did.
struct Step<'a> {
    before: &'a Account,
    event: &'a Event,
    after: &'a Account,
    transition: &'a Transition,
    now: Timestamp,
}

impl Watch {
    pub(crate) fn new(policy: &Policy) -> Self {
        Self { policy: policy.clone(), attempts: BTreeMap::new() }
    }

    /// Takes the event in, or says why not, and checks every rule.
    pub(crate) fn apply(
        &mut self,
        account: &mut Account,
        event: &Event,
        now: Timestamp,
    ) -> Result<Vec<Effect>, ApplyError> {
        let before = account.clone();
        let result = apply(account, event, now, &self.policy);
        let transition = match result {
            Ok(transition) => transition,
            Err(error) => {
                assert_eq!(*account, before, "a refused event changes nothing");
                return Err(error);
            }
        };
        let step = Step { before: &before, event, after: account, transition: &transition, now };
        self.same_attempt_same_key_same_method(&step);
        self.the_driver_decides_who_charges(&step);
        one_attempt_in_flight(&step);
        no_charge_where_it_must_not_be(&step);
        closed_stays_closed(&step);
        ended_stays_ended(&step);
        every_open_case_has_a_wake(&step);
        limits_hold(&step, &self.policy);
        leaving_is_as_it_should_be(&step);
        peace_after_a_refusal(&step, &self.policy);
        one_receipt_for_each_declaration(&step);
        what_is_settled_is_closed(&step);
        self.a_duplicate_changes_nothing(&step);
        Ok(transition.effects)
    }

    fn same_attempt_same_key_same_method(&mut self, step: &Step<'_>) {
        for (invoice, attempt) in sent(step.transition) {
            let sent = (attempt.key.as_str().to_owned(), attempt.method.clone());
            let first = self.attempts.entry((invoice.clone(), attempt.number));
            assert_eq!(*first.or_insert_with(|| sent.clone()), sent, "same attempt, same key");
            assert!(attempt.key.as_str().len() <= KEY_CHARS_MAX, "a key fits");
        }
    }

    fn the_driver_decides_who_charges(&self, step: &Step<'_>) {
        for (invoice, attempt) in charges(step.transition) {
            if attempt.trigger != Trigger::Schedule {
                continue;
            }
            assert_eq!(
                self.policy.retry_driver(),
                RetryDriver::Ours,
                "no automatic charge while the provider drives"
            );
            let case = &step.before.cases[invoice];
            let rung = usize::try_from(case.rungs_used).unwrap();
            let zone = step.before.zone.as_ref();
            judge::the_customer_s_clock_is_respected(&self.policy, rung, zone, step.now);
            let failed = case.method.as_ref().map(|method| &method.id);
            let may_repeat =
                case.decline.as_ref().is_none_or(|decline| decline.reuse() == Reuse::Automatic);
            assert!(
                may_repeat || (attempt.method.is_some() && attempt.method.as_ref() != failed),
                "a stop-type decline is not retried without a new method"
            );
        }
        let rungs = u32::try_from(self.policy.settings().retry.rungs.len()).unwrap();
        for case in step.after.cases.values() {
            assert!(case.rungs_used <= rungs, "the ladder has an end");
        }
    }

    fn a_duplicate_changes_nothing(&self, step: &Step<'_>) {
        let counts_failures = matches!(
            step.event,
            Event::InvoiceReadFailed { .. }
                | Event::AttemptUnknown { .. }
                | Event::DefaultsFailed { .. }
                | Event::Cancel(CancelEvent::ActUnknown { .. })
                | Event::InvoiceObserved { observed: Observed::Live, .. }
        );
        let mut again = step.after.clone();
        let result = apply(&mut again, step.event, step.now, &self.policy);
        let effects = result.map(|transition| transition.effects).unwrap_or_default();
        assert_eq!(effects, [], "a duplicate has no effect");
        if !counts_failures {
            assert_eq!(again, *step.after, "a duplicate changes nothing");
        }
    }
}

/// First sends only.
fn charges(transition: &Transition) -> impl Iterator<Item = (&InvoiceId, &Attempt)> {
    transition.effects.iter().filter_map(|effect| match effect {
        Effect::Charge { invoice, attempt } => Some((invoice, attempt)),
        _ => None,
    })
}

/// First and repeated sends.
fn sent(transition: &Transition) -> impl Iterator<Item = (&InvoiceId, &Attempt)> {
    transition.effects.iter().filter_map(|effect| match effect {
        Effect::Charge { invoice, attempt } | Effect::Reconcile { invoice, attempt } => {
            Some((invoice, attempt))
        }
        _ => None,
    })
}

fn one_attempt_in_flight(step: &Step<'_>) {
    for case in step.after.cases.values() {
        let charging = case.state == CaseState::Attempting;
        assert_eq!(case.attempt.is_some(), charging, "an attempt is what a charging case has");
        let number = case.attempt.as_ref().map_or(case.attempt_number, |attempt| attempt.number);
        assert_eq!(number, case.attempt_number, "the last number is the one in flight");
        let numbers_before = step.before.cases.get(&case.invoice).map_or(0, |c| c.attempt_number);
        let grown = case.attempt_number.checked_sub(numbers_before);
        assert!(grown.is_some_and(|grown| grown <= 1), "one attempt at a time");
    }
    for (invoice, attempt) in charges(step.transition) {
        let in_flight = step.before.cases.get(invoice).and_then(|case| case.attempt.as_ref());
        let ended = step.transition.journal.iter().any(|entry| {
            matches!(entry, JournalEntry::AttemptEnded { invoice: id, .. } if id == invoice)
        });
        assert!(in_flight.is_none() || ended, "at most one attempt in flight for one invoice");
        let stored = step.after.cases[invoice].attempt.as_ref();
        assert_eq!(stored, Some(attempt), "an attempt is stored before it is sent");
        let started =
            JournalEntry::AttemptStarted { invoice: invoice.clone(), attempt: attempt.clone() };
        assert!(step.transition.journal.contains(&started), "an attempt is written down");
    }
}

fn no_charge_where_it_must_not_be(step: &Step<'_>) {
    for (invoice, attempt) in sent(step.transition) {
        let was = step.before.cases[invoice].state;
        assert!(!was.is_terminal(), "no charge from a closed case");
        assert_ne!(was, CaseState::Suspended, "no charge from a paused case");
        let is_processing = step.after.cases[invoice].is_processing();
        assert!(!is_processing, "no charge beside one that is on its way");
        let asked_for_the_first_time = attempt.started_at == step.now && attempt.checks == 0;
        let key_is_known = step.now.since_ms(attempt.started_at) < KEY_LIFETIME_MS;
        if asked_for_the_first_time || key_is_known {
            let subscription = step.after.cases[invoice].subscription.as_ref();
            assert_eq!(step.after.end_reason(subscription), None, "who left is not charged");
            assert!(!step.after.rests(subscription), "who paused or leaves is not charged");
            assert!(!step.after.is_settled(invoice), "what is settled is not charged");
        }
    }
}

fn closed_stays_closed(step: &Step<'_>) {
    for (invoice, before) in &step.before.cases {
        let Some(after) = step.after.cases.get(invoice) else {
            assert!(before.state.is_terminal(), "no open case is forgotten");
            continue;
        };
        if before.state.is_terminal() && after.state != before.state {
            let moved = (before.state, after.state);
            let by_money = (CaseState::Exhausted, CaseState::Recovered);
            assert_eq!(moved, by_money, "closed stays closed");
        }
        let closed = after.state.is_terminal();
        assert_eq!(after.closed_at.is_some(), closed, "a closed case says since when");
        let recovered = after.state == CaseState::Recovered;
        assert_eq!(after.recovered_by.is_some(), recovered, "a recovery says by whom");
    }
}

fn ended_stays_ended(step: &Step<'_>) {
    for (id, before) in &step.before.subscriptions {
        let after = step.after.subscriptions.get(id).map(|known| known.status);
        let ended = before.status == SubscriptionStatus::Ended;
        let stays = after.is_none_or(|status| status == SubscriptionStatus::Ended);
        assert!(!ended || stays, "an ended subscription stays ended");
    }
}

fn every_open_case_has_a_wake(step: &Step<'_>) {
    let wakes = |case: &RecoveryCase| case.wake_at.is_some();
    for case in step.after.cases.values() {
        assert_eq!(wakes(case), !case.state.is_terminal(), "every open case has a wake");
    }
    let next = step.after.next_wake();
    let leaving = &step.after.leaving;
    let runs = leaving.pauses.values().any(|run| run.state == PauseState::Paused);
    let awaits_end =
        leaving.cancellations.values().any(|known| known.state == CancelState::Canceled);
    let waits = step.after.open_cases().next().is_some()
        || step.after.method_update.is_some()
        || !leaving.acts.is_empty()
        || runs
        || awaits_end
        || !leaving.resumed.is_empty();
    assert_eq!(next.is_some(), waits, "an account wakes as long as something is open");
    if *step.event == Event::WakeReached {
        let later = next.is_none_or(|next| next > step.now);
        assert!(later, "an alarm that rang does not ring at once again");
    }
}

fn limits_hold(step: &Step<'_>, policy: &Policy) {
    let account = step.after;
    let open = account.open_cases().count();
    assert!(open <= OPEN_CASES_MAX, "open cases: {open}");
    let closed = account.cases.len() - open;
    assert!(closed <= CLOSED_CASES_MAX, "closed cases: {closed}");
    assert!(account.subscriptions.len() <= SUBSCRIPTIONS_MAX, "subscriptions");
    assert!(account.settled_invoices.len() <= SETTLED_INVOICES_MAX, "settled invoices");
    assert!(account.finished_setups.len() <= FINISHED_SETUPS_MAX, "finished set-ups");
    let attempts_max = usize::try_from(policy.settings().customer_attempts.max).unwrap().max(1);
    assert!(account.customer_attempts.len() <= attempts_max, "the customer's attempts");
    let leaving = &account.leaving;
    assert!(leaving.acts.len() <= ACTS_MAX, "acts without an outcome");
    assert!(leaving.cancellations.len() <= CANCELLATIONS_MAX, "cancellations");
    assert!(leaving.taken.len() <= MEMORIES_MAX && leaving.refused.len() <= MEMORIES_MAX, "memory");
    let effects_max = 2 * OPEN_CASES_MAX + 2 + ACTS_MAX;
    assert!(step.transition.effects.len() <= effects_max, "effects of one event");
}

/// One screen with offers in a cancellation, one cancellation of a subscription at a time, the door
/// open on every screen, and nothing of an offer that was not taken.
fn leaving_is_as_it_should_be(step: &Step<'_>) {
    let after = &step.after.leaving;
    for (id, known) in &after.cancellations {
        let same = |other: &&reprieve_core::cancel::Cancellation| {
            other.subscription == known.subscription && !other.state.is_terminal()
        };
        let under_way = after.cancellations.values().filter(same).count();
        assert!(under_way <= 1, "one cancellation of a subscription at a time");
        let before = step.before.leaving.cancellations.get(id);
        if let Some(before) = before.filter(|before| !before.shown.is_empty()) {
            assert_eq!(before.shown, known.shown, "one screen with offers, and always the same");
        }
        assert_eq!(known.closed_at.is_some(), known.state.is_terminal(), "closed since when");
        let is_declared = known.confirmed_at.is_some();
        assert_eq!(is_declared, known.effective_at.is_some(), "a declaration has an end");
        assert!(!known.state.is_leaving() || is_declared, "who leaves said so");
        let on_screen = known.flow.steps().contains(&known.step) || known.step.is_last();
        let was_caught = known.step == Screen::Offer && known.state != CancelState::Open;
        assert!(on_screen || was_caught, "nobody stands on a screen that is not there");
        let offered = known.step != Screen::Offer || !known.shown.is_empty();
        assert!(offered, "no empty screen");
    }
    for pending in &after.acts {
        assert_eq!(pending.started_at.is_some(), pending.check_at.is_some(), "what is sent wakes");
        assert!(pending.key.as_str().len() <= KEY_CHARS_MAX, "a key fits");
    }
}

/// A screen with offers is never shown within the stated days of one that was not taken.
fn peace_after_a_refusal(step: &Step<'_>, policy: &Policy) {
    let shown = |account: &Account| {
        account.leaving.cancellations.values().filter(|known| !known.shown.is_empty()).count()
    };
    if shown(step.after) > shown(step.before) {
        let wait_ms = policy.cancel().again_after_ms;
        let mut refused = step.before.leaving.refused.iter();
        let recent = refused.find(|at| step.now.since_ms(**at) < wait_ms);
        assert_eq!(recent, None, "a second screen within the stated days");
    }
}

fn one_receipt_for_each_declaration(step: &Step<'_>) {
    let is_declared = |account: &Account, id| {
        let known = account.leaving.cancellations.get(id);
        known.is_some_and(|known| known.confirmed_at.is_some())
    };
    for id in step.after.leaving.cancellations.keys() {
        let is_new = is_declared(step.after, id) && !is_declared(step.before, id);
        let receipt = JournalEntry::CancelNotice(CancelNotice::Receipt { id: id.clone() });
        let given = step.transition.journal.iter().filter(|entry| **entry == receipt).count();
        assert_eq!(given, usize::from(is_new), "one receipt for each declaration");
    }
}

fn what_is_settled_is_closed(step: &Step<'_>) {
    let (invoice, settled) = match step.event {
        Event::InvoiceObserved { fact, .. } => {
            (&fact.id, matches!(fact.status, InvoiceStatus::Paid | InvoiceStatus::Void))
        }
        Event::AttemptFinished { invoice, outcome, .. } => {
            (invoice, *outcome == ChargeOutcome::Paid)
        }
        _ => return,
    };
    if settled {
        let case = step.after.cases.get(invoice);
        assert!(case.is_none_or(|case| case.state.is_terminal()), "what is paid is closed");
        assert!(step.after.is_settled(invoice), "what is paid is remembered");
    }
}
