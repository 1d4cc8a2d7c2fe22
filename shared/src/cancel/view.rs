//! Leaving as the customer sees it.

use super::CancelKind;
use super::dates::withdraw_until;
use super::flow::{self, Action, Step};
use super::offer::{Off, PauseAccess, Terms};
use super::receipt::{self, Value};
use super::record::{Cancellation, PauseRun, PauseState};
use super::settings::CancelSettings;
use super::state::CancelState;
use crate::account::Account;
use crate::api::cancellation::{
    CancellationView, OfferTerms, OfferView, PauseView, ProfileView, ReceiptLine, ReceiptValue,
    ReceiptView, SubscriptionView, Subscriptions,
};
use crate::api::status::Amount;
use crate::id::{CancellationId, SubscriptionId};
use crate::jurisdiction::{self, CancelButton, Profile, Withdrawal};
use crate::money::Money;
use crate::policy::Policy;
use crate::provider::SubscriptionStatus;
use crate::time::Timestamp;

/// One cancellation; `None`: there is none of that name.
#[must_use]
pub fn of(
    account: &Account,
    id: &CancellationId,
    now: Timestamp,
    policy: &Policy,
) -> Option<CancellationView> {
    let known = account.leaving.cancellations.get(id)?;
    let settings = policy.at_version(known.policy_version).cancel();
    let profile = jurisdiction::in_force(known.jurisdiction, known.started_at);
    let on_offers = known.step == Step::Offer && known.state == CancelState::Open;
    let offers = known.shown.iter().filter(|_| on_offers);
    let words = |steps: &[Step]| steps.iter().map(|step| step.as_str().to_owned()).collect();
    let cancel_on_offer = match profile.offers.cancel_button {
        CancelButton::Now => "now",
        CancelButton::ToConfirm => "to_confirm",
    };
    Some(CancellationView {
        id: known.id.as_str().to_owned(),
        subscription: subscription(account, &known.subscription, (profile.withdrawal, now), policy),
        kind: known.kind.as_str().to_owned(),
        state: known.state.as_str().to_owned(),
        step: known.step.as_str().to_owned(),
        steps: words(known.flow.steps()),
        can_go_back: flow::next(&known.flow, known.step, Action::Back).is_some(),
        profile: ProfileView {
            jurisdiction: known.jurisdiction.as_str().to_owned(),
            found_by: known.found_by.as_str().to_owned(),
            confirm_label: confirm_label(known.kind, profile).to_owned(),
            clicks_max: profile.clicks_max,
            cancel_on_offer: cancel_on_offer.to_owned(),
        },
        reasons: settings.reasons.iter().map(|reason| reason.as_str().to_owned()).collect(),
        reason: known.reason.map(|reason| reason.as_str().to_owned()),
        feedback: known.feedback.clone(),
        offers: offers.map(|shown| offer(&shown.name, &shown.terms)).collect(),
        accepted: known.accepted.clone(),
        failed_offer: known.failed_offer.clone(),
        effective_at_ms: crate::case::would_end_at(account, known, now, policy).as_ms(),
        undo_until_ms: undo_until(known, now).map(Timestamp::as_ms),
        open_invoices: settings.open_invoices.as_str().to_owned(),
        receipt: receipt_view(account, known, policy),
        server_time_ms: now.as_ms(),
    })
}

/// Until when a declaration can be taken back.
fn undo_until(known: &Cancellation, now: Timestamp) -> Option<Timestamp> {
    let can = matches!(known.state, CancelState::Canceling | CancelState::Canceled);
    let at_its_end = known.effective_at > known.confirmed_at;
    known.effective_at.filter(|at| can && at_its_end && *at > now)
}

/// What the button says that declares it.
fn confirm_label(kind: CancelKind, profile: &Profile) -> &'static str {
    let withdrawal = profile.withdrawal.filter(|_| kind == CancelKind::Withdrawal);
    withdrawal.map_or(profile.confirm_label, |right| right.confirm_label)
}

/// Whether any subscription is so young that some law may let its customer take it back.
#[must_use]
pub fn is_any_young(account: &Account, now: Timestamp) -> bool {
    let within_ms = jurisdiction::withdrawal_ms_max(now);
    let lives = account.subscriptions.values().filter_map(|known| known.life.as_ref());
    let mut started = lives.filter_map(|life| life.started_at);
    started.any(|started_at| now.since_ms(started_at) <= within_ms)
}

/// Every subscription that is not over, under a right to withdraw or none.
#[must_use]
pub fn subscriptions(
    account: &Account,
    right: Option<Withdrawal>,
    now: Timestamp,
    policy: &Policy,
) -> Subscriptions {
    let runs = |id: &&SubscriptionId| {
        let known = account.subscriptions.get(*id);
        known.is_some_and(|known| known.status != SubscriptionStatus::Ended)
    };
    let ids = account.subscriptions.keys().filter(runs);
    Subscriptions {
        subscriptions: ids.map(|id| subscription(account, id, (right, now), policy)).collect(),
        server_time_ms: now.as_ms(),
    }
}

