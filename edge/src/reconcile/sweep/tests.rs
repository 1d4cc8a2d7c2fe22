use super::*;
use proptest::prelude::*;
use std::collections::BTreeSet;

const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

fn more(last: &str) -> PageEnd {
    PageEnd { last: Some(last.to_owned()), has_more: true }
}

fn end(last: Option<&str>) -> PageEnd {
    PageEnd { last: last.map(str::to_owned), has_more: false }
}

#[test]
fn windows_follow_one_another_without_a_gap() {
    let first = EventSweep::resume(None, NOW);
    assert_eq!((first.until_s - first.from_s, first.until_s), (3_600, 1_800_000_000));
    let begun = first.behind(&more("evt_9"));
    assert_eq!(begun.place.as_ref().unwrap().after.as_deref(), Some("evt_9"));
    let later = NOW.plus_ms(5 * MINUTE_MS);
    assert_eq!(EventSweep::resume(Some(begun.clone()), later), begun, "a window is finished first");
    let finished = begun.behind(&end(Some("evt_1")));
    let next = EventSweep::resume(Some(finished.clone()), later);
    assert_eq!((next.from_s, next.until_s), (1_800_000_000 - 120, 1_800_000_300));
    // An hour of silence is one longer window.
    let after_an_hour = EventSweep::resume(Some(finished.clone()), NOW.plus_ms(HOUR_MS));
    assert_eq!(after_an_hour.from_s, 1_800_000_000 - 120);
    // A clock that goes back repeats and skips nothing.
    let back = EventSweep::resume(Some(finished), NOW.plus_ms(-HOUR_MS));
    assert!(back.from_s < back.until_s && back.until_s == 1_800_000_000 - 3_600);
}

#[test]
fn a_page_that_cannot_be_read_gets_smaller_or_begins_anew() {
    let place = Place { after: Some("evt_9".to_owned()), tries: 0, limit: 0 };
    let limits = |place: &Place| {
        let mut place = place.clone();
        core::iter::repeat_with(|| {
            place = place.clone().unread(Unread::TooLong);
            place.limit()
        })
        .take(3)
        .collect::<Vec<_>>()
    };
    assert_eq!((place.limit(), limits(&place)), (20, vec![5, 1, 1]));
    assert_eq!(place.clone().unread(Unread::NoAnswer), place);
    assert_eq!(place.clone().unread(Unread::Refused), Place::default());
    let tried = (0..TRIES_MAX).fold(place, |place, _| place.failed());
    assert!(tried.is_given_up() && tried.after.as_deref() == Some("evt_9"));
}

#[test]
fn between_two_rounds_is_a_rest() {
    let first = Round::resume(None, NOW, HOUR_MS).unwrap();
    assert_eq!(first.place.after, None);
    let second = Round::behind(&more("in_5"), NOW);
    assert_eq!(Round::resume(Some(second.clone()), NOW, HOUR_MS), Some(second));
    let done = Round::behind(&end(None), NOW);
    let at = |ms| Round::resume(Some(done.clone()), NOW.plus_ms(ms), HOUR_MS);
    assert_eq!(at(0), None);
    assert_eq!(at(HOUR_MS - 1), None);
    assert_eq!(at(HOUR_MS), Some(Round::default()));
    assert_eq!(at(-HOUR_MS), Some(Round::default()), "a clock that was set back");
}

proptest! {
    /// Events happen, runs come at any time, are cut off after any page, and see every event.
    #[test]
    fn nothing_is_left_out(
        gaps in prop::collection::vec(0..400_i64, 1..80),
        runs in prop::collection::vec((1..2_000_i64, 0..4_usize), 1..40),
    ) {
        let start = seconds(NOW);
        let mut at = start;
        let events: Vec<(i64, String)> = gaps
            .iter()
            .enumerate()
            .map(|(number, gap)| {
                at += gap;
                (at, format!("evt_{number:03}"))
            })
            .collect();
        let (mut seen, mut mark, mut now) = (BTreeSet::new(), None, NOW);
        let runs = runs.into_iter().chain([(100_000, 500), (100_000, 500)]);
        for (wait_s, pages) in runs {
            now = now.plus_ms(wait_s * SECOND_MS);
            let mut sweep = EventSweep::resume(mark, now);
            for _ in 0..pages {
                let Some(place) = sweep.place.clone() else { break };
                let window: Vec<_> = events
                    .iter()
                    .rev()
                    .filter(|event| (sweep.from_s..=sweep.until_s).contains(&event.0))
                    .skip_while(|event| place.after.as_ref().is_some_and(|after| event.1 >= *after))
                    .collect();
                let page = &window[..window.len().min(3)];
                seen.extend(page.iter().map(|event| event.1.clone()));
                let last = page.last().map(|event| event.1.clone());
                sweep = sweep.behind(&PageEnd { last, has_more: window.len() > page.len() });
            }
            mark = Some(sweep);
        }
        prop_assert_eq!(seen.len(), events.len());
    }
}
