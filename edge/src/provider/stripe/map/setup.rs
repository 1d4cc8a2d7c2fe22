//! Set-ups: what came out of them.

use super::super::types::{Expandable, SetupIntent};
use super::{MapError, card_fact, optional_id};
use reprieve_core::id::{CustomerId, PaymentMethodId, SetupId};
use reprieve_core::provider::SetupFact;

/// A set-up. The method counts only once the set-up succeeded: before, the bank may still refuse
/// it.
pub(in super::super) fn setup(setup: &SetupIntent) -> Result<SetupFact, MapError> {
    let succeeded = setup.status.as_deref() == Some("succeeded");
    let method = setup.payment_method.as_ref().filter(|_| succeeded);
    if let (Some(made), Some(_)) = (made_by_attempt(setup), method) {
        return Ok(SetupFact {
            id: SetupId::parse(&setup.id)?,
            customer: optional_id(&setup.customer, CustomerId::parse)?,
            method: made.id.as_deref().map(PaymentMethodId::parse).transpose()?,
            card: None,
            is_processing: made.id.is_none(),
        });
    }
    Ok(SetupFact {
        id: SetupId::parse(&setup.id)?,
        customer: optional_id(&setup.customer, CustomerId::parse)?,
        method: method.map(|method| PaymentMethodId::parse(method.id())).transpose()?,
        card: method.and_then(|method| match method {
            Expandable::Object(method) => card_fact(method),
            Expandable::Id(_) => None,
        }),
        is_processing: setup.status.as_deref() == Some("processing"),
    })
}

/// What came out of a method that is good for one payment only, iDEAL or Bancontact: a direct debit
/// of the same account, which stands in the attempt and not in the set-up
/// (<https://docs.stripe.com/payments/ideal/set-up-payment>, read 2026-11). `None`: the method of
/// the set-up is the one to be charged, or it is not known yet what it is.
fn made_by_attempt(setup: &SetupIntent) -> Option<MadeMethod> {
    let Expandable::Object(attempt) = setup.latest_attempt.as_ref()? else { return None };
    let details = attempt.payment_method_details.as_ref()?;
    let once = details.ideal.as_ref().or(details.bancontact.as_ref())?;
    let id = once.generated_sepa_debit.as_ref().map(|method| method.id().to_owned());
    Some(MadeMethod { id })
}

/// A method that another one made; without an id it is not there yet.
struct MadeMethod {
    id: Option<String>,
}
