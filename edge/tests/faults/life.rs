//! One life: what happens to a customer, in an order that a seed decides.

use crate::fake_stripe::bank::Verdict;
use crate::fake_stripe::rng::Rng;
use crate::fake_stripe::{our_now, pass_ms, set_skew_ms, true_now};
use crate::judge;
use crate::sky::Sky;
use reprieve_core::id::{EventId, SetupId};
use reprieve_core::time::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, Timestamp};
use reprieve_edge::durable::service::ServiceError;
use reprieve_edge::durable::store::SeenEvent;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

const SUBSCRIPTIONS_MAX: usize = 4;
const PROCESSES_MAX: usize = 4;
/// The platform ends an alarm after 15 minutes.
const PROCESS_LIFE_MS: i64 = 15 * MINUTE_MS;
/// As the object does: set before any work.
const ALARM_FALLBACK_MS: i64 = MINUTE_MS;
/// Alarms in days of calm. Most come from hourly questions and from our ladder.
const RINGS_MAX: usize = 600;
/// Polls until one run must have ended.
const POLLS_MAX: usize = 4_000;

/// Who stands between us and a second charge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Stripe as it is.
    Faithful,
    /// It charges paid invoices again; nobody else pays them.
    Gullible,
    /// Likewise, and its own schedule goes on; requests that arrive late are left out, because
    /// against those nothing but Stripe's refusal helps.
    TwoEngines,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Work {
    Alarm,
    Customer,
    Janitor,
}

struct Process<'a> {
    work: Work,
    began_at: Timestamp,
    future: Pin<Box<dyn Future<Output = Result<(), ServiceError>> + 'a>>,
}

pub(crate) struct Life<'a> {
    pub(crate) sky: &'a Sky,
    pub(crate) crashes: u64,
    pub(super) kind: Kind,
    pub(super) rng: Rng,
    seed: u64,
    processes: Vec<Process<'a>>,
    /// Events on their way.
    mail: Vec<(String, String, String)>,
    /// Set-ups with a card.
    pub(super) setups: Vec<SetupId>,
}

impl<'a> Life<'a> {
    pub(crate) fn new(sky: &'a Sky, seed: u64, kind: Kind) -> Self {
        let mut life = Self {
            sky,
            crashes: 0,
            kind,
            rng: Rng::new(seed),
            seed,
            processes: Vec::new(),
            mail: Vec::new(),
            setups: Vec::new(),
        };
        life.begin();
        life.janitor_was_here();
        life
    }

    fn begin(&mut self) {
        let wire = &self.sky.wire;
        wire.fault_percent.set(25);
        wire.yield_percent.set(50);
        wire.lets_late.set(self.kind != Kind::TwoEngines);
        self.sky.death_permille.set(6);
        let old = self.issue();
        let mut books = wire.books.borrow_mut();
        books.is_gullible = self.kind != Kind::Faithful;
        if self.kind != Kind::Gullible {
            books.schedule_ms = [1, 5, 24, 48].map(|hours| hours * HOUR_MS).to_vec();
        }
        books.customer_default = Some(old.clone());
        for _ in 0..1 + self.rng.below(SUBSCRIPTIONS_MAX) {
            let own = self.rng.percent(70).then_some(old.as_str());
            let subscription = books.subscribe(own);
            let amount = self.rng.between(1, 10_000);
            books.bill(&subscription, amount);
        }
    }

    /// A card whose bank may change its mind.
    pub(super) fn issue(&mut self) -> String {
        let mut verdicts = Vec::new();
        for _ in 0..1 + self.rng.below(3) {
            verdicts.push(match self.rng.below(10) {
                0..4 => Verdict::Decline(self.rng.pick(&[
                    "insufficient_funds",
                    "generic_decline",
                    "expired_card",
                    "do_not_honor",
                    "try_again_later",
                    "stolen_card",
                ])),
                // Whoever answers a challenge pays without us: where only our care is left, the
                // bank does not ask.
                4 | 5 if self.kind == Kind::Faithful => Verdict::Authenticate,
                _ => Verdict::Approve,
            });
        }
        self.sky.wire.books.borrow_mut().issue(&verdicts)
    }

