//! People who leave, pause, take offers, think again and come back, in the middle of everything.

use super::super::subscription_id;
use super::{SUBSCRIPTIONS, World};
use reprieve_core::cancel::offer::{Audience, Off, Offer, OfferKind, PauseAccess, PauseSpan};
use reprieve_core::cancel::settings::CancelSettings;
use reprieve_core::cancel::{Answer, CancelEvent, CancelKind, CancelState, Reason, Step};
use reprieve_core::case::{Effect, Event, may_send};
use reprieve_core::id::{CancellationId, InvoiceId, SubscriptionId};
use reprieve_core::idempotency::KEY_LIFETIME_MS;
use reprieve_core::jurisdiction::Whereabouts;
use reprieve_core::money::{Currency, Money};
use reprieve_core::policy::segment::{Country, Interval};
use reprieve_core::provider::{Life, PauseAbility, SubscriptionStatus};
use reprieve_core::time::{DAY_MS, Timestamp};
use std::collections::BTreeMap;

/// Short, so that much ends within one life.
pub(crate) const PERIOD_MS: i64 = 5 * DAY_MS;
const COUNTRIES: &[&str] = &["DE", "FR", "US", "KR", "TR"];

/// What the storm knows of those who leave, beside the core.
#[derive(Debug, Default)]
pub(crate) struct Leavers {
    is_on: bool,
    /// Things told so far: an order without clocks.
    told: u64,
    /// When each charge was begun.
    begun: BTreeMap<String, u64>,
    /// Since when a subscription must be left alone.
    rests: BTreeMap<SubscriptionId, u64>,
    /// How often what happened.
    pub(crate) tally: BTreeMap<&'static str, u64>,
}

fn settings() -> CancelSettings {
    let euros = |amount_minor| Money { amount_minor, currency: Currency::parse("eur").unwrap() };
    let offer = |name: &str, kind| {
        let (name, audience) = (name.to_owned(), Audience::default());
        Offer { name, kind, priority: 1, audience }
    };
    let (span, access) = (PauseSpan::Periods(1), PauseAccess::Off);
    let offers = vec![
        offer("pause", OfferKind::Pause { span, access }),
        offer("half", OfferKind::Discount { off: Off::Percent(50), periods: 1 }),
        offer("gift", OfferKind::Credit { amount: euros(500) }),
    ];
    let defaults = CancelSettings::default();
    CancelSettings { offers, offers_per_screen: 2, hold_out_permille: 0, ..defaults }
}

impl World {
    /// From now on customers may leave.
    pub(crate) fn with_leavers(mut self) -> Self {
        self.leavers.is_on = true;
        self.policy = self.policy.clone().letting_go(settings());
        self.watch = super::Watch::new(&self.policy);
        let start = self.now;
        for known in self.provider.subscriptions.values_mut() {
            known.interval = Some(Interval::Other);
            known.plan = Some(super::super::money(1_900, "eur"));
            known.life = Some(Life {
                started_at: Some(start.plus_ms(-300 * DAY_MS)),
                period_started_at: Some(start.plus_ms(-DAY_MS)),
                period_ends_at: Some(start.plus_ms(PERIOD_MS - DAY_MS)),
                can_pause: PauseAbility::Collection,
                items_count: Some(1),
                discounts_count: Some(0),
                ..Life::default()
            });
        }
        for id in self.provider.subscriptions.keys().cloned().collect::<Vec<_>>() {
            self.see(&id);
        }
        self
    }

    pub(crate) const fn has_leavers(&self) -> bool {
        self.leavers.is_on
    }

    fn see(&mut self, id: &SubscriptionId) {
        self.provider.clock = self.now;
        let seen = self.provider.subscription_seen(id);
        self.tell(&seen);
    }

