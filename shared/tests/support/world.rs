//! A seeded world in which everything goes wrong: events come twice, late, out of order or
//! never; answers are lost before and after the charge; the process dies between any two steps.
//! What survives a crash is the account and its wake, and the provider's own memory.

mod leavers;
mod others;
mod setting;

pub(crate) use setting::PLACES;

use super::invariants::Watch;
use super::provider::FakeProvider;
use super::rng::Rng;
use super::shell::{self, Wire};
use super::{account, judge};
use reprieve_core::account::Account;
use reprieve_core::case::{ATTEMPT_CHECK_MS, Effect, Event};
use reprieve_core::id::InvoiceId;
use reprieve_core::network::RuleId;
use reprieve_core::policy::{Policy, RetryDriver};
use reprieve_core::provider::{InvoiceStatus, Observed};
use reprieve_core::time::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, Timestamp};
use setting::Setting;
use std::collections::{BTreeSet, VecDeque};

const SUBSCRIPTIONS: usize = 3;
const INVOICES_MAX: usize = 6;
/// No run lives longer (the platform ends an alarm after 15 minutes): nothing is sent days later.
const PROCESS_LIFE_MS: i64 = HOUR_MS;
const LOG_LINES: usize = 60; // of the last things, told when a rule breaks

/// Who stands between us and a second charge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Guard {
    /// The provider refuses to charge a paid invoice, and makes attempts of its own.
    Provider,
    /// Nobody but the core: the provider charges whatever it is asked to, once for each key.
    CoreAlone,
}

pub(crate) struct World {
    pub(crate) account: Account,
    pub(crate) provider: FakeProvider,
    pub(crate) policy: Policy,
    pub(crate) now: Timestamp,
    pub(crate) rng: Rng,
    guard: Guard,
    seed: u64,
    start: Timestamp,
    told: String,
    watch: Watch,
    /// Events on their way from the provider.
    mail: Vec<Event>,
    /// Effects that this process still has to perform; lost when it dies.
    todo: VecDeque<Effect>,
    /// Answers on their way to this process; lost when it dies.
    answers: Vec<Vec<Event>>,
    /// Charges on their way to the provider; a dead process does not stop them.
    wire: Vec<(Timestamp, Effect)>,
    process_began_at: Timestamp,
    /// By how much our clock is ahead of the provider's.
    skew_ms: i64,
    cards: usize,
    paid: BTreeSet<InvoiceId>,
    read_of_ledger: usize,
    /// Every rule that brought an automatic charge about, or moved it.
    pub(crate) reasons: BTreeSet<RuleId>,
    pub(crate) leavers: leavers::Leavers,
    log: VecDeque<(Timestamp, Line)>,
}

/// One line of the log; made into text only when somebody has to read it.
#[derive(Debug)]
#[expect(dead_code, reason = "read through `Debug`, when a rule is broken")]
enum Line {
    Told(Box<Event>),
    Performed(Wire, Effect),
    Happened(String),
}

impl World {
    pub(crate) fn new(seed: u64, driver: RetryDriver, guard: Guard) -> Self {
        let mut provider = FakeProvider::new();
        provider.gullible = guard == Guard::CoreAlone;
        if driver == RetryDriver::Provider && guard == Guard::Provider {
            provider.schedule_ms = vec![2 * DAY_MS, 3 * DAY_MS, 3 * DAY_MS];
        }
        for n in 0..SUBSCRIPTIONS {
            provider.subscribe(&format!("sub_{n}"), "pm_0");
        }
        let mut rng = Rng::new(seed);
        let Setting { policy, start, zone, told } = Setting::drawn(&mut rng, driver);
        let mut world = Self {
            account: account(),
            provider,
            watch: Watch::new(&policy),
            policy,
            now: start,
            rng,
            guard,
            seed,
            start,
            told,
            mail: Vec::new(),
            todo: VecDeque::new(),
            answers: Vec::new(),
            wire: Vec::new(),
            process_began_at: start,
            skew_ms: 0,
            cards: 0,
            paid: BTreeSet::new(),
            read_of_ledger: 0,
            reasons: BTreeSet::new(),
            leavers: leavers::Leavers::default(),
            log: VecDeque::new(),
        };
        world.deal_a_card("pm_0");
        if let Some(zone) = zone {
            world.tell(&Event::ZoneObserved { zone });
        }
        world
    }

