//! The sections of a policy file about leaving.

use super::super::duration;
use crate::cancel::Reason;
use crate::cancel::offer::{Audience, Off, Offer, OfferKind, PauseAccess, PauseSpan};
use crate::cancel::settings::{
    CancelSettings, EndsAt, FeedbackStep, OpenInvoices, PauseSettings, PlaceSettings,
};
use crate::jurisdiction::Survey;
use serde::{Deserialize, Serialize};

/// See [`CancelSettings`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CancelFile {
    /// `period_end` or `now`.
    pub ends: Option<String>,
    /// `period_end` or `now`.
    pub ends_past_due: Option<String>,
    /// `void` or `keep`.
    pub open_invoices: Option<String>,
    /// `optional` or `absent`.
    pub survey: Option<String>,
    /// Words of [`Reason`].
    pub reasons: Option<Vec<String>>,
    /// `optional` or `absent`.
    pub feedback: Option<String>,
    /// 0 or 1.
    pub offer_screens: Option<i64>,
    /// A number of offers.
    pub offers_per_screen: Option<i64>,
    /// A duration.
    pub again_after: Option<String>,
    /// Customers without offers, of 1,000.
    pub hold_out_permille: Option<i64>,
    /// What holds for pauses.
    pub pause: Option<PauseFile>,
    /// What is offered.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub offers: Vec<OfferFile>,
    /// Where the merchant is stricter than the law.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<PlaceFile>,
}

/// See [`PauseSettings`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PauseFile {
    /// 0 or 1.
    pub extensions_max: Option<i64>,
    /// A duration.
    pub reminder: Option<String>,
    /// `void` or `keep`.
    pub open_invoices: Option<String>,
}

/// See [`PlaceSettings`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PlaceFile {
    /// A word of [`crate::jurisdiction::Jurisdiction`]. Required.
    pub place: Option<String>,
    /// 0 or 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offer_screens: Option<i64>,
    /// `optional` or `absent`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub survey: Option<String>,
    /// A duration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub again_after: Option<String>,
}

/// See [`Offer`]. Which keys mean something depends on the kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OfferFile {
    /// Its name. Required.
    pub name: Option<String>,
    /// A word of [`OfferKind`]. Required.
    pub kind: Option<String>,
    /// The smallest is asked first.
    pub priority: Option<i64>,
    /// For whom.
    #[serde(rename = "match", skip_serializing_if = "Option::is_none")]
    pub audience: Option<AudienceFile>,
    /// Of a pause or a discount.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub periods: Option<i64>,
    /// Of a pause: a duration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub up_to: Option<String>,
    /// Of a pause: `on` or `off`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access: Option<String>,
    /// Of a discount.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub percent: Option<i64>,
    /// Of a discount or a credit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount_minor: Option<i64>,
    /// Of a discount or a credit: three letters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Of a plan change: the provider's price.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<String>,
    /// Of a plan change: what it is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Of a trial: a duration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extension: Option<String>,
    /// Of a contact or a redirect.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// See [`Audience`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AudienceFile {
    /// Names of segments.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub segments: Option<Vec<String>>,
    /// Words of [`Reason`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasons: Option<Vec<String>>,
    /// A duration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenure_from: Option<String>,
    /// A duration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenure_below: Option<String>,
    /// Whether an invoice is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open_case: Option<bool>,
    /// Offers of this kind taken within twelve months.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub taken_max: Option<i64>,
    /// Screens with offers turned down within twelve months.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused_max: Option<i64>,
}

/// The words for when a cancellation takes effect.
pub(in crate::policy) const ENDS: [(&str, EndsAt); 2] =
    [("period_end", EndsAt::PeriodEnd), ("now", EndsAt::Now)];
/// The words for open invoices.
pub(in crate::policy) const INVOICES: [(&str, OpenInvoices); 2] =
    [("void", OpenInvoices::Void), ("keep", OpenInvoices::Keep)];
/// The words for access during a pause.
pub(in crate::policy) const ACCESS: [(&str, PauseAccess); 2] =
    [("on", PauseAccess::On), ("off", PauseAccess::Off)];
/// The words for a question that nobody has to answer.
const OPTIONAL: &str = "optional";
/// The words for one that is not asked.
const ABSENT: &str = "absent";
/// The words for the survey.
pub(in crate::policy) const SURVEYS: [(&str, Survey); 2] =
    [(OPTIONAL, Survey::Optional), (ABSENT, Survey::Absent)];