    /// One random thing.
    pub(crate) fn step(&mut self) {
        match self.rng.below(100) {
            0..18 => self.deliver_mail(),
            18..56 => self.go_on(),
            56..70 => self.ring(),
            70..82 => self.let_time_pass(),
            82..91 => self.customer_acts(),
            91..95 => self.provider_acts(),
            95..97 => self.others_act(),
            97 => self.crash("the platform moves the object"),
            98 => self.janitor_looks(),
            _ => self.deliver_mail(),
        }
        self.after_anything();
    }

    fn after_anything(&mut self) {
        if self.sky.wire.is_dead.get() {
            self.crash("the process died");
        }
        let events = std::mem::take(&mut self.sky.wire.books.borrow_mut().events);
        for event in events {
            if !self.rng.percent(15) || self.sky.wire.fault_percent.get() == 0 {
                self.mail.push(event);
            }
        }
        judge::nobody_paid_twice(self.sky);
        judge::every_charge_was_written_down(self.sky);
    }

    fn crash(&mut self, why: &str) {
        self.crashes += 1;
        self.sky.wire.note(format!("crash: {why}"));
        self.sky.wire.is_dead.set(false);
        self.processes.clear();
        // The object comes back on another machine, whose clock may be another.
        if self.sky.wire.fault_percent.get() > 0 && self.kind == Kind::Faithful {
            let most_ms = self.rng.pick(&[0, 4 * SECOND_MS, 4 * SECOND_MS, 10 * MINUTE_MS]);
            set_skew_ms(self.rng.between(-most_ms, most_ms + 1));
        }
    }

    fn deliver_mail(&mut self) {
        if self.mail.is_empty() {
            return;
        }
        let at = self.rng.below(self.mail.len());
        let (id, kind, raw) = self.mail[at].clone();
        if self.tell(&id, &kind, &raw) && !self.rng.percent(25) {
            self.mail.swap_remove(at);
        }
    }

    /// Whether it was taken in. Otherwise Stripe sends it again.
    fn tell(&mut self, id: &str, kind: &str, raw: &str) -> bool {
        self.sky.wire.note(format!("event {id} {kind}"));
        let adapter = self.sky.adapter();
        let event = SeenEvent {
            id: EventId::parse(id).unwrap(),
            kind: kind.to_owned(),
            raw: raw.to_owned(),
        };
        let taken = self.sky.service(&adapter).ingest(event);
        match taken {
            Ok(_) => true,
            Err(ServiceError::Store(_)) => {
                self.crash("at a commit");
                false
            }
            Err(error) => panic!("an event of Stripe's was refused: {error}"),
        }
    }

    /// One run goes on as far as its next wait.
    fn go_on(&mut self) {
        if self.processes.is_empty() {
            return;
        }
        let at = self.rng.below(self.processes.len());
        self.poll(at);
    }

    fn poll(&mut self, at: usize) {
        let process = &mut self.processes[at];
        let polled = process.future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        if self.sky.wire.is_dead.get() {
            return self.crash("while it worked");
        }
        let Poll::Ready(result) = polled else { return };
        let work = self.processes.swap_remove(at).work;
        self.sky.wire.note(format!("{work:?} ended: {result:?}"));
        if work == Work::Alarm && result.is_ok() {
            let adapter = self.sky.adapter();
            let next = self.sky.service(&adapter).next_alarm().unwrap();
            self.sky.alarm.set(next);
        }
    }

    pub(super) fn spawn(
        &mut self,
        work: Work,
        future: impl Future<Output = Result<(), ServiceError>> + 'a,
    ) {
        if self.processes.len() < PROCESSES_MAX {
            let began_at = true_now();
            self.processes.push(Process { work, began_at, future: Box::pin(future) });
        }
    }

    /// The platform calls the object when its alarm is due.
    fn ring(&mut self) {
        let is_due = self.sky.alarm.get().is_some_and(|at| at <= our_now());
        if !is_due || self.processes.iter().any(|process| process.work == Work::Alarm) {
            return;
        }
        let sky = self.sky;
        sky.wire.note("alarm".to_owned());
        sky.alarm.set(Some(our_now().plus_ms(ALARM_FALLBACK_MS)));
        self.spawn(Work::Alarm, async move {
            let adapter = sky.adapter();
            sky.service(&adapter).wake().await
        });
    }

