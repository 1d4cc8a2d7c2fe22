//! The graph of screens as text: every action on every screen of every flow that there is.
#![cfg(test)]

use reprieve_core::cancel::flow::next;
use reprieve_core::cancel::settings::{CancelSettings, FeedbackStep, PlaceSettings};
use reprieve_core::cancel::{Action, Flow, Reason, Step};
use reprieve_core::jurisdiction::{Jurisdiction, Survey, all_of, in_force};
use reprieve_core::policy::Policy;
use reprieve_core::time::{DAY_MS, Timestamp};

const NOW: Timestamp = Timestamp::from_seconds(1_793_577_600);

/// `.` means: not possible there.
const WHOLE: &str = "
            SUR OFF FEE CON DON KEP
Next        OFF FEE CON  .   .   .
Back         .  SUR OFF FEE  .   .
ToConfirm   CON CON CON  .   .   .
Confirm     DON DON DON DON  .   .
Accept       .  KEP  .   .   .   .
Stay        KEP KEP KEP KEP  .   .
";

/// Who is on a screen that was taken away (turned down in another tab) is not caught there.
const WITHOUT_OFFERS: &str = "
            SUR OFF FEE CON DON KEP
Next        FEE FEE CON  .   .   .
Back         .  SUR SUR FEE  .   .
ToConfirm   CON CON CON  .   .   .
Confirm     DON DON DON DON  .   .
Accept       .  KEP  .   .   .   .
Stay        KEP KEP KEP KEP  .   .
";

/// Germany.
const TWO_CLICKS: &str = "
            SUR OFF FEE CON DON KEP
Next        CON CON CON  .   .   .
Back         .   .   .   .   .   .
ToConfirm   CON CON CON  .   .   .
Confirm     DON DON DON DON  .   .
Accept       .  KEP  .   .   .   .
Stay        KEP KEP KEP KEP  .   .
";

const fn short(step: Step) -> &'static str {
    match step {
        Step::Survey => "SUR",
        Step::Offer => "OFF",
        Step::Feedback => "FEE",
        Step::Confirm => "CON",
        Step::Done => "DON",
        Step::Kept => "KEP",
    }
}

fn row(name: &str, cells: [&str; Step::ALL.len()]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| format!("{cell:^3}")).collect();
    format!("{name:<12}{}", cells.join(" ")).trim_end().to_owned()
}

fn table(flow: &Flow) -> String {
    let mut lines = vec![row("", Step::ALL.map(short))];
    for action in Action::ALL {
        let cells = Step::ALL.map(|step| next(flow, step, action).map_or(".", short));
        lines.push(row(&format!("{action:?}"), cells));
    }
    lines.join("\n")
}

fn whole() -> Flow {
    Flow::with(&[Step::Survey, Step::Offer, Step::Feedback])
}

#[test]
fn every_edge_is_as_written() {
    for (flow, wanted) in [
        (whole(), WHOLE),
        (whole().without(Step::Offer), WITHOUT_OFFERS),
        (Flow::with(&[]), TWO_CLICKS),
    ] {
        let table = table(&flow);
        assert_eq!(table, wanted.trim_matches('\n'), "the table is now:\n{table}");
    }
}

/// Every flow that can be built: each of the three screens there or not.
fn flows() -> impl Iterator<Item = Flow> {
    (0..8_u32).map(|set| {
        let screens = [Step::Survey, Step::Offer, Step::Feedback];
        let there = screens.into_iter().enumerate().filter(|(n, _)| set & (1 << n) != 0);
        Flow::with(&there.map(|(_, step)| step).collect::<Vec<_>>())
    })
}

