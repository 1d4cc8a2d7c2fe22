//! Dated diaries of people who leave, pause, stay or come back.
#![cfg(test)]

#[path = "../support/mod.rs"]
mod support;

mod gifts;
mod journeys;
mod lost;
mod pauses;
mod properties;
mod troubles;

use reprieve_core::cancel::offer::{Audience, Off, Offer, OfferKind, PauseAccess, PauseSpan};
use reprieve_core::cancel::settings::CancelSettings;
use reprieve_core::cancel::{
    Answer, CancelError, CancelEvent, CancelKind, CancelNotice, Reason, Step, view,
};
use reprieve_core::case::{ApplyError, Event, JournalEntry, apply};
use reprieve_core::id::CancellationId;
use reprieve_core::jurisdiction::Whereabouts;
use reprieve_core::policy::RetryDriver;
use reprieve_core::policy::segment::{Country, Interval};
use reprieve_core::provider::{InvoiceStatus, Life, SubscriptionStatus};
use reprieve_core::time::Timestamp;
use support::diary::Diary;
use support::provider::Verdict;
use support::{at, invoice_id, money, subscription_id};

/// A diary with somebody who may leave `sub_1`: 19.00 EUR a month, paid until day 29 (1 December).
struct Story {
    d: Diary,
    country: &'static str,
}

impl Story {
    fn of(driver: RetryDriver) -> Self {
        let mut d = Diary::of(driver);
        d.policy = d.policy.clone().letting_go(settings(vec![pause(1), half()]));
        let mut story = Self { d, country: "TR" };
        story.set_life(|life| *life = support::acts::life(at(-1, "00:00"), at(29, "00:00")));
        let known = story.d.provider.subscriptions.get_mut(&subscription_id("sub_1")).unwrap();
        known.interval = Some(Interval::Month);
        known.plan = Some(money(1_900, "eur"));
        story.see();
        story
    }

    fn set_life(&mut self, change: impl FnOnce(&mut Life)) {
        let known = self.d.provider.subscriptions.get_mut(&subscription_id("sub_1")).unwrap();
        change(known.life.get_or_insert_default());
    }

    /// Goes to a moment; the provider ends what it planned to end on the way.
    fn on(&mut self, day: i64, clock: &str) -> &mut Self {
        self.d.on(day, clock);
        self.d.provider.clock = self.d.now;
        self
    }

    /// The subscription is told as it is.
    fn see(&mut self) -> &mut Self {
        self.d.provider.clock = self.d.now;
        let event = self.d.provider.subscription_seen(&subscription_id("sub_1"));
        self.d.tell(&event);
        self
    }

    /// The renewal of day 29, 60, …: charged, left out by a pause, or the end.
    fn the_period_ends(&mut self, invoice: &str, next: Timestamp) -> &mut Self {
        let now = self.d.now;
        let id = subscription_id("sub_1");
        let known = self.d.provider.subscriptions.get_mut(&id).unwrap();
        let life = known.life.as_mut().unwrap();
        if life.ends_at.is_some_and(|at| at <= now) {
            self.d.the_subscription_is("sub_1", SubscriptionStatus::Ended);
            return self;
        }
        let resumes = life.pause.and_then(|pause| pause.resumes_at);
        if resumes.is_some_and(|at| at <= now) {
            life.pause = None;
        }
        life.period_started_at = life.period_ends_at;
        life.period_ends_at = Some(next);
        let is_paused = life.pause.is_some() || known.status == SubscriptionStatus::Paused;
        if !is_paused {
            self.d.provider.bill(invoice, "sub_1", 1_900, "eur");
            self.d.the_provider_tries(invoice);
        }
        self.see()
    }

    fn tell(&mut self, event: CancelEvent) -> &mut Self {
        self.d.provider.clock = self.d.now;
        self.d.tell(&Event::Cancel(event));
        self
    }

    fn refused(&mut self, event: CancelEvent) -> CancelError {
        let before = self.d.account.clone();
        let event = Event::Cancel(event);
        let refused = apply(&mut self.d.account, &event, self.d.now, &self.d.policy);
        assert_eq!(self.d.account, before, "what is refused changes nothing");
        match refused.expect_err("refused") {
            ApplyError::Cancel(error) => error,
            other => panic!("{other}"),
        }
    }

