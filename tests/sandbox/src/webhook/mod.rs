//! Telling others: signatures, an HTTP client for endpoints, deliveries with retries.

pub(crate) mod chaos;
pub(crate) mod client;
pub(crate) mod delivery;
pub(crate) mod signature;
