//! The merchant's policy: built into the Worker by `build.rs` from `policy.toml`, with the older
//! versions beside it, and what was learned of times since.

use crate::clock;
use crate::db::timing;
use crate::log::{Level, line};
use reprieve_core::id::MerchantId;
use reprieve_core::policy::file::PolicyFile;
use reprieve_core::policy::{Policy, RetryDriver};
use reprieve_core::time::{MINUTE_MS, Timestamp};
use reprieve_core::timing::TimingModel;
use std::cell::RefCell;
use std::sync::{Arc, OnceLock};
use worker::Env;

/// Today's policy and the older ones, as `build.rs` validated them.
const EMBEDDED: &str = include_str!(concat!(env!("OUT_DIR"), "/policies.json"));

/// How long a model is used before it is read again: the janitor learns every five minutes, and
/// nothing is lost with a model that is a little older.
const MODEL_KEPT_MS: i64 = 10 * MINUTE_MS;

thread_local! {
    static MODEL: RefCell<Option<(Timestamp, Option<Arc<TimingModel>>)>> =
        const { RefCell::new(None) };
}

/// The policy as built. It was validated when it was built in, so the default in its place is what
/// a fault of the build would leave; a test reads the embedded text.
pub fn embedded(driver: Option<RetryDriver>) -> Policy {
    static POLICY: OnceLock<Policy> = OnceLock::new();
    let policy = POLICY.get_or_init(|| {
        read(EMBEDDED).unwrap_or_else(|error| {
            line(Level::Error, "the embedded policy is not one", &[("error", &error)]);
            Policy::default()
        })
    });
    match driver {
        Some(driver) => policy.clone().driven_by(driver),
        None => policy.clone(),
    }
}

fn read(text: &str) -> Result<Policy, String> {
    let files: Vec<PolicyFile> = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let mut policies = Vec::new();
    for file in files {
        policies.push(file.validate().map_err(|problems| format!("{problems:?}"))?);
    }
    let mut policies = policies.into_iter();
    let today = policies.next().ok_or("no policy")?;
    today.with_older(policies.collect()).map_err(|error| error.to_string())
}

/// The policy with what was learned, where the merchant wants that. Without an answer of D1 the
/// ladder's own times hold.
pub async fn informed(policy: Policy, env: &Env, merchant: &MerchantId) -> Policy {
    if !policy.learned_timing().enabled || policy.retry_driver() != RetryDriver::Ours {
        return policy;
    }
    let now = clock::now();
    let kept = MODEL.with_borrow(Clone::clone);
    let model = match kept {
        Some((read_at, model)) if now.since_ms(read_at) < MODEL_KEPT_MS => model,
        _ => match timing::model(env, merchant).await {
            Ok(model) => {
                let model = model.map(Arc::new);
                MODEL.set(Some((now, model.clone())));
                model
            }
            Err(error) => {
                let error = error.to_string();
                line(Level::Warn, "the model of times was not read", &[("error", &error)]);
                None
            }
        },
    };
    match model {
        Some(model) => policy.informed_by(model),
        None => policy,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_policy_is_the_one_at_the_root() {
        let policy = read(EMBEDDED).unwrap();
        assert_eq!(policy, Policy::default(), "the default policy is the repository's policy.toml");
        assert_eq!(embedded(Some(RetryDriver::Ours)).retry_driver(), RetryDriver::Ours);
    }

    #[test]
    fn older_versions_stand_beside_today_s() {
        let mut today: PolicyFile = PolicyFile::from(&Policy::default());
        let older = serde_json::to_string(&today).unwrap();
        today.version = Some(2);
        let today = serde_json::to_string(&today).unwrap();
        let both = read(&format!("[{today},{older}]")).unwrap();
        assert_eq!((both.version(), both.at_version(1).version()), (2, 1));
        assert!(read(&format!("[{older},{today}]")).is_err());
        assert!(read("[]").is_err() && read("{").is_err());
    }
}
