//! The bank wants to see the customer, and the customer is here: the hand-off and the way back.

use super::service::{Service, ServiceError};
use super::store::AccountStore;
use crate::provider::{Challenge, ErrorKind, Provider, Question, Secret};
use reprieve_core::api::status::{RecoveryState, Status};
use reprieve_core::case::{CaseState, Event};
use reprieve_core::id::InvoiceId;
use reprieve_core::provider::{InvoiceStatus, Observed};

/// The most invoices looked at to find one that still waits for the customer.
const READINGS_MAX: usize = 6;

/// A charge that the customer and their bank go on with.
#[derive(Debug)]
pub struct HandedOff {
    /// Of which invoice.
    pub invoice: InvoiceId,
    /// Lets the provider's script show the bank's question. Read for this answer, kept nowhere.
    pub client_secret: Secret,
}

impl<S: AccountStore, P: Provider> Service<'_, S, P> {
    /// Makes the bank ask the customer: about the oldest invoice that waits for them, or about the
    /// one named.
    ///
    /// A charge that was declined because nobody was there (`authentication_required`) has no open
    /// question: it must be made once more, on-session. Stripe's script could do that in the
    /// browser (`confirmCardPayment` with the method). We do not let it: that charge would be
    /// nobody's attempt, stored nowhere before it is sent, under no key, and whatever the alarm or
    /// another tab does at the same time would not know of it. So the Account makes the attempt,
    /// like every other one: stored, then sent, one key each. Where the bank asks, the payment
    /// stops before the money moves, and the browser only answers the question.
    pub async fn start_authentication(
        &self,
        wanted: Option<InvoiceId>,
    ) -> Result<HandedOff, ServiceError> {
        if let Some(wanted) = &wanted
            && !self.knows(wanted)?
        {
            return Err(ServiceError::NoSuchInvoice);
        }
        // A failure that was told and not read yet: with which card is charged, reading tells.
        self.catch_up().await;
        let mut is_asked = false;
        for _ in 0..READINGS_MAX {
            let before = self.waiting(wanted.as_ref())?.ok_or(ServiceError::NothingWaits)?;
            let challenge = self.read_challenge(&before.0).await?;
            if self.waiting(wanted.as_ref())?.as_ref() != Some(&before) {
                // Paid meanwhile, or charged by another tab: what was read is old.
                continue;
            }
            match challenge.question {
                Question::Waits(client_secret) => {
                    return Ok(HandedOff { invoice: before.0, client_secret });
                }
                Question::Absent if !is_asked => {
                    is_asked = true;
                    let asked = Event::AuthenticationAsked { invoice: wanted.clone() };
                    let effects = self.take(Some(&asked), None)?;
                    self.perform(effects).await?;
                }
                Question::Absent => break,
                Question::Answered => {
                    self.read_again_soon(&before.0)?;
                    break;
                }
            }
        }
        Err(ServiceError::NothingWaits)
    }

    /// The customer is back from their bank, whatever they did there. The live invoice says how it
    /// ended; a webhook that was faster, or another tab, changes nothing about the answer.
    pub async fn complete_authentication(
        &self,
        invoice: &InvoiceId,
    ) -> Result<Status, ServiceError> {
        if !self.knows(invoice)? {
            return Err(ServiceError::NoSuchInvoice);
        }
        self.catch_up().await;
        if !self.is_open(invoice)? {
            return self.status();
        }
        let challenge = self.read_challenge(invoice).await?;
        let status = self.status()?;
        let is_settling = challenge.question == Question::Answered
            && challenge.fact.status == InvoiceStatus::Open
            && !challenge.fact.is_processing;
        if !is_settling || !self.is_open(invoice)? {
            return Ok(status);
        }
        self.read_again_soon(invoice)?;
        Ok(Status { state: RecoveryState::Pending, ..status })
    }

    /// The payment went through and the invoice does not know yet: the alarm asks in a moment,
    /// should nobody else do.
    fn read_again_soon(&self, invoice: &InvoiceId) -> Result<(), ServiceError> {
        let invoice = invoice.clone();
        self.take(Some(&Event::InvoiceReadFailed { invoice }), None).map(|_| ())
    }

    fn is_open(&self, invoice: &InvoiceId) -> Result<bool, ServiceError> {
        Ok(self.load()?.open_cases().any(|case| case.invoice == *invoice))
    }

    /// Reads, and takes in what was read.
    async fn read_challenge(&self, invoice: &InvoiceId) -> Result<Challenge, ServiceError> {
        let challenge = match self.provider.read_challenge(invoice).await {
            Err(error) if error.kind == ErrorKind::NotFound => Err(ServiceError::NoSuchInvoice),
            other => other.map_err(ServiceError::from),
        }?;
        let fact = challenge.fact.clone();
        self.take(Some(&Event::InvoiceObserved { fact, observed: Observed::Live }), None)?;
        Ok(challenge)
    }

    fn knows(&self, invoice: &InvoiceId) -> Result<bool, ServiceError> {
        let account = self.load()?;
        Ok(account.cases.contains_key(invoice) || account.is_settled(invoice))
    }

    /// The oldest invoice that waits for the customer, and the number of the last attempt on it.
    fn waiting(
        &self,
        wanted: Option<&InvoiceId>,
    ) -> Result<Option<(InvoiceId, u32)>, ServiceError> {
        let account = self.load()?;
        let waits = account.open_cases().filter(|case| {
            case.state == CaseState::AwaitingAuthentication
                && wanted.is_none_or(|wanted| case.invoice == *wanted)
        });
        let oldest = waits.min_by_key(|case| case.opened_at);
        Ok(oldest.map(|case| (case.invoice.clone(), case.attempt_number)))
    }
}