    /// The last cancellation that began.
    fn id(&self) -> CancellationId {
        let all = self.d.account.leaving.cancellations.values();
        all.max_by_key(|known| known.started_at).expect("one began").id.clone()
    }

    fn begins(&mut self) -> &mut Self {
        let event = self.started(CancelKind::Ordinary);
        self.tell(event)
    }

    fn started(&self, kind: CancelKind) -> CancelEvent {
        let place =
            Whereabouts { billing_country: Country::parse(self.country), ..Whereabouts::default() };
        CancelEvent::Started { subscription: Some(subscription_id("sub_1")), kind, place }
    }

    fn answers(&mut self, from: Step, answer: Answer) -> &mut Self {
        let id = self.id();
        self.tell(CancelEvent::Answered { id, from, answer })
    }

    /// Through the survey to the offers.
    fn comes_to_the_offers(&mut self) -> &mut Self {
        self.begins().answers(Step::Survey, Answer::Reason(Some(Reason::Unused)))
    }

    fn takes(&mut self, offer: &str) -> &mut Self {
        let id = self.id();
        self.tell(CancelEvent::OfferAccepted { id, offer: offer.to_owned(), until: None })
    }

    fn confirms(&mut self) -> &mut Self {
        let id = self.id();
        self.tell(CancelEvent::Confirmed { id })
    }

    fn undoes(&mut self) -> &mut Self {
        let id = self.id();
        self.tell(CancelEvent::Undone { id })
    }

    /// What the customer sees: `open offer [pause]`.
    fn then(&mut self, expected: &str) -> &mut Self {
        let view = view::of(&self.d.account, &self.id(), self.d.now, &self.d.policy).unwrap();
        let names: Vec<&str> = view.offers.iter().map(|offer| offer.name.as_str()).collect();
        let offers = if names.is_empty() { String::new() } else { format!(" {names:?}") };
        let failed = view.failed_offer.map(|name| format!(" without {name}")).unwrap_or_default();
        let told = format!("{} {}{offers}{failed}", view.state, view.step);
        let day = self.d.now.since_ms(at(0, "00:00")) / reprieve_core::time::DAY_MS;
        assert_eq!(told, expected, "on day {day}");
        self
    }

    /// What the provider was asked for, in order.
    fn asked(&mut self, expected: &[&str]) -> &mut Self {
        assert_eq!(self.d.provider.counter.log, expected);
        self
    }

    /// What the customer was told, over all of it.
    fn told(&mut self, event: &Event) -> Vec<CancelNotice> {
        let mut account = self.d.account.clone();
        let transition = apply(&mut account, event, self.d.now, &self.d.policy).unwrap();
        let notice = |entry: JournalEntry| match entry {
            JournalEntry::CancelNotice(notice) => Some(notice),
            _ => None,
        };
        transition.journal.into_iter().filter_map(notice).collect()
    }

    fn the_renewal_fails(&mut self, code: &'static str) -> &mut Self {
        self.d.card("pm_old", &[Verdict::Decline(code)]);
        self.d.the_provider_tries("in_1");
        self
    }

    fn is_held(&self, invoice: &str) -> bool {
        self.d.provider.invoices[&invoice_id(invoice)].is_held
    }

    fn status_of(&self, invoice: &str) -> InvoiceStatus {
        self.d.provider.invoices[&invoice_id(invoice)].status
    }
}

fn settings(offers: Vec<Offer>) -> CancelSettings {
    CancelSettings { offers, hold_out_permille: 0, ..CancelSettings::default() }
}

fn pause(periods: u32) -> Offer {
    let span = PauseSpan::Periods(periods);
    let kind = OfferKind::Pause { span, access: PauseAccess::Off };
    offer("pause", 1, kind)
}

fn half() -> Offer {
    offer("half", 2, OfferKind::Discount { off: Off::Percent(50), periods: 3 })
}

fn offer(name: &str, priority: u32, kind: OfferKind) -> Offer {
    Offer { name: name.to_owned(), kind, priority, audience: Audience::default() }
}
