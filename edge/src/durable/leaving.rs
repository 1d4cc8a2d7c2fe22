//! Leaving and staying: what the customer decides, and what the provider makes of it.
//!
//! A declaration is taken in whatever the provider says: the end of a subscription waits in the
//! account until the provider knows, and nothing is charged meanwhile.

use super::binding::AskedFrom;
use super::effects::{read_as_of, report};
use super::service::{Service, ServiceError};
use super::store::AccountStore;
use crate::log::{Level, line};
use crate::provider::{BillingPlace, ErrorKind, Provider, ProviderError};
use reprieve_core::api::cancellation::{AnswerRequest, CancellationView, Subscriptions};
use reprieve_core::cancel::{
    ActOutcome, Answer, CancelError, CancelEvent, CancelKind, PendingAct, Step, view,
};
use reprieve_core::case::{ApplyError, Event};
use reprieve_core::id::{CancellationId, CustomerId, SubscriptionId};
use reprieve_core::jurisdiction::{self, REGION_BYTES_MAX, Whereabouts};
use reprieve_core::policy::segment::Country;
use reprieve_core::time::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// What begins a cancellation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leave {
    /// What is left; `None`: the only subscription that runs.
    pub subscription: Option<SubscriptionId>,
    /// What is declared.
    pub kind: CancelKind,
    /// Where they are, as far as the request tells.
    pub from: AskedFrom,
}

/// What a customer answered on which screen; `None`: no screen knows this answer.
#[must_use]
pub fn answer_of(request: &AnswerRequest) -> Option<(Step, Answer)> {
    let from = word(&request.from)?;
    let answer = match request.answer.as_str() {
        "reason" => {
            let reason = request.reason.as_deref().map(|reason| word(reason).ok_or(()));
            Answer::Reason(reason.transpose().ok()?)
        }
        "refuse" => Answer::Refuse,
        "feedback" => Answer::Feedback(request.text.clone()),
        "back" => Answer::Back,
        "to_confirm" => Answer::ToConfirm,
        "stay" => Answer::Stay,
        _ => return None,
    };
    Some((from, answer))
}

/// A word of the core's by its stored name.
#[must_use]
pub fn word<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_value(Value::from(text)).ok()
}

/// Does one act, and says what came of it. Only a refusal is a final no.
pub(super) async fn act<P: Provider>(
    provider: &P,
    customer: &CustomerId,
    pending: &PendingAct,
) -> Vec<Event> {
    let key = pending.key.clone();
    let event = match provider.act(customer, &pending.act, &key).await {
        Ok(()) => CancelEvent::ActFinished { key, outcome: ActOutcome::Done },
        Err(error) => {
            report(pending.act.as_str(), pending.act.target(), &error);
            match error.kind {
                ErrorKind::Refused | ErrorKind::NotFound => {
                    CancelEvent::ActFinished { key, outcome: ActOutcome::Refused }
                }
                ErrorKind::Unknown | ErrorKind::Spent | ErrorKind::RateLimited { .. } => {
                    CancelEvent::ActUnknown { key }
                }
            }
        }
    };
    vec![Event::Cancel(event)]
}

/// Asks whether an offer holds. What is not there any more does not.
pub(super) async fn ask<P: Provider>(
    provider: &P,
    customer: &CustomerId,
    pending: &PendingAct,
) -> Vec<Event> {
    let key = pending.key.clone();
    let event = match provider.holds(customer, &pending.act, &key).await {
        Ok(holds) => CancelEvent::ActFound { key, holds },
        Err(error) => {
            report(pending.act.as_str(), pending.act.target(), &error);
            match error.kind {
                ErrorKind::NotFound => CancelEvent::ActFound { key, holds: false },
                _ => CancelEvent::ActUnknown { key },
            }
        }
    };
    vec![Event::Cancel(event)]
}

