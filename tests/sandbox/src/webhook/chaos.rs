//! What goes wrong on the way of events: seeded loss, duplicates, delay and reordering. Stripe
//! promises neither an order nor that an event comes once (<https://docs.stripe.com/webhooks>).

use serde_json::{Value, json};

use crate::error::ApiError;
use crate::json::Json;
use crate::random::Random;
use crate::store::Store;

const SETTINGS: &str = "webhook_chaos";
const STATE: &str = "webhook_chaos_state";
/// Reordering needs some room in time even when no delay was asked for.
const REORDER_MS_MIN: u64 = 200;

/// How events are mistreated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Chaos {
    pub(crate) seed: u64,
    /// Events that never arrive, in percent. They can be read from `/v1/events`.
    pub(crate) loss_percent: u64,
    /// Events that arrive more than once, in percent.
    pub(crate) duplicate_percent: u64,
    /// Most additional copies of such an event.
    pub(crate) duplicate_count_max: u64,
    /// Longest delay of a copy, in milliseconds.
    pub(crate) delay_ms_max: u64,
    /// Whether events of one customer may overtake each other.
    pub(crate) reorder: bool,
}

impl Chaos {
    /// As the control API shows it.
    pub(crate) fn to_json(self) -> Value {
        json!({
            "seed": self.seed,
            "loss_percent": self.loss_percent,
            "duplicate_percent": self.duplicate_percent,
            "duplicate_count_max": self.duplicate_count_max,
            "delay_ms_max": self.delay_ms_max,
            "reorder": self.reorder,
        })
    }

    fn from_json(body: &Value) -> Self {
        let number = |name: &str| body.at(name).as_u64().unwrap_or(0);
        Self {
            seed: number("seed"),
            loss_percent: number("loss_percent"),
            duplicate_percent: number("duplicate_percent"),
            duplicate_count_max: number("duplicate_count_max"),
            delay_ms_max: number("delay_ms_max"),
            reorder: body.flag("reorder"),
        }
    }
}

/// Sets or ends the chaos; it begins anew with its seed.
pub(crate) fn set(store: &Store<'_>, chaos: Option<Chaos>) -> Result<(), ApiError> {
    let text = chaos.map_or_else(String::new, |chaos| chaos.to_json().to_string());
    store.set_setting(SETTINGS, &text)?;
    store.set_setting(STATE, &chaos.map_or(0, |chaos| chaos.seed).to_string())
}

/// The chaos that is set.
pub(crate) fn get(store: &Store<'_>) -> Result<Option<Chaos>, ApiError> {
    match store.setting(SETTINGS)? {
        Some(text) if !text.is_empty() => Ok(Some(Chaos::from_json(&serde_json::from_str(&text)?))),
        _ => Ok(None),
    }
}

/// What becomes of one event on its way to one endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fate {
    /// The delay of each copy in milliseconds; empty when the event is lost.
    pub(crate) delays_ms: Vec<i64>,
    /// Whether it need not wait for earlier events of its customer.
    pub(crate) loose: bool,
}

/// Draws fates; the state of the draws commits with the events.
pub(crate) struct Dice {
    chaos: Option<Chaos>,
    random: Random,
}

impl Dice {
    /// Goes on where the last commit stopped.
    pub(crate) fn load(store: &Store<'_>) -> Result<Self, ApiError> {
        let chaos = get(store)?;
        let state = match chaos {
            None => 0,
            Some(_) => store.setting(STATE)?.and_then(|text| text.parse().ok()).unwrap_or(0),
        };
        Ok(Self { chaos, random: Random::from_seed(state) })
    }

    /// The fate of the next event.
    pub(crate) fn throw(&mut self) -> Fate {
        let Some(chaos) = self.chaos else {
            return Fate { delays_ms: vec![0], loose: false };
        };
        let loose = chaos.reorder;
        if self.hits(chaos.loss_percent) {
            return Fate { delays_ms: Vec::new(), loose };
        }
        let mut copies = 1;
        if chaos.duplicate_count_max > 0 && self.hits(chaos.duplicate_percent) {
            copies += 1 + self.draw(chaos.duplicate_count_max);
        }
        let room_ms = match chaos.reorder {
            true => chaos.delay_ms_max.max(REORDER_MS_MIN),
            false => chaos.delay_ms_max,
        };
        let delays_ms = (0..copies)
            .map(|_| i64::try_from(self.draw(room_ms.saturating_add(1))).unwrap_or(0))
            .collect();
        Fate { delays_ms, loose }
    }

    /// Keeps the state for the next commit.
    pub(crate) fn store(&self, store: &Store<'_>) -> Result<(), ApiError> {
        match self.chaos {
            None => Ok(()),
            Some(_) => store.set_setting(STATE, &self.random.state().to_string()),
        }
    }

    fn hits(&mut self, percent: u64) -> bool {
        self.draw(100) < percent
    }

    fn draw(&mut self, bound: u64) -> u64 {
        let bound = usize::try_from(bound).unwrap_or(usize::MAX);
        u64::try_from(self.random.below(bound)).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHAOS: Chaos = Chaos {
        seed: 7,
        loss_percent: 20,
        duplicate_percent: 50,
        duplicate_count_max: 3,
        delay_ms_max: 40,
        reorder: true,
    };

    fn fates(chaos: Option<Chaos>) -> Vec<Fate> {
        let mut dice = Dice { chaos, random: Random::from_seed(7) };
        (0..1_000).map(|_| dice.throw()).collect()
    }

    #[test]
    fn without_chaos_every_event_goes_once_and_now() {
        assert!(fates(None).iter().all(|fate| fate.delays_ms == [0] && !fate.loose));
    }

    #[test]
    fn the_same_seed_mistreats_the_same_events() {
        let (first, again) = (fates(Some(CHAOS)), fates(Some(CHAOS)));
        assert_eq!(first, again);
        let lost = first.iter().filter(|fate| fate.delays_ms.is_empty()).count();
        assert!((150..250).contains(&lost), "{lost} of 1000");
        let twice = first.iter().filter(|fate| fate.delays_ms.len() > 1).count();
        assert!((320..480).contains(&twice), "{twice} of 1000");
        assert!(first.iter().all(|fate| fate.delays_ms.len() <= 4));
        assert!(first.iter().flat_map(|fate| &fate.delays_ms).all(|ms| (0..=200).contains(ms)));
    }
}
