//! The command line. Every limit and interval that a test may want to change is here.

use std::path::PathBuf;

/// The API version that the sandbox speaks; another version in `Stripe-Version` is refused.
pub(crate) const API_VERSION: &str = "2026-10-28.endive";

/// What happens to a subscription after the last retry (a dashboard setting at Stripe).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FinalAction {
    Cancel,
    Unpaid,
    PastDue,
    /// `paused`, for subscriptions that can be.
    Pause,
}

impl FinalAction {
    const NAMES: [(&'static str, Self); 4] = [
        ("cancel", Self::Cancel),
        ("unpaid", Self::Unpaid),
        ("past_due", Self::PastDue),
        ("pause", Self::Pause),
    ];

    /// The name in options and in the control API.
    pub(crate) fn name(self) -> &'static str {
        Self::NAMES.into_iter().find(|(_, action)| *action == self).map_or("", |(name, _)| name)
    }

    /// The action with this name.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::NAMES.into_iter().find(|(known, _)| *known == name).map(|(_, action)| action)
    }
}

/// The settings of one run.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    /// Address to listen on.
    pub(crate) host: String,
    /// Port of the API, the control API and the page; 0 takes a free one.
    pub(crate) api_port: u16,
    /// Port of the Stripe.js stub and the card fields; 0 takes a free one.
    pub(crate) js_port: u16,
    /// Directory of the database; `None` keeps everything in memory.
    pub(crate) data: Option<PathBuf>,
    /// An endpoint that gets every event, as a dashboard would configure it.
    pub(crate) webhook: Option<(String, String)>,
    /// Makes ids repeatable.
    pub(crate) seed: Option<u64>,
    /// Hours between the automatic attempts to pay an invoice.
    pub(crate) retry_hours: Vec<i64>,
    /// How far these may differ, by `seed` and invoice.
    pub(crate) retry_jitter_percent: i64,
    pub(crate) final_action: FinalAction,
    /// Stripe's limits of test clocks: three customers on one, three subscriptions each.
    pub(crate) strict_clocks: bool,
    /// Milliseconds between the attempts to deliver an event; the last one repeats.
    pub(crate) webhook_retry_ms: Vec<u64>,
    /// Attempts to deliver an event before it is given up.
    pub(crate) webhook_attempt_max: u32,
    /// Milliseconds that an endpoint has to answer.
    pub(crate) webhook_timeout_ms: u64,
    /// Milliseconds added to every API answer, to make races likely.
    pub(crate) latency_ms: u64,
    /// Milliseconds between looks at the wall clock for work that fell due.
    pub(crate) tick_ms: u64,
    /// One line a request on standard error.
    pub(crate) log_requests: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            host: "127.0.0.1".to_owned(),
            api_port: 8710,
            js_port: 8711,
            data: None,
            webhook: None,
            seed: None,
            // Eight attempts within two weeks, the default of Stripe's Smart Retries.
            retry_hours: vec![24, 48, 48, 48, 48, 48, 48],
            retry_jitter_percent: 0,
            final_action: FinalAction::Cancel,
            strict_clocks: false,
            webhook_retry_ms: vec![250, 500, 1_000, 2_000, 5_000, 10_000, 30_000],
            webhook_attempt_max: 60,
            webhook_timeout_ms: 10_000,
            latency_ms: 0,
            tick_ms: 500,
            log_requests: false,
        }
    }
}

/// The help text.
pub(crate) const USAGE: &str = "\
reprieve-sandbox: behaves like the part of Stripe that Reprieve uses.

  --api-port N             API, control API and page (8710; 0 = any free port)
  --js-port N              Stripe.js stub and card fields (8711; 0 = any free port)
  --host ADDRESS           address to listen on (127.0.0.1)
  --data DIR | --memory    where objects are kept (memory)
  --webhook-url URL        http endpoint that gets every event
  --webhook-secret SECRET  its signing secret (whsec_…)
  --webhook-retry-ms LIST  pauses between delivery attempts (250,500,1000,2000,5000,10000,30000)
  --webhook-attempts N     attempts before an event is given up (60)
  --webhook-timeout-ms N   time an endpoint has to answer (10000)
  --retry-hours LIST       pauses between attempts to pay (24,48,48,48,48,48,48) | none
  --retry-jitter-percent N how far each of them may differ, either way, by seed (0)
  --final-action ACTION    cancel | unpaid | past_due | pause, after the last attempt (cancel)
  --strict-clocks          at most three customers on a test clock, three subscriptions each
  --latency-ms N           added to every API answer (0)
  --tick-ms N              how often due work is looked for (500)
  --seed N                 repeatable ids
  --log                    one line a request on standard error