    /// One random thing.
    pub(crate) fn step(&mut self) {
        match self.rng.below(100) {
            0..18 => self.deliver_mail(),
            // Without it hardly any plan would live to see its day.
            18..20 => self.a_quiet_day(),
            20..50 => self.perform_one(),
            50..58 => self.deliver_answer(),
            58..62 => self.crash(),
            62..78 => self.ring(),
            78..88 => self.let_time_pass(),
            88..92 => self.customer_acts(),
            92..98 => self.provider_acts(),
            _ => self.merchant_acts(),
        }
        self.nobody_paid_twice();
    }

    fn log(&mut self, line: Line) {
        if self.log.len() >= LOG_LINES {
            self.log.pop_front();
        }
        self.log.push_back((self.now, line));
    }

    fn note(&mut self, text: String) {
        self.log(Line::Happened(text));
    }

    fn tell(&mut self, event: &Event) {
        self.log(Line::Told(Box::new(event.clone())));
        // The platform's clock is not the provider's.
        let now = self.now.plus_ms(self.skew_ms);
        if let Ok(effects) = self.watch.apply(&mut self.account, event, now) {
            self.note_who_rests(event, &effects);
            for effect in &effects {
                self.remember_why(effect);
            }
            self.todo.extend(effects);
        }
    }

    fn remember_why(&mut self, effect: &Effect) {
        let Effect::Charge { attempt, .. } = effect else { return };
        let Some(decision) = &attempt.decision else { return };
        let moved = decision.rejected.iter().map(|rejected| rejected.rule);
        self.reasons.extend(decision.why.iter().copied().chain(moved));
    }

    fn deliver_mail(&mut self) {
        if self.mail.is_empty() {
            return;
        }
        let at = self.rng.below(self.mail.len());
        let event = self.mail[at].clone();
        if !self.rng.percent(25) {
            self.mail.swap_remove(at);
        }
        if !self.rng.percent(10) {
            self.tell(&event);
        }
    }

    fn deliver_answer(&mut self) {
        if self.answers.is_empty() {
            return;
        }
        let at = self.rng.below(self.answers.len());
        for event in self.answers.swap_remove(at) {
            self.tell(&event);
        }
    }

    fn perform_one(&mut self) {
        let Some(effect) = self.todo.pop_front() else { return };
        if let Some(event) = self.withheld(&effect) {
            return self.tell(&event);
        }
        let wires = [Wire::LostBefore, Wire::LostAfter, Wire::CrashBefore, Wire::CrashAfter];
        let wire = if self.rng.percent(70) { Wire::Up } else { self.rng.pick(&wires) };
        self.log(Line::Performed(wire, effect.clone()));
        if matches!(effect, Effect::Charge { .. }) && self.rng.percent(10) {
            // It hangs on its way. The process gives up on it, or dies; the provider gets it later.
            let hangs_ms = self.rng.between(0, ATTEMPT_CHECK_MS - SECOND_MS);
            self.wire.push((self.now.plus_ms(hangs_ms), effect));
            return;
        }
        let events = shell::perform(&mut self.provider, &effect, wire, self.now);
        self.mail_what_changed(&effect);
        if wire.is_crash() {
            self.crash();
        } else if self.rng.percent(30) {
            self.answers.push(events);
        } else {
            for event in events {
                self.tell(&event);
            }
        }
    }

    fn mail_what_changed(&mut self, effect: &Effect) {
        if let Effect::Charge { invoice, .. } | Effect::Reconcile { invoice, .. } = effect {
            self.mail_invoice(&invoice.clone());
        }
    }

    fn mail_invoice(&mut self, invoice: &InvoiceId) {
        self.mail.push(self.provider.invoice_seen(invoice, Observed::ByEvent));
    }

    fn crash(&mut self) {
        self.note("crash".to_owned());
        self.todo.clear();
        self.answers.clear();
    }

    fn ring(&mut self) {
        if self.account.next_wake().is_some_and(|wake| wake <= self.now) {
            self.tell(&Event::WakeReached);
        }
    }

    fn let_time_pass(&mut self) {
        let until_wake = self.account.next_wake().map_or(0, |wake| wake.since_ms(self.now));
        let ms = match self.rng.below(20) {
            0..8 => until_wake.clamp(0, DAY_MS),
            8..14 => self.rng.between(0, 2 * MINUTE_MS),
            14..19 => self.rng.between(0, 5 * HOUR_MS),
            _ => self.rng.between(0, 3 * DAY_MS),
        };
        self.pass(ms);
    }

