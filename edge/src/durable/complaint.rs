//! A complaint is taken in and handed on: into the Account's history, and as a notice for a person.

use super::service::{Service, ServiceError};
use super::store::AccountStore;
use crate::provider::Provider;
use reprieve_core::api::complaint::{ComplaintView, NewComplaint};
use reprieve_core::case::Event;
use reprieve_core::complaint::{self, Complaint, ComplaintCategory};
use reprieve_core::id::{CancellationId, InvoiceId};

impl<S: AccountStore, P: Provider> Service<'_, S, P> {
    /// Takes a complaint in; the same one again is answered the same. Nothing of it waits for the
    /// provider. [`ServiceError::Malformed`]: a word is not one of ours, the text is empty, or an
    /// id is none.
    pub fn complain(&self, wanted: &NewComplaint) -> Result<ComplaintView, ServiceError> {
        let complaint = self.complaint_of(wanted).ok_or(ServiceError::Malformed)?;
        let id = complaint.id.clone();
        self.take(Some(&Event::ComplaintMade { complaint }), None)?;
        let account = self.load()?;
        let known = account.complaints.iter().find(|known| known.id == id);
        let received_at = known.map_or_else(self.now, |known| known.at);
        Ok(ComplaintView { id: id.as_str().to_owned(), received_at_ms: received_at.as_ms() })
    }

    fn complaint_of(&self, wanted: &NewComplaint) -> Option<Complaint> {
        let invoice = wanted.invoice.as_deref().map(InvoiceId::parse).transpose().ok()?;
        let cancellation = wanted.cancellation.as_deref().map(CancellationId::parse);
        Some(Complaint {
            id: complaint::name(&self.load().ok()?, &wanted.key)?,
            category: ComplaintCategory::parse(&wanted.category)?,
            text: complaint::text(&wanted.text)?,
            invoice,
            cancellation: cancellation.transpose().ok()?,
        })
    }
}