    pub(super) fn somebody_leaves(&mut self) {
        let id = subscription_id(&format!("sub_{}", self.rng.below(SUBSCRIPTIONS)));
        let leaving = &self.account.leaving;
        let known = leaving.under_way(&id).map(|known| (known.id.clone(), known.step, known.state));
        let event = match known {
            Some((of, step, CancelState::Open)) => self.on_a_screen(of, step),
            Some((id, _, CancelState::Accepting)) => CancelEvent::Confirmed { id },
            Some((id, _, _)) => CancelEvent::Undone { id },
            None if leaving.pauses.contains_key(&id) && self.rng.percent(60) => {
                match self.rng.below(2) {
                    0 => CancelEvent::ResumeRequested { subscription: id },
                    _ => CancelEvent::PauseExtended { subscription: id },
                }
            }
            None => {
                // The edge looks before the screens begin.
                self.see(&id);
                CancelEvent::Started {
                    subscription: Some(id),
                    kind: self.rng.pick(&[
                        CancelKind::Ordinary,
                        CancelKind::Ordinary,
                        CancelKind::Extraordinary,
                    ]),
                    place: Whereabouts {
                        billing_country: Country::parse(self.rng.pick(COUNTRIES)),
                        ..Whereabouts::default()
                    },
                }
            }
        };
        self.tell(&Event::Cancel(event));
    }

    fn on_a_screen(&mut self, id: CancellationId, from: Step) -> CancelEvent {
        if self.rng.percent(15) {
            return CancelEvent::Confirmed { id };
        }
        let answer = match from {
            Step::Survey => Answer::Reason(self.rng.pick(&[None, Some(Reason::Unused)])),
            Step::Offer if self.rng.percent(70) => {
                let shown = &self.account.leaving.cancellations[&id].shown;
                let offer = shown[self.rng.below(shown.len())].name.clone();
                return CancelEvent::OfferAccepted { id, offer, until: None };
            }
            Step::Offer if self.rng.percent(30) => Answer::Back,
            Step::Offer if self.rng.percent(50) => Answer::ToConfirm,
            Step::Offer => Answer::Refuse,
            Step::Feedback => Answer::Feedback(None),
            _ if self.rng.percent(60) => return CancelEvent::Confirmed { id },
            _ if self.rng.percent(50) => Answer::Back,
            _ => Answer::Stay,
        };
        CancelEvent::Answered { id, from, answer }
    }

    /// Periods end at the provider, and with them pauses and subscriptions.
    pub(super) fn periods_end(&mut self) {
        if !self.leavers.is_on {
            return;
        }
        self.provider.clock = self.now;
        for id in self.provider.subscriptions.keys().cloned().collect::<Vec<_>>() {
            if self.a_period_ends(&id) {
                let seen = self.provider.subscription_seen(&id);
                self.mail.push(seen);
            }
        }
    }

    fn a_period_ends(&mut self, id: &SubscriptionId) -> bool {
        let now = self.now;
        let known = self.provider.subscriptions.get_mut(id).unwrap();
        let Some(life) = known.life.as_mut() else { return false };
        if known.status == SubscriptionStatus::Ended {
            return false;
        }
        let past = |at: Option<Timestamp>| at.is_some_and(|at| at <= now);
        if past(life.ends_at) {
            known.status = SubscriptionStatus::Ended;
            known.end_reason = Some(reprieve_core::provider::EndReason::Requested);
            return true;
        }
        let mut changed = false;
        if past(life.pause.and_then(|pause| pause.resumes_at)) {
            life.pause = None;
            changed = true;
        }
        while past(life.period_ends_at) {
            life.period_started_at = life.period_ends_at;
            life.period_ends_at = life.period_ends_at.map(|at| at.plus_ms(PERIOD_MS));
            changed = true;
        }
        changed
    }

    /// Whether the provider bills a subscription now.
    pub(super) fn is_billed(&self, id: &SubscriptionId) -> bool {
        let known = &self.provider.subscriptions[id];
        let rests = known.life.as_ref().is_some_and(|life| life.pause.is_some());
        !self.leavers.is_on || (known.status != SubscriptionStatus::Ended && !rests)
    }

