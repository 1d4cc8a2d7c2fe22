//! A complaint: what the browser sends and gets.

use serde::{Deserialize, Serialize};

/// The most bytes of the body of `POST /v1/complaints`.
pub const REQUEST_BYTES_MAX: usize = 16 * 1_024;

/// The body of `POST /v1/complaints`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewComplaint {
    /// Drawn by the browser once for each complaint, 8 to 64 letters, digits, `-` and `_`: sent
    /// again with the same one, it is the same complaint.
    pub key: String,
    /// `charge`, `cancellation`, `card`, `access` or `other`.
    pub category: String,
    /// What the customer wrote. Not empty; cut at 4,000 bytes.
    pub text: String,
    /// The invoice that it is about.
    #[serde(default)]
    pub invoice: Option<String>,
    /// The cancellation that it is about.
    #[serde(default)]
    pub cancellation: Option<String>,
}

/// The answer: it was received, and how to speak of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComplaintView {
    /// Its name (`cpl_…`), for the customer and for whoever reads it.
    pub id: String,
    /// When it was received, in milliseconds since the epoch.
    pub received_at_ms: i64,
}
