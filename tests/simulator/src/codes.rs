//! What a bank's no looks like to the provider: codes that fit the hidden cause, by network.
//!
//! The codes are public (Stripe's: <https://docs.stripe.com/declines/codes>; the networks': the
//! sources in the core's `decline`); how often which comes is invented.

use crate::hidden::Hidden;
use crate::issuer::Cause;
use crate::rng::Stream;
use crate::world::Death;
use reprieve_core::decline::RawDecline;
use reprieve_core::network::Network;
use reprieve_core::time::{DAY_MS, HOUR_MS, Timestamp};

/// The codes of one no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Codes {
    /// Stripe's `decline_code`.
    pub(crate) decline: &'static str,
    /// Stripe's `advice_code`.
    pub(crate) advice: Option<&'static str>,
    /// The network's response code; Visa and Mastercard only.
    pub(crate) network: Option<&'static str>,
    /// Mastercard's merchant advice code.
    pub(crate) mac: Option<&'static str>,
}

/// Permille of Mastercard's declines that carry an advice where one is possible.
const ADVISED: u32 = 400;

/// Advice to come back after so long, in hours.
const WAITS: [(&str, i64); 7] =
    [("24", 1), ("25", 24), ("26", 48), ("27", 96), ("28", 144), ("29", 192), ("30", 240)];

impl Codes {
    /// For one no at one moment.
    pub(crate) fn of(hidden: &Hidden<'_>, cause: Cause, at: Timestamp) -> Self {
        let (decline, advice, network, stop_mac) = base(cause);
        let hour = at.as_ms().div_euclid(HOUR_MS).unsigned_abs();
        let advised = hidden.draws.permille(Stream::Advice, hour, ADVISED);
        let mac = match cause {
            Cause::Funds if advised => Some(wait_for_money(hidden, at)),
            Cause::Outage if advised => Some("02"),
            Cause::Generic { forever: true } if advised => Some("03"),
            _ => stop_mac,
        };
        let mac = mac.filter(|_| hidden.network == Network::Mastercard);
        let forbids = mac == Some("03") || mac == Some("21");
        let advice = if forbids { Some("do_not_try_again") } else { advice };
        let tells = matches!(hidden.network, Network::Visa | Network::Mastercard);
        Self { decline, advice, network: Some(network).filter(|_| tells), mac }
    }

    /// As the core takes it.
    pub(crate) fn raw(self) -> RawDecline {
        let text = |code: Option<&str>| code.map(str::to_owned);
        RawDecline {
            code: Some("card_declined".to_owned()),
            decline_code: Some(self.decline.to_owned()),
            advice_code: text(self.advice),
            network_advice_code: text(self.mac),
            network_decline_code: text(self.network),
            charge: None,
        }
    }
}

/// Stripe's code, Stripe's advice, the network's code, Mastercard's advice where it is certain.
type Base = (&'static str, Option<&'static str>, &'static str, Option<&'static str>);

const fn base(cause: Cause) -> Base {
    const LATER: Option<&str> = Some("try_again_later");
    const NEVER: Option<&str> = Some("do_not_try_again");
    const CHECK: Option<&str> = Some("confirm_card_data");
    match cause {
        Cause::Funds => ("insufficient_funds", LATER, "51", None),
        Cause::Outage => ("issuer_not_available", LATER, "91", None),
        Cause::Generic { .. } | Cause::BadCard => ("do_not_honor", None, "05", None),
        Cause::Noise => ("generic_decline", LATER, "05", None),
        Cause::Dead(Death::Expired) => ("expired_card", CHECK, "54", Some("01")),
        Cause::Dead(Death::Closed) => ("invalid_account", CHECK, "14", Some("03")),
        Cause::Dead(Death::Lost) => ("lost_card", NEVER, "41", Some("03")),
        Cause::Dead(Death::Stolen) => ("stolen_card", NEVER, "43", Some("03")),
        Cause::Dead(Death::Fraud) => ("fraudulent", NEVER, "59", Some("03")),
        Cause::Dead(Death::Revoked) => ("revocation_of_authorization", NEVER, "R1", Some("21")),
        Cause::Sca => ("authentication_required", None, "1A", None),
    }
}

/// The shortest wait after which there is money, as the bank may know it.
fn wait_for_money(hidden: &Hidden<'_>, at: Timestamp) -> &'static str {
    let there = |hours: i64| {
        let time = hidden.zone.local(at.plus_ms(hours * DAY_MS / 24));
        hidden.balance_minor(&time).is_some_and(|balance| balance >= hidden.amount_minor)
    };
    WAITS.iter().skip(1).find(|(_, hours)| there(*hours)).map_or("02", |(mac, _)| *mac)
}
