//! What a merchant decides about leaving. Plain values; [`crate::policy::file::PolicyFile`] holds
//! them to their ranges and to every profile.

use super::Reason;
use super::flow::{Flow, Step};
use super::offer::Offer;
use crate::jurisdiction::{Jurisdiction, Profile, Survey};
use crate::time::DAY_MS;

/// Everything about leaving.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CancelSettings {
    /// When a cancellation takes effect.
    pub ends: EndsAt,
    /// When, where an invoice of the subscription is open: what is not paid for need not be used
    /// up.
    pub ends_past_due: EndsAt,
    /// What becomes of open invoices when the subscription is over.
    pub open_invoices: OpenInvoices,
    /// Whether customers are asked why, where the law lets them be.
    pub survey: Survey,
    /// What they can answer, in this order.
    pub reasons: Vec<Reason>,
    /// Whether they are asked for a word.
    pub feedback: FeedbackStep,
    /// Screens with offers in one cancellation: 0 or 1.
    pub offer_screens: u32,
    /// The most offers on it.
    pub offers_per_screen: u32,
    /// After a screen whose offers were not taken none is shown for so long, in milliseconds.
    pub again_after_ms: i64,
    /// Customers, of 1,000, who never see an offer, so that the difference can be measured.
    pub hold_out_permille: u32,
    /// What is offered.
    pub offers: Vec<Offer>,
    /// What holds for pauses.
    pub pause: PauseSettings,
    /// Where the merchant is stricter than the law of a place.
    pub places: Vec<PlaceSettings>,
}

/// When something takes effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndsAt {
    /// With the period that is paid.
    PeriodEnd,
    /// At once.
    Now,
}

/// What becomes of open invoices when a subscription was cancelled. Nobody is asked to pay them
/// either way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenInvoices {
    /// They are void.
    Void,
    /// They stay in the books; collecting stops.
    Keep,
}

impl OpenInvoices {
    /// The word in policies and answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Void => "void",
            Self::Keep => "keep",
        }
    }
}

/// Whether customers are asked for a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeedbackStep {
    /// They are; they need not write one.
    Optional,
    /// They are not.
    Absent,
}

/// What holds for pauses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PauseSettings {
    /// How often one pause may be made longer, by as much as it was at first: 0 or 1.
    pub extensions_max: u32,
    /// The customer is told so long before it ends, in milliseconds.
    pub reminder_ms: i64,
    /// What becomes of open invoices when it begins: void, or kept and collected after it.
    pub open_invoices: OpenInvoices,
}

/// Where the merchant is stricter than the law of a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlaceSettings {
    /// Where.
    pub place: Jurisdiction,
    /// As [`CancelSettings::offer_screens`].
    pub offer_screens: Option<u32>,
    /// As [`CancelSettings::survey`].
    pub survey: Option<Survey>,
    /// As [`CancelSettings::again_after_ms`].
    pub again_after_ms: Option<i64>,
}

impl Default for CancelSettings {
    /// The plain way out, without offers: what holds where a policy says nothing of leaving.
    fn default() -> Self {
        Self {
            ends: EndsAt::PeriodEnd,
            ends_past_due: EndsAt::Now,
            open_invoices: OpenInvoices::Void,
            survey: Survey::Optional,
            reasons: Reason::ALL.to_vec(),
            feedback: FeedbackStep::Optional,
            offer_screens: 1,
            offers_per_screen: 1,
            again_after_ms: 30 * DAY_MS,
            hold_out_permille: 100,
            offers: Vec::new(),
            pause: PauseSettings {
                extensions_max: 1,
                reminder_ms: 3 * DAY_MS,
                open_invoices: OpenInvoices::Keep,
            },
            places: Vec::new(),
        }
    }
}

impl CancelSettings {
    /// How many offers a customer under this profile sees at the most.
    #[must_use]
    pub fn offers_under(&self, profile: &Profile, place: Jurisdiction) -> u32 {
        let wanted = self.place(place).and_then(|place| place.offer_screens);
        let screens = wanted.unwrap_or(self.offer_screens).min(profile.offers.screens_max);
        if screens == 0 { 0 } else { self.offers_per_screen.min(profile.offers.per_screen_max) }
    }

    /// For how long none is shown after a screen whose offers were not taken, in milliseconds.
    #[must_use]
    pub fn again_after_under(&self, profile: &Profile, place: Jurisdiction) -> i64 {
        let wanted = self.place(place).and_then(|place| place.again_after_ms);
        wanted.unwrap_or(self.again_after_ms).max(profile.offers.again_after_ms)
    }

    /// The screens that a customer under this profile may see; the one with offers is taken away
    /// where there is nothing to offer.
    #[must_use]
    pub fn flow_under(&self, profile: &Profile, place: Jurisdiction) -> Flow {
        let mut before = Vec::new();
        let survey = self.place(place).and_then(|place| place.survey).unwrap_or(self.survey);
        let asks = profile.survey == Survey::Optional;
        if asks && survey == Survey::Optional && !self.reasons.is_empty() {
            before.push(Step::Survey);
        }
        if self.offers_under(profile, place) > 0 && !self.offers.is_empty() {
            before.push(Step::Offer);
        }
        // A page that may ask for nothing more asks for no word either.
        if asks && self.feedback == FeedbackStep::Optional {
            before.push(Step::Feedback);
        }
        Flow::with(&before)
    }

    fn place(&self, place: Jurisdiction) -> Option<&PlaceSettings> {
        self.places.iter().find(|known| known.place == place)
    }
}
