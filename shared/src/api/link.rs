//! Links to the hosted page: what a merchant's server asks for, and what the page gets.

use serde::{Deserialize, Serialize};

/// The most links made by one call.
pub const LINKS_MAX: usize = 100;
/// The shortest life of a link, in seconds: five minutes.
pub const EXPIRES_IN_S_MIN: i64 = 5 * 60;
/// The longest life of a link, in seconds: 30 days.
pub const EXPIRES_IN_S_MAX: i64 = 30 * 24 * 60 * 60;
/// The life of a link that names none, in seconds: three days, because mail is not read at once.
pub const EXPIRES_IN_S_DEFAULT: i64 = 3 * 24 * 60 * 60;

/// The body of `POST /v1/links`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewLinks {
    /// From 1 to [`LINKS_MAX`] links, all made or none.
    pub links: Vec<NewLink>,
}

/// One link that is wanted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewLink {
    /// The provider's customer (`cus_…`).
    pub customer: String,
    /// Its life in seconds, from [`EXPIRES_IN_S_MIN`] to [`EXPIRES_IN_S_MAX`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_in_s: Option<i64>,
    /// Where it leads.
    #[serde(default)]
    pub mode: LinkMode,
}

/// Where a link leads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkMode {
    /// To our own page with the widget.
    #[default]
    Widget,
    /// On to the provider's own page: no page of ours has card fields.
    Provider,
}

impl LinkMode {
    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Widget => "widget",
            Self::Provider => "provider",
        }
    }

    /// The opposite of [`LinkMode::as_str`].
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Widget, Self::Provider].into_iter().find(|mode| mode.as_str() == word)
    }
}

/// The answer to `POST /v1/links`, in the order of the request.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Links {
    /// What was made.
    pub links: Vec<Link>,
}

/// One link. Its address is a secret: whoever has it first may act for the customer.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Names it in `DELETE /v1/links/{id}`; gives no access.
    pub id: String,
    /// What the customer opens.
    pub url: String,
    /// Whose it is.
    pub customer: String,
    /// Where it leads.
    pub mode: LinkMode,
    /// When it ends, in milliseconds since the epoch.
    pub expires_at_ms: i64,
}

/// The body of `POST /v1/page`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewPageLink {
    /// Where it leads.
    #[serde(default)]
    pub mode: LinkMode,
}

/// The answer to `POST /v1/page`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageLink {
    /// What the customer opens; a secret.
    pub url: String,
}

/// The body of `POST /p/{link}/session`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenLink {
    /// What the browser drew to be known by: 32 random bytes, base64url without padding.
    pub browser: String,
}

/// The answer to `POST /p/{link}/session`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "mode", rename_all = "snake_case")]
pub enum LinkSession {
    /// Stay on the page.
    Widget {
        /// A customer token for the page's own origin.
        token: String,
    },
    /// Go on to the provider.
    Provider {
        /// The provider's page; a short-lived secret.
        url: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mode_is_the_same_word_everywhere() {
        for mode in [LinkMode::Widget, LinkMode::Provider] {
            assert_eq!(LinkMode::parse(mode.as_str()), Some(mode));
            let json = serde_json::to_string(&mode).unwrap();
            assert_eq!(json, format!("\"{}\"", mode.as_str()));
        }
        assert_eq!(LinkMode::parse("both"), None);
    }
}