#[test]
fn cancelling_takes_one_action_anywhere_and_back_undoes_next() {
    for flow in flows() {
        for step in flow.steps().iter().copied() {
            assert_eq!(next(&flow, step, Action::Confirm), Some(Step::Done));
            let ahead = next(&flow, step, Action::ToConfirm);
            assert_eq!(ahead, (step != Step::Confirm).then_some(Step::Confirm));
            if let Some(later) = next(&flow, step, Action::Next) {
                assert_eq!(next(&flow, later, Action::Back), Some(step), "Back always works");
            }
        }
        let mut seen = vec![flow.first()];
        while let Some(step) = next(&flow, *seen.last().unwrap(), Action::Next) {
            seen.push(step);
        }
        assert_eq!(seen, flow.steps(), "Next passes every screen once");
        assert!(seen.iter().filter(|step| **step == Step::Offer).count() <= 1);
        assert_eq!(seen.last(), Some(&Step::Confirm));
    }
}

#[test]
fn the_end_is_the_end() {
    for flow in flows() {
        for action in Action::ALL {
            assert_eq!(next(&flow, Step::Done, action), None);
            assert_eq!(next(&flow, Step::Kept, action), None);
        }
    }
}

/// Clicks of who answers nothing: the button that begins, straight to the confirmation, and there.
fn clicks(flow: &Flow) -> u32 {
    let ahead = u32::from(flow.first() != Step::Confirm);
    1 + ahead + 1
}

#[test]
fn no_policy_makes_a_way_longer_than_its_profile_allows() {
    let mut eager = Policy::default().cancel().clone();
    eager.offers_per_screen = 3;
    for place in Jurisdiction::ALL {
        for profile in all_of(place) {
            let flow = eager.flow_under(profile, place);
            assert!(clicks(&flow) <= profile.clicks_max, "{place:?} {flow:?}");
            let offers = flow.steps().contains(&Step::Offer);
            assert_eq!(offers, profile.offers.screens_max == 1, "{place:?}");
        }
    }
    let germany = eager.flow_under(in_force(Jurisdiction::De, NOW), Jurisdiction::De);
    assert_eq!(germany.steps(), [Step::Confirm]);
}

#[test]
fn a_merchant_can_be_stricter() {
    let (korea, place) = (in_force(Jurisdiction::Kr, NOW), Jurisdiction::Kr);
    let steps = |settings: &CancelSettings| settings.flow_under(korea, place).steps().to_vec();
    let usual = Policy::default().cancel().clone();
    assert_eq!(steps(&usual), whole().steps());
    let quiet = PlaceSettings {
        place,
        offer_screens: Some(0),
        survey: Some(Survey::Absent),
        again_after_ms: Some(90 * DAY_MS),
    };
    let quiet =
        CancelSettings { places: vec![quiet], feedback: FeedbackStep::Absent, ..usual.clone() };
    assert_eq!(steps(&quiet), [Step::Confirm]);
    assert_eq!(quiet.again_after_under(korea, place), 90 * DAY_MS);
    let elsewhere = quiet.flow_under(in_force(Jurisdiction::Tr, NOW), Jurisdiction::Tr);
    assert_eq!(elsewhere.steps(), [Step::Survey, Step::Offer, Step::Confirm]);
    // Taken as it is, a setting that no file gets through still cannot break the law.
    let lax = CancelSettings { again_after_ms: 0, offer_screens: 9, offers_per_screen: 9, ..usual };
    assert_eq!(lax.again_after_under(korea, place), 7 * DAY_MS);
    assert_eq!(lax.offers_under(korea, place), 3);
}

#[test]
fn a_stored_flow_is_put_in_order() {
    let stored = r#"["confirm","feedback","survey","done","survey"]"#;
    let flow: Flow = serde_json::from_str(stored).unwrap();
    assert_eq!(flow, Flow::with(&[Step::Survey, Step::Feedback]));
    let text = serde_json::to_string(&flow).unwrap();
    assert_eq!(text, r#"["survey","feedback","confirm"]"#);
    assert_eq!(serde_json::from_str::<Flow>("[]").unwrap().first(), Step::Confirm);
    for reason in Reason::ALL {
        assert_eq!(serde_json::to_string(&reason).unwrap(), format!("\"{}\"", reason.as_str()));
    }
}
