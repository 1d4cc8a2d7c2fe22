//! How the Worker talks to an Account: the commands, the replies, and the object's name.

use reprieve_core::api::authentication::Authentication;
use reprieve_core::api::cancellation::{AnswerRequest, CancellationView, Subscriptions};
use reprieve_core::api::complaint::{ComplaintView, NewComplaint};
use reprieve_core::api::payment_method::NewPaymentMethod;
use reprieve_core::api::status::{MethodSummary, Status};
use reprieve_core::cancel::CancelKind;
use reprieve_core::id::{
    CancellationId, CustomerId, EventId, InvoiceId, MerchantId, PaymentMethodId, SetupId,
    SubscriptionId,
};
use reprieve_core::provider::CardExpiry;
use serde::{Deserialize, Serialize};
use worker::{Env, Method, Request, RequestInit};

/// The binding's name in `wrangler.toml`.
pub const NAMESPACE: &str = "ACCOUNTS";

/// Objects are reached by their stub, so this host is never looked up.
const URL: &str = "https://account/command";

/// The name of a customer's object. It must never change: another name is another, empty object.
/// Identifiers have no `/`, so two customers never share one.
#[must_use]
pub fn object_name(merchant: &MerchantId, customer: &CustomerId) -> String {
    format!("{merchant}/{customer}")
}

/// One call of an Account.
#[derive(Serialize, Deserialize)]
pub struct Call {
    /// Whose customer.
    pub merchant: MerchantId,
    /// The customer.
    pub customer: CustomerId,
    /// For the log.
    pub request_id: String,
    /// What is wanted.
    pub command: Command,
}

/// Where a request came from, as far as the platform tells.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedFrom {
    /// The country, by its ISO 3166-1 code.
    pub country: Option<String>,
    /// The part of it.
    pub region: Option<String>,
}

/// What can be asked of an Account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum Command {
    /// Take in a verified event of the provider.
    Ingest {
        /// Seen before or not, this decides.
        event: EventId,
        /// The provider's name for it.
        kind: String,
        /// The body as it came, verified.
        raw: String,
    },
    /// Say what the customer needs to know.
    Status {
        /// The customer's zone by its IANA name, as far as the platform knows it.
        zone: Option<String>,
    },
    /// Begin the set-up of a new payment method.
    StartMethod,
    /// Open the provider's own page for a new method.
    OpenProviderPage {
        /// Where it leads back to.
        return_url: String,
    },
    /// Carry out a finished set-up: defaults, then the open invoices.
    CompleteMethod {
        /// Which.
        setup: SetupId,
    },
    /// Charge the open invoices with the method on file.
    Retry,
    /// Let the bank ask the customer.
    StartAuthentication {
        /// About which invoice; `None`: the oldest that waits for the customer.
        invoice: Option<InvoiceId>,
    },
    /// The customer is back from their bank.
    CompleteAuthentication {
        /// About which invoice.
        invoice: InvoiceId,
    },
    /// Begin to cancel, or go on where the customer was.
    StartCancellation {
        /// What is left; `None`: the only subscription that runs.
        subscription: Option<SubscriptionId>,
        /// What is declared.
        kind: CancelKind,
        /// Where they are, as far as the request tells.
        from: AskedFrom,
    },
    /// Take in what the customer answered on a screen.
    AnswerCancellation {
        /// Of which cancellation.
        id: CancellationId,
        /// What.
        request: AnswerRequest,
    },
    /// Do what was offered.
    AcceptOffer {
        /// In which cancellation.
        id: CancellationId,
        /// The offer's name.
        offer: String,
        /// Until when, where the customer can choose.
        until_ms: Option<i64>,
    },
    /// Say how a cancellation stands.
    ReadCancellation {
        /// Which cancellation.
        id: CancellationId,
    },
    /// The customer leaves.
    ConfirmCancellation {
        /// Which cancellation.
        id: CancellationId,
    },
    /// The customer stays after all.
    UndoCancellation {
        /// Which cancellation.
        id: CancellationId,
    },
    /// Say what the customer subscribed to.
    Subscriptions {
        /// Where they are, as far as the request tells.
        from: AskedFrom,
    },
    /// End a pause now.
    ResumeSubscription {
        /// Of what.
        id: SubscriptionId,
        /// Where they are, as far as the request tells.
        from: AskedFrom,
    },
    /// Make a pause longer.
    ExtendPause {
        /// Of what.
        id: SubscriptionId,
        /// Where they are, as far as the request tells.
        from: AskedFrom,
    },
    /// Hand a complaint on.
    Complain {
        /// What.
        request: NewComplaint,
    },
    /// Look whether something is due.
    Wake,
    /// A card that would be charged next is about to expire.
    CardExpires {
        /// The method.
        method: PaymentMethodId,
        /// As its owner knows it.
        summary: Option<MethodSummary>,
        /// At the end of which month.
        expiry: CardExpiry,
    },
    /// Read one invoice at the provider.
    Observe {
        /// Which.
        invoice: InvoiceId,
    },
}