";

impl Config {
    /// Reads the arguments after the program's name. The error is a line for the user.
    pub(crate) fn from_args(args: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut config = Self::default();
        let (mut url, mut secret) = (None, None);
        let mut args = args;
        while let Some(arg) = args.next() {
            if config.switch(&arg) {
                continue;
            }
            let value = args.next().ok_or_else(|| format!("{arg} needs a value"))?;
            match arg.as_str() {
                "--webhook-url" => url = Some(value),
                "--webhook-secret" => secret = Some(value),
                _ => config.option(&arg, value)?,
            }
        }
        config.webhook = match (url, secret) {
            (Some(url), Some(secret)) => Some((url, secret)),
            (None, None) => None,
            _ => return Err("--webhook-url and --webhook-secret belong together".to_owned()),
        };
        Ok(config)
    }

    fn switch(&mut self, arg: &str) -> bool {
        match arg {
            "--memory" => self.data = None,
            "--log" => self.log_requests = true,
            "--strict-clocks" => self.strict_clocks = true,
            _ => return false,
        }
        true
    }

    fn option(&mut self, arg: &str, value: String) -> Result<(), String> {
        match arg {
            "--host" => self.host = value,
            "--data" => self.data = Some(PathBuf::from(value)),
            "--api-port" => self.api_port = number(arg, &value)?,
            "--js-port" => self.js_port = number(arg, &value)?,
            "--seed" => self.seed = Some(number(arg, &value)?),
            "--webhook-retry-ms" => self.webhook_retry_ms = numbers(arg, &value)?,
            "--webhook-attempts" => self.webhook_attempt_max = number(arg, &value)?,
            "--webhook-timeout-ms" => self.webhook_timeout_ms = number(arg, &value)?,
            "--retry-jitter-percent" => {
                self.retry_jitter_percent = number::<u8>(arg, &value)?.min(90).into();
            }
            "--retry-hours" if value == "none" => self.retry_hours.clear(),
            "--retry-hours" => self.retry_hours = numbers(arg, &value)?,
            "--latency-ms" => self.latency_ms = number(arg, &value)?,
            "--tick-ms" => self.tick_ms = number::<u64>(arg, &value)?.max(10),
            "--final-action" => {
                self.final_action = FinalAction::from_name(&value)
                    .ok_or_else(|| format!("{arg}: cancel, unpaid, past_due or pause"))?;
            }
            _ => return Err(format!("unknown option {arg}\n\n{USAGE}")),
        }
        Ok(())
    }
}

fn number<T: std::str::FromStr>(arg: &str, value: &str) -> Result<T, String> {
    value.parse().map_err(|_| format!("{arg}: not a number: {value}"))
}

fn numbers<T: std::str::FromStr>(arg: &str, value: &str) -> Result<Vec<T>, String> {
    value.split(',').map(|part| number(arg, part.trim())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Config, String> {
        Config::from_args(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn options_are_read() {
        let config =
            parse("--api-port 0 --data d --retry-hours 1,2 --final-action unpaid").unwrap();
        assert_eq!((config.api_port, config.retry_hours), (0, vec![1, 2]));
        assert_eq!(config.final_action, FinalAction::Unpaid);
        assert!(parse("--memory --log").unwrap().log_requests);
    }

    #[test]
    fn mistakes_are_named() {
        for line in ["--api-port x", "--nonsense 1", "--webhook-url http://x", "--seed"] {
            assert!(parse(line).is_err(), "{line}");
        }
    }
}
