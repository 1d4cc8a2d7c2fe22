//! A bank that wants to see the customer.

use super::{World, method};
use reprieve_core::id::InvoiceId;
use reprieve_core::provider::{InvoiceStatus, MethodFact};
use reprieve_edge::provider::{Authenticate, Challenge, ProviderError, Question, ReadBilling};

impl World {
    /// The renewal was declined because the customer was away.
    pub fn wants_the_customer(&self, method_name: &str) {
        self.asks.borrow_mut().insert(method(method_name));
        let soft = "authentication_required".to_owned();
        self.declines.borrow_mut().insert(method(method_name), soft);
        for invoice in self.invoices.borrow_mut().values_mut() {
            invoice.needs_authentication = true;
            invoice.method = Some(MethodFact::bare(method(method_name)));
        }
    }

    /// The customer answers the bank in the browser; says whether there was a question.
    pub fn answer_the_bank(&self, invoice: &InvoiceId, passes: bool) -> bool {
        let Some((Question::Waits(_), _)) = self.questions.borrow().get(invoice).cloned() else {
            return false;
        };
        self.questions.borrow_mut().remove(invoice);
        if passes {
            let mut invoices = self.invoices.borrow_mut();
            let fact = invoices.get_mut(invoice).unwrap();
            let amount_minor = std::mem::take(&mut fact.amount_due.amount_minor);
            self.captured.borrow_mut().push((invoice.clone(), amount_minor));
            (fact.status, fact.needs_authentication) = (InvoiceStatus::Paid, false);
        }
        true
    }
}

impl Authenticate for World {
    async fn read_challenge(&self, invoice: &InvoiceId) -> Result<Challenge, ProviderError> {
        let fact = self.read_invoice(invoice).await?;
        let asked = self.questions.borrow().get(invoice).cloned();
        Ok(Challenge { fact, question: asked.map_or(Question::Absent, |(question, _)| question) })
    }
}