/// What an Account answers.
#[derive(Serialize, Deserialize)]
#[serde(tag = "name", content = "body", rename_all = "snake_case")]
pub enum Reply {
    /// Stored; `true`: it was there before.
    Ingested(bool),
    /// What the customer needs to know.
    Status(Box<Status>),
    /// A set-up that waits for the customer's card.
    MethodStarted(NewPaymentMethod),
    /// The provider's own page; a short-lived secret.
    ProviderPage(String),
    /// The bank's question to the customer.
    AuthenticationStarted(Authentication),
    /// How far a cancellation is.
    Cancellation(Box<CancellationView>),
    /// What the customer subscribed to.
    Subscriptions(Box<Subscriptions>),
    /// A complaint was received.
    Complaint(ComplaintView),
    /// Nothing more to say.
    Done,
    /// Not done.
    Refused(Refusal),
}

/// Why an Account did not do what was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum Refusal {
    /// It does not exist, or it is not this customer's.
    NotFound,
    /// Not now.
    WrongState,
    /// Several subscriptions run, and none was named.
    ChooseSubscription,
    /// Too often.
    RateLimited {
        /// When it is possible again.
        retry_after_ms: i64,
    },
    /// The event cannot be read.
    Malformed,
    /// The provider did not answer, and nothing was charged.
    ProviderUnavailable,
    /// Storage did not answer.
    Unavailable,
    /// A fault of ours.
    Internal,
}

/// Calls the Account. Every failure on the way is [`Refusal::Unavailable`]: nobody knows then
/// whether the command was taken in, and every command may be repeated.
pub async fn call(env: &Env, call: &Call) -> Reply {
    match send(env, call).await {
        Ok(reply) => reply,
        Err(error) => {
            let customer = call.customer.as_str();
            let fields = [
                ("request_id", call.request_id.as_str()),
                ("customer", customer),
                ("error", &error.to_string()),
            ];
            crate::log::line(crate::log::Level::Error, "the account did not answer", &fields);
            Reply::Refused(Refusal::Unavailable)
        }
    }
}

async fn send(env: &Env, call: &Call) -> worker::Result<Reply> {
    let namespace = env.durable_object(NAMESPACE)?;
    let stub = namespace.get_by_name(&object_name(&call.merchant, &call.customer))?;
    let body = serde_json::to_string(call)?;
    let mut init = RequestInit::new();
    init.with_method(Method::Post).with_body(Some(body.into()));
    let mut response = stub.fetch_with_request(Request::new_with_init(URL, &init)?).await?;
    Ok(serde_json::from_str(&response.text().await?)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_an_object_is_pinned() {
        let merchant = MerchantId::parse("demo").unwrap();
        let customer = CustomerId::parse("cus_1").unwrap();
        assert_eq!(object_name(&merchant, &customer), "demo/cus_1");
    }
}
