//! What is offered: shown once, taken if it is still for this customer, and asked of the provider.

use super::screens::was_refused_within;
use super::{acts, get, settings_of, step, write};
use crate::account::Account;
use crate::cancel::settings::CancelSettings;
use crate::cancel::state::Input;
use crate::cancel::{
    Act, CancelEntry, CancelError, CancelState, Cancellation, Facts, PauseRun, PauseState,
    PauseTerms, Step, Terms, choose, offer,
};
use crate::case::Transition;
use crate::id::{CancellationId, SubscriptionId};
use crate::jurisdiction;
use crate::policy::Policy;
use crate::provider::PauseKind;
use crate::time::Timestamp;

/// Chooses what is offered, once; says whether there is anything on the screen. From now on it
/// counts as turned down, until something of it is taken: somebody who closes the page said no.
pub(super) fn present(
    account: &mut Account,
    id: &CancellationId,
    now: Timestamp,
    policy: &Policy,
    out: &mut Transition,
) -> bool {
    let Ok(known) = get(account, id) else { return false };
    if !known.shown.is_empty() {
        return true;
    }
    let settings = settings_of(known, policy);
    let profile = jurisdiction::in_force(known.jurisdiction, known.started_at);
    // Another subscription's screen may have been shown since this one began to be left.
    let wait_ms = settings.again_after_under(profile, known.jurisdiction);
    if was_refused_within(account, wait_ms, now) {
        return false;
    }
    let taken = taken_kinds(account);
    let Some(facts) = facts(account, known, &taken, now) else { return false };
    let room = settings.offers_under(profile, known.jurisdiction);
    let choice = choose(settings, room, facts);
    let Some(known) = account.leaving.cancellations.get_mut(id) else { return false };
    known.held_out = choice.held_out;
    if choice.held_out {
        write(out, id, CancelEntry::HeldOut);
    }
    if choice.shown.is_empty() {
        return false;
    }
    let offers = choice.shown.iter().map(|shown| (shown.name.clone(), shown.propensity_ppm));
    write(out, id, CancelEntry::OffersShown { offers: offers.collect() });
    known.shown = choice.shown;
    known.shown_at = Some(now);
    account.leaving.refused.push(now);
    true
}

pub(super) fn accepted(
    account: &mut Account,
    id: &CancellationId,
    (offer, until): (&str, Option<Timestamp>),
    now: Timestamp,
    policy: &Policy,
    out: &mut Transition,
) -> Result<(), CancelError> {
    let known = get(account, id)?;
    let is_taken = matches!(known.state, CancelState::Accepting | CancelState::Kept);
    if is_taken && known.accepted.as_deref() == Some(offer) {
        return Ok(());
    }
    if known.state != CancelState::Open || known.step != Step::Offer {
        return Err(CancelError::WrongStep);
    }
    let shown = known.shown.iter().find(|shown| shown.name == offer);
    let shown = shown.ok_or(CancelError::NotOffered)?;
    let entry = offer.to_owned();
    if !shown.terms.changes_something() {
        write(out, id, CancelEntry::FollowedLink { offer: entry });
        return Ok(());
    }
    let terms = terms_now(account, known, offer, settings_of(known, policy), now);
    let terms = terms.ok_or(CancelError::NotOffered)?;
    let terms = with_date(terms, until, now)?;
    let subscription = known.subscription.clone();
    let act = act_for(account, id, &subscription, terms, now);
    let Some(known) = account.leaving.cancellations.get_mut(id) else { return Ok(()) };
    known.accepted = Some(entry.clone());
    known.failed_offer = None;
    step(account, id, Input::OfferAccepted, now);
    write(out, id, CancelEntry::OfferAccepted { offer: entry });
    if let Some(act) = act {
        acts::push(account, id, act);
    }
    Ok(())
}

