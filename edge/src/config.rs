//! The only reader of the environment. What is missing or wrong is named, its value never is.

use crate::merchant_key::MerchantKeys;
use crate::policy;
use crate::provider::stripe::MethodType;
use crate::provider::stripe::client::is_safe_api_base;
use crate::provider::{Capabilities, Provider, Secret, configured};
use crate::token::TokenKeys;
use reprieve_core::id::MerchantId;
use reprieve_core::policy::{Policy, RetryDriver};
use worker::{Env, Url};

/// The most origins and the most webhook secrets read.
const LIST_ITEMS_MAX: usize = 20;
/// The longest name of a company, in bytes.
pub const NAME_BYTES_MAX: usize = 120;
/// The longest address of a person, in bytes.
pub const CONTACT_BYTES_MAX: usize = 500;
/// How it begins.
const CONTACT_SCHEMES: [&str; 3] = ["https", "http", "mailto"];

/// Everything that an operator sets.
#[derive(Clone)]
pub struct Config {
    /// The company that this Worker serves.
    pub merchant: MerchantId,
    /// The pages that may call, as `scheme://host[:port]`.
    pub allowed_origins: Vec<String>,
    /// The keys that customer tokens are signed with.
    pub token_keys: TokenKeys,
    /// The keys of the merchant's own servers; without one they cannot make links.
    pub merchant_keys: MerchantKeys,
    /// The company's name as customers know it, at most [`NAME_BYTES_MAX`] bytes; empty: none is
    /// shown.
    pub merchant_name: String,
    /// Where customers reach a person: `https:`, `http:` or `mailto:`, at most
    /// [`CONTACT_BYTES_MAX`] bytes.
    pub contact_url: Option<String>,
    /// Stripe's account and where it lives.
    pub stripe: StripeConfig,
    /// The merchant's policy.
    pub policy: Policy,
}

/// Stripe's account and where it lives.
#[derive(Clone)]
pub struct StripeConfig {
    /// Without a trailing slash.
    pub api_base: String,
    /// The secret key.
    pub secret_key: Secret,
    /// The publishable key, which browsers see.
    pub publishable_key: String,
    /// The browser script.
    pub js_url: String,
    /// The webhook endpoint's secrets: one, or two while rotating.
    pub webhook_secrets: Vec<Secret>,
    /// What a customer may pay with from now on, each kind once; never empty.
    pub method_types: Vec<MethodType>,
}

/// The environment is incomplete.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// A variable or secret is not set.
    #[error("{0} is not set")]
    Missing(&'static str),
    /// A variable or secret has a value that cannot be used.
    #[error("{0} is not usable")]
    Invalid(&'static str),
}

impl Config {
    /// Reads the Worker's variables and secrets.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        Self::read(&|name| env.var(name).ok().map(|value| value.to_string()))
    }

    fn read(get: &dyn Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let required = |name: &'static str| {
            get(name).filter(|value| !value.is_empty()).ok_or(ConfigError::Missing(name))
        };
        let current = required("CUSTOMER_TOKEN_KEY")?;
        let previous = get("CUSTOMER_TOKEN_KEY_PREVIOUS").filter(|key| !key.is_empty());
        let token_keys = TokenKeys::new(&current, previous.as_deref())
            .map_err(|_| ConfigError::Invalid("CUSTOMER_TOKEN_KEY"))?;
        let merchant = MerchantId::parse(&required("MERCHANT_ID")?)
            .map_err(|_| ConfigError::Invalid("MERCHANT_ID"))?;
        let api_base = required("STRIPE_API_BASE")?.trim_end_matches('/').to_owned();
        if !is_safe_api_base(&api_base) {
            return Err(ConfigError::Invalid("STRIPE_API_BASE"));
        }
        let secret_key = required("STRIPE_SECRET_KEY")?;
        if !secret_key.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(ConfigError::Invalid("STRIPE_SECRET_KEY"));
        }
        let webhook_secrets = list(&required("STRIPE_WEBHOOK_SECRET")?);
        let merchant_keys = list(&get("MERCHANT_API_KEY").unwrap_or_default());
        let merchant_name = get("MERCHANT_NAME").unwrap_or_default();
        if merchant_name.len() > NAME_BYTES_MAX {
            return Err(ConfigError::Invalid("MERCHANT_NAME"));
        }
        let config = Self {
            merchant,
            allowed_origins: list(&get("ALLOWED_ORIGINS").unwrap_or_default()),
            token_keys,
            merchant_keys: MerchantKeys::new(&merchant_keys)
                .map_err(|_| ConfigError::Invalid("MERCHANT_API_KEY"))?,
            merchant_name,
            contact_url: contact(get("MERCHANT_CONTACT_URL"))?,
            stripe: StripeConfig {
                api_base,
                secret_key: Secret::new(secret_key),
                publishable_key: required("STRIPE_PUBLISHABLE_KEY")?,
                js_url: required("STRIPE_JS_URL")?,
                webhook_secrets: webhook_secrets.into_iter().map(Secret::new).collect(),
                method_types: method_types(&get("STRIPE_METHOD_TYPES").unwrap_or_default())?,
            },
            policy: policy::embedded(driver(get("RETRY_DRIVER"))?),
        };
        may_drive(config.policy.retry_driver(), configured(&config).capabilities())?;
        Ok(config)
    }
}

