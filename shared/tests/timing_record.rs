//! Stored timing must load for ever, and learning must give the same numbers on every machine.
#![cfg(test)]

#[path = "support/rng.rs"]
mod rng;

use reprieve_core::calendar::{LocalTime, Weekday};
use reprieve_core::decline::Category;
use reprieve_core::timing::{
    Features, TIMING_RECORD_VERSION, TimingModel, TimingRecord, TimingRecordError,
};
use rng::Rng;

const TIMING_V1: &str = include_str!("golden/timing-v1.json");

/// The most that a stored model may take.
const RECORD_BYTES_MAX: usize = 8 * 1024;

/// Places in the table: 11 categories, 8 attempts, and for each of 3 families 24 hours, 7 weekdays
/// and 31 days of the month.
const PLACES: u16 = 11 + 8 + 3 * (24 + 7 + 31);

fn features(rng: &mut Rng, category: Category) -> Features {
    let small = |n: i64| u8::try_from(n).unwrap();
    let time = LocalTime {
        year: 2027,
        month: 5,
        day: small(rng.between(1, 32)),
        days_in_month: 31,
        weekday: rng.pick(&Weekday::ALL),
        hour: small(rng.between(0, 24)),
        minute: 0,
    };
    Features::of(category, u32::try_from(rng.between(1, 10)).unwrap(), &time)
}

/// What the golden file was written from.
fn lived() -> TimingModel {
    let mut rng = Rng::new(20_261_121);
    let mut model = TimingModel::new();
    for _ in 0..500 {
        let category = rng.pick(&[Category::InsufficientFunds, Category::IssuerUnavailable]);
        let features = features(&mut rng, category);
        model.learn(&features, rng.percent(20));
    }
    model
}

fn read(text: &str) -> Result<TimingModel, TimingRecordError> {
    let record: TimingRecord = serde_json::from_str(text).expect("a record");
    TimingModel::try_from(record)
}

fn written(model: &TimingModel) -> String {
    serde_json::to_string(&TimingRecord::from(model)).unwrap()
}

#[test]
fn version_1_loads_and_is_written_back_as_it_was() {
    let model = read(TIMING_V1.trim_end()).expect("version 1 is known");
    assert_eq!((model.outcomes(), model.successes()), (500, 94));
    assert_eq!(format!("{}\n", written(&model)), TIMING_V1);
}

/// Integers only, so every target gives these very numbers. A change of the arithmetic or of the
/// beliefs shows here; if it is meant, the file stays and this test gets a newer one.
#[test]
fn learning_gives_the_same_numbers_everywhere() {
    assert_eq!(format!("{}\n", written(&lived())), TIMING_V1);
}

#[test]
fn what_was_not_learned_takes_no_room() {
    let text = written(&TimingModel::new());
    assert_eq!(text, r#"{"v":1,"outcomes":0,"successes":0,"cells":[]}"#);
    assert_eq!(read(&text), Ok(TimingModel::new()));
}

#[test]
fn the_largest_record_is_bounded() {
    let cells = (0..PLACES).map(|place| (place, -8_000_000, 1_000_000_000, u32::MAX)).collect();
    let record = TimingRecord { v: 1, outcomes: u64::MAX, successes: u64::MAX, cells };
    let text = serde_json::to_string(&record).unwrap();
    assert!(text.len() <= RECORD_BYTES_MAX, "{}", text.len());
    let model = TimingModel::try_from(record.clone()).expect("it is a model");
    assert_eq!(TimingRecord::from(&model), record);
}

/// Learning on at every limit: nothing overflows, nothing leaves its range.
#[test]
fn learning_at_the_limits() {
    let mut rng = Rng::new(9);
    for (mean, precision) in
        [(8_000_000, 1_000), (-8_000_000, 1_000), (8_000_000, 1_000_000_000), (0, 1_000)]
    {
        let cells = (0..PLACES).map(|place| (place, mean, precision, u32::MAX)).collect();
        let record = TimingRecord { v: 1, outcomes: u64::MAX, successes: u64::MAX, cells };
        let mut model = TimingModel::try_from(record).unwrap();
        for _ in 0..2_000 {
            let features = features(&mut rng, Category::Generic);
            model.learn(&features, rng.percent(50));
            let estimate = model.score(&features);
            assert!((1..1_000_000).contains(&estimate.success_ppm));
        }
        assert!(TimingModel::try_from(TimingRecord::from(&model)).is_ok());
    }
}

/// Ten million outcomes. Run with `--ignored` (about ten seconds when optimised).
#[test]
#[ignore = "long"]
fn ten_million_outcomes() {
    let mut rng = Rng::new(10);
    let mut model = TimingModel::new();
    let categories = [Category::InsufficientFunds, Category::Generic];
    for _ in 0..10_000_000 {
        let category = rng.pick(&categories);
        model.learn(&features(&mut rng, category), rng.percent(15));
    }
    assert_eq!(model.outcomes(), 10_000_000);
    assert!(TimingModel::try_from(TimingRecord::from(&model)).is_ok());
    for _ in 0..10_000 {
        let category = rng.pick(&categories);
        let success_ppm = model.score(&features(&mut rng, category)).success_ppm;
        assert!((100_000..210_000).contains(&success_ppm), "{success_ppm}");
    }
}

#[test]
fn a_record_that_is_not_a_model_is_an_error() {
    let base = TimingRecord {
        v: 1,
        outcomes: 10,
        successes: 3,
        cells: vec![(0, 1, 2_000_000, 10), (204, -1, 2_000_000, 10)],
    };
    assert!(TimingModel::try_from(base.clone()).is_ok());
    for found in [0, TIMING_RECORD_VERSION + 1, u32::MAX] {
        let record = TimingRecord { v: found, ..base.clone() };
        assert_eq!(TimingModel::try_from(record), Err(TimingRecordError::Version { found }));
    }
    let record = TimingRecord { successes: 11, ..base.clone() };
    assert_eq!(TimingModel::try_from(record), Err(TimingRecordError::Counts));
    for wrong in [
        (0, 1, 2_000_000, 10),
        (205, 1, 2_000_000, 10),
        (u16::MAX, 1, 2_000_000, 10),
        (7, 8_000_001, 2_000_000, 10),
        (7, i32::MIN, 2_000_000, 10),
        (7, 1, 999, 10),
        (7, 1, 1_000_000_001, 10),
        (7, 1, 2_000_000, 0),
        (7, 1, 2_000_000, 11),
    ] {
        let cells = vec![(0, 1, 2_000_000, 10), wrong];
        let record = TimingRecord { cells, ..base.clone() };
        let error = TimingRecordError::Cell { place: wrong.0 };
        assert_eq!(TimingModel::try_from(record), Err(error), "{wrong:?}");
    }
    for end in (0..TIMING_V1.trim_end().len()).step_by(53) {
        assert!(serde_json::from_str::<TimingRecord>(&TIMING_V1[..end]).is_err(), "{end}");
    }
}
