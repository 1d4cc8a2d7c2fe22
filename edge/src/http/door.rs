//! Who stands at the door: our own page, and from which address, and how often.

use crate::clock;
use crate::error::ApiError;
use axum::http::{HeaderMap, header};
use reprieve_core::rate::{Bucket, RateLimit};
use reprieve_core::time::{SECOND_MS, Timestamp};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::net::IpAddr;

/// The longest `Host` header read, in bytes: a domain name has at most 253.
const HOST_BYTES_MAX: usize = 300;
/// Where the platform writes the caller's address; nobody else can.
const ADDRESS: &str = "cf-connecting-ip";
/// The most addresses remembered in one of two generations.
const ADDRESSES_MAX: usize = 10_000;
/// How much of an IPv6 address counts: a household or a server has all the rest to itself.
const NETWORK_BITS: u32 = 64;

/// What is limited by address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Door {
    /// Looking at the hosted page.
    Page,
    /// *Continue* on it, good link or not.
    Session,
    /// A customer's wish for a link to the hosted page.
    OwnLink,
    /// Declarations on the public page.
    Declaration,
    /// Calls of a merchant's server with a key that is not one.
    WrongKey,
}

impl Door {
    const fn limit(self) -> RateLimit {
        match self {
            Self::Page => RateLimit { burst: 60, refill_ms: SECOND_MS },
            Self::Session => RateLimit { burst: 30, refill_ms: 3 * SECOND_MS },
            Self::OwnLink => RateLimit { burst: 10, refill_ms: 30 * SECOND_MS },
            Self::Declaration => RateLimit { burst: 10, refill_ms: 30 * SECOND_MS },
            Self::WrongKey => RateLimit { burst: 10, refill_ms: 10 * SECOND_MS },
        }
    }
}

thread_local! {
    // In memory, one for each running copy of the Worker: nobody guesses 256 bits at any speed, so
    // all that this protects is D1 from being asked for nothing, and a shared count would itself be
    // a question to storage each time.
    static VISITS: RefCell<Visits> = const { RefCell::new(Visits::new()) };
}

/// Lets the caller pass, or says when to come again.
pub fn admit(door: Door, headers: &HeaderMap) -> Result<(), ApiError> {
    let address = headers.get(ADDRESS).and_then(|value| value.to_str().ok());
    VISITS
        .with_borrow_mut(|visits| visits.take(door, address, clock::now()))
        .map_err(ApiError::rate_limited)
}

/// The origin under which this Worker was reached. Plain HTTP only on this machine.
///
/// The platform hands over requests only for hosts that are the operator's, so the header can be
/// believed.
#[must_use]
pub fn own_origin(headers: &HeaderMap) -> Option<String> {
    let host = headers.get(header::HOST)?.to_str().ok()?;
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte);
    if host.is_empty() || host.len() > HOST_BYTES_MAX || !host.bytes().all(is_plain) {
        return None;
    }
    let is_port = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
    let name =
        host.rsplit_once(':').filter(|(_, port)| is_port(port)).map_or(host, |(name, _)| name);
    let is_local = matches!(name, "127.0.0.1" | "localhost" | "[::1]");
    Some(format!("{}://{host}", if is_local { "http" } else { "https" }))
}

/// Our own origin, if it is a page of ours that asks. A browser leaves the origin out when a page
/// reads from its own, and says so in a header that no page can set.
#[must_use]
pub fn own_page(headers: &HeaderMap) -> Option<String> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let own = own_origin(headers)?;
    let is_ours = match text("origin") {
        Some(origin) => origin == own,
        None => text("sec-fetch-site") == Some("same-origin"),
    };
    is_ours.then_some(own)
}

/// Buckets by address, in two generations: when the younger one is full, the older one is
/// forgotten. Who fills ten thousand places to be forgotten has been slowed down enough.
struct Visits {
    young: BTreeMap<(Door, u128), Bucket>,
    old: BTreeMap<(Door, u128), Bucket>,
}

impl Visits {
    const fn new() -> Self {
        Self { young: BTreeMap::new(), old: BTreeMap::new() }
    }

    fn take(&mut self, door: Door, address: Option<&str>, now: Timestamp) -> Result<(), i64> {
        let key = (door, network_of(address));
        let known = self.young.get(&key).or_else(|| self.old.get(&key));
        let mut bucket = known.copied().unwrap_or_else(Bucket::full);
        let taken = bucket.take(door.limit(), now);
        if self.young.len() >= ADDRESSES_MAX && !self.young.contains_key(&key) {
            self.old = core::mem::take(&mut self.young);
        }
        self.young.insert(key, bucket);
        taken
    }
}