fn list(text: &str) -> Vec<String> {
    let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
    items.take(LIST_ITEMS_MAX).map(str::to_owned).collect()
}

/// Cards where nothing is set: every other kind has to be switched on at Stripe first.
fn method_types(text: &str) -> Result<Vec<MethodType>, ConfigError> {
    let mut kinds = Vec::new();
    for word in list(text) {
        let kind = MethodType::parse(&word).ok_or(ConfigError::Invalid("STRIPE_METHOD_TYPES"))?;
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    Ok(if kinds.is_empty() { vec![MethodType::Card] } else { kinds })
}

/// Stands in links of our pages, so a script's address must not come in.
fn contact(value: Option<String>) -> Result<Option<String>, ConfigError> {
    let Some(text) = value.filter(|text| !text.is_empty()) else { return Ok(None) };
    let url = Url::parse(&text).ok().filter(|_| text.len() <= CONTACT_BYTES_MAX);
    let is_known = url.is_some_and(|url| CONTACT_SCHEMES.contains(&url.scheme()));
    is_known.then_some(Some(text)).ok_or(ConfigError::Invalid("MERCHANT_CONTACT_URL"))
}

/// A driver that is set here outranks the policy's: whoever deploys knows who really charges.
fn driver(value: Option<String>) -> Result<Option<RetryDriver>, ConfigError> {
    match value.as_deref() {
        None | Some("") => Ok(None),
        Some("provider") => Ok(Some(RetryDriver::Provider)),
        Some("ours") => Ok(Some(RetryDriver::Ours)),
        Some(_) => Err(ConfigError::Invalid("RETRY_DRIVER")),
    }
}

/// A ladder that the provider does not carry is not climbed.
fn may_drive(driver: RetryDriver, can: Capabilities) -> Result<(), ConfigError> {
    let may = driver == RetryDriver::Provider || can.lets_our_ladder_drive();
    if may { Ok(()) } else { Err(ConfigError::Invalid("RETRY_DRIVER")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use reprieve_core::provider::PauseAbility;

    fn read(changes: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let base = [
            ("MERCHANT_ID", "demo"),
            ("ALLOWED_ORIGINS", "https://a.example, https://b.example ,"),
            ("CUSTOMER_TOKEN_KEY", "0123456789abcdef0123456789abcdef"),
            ("STRIPE_API_BASE", "https://api.example/"),
            ("STRIPE_SECRET_KEY", "sk_test_1"),
            ("STRIPE_PUBLISHABLE_KEY", "pk_test_1"),
            ("STRIPE_JS_URL", "https://js.example/v3/stripe.js"),
            ("STRIPE_WEBHOOK_SECRET", "whsec_1,whsec_2"),
        ];
        Config::read(&|name| {
            let find = |rows: &[(&str, &str)]| {
                rows.iter().find(|row| row.0 == name).map(|row| row.1.to_owned())
            };
            find(changes).or_else(|| find(&base))
        })
    }

    #[test]
    fn a_complete_environment_is_read() {
        let config = read(&[]).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(config.allowed_origins, ["https://a.example", "https://b.example"]);
        assert_eq!(config.stripe.api_base, "https://api.example");
        assert_eq!(config.stripe.webhook_secrets.len(), 2);
        assert_eq!(config.policy.retry_driver(), RetryDriver::Provider);
        assert_eq!(config.stripe.method_types, [MethodType::Card]);
        let kinds = read(&[("STRIPE_METHOD_TYPES", "card, ideal,card,sepa_debit")]).ok();
        let kinds = kinds.map(|config| config.stripe.method_types);
        let expected = vec![MethodType::Card, MethodType::Ideal, MethodType::SepaDebit];
        assert_eq!(kinds, Some(expected));
    }

    #[test]
    fn a_person_is_reached_by_a_link_that_runs_nothing() {
        let contact = |url: &str| read(&[("MERCHANT_CONTACT_URL", url)]).map(|c| c.contact_url);
        assert_eq!(contact(""), Ok(None));
        for good in ["https://a.example/help?x=1", "mailto:help@a.example", "http://127.0.0.1:1/"] {
            assert_eq!(contact(good), Ok(Some(good.to_owned())));
        }
        let long = format!("https://a.example/{}", "x".repeat(CONTACT_BYTES_MAX));
        for bad in ["javascript:alert(1)", "help@a.example", "data:text/html,x", "//a", &long] {
            let wrong = ConfigError::Invalid("MERCHANT_CONTACT_URL");
            assert_eq!(contact(bad), Err(wrong), "{bad}");
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        let error = |changes| read(changes).err();
        assert_eq!(error(&[("MERCHANT_ID", "")]), Some(ConfigError::Missing("MERCHANT_ID")));
        assert_eq!(error(&[("MERCHANT_ID", "a b")]), Some(ConfigError::Invalid("MERCHANT_ID")));
        let short = error(&[("CUSTOMER_TOKEN_KEY", "short")]);
        assert_eq!(short, Some(ConfigError::Invalid("CUSTOMER_TOKEN_KEY")));
        let plain = error(&[("STRIPE_API_BASE", "http://api.example")]);
        assert_eq!(plain, Some(ConfigError::Invalid("STRIPE_API_BASE")));
        let broken = error(&[("STRIPE_SECRET_KEY", "sk_test\n")]);
        assert_eq!(broken, Some(ConfigError::Invalid("STRIPE_SECRET_KEY")));
        let guessable = error(&[("MERCHANT_API_KEY", "short")]);
        assert_eq!(guessable, Some(ConfigError::Invalid("MERCHANT_API_KEY")));
        let long = "x".repeat(NAME_BYTES_MAX + 1);
        let named = read(&[("MERCHANT_NAME", &long)]).err();
        assert_eq!(named, Some(ConfigError::Invalid("MERCHANT_NAME")));
        // A kind whose payments we do not know how to wait for.
        let unknown = error(&[("STRIPE_METHOD_TYPES", "card,boleto")]);
        assert_eq!(unknown, Some(ConfigError::Invalid("STRIPE_METHOD_TYPES")));
        assert_eq!(error(&[("RETRY_DRIVER", "both")]), Some(ConfigError::Invalid("RETRY_DRIVER")));
    }

    #[test]
    fn our_ladder_is_refused_where_the_provider_does_not_carry_it() {
        let refused = Err(ConfigError::Invalid("RETRY_DRIVER"));
        for (can_trigger_retry, exposes_network_advice) in
            [(true, true), (true, false), (false, true), (false, false)]
        {
            let can = Capabilities {
                owns_retry: true,
                can_trigger_retry,
                exposes_network_advice,
                update_collects: false,
                pause: PauseAbility::None,
            };
            let carries = can_trigger_retry && exposes_network_advice;
            let ours = if carries { Ok(()) } else { refused };
            assert_eq!(may_drive(RetryDriver::Ours, can), ours, "{can:?}");
            assert_eq!(may_drive(RetryDriver::Provider, can), Ok(()), "{can:?}");
        }
        let ours = read(&[("RETRY_DRIVER", "ours")]).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(ours.policy.retry_driver(), RetryDriver::Ours);
    }
}
