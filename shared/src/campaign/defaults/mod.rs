//! Campaigns that a company can use as they are.
//!
//! They differ in rhythm and tone by sector and share what networks and laws ask for. The numbers
//! of the three are our choice within what is published; sources stand beside them. Nobody has
//! measured these very campaigns: the simulator and experiments do.

mod business;
mod game;
mod standard;

pub use business::business;
pub use game::game;
pub use standard::standard;

use super::condition::{Conditions, StopRule};
use super::{Anchor, Campaign, Channel, NoticeKind, Span, Step};
use crate::api::status::Remedy;
use crate::decline::Category;
use crate::policy::segment::{Country, Sector};

/// All of them.
#[must_use]
pub fn built_in() -> Vec<Campaign> {
    vec![standard(), business(), game()]
}

/// The built-in campaign of this name, as segments of the policy refer to it.
#[must_use]
pub fn named(name: &str) -> Option<Campaign> {
    built_in().into_iter().find(|campaign| campaign.name == name)
}

impl Campaign {
    /// The built-in campaign for a kind of business.
    #[must_use]
    pub fn for_sector(sector: Sector) -> Self {
        match sector {
            Sector::Consumer => standard(),
            Sector::B2b => business(),
            Sector::Game => game(),
        }
    }
}

/// The customer can do something about it now. With [`Remedy::Wait`] only time helps, and with
/// [`Remedy::Stop`] the customer told the bank to stop.
const CAN_ACT: [Remedy; 3] =
    [Remedy::UpdatePaymentMethod, Remedy::ContactIssuer, Remedy::Authenticate];

/// What may wake somebody up.
const RINGING: [Channel; 3] = [Channel::Email, Channel::Sms, Channel::Push];

fn after_failure(name: &str, kind: NoticeKind, channel: Channel, offset: Span) -> Step {
    let step = Step::new(name, kind, channel, Anchor::Failure).at(offset);
    step.unless(StopRule::Declined { category: vec![Category::Revoked] })
}

fn at_grace_end(name: &str, kind: NoticeKind, channel: Channel, offset: Span) -> Step {
    let step = Step::new(name, kind, channel, Anchor::GraceEnd).at(offset);
    step.unless(StopRule::Declined { category: vec![Category::Revoked] })
}

fn helped_by(remedy: &[Remedy]) -> Conditions {
    Conditions { remedy: remedy.to_vec(), ..Conditions::default() }
}

/// The one word to a payer who told the bank to stop the payments: it may be a mistake, and it may
/// be a wish to cancel. Every other step about the invoice is stopped.
fn after_revocation() -> Step {
    let step =
        Step::new("mail_revoked", NoticeKind::PaymentFailed, Channel::Email, Anchor::Failure);
    let revoked = Conditions { declined: vec![Category::Revoked], ..Conditions::default() };
    step.at(Span::hours(1)).late_by(Span::days(7)).only_if(revoked)
}

/// Days before the event that leave room for quiet hours to move a notice and still keep every rule
/// in [`super::rules::NOTICE_RULES`].
struct LeadDays {
    /// The first notice of a trial's end: Visa wants at least 7 days.
    trial_first: i64,
    /// The second: Mastercard wants 3 to 7 days.
    trial_second: i64,
    /// The second notice of a renewal: Mastercard wants 3 to 7 days.
    renewal_second: i64,
    /// The first question about a new price: Korea wants it 30 days ahead.
    consent_first: i64,
}

/// Quiet hours move a notice by a night at most.
const OVER_A_NIGHT: LeadDays =
    LeadDays { trial_first: 8, trial_second: 5, renewal_second: 5, consent_first: 32 };
/// Quiet hours move a notice by a weekend at most.
const OVER_A_WEEKEND: LeadDays =
    LeadDays { trial_first: 10, trial_second: 6, renewal_second: 6, consent_first: 34 };

/// What networks and laws ask for, and what every customer wants to know beforehand.
fn before_the_charge(lead: &LeadDays) -> Vec<Step> {
    use {Anchor as A, Channel as C, NoticeKind as K};
    let mail = |name: &str, kind: K, anchor: A, days: i64| {
        Step::new(name, kind, C::Email, anchor).at(Span::days(-days))
    };
    let rare = Conditions { interval_months_min: Some(6), ..Conditions::default() };
    let in_india =
        Conditions { country: Country::parse("IN").into_iter().collect(), ..Conditions::default() };
    vec![
        // Pre-dunning 30 and 7 days ahead is what others found useful (Baremetrics; RULES §5).
        mail("mail_card_30", K::CardExpiring, A::CardExpiry, 30).late_by(Span::days(14)),
        mail("mail_card_7", K::CardExpiring, A::CardExpiry, 7),
        Step::new("banner_card", K::CardExpiring, C::InApp, A::CardExpiry).at(Span::days(-7)),
        Step::new("mail_card_updated", K::CardUpdated, C::Email, A::CardUpdate)
            .late_by(Span::days(7)),
        mail("mail_trial_first", K::TrialEnding, A::TrialEnd, lead.trial_first).required(),
        mail("mail_trial_second", K::TrialEnding, A::TrialEnd, lead.trial_second).required(),
        // California: 15 to 45 days before a renewal of a year or more; Mastercard, as Stripe reads
        // it: 7 to 30 days, as others read it: 3 to 7 days.
        mail("mail_renewal_first", K::UpcomingCharge, A::UpcomingCharge, 28)
            .required()
            .only_if(rare.clone()),
        mail("mail_renewal_second", K::UpcomingCharge, A::UpcomingCharge, lead.renewal_second)
            .required()
            .only_if(rare),
        // India: a notice before every debit; with room for a night.
        mail("mail_debit_india", K::UpcomingCharge, A::UpcomingCharge, 4)
            .required()
            .only_if(in_india),
        // California: 7 to 30 days; Visa: at least 7.
        mail("mail_price", K::PriceChange, A::PriceChange, 28).required(),
        Step::new("banner_price", K::PriceChange, C::InApp, A::PriceChange).at(Span::days(-28)),
        mail("mail_consent_first", K::PriceConsent, A::PriceChange, lead.consent_first).required(),
        // One reminder. Asking again and again is a dark pattern of the Korean guideline.
        mail("mail_consent_second", K::PriceConsent, A::PriceChange, 14).required(),
    ]
}