    fn let_time_pass(&mut self) {
        let until_wake = self.sky.alarm.get().map_or(0, |wake| wake.since_ms(our_now()));
        // Shortly before Stripe acts, which is when engines could race.
        let tick = self.sky.wire.books.borrow().next_tick();
        let until_tick = tick.map_or(0, |at| at.since_ms(true_now())) - 12 * SECOND_MS;
        let ms = match self.rng.below(20) {
            0..6 => until_wake.clamp(0, DAY_MS),
            6..9 if until_tick > 0 => until_tick,
            6..14 => self.rng.between(0, 10 * SECOND_MS),
            14..17 => self.rng.between(0, 5 * MINUTE_MS),
            17..19 => self.rng.between(0, 5 * HOUR_MS),
            _ => self.rng.between(0, 3 * DAY_MS),
        };
        self.pass(ms);
    }

    /// Whoever waits for an answer gets it within seconds; no run outlives its time. Stripe's own
    /// attempts happen at their times.
    fn pass(&mut self, ms: i64) {
        let end = true_now().plus_ms(ms);
        loop {
            let (wire, now) = (&self.sky.wire, true_now());
            let next = [wire.books.borrow().next_tick(), wire.next_late()];
            let next = next.into_iter().flatten().min().filter(|at| *at < end);
            let at = next.unwrap_or(end).max(now);
            let step_ms = at.since_ms(true_now()).max(0);
            self.step_clock(step_ms);
            if at >= end {
                break;
            }
        }
        self.step_clock(0);
    }

    fn step_clock(&mut self, ms: i64) {
        if ms > 10 * SECOND_MS {
            self.finish_processes();
        }
        // What those who finished sent last arrives when it does, not when the clock stops next: a
        // request that is half a minute late is not a day late.
        let end = true_now().plus_ms(ms);
        while let Some(at) = self.sky.wire.next_late().filter(|at| *at < end) {
            pass_ms(at.since_ms(true_now()));
            self.sky.wire.deliver_late();
        }
        pass_ms(end.since_ms(true_now()));
        let now = true_now();
        let old = |process: &Process<'_>| now.since_ms(process.began_at) > PROCESS_LIFE_MS;
        if self.processes.iter().any(old) {
            self.crash("too old");
        }
        self.sky.wire.deliver_late();
        self.sky.wire.books.borrow_mut().tick();
        for at in (0..self.processes.len()).rev() {
            if at < self.processes.len() {
                self.poll(at);
            }
        }
        self.after_anything();
    }

    fn finish_processes(&mut self) {
        for turn in 0..POLLS_MAX {
            if self.processes.is_empty() {
                return;
            }
            // All of them in turns: one may wait for another.
            self.poll(turn % self.processes.len());
            self.after_anything();
        }
        panic!("a run does not end");
    }

    /// The storm is over: everything arrives, and nothing is lost any more.
    pub(crate) fn calm(&mut self, days: i64) {
        let wire = &self.sky.wire;
        wire.fault_percent.set(0);
        self.sky.death_permille.set(0);
        set_skew_ms(0);
        let end = true_now().plus_ms(days * DAY_MS);
        let mut rings = 0;
        loop {
            self.work_off();
            let tick = self.sky.wire.books.borrow().next_tick();
            let late = self.sky.wire.next_late();
            let next = [self.sky.alarm.get(), tick, late].into_iter().flatten().min();
            let Some(next) = next.filter(|next| *next <= end) else { break };
            self.step_clock(next.since_ms(true_now()).max(0));
            self.ring();
            rings += 1;
            assert!(rings <= RINGS_MAX, "the alarm rang {rings} times in {days} days");
        }
        self.step_clock(end.since_ms(true_now()));
        self.work_off();
    }

    fn work_off(&mut self) {
        loop {
            self.finish_processes();
            let mail = std::mem::take(&mut self.mail);
            if mail.is_empty() {
                return;
            }
            for (id, kind, raw) in mail {
                assert!(self.tell(&id, &kind, &raw), "nothing dies any more");
            }
            self.after_anything();
        }
    }
}

impl Drop for Life<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            for line in self.sky.wire.log() {
                eprintln!("{line}");
            }
            let (seed, kind) = (self.seed, self.kind);
            eprintln!(
                "{kind:?}; replay: REPRIEVE_SEED={seed} cargo test -p reprieve-edge --test faults"
            );
        }
    }
}
