//! Single questions beside `apply`: a decision with its reasons, a status, a record, a time.

use super::life::{self, START};
use super::{Scene, scenes};
use reprieve_core::calendar::Zone;
use reprieve_core::decline::{Category, Decline};
use reprieve_core::money::Money;
use reprieve_core::network::{AttemptBy, CardAttempt, Initiator, Network};
use reprieve_core::policy::settings::Settings;
use reprieve_core::policy::{LearnedTiming, Policy, RetryDriver};
use reprieve_core::record::AccountRecord;
use reprieve_core::retry::{self, Learning, RetryFacts};
use reprieve_core::status;
use reprieve_core::time::{DAY_MS, HOUR_MS};
use reprieve_core::timing::{Arm, Candidate, Exploration, Features, TimingModel};

/// So many attempts on the card lie behind a decision.
const HISTORY: i64 = 8;
/// So many outcomes stand behind the model.
const OUTCOMES: u32 = 5_000;
/// So many times are offered to it: four days, every two hours.
const OFFERED: i64 = 49;

/// Something that is asked, and its answer in one number that cannot be left out.
pub struct Question {
    /// What is asked.
    pub name: &'static str,
    /// Asks it.
    pub ask: Box<dyn Fn() -> usize>,
}

/// All of them. `None`: what they are about could not be put together.
#[must_use]
pub fn questions() -> Option<Vec<Question>> {
    let mut all = vec![decision("retry::decide", None)?];
    all.push(decision("retry::decide, learned", Some(learned()?))?);
    all.push(choice()?);
    for scene in scenes()?.into_iter().filter(|scene| scene.name.starts_with("ours")) {
        all.extend(of_account(scene)?);
    }
    Some(all)
}

/// Looks at an account in the middle of its life.
fn of_account(Scene { name, policy, life }: Scene) -> Option<Vec<Question>> {
    let (account, now) = life.half_way(&policy);
    let stored = serde_json::to_string(&AccountRecord::from(account.clone())).ok()?;
    let ten = name.ends_with("10 open");
    let pick = |one, of_ten| if ten { of_ten } else { one };
    let (asked, kept) = (account.clone(), AccountRecord::from(account));
    Some(vec![
        Question {
            name: pick("status::of, 1 open", "status::of, 10 open"),
            ask: Box::new(move || status::of(&asked, now, &policy).invoices.len()),
        },
        Question {
            name: pick("record stored, 1 open", "record stored, 10 open"),
            ask: Box::new(move || serde_json::to_string(&kept).map_or(0, |text| text.len())),
        },
        Question {
            name: pick("record loaded, 1 open", "record loaded, 10 open"),
            ask: Box::new(move || {
                let read = serde_json::from_str::<AccountRecord>(&stored);
                read.map_or(0, |record| record.account.cases.len())
            }),
        },
    ])
}

fn learned() -> Option<TimingModel> {
    let (mut model, zone) = (TimingModel::new(), Zone::named("America/New_York")?);
    for outcome in 0..OUTCOMES {
        let at = START.plus_ms(i64::from(outcome) * 7 * HOUR_MS);
        let features = Features::at(Category::InsufficientFunds, outcome % 4, at, &zone);
        model.learn(&features, outcome % 5 == 0);
    }
    Some(model)
}

fn choice() -> Option<Question> {
    let (model, zone) = (learned()?, Zone::named("America/New_York")?);
    let offered: Vec<Candidate> = (0..OFFERED)
        .map(|step| START.plus_ms(step * 2 * HOUR_MS))
        .map(|at| Candidate { at, features: Features::at(Category::Generic, 2, at, &zone) })
        .collect();
    let exploration = Exploration::default();
    let ask = move || {
        let draw = u32::MAX / 3;
        let choice = model.choose_with(exploration, Arm::Learned, &offered, draw);
        choice.map_or(0, |choice| choice.index + 1)
    };
    Some(Question { name: "timing, one of 49", ask: Box::new(ask) })
}

/// What a decision looks at, kept together so that it can be asked again and again.
struct Asked {
    settings: Settings,
    zone: Zone,
    decline: Decline,
    amount: Money,
    history: Vec<CardAttempt>,
    model: Option<TimingModel>,
}

impl Asked {
    fn decide(&self) -> usize {
        let learning = Learning {
            model: self.model.as_ref(),
            settings: LearnedTiming {
                enabled: self.model.is_some(),
                hold_out_permille: 100,
                explore_permille: 100,
            },
            arm: Arm::Learned,
            draw: u32::MAX / 3,
        };
        let decision = retry::decide(&RetryFacts {
            driver: RetryDriver::Ours,
            settings: &self.settings.retry,
            overrides: &[],
            decline: Some(&self.decline),
            method: None,
            card: "mToisGZ01V71BCos",
            network: Network::Visa,
            backup: None,
            amount: self.amount,
            history: &self.history,
            first_failed_at: START,
            failed_at: START,
            rungs_used: 0,
            attempts: 1,
            provider_next_attempt_at: None,
            zone: &self.zone,
            now: START,
            learning,
        });
        usize::from(decision.at.is_some()) + decision.why.len()
    }
}

fn decision(name: &'static str, model: Option<TimingModel>) -> Option<Question> {
    let amount = life::euros(19_00)?;
    let tried = |day: i64| CardAttempt {
        at: START.plus_ms(-day * DAY_MS),
        card: "mToisGZ01V71BCos".to_owned(),
        network: Network::Visa,
        amount,
        initiator: Initiator::Merchant,
        by: AttemptBy::Provider,
        category: Some(Category::InsufficientFunds),
        network_advice: None,
        network_code: Some("51".to_owned()),
    };
    let asked = Asked {
        settings: Policy::default().settings().clone(),
        zone: Zone::named("America/New_York")?,
        decline: life::no_money(),
        amount,
        history: (1..=HISTORY).map(tried).collect(),
        model,
    };
    Some(Question { name, ask: Box::new(move || asked.decide()) })
}
