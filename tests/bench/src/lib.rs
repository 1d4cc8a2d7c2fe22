//! What `cargo xtask bench` measures: the core's questions, in the proportions in which they are
//! asked. How long they take is measured in `benches/engine.rs`; here they are put together, so
//! that tests and lints see them without the measurement's own crates.

mod life;
mod question;

pub use life::Life;
pub use question::{Question, questions};

use reprieve_core::policy::{Policy, RetryDriver};

/// One line of the table of `apply`.
pub struct Scene {
    /// Who drives, and how many invoices are open.
    pub name: &'static str,
    /// The policy that ships, under that driver.
    pub policy: Policy,
    /// What happens.
    pub life: Life,
}

/// Both drivers, one open invoice and ten. `None`: a life did not end as it should.
#[must_use]
pub fn scenes() -> Option<Vec<Scene>> {
    let ours = Policy::default().driven_by(RetryDriver::Ours);
    let theirs = Policy::default().driven_by(RetryDriver::Provider);
    let ladder = |name, others| {
        let life = Life::of_our_ladder(&ours, others)?;
        Some(Scene { name, policy: ours.clone(), life })
    };
    let provider = |name, others| {
        let life = Life::of_the_provider(&theirs, others)?;
        Some(Scene { name, policy: theirs.clone(), life })
    };
    Some(vec![
        ladder("ours, 1 open", 0)?,
        ladder("ours, 10 open", 9)?,
        provider("provider, 1 open", 0)?,
        provider("provider, 10 open", 9)?,
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use reprieve_core::api::status::{RecoveryState, Status};
    use reprieve_core::case::{CaseState, Event};
    use reprieve_core::provider::{InvoiceStatus, Observed};
    use std::collections::BTreeMap;

    fn kind(event: &Event) -> &'static str {
        match event {
            Event::InvoiceObserved { fact, .. } if fact.status == InvoiceStatus::Paid => "paid",
            Event::InvoiceObserved { observed: Observed::Live, .. } => "reading",
            Event::InvoiceObserved { observed: Observed::ByEvent, .. } => "event",
            Event::WakeReached => "wake",
            Event::AttemptFinished { .. } => "outcome",
            _ => "other",
        }
    }

    #[test]
    fn every_life_ends_paid_and_has_everything_in_it() {
        for Scene { name, policy, life } in scenes().unwrap() {
            let mut account = life.account.clone();
            let open = account.open_cases().count();
            assert!(life.play(&mut account, &policy) > 0, "{name}");
            assert_eq!(account.open_cases().count(), open, "{name}: the others stay open");
            let recovered =
                account.cases.values().filter(|case| case.state == CaseState::Recovered);
            assert_eq!(recovered.count(), 1, "{name}");
            let mut kinds = BTreeMap::new();
            for (event, _) in &life.events {
                *kinds.entry(kind(event)).or_insert(0) += 1;
            }
            let ours = name.starts_with("ours");
            let wanted = ["event", "outcome", "paid", "reading", "wake"];
            let found: Vec<_> = kinds.keys().copied().collect();
            let wanted: Vec<_> =
                wanted.into_iter().filter(|kind| ours || *kind != "outcome").collect();
            assert_eq!(found, wanted, "{name}: {kinds:?}");
        }
    }

    #[test]
    fn every_question_has_an_answer() {
        for question in questions().unwrap() {
            assert!((question.ask)() > 0, "{}", question.name);
        }
    }

    #[test]
    fn the_answer_that_the_browser_is_measured_with_is_one_that_the_edge_gives() {
        let status: Status = serde_json::from_str(include_str!("../web/status.json")).unwrap();
        assert_eq!(status.state, RecoveryState::ActionNeeded);
        assert_eq!(status.invoices.len(), 1);
        assert_eq!(status.amount_due.unwrap(), status.invoices[0].amount_due);
    }
}