fn subscription(
    account: &Account,
    id: &SubscriptionId,
    (right, now): (Option<Withdrawal>, Timestamp),
    policy: &Policy,
) -> SubscriptionView {
    let known = account.subscriptions.get(id);
    let life = known.and_then(|known| known.life.as_ref());
    let under_way = account.leaving.under_way(id);
    let leaves = under_way.filter(|known| known.state.is_leaving());
    let ends_at = leaves.and_then(|known| known.effective_at);
    let began_with = |run: &PauseRun| account.leaving.cancellations.get(&run.cancellation);
    let settings = |run: &PauseRun| {
        began_with(run)
            .map_or(policy.cancel(), |known| policy.at_version(known.policy_version).cancel())
    };
    let run = account.leaving.pauses.get(id);
    SubscriptionView {
        id: id.as_str().to_owned(),
        plan: known.and_then(|known| known.plan).map(amount),
        interval: known.and_then(|known| known.interval).map(|word| word.as_str().to_owned()),
        cancellation: under_way.map(|known| known.id.as_str().to_owned()),
        is_leaving: leaves.is_some(),
        ends_at_ms: ends_at.or_else(|| life?.ends_at).map(Timestamp::as_ms),
        pause: run.map(|run| pause(run, settings(run))),
        // Who left already has nothing to take back here.
        withdraw_until_ms: known
            .filter(|_| leaves.is_none())
            .and_then(|known| withdraw_until(known, right, now))
            .map(Timestamp::as_ms),
    }
}

fn pause(run: &PauseRun, settings: &CancelSettings) -> PauseView {
    let state = match run.state {
        PauseState::Starting => "starting",
        PauseState::Paused => "paused",
        PauseState::Resuming => "resuming",
    };
    let is_idle = run.state == PauseState::Paused && run.extending_to.is_none();
    PauseView {
        state: state.to_owned(),
        access_until_ms: run.terms.access_until.map(Timestamp::as_ms),
        resumes_at_ms: run.terms.resumes_at.as_ms(),
        first_charge_at_ms: run.terms.first_charge_at.map(Timestamp::as_ms),
        can_extend: is_idle && run.extensions < settings.pause.extensions_max,
    }
}

fn offer(name: &str, terms: &Terms) -> OfferView {
    let terms = match terms {
        Terms::Pause(pause) => OfferTerms::Pause {
            access: if pause.access == PauseAccess::On { "on" } else { "off" }.to_owned(),
            periods: pause.periods,
            access_until_ms: pause.access_until.map(Timestamp::as_ms),
            resumes_at_ms: pause.resumes_at.as_ms(),
            resumes_at_max_ms: pause.resumes_at_max.map(Timestamp::as_ms),
            first_charge_at_ms: pause.first_charge_at.map(Timestamp::as_ms),
        },
        Terms::Discount { off, periods, price } => {
            let (percent, amount_off) = match off {
                Off::Percent(percent) => (Some(*percent), None),
                Off::Amount(money) => (None, Some(amount(*money))),
            };
            OfferTerms::Discount {
                percent,
                amount_off,
                periods: *periods,
                price: price.map(amount),
            }
        }
        Terms::PlanChange { label, .. } => OfferTerms::PlanChange { label: label.clone() },
        Terms::TrialExtension { until } => OfferTerms::TrialExtension { until_ms: until.as_ms() },
        Terms::Credit { amount: money } => OfferTerms::Credit { amount: amount(*money) },
        Terms::Contact { url } => OfferTerms::Contact { url: url.clone() },
        Terms::Redirect { url } => OfferTerms::Redirect { url: url.clone() },
    };
    OfferView { name: name.to_owned(), terms }
}

fn amount(money: Money) -> Amount {
    Amount { amount_minor: money.amount_minor, currency: money.currency.as_str().to_owned() }
}

fn receipt_view(account: &Account, known: &Cancellation, policy: &Policy) -> Option<ReceiptView> {
    let receipt = receipt::receipt(account, known, policy)?;
    let lines = receipt.lines.into_iter().map(|line| ReceiptLine {
        key: line.key.to_owned(),
        value: match line.value {
            Value::Text(text) => ReceiptValue::Text(text),
            Value::Time(at) => ReceiptValue::TimeMs(at.as_ms()),
            Value::Money(money) => ReceiptValue::Amount(amount(money)),
            Value::Key(key) => ReceiptValue::Word(key.to_owned()),
        },
    });
    Some(ReceiptView {
        id: receipt.id.as_str().to_owned(),
        at_ms: receipt.at.as_ms(),
        effective_at_ms: receipt.effective_at.as_ms(),
        lines: lines.collect(),
    })
}
