//! Links to the hosted page: what one is, and who may use it when. Nothing here has side effects.
//!
//! A link's address carries 32 random bytes, of which D1 keeps only the hash. The first browser
//! that presses *Continue* is remembered, by the hash of a secret that it drew itself; from then on
//! the link works in that browser alone, so that a reload or a second look does not lock the
//! customer out, and a forwarded or leaked address is worth nothing. Looking at the page uses
//! nothing up, because scanners of mail look at every address before people do.
//!
//! ```text
//! fresh ──continue──▶ opened ──the last of many──▶ used
//!   └────────────┴──────── DELETE ──▶ revoked
//! ```

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use reprieve_core::api::link::LinkMode;
use reprieve_core::id::{CustomerId, MerchantId};
use reprieve_core::time::Timestamp;
use sha2::{Digest as _, Sha256};

/// How many random bytes a secret has.
pub const SECRET_BYTES: usize = 32;
/// The length of a secret as text.
pub const SECRET_CHARS: usize = 43;
/// How often one link gives a customer token, reloads and renewals included. At ten minutes a token
/// that is a working day in front of the page.
pub const EXCHANGES_MAX: u32 = 50;
/// How a link's id begins.
const ID_PREFIX: &str = "lnk_";
/// How many characters of a secret's hash name its cookie.
const COOKIE_HASH_CHARS: usize = 16;

/// A secret as text: base64url of [`SECRET_BYTES`] bytes. Never printed, never stored.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Makes one of random bytes.
    #[must_use]
    pub fn new(bytes: &[u8; SECRET_BYTES]) -> Self {
        Self(BASE64.encode(bytes))
    }

    /// Takes a text that has a secret's form; whether it is one says only the store.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let plain = text.len() == SECRET_CHARS && BASE64.decode(text).is_ok();
        plain.then(|| Self(text.to_owned()))
    }

    /// The text itself, for the one answer in which it leaves.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What is stored and looked up instead. A plain hash will do: there is nothing to try out in
    /// 256 random bits.
    #[must_use]
    pub fn hash(&self) -> String {
        BASE64.encode(Sha256::digest(self.0.as_bytes()))
    }

    /// The name of the cookie by which a browser is known again for this link. It says nothing of
    /// the secret, and two links of one customer have two cookies.
    #[must_use]
    pub fn cookie_name(&self) -> String {
        let hash = self.hash();
        format!("__Host-reprieve-{}", hash.get(..COOKIE_HASH_CHARS).unwrap_or(&hash))
    }
}

impl core::fmt::Debug for Secret {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// A name for a link that gives no access: `lnk_` and half of 32 random bytes.
#[must_use]
pub fn id_of(bytes: &[u8; SECRET_BYTES]) -> String {
    format!("{ID_PREFIX}{}", BASE64.encode(&bytes[..SECRET_BYTES / 2]))
}

/// Whether a text has the form of a link's id.
#[must_use]
pub fn is_id(text: &str) -> bool {
    let rest = text.strip_prefix(ID_PREFIX).and_then(|rest| BASE64.decode(rest).ok());
    rest.is_some_and(|bytes| bytes.len() == SECRET_BYTES / 2)
}

/// Where a link is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkState {
    /// Nobody continued yet.
    Fresh,
    /// It belongs to one browser.
    Opened,
    /// It was used [`EXCHANGES_MAX`] times.
    Used,
    /// The merchant took it back.
    Revoked,
}

impl LinkState {
    /// The word in the store.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fresh => "fresh",
            Self::Opened => "opened",
            Self::Used => "used",
            Self::Revoked => "revoked",
        }
    }

    /// The opposite of [`LinkState::as_str`].
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        let all = [Self::Fresh, Self::Opened, Self::Used, Self::Revoked];
        all.into_iter().find(|state| state.as_str() == word)
    }
}

/// One link, as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Its name.
    pub id: String,
    /// Whose customer.
    pub merchant: MerchantId,
    /// The customer.
    pub customer: CustomerId,
    /// Where it leads.
    pub mode: LinkMode,
    /// Where it is in its life.
    pub state: LinkState,
    /// When it ends.
    pub expires_at: Timestamp,
    /// The hash of what its browser drew.
    pub browser_hash: Option<String>,
    /// How often it gave a token.
    pub exchanges: u32,
}

/// The link after a browser continued, or `None`: not with this link, not now, or not in this
/// browser. Which of these it was is nobody's business outside.
///
/// `browsers` are the hashes of what the browser says it is known by: its cookie, and what it drew
/// for this visit, which is the last one. Either may be the one; a new link remembers the latter.
#[must_use]
pub fn continued(link: &Link, browsers: &[String], now: Timestamp) -> Option<Link> {
    if now >= link.expires_at {
        return None;
    }
    let browser_hash = match (link.state, &link.browser_hash) {
        (LinkState::Fresh, _) => browsers.last()?,
        (LinkState::Opened, Some(known)) => browsers.iter().find(|browser| *browser == known)?,
        (LinkState::Opened, None) | (LinkState::Used | LinkState::Revoked, _) => return None,
    };
    let exchanges = link.exchanges.saturating_add(1);
    let state = if exchanges >= EXCHANGES_MAX { LinkState::Used } else { LinkState::Opened };
    Some(Link { state, exchanges, browser_hash: Some(browser_hash.clone()), ..link.clone() })
}

#[cfg(test)]
mod tests;
