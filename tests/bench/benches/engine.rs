//! `cargo xtask bench`: events a second through `apply`, and the questions beside it.
//!
//! Time is the processor's and not the wall's: what else runs on the machine is none of the core's
//! business.
#![expect(clippy::expect_used, reason = "what cannot be measured stops here")]

use criterion::measurement::{Measurement, ValueFormatter, WallTime};
use criterion::{BatchSize, Criterion, Throughput};
use nix::sys::time::TimeValLike as _;
use nix::time::{ClockId, clock_gettime};
use reprieve_bench::{questions, scenes};
use reprieve_core::account::Account;

/// Time that this thread had a processor, in nanoseconds.
struct ProcessorTime;

impl Measurement for ProcessorTime {
    type Intermediate = i64;
    type Value = i64;

    fn start(&self) -> i64 {
        let now = clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID);
        now.expect("this machine has a clock for threads").num_nanoseconds()
    }

    fn end(&self, start: i64) -> i64 {
        self.start() - start
    }

    fn add(&self, one: &i64, other: &i64) -> i64 {
        one + other
    }

    fn zero(&self) -> i64 {
        0
    }

    #[expect(clippy::cast_precision_loss, reason = "no measurement takes a hundred days")]
    fn to_f64(&self, value: &i64) -> f64 {
        *value as f64
    }

    fn formatter(&self) -> &dyn ValueFormatter {
        WallTime.formatter()
    }
}

fn main() {
    let mut criterion = Criterion::default().with_measurement(ProcessorTime).configure_from_args();
    let mut group = criterion.benchmark_group("apply");
    for scene in scenes().expect("every life ends paid") {
        group.throughput(Throughput::Elements(scene.life.events.len() as u64));
        group.bench_function(scene.name, |bencher| {
            let play = |mut account: Account| {
                let effects = scene.life.play(&mut account, &scene.policy);
                (account, effects)
            };
            bencher.iter_batched(|| scene.life.account.clone(), play, BatchSize::SmallInput);
        });
    }
    group.finish();
    let mut group = criterion.benchmark_group("one question");
    for question in questions().expect("there is something to ask about") {
        group.throughput(Throughput::Elements(1));
        group.bench_function(question.name, |bencher| bencher.iter(|| (question.ask)()));
    }
    group.finish();
    criterion.final_summary();
}
