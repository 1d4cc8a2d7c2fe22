//! Set-ups of methods, and how they went.

use super::{Expandable, HasId, PaymentMethod};
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize)]
pub(in super::super) struct SetupIntent {
    pub(in super::super) id: String,
    pub(in super::super) status: Option<String>,
    pub(in super::super) customer: Option<Expandable<HasId>>,
    pub(in super::super) payment_method: Option<Expandable<PaymentMethod>>,
    pub(in super::super) latest_attempt: Option<Expandable<SetupAttempt>>,
    #[serde(default)]
    pub(in super::super) metadata: Option<SetupMetadata>,
}

/// How a set-up went, where it was expanded.
#[derive(Clone, Debug, Deserialize)]
pub(in super::super) struct SetupAttempt {
    pub(in super::super) payment_method_details: Option<AttemptDetails>,
}

#[derive(Clone, Debug, Deserialize)]
pub(in super::super) struct AttemptDetails {
    pub(in super::super) ideal: Option<OnceOnly>,
    pub(in super::super) bancontact: Option<OnceOnly>,
}

/// A method that is good for one payment, and what it left behind for later ones.
#[derive(Clone, Debug, Deserialize)]
pub(in super::super) struct OnceOnly {
    pub(in super::super) generated_sepa_debit: Option<Expandable<HasId>>,
}

/// What we write on the set-ups that we begin.
#[derive(Clone, Debug, Default, Deserialize)]
pub(in super::super) struct SetupMetadata {
    pub(in super::super) reprieve_merchant: Option<String>,
}