    fn pass(&mut self, ms: i64) {
        let target = self.now.plus_ms(ms);
        if target.since_ms(self.process_began_at) > PROCESS_LIFE_MS {
            self.crash();
            self.process_began_at = target;
            self.skew_ms = self.rng.between(-judge::SKEW_MS_MAX, judge::SKEW_MS_MAX);
        }
        self.wire.sort_by_key(|(at, _)| *at);
        while self.wire.first().is_some_and(|(at, _)| *at <= target) {
            let (at, effect) = self.wire.remove(0);
            self.now = self.now.max(at);
            self.note("a charge arrives late".to_owned());
            self.log(Line::Performed(Wire::Up, effect.clone()));
            shell::perform(&mut self.provider, &effect, Wire::Up, self.now);
            self.mail_what_changed(&effect);
        }
        self.now = target;
    }

    fn nobody_paid_twice(&mut self) {
        for charge in &self.provider.ledger[self.read_of_ledger..] {
            let first = !charge.succeeded || self.paid.insert(charge.invoice.clone());
            assert!(first, "never a second successful charge for {}", charge.invoice);
            if let Some(key) = &charge.key {
                self.who_rests_is_not_charged(key, &charge.invoice);
            }
        }
        let (ledger, judged) = (&self.provider.ledger, self.read_of_ledger);
        judge::networks_are_respected(ledger, judged, &self.account);
        self.read_of_ledger = self.provider.ledger.len();
    }

    /// The storm is over: everything arrives, and nothing is lost any more. Returns how often the
    /// alarm rang until the given time had passed.
    pub(crate) fn calm(&mut self, days: i64) -> usize {
        self.pass(ATTEMPT_CHECK_MS);
        self.skew_ms = 0;
        let end = self.now.plus_ms(days * DAY_MS);
        let mut rings = 0;
        loop {
            self.work_off();
            match self.account.next_wake().filter(|wake| *wake <= end) {
                Some(wake) => self.now = self.now.max(wake),
                None => break,
            }
            self.periods_end();
            self.tell(&Event::WakeReached);
            rings += 1;
        }
        self.now = end;
        rings
    }

    /// Between two gusts everything works for a day.
    fn a_quiet_day(&mut self) {
        self.note("a quiet day".to_owned());
        self.calm(1);
    }

    fn work_off(&mut self) {
        loop {
            for event in std::mem::take(&mut self.mail) {
                self.tell(&event);
            }
            for event in std::mem::take(&mut self.answers).into_iter().flatten() {
                self.tell(&event);
            }
            let Some(effect) = self.todo.pop_front() else { break };
            if let Some(event) = self.withheld(&effect) {
                self.tell(&event);
                continue;
            }
            let events = shell::perform(&mut self.provider, &effect, Wire::Up, self.now);
            self.mail_what_changed(&effect);
            for event in events {
                self.tell(&event);
            }
            self.nobody_paid_twice();
        }
    }

    /// Every object is told once more, as it is now.
    pub(crate) fn tell_all(&mut self) {
        let subscriptions: Vec<_> = self.provider.subscriptions.keys().cloned().collect();
        for id in subscriptions {
            self.mail.push(self.provider.subscription_seen(&id));
        }
        let invoices: Vec<_> = self.provider.invoices.keys().cloned().collect();
        for id in invoices {
            self.mail_invoice(&id);
        }
        self.work_off();
    }

    /// Everything open is paid elsewhere, and no event tells of it.
    pub(crate) fn pay_everything_in_silence(&mut self) {
        let ids: Vec<InvoiceId> = self.provider.invoices.keys().cloned().collect();
        for id in ids {
            if self.provider.is_open(&id) {
                self.provider.close(&id, InvoiceStatus::Paid);
            }
        }
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if std::thread::panicking() {
            for (at, line) in &self.log {
                eprintln!("{} {line:?}", at.since_ms(self.start));
            }
            let seed = self.seed;
            eprintln!("{}; the policy: {:?}", self.told, self.policy.settings().retry);
            eprintln!("replay: REPRIEVE_SEED={seed} cargo test -p reprieve-core --test simulation");
        }
    }
}