impl<S: AccountStore, P: Provider> Service<'_, S, P> {
    /// Begins to cancel, or goes on where the customer was.
    ///
    /// The live subscriptions are looked at first, because of a customer in good standing nothing
    /// is known. When the provider does not answer, whoever is known can leave all the same.
    pub async fn leave(&self, wanted: Leave) -> Result<CancellationView, ServiceError> {
        let seen = self.see_subscriptions().await;
        let place = self.whereabouts(&wanted.from).await;
        let subscription = wanted.subscription.clone();
        let kind = wanted.kind;
        let started = CancelEvent::Started { subscription: subscription.clone(), kind, place };
        match self.carry_out(started).await {
            Err(ServiceError::Apply(ApplyError::Cancel(CancelError::NoSuchSubscription))) => {
                seen?;
                return Err(CancelError::NoSuchSubscription.into());
            }
            other => other?,
        }
        let id = self.under_way(subscription.as_ref())?;
        self.note_place(&id)?;
        self.cancellation(&id)
    }

    /// Takes an answer in. One to a screen that was left changes nothing.
    pub async fn answer(
        &self,
        id: &CancellationId,
        (from, answer): (Step, Answer),
    ) -> Result<CancellationView, ServiceError> {
        self.carry_out(CancelEvent::Answered { id: id.clone(), from, answer }).await?;
        self.cancellation(id)
    }

    /// Takes an offer, until a date where the customer can choose one.
    pub async fn accept_offer(
        &self,
        id: &CancellationId,
        offer: String,
        until: Option<Timestamp>,
    ) -> Result<CancellationView, ServiceError> {
        self.carry_out(CancelEvent::OfferAccepted { id: id.clone(), offer, until }).await?;
        self.cancellation(id)
    }

    /// Declares that the customer leaves.
    pub async fn confirm(&self, id: &CancellationId) -> Result<CancellationView, ServiceError> {
        self.carry_out(CancelEvent::Confirmed { id: id.clone() }).await?;
        self.cancellation(id)
    }

    /// Takes it back.
    pub async fn undo(&self, id: &CancellationId) -> Result<CancellationView, ServiceError> {
        self.carry_out(CancelEvent::Undone { id: id.clone() }).await?;
        self.cancellation(id)
    }

    /// One cancellation as the customer sees it.
    pub fn cancellation(&self, id: &CancellationId) -> Result<CancellationView, ServiceError> {
        view::of(&self.load()?, id, (self.now)(), self.policy)
            .ok_or_else(|| CancelError::NoSuchCancellation.into())
    }

    /// Every subscription that is not over, as the provider shows it now. Whose law holds is asked
    /// only where one is young enough for a right to withdraw.
    pub async fn subscriptions(&self, from: &AskedFrom) -> Result<Subscriptions, ServiceError> {
        let seen = self.see_subscriptions().await;
        let account = self.load()?;
        if account.subscriptions.is_empty() {
            seen?;
        }
        let now = (self.now)();
        let right = if view::is_any_young(&account, now) {
            jurisdiction::find(&self.whereabouts(from).await, now).profile.withdrawal
        } else {
            None
        };
        Ok(view::subscriptions(&account, right, now, self.policy))
    }

    /// Ends a pause now.
    pub async fn resume(
        &self,
        id: &SubscriptionId,
        from: &AskedFrom,
    ) -> Result<Subscriptions, ServiceError> {
        self.carry_out(CancelEvent::ResumeRequested { subscription: id.clone() }).await?;
        self.subscriptions(from).await
    }

    /// Makes a pause longer.
    pub async fn extend_pause(
        &self,
        id: &SubscriptionId,
        from: &AskedFrom,
    ) -> Result<Subscriptions, ServiceError> {
        self.carry_out(CancelEvent::PauseExtended { subscription: id.clone() }).await?;
        self.subscriptions(from).await
    }

    /// What the provider answers belongs to the answer: it is waited for, and what has no outcome
    /// then comes back from the alarm.
    async fn carry_out(&self, event: CancelEvent) -> Result<(), ServiceError> {
        let effects = self.take(Some(&Event::Cancel(event)), None)?;
        self.perform(effects).await?;
        self.catch_up().await;
        Ok(())
    }

    async fn see_subscriptions(&self) -> Result<(), ServiceError> {
        let facts =
            self.provider.list_subscriptions(&self.customer, read_as_of((self.now)())).await?;
        for fact in facts {
            let effects = self.take(Some(&Event::SubscriptionObserved { fact }), None)?;
            self.perform(effects).await?;
        }
        Ok(())
    }

    /// Without an answer nothing is known of the billing address, and the request decides.
    async fn whereabouts(&self, from: &AskedFrom) -> Whereabouts {
        let billing = self.provider.billing_place(&self.customer).await;
        let billing = billing.unwrap_or_else(|error: ProviderError| {
            report("the billing address could not be read", self.customer.as_str(), &error);
            BillingPlace::default()
        });
        let region = from.region.clone();
        Whereabouts {
            billing_country: billing.country,
            billing_region: billing.region,
            request_country: from.country.as_deref().and_then(Country::parse),
            request_region: region.filter(|region| region.len() <= REGION_BYTES_MAX),
        }
    }

    fn under_way(
        &self,
        subscription: Option<&SubscriptionId>,
    ) -> Result<CancellationId, ServiceError> {
        let account = self.load()?;
        let known = account.leaving.cancellations.values();
        let ours = known.filter(|known| {
            !known.state.is_terminal() && subscription.is_none_or(|id| known.subscription == *id)
        });
        let newest = ours.max_by_key(|known| known.started_at);
        newest.map(|known| known.id.clone()).ok_or_else(|| CancelError::NoSuchCancellation.into())
    }

    /// Whose law holds decides what a customer is shown, so the log can say why.
    fn note_place(&self, id: &CancellationId) -> Result<(), ServiceError> {
        if let Some(known) = self.load()?.leaving.cancellations.get(id) {
            let fields = [
                ("customer", self.customer.as_str()),
                ("cancellation", id.as_str()),
                ("jurisdiction", known.jurisdiction.as_str()),
                ("found_by", known.found_by.as_str()),
            ];
            line(Level::Info, "a customer looks at leaving", &fields);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use reprieve_core::cancel::Reason;

    fn asked(from: &str, answer: &str, reason: Option<&str>) -> Option<(Step, Answer)> {
        let text = Some("a word".to_owned());
        let (from, answer) = (from.to_owned(), answer.to_owned());
        answer_of(&AnswerRequest { from, answer, reason: reason.map(str::to_owned), text })
    }

    #[test]
    fn answers_are_read_and_nonsense_is_none() {
        use Answer as A;
        let expensive = A::Reason(Some(Reason::TooExpensive));
        let said = A::Feedback(Some("a word".to_owned()));
        let rows = [
            (asked("survey", "reason", Some("too_expensive")), Some((Step::Survey, expensive))),
            (asked("survey", "reason", None), Some((Step::Survey, A::Reason(None)))),
            (asked("offer", "refuse", None), Some((Step::Offer, A::Refuse))),
            (asked("feedback", "feedback", None), Some((Step::Feedback, said))),
            (asked("confirm", "back", None), Some((Step::Confirm, A::Back))),
            (asked("offer", "to_confirm", None), Some((Step::Offer, A::ToConfirm))),
            (asked("confirm", "stay", None), Some((Step::Confirm, A::Stay))),
            (asked("survey", "reason", Some("because")), None),
            (asked("attic", "stay", None), None),
            (asked("confirm", "shout", None), None),
        ];
        for (read, expected) in rows {
            assert_eq!(read, expected);
        }
    }
}