    /// As the edge does: what must not be sent any more is withheld in the last moment.
    pub(super) fn withheld(&self, effect: &Effect) -> Option<Event> {
        let (invoice, attempt, is_first) = match effect {
            Effect::Charge { invoice, attempt } => (invoice, attempt, true),
            Effect::Reconcile { invoice, attempt } => (invoice, attempt, false),
            _ => return None,
        };
        // Once the key is forgotten, asking sends nothing.
        let sends = self.now.since_ms(attempt.started_at) < KEY_LIFETIME_MS;
        if !sends || may_send(&self.account, invoice) {
            return None;
        }
        let (invoice, number) = (invoice.clone(), attempt.number);
        Some(match is_first {
            true => Event::AttemptWithheld { invoice, number },
            false => Event::AttemptUnknown { invoice, number },
        })
    }

    /// After every event: since when must which subscription be left alone?
    pub(super) fn note_who_rests(&mut self, event: &Event, effects: &[Effect]) {
        self.leavers.told += 1;
        let told = self.leavers.told;
        for effect in effects {
            if let Effect::Charge { attempt, .. } = effect {
                self.leavers.begun.insert(attempt.key.as_str().to_owned(), told);
            }
        }
        if !self.leavers.is_on {
            return;
        }
        let word = match event {
            Event::AttemptWithheld { .. } => Some("withheld"),
            Event::Cancel(CancelEvent::Confirmed { .. }) => Some("declared"),
            Event::Cancel(CancelEvent::OfferAccepted { .. }) => Some("offers taken"),
            Event::Cancel(CancelEvent::Undone { .. }) => Some("taken back"),
            Event::Cancel(CancelEvent::ResumeRequested { .. }) => Some("resumed"),
            Event::Cancel(CancelEvent::PauseExtended { .. }) => Some("made longer"),
            Event::Cancel(CancelEvent::ActFound { holds: true, .. }) => Some("found to hold"),
            Event::Cancel(CancelEvent::ActFound { holds: false, .. }) => Some("found not to hold"),
            _ => None,
        };
        if let Some(word) = word {
            *self.leavers.tally.entry(word).or_default() += 1;
        }
        let leaving = &self.account.leaving;
        for (id, known) in &self.account.subscriptions {
            let rests = leaving.is_leaving(id)
                || leaving.pauses.contains_key(id)
                || known.status == SubscriptionStatus::Ended;
            if rests {
                self.leavers.rests.entry(id.clone()).or_insert(told);
            } else {
                self.leavers.rests.remove(id);
            }
        }
        self.nobody_who_left_is_dunned();
    }

    fn nobody_who_left_is_dunned(&self) {
        use reprieve_core::case::CaseState as S;
        for case in self.account.open_cases() {
            let left =
                case.subscription.as_ref().is_some_and(|id| self.account.leaving.is_leaving(id));
            let is_quiet = matches!(case.state, S::Suspended | S::Attempting);
            assert!(!left || is_quiet, "{} of who left is {:?}", case.invoice, case.state);
        }
    }

    /// No charge of ours reaches the bank that was begun after its subscription came to rest.
    pub(super) fn who_rests_is_not_charged(&self, key: &str, invoice: &InvoiceId) {
        let subscription = &self.provider.invoices[invoice].subscription;
        let Some(since) = self.leavers.rests.get(subscription) else { return };
        let begun = self.leavers.begun[key];
        assert!(begun < *since, "{invoice} is charged after its customer left or paused");
    }

    /// When all is told, both sides say the same of who leaves and who is paused.
    pub(crate) fn both_sides_agree_about_leaving(&self) {
        let leaving = &self.account.leaving;
        assert!(leaving.acts.is_empty(), "nothing is left open: {:?}", leaving.acts);
        for (id, known) in &self.provider.subscriptions {
            if known.status == SubscriptionStatus::Ended {
                continue;
            }
            let life = known.life.as_ref().unwrap();
            assert_eq!(life.ends_at.is_some(), leaving.is_leaving(id), "{id} ends on both sides");
            let is_paused = life.pause.is_some();
            assert_eq!(is_paused, leaving.pauses.contains_key(id), "{id} is paused on both sides");
        }
    }
}