/// The words for the question for a word.
pub(in crate::policy) const FEEDBACKS: [(&str, FeedbackStep); 2] =
    [(OPTIONAL, FeedbackStep::Optional), (ABSENT, FeedbackStep::Absent)];

impl From<&CancelSettings> for CancelFile {
    /// The sections that say all of it.
    fn from(settings: &CancelSettings) -> Self {
        let PauseSettings { extensions_max, reminder_ms, open_invoices } = settings.pause;
        Self {
            ends: word(&ENDS, settings.ends),
            ends_past_due: word(&ENDS, settings.ends_past_due),
            open_invoices: word(&INVOICES, settings.open_invoices),
            survey: word(&SURVEYS, settings.survey),
            reasons: Some(reason_words(&settings.reasons)),
            feedback: word(&FEEDBACKS, settings.feedback),
            offer_screens: Some(settings.offer_screens.into()),
            offers_per_screen: Some(settings.offers_per_screen.into()),
            again_after: Some(duration::write(settings.again_after_ms)),
            hold_out_permille: Some(settings.hold_out_permille.into()),
            pause: Some(PauseFile {
                extensions_max: Some(extensions_max.into()),
                reminder: Some(duration::write(reminder_ms)),
                open_invoices: word(&INVOICES, open_invoices),
            }),
            offers: settings.offers.iter().map(offer_file).collect(),
            places: settings.places.iter().map(place_file).collect(),
        }
    }
}

fn word<T: PartialEq>(words: &[(&str, T)], value: T) -> Option<String> {
    words.iter().find(|(_, known)| *known == value).map(|(word, _)| (*word).to_owned())
}

fn reason_words(reasons: &[Reason]) -> Vec<String> {
    reasons.iter().map(|reason| reason.as_str().to_owned()).collect()
}

fn place_file(place: &PlaceSettings) -> PlaceFile {
    PlaceFile {
        place: Some(place.place.as_str().to_owned()),
        offer_screens: place.offer_screens.map(i64::from),
        survey: place.survey.and_then(|survey| word(&SURVEYS, survey)),
        again_after: place.again_after_ms.map(duration::write),
    }
}

fn offer_file(offer: &Offer) -> OfferFile {
    let mut file = OfferFile {
        name: Some(offer.name.clone()),
        kind: Some(offer.kind.as_str().to_owned()),
        priority: Some(offer.priority.into()),
        audience: (offer.audience != Audience::default()).then(|| audience_file(&offer.audience)),
        ..OfferFile::default()
    };
    let mut amount = |money: &crate::money::Money| {
        file.amount_minor = Some(money.amount_minor);
        file.currency = Some(money.currency.as_str().to_owned());
    };
    match &offer.kind {
        OfferKind::Pause { span, access } => {
            match span {
                PauseSpan::Periods(periods) => file.periods = Some((*periods).into()),
                PauseSpan::UpTo(ms) => file.up_to = Some(duration::write(*ms)),
            }
            file.access = word(&ACCESS, *access);
        }
        OfferKind::Discount { off, periods } => {
            match off {
                Off::Percent(percent) => file.percent = Some((*percent).into()),
                Off::Amount(money) => amount(money),
            }
            file.periods = Some((*periods).into());
        }
        OfferKind::PlanChange { plan, label } => {
            file.plan = Some(plan.as_str().to_owned());
            file.label = Some(label.clone());
        }
        OfferKind::TrialExtension { extension_ms } => {
            file.extension = Some(duration::write(*extension_ms));
        }
        OfferKind::Credit { amount: money } => amount(money),
        OfferKind::Contact { url } | OfferKind::Redirect { url } => file.url = Some(url.clone()),
    }
    file
}

fn audience_file(audience: &Audience) -> AudienceFile {
    let Audience { segments, reasons, tenure_from_ms, tenure_below_ms, .. } = audience;
    AudienceFile {
        segments: (!segments.is_empty()).then(|| segments.clone()),
        reasons: (!reasons.is_empty()).then(|| reason_words(reasons)),
        tenure_from: tenure_from_ms.map(duration::write),
        tenure_below: tenure_below_ms.map(duration::write),
        open_case: audience.open_case,
        taken_max: audience.taken_max.map(i64::from),
        refused_max: audience.refused_max.map(i64::from),
    }
}