/// Callers without an address share one.
fn network_of(address: Option<&str>) -> u128 {
    match address.and_then(|address| address.parse::<IpAddr>().ok()) {
        Some(IpAddr::V4(address)) => u128::from(u32::from(address)).saturating_add(1),
        Some(IpAddr::V6(address)) => {
            u128::from(address) >> (u128::BITS - NETWORK_BITS) << NETWORK_BITS
        }
        None => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(rows: &[(&'static str, &str)]) -> HeaderMap {
        rows.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn our_own_origin_reads_as_a_table() {
        #[rustfmt::skip]
        let rows = [
            ("pay.example",       Some("https://pay.example")),
            ("pay.example:8443",  Some("https://pay.example:8443")),
            ("127.0.0.1:8720",    Some("http://127.0.0.1:8720")),
            ("localhost",         Some("http://localhost")),
            ("[::1]:8720",        Some("http://[::1]:8720")),
            ("127.0.0.1.evil",    Some("https://127.0.0.1.evil")),
            ("",                  None),
            ("a/b",               None),
            ("a@b",               None),
            ("a b",               None),
        ];
        for (host, origin) in rows {
            assert_eq!(own_origin(&headers(&[("host", host)])).as_deref(), origin, "{host}");
        }
        assert_eq!(own_origin(&headers(&[])), None);
        assert_eq!(own_origin(&headers(&[("host", &"a".repeat(HOST_BYTES_MAX + 1))])), None);
    }

    #[test]
    fn who_is_our_own_page_reads_as_a_table() {
        let own = "https://pay.example";
        #[rustfmt::skip]
        let rows = [
            (Some(own),                     None,                Some(own)),
            (Some(own),                     Some("same-origin"), Some(own)),
            (None,                          Some("same-origin"), Some(own)),
            (None,                          Some("same-site"),   None),
            (None,                          Some("cross-site"),  None),
            (None,                          Some("none"),        None),
            (None,                          None,                None),
            (Some("null"),                  Some("same-origin"), None),
            (Some("http://pay.example"),    None,                None),
            (Some("https://evil.example"),  Some("same-origin"), None),
        ];
        for (origin, site, expected) in rows {
            let mut rows = vec![("host", "pay.example")];
            rows.extend(origin.map(|origin| ("origin", origin)));
            rows.extend(site.map(|site| ("sec-fetch-site", site)));
            assert_eq!(own_page(&headers(&rows)).as_deref(), expected, "{origin:?} {site:?}");
        }
    }

    #[test]
    fn one_address_is_slowed_down_and_its_neighbours_are_not() {
        let (mut visits, at) = (Visits::new(), Timestamp::from_ms(0));
        let mut take = |address| visits.take(Door::WrongKey, Some(address), at).is_ok();
        assert!((0..10).all(|_| take("2001:db8::1")) && !take("2001:db8::2"), "one network");
        assert!(take("2001:db8:0:1::1") && take("192.0.2.1") && take("0.0.0.0"));
        assert!(visits.take(Door::WrongKey, None, at).is_ok());
        assert!(visits.take(Door::Page, Some("2001:db8::1"), at).is_ok(), "another door");
        let later = at.plus_ms(10 * SECOND_MS);
        assert!(visits.take(Door::WrongKey, Some("2001:db8::1"), later).is_ok());
    }

    #[test]
    fn memory_has_an_end_and_who_comes_often_is_not_forgotten() {
        let (mut visits, at) = (Visits::new(), Timestamp::from_ms(0));
        for number in 0..3 * u32::try_from(ADDRESSES_MAX).unwrap() {
            let address = std::net::Ipv4Addr::from(number + 1).to_string();
            visits.take(Door::WrongKey, Some(&address), at).unwrap();
            if number % 5_000 == 0 {
                let _ = visits.take(Door::WrongKey, Some("203.0.113.9"), at);
            }
        }
        assert!(visits.young.len() <= ADDRESSES_MAX && visits.old.len() <= ADDRESSES_MAX);
        for _ in 0..10 {
            let _ = visits.take(Door::WrongKey, Some("203.0.113.9"), at);
        }
        assert!(visits.take(Door::WrongKey, Some("203.0.113.9"), at).is_err());
    }
}
