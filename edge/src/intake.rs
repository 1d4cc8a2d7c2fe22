//! A verified event on its way to its Account, whether a webhook brought it or the provider's list.

use crate::clock;
use crate::config::Config;
use crate::db::inbox::{self, InboxEvent};
use crate::durable::binding::{self, Call, Command, Reply};
use crate::error::ApiError;
use crate::http::refusal_error;
use crate::log::{Level, line};
use crate::provider::ReadEvents;
use crate::provider::event::ProviderEvent;
use worker::Env;

/// Hands an event over. `Ok`: it is stored, by its Account or in the inbox, now or earlier. 400:
/// it cannot be read. 503: it has to come again.
pub async fn take(
    env: &Env,
    (config, provider): (&Config, &impl ReadEvents),
    raw: Vec<u8>,
    request_id: &str,
) -> Result<(), ApiError> {
    let malformed = || ApiError::malformed("The body is not an event.");
    let event = provider.read_event(&raw).map_err(|_| malformed())?;
    let raw = provider.storable(raw).map_err(|_| malformed())?;
    let note = not_ours(&event, provider.is_live());
    if let Some(note) = note {
        let fields = [("event", event.id.as_str()), ("note", note)];
        line(Level::Warn, "an event is kept and not acted on", &fields);
    }
    let customer = match event.customer {
        Some(customer) if note.is_none() => customer,
        _ => {
            let (account, charge) = (event.account, event.charge);
            let row = InboxEvent { id: event.id, kind: event.kind, raw, charge, account, note };
            return inbox::store(env, &row, clock::now()).await.map_err(|error| {
                let error = error.to_string();
                line(Level::Error, "the inbox did not answer", &[("error", &error)]);
                ApiError::unavailable()
            });
        }
    };
    let command = Command::Ingest { event: event.id, kind: event.kind, raw };
    let (merchant, request_id) = (config.merchant.clone(), request_id.to_owned());
    let call = Call { merchant, customer, request_id, command };
    match binding::call(env, &call).await {
        Reply::Ingested(_) => Ok(()),
        Reply::Refused(refusal) => Err(refusal_error(refusal)),
        _ => Err(ApiError::internal()),
    }
}

/// Why an event is none that our key can act on: it happened in the other mode, where ids are
/// others, or in a connected account, which has customers of its own. Such an event is recorded:
/// sending it again could not help.
fn not_ours(event: &ProviderEvent, is_live: Option<bool>) -> Option<&'static str> {
    if event.account.is_some() {
        return Some("connected_account");
    }
    is_live.filter(|is_live| *is_live != event.is_live).map(|_| "other_mode")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::StripeConfig;
    use crate::provider::Secret;
    use crate::provider::stripe::Stripe;

    #[test]
    fn what_is_not_ours_reads_as_a_table() {
        #[rustfmt::skip]
        let rows = [
            (Some("sk_test_1"), false, "null",       None),
            (Some("rk_live_1"), true,  "null",       None),
            (Some("rk_test_1"), true,  "null",       Some("other_mode")),
            (Some("sk_live_1"), false, "null",       Some("other_mode")),
            (None,              true,  "null",       None),
            (None,              false, "null",       None),
            (Some("sk_live_1"), true,  "\"acct_1\"", Some("connected_account")),
            (Some("sk_test_1"), true,  "\"acct_1\"", Some("connected_account")),
        ];
        for (key, livemode, account, note) in rows {
            let raw = format!(
                r#"{{"id":"evt_1","type":"x","created":1,"livemode":{livemode},"account":{account},
                    "data":{{"object":{{"customer":"cus_1"}}}}}}"#
            );
            let provider = Stripe::new(&StripeConfig {
                api_base: String::new(),
                secret_key: Secret::new(key.unwrap_or("of_tomorrow")),
                publishable_key: String::new(),
                js_url: String::new(),
                webhook_secrets: Vec::new(),
                method_types: Vec::new(),
            });
            let event = provider.read_event(raw.as_bytes()).unwrap();
            let found = not_ours(&event, provider.is_live());
            assert_eq!(found, note, "{key:?} {livemode} {account}");
        }
    }
}