/// What the offer means now, if it is still for this customer: since it was shown the subscription,
/// its invoices and what was taken elsewhere may have changed.
fn terms_now(
    account: &Account,
    known: &Cancellation,
    name: &str,
    settings: &CancelSettings,
    now: Timestamp,
) -> Option<Terms> {
    let offer = settings.offers.iter().find(|offer| offer.name == name)?;
    let taken = taken_kinds(account);
    let facts = facts(account, known, &taken, now)?;
    if !choose::suits(offer, facts) {
        return None;
    }
    offer::terms(&offer.kind, facts.subscription, now)
}

fn taken_kinds(account: &Account) -> Vec<&str> {
    account.leaving.taken.iter().map(|taken| taken.kind.as_str()).collect()
}

/// What is known of somebody who leaves; `None`: nobody knows the subscription any more.
fn facts<'a>(
    account: &'a Account,
    known: &'a Cancellation,
    taken: &'a [&'a str],
    now: Timestamp,
) -> Option<Facts<'a>> {
    // This very screen counts as turned down only once it was.
    let refused = account.leaving.refused.iter();
    let refused = refused.filter(|at| known.shown_at != Some(**at)).count();
    Some(Facts {
        who: [account.merchant.as_str(), account.customer.as_str(), known.id.as_str()],
        subscription: account.subscriptions.get(&known.subscription)?,
        segment: &known.segment,
        reason: known.reason,
        open_case: super::has_open_case(account, &known.subscription),
        taken,
        refused: u32::try_from(refused).unwrap_or(u32::MAX),
        now,
    })
}

/// A pause with the day that the customer chose.
fn with_date(terms: Terms, until: Option<Timestamp>, now: Timestamp) -> Result<Terms, CancelError> {
    let (Terms::Pause(pause), Some(until)) = (&terms, until) else { return Ok(terms) };
    let begins = pause.access_until.unwrap_or(now);
    let fits = pause.resumes_at_max.is_some_and(|max| until <= max)
        && until.since_ms(begins) >= offer::PAUSE_MS_MIN;
    if !fits {
        return Err(CancelError::NotOffered);
    }
    Ok(Terms::Pause(PauseTerms { resumes_at: until, first_charge_at: None, ..*pause }))
}

/// What the provider is asked for. A pause is written down at once: nothing is charged from here.
fn act_for(
    account: &mut Account,
    id: &CancellationId,
    subscription: &SubscriptionId,
    terms: Terms,
    now: Timestamp,
) -> Option<Act> {
    let subscription = subscription.clone();
    Some(match terms {
        Terms::Pause(terms) => {
            let known = account.subscriptions.get(&subscription)?;
            let first_charge_at = offer::first_charge(&terms, known, terms.resumes_at);
            let (by, resumes_at): (PauseKind, Timestamp) = (terms.by, terms.resumes_at);
            let run = PauseRun {
                cancellation: id.clone(),
                terms: PauseTerms { first_charge_at, ..terms },
                state: PauseState::Starting,
                accepted_at: now,
                began_at: None,
                extensions: 0,
                extending_to: None,
                reminder_at: None,
            };
            account.leaving.pauses.insert(subscription.clone(), run);
            Act::Pause { subscription, by, resumes_at }
        }
        Terms::Discount { off, periods, .. } => Act::Discount { subscription, off, periods },
        Terms::PlanChange { plan, .. } => Act::ChangePlan { subscription, plan },
        Terms::TrialExtension { until } => Act::ExtendTrial { subscription, until },
        Terms::Credit { amount } => Act::Credit { amount },
        Terms::Contact { .. } | Terms::Redirect { .. } => return None,
    })
}

/// A discount holds. The next sighting says so too; until then no second one is offered.
pub(super) fn discounted(account: &mut Account, subscription: &SubscriptionId) {
    let known = account.subscriptions.get_mut(subscription);
    if let Some(life) = known.and_then(|known| known.life.as_mut()) {
        life.discounts_count = Some(life.discounts_count.unwrap_or(0).max(1));
    }
}
